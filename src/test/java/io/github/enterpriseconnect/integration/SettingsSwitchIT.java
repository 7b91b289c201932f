package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The one switch of a realm, by the settings and by the required action, and what it brings along. */
class SettingsSwitchIT extends SettingsScenario {
    SettingsSwitchIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void every_realm_has_the_required_action_and_it_is_off() {
        String created = AdminClient.newRealmName(getClass());
        admin.createRealm(created, Map.of());
        for (String realm : List.of("master", created)) {
            JsonNode action = admin.get(action(realm)).expect(200).json();

            assertThat(action.get("name").asText()).isEqualTo("Enterprise Connect");
            assertThat(action.get("enabled").asBoolean()).isFalse();
            assertThat(action.get("defaultAction").asBoolean()).isFalse();
        }
    }

    @Test
    void the_stock_toggle_and_the_setting_are_one_switch() {
        String realm = blank();
        admin.put(settings(realm), with("enabled", false)).expect(204);

        toggle(realm, true);
        assertThat(enabled(realm)).isTrue();
        toggle(realm, false);
        assertThat(enabled(realm)).isFalse();

        admin.put(settings(realm), with("enabled", true)).expect(204);
        assertThat(admin.get(action(realm)).expect(200).json().get("enabled").asBoolean())
                .isTrue();
        admin.put(settings(realm), with("enabled", false)).expect(204);
        assertThat(admin.get(action(realm)).expect(200).json().get("enabled").asBoolean())
                .isFalse();
    }

    @Test
    void switching_on_by_the_stock_toggle_manages_the_user_attributes() {
        String realm = blank();
        assertThat(attributeNames(profile(realm))).noneMatch(name -> name.startsWith("enterprise-connect"));

        toggle(realm, true);

        assertThatAttributesAreManaged(realm);
    }

    @Test
    void switching_on_by_the_settings_manages_the_user_attributes() {
        String realm = blank();

        admin.put(settings(realm), complete()).expect(204);

        assertThatAttributesAreManaged(realm);
    }

    @Test
    void a_user_profile_that_drops_the_attributes_gets_them_back() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);
        ObjectNode profile = profile(realm);
        profile.set("attributes", attributes(profile, false));

        admin.put("/admin/realms/" + realm + "/users/profile", profile).expect(200);

        assertThatAttributesAreManaged(realm);
    }

    @Test
    void a_user_profile_that_opens_the_credential_gets_it_closed_again() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);
        ObjectNode profile = profile(realm);
        profile.get("attributes").forEach(attribute -> ((ObjectNode) attribute.get("permissions"))
                .putArray("view")
                .add("admin")
                .add("user"));

        admin.put("/admin/realms/" + realm + "/users/profile", profile).expect(200);

        assertThatAttributesAreManaged(realm);
    }
}
