package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.Tenants.Tenant;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an administrator of one organization may change of its link, and what is left to the realm. */
class OrganizationAdministratorIT extends TenantsScenario {
    /** What every administrator of a link sees of its policy. */
    private static final List<String> FOR_ALL =
            List.of("proof", "optOut", "notice", "wait", "inherited", "backfill", "acceptFreeBusy");

    private static final List<String> RULES =
            List.of("requiredGroups", "deniedGroups", "requiredRoles", "deniedRoles", "identityProviders");

    OrganizationAdministratorIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    private Answer put(String caller, Tenant tenant, Map<String, ?> body) {
        return caller(caller).put(tenant.realm().api("links/" + tenant.link()), body);
    }

    @Test
    void an_organization_administrator_tightens_the_proof_but_does_not_weaken_it() {
        String before = tenants.realm().link(beta.link()).toString();
        put("beta-manager", beta, policy("proof", "keycloak")).expect(200);
        assertThat(tenants.realm().link(beta.link())).hasToString(before);

        put("beta-manager", beta, policy("proof", "owner")).expect(200);
        put("beta-manager", beta, policy("proof", "keycloak")).expect(403);
        put("organizations", beta, policy("proof", "keycloak")).expect(403);
        assertThat(tenants.realm().link(beta.link()).at("/policy/proof").asText())
                .isEqualTo("owner");
        put("realm", beta, policy("proof", "keycloak")).expect(200);

        assertThat(tenants.realm().link(beta.link())).hasToString(before);
    }

    @Test
    void what_is_partly_forbidden_changes_nothing_at_all() {
        String before = tenants.realm().link(beta.link()).toString();

        for (String rule : RULES) {
            put("beta-manager", beta, Map.of("policy", Map.of("optOut", true, rule, List.of())))
                    .expect(403);
        }
        put("beta-manager", beta, Map.of("policy", Map.of("optOut", true), "domains", List.of()))
                .expect(403);

        assertThat(tenants.realm().link(beta.link())).hasToString(before);
    }

    @Test
    void a_group_role_or_provider_cannot_be_guessed_by_who_may_not_set_it() {
        ConnectedRealm realm = tenants.realm();
        admin.post("/admin/realms/" + realm.name() + "/groups", Map.of("name", "staff"))
                .expect(201);
        admin.post("/admin/realms/" + realm.name() + "/roles", Map.of("name", "calendar"))
                .expect(201);
        admin.post(
                        "/admin/realms/" + realm.name() + "/identity-provider/instances",
                        Map.of("alias", "corporate", "providerId", "oidc", "config", Map.of("clientId", "x")))
                .expect(201);
        Map<String, String> existing = Map.of(
                "requiredGroups", "/staff",
                "deniedGroups", "/staff",
                "requiredRoles", "calendar",
                "deniedRoles", "calendar",
                "identityProviders", "corporate");

        for (String rule : RULES) {
            Answer guessed = put("beta-manager", beta, policy(rule, List.of(String.valueOf(existing.get(rule)))));
            Answer wrong = put("beta-manager", beta, policy(rule, List.of("/no-such")));
            assertThat(guessed.status()).as(rule).isEqualTo(403);
            assertThat(wrong.status()).as(rule).isEqualTo(403);
            assertThat(guessed.text()).as(rule).isEqualTo(wrong.text());
        }
    }

    @Test
    void the_five_lists_are_shown_to_who_may_view_the_realm_only() {
        String path = tenants.realm().api("links/" + beta.link());

        for (String caller : List.of("server", "realm", "viewer")) {
            assertThat(names(caller(caller).get(path).expect(200).json().get("policy")))
                    .as(caller)
                    .containsExactlyInAnyOrder(
                            Stream.concat(FOR_ALL.stream(), RULES.stream()).toArray(String[]::new));
        }
        for (String caller : List.of("organizations", "beta-manager")) {
            assertThat(names(caller(caller).get(path).expect(200).json().get("policy")))
                    .as(caller)
                    .containsExactlyInAnyOrderElementsOf(FOR_ALL);
            assertThat(names(put(caller, beta, policy("optOut", false))
                            .expect(200)
                            .json()
                            .get("policy")))
                    .as(caller)
                    .containsExactlyInAnyOrderElementsOf(FOR_ALL);
            assertThat(caller(caller)
                            .get(tenants.realm().api("links"))
                            .expect(200)
                            .text())
                    .as(caller)
                    .doesNotContain(RULES);
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void an_organization_administrator_lifts_what_one_of_them_has_suspended() {
        String path = tenants.realm().api("links/" + beta.link() + "/suspension");

        caller("organizations").put(path, "{}").expect(204);
        assertThat(caller("beta-manager")
                        .get(path)
                        .expect(200)
                        .json()
                        .get("suspended")
                        .booleanValue())
                .isTrue();
        caller("beta-manager").delete(path).expect(204);

        assertThat(tenants.realm().link(beta.link()).get("suspended").booleanValue())
                .isFalse();
    }

    @Test
    void an_organization_administrator_does_not_lift_what_the_realm_has_suspended() {
        String path = tenants.realm().api("links/" + beta.link() + "/suspension");
        caller("realm").put(path, "{}").expect(204);
        try {
            String before = admin.get(path).expect(200).text();

            caller("beta-manager").delete(path).expect(403);
            caller("organizations").delete(path).expect(403);
            caller("beta-manager").put(path, "{}").expect(204);
            caller("beta-manager").delete(path).expect(403);

            assertThat(admin.get(path).expect(200).text()).isEqualTo(before);
        } finally {
            admin.delete(path).expect(204);
        }
    }

    @Test
    void what_an_organization_administrator_has_suspended_the_realm_can_take_over() {
        String path = tenants.realm().api("links/" + beta.link() + "/suspension");
        caller("beta-manager").put(path, "{}").expect(204);
        caller("realm").put(path, "{}").expect(204);

        try {
            caller("beta-manager").delete(path).expect(403);
        } finally {
            caller("realm").delete(path).expect(204);
        }
        assertThat(tenants.realm().link(beta.link()).get("suspended").booleanValue())
                .isFalse();
    }
}
