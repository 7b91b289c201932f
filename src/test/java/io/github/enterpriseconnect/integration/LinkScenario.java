package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Organizations of one realm that are to be linked, each with an application of our own at Cronofy. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LinkScenario {
    static final String SECRET = "planted-link-secret";
    static final Duration SWEEPS = Duration.ofMinutes(3);

    final KeycloakServer server;
    final AdminClient admin;
    final Simulator simulator;
    final String clientId;
    final ConnectedRealm realm;
    final RealmAdministrators administrators;
    int organizations;

    LinkScenario(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.clientId = "own-" + simulator.clientId();
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(getClass()), true);
        this.administrators = new RealmAdministrators(server, admin, realm.name());
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of(
                                "adminEventsEnabled",
                                true,
                                "adminEventsDetailsEnabled",
                                true,
                                "internationalizationEnabled",
                                true,
                                "supportedLocales",
                                List.of("en", "de"),
                                "defaultLocale",
                                "en"))
                .expect(204);
    }

    @BeforeEach
    void useAnApplicationOfOurOwn() {
        simulator.addApplication(clientId, SECRET);
        admin.put(realm.api("settings"), settings()).expect(204);
        simulator.clearRequests();
    }

    @AfterEach
    void mendTheSimulator() {
        simulator.clearFaults();
        simulator.change(Switch.AUTHORIZE, Switch.AUTHORIZE.initial());
        simulator.change(Switch.AUTHORIZE_ERROR_DESCRIPTION, Switch.AUTHORIZE_ERROR_DESCRIPTION.initial());
        simulator.change(Switch.REAUTHORIZATION, Switch.REAUTHORIZATION.initial());
    }

    record Organization(String id, String name, String domain) {}

    /** An organization that no other test knows, with one domain. */
    Organization organization() {
        organizations++;
        String name = "link" + organizations;
        String domain = name + ".link.test";
        return new Organization(realm.organization(name, domain), name, domain);
    }

    Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(realm.settings());
        settings.put("clientId", clientId);
        settings.put("clientSecret", SECRET);
        return settings;
    }

    static Page approve(Browser browser, Page consent, Organization organization) {
        return browser.submit(consent.formAskingFor("domain")
                .with("domain", organization.domain())
                .press("approve"));
    }

    JsonNode invitations(Organization organization) {
        return admin.get(realm.api("links/" + organization.id() + "/invitations"))
                .expect(200)
                .json();
    }

    void assertUntouched(Organization organization) {
        JsonNode link = realm.link(organization.id());
        assertThat(link.get("state").asText()).isEqualTo("unlinked");
        assertThat(link.get("domains")).isEmpty();
        assertThat(link.has("serviceAccount")).isFalse();
    }

    List<ReceivedRequest> exchanges() {
        return simulator.requests("POST", "/oauth/token").stream()
                .filter(request ->
                        clientId.equals(request.parameter("client_id")) && request.parameter("redirect_uri") != null)
                .toList();
    }

    ReceivedRequest onlyExchange() {
        assertThat(exchanges()).hasSize(1);
        return exchanges().get(0);
    }

    List<ReceivedRequest> revocations() {
        return simulator.requests("POST", "/oauth/token/revoke").stream()
                .filter(request -> clientId.equals(request.parameter("client_id")))
                .toList();
    }

    static String ticket(URI invitation) {
        return invitation.getPath().substring(invitation.getPath().lastIndexOf('/') + 1);
    }
}
