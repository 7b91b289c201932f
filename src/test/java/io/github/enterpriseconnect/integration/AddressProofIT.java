package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.AddressRealm.Evidence;
import io.github.enterpriseconnect.integration.AddressRealm.Member;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.AuthorizationRequest;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Form;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever can write an address into a user gets its mailbox only if the link takes that for proof, whichever way the
 * address was written.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AddressProofIT {
    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final MailServer mail = MailServer.start();
    private final Map<Proof, AddressRealm> realms = new EnumMap<>(Proof.class);
    private final Map<Proof, AddressRealm> sharing = new EnumMap<>(Proof.class);
    private final Map<Proof, AddressRealm> organizations = new EnumMap<>(Proof.class);

    AddressProofIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
    }

    private AddressRealm realm(Proof proof) {
        return realms.computeIfAbsent(
                proof, key -> create(key, Map.of("registrationAllowed", true, "resetPasswordAllowed", true)));
    }

    private AddressRealm sharing(Proof proof) {
        return sharing.computeIfAbsent(
                proof, key -> create(key, Map.of("duplicateEmailsAllowed", true, "loginWithEmailAllowed", false)));
    }

    private AddressRealm organization(Proof proof) {
        return organizations.computeIfAbsent(
                proof,
                key -> AddressRealm.withOrganization(
                        server,
                        admin,
                        simulator,
                        mail,
                        AddressProofIT.class,
                        key,
                        Map.of("registrationAllowed", true)));
    }

    private AddressRealm create(Proof proof, Map<String, ?> settings) {
        return AddressRealm.create(server, admin, simulator, mail, AddressProofIT.class, proof, settings);
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

    // Registration

    /** Registers in a browser and gives what comes then; a realm that verifies addresses wants the password only later. */
    private static Page register(AddressRealm realm, Browser browser, String username, String email) {
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

    private static void assertLanded(AddressRealm realm, Page page) {
        assertThat(page.uri().toString())
                .as("%s", page)
                .startsWith(realm.connected().consumer().redirectUri().toString())
                .contains("code=");
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
        realm.changeAccount(new Member(user, "stale", own, realm.signIn("stale"), "", 0), ceo);

        mail.follow(new Browser(), own);
        realm.signIn("stale");

        realm.assertNotAsked(user, ceo, "email_not_verified");
    }

    // Members change their addresses themselves

    /** Signs in to do this action, as the account console has people do. */
    private static Page initiate(AddressRealm realm, Browser browser, String action, String username) {
        AuthorizationRequest request = realm.connected().consumer().authorizationRequest(Map.of("kc_action", action));
        return browser.enterCredentials(browser.open(request), username, ConnectedRealm.PASSWORD);
    }

    /** Who can write an address into a user, and what there is for the address then. */
    enum Writer {
        ACCOUNT_CONSOLE(Evidence.NONE, AddressRealm::changeAccount),
        UPDATE_PROFILE(Evidence.NONE, (realm, member, address) -> {
            Browser browser = new Browser();
            Page form = initiate(realm, browser, "UPDATE_PROFILE", member.username());
            assertLanded(realm, browser.submit(form.formAskingFor("email").with("email", address)));
        }),
        UPDATE_PROFILE_BY_MAIL(Evidence.NONE, (realm, member, address) -> {
            realm.requestActions(member.id(), "UPDATE_PROFILE");
            Browser browser = new Browser();
            Page form = realm.mail().follow(browser, member.mailbox());
            browser.submit(form.formAskingFor("email").with("email", address));
        }),
        UPDATE_EMAIL_WITHOUT_MAIL(Evidence.NONE, (realm, member, address) -> {
            realm.whileActionIsOn("UPDATE_EMAIL", () -> {
                Browser browser = new Browser();
                Page form = initiate(realm, browser, "UPDATE_EMAIL", member.username());
                assertLanded(realm, browser.submit(form.formAskingFor("email").with("email", address)));
            });
            assertThat(realm.mail().mails(address)).isZero();
        }),
        UPDATE_EMAIL_WITH_MAIL(
                Evidence.OWNER,
                (realm, member, address) -> realm.whileActionIsOn(
                        "UPDATE_EMAIL",
                        () -> realm.whileOn("verifyEmail", () -> {
                            Browser browser = new Browser();
                            Page form = initiate(realm, browser, "UPDATE_EMAIL", member.username());
                            browser.submit(form.formAskingFor("email").with("email", address));
                            realm.assertServed(member.tokens(), member.mailbox());
                            realm.mail().follow(new Browser(), address);
                        }))),
        ADMINISTRATOR_WHO_VERIFIES(
                Evidence.FLAG,
                (realm, member, address) -> realm.update(member.id(), Map.of("email", address, "emailVerified", true))),
        /** Keycloak leaves the flag as it was, so it now speaks of an address that nobody has looked at. */
        ADMINISTRATOR_WHO_LEAVES_THE_FLAG(
                Evidence.FLAG, (realm, member, address) -> realm.update(member.id(), Map.of("email", address))),
        ADMINISTRATOR_WHO_TAKES_THE_FLAG_AWAY(
                Evidence.NONE,
                (realm, member, address) ->
                        realm.update(member.id(), Map.of("email", address, "emailVerified", false)));

        private final Evidence evidence;

        @SuppressWarnings("ImmutableEnumChecker") // The lambdas above capture nothing.
        private final Write write;

        Writer(Evidence evidence, Write write) {
            this.evidence = evidence;
            this.write = write;
        }

        private interface Write {
            void write(AddressRealm realm, Member member, String address);
        }

        /** A name of a user. */
        String member() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static Stream<Arguments> writersInEachMode() {
        return Stream.of(Writer.values())
                .flatMap(writer -> Stream.of(Proof.values()).map(proof -> Arguments.of(writer, proof)));
    }

    @ParameterizedTest
    @MethodSource("writersInEachMode")
    void a_changed_address_ends_the_delegation_at_once_and_counts_for_as_much_as_there_is_for_it(
            Writer writer, Proof proof) {
        AddressRealm realm = realm(proof);
        Member member = realm.delegated(writer.member());
        String next = realm.address(writer.member() + "-next");

        realm.assertStartsAnew(member, next, writer.evidence, () -> writer.write.write(realm, member, next));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_somebody_has_mail_sent_to_by_update_email_is_not_asked_for(Proof proof) {
        AddressRealm realm = realm(proof);
        String own = realm.address("hoping");
        String ceo = realm.address("hoped-for");
        String user = realm.user("hoping", own, false);

        realm.whileActionIsOn(
                "UPDATE_EMAIL",
                () -> realm.whileOn("verifyEmail", () -> {
                    Browser browser = new Browser();
                    realm.update(user, Map.of("requiredActions", List.of("UPDATE_EMAIL")));
                    Page form = initiate(realm, browser, "UPDATE_EMAIL", "hoping");
                    browser.submit(form.formAskingFor("email").with("email", ceo));
                }));

        assertThat(mail.mails(ceo)).isEqualTo(1);
        realm.update(user, Map.of("requiredActions", List.of()));
        realm.assertNotAsked(user, ceo, "email_not_verified");
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void the_same_address_once_more_by_update_email_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("resubmitted");
        String user = realm.user("resubmitted", "resubmitted@attacker.test", true);
        realm.update(user, Map.of("email", ceo, "emailVerified", true));

        realm.whileActionIsOn("UPDATE_EMAIL", () -> {
            resubmit(realm, "resubmitted", ceo);
            resubmit(realm, "resubmitted", ceo.toUpperCase(Locale.ROOT));
            realm.whileOn("verifyEmail", () -> resubmit(realm, "resubmitted", ceo));
        });
        realm.signIn("resubmitted");

        assertThat(mail.mails(ceo)).isZero();
        realm.assertVerified(user, true);
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    private static void resubmit(AddressRealm realm, String username, String address) {
        Browser browser = new Browser();
        Page form = initiate(realm, browser, "UPDATE_EMAIL", username);
        assertLanded(realm, browser.submit(form.formAskingFor("email").with("email", address)));
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void the_action_verify_email_proves_nothing_when_it_sends_no_mail(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("unmailed");
        String user = realm.user("unmailed", ceo, true);

        assertLanded(realm, initiate(realm, new Browser(), "VERIFY_EMAIL", "unmailed"));
        realm.update(user, Map.of("requiredActions", List.of("VERIFY_EMAIL")));
        assertLanded(realm, initiate(realm, new Browser(), "VERIFY_EMAIL", "unmailed"));
        realm.signIn("unmailed");

        assertThat(mail.mails(ceo)).isZero();
        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    @ParameterizedTest
    @EnumSource(Proof.class)
    void the_link_that_resets_a_password_proves_nothing(Proof proof) {
        AddressRealm realm = realm(proof);
        String ceo = realm.address("forgetful");
        String user = realm.user("forgetful", ceo, false);
        Browser browser = new Browser();
        Page login = browser.open(realm.connected().consumer().authorizationRequest(Map.of()));
        Page forgotten = browser.open(login.link("Forgot Password?"));
        browser.submit(forgotten.formAskingFor("username").with("username", "forgetful"));

        assertLanded(realm, renewPassword(browser, mail.follow(browser, ceo)));
        realm.assertNotAsked(user, ceo, "email_not_verified");
        realm.update(user, Map.of("emailVerified", true));
        realm.signIn("forgetful");

        realm.assertAskedWhereFlagSuffices(user, ceo);
    }

    private static Page renewPassword(Browser browser, Page page) {
        return browser.submit(page.formAskingFor("password-new")
                .with("password-new", ConnectedRealm.PASSWORD)
                .with("password-confirm", ConnectedRealm.PASSWORD));
    }

    // Administrators

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
        Member member = realm.delegated("doubted");

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

    // Organizations, whose members users become afterwards

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
        Member member = realm.delegated("member");
        String next = realm.address("member-next");

        realm.assertStartsAnew(member, next, Evidence.NONE, () -> realm.changeAccount(member, next));
    }

    // Addresses that two people have, at once or one after the other

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
        Member member = realm.delegated("first");
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
        Member former = realm.delegated("former");

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
        Member removed = realm.delegated("removed");

        realm.assertEnds(removed, () -> realm.remove(removed.id()));

        realm.assertSignedOut(removed.tokens());
        assertThatTheAddressStartsAnew(realm, removed, "successor");
    }

    /** The next user of the address has to prove it himself and gets a delegation of his own. */
    private static void assertThatTheAddressStartsAnew(AddressRealm realm, Member former, String name) {
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

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_comes_back_is_to_be_proven_anew(Proof proof) {
        AddressRealm realm = realm(proof);
        Member member = realm.delegated("wanderer");
        realm.assertEnds(
                member,
                () -> realm.update(member.id(), Map.of("email", "wanderer@elsewhere.test", "emailVerified", true)));

        realm.update(member.id(), Map.of("email", member.mailbox(), "emailVerified", true));
        Tokens tokens = realm.signIn("wanderer");

        if (proof == Proof.OWNER) {
            realm.assertDenied(tokens, "address_not_proven");
            realm.assertAsks(member.mailbox(), 1);
        } else {
            realm.assertAskedAgain(member.id(), member.mailbox());
        }
    }
}
