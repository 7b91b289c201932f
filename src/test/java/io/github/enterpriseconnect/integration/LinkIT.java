package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a link: its domains, its end, and who may do what with it. */
class LinkIT extends LinkScenario {
    private static final int ROUNDS = 20;

    LinkIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void a_domain_that_nobody_approved_waits_for_approval(Browser browser) {
        Organization acme = organization();

        Page result = realm.authorize(browser, realm.invite(acme.id()), acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("awaitingApproval");
        JsonNode link = realm.link(acme.id());
        assertThat(link.get("state").asText()).isEqualTo("awaiting_approval");
        assertThat(link.get("domains")).hasToString("[{\"name\":\"" + acme.domain() + "\",\"approved\":false}]");
        assertThat(realm.approve(acme.id(), acme.domain()).get("state").asText())
                .isEqualTo("active");
        assertThat(admin.put(realm.api("links/" + acme.id()), Map.of("domains", List.of()))
                        .expect(200)
                        .json()
                        .get("state")
                        .asText())
                .isEqualTo("awaiting_approval");
    }

    @Test
    void domains_and_policy_that_somebody_else_has_changed_meanwhile_are_not_replaced() {
        Organization acme = organization();
        String path = realm.api("links/" + acme.id());
        String read = version(admin.get(path).expect(200));
        realm.approve(acme.id(), acme.domain());

        admin.putIfMatch(path, Map.of("domains", List.of()), read).expect(412);
        admin.putIfMatch(path, Map.of("policy", Map.of("proof", "owner")), read).expect(412);
        assertThat(realm.link(acme.id()).get("domains")).hasSize(1);

        String written = version(admin.putIfMatch(
                        path,
                        Map.of("policy", Map.of("proof", "owner")),
                        version(admin.get(path).expect(200)))
                .expect(200));
        admin.put(realm.api("links/" + acme.id() + "/suspension"), null).expect(204);
        assertThat(version(admin.get(path).expect(200)))
                .as("what nobody replaces by it does not count")
                .isEqualTo(written)
                .isNotEqualTo(read);
    }

    /** In the first round nobody has touched the link yet, and it has no row. */
    @Test
    void of_two_who_replace_the_same_domains_at_the_same_moment_one_is_told_of_the_other() {
        String path = realm.api("links/" + organization().id());
        for (int round = 0; round < ROUNDS; round++) {
            String read = version(admin.get(path).expect(200));

            List<Answer> answers = admin.putBothIfMatch(path, domain("one" + round), domain("other" + round), read);

            assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(200, 412);
            assertThat(admin.get(path).expect(200).json().get("domains")).hasSize(1);
        }
    }

    private static Map<String, Object> domain(String name) {
        return Map.of("domains", List.of(Map.of("name", name + ".test", "approved", true)));
    }

    private static String version(Answer answer) {
        return answer.headers().firstValue("ETag").orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"domains\": {}}",
                "{\"domains\": [\"acme.test\"]}",
                "{\"domains\": [{\"name\": \"acme.test\"}]}",
                "{\"domains\": [{\"name\": \"me@acme.test\", \"approved\": true}]}",
                "{\"domains\": [{\"name\": \"*.acme.test\", \"approved\": true}]}",
                "{\"domains\": [{\"name\": \"a.test\", \"approved\": true}, {\"name\": \"A.test\", \"approved\": true}]}"
            })
    void wrong_domains_are_refused_with_what_to_write(String body) {
        Organization acme = organization();

        assertThat(admin.put(realm.api("links/" + acme.id()), body)
                        .expect(400)
                        .json()
                        .get("errorMessage")
                        .asText())
                .startsWith("Write {\"domains\": [{\"name\": \"customer.example\", \"approved\": true}]}");
        assertUntouched(acme);
    }

    @Test
    void what_nobody_changes_this_way_is_refused_with_what_to_write() {
        Organization acme = organization();

        assertThat(admin.put(realm.api("links/" + acme.id()), "{\"domains\": [], \"state\": \"active\"}")
                        .expect(400)
                        .json()
                        .get("errorMessage")
                        .asText())
                .isEqualTo("state cannot be changed here; leave it out, or as GET answers it."
                        + " Write some of domains, policy.");
        assertUntouched(acme);
    }

    @Test
    void unlinking_revokes_the_service_account_once() {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();

        admin.delete(realm.api("links/" + acme.id())).expect(204);
        admin.delete(realm.api("links/" + acme.id())).expect(204);

        JsonNode link = realm.link(acme.id());
        assertThat(link.get("state").asText()).isEqualTo("unlinked");
        assertThat(link.has("serviceAccount")).isFalse();
        assertThat(link.has("scope")).isFalse();
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
        assertThat(revocations()).hasSize(1);
        assertThat(revocations().get(0).parameter("client_secret")).isEqualTo(SECRET);
    }

