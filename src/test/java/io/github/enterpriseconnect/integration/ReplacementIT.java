package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Another service account takes the place of an organization's. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplacementIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final int MEMBERS = 50;
    private static final int WATCHED = 5;

    private final AdminClient admin;
    private final Simulator simulator;
    private final ConnectedRealm realm;

    ReplacementIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.simulator = simulator;
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ReplacementIT.class), true);
        simulator.change(Switch.REAUTHORIZATION_KEEPS_SERVICE_ACCOUNT, false);
    }

    @AfterEach
    void let_accounts_be_shared() {
        simulator.change(Switch.SERVICE_ACCOUNTS_SHARE_SUB, true);
        simulator.change(Switch.CODES_AUTHORIZE, false);
        simulator.change(Switch.CALLBACK_DROPPED, List.of());
    }

    @Test
    void fifty_members_move_without_losing_a_token_and_the_former_service_account_is_revoked() {
        String organization = realm.linked("whole", "whole.test", Map.of());
        List<Member> members = connected(organization, "whole.test", MEMBERS);
        String former = serviceAccount(organization);
        Map<Member, Tokens> watched = new HashMap<>();
        members.subList(0, WATCHED).forEach(member -> watched.put(member, member.signIn()));
        simulator.change(Switch.SERVICE_ACCOUNTS_SHARE_SUB, false);

        Page result = replace(organization, "whole.test");
        assertThat(ConnectedRealm.outcome(result)).isEqualTo("linked");
        simulator.clearRequests();

        await().atMost(LONG).until(() -> {
            watched.forEach((member, tokens) ->
                    assertThat(member.token(tokens).status()).isEqualTo(200));
            return "finished".equals(replacement(organization).get("state").asText());
        });

        JsonNode ended = replacement(organization);
        assertThat(ended.get("former").asText()).isEqualTo(former);
        assertThat(ended.get("formerLeft").asBoolean()).isFalse();
        assertThat(ended.get("counts").get("moved").asInt()).isEqualTo(MEMBERS);
        await().atMost(LONG).until(() -> !simulator.isLive(former));
        assertThat(simulator.isLive(serviceAccount(organization))).isTrue();
        List<ReceivedRequest> requests = simulator.requests();
        assertThat(requests.size()).isLessThanOrEqualTo((int) Math.floor(1.05 * MEMBERS));
        assertThat(requests)
                .filteredOn(request -> request.path().endsWith("/revoke"))
                .hasSize(1);
        assertThat(members).allMatch(member -> member.state().equals("granted"));
        watched.forEach((member, tokens) -> {
            JsonNode token = member.token(tokens).expect(200).json();
            assertThat(simulator.isLive(token.get("sub").asText())).isTrue();
        });
    }

    @Test
    void where_members_keep_their_accounts_the_administrator_confirms_and_whoever_falls_is_asked_for_again() {
        String organization = realm.linked("kept", "kept.test", Map.of());
        List<Member> members = connected(organization, "kept.test", 3);
        String former = serviceAccount(organization);

        replace(organization, "kept.test");
        await().atMost(LONG).until(() -> "kept"
                .equals(replacement(organization).get("state").asText()));

        assertThat(simulator.isLive(former)).isTrue();
        assertThat(replacement(organization).get("counts").get("concerned").asInt())
                .isEqualTo(3);
        end(organization, Map.of("former", "revoke", "members", 2), 409);
        end(organization, Map.of("former", "revoke", "members", 3), 200);
        await().atMost(LONG).until(() -> "finished"
                .equals(replacement(organization).get("state").asText()));

        await().atMost(LONG).until(() -> !simulator.isLive(former));
        members.forEach(member -> {
            member.awaitState("granted");
            JsonNode token = member.token().expect(200).json();
            assertThat(simulator.isLive(token.get("sub").asText())).isTrue();
        });
        admin.delete(path(organization, "")).expect(409);
    }

    @Test
    void it_is_undone_and_whoever_has_moved_moves_back() {
        String organization = realm.linked("undone", "undone.test", Map.of());
        List<Member> members = connected(organization, "undone.test", 3);
        String former = serviceAccount(organization);
        simulator.change(Switch.SERVICE_ACCOUNTS_SHARE_SUB, false);
        simulator.change(Switch.CALLBACK_DROPPED, List.of("member2@undone.test"));

        replace(organization, "undone.test");
        String successor = serviceAccount(organization);
        await().atMost(LONG)
                .until(() ->
                        replacement(organization).get("counts").get("moved").asInt() == 2);
        admin.delete(path(organization, "")).expect(204);

        assertThat(serviceAccount(organization)).isEqualTo(former);
        await().atMost(LONG).until(() -> "kept"
                .equals(replacement(organization).get("state").asText()));
        assertThat(replacement(organization).get("counts").get("concerned").asInt())
                .isEqualTo(1);
        end(organization, Map.of("former", "revoke", "members", 1), 200);
        await().atMost(LONG).until(() -> "finished"
                .equals(replacement(organization).get("state").asText()));
        await().atMost(LONG).until(() -> !simulator.isLive(successor));
        assertThat(simulator.isLive(former)).isTrue();
        assertThat(members).allSatisfy(member -> assertThat(simulator.isLive(
                        member.token().expect(200).json().get("sub").asText()))
                .isTrue());
    }

    @Test
    void whoever_may_have_been_granted_by_the_one_that_was_given_up_is_counted_and_looked_at_too() {
        String organization = realm.linked("given-up", "given-up.test", Map.of());
        List<Member> members = connected(organization, "given-up.test", 3);
        simulator.change(Switch.CODES_AUTHORIZE, true);
        simulator.change(Switch.CALLBACK_DROPPED, List.of("member2@given-up.test"));
        replace(organization, "given-up.test");
        String successor = serviceAccount(organization);
        await().atMost(LONG)
                .until(() ->
                        replacement(organization).get("counts").get("moved").asInt() == 2);

        admin.delete(path(organization, "")).expect(204);
        await().atMost(LONG).until(() -> "kept"
                .equals(replacement(organization).get("state").asText()));
        assertThat(replacement(organization).get("counts").get("concerned").asInt())
                .isEqualTo(3);
        assertThat(simulator.isLive(successor)).isTrue();
        simulator.change(Switch.CALLBACK_DROPPED, List.of());
        end(organization, Map.of("former", "revoke", "members", 3), 200);

        await().atMost(LONG).until(() -> "finished"
                .equals(replacement(organization).get("state").asText()));
        assertThat(simulator.isLive(successor)).isFalse();
        members.forEach(member -> {
            member.awaitState("granted");
            assertThat(simulator.isLive(
                            member.token().expect(200).json().get("sub").asText()))
                    .isTrue();
        });
    }

    @Test
    void what_cannot_be_replaced_is_refused_with_what_to_do() {
        String organization = realm.organization("refused", "refused.test");
        invite(organization, 409);
        assertThat(replacement(organization).get("state").asText()).isEqualTo("none");
        end(organization, Map.of("former", "leave"), 409);
        end(organization, Map.of("former", "revoke"), 400);
        end(organization, Map.of(), 400);
        admin.delete(path(organization, "")).expect(409);
        admin.post(realm.api("links/" + organization + "/invitations"), Map.of("replacement", "yes"))
                .expect(400);

        realm.link(organization, "refused.test");
        String present = serviceAccount(organization);
        Page page = new Browser().open(invite(organization, 201));
        assertThat(page.document().select("#enterprise-connect-replace").text()).contains(present);
        Page other = replace(organization, "elsewhere.test");

        assertThat(ConnectedRealm.outcome(other)).isEqualTo("otherDomain");
        assertThat(serviceAccount(organization)).isEqualTo(present);
        assertThat(ConnectedRealm.outcome(realm.authorize(new Browser(), realm.invite(organization), "refused.test")))
                .isEqualTo("otherServiceAccount");
        assertThat(serviceAccount(organization)).isEqualTo(present);
    }

    private List<Member> connected(String organization, String domain, int size) {
        List<Member> members = IntStream.range(0, size)
                .mapToObj(number ->
                        realm.member(organization, domain + "-member" + number, "member" + number + "@" + domain))
                .toList();
        admin.put(realm.api("links/" + organization + "/backfill"), Map.of("state", "running"))
                .expect(200);
        members.forEach(member -> member.awaitState("granted"));
        return members;
    }

    private Page replace(String organization, String domain) {
        return realm.authorize(new Browser(), invite(organization, 201), domain);
    }

    private URI invite(String organization, int status) {
        JsonNode answer = admin.post(realm.api("links/" + organization + "/invitations"), Map.of("replacement", true))
                .expect(status)
                .json();
        return URI.create(answer.path("url").asText("about:blank"));
    }

    private void end(String organization, Map<String, ?> body, int status) {
        admin.post(path(organization, "/end"), body).expect(status);
    }

    private JsonNode replacement(String organization) {
        return admin.get(path(organization, "")).expect(200).json();
    }

    private String path(String organization, String more) {
        return realm.api("links/" + organization + "/replacement" + more);
    }

    private String serviceAccount(String organization) {
        return realm.link(organization).get("serviceAccount").asText();
    }
}
