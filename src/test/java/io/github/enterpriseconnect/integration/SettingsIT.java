package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings by the admin resource: what is stored, what is refused, who may do it. */
class SettingsIT extends SettingsScenario {
    private static final int ROUNDS = 20;

    SettingsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void a_new_realm_reads_the_defaults() {
        JsonNode settings = admin.get(settings(blank())).expect(200).json();

        assertThat(fields(settings))
                .containsOnly(
                        Map.entry("enabled", "false"),
                        Map.entry("dataCenter", "\"us\""),
                        Map.entry("scope", "\"service_account/accounts/manage\""),
                        Map.entry("delegatedScope", "\"read_write\""),
                        Map.entry("signatureRequired", "false"),
                        Map.entry("watchServiceAccounts", "false"),
                        Map.entry("watchProfiles", "false"),
                        Map.entry("consumers", "[]"));
    }

    @Test
    void complete_settings_read_as_they_were_written_but_the_secret_is_masked() {
        String realm = blank();

        admin.put(settings(realm), complete()).expect(204);

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        Map<String, Object> expected = complete();
        expected.put("clientSecret", MASK);
        assertThat(read).isEqualTo(json(expected));
    }

    @Test
    void settings_that_are_left_out_go_back_to_their_defaults_but_secret_and_switch_stay() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);

        admin.put(settings(realm), Map.of("clientId", clientId)).expect(204);

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(fields(read))
                .containsOnly(
                        Map.entry("enabled", "true"),
                        Map.entry("dataCenter", "\"us\""),
                        Map.entry("clientId", "\"" + clientId + "\""),
                        Map.entry("clientSecret", "\"" + MASK + "\""),
                        Map.entry("scope", "\"service_account/accounts/manage\""),
                        Map.entry("delegatedScope", "\"read_write\""),
                        Map.entry("signatureRequired", "false"),
                        Map.entry("watchServiceAccounts", "false"),
                        Map.entry("watchProfiles", "false"),
                        Map.entry("consumers", "[]"));
        assertThat(test(realm, null).get("ok").asBoolean()).isTrue();
    }

    @Test
    void a_masked_secret_that_comes_back_keeps_the_secret() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);
        ObjectNode read = (ObjectNode) admin.get(settings(realm)).expect(200).json();

        admin.put(settings(realm), read).expect(204);

        assertThat(test(realm, null).get("ok").asBoolean()).isTrue();
        assertThat(onlyTokenRequest().parameter("client_secret")).isEqualTo(SECRET);
    }

    @Test
    void settings_that_somebody_else_has_changed_meanwhile_are_not_replaced() {
        String read = version(admin.get(settings(shared)).expect(200));
        admin.put(settings(shared), with("delegatedScope", "read_only")).expect(204);

        assertThat(refusal(admin.putIfMatch(settings(shared), with("scope", ""), read), 412))
                .startsWith("Somebody else has changed it since you read it");
        assertThat(admin.get(settings(shared)).json().get("delegatedScope").asText())
                .isEqualTo("read_only");

        String written = version(admin.putIfMatch(
                        settings(shared),
                        complete(),
                        version(admin.get(settings(shared)).expect(200)))
                .expect(204));
        assertThat(version(admin.get(settings(shared)).expect(200))).isEqualTo(written);
    }

    /** Each has read the same, and at most one is told that it has been replaced. */
    @Test
    void of_two_who_replace_the_same_settings_at_the_same_moment_one_is_told_of_the_other() {
        for (int round = 0; round < ROUNDS; round++) {
            String read = version(admin.get(settings(shared)).expect(200));

            List<Answer> answers = admin.putBothIfMatch(
                    settings(shared),
                    with("publicUrl", url("one", round)),
                    with("publicUrl", url("other", round)),
                    read);

            assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(204, 412);
        }
    }

    private static String url(String who, int round) {
        return "https://" + who + round + ".example.com";
    }

    private static String version(Answer answer) {
        return answer.headers().firstValue("ETag").orElseThrow();
    }

    @Test
    void a_vault_reference_reads_as_it_was_written() {
        String realm = blank();

        admin.put(settings(realm), with("clientSecret", "${vault.cronofy}")).expect(204);

        assertThat(admin.get(settings(realm))
                        .expect(200)
                        .json()
                        .get("clientSecret")
                        .asText())
                .isEqualTo("${vault.cronofy}");
    }

    @Test
    void a_vault_without_the_secret_is_named_by_the_test_and_nothing_is_sent() {
        String realm = blank();
        admin.put(settings(realm), with("clientSecret", "${vault.cronofy}")).expect(204);

        String message = refusal(admin.post(settings(realm) + "/test", null), 400);

        assertThat(message).isEqualTo("the vault has no secret under that name; write one that it has");
        assertThat(simulator.requests("POST", "/oauth/token")).isEmpty();
    }

    @Test
    void a_secret_that_only_begins_like_a_vault_reference_is_masked() {
        String realm = blank();

        admin.put(settings(realm), with("clientSecret", "${vault.half-written")).expect(204);

        assertThat(admin.get(settings(realm)).expect(200).text()).doesNotContain("half-written");
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void a_wrong_value_is_refused_with_what_to_write_instead(String member, Object value, String message) {
        String before = admin.get(settings(shared)).expect(200).text();

        Answer answer = admin.put(settings(shared), with(member, value));

        assertThat(refusal(answer, 400)).startsWith(message);
        assertThat(admin.get(settings(shared)).expect(200).text()).isEqualTo(before);
    }

    static Stream<Arguments> wrongValues() {
        String consumers = "consumers must be a list of objects like {\"clientId\": \"calendar\"";
        String publicUrl = "publicUrl must be the base URL of Keycloak as the internet reaches it, like https://";
        return Stream.of(
                arguments("dataCenter", "mars", "dataCenter must be one of us, uk, de, au, ca, sg"),
                arguments("dataCenter", 5, "dataCenter must be a text"),
                arguments("clientId", "", "clientId must be the client id from Cronofy's developer dashboard"),
                arguments("clientId", "two words", "clientId must be the client id from Cronofy's developer dashboard"),
                arguments("clientId", "x".repeat(201), "clientId must be the client id from Cronofy's"),
                arguments("clientSecret", List.of("secret"), "clientSecret must be a text"),
                arguments("scope", "read_write", "scope must be one or more of service_account/accounts/manage, "),
                arguments("scope", "service_account/accounts/manage,service_account/resources/manage", "scope must be"),
                arguments("delegatedScope", "read_write,free_busy", "delegatedScope must be Cronofy scopes such as"),
                arguments("delegatedScope", "read_write  free_busy", "delegatedScope must be Cronofy scopes such as"),
                arguments("publicUrl", "id.example.com", publicUrl),
                arguments("publicUrl", "ftp://id.example.com", publicUrl),
                arguments("publicUrl", "https://", publicUrl),
                arguments("publicUrl", "https://id.example.com?a=b", publicUrl),
                arguments("publicUrl", "https://id.example.com#a", publicUrl),
                arguments("publicUrl", "https://me:secret@id.example.com", publicUrl),
                arguments("publicUrl", "https://id.example.com/a b", publicUrl),
                arguments("signatureRequired", "yes", "signatureRequired must be true or false"),
                arguments("watchProfiles", "yes", "watchProfiles must be true or false"),
                arguments("enabled", "yes", "enabled must be true or false"),
                arguments("consumers", Map.of(), "consumers must be a list of objects"),
                arguments("consumers", List.of("calendar"), consumers),
                arguments("consumers", Arrays.asList((Object) null), consumers),
                arguments("consumers", List.of(Map.of("clientId", "a")), consumers),
                arguments("consumers", List.of(Map.of("rights", List.of("member"))), consumers),
                arguments("consumers", List.of(Map.of("clientId", "a", "rights", List.of())), consumers),
                arguments(
                        "consumers",
                        List.of(Map.of("clientId", "a", "rights", List.of("ofline"))),
                        "consumers[a].rights.ofline is not known; did you mean offline?"),
                arguments(
                        "consumers",
                        List.of(Map.of("clientId", "a", "rights", Arrays.asList((Object) null))),
                        consumers),
                arguments(
                        "consumers",
                        List.of(Map.of("clientId", "a", "rights", List.of("member"), "right", "member")),
                        "consumers[a].right is not known; did you mean rights?"),
                arguments(
                        "consumers",
                        List.of(
                                Map.of("clientId", "a", "rights", List.of("member")),
                                Map.of("clientId", "a", "rights", List.of("resource"))),
                        "consumers names the client a twice; write one entry with all its rights"),
                arguments(
                        "clientID",
                        "x",
                        "clientID is not a setting; did you mean clientId? There are enabled, consumers, "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"text\"", "{", "{} {}"})
    void a_body_that_is_no_object_is_refused(String body) {
        assertThat(refusal(admin.put(settings(shared), body), 400)).isEqualTo("The body must be one JSON object.");
    }

    @Test
    void first_settings_need_a_secret() {
        Map<String, Object> settings = complete();
        settings.remove("clientSecret");

        assertThat(refusal(admin.put(settings(blank()), settings), 400))
                .startsWith("clientSecret must be the client secret from Cronofy's developer dashboard, or a vault");
    }

    @Test
    void a_mask_where_there_is_no_secret_is_refused() {
        assertThat(refusal(admin.put(settings(blank()), with("clientSecret", MASK)), 400))
                .startsWith("clientSecret must be the client secret");
    }

    @Test
    void who_may_view_the_realm_reads_the_settings_and_changes_nothing() {
        String realm = shared;
        AdminClient viewer = administrators.create("viewer", "view-realm");

        assertThat(viewer.get(settings(realm)).expect(200).text()).doesNotContain(SECRET);
        viewer.put(settings(realm), with("delegatedScope", "read_only")).expect(403);
        viewer.put(settings(realm) + "?force=true", with("clientId", "other")).expect(403);
        viewer.post(settings(realm) + "/test", null).expect(403);

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(read.get("delegatedScope").asText()).isEqualTo("read_write free_busy");
        assertThat(simulator.requests("POST", "/oauth/token")).isEmpty();
    }

    @Test
    void who_may_manage_the_realm_changes_the_settings() {
        String realm = blank();
        AdminClient manager = administrators.create("manager", "manage-realm");

        manager.put(settings(realm), complete()).expect(204);

        assertThat(enabled(realm)).isTrue();
    }

    @Test
    void others_are_kept_out() {
        String realm = blank();
        AdminClient nobody = administrators.create("nobody");
        AdminClient helpdesk = administrators.create("helpdesk", "manage-users");
        String other = AdminClient.newRealmName(getClass());
        admin.createRealm(other, Map.of());
        AdminClient elsewhere = new RealmAdministrators(server, admin, other).create("elsewhere", "realm-admin");

        for (AdminClient stranger : List.of(nobody, helpdesk, elsewhere)) {
            stranger.get(settings(realm)).expect(403);
            stranger.put(settings(realm), complete()).expect(403);
            stranger.post(settings(realm) + "/test", complete()).expect(403);
        }
        assertThat(admin.get(settings(realm)).expect(200).json().has("clientId"))
                .isFalse();
    }

    @Test
    void a_change_of_the_settings_is_an_admin_event_without_the_secret() {
        String realm = blank();
        admin.put("/admin/realms/" + realm, Map.of("adminEventsEnabled", true, "adminEventsDetailsEnabled", true))
                .expect(204);

        admin.put(settings(realm), complete()).expect(204);

        Answer events = admin.get("/admin/realms/" + realm + "/admin-events").expect(200);
        assertThat(events.json())
                .filteredOn(event -> event.get("resourceType").asText().equals("ENTERPRISE_CONNECT_SETTINGS")
                        && event.get("operationType").asText().equals("UPDATE"))
                .hasSize(1);
        assertThat(events.text()).doesNotContain(SECRET);
    }

    private static Map<String, String> fields(JsonNode object) {
        Map<String, String> fields = new LinkedHashMap<>();
        object.properties()
                .forEach(field -> fields.put(field.getKey(), field.getValue().toString()));
        return fields;
    }
}
