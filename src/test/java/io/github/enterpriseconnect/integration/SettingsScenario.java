package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A realm with complete settings before each test, and what is needed to read and to change them. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SettingsScenario {
    static final String COMPONENT_TYPE = "io.github.enterpriseconnect.SettingsProvider";
    static final String SECRET = "planted-settings-secret";
    static final String MASK = "**********";
    static final String CREDENTIAL = "enterprise-connect.credential";
    static final List<String> MIRRORS = List.of("enterprise-connect.state", "enterprise-connect.link");
    static final Duration SWEEPS = Duration.ofMinutes(3);

    final KeycloakServer server;
    final AdminClient admin;
    final Simulator simulator;
    final String clientId;
    final ConnectedRealm connected;
    final String shared;
    final RealmAdministrators administrators;

    SettingsScenario(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.clientId = "own-" + simulator.clientId();
        connected = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(getClass()), false);
        shared = connected.name();
        administrators = new RealmAdministrators(server, admin, shared);
    }

    @BeforeEach
    void writeCompleteSettings() {
        simulator.addApplication(clientId, SECRET);
        admin.put(settings(shared) + "?force=true", complete()).expect(204);
        simulator.clearRequests();
    }

    @AfterEach
    void mendTheSimulatorAndUnlink() {
        simulator.clearFaults();
        JsonNode link = connected.link("realm");
        if (link.has("serviceAccount")) {
            admin.delete(connected.api("links/realm")).expect(204);
            await().atMost(SWEEPS)
                    .until(() -> !simulator.isLive(link.get("serviceAccount").asText()));
        }
    }

    /** The realm without settings, switched off, and without the managed attributes, as a new one is. */
    String blank() {
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

    Map<String, Object> complete() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("enabled", true);
        settings.put("dataCenter", "de");
        settings.put("clientId", clientId);
        settings.put("clientSecret", SECRET);
        settings.put("scope", "service_account/accounts/manage service_account/resources/manage");
        settings.put("delegatedScope", "read_write free_busy");
        settings.put("signatureRequired", true);
        settings.put("watchServiceAccounts", true);
        settings.put("watchProfiles", true);
        settings.put(
                "consumers",
                List.of(Map.of("clientId", "calendar-app", "rights", List.of("member"), "links", List.of("realm"))));
        return settings;
    }

    Map<String, Object> with(String member, Object value) {
        Map<String, Object> settings = complete();
        settings.put(member, value);
        return settings;
    }

    Map<String, Object> component() {
        Map<String, List<String>> config = new LinkedHashMap<>();
        config.put("dataCenter", List.of("de"));
        config.put("clientId", List.of(clientId));
        config.put("clientSecret", List.of(SECRET));
        config.put("consumers", List.of("{\"clientId\": \"calendar-app\", \"rights\": [\"member\"]}"));
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("name", "enterprise-connect");
        component.put("providerId", "enterprise-connect");
        component.put("providerType", COMPONENT_TYPE);
        component.put("config", config);
        return component;
    }

    Map<String, Object> component(String key, List<String> values) {
        Map<String, Object> component = component();
        ObjectNode config = (ObjectNode) json(component).get("config");
        ArrayNode array = config.putArray(key);
        values.forEach(array::add);
        component.put("config", config);
        return component;
    }

    JsonNode test(String realm, @Nullable Object settings) {
        return admin.post(settings(realm) + "/test", settings).expect(200).json();
    }

    ReceivedRequest onlyTokenRequest() {
        List<ReceivedRequest> requests = simulator.requests("POST", "/oauth/token").stream()
                .filter(request -> clientId.equals(request.parameter("client_id")))
                .toList();
        assertThat(requests).hasSize(1);
        return requests.get(0);
    }

    void toggle(String realm, boolean enabled) {
        ObjectNode action = (ObjectNode) admin.get(action(realm)).expect(200).json();
        admin.put(action(realm), action.put("enabled", enabled)).expect(204);
    }

    boolean enabled(String realm) {
        return admin.get(settings(realm)).expect(200).json().get("enabled").asBoolean();
    }

    ObjectNode profile(String realm) {
        return (ObjectNode) admin.get("/admin/realms/" + realm + "/users/profile")
                .expect(200)
                .json();
    }

    void assertThatAttributesAreManaged(String realm) {
        ObjectNode profile = profile(realm);
        assertThat(attributeNames(profile)).contains(CREDENTIAL).containsAll(MIRRORS);
        for (JsonNode attribute : attributes(profile, true)) {
            boolean mirror = MIRRORS.contains(attribute.get("name").asText());
            assertThat(attribute.at("/permissions/view")).hasToString(mirror ? "[\"admin\"]" : "[]");
            assertThat(attribute.at("/permissions/edit")).hasToString("[]");
            assertThat(attribute.at("/validations/length/max").asInt()).isEqualTo(mirror ? 0 : 65_536);
        }
    }

    static List<String> attributeNames(JsonNode profile) {
        return profile.get("attributes").findValuesAsText("name");
    }

    /** The attributes of Enterprise Connect, or the others. */
    static ArrayNode attributes(ObjectNode profile, boolean own) {
        ArrayNode attributes = profile.arrayNode();
        profile.get("attributes").forEach(attribute -> {
            if (attribute.get("name").asText().startsWith("enterprise-connect.") == own) {
                attributes.add(attribute);
            }
        });
        return attributes;
    }

    static JsonNode json(Object value) {
        return new ObjectMapper().valueToTree(value);
    }

    static String refusal(Answer answer, int status) {
        return answer.expect(status).json().path("errorMessage").asText();
    }

    static String settings(String realm) {
        return "/admin/realms/" + realm + "/enterprise-connect/settings";
    }

    static String components(String realm) {
        return "/admin/realms/" + realm + "/components";
    }

    static String action(String realm) {
        return "/admin/realms/" + realm + "/authentication/required-actions/enterprise-connect";
    }
}
