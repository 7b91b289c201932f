package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.AdminCall.Right;
import io.github.enterpriseconnect.integration.AdminCall.Target;
import io.github.enterpriseconnect.integration.Tenants.Tenant;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every kind of administrator may do with the admin resource. */
class TenantRightsIT extends TenantsScenario {
    /**
     * What everybody may do with the organization acme and its member. What somebody does not see is not found,
     * whatever is tried with it; what is seen may still be forbidden to be changed, except for users, who are then not
     * found. Keycloak itself forbids everything to administrators of another realm.
     */
    private static final Map<String, Map<Right, String>> ORGANIZATION = Right.table("""
            caller           VIEW_REALM EDIT_REALM LIST_LINKS VIEW_LINK MEMBERS MEMBER_COUNTS EDIT_LINK RULE_LINK VIEW_USER EDIT_USER REVOCATIONS REVOCATIONS_OF_LINK
            server           yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            realm            yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            viewer           yes        403        yes        yes       yes     yes           403       403       yes       404       yes         yes
            organizations    403        403        yes        yes       403     403           yes       403       404       404       403         403
            helpdesk         403        403        403        404       404     404           404       404       yes       yes       403         404
            acme-manager     403        403        yes        yes       yes     403           yes       403       yes       yes       403         403
            acme-viewer      403        403        yes        yes       yes     403           403       403       yes       404       403         403
            acme-and-users   403        403        yes        yes       yes     yes           yes       403       yes       404       403         yes
            beta-manager     403        403        yes        404       404     404           404       404       404       404       403         404
            server-elsewhere 403        403        403        404       404     404           404       404       404       404       403         404
            elsewhere        403        403        403        403       403     403           403       403       403       403       403         403
            member           403        403        403        404       404     404           404       404       404       404       403         404
            nobody           401        401        401        401       401     401           401       401       401       401       401         401
            """);

    /** The same for the one link of a realm without organizations. */
    private static final Map<String, Map<Right, String>> REALM = Right.table("""
            caller           VIEW_REALM EDIT_REALM LIST_LINKS VIEW_LINK MEMBERS MEMBER_COUNTS EDIT_LINK RULE_LINK VIEW_USER EDIT_USER REVOCATIONS REVOCATIONS_OF_LINK
            server           yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            realm            yes        yes        yes        yes       yes     yes           yes       yes       yes       yes       yes         yes
            viewer           yes        403        yes        yes       yes     yes           403       403       yes       404       yes         yes
            organizations    403        403        403        404       404     404           404       404       404       404       403         404
            helpdesk         403        403        403        404       404     404           404       404       yes       yes       403         404
            server-elsewhere 403        403        403        404       404     404           404       404       404       404       403         404
            elsewhere        403        403        403        403       403     403           403       403       403       403       403         403
            member           403        403        403        404       404     404           404       404       404       404       403         404
            nobody           401        401        401        401       401     401           401       401       401       401       401         401
            """);

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    TenantRightsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    List<AdminCall> calls() {
        return AdminCall.all(tenants.settings());
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everybody_does_with_an_organization_what_their_rights_allow_and_its_neighbours_stay_as_they_are(
            AdminCall call) {
        Map<String, String> neighbours = neighbours();
        allowOptOut(changing);

        assertThat(statuses(call, changing, callers, ORGANIZATION)).isEqualTo(expected(call, ORGANIZATION));

        assertThat(neighbours()).isEqualTo(neighbours);
        List.of(acme.user(), twin).forEach(user -> tenants.grantAgain(acme.realm(), user));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everybody_does_with_the_link_of_a_whole_realm_what_their_rights_allow(AdminCall call) {
        allowOptOut(whole);

        assertThat(statuses(call, whole, callersOfWhole, REALM)).isEqualTo(expected(call, REALM));
    }

    private Map<String, String> neighbours() {
        Map<String, String> neighbours = tenants.state(beta);
        neighbours.putAll(tenants.state(tenants.solo()));
        return neighbours;
    }

    private static Map<String, Integer> expected(AdminCall call, Map<String, Map<Right, String>> table) {
        Map<String, Integer> expected = new TreeMap<>();
        table.forEach((caller, rights) -> expected.put(caller, call.expected(rights)));
        return expected;
    }

    /** Lets all callers try; after each one who was let, things are put back. */
    private Map<String, Integer> statuses(
            AdminCall call, Tenant tenant, Map<String, AdminClient> who, Map<String, Map<Right, String>> table) {
        Map<String, Integer> statuses = new TreeMap<>();
        for (String name : table.keySet()) {
            Target target = target(tenant).invitation(call.path().contains("{invitation}") ? invite(tenant) : "");
            String before =
                    tenant.realm().link(tenant.link()).path("serviceAccount").asText();
            Answer answer = call.by(
                    Objects.requireNonNull(who.get(name), name), tenant.realm().api(""), target);
            statuses.put(name, answer.status());
            if (call.changes() && answer.status() < 400) {
                putBack(tenant, before);
            }
        }
        return statuses;
    }

    private String invite(Tenant tenant) {
        return admin.post(tenant.realm().api("links/" + tenant.link() + "/invitations"), "{}")
                .expect(201)
                .json()
                .get("id")
                .asText();
    }

    private void allowOptOut(Tenant tenant) {
        admin.put(tenant.realm().api("links/" + tenant.link()), Map.of("policy", Map.of("optOut", true)))
                .expect(200);
    }

    private void putBack(Tenant tenant, String serviceAccount) {
        for (String suspended : List.of("", "consumers/calendar-app/", "links/" + tenant.link() + "/")) {
            admin.delete(tenant.realm().api(suspended + "suspension")).expect(204);
        }
        admin.delete(tenant.realm().api("users/" + tenant.user() + "/opt-out")).expect(204);
        admin.put(tenant.realm().api("settings"), tenants.settings()).expect(204);
        admin.put(
                        tenant.realm().api("links/" + tenant.link()),
                        Map.of("policy", Map.of("proof", "keycloak", "optOut", true)))
                .expect(200);
        tenant.realm().approve(tenant.link(), tenant.domain());
        if (tenant.realm().link(tenant.link()).get("state").asText().equals("unlinked")) {
            await().atMost(PATIENCE).until(() -> !simulator.isLive(serviceAccount));
            tenant.realm().link(tenant.link(), tenant.domain());
        }
    }
}
