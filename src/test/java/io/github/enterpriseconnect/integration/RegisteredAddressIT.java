package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.AddressRealm.Delegated;
import io.github.enterpriseconnect.integration.AddressRealm.Evidence;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Form;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An address that somebody registers with, alone or on the way into an organization. */
class RegisteredAddressIT extends AddressProofScenario {
    RegisteredAddressIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_was_only_registered_is_not_asked_for(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("registered");

        assertLanded(realm, register(realm, new Browser(), "registered", ceo));
        realm.signIn("registered");

        realm.assertNotAsked(realm.id("registered"), ceo, "email_not_verified");
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_registered_address_is_asked_for_when_the_link_in_its_mail_was_clicked(Proof proof) {
        AddressRealm realm = realm(proof);
        String address = realm.address("clicked");
        Browser browser = new Browser();

        realm.whileOn("verifyEmail", () -> {
            assertThat(register(realm, browser, "clicked", address).text()).contains(address);
            String user = realm.id("clicked");
            realm.assertNotAsked(user, address, "email_not_verified");
            assertLanded(realm, renewPassword(browser, mail.follow(browser, address)));

            realm.signIn("clicked");

            realm.assertAsked(user, address);
        });
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_registered_address_is_not_asked_for_while_nobody_clicked_the_link_in_its_mail(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("unclicked");

        realm.whileOn("verifyEmail", () -> {
            Browser browser = new Browser();
            register(realm, browser, "unclicked", ceo);
            browser.open(realm.connected().consumer().authorizationRequest(Map.of()));
        });

        assertThat(mail.mails(ceo)).isPositive();
        realm.assertNotAsked(realm.id("unclicked"), ceo, "email_not_verified");
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_mail_to_the_address_of_before_proves_nothing_about_the_one_of_now(Proof proof) {
        AddressRealm realm = realm(proof);
        String own = "stale@attacker.test";
        String ceo = realm.address("stale");
        String user = realm.user("stale", own, false);
        admin.put("/admin/realms/" + realm.connected().name() + "/users/" + user + "/send-verify-email", null)
                .expect(204);
        realm.changeAccount(new Delegated(user, "stale", own, realm.signIn("stale"), "", 0), ceo);

        mail.follow(new Browser(), own);
        realm.signIn("stale");

        realm.assertNotAsked(user, ceo, "email_not_verified");
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_registered_user_with_a_proven_address_is_asked_for_as_soon_as_he_is_a_member(Proof proof) {
        AddressRealm realm = organization(proof);
        String address = realm.address("joining");
        Browser browser = new Browser();
        realm.whileOn("verifyEmail", () -> {
            register(realm, browser, "joining", address);
            assertLanded(realm, renewPassword(browser, mail.follow(browser, address)));
        });
        String user = realm.id("joining");
        realm.signIn("joining");
        realm.assertNotAsked(user, address, "not_linked");

        realm.join(user);
        realm.signIn("joining");

        realm.assertAsked(user, address);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_registered_member_whom_an_administrator_calls_verified_is_asked_for_where_that_is_proof(Proof proof) {
        AddressRealm realm = organization(proof);
        String ceo = realm.address("believed");
        assertLanded(realm, register(realm, new Browser(), "believed", ceo));
        String user = realm.id("believed");
        realm.join(user);
        realm.signIn("believed");
        realm.assertNotAsked(user, ceo, "email_not_verified");

        realm.update(user, Map.of("emailVerified", true));
        realm.signIn("believed");

        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_mail_that_invites_to_an_organization_proves_nothing(Proof proof) {
        AddressRealm realm = organization(proof);
        String ceo = realm.address("invited");
        realm.invite(ceo);
        Browser browser = new Browser();
        Form form = mail.follow(browser, ceo)
                .formAskingFor("password-confirm")
                .with("password", ConnectedRealm.PASSWORD)
                .with("password-confirm", ConnectedRealm.PASSWORD)
                .with("firstName", "invited")
                .with("lastName", "Test");

        browser.submit(form.asksFor("username") ? form.with("username", "invited") : form);
        realm.signIn("invited");

        String user = realm.id("invited");
        realm.assertNotAsked(user, ceo, "email_not_verified");
        realm.update(user, Map.of("emailVerified", true));
        realm.signIn("invited");
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_a_member_of_an_organization_changed_is_asked_for_when_it_was_verified(Proof proof) {
        AddressRealm realm = organization(proof);
        Delegated member = realm.delegated("member");
        String next = realm.address("member-next");

        realm.assertStartsAnew(member, next, Evidence.NONE, () -> realm.changeAccount(member, next));
    }
}