    @Test
    void a_service_account_that_another_link_holds_is_not_revoked(Browser browser) {
        Organization first = organization();
        Organization second = organization();
        realm.link(first.id(), first.domain());
        String serviceAccount = realm.link(first.id()).get("serviceAccount").asText();
        realm.authorize(browser, realm.invite(second.id()), first.domain());
        assertThat(realm.link(second.id()).get("serviceAccount").asText()).isEqualTo(serviceAccount);

        admin.delete(realm.api("links/" + first.id())).expect(204);

        await().atMost(SWEEPS).until(() -> server.logText()
                .contains(serviceAccount + " is, or may be, still in use elsewhere and is not revoked"));
        assertThat(revocations()).isEmpty();
        assertThat(simulator.isLive(serviceAccount)).isTrue();
        admin.delete(realm.api("links/" + second.id())).expect(204);
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
        assertThat(revocations()).hasSize(1);
    }

    @Test
    void who_may_only_see_organizations_sees_the_links_and_changes_nothing() {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        JsonNode before = realm.link(acme.id());
        AdminClient viewer = administrators.create("link-viewer", "view-organizations", "query-organizations");

        ObjectNode withoutWhatIsTheRealms = before.deepCopy();
        withoutWhatIsTheRealms
                .putObject("policy")
                .put("proof", "keycloak")
                .put("optOut", false)
                .put("notice", "none")
                .put("wait", 0)
                .put("backfill", "none")
                .put("acceptFreeBusy", false)
                .putArray("inherited")
                .add("notice")
                .add("optOut")
                .add("wait");
        withoutWhatIsTheRealms.putObject("access").put("manage", false);
        assertThat(viewer.get(realm.api("links/" + acme.id())).expect(200).json())
                .isEqualTo(withoutWhatIsTheRealms);
        viewer.put(realm.api("links/" + acme.id()), Map.of("domains", List.of()))
                .expect(403);
        viewer.delete(realm.api("links/" + acme.id())).expect(403);
        viewer.post(realm.api("links/" + acme.id() + "/invitations"), null).expect(403);
        viewer.get(realm.api("links/" + acme.id() + "/invitations")).expect(403);

        assertThat(realm.link(acme.id())).isEqualTo(before);
        assertThat(invitations(acme)).hasSize(1);
    }

    @Test
    void who_manages_organizations_links_and_unlinks_but_approves_no_domain(Browser browser) {
        Organization acme = organization();
        AdminClient manager = administrators.create("link-manager", "manage-organizations");

        URI invitation = URI.create(manager.post(realm.api("links/" + acme.id() + "/invitations"), null)
                .expect(201)
                .json()
                .get("url")
                .asText());
        realm.authorize(browser, invitation, acme.domain());
        manager.put(
                        realm.api("links/" + acme.id()),
                        Map.of("domains", List.of(Map.of("name", acme.domain(), "approved", true))))
                .expect(403);
        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("awaiting_approval");
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();
        manager.delete(realm.api("links/" + acme.id())).expect(204);

        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("unlinked");
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
    }

    @Test
    void unknown_foreign_and_hidden_organizations_are_one_and_the_same_404() {
        String other = AdminClient.newRealmName(getClass());
        admin.createRealm(other, Map.of("organizationsEnabled", true));
        String foreign = admin.createOrganization(other, "foreign", "foreign-link.test");
        Organization hidden = organization();
        AdminClient helpdesk = administrators.create("link-helpdesk", "view-users");

        Answer expected = admin.get(realm.api("links/00000000-0000-0000-0000-000000000000"));

        List<Answer> same = List.of(
                admin.get(realm.api("links/" + foreign)),
                admin.delete(realm.api("links/" + foreign)),
                admin.post(realm.api("links/" + foreign + "/invitations"), null),
                admin.put(realm.api("links/" + foreign), Map.of("domains", List.of())),
                admin.get(realm.api("links/realm")),
                helpdesk.get(realm.api("links/" + hidden.id())),
                helpdesk.delete(realm.api("links/" + hidden.id())));
        assertThat(expected.status()).isEqualTo(404);
        assertThat(same).allSatisfy(answer -> {
            assertThat(answer.status()).as(answer.request()).isEqualTo(404);
            assertThat(answer.text()).as(answer.request()).isEqualTo(expected.text());
        });
    }

    @Test
    void what_happens_to_a_link_is_an_admin_event_without_secrets(Browser browser) {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());
        URI invitation = realm.invite(acme.id());
        realm.authorize(browser, invitation, acme.domain());
        realm.invite(acme.id());
        String withdrawn = invitations(acme).at("/0/id").asText();
        admin.delete(realm.api("links/" + acme.id() + "/invitations/" + withdrawn))
                .expect(204);
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();
        admin.delete(realm.api("links/" + acme.id())).expect(204);
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));

        Answer events = admin.get("/admin/realms/" + realm.name()
                        + "/admin-events?resourcePath=enterprise-connect/links/" + acme.id() + "*")
                .expect(200);

        assertThat(events.json())
                .allSatisfy(
                        event -> assertThat(event.get("resourceType").asText()).isEqualTo("ENTERPRISE_CONNECT_LINK"));
        assertThat(events.json().findValuesAsText("operationType"))
                .containsExactlyInAnyOrder("UPDATE", "CREATE", "CREATE", "DELETE", "DELETE");
        assertThat(events.text()).doesNotContain(ticket(invitation)).doesNotContain(SECRET);
    }
}
