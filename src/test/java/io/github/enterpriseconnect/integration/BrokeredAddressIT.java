package io.github.enterpriseconnect.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.AddressRealm.Delegated;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.IdentityProvider;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An address that an identity provider brings along counts for as much as the realm trusts the provider. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokeredAddressIT {
    /** The realm trusts this provider's addresses; takes them over at the first login only. */
    private static final String TRUSTED = "trusted";

    private static final String DISTRUSTED = "distrusted";

    /** Takes addresses over at every login. */
    private static final String TRUSTED_ALWAYS = "trusted-always";

    private static final String DISTRUSTED_ALWAYS = "distrusted-always";

    private final Simulator simulator;
    private final KeycloakServer server;
    private final AdminClient admin;
    private final IdentityProvider provider;
    private final MailServer mail = MailServer.start();
    private final Map<Proof, AddressRealm> realms = new EnumMap<>(Proof.class);

    /**
     * Keycloak tells nobody that a login has changed an address: only the reconciliation notices, and should do so
     * soon.
     */
    BrokeredAddressIT(Simulator simulator) {
        this.simulator = simulator;
        this.server = ConnectedRealm.extendedServer(simulator)
                .options(
                        "--spi-enterprise-connect--default--reconcile-every=1",
                        "--spi-enterprise-connect--default--reconcile-idle-every=1")
                .start();
        this.admin = AdminClient.of(server);
        this.provider = IdentityProvider.create(server, admin, AdminClient.newRealmName(IdentityProvider.class));
    }

    private AddressRealm realm(Proof proof) {
        return realms.computeIfAbsent(proof, this::create);
    }

    private AddressRealm create(Proof proof) {
        AddressRealm realm =
                AddressRealm.create(server, admin, simulator, mail, BrokeredAddressIT.class, proof, Map.of());
        String name = realm.connected().name();
        provider.connect(name, TRUSTED, true, "IMPORT");
        provider.connect(name, DISTRUSTED, false, "IMPORT");
        provider.connect(name, TRUSTED_ALWAYS, true, "FORCE");
        provider.connect(name, DISTRUSTED_ALWAYS, false, "FORCE");
        return realm;
    }

    @AfterAll
    void nothing_else_has_come_to_cronofy() {
        try {
            realms.values().forEach(AddressRealm::assertNothingElse);
        } finally {
            server.close();
            mail.close();
        }
    }

    private Tokens signIn(AddressRealm realm, String alias, String username) {
        return provider.signIn(realm.connected().consumer(), alias, username).tokens();
    }

    /** A name that is the same person's at the provider, of whom there is one for both realms. */
    private static String named(String name, AddressRealm realm) {
        return name + "-" + realm.proof().written();
    }

    /** A user whom an administrator created with a verified address and connected with somebody at the provider. */
    private String federated(AddressRealm realm, String alias, String username, String person) {
        String user = realm.user(username, realm.address(username), true);
        provider.federate(realm.connected().name(), alias, user, person, username);
        return user;
    }

    // The first login, which registers the user

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_first_login_by_a_trusted_provider_proves_the_address(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("new", realm);
        provider.person(username, realm.address(username), true);

        Tokens tokens = signIn(realm, TRUSTED, username);

        realm.assertAsked(realm.id(username), realm.address(username));
        realm.assertServed(tokens, realm.address(username));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_first_login_by_a_provider_that_is_not_trusted_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("new-distrusted", realm);
        provider.person(username, realm.address(username), true);

        signIn(realm, DISTRUSTED, username);

        String user = realm.id(username);
        realm.assertNotAsked(user, realm.address(username), "email_not_verified");
        realm.update(user, Map.of("emailVerified", true));
        signIn(realm, DISTRUSTED, username);
        realm.assertAskedWhereFlagSuffices(user, realm.address(username));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_first_login_with_an_address_that_the_trusted_provider_doubts_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("new-doubted", realm);
        provider.person(username, realm.address(username), false);

        signIn(realm, TRUSTED, username);

        String user = realm.id(username);
        realm.assertNotAsked(user, realm.address(username), "email_not_verified");
        realm.update(user, Map.of("emailVerified", true));
        signIn(realm, TRUSTED, username);
        realm.assertAskedWhereFlagSuffices(user, realm.address(username));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_somebody_wrote_into_the_profile_at_the_first_login_is_not_proven(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("reviewed", realm);
        String ceo = realm.address("reviewed");
        provider.person(username, username + "@attacker.test", true);
        Browser browser = new Browser();

        reviewProfiles(realm, true);
        try {
            Page review = browser.enterCredentials(
                    browser.open(realm.connected().consumer().authorizationRequest(Map.of("kc_idp_hint", TRUSTED))),
                    username,
                    ConnectedRealm.PASSWORD);
            browser.submit(review.formAskingFor("email").with("email", ceo));
        } finally {
            reviewProfiles(realm, false);
        }

        String user = realm.id(username);
        realm.assertNotAsked(user, ceo, "email_not_verified");
        realm.update(user, Map.of("emailVerified", true));
        signIn(realm, TRUSTED, username);
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    /** Whether everybody reviews the profile at the first login; otherwise who lacks something does. */
    private void reviewProfiles(AddressRealm realm, boolean everybody) {
        String path = "/admin/realms/" + realm.connected().name() + "/authentication/";
        for (JsonNode execution : admin.get(path + "flows/first%20broker%20login/executions")
                .expect(200)
                .json()) {
            if (execution.path("providerId").asText().equals("idp-review-profile")) {
                String id = execution.get("authenticationConfig").asText();
                admin.put(
                                path + "config/" + id,
                                Map.of(
                                        "id",
                                        id,
                                        "alias",
                                        "review profile config",
                                        "config",
                                        Map.of("update.profile.on.first.login", everybody ? "on" : "missing")))
                        .expect(204);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_mail_that_connects_an_account_with_a_provider_that_is_not_trusted_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("connected", realm);
        String ceo = realm.address(username);
        String user = realm.user(username, ceo, false);
        provider.person(username, ceo, true);
        Browser browser = new Browser();

        Page exists = browser.enterCredentials(
                browser.open(realm.connected().consumer().authorizationRequest(Map.of("kc_idp_hint", DISTRUSTED))),
                username,
                ConnectedRealm.PASSWORD);
        browser.submit(exists.forms().get(0).press("Add to existing account"));
        mail.follow(browser, ceo);
        signIn(realm, DISTRUSTED, username);

        realm.assertVerified(user, true);
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    // Later logins of users who were there already

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_login_by_a_trusted_provider_that_names_the_address_proves_it(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("later", realm);
        String user = federated(realm, TRUSTED, username, provider.person(username, realm.address(username), true));

        Tokens tokens = signIn(realm, TRUSTED, username);

        realm.assertAsked(user, realm.address(username));
        realm.assertServed(tokens, realm.address(username));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_login_by_a_provider_that_is_not_trusted_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("later-distrusted", realm);
        String user = federated(realm, DISTRUSTED, username, provider.person(username, realm.address(username), true));

        signIn(realm, DISTRUSTED, username);

        realm.assertAskedWhereFlagSuffices(user, realm.address(username));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_login_with_an_address_that_the_trusted_provider_doubts_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("later-doubted", realm);
        String user = federated(realm, TRUSTED, username, provider.person(username, realm.address(username), false));

        signIn(realm, TRUSTED, username);

        realm.assertAskedWhereFlagSuffices(user, realm.address(username));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void a_login_by_a_trusted_provider_that_names_another_address_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("later-other", realm);
        String user = federated(realm, TRUSTED, username, provider.person(username, username + "@other.test", true));

        signIn(realm, TRUSTED, username);

        realm.assertAskedWhereFlagSuffices(user, realm.address(username));
    }

    // Addresses that change at the provider

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_changed_at_a_trusted_provider_is_asked_for_instead_of_the_one_of_before(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("moved", realm);
        String next = realm.address(username + "-next");
        String person = provider.person(username, realm.address(username), true);
        Delegated member = loggedIn(realm, TRUSTED_ALWAYS, username);

        provider.move(person, next, true);
        Tokens tokens = signIn(realm, TRUSTED_ALWAYS, username);

        realm.assertNotServed(member.tokens(), member.mailbox());
        realm.assertRevoked(member);
        realm.assertAsked(member.id(), next);
        realm.assertServed(tokens, next);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_changed_at_a_trusted_provider_that_doubts_it_is_not_asked_for(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("moved-doubted", realm);
        String next = realm.address(username + "-next");
        String person = provider.person(username, realm.address(username), true);
        Delegated member = loggedIn(realm, TRUSTED_ALWAYS, username);

        provider.move(person, next, false);
        Tokens tokens = signIn(realm, TRUSTED_ALWAYS, username);

        realm.assertDenied(tokens, "email_not_verified");
        realm.assertRevoked(member);
        realm.assertNotAsked(member.id(), next, "email_not_verified");
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_changed_at_a_provider_that_is_not_trusted_is_not_asked_for(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("moved-distrusted", realm);
        String next = realm.address(username + "-next");
        String person = provider.person(username, realm.address(username), true);
        Delegated member = realm.delegated(username);
        provider.federate(realm.connected().name(), DISTRUSTED_ALWAYS, member.id(), person, username);

        provider.move(person, next, true);
        Tokens tokens = signIn(realm, DISTRUSTED_ALWAYS, username);

        realm.assertDenied(tokens, "email_not_verified");
        realm.assertDenied(member.tokens(), "email_not_verified");
        realm.assertRevoked(member);
        realm.assertNotAsked(member.id(), next, "email_not_verified");
    }

    /** Registers somebody by a first login and waits for the delegation. */
    private Delegated loggedIn(AddressRealm realm, String alias, String username) {
        Tokens tokens = signIn(realm, alias, username);
        return realm.delegated(realm.id(username), username, tokens);
    }

    // Links that take only who came by a certain provider

    @ParameterizedTest
    @EnumSource(Proof.class)
    void where_a_provider_is_required_only_who_came_by_it_is_asked_for_and_served(Proof proof) {
        AddressRealm realm = realm(proof);
        String username = named("corporate", realm);
        String mailbox = realm.address(username);
        realm.policy(Map.of("identityProviders", List.of(TRUSTED)));
        try {
            String user = realm.proven(username);
            provider.federate(
                    realm.connected().name(), TRUSTED, user, provider.person(username, mailbox, true), username);
            provider.federate(
                    realm.connected().name(),
                    DISTRUSTED,
                    user,
                    provider.person(username + "-home", username + "@home.test", true),
                    username + "-home");

            Tokens byPassword = realm.signIn(username);
            realm.assertDenied(byPassword, "identity_provider_not_allowed");
            Tokens byOther = signIn(realm, DISTRUSTED, username + "-home");
            realm.assertDenied(byOther, "identity_provider_not_allowed");
            realm.assertAsks(mailbox, 0);

            Tokens byProvider = signIn(realm, TRUSTED, username);
            realm.assertAsked(user, mailbox);

            realm.assertServed(byProvider, mailbox);
            realm.assertDenied(byPassword, "identity_provider_not_allowed");
            realm.assertDenied(byOther, "identity_provider_not_allowed");
            realm.assertDenied(realm.signIn(username), "identity_provider_not_allowed");
        } finally {
            realm.policy(Map.of("identityProviders", List.of()));
        }
    }
}
