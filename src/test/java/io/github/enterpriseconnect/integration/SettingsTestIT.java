package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import org.junit.jupiter.api.Test;

/** The test of settings against Cronofy, before and after they are stored. */
class SettingsTestIT extends SettingsScenario {
    SettingsTestIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void the_test_proves_the_stored_credentials() {
        JsonNode result = test(shared, null);

        assertThat(result.get("ok").asBoolean()).isTrue();
        assertThat(result.hasNonNull("problem")).isFalse();
        assertThat(onlyTokenRequest().parameter("client_id")).isEqualTo(clientId);
    }

    @Test
    void the_test_of_a_wrong_secret_says_so_and_stores_nothing() {
        JsonNode result = test(shared, with("clientSecret", "wrong"));

        assertThat(result.get("ok").asBoolean()).isFalse();
        assertThat(result.get("problem").asText())
                .contains("Cronofy does not accept this client id and secret")
                .contains("invalid_client")
                .doesNotContain("wrong");
        assertThat(onlyTokenRequest().parameter("client_secret")).isEqualTo("wrong");
        assertThat(test(shared, null).get("ok").asBoolean()).isTrue();
    }

    @Test
    void the_test_takes_the_stored_secret_for_a_masked_one() {
        assertThat(test(shared, with("clientSecret", MASK)).get("ok").asBoolean())
                .isTrue();
    }

    @Test
    void the_test_says_when_cronofy_cannot_be_reached() {
        simulator.addFault(Fault.on("POST", "/oauth/token").drop().build());

        JsonNode result = test(shared, null);

        assertThat(result.get("ok").asBoolean()).isFalse();
        assertThat(result.get("problem").asText()).contains("Cronofy cannot be reached at the moment");
    }

    @Test
    void the_test_refuses_wrong_values_and_a_realm_without_settings() {
        assertThat(refusal(admin.post(settings(shared) + "/test", with("dataCenter", "mars")), 400))
                .startsWith("dataCenter must be one of");
        assertThat(refusal(admin.post(settings(blank()) + "/test", null), 400)).startsWith("clientId must be");
        assertThat(simulator.requests("POST", "/oauth/token")).isEmpty();
    }
}
