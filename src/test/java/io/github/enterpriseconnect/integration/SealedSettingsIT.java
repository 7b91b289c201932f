package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Database;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the database has of settings, which Keycloak shows in clear when our JAR is away, and what a key's end means. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SealedSettingsIT {
    private static final String COMPONENT_TYPE = "io.github.enterpriseconnect.SettingsProvider";
    private static final String MASK = "**********";
    private static final String SEALED = "sealed:[\\w-]+\\.[\\w-]*\\.[\\w-]+\\.[\\w-]+\\.[\\w-]+";

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final Database database = Database.start();
    private final KeycloakServer server =
            ConnectedRealm.server(simulator).options(database.options()).start();
    private final AdminClient admin = AdminClient.of(server);

    @AfterAll
    void stop() {
        server.close();
        database.close();
        simulator.close();
    }

    @Test
    void the_secret_is_sealed_at_once_however_an_administrator_writes_it() {
        ConnectedRealm realm = connected();
        String first = kept(realm.name());
        assertThat(first).matches(SEALED);

        ObjectNode component = component(realm.name());
        admin.put(component(realm.name(), component), component).expect(204);
        assertThat(kept(realm.name())).isEqualTo(first);

        component.withObject("/config").putArray("clientSecret").add(ConnectedRealm.APPLICATION_SECRET);
        admin.put(component(realm.name(), component), component).expect(204);
        assertThat(kept(realm.name())).matches(SEALED).isNotEqualTo(first);

        admin.delete(component(realm.name(), component)).expect(204);
        admin.post(components(realm.name()), imported(ConnectedRealm.APPLICATION_SECRET, Map.of()))
                .expect(201);
        assertThat(kept(realm.name())).matches(SEALED);
        assertAccepted(realm.name());
    }

    @Test
    void the_next_secret_of_a_rotation_is_sealed_like_it_and_takes_its_place_as_it_is() {
        ConnectedRealm realm = connected();
        Map<String, Object> settings = new LinkedHashMap<>(realm.settings());
        settings.put("nextClientSecret", ConnectedRealm.APPLICATION_SECRET + "-next");
        admin.put(realm.api("settings"), settings).expect(204);
        assertThat(keptNext(realm.name())).matches(SEALED);
        assertThat(warnings(realm.name())).containsExactly("client_secret_rotating");

        ObjectNode component = component(realm.name());
        assertThat(component.at("/config/nextClientSecret/0").asText()).isEqualTo(MASK);
        String before = keptNext(realm.name());
        admin.put(component(realm.name(), component), component).expect(204);
        assertThat(keptNext(realm.name())).isEqualTo(before);
        admin.deleteRealm(realm.name());

        String imported = realmWith(
                imported("a former secret", Map.of("nextClientSecret", List.of(ConnectedRealm.APPLICATION_SECRET))));
        assertThat(kept(imported)).matches(SEALED);
        String next = keptNext(imported);
        assertThat(next).matches(SEALED);
        assertAccepted(imported);
        admin.post("/admin/realms/" + imported + "/enterprise-connect/settings/rotation", null)
                .expect(204);
        assertThat(kept(imported)).isEqualTo(next);
        assertAccepted(imported);
        admin.deleteRealm(imported);
    }

    private String keptNext(String realm) {
        return database.text(SELECT.replace("'clientSecret'", "'nextClientSecret'"), realm);
    }

    @Test
    void a_realm_file_may_bring_the_secret_in_clear_and_the_server_seals_it_without_a_save() {
        String realm = realmWith(imported(ConnectedRealm.APPLICATION_SECRET, Map.of()));

        assertThat(kept(realm)).matches(SEALED);
        assertAccepted(realm);
        admin.deleteRealm(realm);
    }

    @Test
    void what_another_program_wrote_in_clear_is_sealed_before_its_first_use() {
        ConnectedRealm realm = connected();
        write(realm.name(), ConnectedRealm.APPLICATION_SECRET);

        realm.depart(new Browser(), realm.invite("realm"));

        assertThat(kept(realm.name())).matches(SEALED);
        admin.deleteRealm(realm.name());
    }

    @Test
    void what_an_older_version_left_in_clear_is_sealed_at_the_start() {
        ConnectedRealm realm = connected();
        ConnectedRealm vault = connected();
        write(realm.name(), ConnectedRealm.APPLICATION_SECRET);
        write(vault.name(), "${vault.cronofy}");

        server.restart();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(kept(realm.name())).matches(SEALED));
        assertThat(kept(vault.name())).isEqualTo("${vault.cronofy}");
        assertAccepted(realm.name());
        admin.deleteRealm(realm.name());
        admin.deleteRealm(vault.name());
    }

    @Test
    void a_secret_whose_key_is_switched_off_is_withheld_and_one_whose_key_is_gone_must_be_entered_again() {
        ConnectedRealm realm = connected();
        assertThat(warnings(realm.name())).isEmpty();
        ObjectNode key = aesKey(realm.name());

        key.withObject("/config").putArray("enabled").add("false");
        admin.put(component(realm.name(), key), key).expect(204);
        assertThat(warnings(realm.name())).containsExactly("client_secret_withheld");
        key.withObject("/config").putArray("enabled").add("true");
        admin.put(component(realm.name(), key), key).expect(204);
        assertThat(warnings(realm.name())).isEmpty();
        assertAccepted(realm.name());

        admin.delete(component(realm.name(), key)).expect(204);
        assertThat(warnings(realm.name())).containsExactly("client_secret_lost");
        assertThat(status(realm.name()).get("configured").asBoolean()).isFalse();
        assertThat(admin.post(realm.api("settings/test"), null).expect(400).text())
                .contains("enter the secret again");

        admin.put(realm.api("settings"), realm.settings()).expect(204);
        assertThat(warnings(realm.name())).isEmpty();
        assertAccepted(realm.name());
        admin.deleteRealm(realm.name());
    }

    @Test
    void a_sealed_secret_comes_back_into_its_own_realm_and_is_told_from_one_of_another() {
        ConnectedRealm realm = connected();
        String sealed = kept(realm.name());
        ObjectNode component = component(realm.name());
        admin.delete(component(realm.name(), component)).expect(204);

        admin.post(components(realm.name()), imported(sealed, Map.of())).expect(201);
        assertThat(kept(realm.name())).isEqualTo(sealed);
        assertThat(warnings(realm.name())).isEmpty();
        assertAccepted(realm.name());

        String other = realmWith(imported(sealed, Map.of()));
        assertThat(warnings(other)).containsExactly("client_secret_lost");
        assertThat(server.logText()).contains("the client secret of realm " + other + " is sealed under a key that");
        Map<String, Object> settings = new LinkedHashMap<>(realm.settings());
        settings.put("clientSecret", sealed.replace("sealed:e", "sealed:f"));
        assertThat(admin.put(realm.api("settings"), settings).expect(400).text())
                .contains("clientSecret is sealed under a key that this realm does not have");
        admin.deleteRealm(realm.name());
        admin.deleteRealm(other);
    }

    @Test
    void a_mask_in_place_of_the_next_secret_never_becomes_the_secret() {
        String realm =
                realmWith(imported(ConnectedRealm.APPLICATION_SECRET, Map.of("nextClientSecret", List.of(MASK))));
        String api = "/admin/realms/" + realm + "/enterprise-connect/settings";
        String before = kept(realm);

        assertThat(admin.post(api + "/rotation", null).expect(409).text()).contains("no nextClientSecret is set");

        assertThat(kept(realm)).isEqualTo(before).matches(SEALED);
        assertAccepted(realm);
        admin.put(api, admin.get(api).expect(200).json()).expect(204);
        admin.post(api + "/rotation", null).expect(409);
        assertAccepted(realm);
        admin.deleteRealm(realm);
    }

    @Test
    void a_mask_from_a_partial_export_is_no_secret() {
        simulator.clearRequests();
        String realm = realmWith(imported(MASK, Map.of()));
        String api = "/admin/realms/" + realm + "/enterprise-connect/";

        assertThat(server.logText().lines())
                .filteredOn(
                        line -> line.contains("the settings of realm " + realm + " have a mask in place of the client"))
                .hasSize(1)
                .allMatch(line -> line.contains("WARN"));
        assertThat(warnings(realm)).containsExactly("client_secret_missing");
        assertThat(status(realm).get("configured").asBoolean()).isFalse();
        JsonNode read = admin.get(api + "settings").expect(200).json();
        assertThat(read.has("clientSecret")).isFalse();
        assertThat(admin.put(api + "settings", read).expect(400).text())
                .contains("clientSecret must be the client secret from Cronofy's developer dashboard");
        assertThat(admin.post(api + "links/realm/invitations", Map.of())
                        .expect(409)
                        .text())
                .contains("no client secret, only a mask");
        assertThat(simulator.requests()).isEmpty();

        admin.put(api + "settings", ((ObjectNode) read).put("clientSecret", ConnectedRealm.APPLICATION_SECRET))
                .expect(204);
        assertThat(warnings(realm)).isEmpty();
        assertAccepted(realm);
        admin.deleteRealm(realm);
    }

    @Test
    void what_a_newer_version_wrote_is_kept_and_named_and_a_slip_is_refused() {
        String consumer = "{\"clientId\":\"calendar-app\",\"rights\":[\"member\",\"directory2\"],\"mood\":\"good\"}";
        String realm = realmWith(imported(
                ConnectedRealm.APPLICATION_SECRET, Map.of("colour", List.of("blue"), "consumers", List.of(consumer))));
        String api = "/admin/realms/" + realm + "/enterprise-connect/";

        assertThat(warnings(realm)).containsExactly("unknown_settings");
        assertThat(status(realm).at("/warnings/0/names"))
                .hasToString(
                        "[\"colour\",\"consumers[calendar-app].mood\",\"consumers[calendar-app].rights.directory2\"]");

        ObjectNode read = (ObjectNode) admin.get(api + "settings").expect(200).json();
        ((ObjectNode) read.at("/consumers/0")).remove("mood");
        admin.put(api + "settings", read).expect(204);
        assertThat(warnings(realm)).containsExactly("unknown_settings");
        assertThat(status(realm).at("/warnings/0/names")).hasSize(3);

        assertThat(refused(api, read.deepCopy().put("clientID", "x")))
                .startsWith("clientID is not a setting; did you mean clientId?");
        ObjectNode slip = read.deepCopy();
        ((ObjectNode) slip.at("/consumers/0")).putArray("link").add("realm");
        assertThat(refused(api, slip)).isEqualTo("consumers[calendar-app].link is not known; did you mean links?");
        admin.deleteRealm(realm);
    }

    private String refused(String api, JsonNode settings) {
        return admin.put(api + "settings", settings)
                .expect(400)
                .json()
                .get("errorMessage")
                .asText();
    }

    private ConnectedRealm connected() {
        ConnectedRealm realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(getClass()), false);
        narrow(realm.name());
        return realm;
    }

    /** What other tests warn of. */
    private void narrow(String realm) {
        for (JsonNode policy : admin.components(realm)) {
            if (policy.path("providerId").asText().equals("allowed-protocol-mappers")) {
                ((ObjectNode) policy)
                        .putObject("config")
                        .putArray("allowed-protocol-mapper-types")
                        .add("oidc-full-name-mapper");
                admin.put(component(realm, policy), policy).expect(204);
            }
        }
    }

    private String realmWith(Map<String, Object> component) {
        String realm = AdminClient.newRealmName(getClass());
        Map<String, Object> brought = new LinkedHashMap<>(component);
        brought.remove("providerType");
        admin.importRealm(Answer.write(
                Map.of("realm", realm, "enabled", true, "components", Map.of(COMPONENT_TYPE, List.of(brought)))));
        return realm;
    }

    private static Map<String, Object> imported(String secret, Map<String, List<String>> more) {
        Map<String, List<String>> config = new LinkedHashMap<>();
        config.put("dataCenter", List.of("de"));
        config.put("clientId", List.of(ConnectedRealm.APPLICATION_ID));
        config.put("clientSecret", List.of(secret));
        config.putAll(more);
        return Map.of(
                "name",
                "enterprise-connect",
                "providerId",
                "enterprise-connect",
                "providerType",
                COMPONENT_TYPE,
                "config",
                config);
    }

    private static String components(String realm) {
        return "/admin/realms/" + realm + "/components";
    }

    private static String component(String realm, JsonNode component) {
        return components(realm) + "/" + component.get("id").asText();
    }

    private ObjectNode component(String realm) {
        return (ObjectNode) admin.get(components(realm) + "?type=" + COMPONENT_TYPE)
                .expect(200)
                .json()
                .get(0);
    }

    private ObjectNode aesKey(String realm) {
        for (JsonNode key : admin.components(realm)) {
            if (key.path("providerId").asText().equals("aes-generated")) {
                return (ObjectNode) key;
            }
        }
        throw new AssertionError("the realm has no AES key");
    }

    private JsonNode status(String realm) {
        return admin.get("/admin/realms/" + realm + "/enterprise-connect/status")
                .expect(200)
                .json();
    }

    private Set<String> warnings(String realm) {
        Set<String> codes = new TreeSet<>();
        status(realm)
                .get("warnings")
                .forEach(warning -> codes.add(warning.get("code").asText()));
        return codes;
    }

    private void assertAccepted(String realm) {
        assertThat(admin.post("/admin/realms/" + realm + "/enterprise-connect/settings/test", null)
                        .expect(200)
                        .json()
                        .get("ok")
                        .asBoolean())
                .isTrue();
    }

    /** What the database has. */
    private String kept(String realm) {
        return database.text(SELECT, realm);
    }

    private static final String SELECT = "select cc.\"VALUE\" from COMPONENT_CONFIG cc join COMPONENT c on c.ID ="
            + " cc.COMPONENT_ID join REALM r on r.ID = c.REALM_ID where r.NAME = ? and cc.NAME = 'clientSecret' and"
            + " c.PROVIDER_ID = 'enterprise-connect'";

    /** As another program does that shares the database. */
    private void write(String realm, String secret) {
        database.update(
                "update COMPONENT_CONFIG set \"VALUE\" = ? where ID in (" + SELECT.replace("cc.\"VALUE\"", "cc.ID")
                        + ")",
                secret,
                realm);
        admin.post("/admin/realms/" + realm + "/clear-realm-cache", null).expect(204);
    }
}
