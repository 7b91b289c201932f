package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of a realm by each of their three ways in, and the switch. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SettingsIT {
    private static final String COMPONENT_TYPE = "io.github.enterpriseconnect.SettingsProvider";
    private static final String CLIENT_ID = "settings-application";
    private static final String SECRET = "planted-settings-secret";
    private static final String MASK = "**********";
    private static final String CREDENTIAL = "enterprise-connect.credential";
    private static final List<String> MIRRORS = List.of("enterprise-connect.state", "enterprise-connect.link");
    private static final Duration SWEEPS = Duration.ofSeconds(40);

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final ConnectedRealm connected;
    private final String shared;
    private final RealmAdministrators administrators;

    SettingsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        connected = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SettingsIT.class), false);
        shared = connected.name();
        administrators = new RealmAdministrators(server, admin, shared);
    }

    @BeforeEach
    void write_complete_settings() {
        simulator.addApplication(CLIENT_ID, SECRET);
        admin.put(settings(shared) + "?force=true", complete()).expect(204);
        simulator.clearRequests();
    }

    @AfterEach
    void mend_the_simulator_and_unlink() {
        simulator.clearFaults();
        JsonNode link = connected.link("realm");
        if (link.has("serviceAccount")) {
            admin.delete(connected.api("links/realm")).expect(204);
            await().atMost(SWEEPS)
                    .until(() -> !simulator.isLive(link.get("serviceAccount").asText()));
        }
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

        admin.put(settings(realm), Map.of("clientId", CLIENT_ID)).expect(204);

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(fields(read))
                .containsOnly(
                        Map.entry("enabled", "true"),
                        Map.entry("dataCenter", "\"us\""),
                        Map.entry("clientId", "\"" + CLIENT_ID + "\""),
                        Map.entry("clientSecret", "\"" + MASK + "\""),
                        Map.entry("scope", "\"service_account/accounts/manage\""),
                        Map.entry("delegatedScope", "\"read_write\""),
                        Map.entry("signatureRequired", "false"),
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
                arguments("enabled", "yes", "enabled must be true or false"),
                arguments("consumers", Map.of(), "consumers must be a list of objects"),
                arguments("consumers", List.of("calendar"), consumers),
                arguments("consumers", Arrays.asList((Object) null), consumers),
                arguments("consumers", List.of(Map.of("clientId", "a")), consumers),
                arguments("consumers", List.of(Map.of("rights", List.of("member"))), consumers),
                arguments("consumers", List.of(Map.of("clientId", "a", "rights", List.of())), consumers),
                arguments("consumers", List.of(Map.of("clientId", "a", "rights", List.of("admin"))), consumers),
                arguments(
                        "consumers",
                        List.of(Map.of("clientId", "a", "rights", Arrays.asList((Object) null))),
                        consumers),
                arguments(
                        "consumers",
                        List.of(Map.of("clientId", "a", "rights", List.of("member"), "right", "member")),
                        consumers),
                arguments(
                        "consumers",
                        List.of(
                                Map.of("clientId", "a", "rights", List.of("member")),
                                Map.of("clientId", "a", "rights", List.of("resource"))),
                        "consumers names the client a twice; write one entry with all its rights"),
                arguments("clientID", "x", "clientID is not a setting; write enabled, signatureRequired, consumers, "));
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
    void the_stock_components_api_takes_the_same_settings_and_masks_them_too() {
        String realm = blank();

        String id = admin.post(components(realm), component()).expect(201).createdId();

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(read.get("clientId").asText()).isEqualTo(CLIENT_ID);
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
        String realm = AdminClient.newRealmName(SettingsIT.class);

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
        String realm = AdminClient.newRealmName(SettingsIT.class);

        admin.post("/admin/realms", realmWith(realm, component())).expect(201);

        JsonNode read = admin.get(settings(realm)).expect(200).json();
        assertThat(read.get("clientId").asText()).isEqualTo(CLIENT_ID);
        assertThat(read.get("clientSecret").asText()).isEqualTo(MASK);
        assertThat(read.get("enabled").asBoolean()).isFalse();
        assertThat(test(realm, null).get("ok").asBoolean()).isTrue();
        assertThat(onlyTokenRequest().parameter("client_secret")).isEqualTo(SECRET);
    }

    @Test
    void every_realm_has_the_required_action_and_it_is_off() {
        String created = AdminClient.newRealmName(SettingsIT.class);
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

    @Test
    void an_exported_realm_comes_back_switched_on_and_complete() {
        String realm = blank();
        admin.put(settings(realm), complete()).expect(204);
        Answer export =
                admin.post("/admin/realms/" + realm + "/partial-export", null).expect(200);
        assertThat(export.text()).contains(CLIENT_ID).doesNotContain(SECRET);
        ObjectNode document = (ObjectNode) export.json();
        ((ObjectNode) document.get("components")).remove("org.keycloak.userprofile.UserProfileProvider");
        admin.deleteRealm(realm);

        admin.importRealm(document.toString());

        assertThat(enabled(realm)).isTrue();
        assertThatAttributesAreManaged(realm);
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
                .isEqualTo(CLIENT_ID);
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
                .isEqualTo(CLIENT_ID);
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
        simulator.addApplication(CLIENT_ID, rotated);
        admin.put(settings(realm.name()), with("clientSecret", rotated)).expect(204);

        admin.delete(realm.api("links/realm")).expect(204);

        await().atMost(SWEEPS).untilAsserted(() -> assertThat(revocations()).hasSize(1));
        assertThat(revocations().get(0).parameter("client_secret")).isEqualTo(rotated);
        await().untilAsserted(() -> assertThat(simulator.isLive(serviceAccount)).isFalse());
    }

    @Test
    void the_test_proves_the_stored_credentials() {
        JsonNode result = test(shared, null);

        assertThat(result.get("ok").asBoolean()).isTrue();
        assertThat(result.hasNonNull("problem")).isFalse();
        assertThat(onlyTokenRequest().parameter("client_id")).isEqualTo(CLIENT_ID);
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
        String other = AdminClient.newRealmName(SettingsIT.class);
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

    /** The realm, linked and active. */
    private ConnectedRealm linkedRealm(String domain) {
        connected.link("realm", domain);
        simulator.clearRequests();
        return connected;
    }

    /** The realm without settings, switched off, and without the managed attributes, as a new one is. */
    private String blank() {
        JsonNode component = admin.get(components(shared) + "?type=" + COMPONENT_TYPE)
                .expect(200)
                .json()
                .get(0);
        admin.delete(components(shared) + "/" + component.get("id").asText()).expect(204);
        toggle(shared, false);
        ObjectNode profile = profile(shared);
        profile.set("attributes", attributes(profile, false));
        admin.put("/admin/realms/" + shared + "/users/profile", profile).expect(200);
        return shared;
    }

    private static Map<String, Object> complete() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("enabled", true);
        settings.put("dataCenter", "de");
        settings.put("clientId", CLIENT_ID);
        settings.put("clientSecret", SECRET);
        settings.put("scope", "service_account/accounts/manage service_account/resources/manage");
        settings.put("delegatedScope", "read_write free_busy");
        settings.put("signatureRequired", true);
        settings.put(
                "consumers",
                List.of(Map.of("clientId", "calendar-app", "rights", List.of("member"), "links", List.of("realm"))));
        return settings;
    }

    private static Map<String, Object> with(String member, Object value) {
        Map<String, Object> settings = complete();
        settings.put(member, value);
        return settings;
    }

    private static Map<String, Object> component() {
        Map<String, List<String>> config = new LinkedHashMap<>();
        config.put("dataCenter", List.of("de"));
        config.put("clientId", List.of(CLIENT_ID));
        config.put("clientSecret", List.of(SECRET));
        config.put("consumers", List.of("{\"clientId\": \"calendar-app\", \"rights\": [\"member\"]}"));
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("name", "enterprise-connect");
        component.put("providerId", "enterprise-connect");
        component.put("providerType", COMPONENT_TYPE);
        component.put("config", config);
        return component;
    }

    private static Map<String, Object> component(String key, List<String> values) {
        Map<String, Object> component = component();
        ObjectNode config = (ObjectNode) json(component).get("config");
        ArrayNode array = config.putArray(key);
        values.forEach(array::add);
        component.put("config", config);
        return component;
    }

    private static Map<String, Object> realmWith(String realm, Map<String, Object> component) {
        Map<String, Object> imported = new LinkedHashMap<>(component);
        imported.remove("providerType");
        return Map.of("realm", realm, "enabled", true, "components", Map.of(COMPONENT_TYPE, List.of(imported)));
    }

    private JsonNode test(String realm, @Nullable Object settings) {
        return admin.post(settings(realm) + "/test", settings).expect(200).json();
    }

    private ReceivedRequest onlyTokenRequest() {
        List<ReceivedRequest> requests = simulator.requests("POST", "/oauth/token").stream()
                .filter(request -> CLIENT_ID.equals(request.parameter("client_id")))
                .toList();
        assertThat(requests).hasSize(1);
        return requests.get(0);
    }

    private List<ReceivedRequest> revocations() {
        return simulator.requests("POST", "/oauth/token/revoke").stream()
                .filter(request -> CLIENT_ID.equals(request.parameter("client_id")))
                .toList();
    }

    private void toggle(String realm, boolean enabled) {
        ObjectNode action = (ObjectNode) admin.get(action(realm)).expect(200).json();
        admin.put(action(realm), action.put("enabled", enabled)).expect(204);
    }

    private boolean enabled(String realm) {
        return admin.get(settings(realm)).expect(200).json().get("enabled").asBoolean();
    }

    private ObjectNode profile(String realm) {
        return (ObjectNode) admin.get("/admin/realms/" + realm + "/users/profile")
                .expect(200)
                .json();
    }

    private void assertThatAttributesAreManaged(String realm) {
        ObjectNode profile = profile(realm);
        assertThat(attributeNames(profile)).contains(CREDENTIAL).containsAll(MIRRORS);
        for (JsonNode attribute : attributes(profile, true)) {
            boolean mirror = MIRRORS.contains(attribute.get("name").asText());
            assertThat(attribute.at("/permissions/view")).hasToString(mirror ? "[\"admin\"]" : "[]");
            assertThat(attribute.at("/permissions/edit")).hasToString("[]");
            assertThat(attribute.at("/validations/length/max").asInt()).isEqualTo(mirror ? 0 : 65_536);
        }
    }

    private static List<String> attributeNames(JsonNode profile) {
        return profile.get("attributes").findValuesAsText("name");
    }

    /** The attributes of Enterprise Connect, or the others. */
    private static ArrayNode attributes(ObjectNode profile, boolean own) {
        ArrayNode attributes = profile.arrayNode();
        profile.get("attributes").forEach(attribute -> {
            if (attribute.get("name").asText().startsWith("enterprise-connect.") == own) {
                attributes.add(attribute);
            }
        });
        return attributes;
    }

    private static Map<String, String> fields(JsonNode object) {
        Map<String, String> fields = new LinkedHashMap<>();
        object.properties()
                .forEach(field -> fields.put(field.getKey(), field.getValue().toString()));
        return fields;
    }

    private static JsonNode json(Object value) {
        return new ObjectMapper().valueToTree(value);
    }

    private static String refusal(Answer answer, int status) {
        return answer.expect(status).json().path("errorMessage").asText();
    }

    private static String settings(String realm) {
        return "/admin/realms/" + realm + "/enterprise-connect/settings";
    }

    private static String components(String realm) {
        return "/admin/realms/" + realm + "/components";
    }

    private static String action(String realm) {
        return "/admin/realms/" + realm + "/authentication/required-actions/enterprise-connect";
    }
}
