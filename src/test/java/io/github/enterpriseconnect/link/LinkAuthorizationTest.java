package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.link.LinkAuthorization.Outcome;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an administrator's way back from Cronofy leads to, and that nothing obtained on the way stays alive unstored.
 */
class LinkAuthorizationTest {
    private static final String BASE = "https://id.example.com";
    private static final Duration LIFETIME = Duration.ofDays(7);
    private static final Domain ACME = Domain.parse(Middle.DOMAIN).orElseThrow();

    private final Middle middle = new Middle();

    /** One browser on its way. */
    private record Traveller(String invitation, String state, String cookie) {}

    @Test
    void a_service_account_whose_domain_was_approved_makes_the_link_active() {
        approve(ACME);
        Traveller browser = depart();

        assertThat(arrive(browser)).isEqualTo(Outcome.LINKED);

        assertThat(middle.link())
                .isEqualTo(new Link(
                        middle.link,
                        Link.State.ACTIVE,
                        middle.applicationKey(),
                        "ser_1",
                        ACME,
                        "read_write",
                        "read_write",
                        BASE,
                        middle.clock.instant(),
                        List.of(new LinkDomain(ACME, true)),
                        middle.link().policy(),
                        null));
        assertThat(middle.linkCredential()).hasValueSatisfying(credential -> {
            assertThat(credential.subject()).isEqualTo("ser_1");
            assertThat(credential.link()).isEqualTo("acme");
            assertThat(credential.mailbox()).isEqualTo(Middle.DOMAIN);
            assertThat(credential.tokens().accessToken().reveal()).isEqualTo("access-1");
        });
        assertThat(middle.cronofy.received())
                .extracting(Received::call, Received::what)
                .containsExactly(tuple(Call.EXCHANGE, "code"), tuple(Call.SERVICE_ACCOUNT, "access-1"));
        assertThat(invitation(browser).usedAt()).isEqualTo(middle.clock.instant());
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_domain_that_nobody_approved_joins_the_link_and_awaits_approval() {
        Domain other = Domain.parse("other.example").orElseThrow();
        approve(other);

        assertThat(arrive(depart())).isEqualTo(Outcome.AWAITING_APPROVAL);

        assertThat(middle.link().state()).isEqualTo(Link.State.AWAITING_APPROVAL);
        assertThat(middle.link().domains()).containsExactly(new LinkDomain(ACME, false), new LinkDomain(other, true));
        assertThat(middle.linkCredential()).isPresent();
    }

    @Test
    void the_domain_comes_from_the_accounts_address_where_cronofy_names_none() {
        approve(ACME);
        middle.cronofy.authorizes("ser_1", null);
        middle.cronofy.addresses("calendar-sync@Acme.example");

        assertThat(arrive(depart())).isEqualTo(Outcome.LINKED);

        assertThat(middle.link().accountDomain()).isEqualTo(ACME);
    }

    /** What was approved beforehand cannot vouch for an account of which nobody knows the customer. */
    @Test
    void an_account_without_any_domain_awaits_approval_whatever_was_approved_before() {
        approve(ACME);
        middle.cronofy.authorizes("ser_1", null);
        middle.cronofy.addresses("sync-account");

        assertThat(arrive(depart())).isEqualTo(Outcome.AWAITING_APPROVAL);

        assertThat(middle.link().accountDomain()).isNull();
        assertThat(middle.link().domains()).containsExactly(new LinkDomain(ACME, true));
    }

    @Test
    void the_answer_of_userinfo_names_the_account_where_the_tokens_do_not() {
        middle.cronofy.authorizes(null, null);
        middle.cronofy.script(Call.SERVICE_ACCOUNT, () -> middle.cronofy.authorizes("ser_7", Middle.DOMAIN));

        assertThat(arrive(depart())).isEqualTo(Outcome.AWAITING_APPROVAL);

        assertThat(middle.link().serviceAccount()).isEqualTo("ser_7");
    }

    @Test
    void nobody_links_with_a_state_that_this_realm_did_not_give_out() {
        Traveller browser = depart();
        middle.anotherRealm("realm-2");

        assertThat(complete("realm-1", null, browser.cookie())).isEqualTo(Outcome.NOT_YOURS);
        assertThat(complete("realm-1", browser.state(), null)).isEqualTo(Outcome.NOT_YOURS);
        assertThat(complete("realm-1", "guessed", browser.cookie())).isEqualTo(Outcome.NOT_YOURS);
        assertThat(complete("realm-1", browser.state(), "another browser's")).isEqualTo(Outcome.NOT_YOURS);
        assertThat(complete("realm-2", browser.state(), browser.cookie())).isEqualTo(Outcome.NOT_YOURS);

        assertThat(middle.cronofy.received()).isEmpty();
        assertThat(middle.link().linked()).isFalse();
        // Whoever guesses does not end somebody else's round trip.
        assertThat(arrive(browser)).isEqualTo(Outcome.AWAITING_APPROVAL);
    }

    /** A back button, or a second tab, must not redeem the code again: Cronofy would end what it had granted. */
    @Test
    void a_round_trip_ends_once() {
        Traveller browser = depart();
        arrive(browser);

        assertThat(arrive(browser)).isEqualTo(Outcome.NOT_YOURS);

        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
    }

    @Test
    void of_two_nodes_that_get_the_same_arrival_one_redeems_it() {
        Traveller browser = depart();
        middle.transactions.meanwhile(
                () -> inRealm(work -> work.invitations().use(browser.invitation(), middle.clock.instant())));

        assertThat(arrive(browser)).isEqualTo(Outcome.NOT_YOURS);

        assertThat(middle.cronofy.received()).isEmpty();
    }

    @Test
    void an_invitation_that_expires_on_the_way_is_over() {
        Traveller browser = depart();
        middle.clock.turn(LIFETIME);

        assertThat(arrive(browser)).isEqualTo(Outcome.NOT_YOURS);

        assertThat(middle.cronofy.received()).isEmpty();
    }

    @Test
    void an_invitation_that_is_withdrawn_on_the_way_is_over() {
        Traveller browser = depart();
        inRealm(work -> work.invitations().withdraw(middle.link, browser.invitation()));

        assertThat(arrive(browser)).isEqualTo(Outcome.NOT_YOURS);

        assertThat(middle.cronofy.received()).isEmpty();
    }

    @Test
    void without_an_application_nothing_is_used_up() {
        Traveller browser = depart();
        middle.realm.loseSecret();

        assertThat(arrive(browser)).isEqualTo(Outcome.NOT_YOURS);

        assertThat(invitation(browser).usedAt()).isNull();
        assertThat(middle.cronofy.received()).isEmpty();
    }

    @Test
    void while_the_secret_cannot_be_read_the_page_says_so_and_the_way_stays_open() {
        Traveller browser = depart();
        middle.realm.failSecret(Unreadable.key("1"));

        assertThat(arrive(browser)).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        middle.realm.giveSecretBack();
        assertThat(arrive(browser)).isEqualTo(Outcome.AWAITING_APPROVAL);
    }

    /** RFC 6749 section 4.1.2.1. */
    @ParameterizedTest
    @CsvSource({
        "access_denied, DECLINED",
        "invalid_request, INVALID_REQUEST",
        "unauthorized_client, UNAUTHORIZED_CLIENT",
        "unsupported_response_type, UNSUPPORTED_RESPONSE_TYPE",
        "invalid_scope, INVALID_SCOPE",
        "server_error, SERVER_ERROR",
        "temporarily_unavailable, TEMPORARILY_UNAVAILABLE",
        "invented, MISCONFIGURED"
    })
    void an_error_in_place_of_a_code_is_told_and_the_invitation_stays_open(String error, Outcome told) {
        Traveller browser = depart();

        // Even with a code: whoever says no has not agreed.
        Outcome outcome = middle.authorization.complete("realm-1", browser.state(), browser.cookie(), "code", error);

        assertThat(outcome).isEqualTo(told);
        assertThat(middle.cronofy.received()).isEmpty();
        assertThat(middle.link().linked()).isFalse();
        assertThat(invitation(browser).usedAt()).isNull();
        // This round trip is over, the next one of the same invitation is good.
        assertThat(arrive(browser)).isEqualTo(Outcome.NOT_YOURS);
        assertThat(arrive(departAgain())).isEqualTo(Outcome.AWAITING_APPROVAL);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void a_way_back_with_neither_code_nor_error_makes_no_sense(@Nullable String code) {
        Traveller browser = depart();

        assertThat(middle.authorization.complete("realm-1", browser.state(), browser.cookie(), code, null))
                .isEqualTo(Outcome.MISCONFIGURED);

        assertThat(middle.cronofy.received()).isEmpty();
        assertThat(invitation(browser).usedAt()).isNull();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new CronofyException.GrantGone("invalid_grant"), Outcome.CODE_GONE),
                Arguments.of(new CronofyException.TokenNotRecognised("401"), Outcome.CODE_GONE),
                Arguments.of(
                        new CronofyException.Unavailable("503", Duration.ofSeconds(9)),
                        Outcome.TEMPORARILY_UNAVAILABLE),
                Arguments.of(
                        CronofyException.Unavailable.notSent(Duration.ofSeconds(11)), Outcome.TEMPORARILY_UNAVAILABLE),
                Arguments.of(new CronofyException.Refused("403", false), Outcome.MISCONFIGURED),
                Arguments.of(new CronofyException.Refused("422", true), Outcome.MISCONFIGURED),
                Arguments.of(new CronofyException.Misconfigured("invalid_client"), Outcome.MISCONFIGURED));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void a_code_that_is_not_redeemed_leaves_the_invitation_open(CronofyException failure, Outcome told) {
        middle.cronofy.fails(Call.EXCHANGE, failure);
        Traveller browser = depart();

        assertThat(arrive(browser)).isEqualTo(told);

        assertThat(middle.link().linked()).isFalse();
        assertThat(middle.revocations()).isEmpty();
        assertThat(invitation(browser).usedAt()).isNull();
        middle.clock.turn(failure.retryAfter());
        assertThat(arrive(departAgain())).isEqualTo(Outcome.AWAITING_APPROVAL);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void what_was_obtained_is_revoked_where_userinfo_fails(CronofyException failure, Outcome told) {
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, failure);
        Traveller browser = depart();

        assertThat(arrive(browser)).isEqualTo(told);

        assertThat(middle.link().linked()).isFalse();
        assertThat(invitation(browser).usedAt()).isNull();
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo("ser_1");
            assertThat(revocation.cause()).isEqualTo(Revocation.Cause.ofLink(middle.link, Reason.NOT_STORED));
        });
        middle.dispatcher.start();
        middle.worker.turn(failure.retryAfter().plusSeconds(10));
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
        middle.clock.turn(failure.retryAfter());
        assertThat(arrive(departAgain())).isEqualTo(Outcome.AWAITING_APPROVAL);
    }

    /** What was not done has used nothing up; the whole consent would have to be repeated. */
    @Test
    void what_cronofy_has_not_done_is_sent_again_while_the_person_waits() {
        approve(ACME);
        middle.cronofy.authorizes(null, null);
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.NotDone("429", Duration.ofSeconds(4)));
        middle.cronofy.fails(Call.EXCHANGE, CronofyException.Unavailable.notSent(Duration.ZERO));
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.NotDone("429", Duration.ZERO));
        middle.cronofy.script(Call.SERVICE_ACCOUNT, () -> middle.cronofy.authorizes("ser_1", Middle.DOMAIN));
        Traveller browser = depart();
        Instant before = middle.clock.instant();

        assertThat(arrive(browser)).isEqualTo(Outcome.LINKED);

        assertThat(Duration.between(before, middle.clock.instant()))
                .isBetween(Duration.ofSeconds(7), Duration.ofSeconds(9));
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void nobody_waits_for_longer_than_some_seconds() {
        Traveller browser = depart();
        for (int i = 0; i < 20; i++) {
            middle.cronofy.fails(
                    Call.EXCHANGE, new CronofyException.NotDone("refused", Duration.ZERO, new IOException("refused")));
        }

        assertThat(arrive(browser)).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(11);
    }

    /** Revoking by account would take the link along that works, with all its members. */
    @Test
    void what_was_obtained_is_kept_where_the_link_holds_the_same_account() {
        Link before = middle.linked();
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.Unavailable("503", Duration.ZERO));

        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);
        middle.worker.run();

        assertThat(revoked()).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.KEPT);
        assertThat(middle.link()).isEqualTo(before);
    }

    /** It is revoked by itself, but never together with a link that lives on the same authorization. */
    @Test
    void an_access_token_that_came_alone_is_revoked_unless_the_link_holds_the_same_account() {
        middle.cronofy.fails(Call.EXCHANGE, alone("ser_1"));
        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);
        middle.worker.run();
        assertThat(revoked()).containsExactly("ser_1 by lonely");

        Link before = middle.linked();
        middle.cronofy.fails(Call.EXCHANGE, alone("ser_1"));
        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);
        middle.worker.run();

        assertThat(revoked()).hasSize(1);
        assertThat(middle.link()).isEqualTo(before);
    }

    private static CronofyException alone(@Nullable String subject) {
        return new CronofyException.NotRenewable("without a refresh token", Secret.of("lonely"), subject);
    }

    @Test
    void two_different_accounts_for_one_code_are_refused_and_the_one_that_the_tokens_open_is_revoked() {
        middle.cronofy.during(Call.SERVICE_ACCOUNT, () -> middle.cronofy.authorizes("ser_2", Middle.DOMAIN));
        Traveller browser = depart();

        assertThat(arrive(browser)).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        assertThat(middle.link().linked()).isFalse();
        assertThat(invitation(browser).usedAt()).isNull();
        middle.worker.run();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void what_could_not_be_stored_is_revoked_and_the_invitation_stays_open() {
        middle.cronofy.during(
                Call.SERVICE_ACCOUNT,
                () -> middle.transactions.meanwhile(() -> {
                    throw new IllegalStateException("the database is gone");
                }));
        Traveller browser = depart();

        assertThat(arrive(browser)).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        assertThat(middle.link().linked()).isFalse();
        assertThat(invitation(browser).usedAt()).isNull();
        middle.worker.run();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void what_was_obtained_is_revoked_where_the_realm_goes_meanwhile() {
        middle.cronofy.during(Call.SERVICE_ACCOUNT, () -> middle.transactions.remove(middle.realm));

        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        middle.worker.run();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    /** Nobody could end it later, or even find it. */
    @Test
    void what_nobody_names_is_revoked_by_its_token() {
        middle.cronofy.authorizes(null, null);
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.Unavailable("without sub", Duration.ZERO));

        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        middle.worker.run();
        assertThat(revoked()).singleElement().asString().startsWith("unknown-").endsWith(" by refresh-1");
    }

    /** It may be the very account that the link lives on. */
    @Test
    void what_nobody_names_is_kept_while_the_link_holds_an_account() {
        Link before = middle.linked();
        middle.cronofy.authorizes(null, null);
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.Unavailable("without sub", Duration.ZERO));
        middle.cronofy.fails(Call.EXCHANGE, alone(null));

        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);
        assertThat(arrive(departAgain())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);
        middle.worker.run();

        assertThat(revoked()).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::state).containsOnly(Revocation.State.KEPT);
        assertThat(middle.link()).isEqualTo(before);
    }

    @Test
    void what_was_obtained_while_our_tables_were_away_is_revoked_once_they_are_back() {
        middle.dispatcher.start();
        Traveller browser = depart();
        middle.cronofy.during(Call.SERVICE_ACCOUNT, () -> middle.transactions.fail(true));
        try {
            arrive(browser);
        } catch (IllegalStateException away) {
            assertThat(away).hasMessage("the database is away");
        }
        middle.transactions.fail(false);

        middle.worker.turn(Duration.ofSeconds(10));

        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    /** A token answer need not name the account; then only userinfo tells whom to revoke. */
    @Test
    void what_cannot_be_stored_is_revoked_though_the_code_did_not_say_whose_it_is() {
        middle.cronofy.authorizes(null, null);
        middle.cronofy.during(Call.SERVICE_ACCOUNT, () -> {
            middle.cronofy.authorizes("ser_7", Middle.DOMAIN);
            middle.transactions.meanwhile(() -> {
                throw new IllegalStateException("the database is away");
            });
        });

        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        middle.worker.run();
        assertThat(revoked()).singleElement().asString().startsWith("ser_7 by refresh-");
    }

    @Test
    void another_account_than_the_links_is_refused_and_revoked() {
        Link before = middle.linked();
        Optional<Credential> tokens = middle.linkCredential();
        middle.cronofy.authorizes("ser_2", Middle.DOMAIN);
        Traveller browser = depart();

        assertThat(arrive(browser)).isEqualTo(Outcome.OTHER_SERVICE_ACCOUNT);

        assertThat(middle.link()).isEqualTo(before);
        assertThat(middle.linkCredential()).isEqualTo(tokens);
        assertThat(invitation(browser).usedAt()).isNull();
        middle.worker.run();
        assertThat(revoked()).singleElement().asString().startsWith("ser_2 by refresh-");
    }

    @Test
    void the_same_account_once_more_replaces_the_tokens_and_revokes_nothing() {
        middle.linked();
        Credential former = middle.linkCredential().orElseThrow();
        inRealm(work -> {
            work.links().needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant());
            return true;
        });
        middle.clock.turn(Duration.ofDays(1));

        assertThat(arrive(depart())).isEqualTo(Outcome.LINKED);

        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.link().problem()).isNull();
        assertThat(middle.link().linkedAt()).isEqualTo(middle.clock.instant());
        assertThat(middle.linkCredential().orElseThrow().tokens().refreshToken())
                .isNotEqualTo(former.tokens().refreshToken());
        middle.worker.run();
        assertThat(middle.revocations()).isEmpty();
        assertThat(revoked()).isEmpty();
    }

    /** They would be taken for members of the new account, and be left to its revocation one day. */
    @Test
    void no_other_account_is_linked_while_members_of_the_former_one_are_still_being_forgotten() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        unlink();
        middle.cronofy.authorizes("ser_2", Middle.DOMAIN);

        assertThat(arrive(depart())).isEqualTo(Outcome.TEMPORARILY_UNAVAILABLE);

        assertThat(middle.link().linked()).isFalse();
        middle.worker.run();
        assertThat(revoked()).anyMatch(what -> what.startsWith("ser_2 by "));
        middle.links.unlinked(middle.link);
        middle.worker.run();
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(arrive(departAgain())).isEqualTo(Outcome.LINKED);
    }

    /** What Cronofy has not heard of yet would end the new authorization a moment later. */
    @Test
    void a_pending_revocation_of_the_same_account_makes_way() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        unlink();

        assertThat(arrive(depart())).isEqualTo(Outcome.LINKED);
        middle.links.unlinked(middle.link);
        middle.worker.run();

        assertThat(revoked()).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.KEPT);
        // Nor does the end of the former link end the members of this one.
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(middle.realm.credential(maria)).isPresent();
    }

    @Test
    void while_the_same_accounts_revocation_is_on_the_wire_nothing_is_linked_and_the_new_tokens_are_revoked_too() {
        middle.linked();
        unlink();
        List<Outcome> outcomes = new ArrayList<>();
        middle.cronofy.during(Call.REVOKE, () -> outcomes.add(arrive(depart())));

        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(outcomes).containsExactly(Outcome.TEMPORARILY_UNAVAILABLE);
        assertThat(middle.link().linked()).isFalse();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1", "ser_1 by refresh-2");
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void sign_ins_learn_of_the_link_at_once() {
        inRealm(work -> middle.cache.learn(work.links().get(middle.link)));

        arrive(depart());

        assertThat(middle.cache.known(middle.link)).isEmpty();
    }

    @Test
    void another_organizations_link_is_not_touched() {
        LinkId other = new LinkId("realm-1", "other");
        Link before = middle.linked(other, "ser_9", middle.cronofy.tokens(Duration.ofHours(3)));

        arrive(depart());

        Link after = inRealm(work -> work.links().get(other));
        assertThat(after).isEqualTo(before);
    }

    private Invitations.Invited invited() {
        return inRealm(work -> middle.invitations.invite(
                work,
                work.realm().settings().orElseThrow(),
                new Invitations.Wish(middle.link, "admin", false, LIFETIME),
                BASE));
    }

    private @Nullable String ticket;

    private Traveller depart() {
        String url = invited().ticketUrl().reveal();
        ticket = url.substring(url.lastIndexOf('/') + 1);
        return departAgain();
    }

    /** By the invitation of the last departure. */
    private Traveller departAgain() {
        String known = String.valueOf(ticket);
        Invitation open =
                middle.invitations.introduce("realm-1", known).orElseThrow().invitation();
        Invitations.Departure departure =
                middle.invitations.depart("realm-1", known, BASE).orElseThrow();
        String url = departure.authorizationUrl().toString();
        return new Traveller(
                open.id(),
                url.substring(url.indexOf("state=") + 6),
                departure.cookie().reveal());
    }

    private Outcome arrive(Traveller browser) {
        return complete("realm-1", browser.state(), browser.cookie());
    }

    private Outcome complete(String realm, @Nullable String state, @Nullable String cookie) {
        return middle.authorization.complete(realm, state, cookie, "code", null);
    }

    private Invitation invitation(Traveller browser) {
        return inRealm(work -> work.invitations().list(middle.link)).stream()
                .filter(invitation -> invitation.id().equals(browser.invitation()))
                .findFirst()
                .orElseThrow();
    }

    private void approve(Domain domain) {
        inRealm(work -> middle.links.approve(work, middle.link, List.of(new LinkDomain(domain, true))));
    }

    /** As an administrator does, before anything of what follows has happened. */
    private void unlink() {
        inRealm(work -> {
            middle.links.unlink(work, middle.link);
            return true;
        });
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm("realm-1", work);
    }
}
