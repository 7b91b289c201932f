package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings by Keycloak's own ways: its components API, and imports and exports of realms. */
class SettingsComponentIT extends SettingsScenario {
    SettingsComponentIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void the_stock_components_api_takes_the_same_settings_and_masks_them_too() {
        String realm = blank();

        String id = admin.post(components(realm), component()).expect(201).createdId();

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(read.get("clientId").asText()).isEqualTo(clientId);
        assertThat(read.get("clientSecret").asText()).isEqualTo(MASK);
        assertThat(read.at("/consumers/0/clientId").asText()).isEqualTo("calendar-app");
        JsonNode component = admin.get(components(realm) + "/" + id).expect(200).json();
        assertThat(component.at("/config/clientSecret/0").asText()).isEqualTo(MASK);
        assertThat(admin.get(components(realm)).expect(200).text()).doesNotContain(SECRET);

        admin.put(components(realm) + "/" + id, component).expect(204);
        assertThat(test(realm, null).get("ok").asBoolean()).isTrue();
    }

    @Test
    void settings_of_the_admin_resource_are_the_component_of_the_stock_api() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);

        JsonNode components = admin.get(components(realm) + "?type=" + COMPONENT_TYPE)
                .expect(200)
                .json();

        assertThat(components).hasSize(1);
        assertThat(components.at("/0/providerId").asText()).isEqualTo("enterprise-connect");
        assertThat(components.at("/0/config/clientSecret/0").asText()).isEqualTo(MASK);
        assertThat(components.at("/0/config/consumers")).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("wrongConfiguration")
    void the_stock_components_api_refuses_a_wrong_value_with_the_same_message(
            String key, List<String> values, String message) {
        String realm = blank();

        assertThat(refusal(admin.post(components(realm), component(key, values)), 400))
                .startsWith(message);

        assertThat(admin.get(settings(realm)).expect(200).json().has("clientId"))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("wrongConfiguration")
    void a_realm_import_with_a_wrong_value_is_refused_with_the_same_message(
            String key, List<String> values, String message) {
        String realm = AdminClient.newRealmName(getClass());

        Answer answer = admin.post("/admin/realms", realmWith(realm, component(key, values)));

        assertThat(refusal(answer, 400)).contains(message);
        admin.get("/admin/realms/" + realm).expect(404);
    }

    static Stream<Arguments> wrongConfiguration() {
        return Stream.of(
                arguments("dataCenter", List.of("mars"), "dataCenter must be one of us, uk, de, au, ca, sg"),
                arguments("clientSecret", List.of(), "clientSecret must be the client secret from Cronofy's"),
                arguments("consumers", List.of("calendar-app"), "consumers must be a list of objects like"),
                arguments("consumers", List.of("null"), "consumers must be a list of objects like"));
    }

    @Test
    void a_realm_has_one_component_at_most() {
        assertThat(refusal(admin.post(components(shared), component()), 400))
                .isEqualTo("the realm has Enterprise Connect settings already; change those");
    }

    @Test
    void a_realm_import_brings_the_settings_along() {
        String realm = AdminClient.newRealmName(getClass());

        admin.post("/admin/realms", realmWith(realm, component())).expect(201);

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(read.get("clientId").asText()).isEqualTo(clientId);
        assertThat(read.get("clientSecret").asText()).isEqualTo(MASK);
        assertThat(read.get("enabled").asBoolean()).isFalse();
        assertThat(test(realm, null).get("ok").asBoolean()).isTrue();
        assertThat(onlyTokenRequest().parameter("client_secret")).isEqualTo(SECRET);
    }

    @Test
    void an_exported_realm_comes_back_switched_on_and_complete() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);
        Answer export =
                admin.post("/admin/realms/" + realm + "/partial-export", null).expect(200);
        assertThat(export.text()).contains(clientId).doesNotContain(SECRET);
        ObjectNode document = (ObjectNode) export.json();
        ((ObjectNode) document.get("components")).remove("org.keycloak.userprofile.UserProfileProvider");
        admin.deleteRealm(realm);

        admin.importRealm(document.toString());

        assertThat(enabled(realm)).isTrue();
        assertThatAttributesAreManaged(realm);
    }

    private Map<String, Object> realmWith(String realm, Map<String, Object> component) {
        Map<String, Object> imported = new LinkedHashMap<>(component);
        imported.remove("providerType");
        return Map.of("realm", realm, "enabled", true, "components", Map.of(COMPONENT_TYPE, List.of(imported)));
    }
}
