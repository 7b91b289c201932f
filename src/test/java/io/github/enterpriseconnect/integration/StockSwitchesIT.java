package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Keycloak's own console offers for our things, as for anything of their kind: each is an input. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StockSwitchesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String ACTION = "enterprise-connect";

    private final AdminClient admin;
    private final ConnectedRealm realm;
    private String acme = "";

    StockSwitchesIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(StockSwitchesIT.class), true);
    }

    @BeforeAll
    void link() {
        acme = realm.linked("acme", "stock.test", Map.of());
    }

    @Test
    void the_action_is_no_default_action() {
        ObjectNode action = action(ACTION);
        action.put("defaultAction", true);
        admin.put(actionPath(ACTION), action).expect(204);

        assertThat(action(ACTION).get("defaultAction").asBoolean()).isFalse();
        Member newcomer = member("newcomer");
        assertThat(actionsOf(newcomer)).isEmpty();
        newcomer.connect();
    }

    @Test
    void on_a_user_it_hinders_nobody_and_the_member_is_delegated() {
        Member member = member("bearer");
        put(member, ACTION);

        // All at once, as an application does that signs in for each of its workers.
        List<Integer> statuses = IntStream.range(0, 6)
                .parallel()
                .mapToObj(i -> passwordGrant(member).status())
                .toList();

        assertThat(statuses).containsOnly(200);
        assertThat(actionsOf(member)).isEmpty();
        member.awaitState("granted");
    }

    @Test
    void beside_an_action_of_keycloak_it_counts_for_nothing() {
        Member member = member("both");
        put(member, ACTION, "UPDATE_PASSWORD");

        assertThat(passwordGrant(member).text()).contains("Account is not fully set up");
        put(member);

        member.connect();
    }

    @Test
    void a_sign_in_by_browser_goes_on_without_a_page() {
        Member member = member("browsing");
        put(member, ACTION);

        assertThat(realm.signIn(member.username()).code()).isNotEmpty();

        assertThat(actionsOf(member)).isEmpty();
        member.awaitState("granted");
    }

    /** Keycloak counts the actions on a user even if they are switched off, and asks none of them then. */
    @Test
    void where_it_is_switched_off_it_is_taken_off_too() {
        String off = AdminClient.newRealmName(StockSwitchesIT.class);
        admin.createRealm(off, Map.of());
        String user = admin.createUser(off, "somebody", "somebody@stock.test", true, "password");
        admin.put("/admin/realms/" + off + "/users/" + user, Map.of("requiredActions", List.of(ACTION)))
                .expect(204);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(admin.get("/admin/realms/" + off + "/users/" + user)
                        .expect(200)
                        .json()
                        .get("requiredActions"))
                .isEmpty());
        admin.deleteRealm(off);
    }

    @Test
    void renamed_it_gets_its_alias_back_and_stays_on() {
        ObjectNode action = action(ACTION);
        action.put("alias", "another").put("name", "Calendars");
        admin.put(actionPath(ACTION), action).expect(204);

        assertThat(action(ACTION).get("enabled").asBoolean()).isTrue();
        assertThat(action(ACTION).get("name").asText()).isEqualTo("Calendars");
        member("renamed").connect();
    }

    @Test
    void removed_it_is_switched_off_and_can_be_registered_again() {
        JsonNode before = action(ACTION);
        Member member = member("removed").connect();

        admin.delete(actionPath(ACTION)).expect(204);
        assertThat(member.token().status()).isNotEqualTo(200);
        admin.post(
                        "/admin/realms/" + realm.name() + "/authentication/register-required-action",
                        Map.of("providerId", ACTION, "name", "Enterprise Connect"))
                .expect(204);
        admin.put(actionPath(ACTION), before).expect(204);

        assertThat(member.token().status()).isEqualTo(200);
        assertThat(member.state()).isEqualTo("granted");
    }

    @Test
    void clients_that_are_renamed_get_their_names_back() {
        for (String clientId : List.of("enterprise-connect-console", "enterprise-connect-account")) {
            ObjectNode client = client(clientId);
            client.put("clientId", "another");
            admin.put(
                            "/admin/realms/" + realm.name() + "/clients/"
                                    + client.get("id").asText(),
                            client)
                    .expect(204);

            assertThat(client(clientId).get("id")).isEqualTo(client.get("id"));
        }
    }

    private Member member(String name) {
        return realm.member(acme, name, name + "@stock.test");
    }

    private void put(Member member, String... actions) {
        admin.put("/admin/realms/" + realm.name() + "/users/" + member.id(), Map.of("requiredActions", actions))
                .expect(204);
    }

    private JsonNode actionsOf(Member member) {
        return admin.get("/admin/realms/" + realm.name() + "/users/" + member.id())
                .expect(200)
                .json()
                .get("requiredActions");
    }

    private Answer passwordGrant(Member member) {
        return realm.consumer()
                .token(Map.of(
                        "grant_type", "password", "username", member.username(), "password", ConnectedRealm.PASSWORD));
    }

    private ObjectNode action(String alias) {
        return (ObjectNode) admin.get(actionPath(alias)).expect(200).json();
    }

    private String actionPath(String alias) {
        return "/admin/realms/" + realm.name() + "/authentication/required-actions/" + alias;
    }

    private ObjectNode client(String clientId) {
        JsonNode found = admin.get("/admin/realms/" + realm.name() + "/clients?clientId=" + clientId)
                .expect(200)
                .json();
        assertThat(found).hasSize(1);
        return (ObjectNode) found.get(0);
    }
}
