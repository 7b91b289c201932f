package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Settings that change while organizations are linked through the application. */
class ApplicationChangeIT extends SettingsScenario {
    ApplicationChangeIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void another_application_is_refused_while_organizations_are_linked() {
        ConnectedRealm realm = linkedRealm("settings-conflict.test");
        String before = realm.link("realm").toString();

        assertThat(refusal(admin.put(settings(realm.name()), with("clientId", "other-application")), 409))
                .contains("1 organizations are linked through the present application")
                .contains("force=true");
        refusal(admin.put(settings(realm.name()), with("dataCenter", "uk")), 409);

        assertThat(realm.link("realm")).hasToString(before);
        assertThat(admin.get(settings(realm.name()))
                        .expect(200)
                        .json()
                        .get("clientId")
                        .asText())
                .isEqualTo(clientId);
        assertThat(revocations()).isEmpty();
    }

    @Test
    void another_application_by_force_revokes_the_links_first() {
        ConnectedRealm realm = linkedRealm("settings-force.test");
        String serviceAccount = realm.link("realm").get("serviceAccount").asText();

        admin.put(settings(realm.name()) + "?force=true", with("clientId", "other-application"))
                .expect(204);

        assertThat(realm.link("realm").get("state").asText()).isEqualTo("unlinked");
        assertThat(realm.link("realm").has("serviceAccount")).isFalse();
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(simulator.isLive(serviceAccount))
                .isFalse());
        assertThat(revocations()).hasSize(1);
        assertThat(admin.get(settings(realm.name()))
                        .expect(200)
                        .json()
                        .get("clientId")
                        .asText())
                .isEqualTo("other-application");
    }

    @Test
    void other_settings_change_freely_while_organizations_are_linked() {
        ConnectedRealm realm = linkedRealm("settings-free.test");
        String before = realm.link("realm").toString();

        admin.put(settings(realm.name()), with("delegatedScope", "read_only")).expect(204);

        assertThat(realm.link("realm")).hasToString(before);
    }

    @Test
    void the_stock_components_api_refuses_another_application_while_organizations_are_linked() {
        ConnectedRealm realm = linkedRealm("settings-component.test");
        ObjectNode component = (ObjectNode) admin.get(components(realm.name()) + "?type=" + COMPONENT_TYPE)
                .expect(200)
                .json()
                .get(0);
        ((ObjectNode) component.get("config")).putArray("clientId").add("other-application");

        Answer answer =
                admin.put(components(realm.name()) + "/" + component.get("id").asText(), component);

        assertThat(refusal(answer, 400))
                .contains("organizations are linked through the present application")
                .contains("PUT settings?force=true");
        assertThat(realm.link("realm").get("state").asText()).isEqualTo("active");
        assertThat(admin.get(settings(realm.name()))
                        .expect(200)
                        .json()
                        .get("clientId")
                        .asText())
                .isEqualTo(clientId);
    }

    @Test
    void removing_the_component_is_no_way_to_another_application_either() {
        linkedRealm("settings-removed.test");
        blank();
        Map<String, Object> other = component("clientId", List.of("other-application"));

        assertThat(refusal(admin.post(components(shared), other), 400))
                .contains("organizations are linked through the present application");

        admin.post(components(shared), component()).expect(201);
        assertThat(connected.link("realm").get("state").asText()).isEqualTo("active");
    }

    @Test
    void a_link_is_revoked_with_the_secret_that_is_valid_then() {
        String rotated = "rotated-settings-secret";
        ConnectedRealm realm = linkedRealm("settings-rotated.test");
        String serviceAccount = realm.link("realm").get("serviceAccount").asText();
        simulator.addApplication(clientId, rotated);
        admin.put(settings(realm.name()), with("clientSecret", rotated)).expect(204);

        admin.delete(realm.api("links/realm")).expect(204);

        await().atMost(SWEEPS).untilAsserted(() -> assertThat(revocations()).hasSize(1));
        assertThat(revocations().get(0).parameter("client_secret")).isEqualTo(rotated);
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(simulator.isLive(serviceAccount))
                .isFalse());
    }

    /** The realm, linked and active. */
    private ConnectedRealm linkedRealm(String domain) {
        connected.link("realm", domain);
        simulator.clearRequests();
        return connected;
    }

    private List<ReceivedRequest> revocations() {
        return simulator.requests("POST", "/oauth/token/revoke").stream()
                .filter(request -> clientId.equals(request.parameter("client_id")))
                .toList();
    }
}
