package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.AddressRealm.Delegated;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An address that an administrator writes, calls verified or has verified. */
class AdministeredAddressIT extends AddressProofScenario {
    AdministeredAddressIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_an_administrator_calls_verified_is_asked_for_where_that_is_proof(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("created");
        String user = realm.user("created", ceo, true);

        Tokens tokens = realm.signIn("created");

        realm.assertAskedWhereFlagSuffices(user, ceo);
        if (proof == Proof.OWNER) {
            realm.assertDenied(tokens, "address_not_proven");
        }
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_came_by_a_partial_import_is_asked_for_where_the_flag_is_proof(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("imported");
        admin.post(
                        "/admin/realms/" + realm.connected().name() + "/partialImport",
                        Map.of(
                                "ifResourceExists",
                                "FAIL",
                                "users",
                                List.of(Map.of(
                                        "username",
                                        "imported",
                                        "email",
                                        ceo,
                                        "emailVerified",
                                        true,
                                        "enabled",
                                        true,
                                        "firstName",
                                        "imported",
                                        "lastName",
                                        "Test",
                                        "credentials",
                                        List.of(Map.of("type", "password", "value", ConnectedRealm.PASSWORD))))))
                .expect(200);

        realm.signIn("imported");

        realm.assertAskedWhereFlagSuffices(realm.id("imported"), ceo);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_delegation_whose_address_is_no_longer_called_verified_rests_until_it_is_again(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated member = realm.delegated("doubted");

        realm.update(member.id(), Map.of("emailVerified", false));
        realm.assertDenied(member.tokens(), "email_not_verified");
        realm.assertNotRevoked(member);

        realm.update(member.id(), Map.of("emailVerified", true));
        realm.assertServed(member.tokens(), member.mailbox());
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_mail_by_which_an_administrator_asks_for_a_new_password_only_sets_the_flag(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("renewing");
        String user = realm.user("renewing", ceo, false);
        realm.requestActions(user, "UPDATE_PASSWORD");
        Browser browser = new Browser();

        renewPassword(browser, mail.follow(browser, ceo));
        realm.signIn("renewing");

        realm.assertVerified(user, true);
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    /** Keycloak lets nobody know that the link was clicked, and would say the same if no mail had been sent at all. */
    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_mail_by_which_an_administrator_asks_for_several_actions_only_sets_the_flag(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("requested");
        String user = realm.user("requested", ceo, false);
        realm.requestActions(user, "VERIFY_EMAIL");

        mail.follow(new Browser(), ceo);
        realm.signIn("requested");

        realm.assertVerified(user, true);
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_mail_by_which_an_administrator_has_an_address_verified_proves_it(Proof proof) {
        AddressRealm realm = realm(proof);
        String address = realm.address("asked-to-verify");
        String user = realm.user("asked-to-verify", address, false);

        realm.prove(user, address);
        realm.signIn("asked-to-verify");

        realm.assertAsked(user, address);
    }
}
