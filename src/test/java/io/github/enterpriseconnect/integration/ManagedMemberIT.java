package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.IdentityProvider;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Members whom an organization manages, since they came through its identity provider. */
@ExtendWith(KeycloakExtension.class)
class ManagedMemberIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String DOMAIN = "managed-member.test";
    private static final String ADDRESS = "maria@" + DOMAIN;

    /** Keycloak shows them all as disabled then. */
    @Test
    void managed_members_of_a_disabled_organization_are_withheld_and_not_revoked(
            KeycloakServer server, AdminClient admin, Simulator simulator) {
        ConnectedRealm realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ManagedMemberIT.class), true);
        IdentityProvider provider =
                IdentityProvider.create(server, admin, AdminClient.newRealmName(IdentityProvider.class));
        String organization = realm.organization("managed", DOMAIN);
        realm.link(organization, DOMAIN);
        provider.connect(realm.name(), "corporate", true, "IMPORT");
        String path = "/admin/realms/" + realm.name() + "/organizations/" + organization;
        admin.post(path + "/identity-providers", "corporate").expect(204);
        provider.person("maria", ADDRESS, true);
        Tokens tokens = provider.signIn(realm.consumer(), "corporate", "maria").tokens();
        String user = tokens.claims().get("sub").asText();
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(realm.member(user).get("state").asText()).isEqualTo("granted"));
        assertThat(admin.get(path + "/members/" + user)
                        .expect(200)
                        .json()
                        .get("membershipType")
                        .asText())
                .isEqualTo("MANAGED");

        ObjectNode representation = (ObjectNode) admin.get(path).expect(200).json();
        admin.put(path, representation.put("enabled", false).toString()).expect(204);
        assertThat(realm.token(tokens.accessToken()).status()).isNotEqualTo(200);
        ended(realm, admin, organization);
        admin.put(path, representation.put("enabled", true).toString()).expect(204);

        assertThat(realm.token(tokens.accessToken()).status()).isEqualTo(200);
        assertThat(new AtCronofy(simulator).live(ADDRESS)).isTrue();
        assertThat(new AtCronofy(simulator).asks(ADDRESS)).hasSize(1);
    }

    /** Returns when whoever else was to be ended in the realm since has been, so that an end would have shown. */
    private static void ended(ConnectedRealm realm, AdminClient admin, String organization) {
        String other = realm.organization("other", "other-" + DOMAIN);
        realm.link(other, "other-" + DOMAIN);
        Member leaver = realm.member(other, "leaver", "leaver@other-" + DOMAIN).connect();
        admin.put(realm.api("links/" + other), Map.of("domains", List.of())).expect(200);
        leaver.awaitState("revoked");
        assertThat(admin.get(realm.api("revocations?link=" + organization))
                        .expect(200)
                        .json()
                        .get("revocations"))
                .isEmpty();
    }
}
