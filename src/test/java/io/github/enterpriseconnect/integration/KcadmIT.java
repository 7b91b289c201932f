package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Kcadm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import io.github.enterpriseconnect.integration.harness.OpenApi.Operation;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Administrators who use Keycloak's own command line: {@code update} reads, changes what was said, and writes all back. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KcadmIT {
    private static final String DOMAIN = "kcadm.test";

    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final Kcadm kcadm;
    private String link = "";
    private String member = "";
    private String desk = "";

    KcadmIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(KcadmIT.class), true);
        this.kcadm = Kcadm.of(server, realm.name());
    }

    @BeforeAll
    void connectMaria() {
        link = realm.organization("kcadm", DOMAIN);
        realm.link(link, DOMAIN);
        member = realm.member(link, "maria", "maria@" + DOMAIN).connect().id();
        desk = named("desk");
    }

    private String named(String resource) {
        return kcadm.run("create", "links/" + link + "/resources", "-s", "mailbox=" + resource + "@" + DOMAIN, "-o")
                .expectSuccess()
                .json()
                .get("id")
                .asText();
    }

    private static List<Operation> administered() {
        return OpenApi.document().operations().stream()
                .filter(operation -> operation.path().startsWith("/admin/"))
                .toList();
    }

    static List<Operation> readings() {
        return administered().stream()
                .filter(operation -> operation.method().equals("GET"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("readings")
    void all_that_can_be_read_is_read(Operation operation) {
        String path = operation
                .path()
                .replaceFirst(".*/enterprise-connect/", "")
                .replace("{id}", link)
                .replace("{user}", member)
                .replace("{resource}", desk)
                .replace("{client}", ConnectedRealm.CONSUMER);

        assertThat(kcadm.run("get", path).expectSuccess().json()).isNotNull();
    }

    /** Everything but reading, each once, in an order in which each has something to do. */
    @Test
    void all_that_can_be_done_is_done() {
        Set<String> done = new HashSet<>();

        done.add(act("testSettings", "create", "settings/test", "-o"));
        done.add(act("putSettings", "update", "settings", "-s", "signatureRequired=true"));
        done.add(act("putLink", "update", "links/" + link, "-s", "policy.wait=3"));
        done.add(act("suspendRealm", "update", "suspension", "-s", "suspended=true"));
        done.add(act("resumeRealm", "delete", "suspension"));
        done.add(act("suspendConsumer", "update", "consumers/calendar-app/suspension", "-s", "suspended=true"));
        done.add(act("resumeConsumer", "delete", "consumers/calendar-app/suspension"));
        done.add(act("suspendLink", "update", "links/" + link + "/suspension"));
        done.add(act("resumeLink", "delete", "links/" + link + "/suspension"));
        done.add(act("putBackfill", "update", "links/" + link + "/backfill", "-s", "state=running"));
        done.add(act("cancelBackfill", "delete", "links/" + link + "/backfill"));
        done.add(act("verifyLink", "create", "links/" + link + "/verification", "-s", "mailbox=proof@" + DOMAIN, "-o"));
        done.add(act("invite", "create", "links/" + link + "/invitations", "-s", "expiresIn=3600", "-o"));
        done.add(act("withdrawInvitation", "delete", "links/" + link + "/invitations/" + newestInvitation()));
        done.add(act("putLink", "update", "links/" + link, "-s", "policy.optOut=true"));
        done.add(act("endDelegation", "delete", "users/" + member + "/delegation"));
        done.add(act("askNow", "update", "users/" + member + "/delegation"));
        done.add(act("optOut", "update", "users/" + member + "/opt-out"));
        done.add(act("optIn", "delete", "users/" + member + "/opt-out"));
        String reception = named("reception");
        done.add("nameResource");
        done.add(act(
                "chooseResources", "update", "links/" + link + "/resources", "-n", "-b", "{\"delegation\": \"all\"}"));
        done.add(act("readResources", "create", "links/" + link + "/resources/list", "-o"));
        done.add(act("revokeResource", "delete", "links/" + link + "/resources/" + reception + "/delegation"));
        done.add(act("delegateResource", "update", "links/" + link + "/resources/" + reception + "/delegation"));
        done.add(act("forgetResource", "delete", "links/" + link + "/resources/" + reception));
        done.add(act("replayNotifications", "create", "notifications/replay", "-q", "client=calendar-app", "-o"));
        done.add(refused("replayNotification", "not found", "create", "notifications/unknown/replay"));
        done.add(refused("testNotifications", "has no address", "create", "consumers/calendar-app/notifications/test"));
        done.add(refused("finishRotation", "nextClientSecret", "create", "settings/rotation"));
        done.add(refused(
                "adoptCalendarName",
                "name",
                "update",
                "users/" + member + "/calendar-name",
                "-n",
                "-b",
                "{\"adopt\": true, \"name\": \"maria@elsewhere.test\"}"));
        done.add(refused("cancelReplacement", "being replaced", "delete", "links/" + link + "/replacement"));
        done.add(refused(
                "endReplacement",
                "being replaced",
                "create",
                "links/" + link + "/replacement/end",
                "-s",
                "former=leave"));
        String other = realm.linked("kcadm-other", "other-kcadm.test", Map.of());
        done.add(act("unlink", "delete", "links/" + other));

        assertThat(done)
                .isEqualTo(administered().stream()
                        .filter(operation -> !operation.method().equals("GET"))
                        .map(Operation::id)
                        .collect(Collectors.toSet()));
    }

    private String act(String operation, String verb, String path, String... options) {
        kcadm.run(verb, path, options).expectSuccess();
        return operation;
    }

    /** What there is nothing to do for is told so. */
    private String refused(String operation, String why, String verb, String path, String... options) {
        assertThat(kcadm.run(verb, path, options).expectFailure().err()).contains(why);
        return operation;
    }

    private String newestInvitation() {
        return admin.get(realm.api("links/" + link + "/invitations"))
                .json()
                .at("/0/id")
                .asText();
    }

    /** Where an answer has an address, kcadm shows what is there instead of the answer. */
    @Test
    void an_invitation_shows_the_address_that_is_shown_once() {
        JsonNode invited = kcadm.run("create", "links/" + link + "/invitations", "-s", "expiresIn=600", "-o")
                .expectSuccess()
                .json();

        assertThat(invited.get("url").asText())
                .startsWith(realm.resource("invitation/").toString());
    }

    @Test
    void what_was_not_changed_stays_as_it_was_and_goes_on_following_the_realm() {
        String other = realm.linked("kcadm-policy", "policy-kcadm.test", Map.of("proof", "owner"));
        JsonNode before = realm.link(other);

        kcadm.run("update", "links/" + other, "-s", "policy.optOut=true").expectSuccess();

        JsonNode after = realm.link(other);
        assertThat(after.at("/policy/optOut").asBoolean()).isTrue();
        assertThat(after.at("/policy/inherited").toString()).isEqualTo("[\"notice\",\"wait\"]");
        assertThat(after.at("/policy/proof").asText()).isEqualTo("owner");
        assertThat(after.get("domains")).isEqualTo(before.get("domains"));
        assertThat(after.get("serviceAccount")).isEqualTo(before.get("serviceAccount"));
    }

    @Test
    void settings_are_kept_but_for_what_was_changed() {
        JsonNode before = admin.get(realm.api("settings")).json();

        kcadm.run("update", "settings", "-s", "delegatedScope=read_write create_calendar")
                .expectSuccess();

        JsonNode after = admin.get(realm.api("settings")).json();
        assertThat(after.get("delegatedScope").asText()).isEqualTo("read_write create_calendar");
        assertThat(after.get("consumers")).isEqualTo(before.get("consumers"));
        assertThat(after.get("clientSecret")).isEqualTo(before.get("clientSecret"));
        kcadm.run("update", "settings", "-s", "delegatedScope=read_write").expectSuccess();
    }

    @Test
    void what_cannot_be_written_is_refused_with_what_can() {
        Kcadm.Outcome refused =
                kcadm.run("update", "links/" + link, "-s", "state=unlinked").expectFailure();

        assertThat(refused.err()).contains("state cannot be changed here", "domains, policy");
    }

    @Test
    void a_switch_that_is_to_be_off_is_not_thrown() {
        Kcadm.Outcome refused =
                kcadm.run("update", "suspension", "-s", "suspended=false").expectFailure();

        assertThat(refused.err()).contains("DELETE");
        assertThat(admin.get(realm.api("suspension")).json().get("suspended").asBoolean())
                .isFalse();
    }

    @Test
    void an_error_is_told_in_the_letters_that_it_was_written_in() {
        Kcadm.Outcome refused = kcadm.run(
                        "update", "links/" + link, "-s", "policy.requiredGroups=[\"/Führungskräfte\"]")
                .expectFailure();

        assertThat(refused.err()).contains("/Führungskräfte");
    }
}
