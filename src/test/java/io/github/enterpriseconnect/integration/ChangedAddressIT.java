package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.AddressRealm.Delegated;
import io.github.enterpriseconnect.integration.AddressRealm.Evidence;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An address that is changed, by its owner or by others, counts for as much as there is for it. */
class ChangedAddressIT extends AddressProofScenario {
    ChangedAddressIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
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
            void write(AddressRealm realm, Delegated member, String address);
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
        Delegated member = realm.delegated(writer.member());
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

    @ParameterizedTest
    @EnumSource(Proof.class)
    void an_address_that_comes_back_is_to_be_proven_anew(Proof proof) {
        AddressRealm realm = realm(proof);
        Delegated member = realm.delegated("wanderer");
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
