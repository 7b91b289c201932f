package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Links follow the realm's defaults, which stand in the required action's configuration, in what they do not say
 * themselves.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BehaviourDefaultsIT {
    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final String action;

    BehaviourDefaultsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.realm = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(BehaviourDefaultsIT.class), true);
        this.action = "/admin/realms/" + realm.name() + "/authentication/required-actions/enterprise-connect";
    }

    @AfterEach
    void removeDefaults() {
        admin.delete(action + "/config").expect(204);
    }

    private Answer setDefaults(Map<String, String> config) {
        return admin.put(action + "/config", Map.of("config", config));
    }

    private JsonNode policy(String link) {
        return realm.link(link).get("policy");
    }

    private Answer put(String link, String policy) {
        return admin.put(realm.api("links/" + link), "{\"policy\": " + policy + "}");
    }

    private static List<String> inherited(JsonNode policy) {
        return Arrays.asList(
                policy.get("inherited").valueStream().map(JsonNode::asText).toArray(String[]::new));
    }

    @Test
    void the_stock_console_shows_the_fields_with_labels_help_and_defaults() {
        JsonNode fields =
                admin.get(action + "/config-description").expect(200).json().get("properties");

        assertThat(fields)
                .extracting(field -> field.get("name").asText() + "="
                        + field.get("defaultValue").asText())
                .containsExactly("notice=none", "optOut=false", "wait=0");
        assertThat(fields).allSatisfy(field -> {
            assertThat(field.get("label").asText()).isNotBlank();
            assertThat(field.get("helpText").asText()).isNotBlank();
            assertThat(field.get("secret").asBoolean()).isFalse();
        });
        assertThat(fields.get(0).get("options")).extracting(JsonNode::asText).containsExactly("none", "email", "page");
    }

    @Test
    void a_link_follows_the_defaults_in_what_it_does_not_say_and_only_there() {
        String silent = realm.organization("silent", "silent.test");
        String outspoken = realm.organization("outspoken", "outspoken.test");
        put(outspoken, "{\"notice\": \"none\", \"wait\": 3}").expect(200);
        assertThat(inherited(policy(silent))).containsExactly("notice", "optOut", "wait");

        setDefaults(Map.of("notice", "page", "optOut", "true", "wait", "7")).expect(204);

        assertThat(policy(silent).get("notice").asText()).isEqualTo("page");
        assertThat(policy(silent).get("optOut").asBoolean()).isTrue();
        assertThat(policy(silent).get("wait").asInt()).isEqualTo(7);
        assertThat(policy(outspoken).get("notice").asText()).isEqualTo("none");
        assertThat(policy(outspoken).get("optOut").asBoolean()).isTrue();
        assertThat(policy(outspoken).get("wait").asInt()).isEqualTo(3);
        assertThat(inherited(policy(outspoken))).containsExactly("optOut");
    }

    @Test
    void a_link_follows_a_default_again_when_null_is_written() {
        String link = realm.organization("back", "back.test");
        put(link, "{\"notice\": \"page\", \"optOut\": true, \"wait\": 3, \"proof\": \"owner\"}")
                .expect(200);
        assertThat(inherited(policy(link))).isEmpty();

        put(link, "{\"notice\": null, \"optOut\": null, \"wait\": null}").expect(200);

        assertThat(inherited(policy(link))).containsExactly("notice", "optOut", "wait");
        assertThat(policy(link).get("notice").asText()).isEqualTo("none");
        assertThat(policy(link).get("proof").asText()).isEqualTo("owner");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"notice\": \"pigeon\"} | notice must be one of none, email, page.",
                "{\"optOut\": \"yes\"} | optOut must be true or false, or null to follow the realm's default.",
                "{\"wait\": 16} | wait must be a number of seconds from 0 to 15, or null to follow the realm's default.",
                "{\"wait\": -1} | wait must be a number of seconds from 0 to 15, or null to follow the realm's default.",
                "{\"wait\": \"3\"} | wait must be a number of seconds from 0 to 15, or null to follow the realm's default."
            })
    void a_policy_that_makes_no_sense_is_refused_with_what_to_write(String policy, String message) {
        String name = "refused-" + Integer.toHexString(policy.hashCode());
        String link = realm.organization(name, name + ".test");

        assertThat(put(link, policy).expect(400).json().get("errorMessage").asText())
                .isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "notice | pigeon | Notice must be one of none, email, page.",
                "notice | email | Notice can be email once the realm has a mail server; set one in Realm settings, Email.",
                "optOut | perhaps | Members may opt out must be true or false.",
                "wait | 16 | Wait at sign-in must be a number of seconds from 0 to 15.",
                "wait | soon | Wait at sign-in must be a number of seconds from 0 to 15."
            })
    void defaults_that_make_no_sense_are_refused_with_what_to_write(String field, String value, String message) {
        Answer answer = setDefaults(Map.of(field, value)).expect(400);

        assertThat(answer.text()).contains(message);
        assertThat(admin.get(action + "/config")
                        .expect(200)
                        .json()
                        .get("config")
                        .path(field)
                        .asText(""))
                .isNotEqualTo(value);
    }

    @Test
    void a_default_notice_is_shown_to_members_of_links_that_do_not_say() {
        String link = realm.organization("shown", "shown.test");
        realm.link(link, "shown.test");
        realm.member(link, "shown", "shown@shown.test");
        setDefaults(Map.of("notice", "page")).expect(204);
        Browser browser = new Browser();

        Page page = browser.enterCredentials(
                browser.open(realm.consumer().authorizationRequest(Map.of())), "shown", ConnectedRealm.PASSWORD);

        assertThat(page.document().select("#enterprise-connect-introduction"))
                .as("%s", page)
                .hasSize(1);
    }

    @Test
    void a_default_opt_out_lets_members_be_opted_out_and_counts_no_longer_when_it_is_taken_back() {
        String link = realm.organization("leaving", "leaving.test");
        realm.link(link, "leaving.test");
        String user = realm.member(link, "leaving", "leaving@leaving.test").id();
        admin.put(realm.api("users/" + user + "/opt-out"), null).expect(409);
        setDefaults(Map.of("optOut", "true")).expect(204);

        admin.put(realm.api("users/" + user + "/opt-out"), null).expect(204);
        assertThat(realm.member(user).get("reason").asText()).isEqualTo("opted_out");
        setDefaults(Map.of("optOut", "false")).expect(204);

        assertThat(realm.member(user).has("reason")).isFalse();
    }

    @Test
    void a_realm_that_is_imported_with_nonsense_is_silent_and_works() {
        JsonNode representation = admin.get(action).expect(200).json();
        Map<String, Object> changed = new HashMap<>();
        representation.properties().forEach(property -> changed.put(property.getKey(), property.getValue()));
        changed.put("config", Map.of("notice", "pigeon", "wait", "99"));
        String link = realm.organization("imported", "imported.test");

        admin.put(action, changed).expect(204);

        assertThat(policy(link).get("notice").asText()).isEqualTo("none");
        assertThat(policy(link).get("wait").asInt()).isZero();
    }
}
