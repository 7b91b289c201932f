package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.AddressRealm.Delegated;
import io.github.enterpriseconnect.integration.AddressRealm.Evidence;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.ScimClient;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who provisions users by SCIM writes their addresses as an administrator does, except that Keycloak's flag is out of
 * reach and stays as it was when the address changes.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScimAddressIT {
    private final Simulator simulator;
    private final KeycloakServer server;
    private final AdminClient admin;
    private final MailServer mail = MailServer.start();
    private final Map<Proof, AddressRealm> realms = new EnumMap<>(Proof.class);
    private final Map<Proof, ScimClient> clients = new EnumMap<>(Proof.class);

    ScimAddressIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.simulator = simulator;
        this.server = server;
        this.admin = admin;
    }

    private AddressRealm realm(Proof proof) {
        return realms.computeIfAbsent(
                proof, key -> AddressRealm.create(server, admin, simulator, mail, ScimAddressIT.class, key, Map.of()));
    }

    private ScimClient scim(Proof proof) {
        String realm = realm(proof).connected().name();
        return clients.computeIfAbsent(proof, key -> ScimClient.create(server, admin, realm));
    }

    @AfterAll
    void nothing_else_has_come_to_cronofy() {
        try {
            realms.values().forEach(AddressRealm::assertNothingElse);
        } finally {
            mail.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_of_a_new_user_is_asked_for_when_it_was_verified(Proof proof) {
        AddressRealm realm = realm(proof);
        String address = realm.address("new");
        String user = scim(proof).create("new", address);
        realm.setPassword(user);

        realm.signIn("new");

        realm.assertNotAsked(user, address, "email_not_verified");
        realm.prove(user, address);
        realm.signIn("new");
        realm.assertAsked(user, address);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_of_a_new_user_that_an_administrator_calls_verified_is_asked_for_where_that_is_proof(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("flagged");
        String user = scim(proof).create("flagged", ceo);
        realm.setPassword(user);
        realm.update(user, Map.of("emailVerified", true));

        realm.signIn("flagged");

        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_was_replaced_with_the_user_is_asked_for_where_the_flag_is_proof(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated member = realm.delegated("replaced");
        String next = realm.address("replaced-next");

        realm.assertStartsAnew(
                member, next, Evidence.FLAG, () -> scim(proof).replace(member.id(), member.username(), next));
        realm.assertVerified(member.id(), true);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_was_patched_is_asked_for_where_the_flag_is_proof(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated member = realm.delegated("patched");
        String next = realm.address("patched-next");

        realm.assertStartsAnew(
                member, next, Evidence.FLAG, () -> scim(proof).patch(member.id(), "emails", ScimClient.emails(next)));
        realm.assertVerified(member.id(), true);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_comes_back_is_to_be_proven_anew(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated member = realm.delegated("back");
        realm.assertEnds(
                member, () -> scim(proof).patch(member.id(), "emails", ScimClient.emails("back@elsewhere.test")));

        scim(proof).patch(member.id(), "emails", ScimClient.emails(member.mailbox()));
        Tokens tokens = realm.signIn("back");

        if (proof == Proof.OWNER) {
            realm.assertDenied(tokens, "address_not_proven");
            realm.assertAsks(member.mailbox(), 1);
        } else {
            realm.assertAskedAgain(member.id(), member.mailbox());
        }
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_member_who_is_deactivated_is_no_longer_delegated(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated member = realm.delegated("deactivated");

        realm.assertEnds(member, () -> scim(proof).patch(member.id(), "active", false));

        realm.assertSignedOut(member.tokens());
    }
}
