package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.SignIn;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job from end to end. */
@ExtendWith(KeycloakExtension.class)
class JourneyIT {

    @Test
    void a_linked_organization_s_member_signs_in_and_an_application_gets_a_token(
            KeycloakServer server, AdminClient admin, Simulator simulator) {
        ConnectedRealm realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(JourneyIT.class), true);
        String organization = realm.organization("journey", "journey.test");
        String maria = realm.member(organization, "maria", "maria@journey.test").id();
        realm.link(organization, "journey.test");

        SignIn signIn = realm.signIn("maria");

        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() ->
                        assertThat(realm.member(maria).get("state").asText()).isEqualTo("granted"));
        JsonNode token = realm.token(signIn.tokens().accessToken()).expect(200).json();
        assertThat(token.get("mailbox").asText()).isEqualTo("maria@journey.test");
        assertThat(token.has("refresh_token")).isFalse();
        assertThat(simulator.isLive(token.get("sub").asText())).isTrue();
    }
}
