package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.AddressRealm.Delegated;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An address that two people have, at once or one after the other. */
class SharedAddressIT extends AddressProofScenario {
    SharedAddressIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_two_users_share_is_asked_for_for_neither(Proof proof) {
        AddressRealm realm = sharing(proof);
        String shared = realm.address("shared");
        String first = realm.user("shared", shared, proof == Proof.KEYCLOAK);
        String second = realm.user("sharer", shared, proof == Proof.KEYCLOAK);
        if (proof == Proof.OWNER) {
            realm.prove(first, shared);
            realm.prove(second, shared);
        }

        realm.signIn("shared");
        realm.signIn("sharer");

        realm.assertNotAsked(first, shared, "email_shared");
        realm.assertNotAsked(second, shared, "email_shared");
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_delegation_rests_while_a_second_user_has_the_address(Proof proof) {
        AddressRealm realm = sharing(proof);
        Delegated member = realm.delegated("first");
        String second = realm.user("second", member.mailbox(), true);

        Tokens intruder = realm.signIn("second");

        realm.assertDenied(intruder, "email_shared");
        realm.assertDenied(member.tokens(), "email_shared");
        realm.assertNotRevoked(member);

        realm.remove(second);
        realm.assertServed(member.tokens(), member.mailbox());
        realm.assertNotRevoked(member);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_passes_to_somebody_else_by_a_change_carries_nothing_over(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated former = realm.delegated("former");

        realm.assertEnds(
                former,
                () -> realm.update(former.id(), Map.of("email", "former@elsewhere.test", "emailVerified", true)));

        assertThatTheAddressStartsAnew(realm, former, "latter");
        realm.assertNotServed(former.tokens());
        realm.assertNotServed(realm.signIn("former"));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_passes_to_somebody_else_by_a_removal_carries_nothing_over(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated removed = realm.delegated("removed");

        realm.assertEnds(removed, () -> realm.remove(removed.id()));

        realm.assertSignedOut(removed.tokens());
        assertThatTheAddressStartsAnew(realm, removed, "successor");
    }

    /** The next user of the address has to prove it himself and gets a delegation of his own. */
    private static void assertThatTheAddressStartsAnew(AddressRealm realm, Delegated former, String name) {
        String user = realm.user(name, former.mailbox(), realm.proof() == Proof.KEYCLOAK);
        if (realm.proof() == Proof.OWNER) {
            realm.update(user, Map.of("emailVerified", true));
            realm.assertDenied(realm.signIn(name), "address_not_proven");
            realm.assertAsks(former.mailbox(), 1);
            realm.update(user, Map.of("emailVerified", false));
            realm.prove(user, former.mailbox());
        }

        Tokens tokens = realm.signIn(name);

        realm.assertAskedAgain(user, former.mailbox());
        assertThat(realm.assertServed(tokens, former.mailbox())).isNotEqualTo(former.served());
    }
}
