package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.AuthorizationRequest;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Form;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Realms for each kind of proof, whose members get addresses in one way or another; nothing else may come to Cronofy.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AddressProofScenario {
    final KeycloakServer server;
    final AdminClient admin;
    final Simulator simulator;
    final MailServer mail = MailServer.start();
    final Map<Proof, AddressRealm> realms = new EnumMap<>(Proof.class);
    final Map<Proof, AddressRealm> sharing = new EnumMap<>(Proof.class);
    final Map<Proof, AddressRealm> organizations = new EnumMap<>(Proof.class);

    AddressProofScenario(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
    }

    AddressRealm realm(Proof proof) {
        return realms.computeIfAbsent(
                proof, key -> create(key, Map.of("registrationAllowed", true, "resetPasswordAllowed", true)));
    }

    AddressRealm sharing(Proof proof) {
        return sharing.computeIfAbsent(
                proof, key -> create(key, Map.of("duplicateEmailsAllowed", true, "loginWithEmailAllowed", false)));
    }

    AddressRealm organization(Proof proof) {
        return organizations.computeIfAbsent(
                proof,
                key -> AddressRealm.withOrganization(
                        server, admin, simulator, mail, getClass(), key, Map.of("registrationAllowed", true)));
    }

    AddressRealm create(Proof proof, Map<String, ?> settings) {
        return AddressRealm.create(server, admin, simulator, mail, getClass(), proof, settings);
    }

    @AfterAll
    void nothing_else_has_come_to_cronofy() {
        try {
            realms.values().forEach(AddressRealm::assertNothingElse);
            sharing.values().forEach(AddressRealm::assertNothingElse);
            organizations.values().forEach(AddressRealm::assertNothingElse);
        } finally {
            mail.close();
        }
    }

    /**
     * Registers in a browser and gives what comes then; a realm that verifies addresses wants the password only later.
     */
    static Page register(AddressRealm realm, Browser browser, String username, String email) {
        Page login = browser.open(realm.connected().consumer().authorizationRequest(Map.of()));
        Form form = browser.open(login.link("Register"))
                .formAskingFor("firstName")
                .with("username", username)
                .with("email", email)
                .with("firstName", username)
                .with("lastName", "Test");
        return browser.submit(
                form.asksFor("password")
                        ? form.with("password", ConnectedRealm.PASSWORD)
                                .with("password-confirm", ConnectedRealm.PASSWORD)
                        : form);
    }

    static void assertLanded(AddressRealm realm, Page page) {
        assertThat(page.uri().toString())
                .as("%s", page)
                .startsWith(realm.connected().consumer().redirectUri().toString())
                .contains("code=");
    }

    /** Signs in to do this action, as the account console has people do. */
    static Page initiate(AddressRealm realm, Browser browser, String action, String username) {
        AuthorizationRequest request = realm.connected().consumer().authorizationRequest(Map.of("kc_action", action));
        return browser.enterCredentials(browser.open(request), username, ConnectedRealm.PASSWORD);
    }

    static Page renewPassword(Browser browser, Page page) {
        return browser.submit(page.formAskingFor("password-new")
                .with("password-new", ConnectedRealm.PASSWORD)
                .with("password-confirm", ConnectedRealm.PASSWORD));
    }
}
