package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.DirectorySilent;
import io.github.enterpriseconnect.storage.AnsweredAsk;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a code: a stored credential, another try, another ask, or a revocation. */
class CodeRedemptionTest {
    private static final Duration SWEEP = Duration.ofSeconds(5);
    private static final Duration LEASE = Duration.ofSeconds(60);

    /** For so long one who has sent a code and fallen silent is waited for. */
    private static final Duration SILENCE = Duration.ofMinutes(10);

    private final Middle middle = new Middle();
    private final CodeRedemption anotherNode = new CodeRedemption(
            middle.transactions,
            middle.paced,
            middle.budget,
            middle.worker,
            middle.dispatcher,
            middle.retries,
            middle.clock);
    private TestUser maria;
    private Delegation asked;

    @BeforeEach
    void ask_for_a_member() {
        middle.linked();
        maria = middle.member("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens(maria.email());
        asked = middle.asked(maria);
    }

    @Test
    void a_code_becomes_a_credential_and_the_row_says_whose_it_is() {
        redeem();

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(row.subject()).isEqualTo("acc_maria");
        assertThat(row.live()).isTrue();
        assertThat(row.serviceAccount()).isEqualTo(Middle.SERVICE_ACCOUNT);
        assertThat(row.grantedAt()).isEqualTo(middle.clock.instant());
        assertThat(row.attempts()).isZero();
        assertThat(row.nextAttemptAt()).isNull();
        assertThat(row.reason()).isNull();
        Credential credential = middle.realm.credential(maria).orElseThrow();
        assertThat(credential.application()).isEqualTo(middle.applicationKey());
        assertThat(credential.subject()).isEqualTo("acc_maria");
        assertThat(credential.link()).isEqualTo("acme");
        assertThat(credential.mailbox()).isEqualTo("maria@acme.example");
        assertThat(middle.realm.shownState(maria)).isEqualTo("granted");
        assertThat(middle.revocations()).isEmpty();
    }

    /** Cronofy compares it letter by letter. */
    @Test
    void a_code_is_redeemed_with_the_very_url_it_came_to_even_if_the_settings_name_another_base_by_now() {
        String url = middle.cronofy.callbackOf("maria@acme.example");
        middle.realm.setPublicUrl("https://elsewhere.example.com");

        redeem();

        assertThat(middle.cronofy.redirectUris()).containsExactly(url);
    }

    static Stream<Arguments> failures_that_spend_the_code() {
        return Stream.of(
                arguments(new CronofyException.GrantGone("invalid_grant"), Reason.AUTHORIZATION_GONE, Duration.ZERO),
                arguments(new CronofyException.Refused("403", false), Reason.REFUSED_BY_CRONOFY, Duration.ZERO),
                arguments(new CronofyException.TokenNotRecognised("401"), Reason.AUTHORIZATION_GONE, Duration.ZERO));
    }

    @ParameterizedTest
    @MethodSource("failures_that_spend_the_code")
    void a_code_that_was_refused_is_never_sent_again_and_the_member_is_asked_for_anew(
            CronofyException failure, Reason reason, Duration wish) {
        middle.queue.start();
        middle.cronofy.fails(Call.EXCHANGE, failure);
        Instant next = middle.retries.afterOutage(middle.clock.instant(), 1, wish);

        redeem();

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(reason);
        assertThat(row.nextAttemptAt()).isEqualTo(next);
        assertThat(middle.realm.shownState(maria)).isEqualTo("asked");

        middle.worker.turn(Duration.between(middle.clock.instant(), next).minusMillis(1));
        assertThat(asks()).isEqualTo(1);
        middle.worker.turn(SWEEP.plus(Middle.COALESCE));
        assertThat(asks()).isEqualTo(2);
        assertThat(codes()).isEqualTo(1);
    }

    static Stream<Arguments> failures_that_leave_the_code_good() {
        return Stream.of(
                arguments(
                        new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused")),
                        Duration.ZERO),
                arguments(new CronofyException.Unavailable("no answer in time", Duration.ZERO), Duration.ZERO),
                arguments(new CronofyException.Unavailable("503", Duration.ofSeconds(90)), Duration.ofSeconds(90)),
                arguments(new CronofyException.Misconfigured("invalid_client"), Duration.ZERO));
    }

    @ParameterizedTest
    @MethodSource("failures_that_leave_the_code_good")
    void a_code_that_was_not_used_up_is_sent_again_and_nobody_is_asked_for(CronofyException failure, Duration wish) {
        middle.queue.start();
        middle.cronofy.fails(Call.EXCHANGE, failure);
        Instant next = middle.retries.afterOutage(middle.clock.instant(), 1, wish);

        redeem();
        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(failure.reason());
        assertThat(row.nextAttemptAt()).isEqualTo(next);
        assertThat(row.attempts()).isEqualTo(1);

        middle.worker.turn(Duration.between(middle.clock.instant(), next).minusMillis(1));
        assertThat(codes()).isEqualTo(1);
        middle.worker.turn(SWEEP);
        assertThat(middle.cronofy.received(Call.EXCHANGE))
                .extracting(Received::what)
                .containsExactly("code-of-maria", "code-of-maria");
        assertThat(asks()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** Our own pace says nothing about Cronofy, and is no failure. */
    @Test
    void a_code_for_which_the_allowance_has_no_room_waits_without_a_trace() {
        middle.queue.start();
        middle.cronofy.fails(Call.EXCHANGE, CronofyException.Unavailable.notSent(Duration.ofSeconds(7)));

        redeem();
        assertThat(middle.delegation(maria)).isEqualTo(asked);

        middle.worker.turn(Duration.ofMillis(6_999));
        assertThat(codes()).isEqualTo(1);
        middle.worker.turn(SWEEP);
        assertThat(codes()).isEqualTo(2);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** As while the client secret is wrong for a weekend. */
    @Test
    void the_pauses_before_a_code_is_sent_again_grow_to_minutes() {
        middle.queue.start();
        for (int i = 0; i < 1_000; i++) {
            middle.cronofy.fails(Call.EXCHANGE, new CronofyException.Misconfigured("invalid_client"));
        }

        redeem();
        middle.worker.turn(Duration.ofHours(1));

        assertThat(codes()).isBetween(6, 12);
        assertThat(middle.delegation(maria).history())
                .filteredOn(attempt -> attempt.reason() == Reason.MISCONFIGURED)
                .hasSize(1);
    }

    /** As after an outage of ours: to send it would spend a request for nothing. */
    @Test
    void a_code_that_is_too_old_is_not_sent_but_asked_for_anew_at_once() {
        middle.answered(maria);
        middle.clock.turn(Duration.ofMinutes(10));
        middle.queue.start();

        middle.worker.turn(SWEEP.multipliedBy(2).plus(Middle.COALESCE));

        assertThat(codes()).isZero();
        assertThat(asks()).isEqualTo(2);
        middle.answered(maria);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** It may stand for tokens that got lost, and nothing else ends those. */
    @Test
    void a_code_of_which_nobody_knows_is_sent_once_more_however_old_it_is() {
        middle.queue.start();
        middle.cronofy.fails(
                Call.EXCHANGE, new CronofyException.Unavailable("no answer in time", Duration.ofMinutes(20)));

        redeem();
        middle.worker.turn(Duration.ofMinutes(21));

        assertThat(codes()).isEqualTo(2);
    }

    @Test
    void too_many_requests_leave_no_trace_and_all_wait() {
        middle.queue.start();
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.NotDone("429", Duration.ofSeconds(90)));

        redeem();
        assertThat(middle.delegation(maria)).isEqualTo(asked);
        TestUser john = middle.member("john");
        middle.queue.add(middle.link, john.id(), SignIn.DIRECT);

        middle.worker.turn(Duration.ofSeconds(89));
        assertThat(codes()).isEqualTo(1);
        assertThat(asks()).isEqualTo(1);
        middle.worker.turn(SWEEP.multipliedBy(2));
        assertThat(codes()).isEqualTo(2);
        assertThat(asks()).isEqualTo(2);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** What is wrong may be the code itself. */
    @Test
    void a_code_that_is_refused_for_long_is_asked_for_anew() {
        middle.queue.start();
        for (int i = 0; i < 1_000; i++) {
            middle.cronofy.fails(Call.EXCHANGE, new CronofyException.Misconfigured("invalid_request"));
        }

        redeem();
        middle.worker.turn(Duration.ofHours(5));

        assertThat(middle.cronofy.received(Call.ASK)).hasSizeGreaterThan(1);
    }

    /** It was used up by the request whose answer got lost; sent once more, Cronofy ends what it stood for. */
    @Test
    void a_code_whose_answer_got_lost_is_sent_once_more_and_then_asked_for_anew() {
        middle.queue.start();
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.Unavailable("no answer in time", Duration.ZERO));
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.GrantGone("invalid_grant"));

        redeem();
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(codes()).isEqualTo(2);
        assertThat(asks()).isEqualTo(2);
        middle.answered(maria);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_of_which_nobody_ever_knows_is_asked_for_anew_after_some_tries() {
        middle.queue.start();
        for (int i = 0; i < 5; i++) {
            middle.cronofy.fails(Call.EXCHANGE, new CronofyException.Unavailable("500", Duration.ZERO));
        }

        redeem();
        middle.worker.turn(Duration.ofMinutes(5));

        assertThat(codes()).isEqualTo(5);
        assertThat(asks()).isEqualTo(2);
    }

    @Test
    void what_was_granted_while_our_tables_were_away_is_stored_once_they_are_back() {
        middle.queue.start();
        middle.redemption.start();
        middle.answered(maria);
        middle.cronofy.during(Call.EXCHANGE, () -> middle.transactions.fail(true));
        middle.worker.run();
        assertThat(codes()).isEqualTo(1);
        middle.worker.turn(Duration.ofMinutes(10));

        middle.transactions.fail(false);
        middle.worker.turn(SWEEP);

        assertThat(codes()).isEqualTo(1);
        assertThat(asks()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria).orElseThrow().tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertThat(middle.revocations()).isEmpty();
    }

    /** The other node may come first once the database is back, and must not ruin what the first one holds. */
    @ParameterizedTest
    @ValueSource(ints = {2, 60})
    void what_one_node_could_not_store_is_waited_for_by_the_others(int minutes) {
        middle.redemption.start();
        loseTablesDuringExchange();
        middle.worker.turn(Duration.ofMinutes(minutes));

        middle.transactions.fail(false);
        atAnotherNode();
        assertThat(codes()).isEqualTo(1);

        middle.worker.turn(SWEEP);
        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria).orElseThrow().tokens()).isEqualTo(middle.cronofy.lastIssued());
        assertThat(middle.revocations()).isEmpty();
    }

    /** By then an ask without an answer would be repeated; but this one has its answer. */
    @Test
    void a_sign_in_after_a_long_outage_does_not_ask_for_a_mailbox_whose_code_is_kept() {
        middle.redemption.start();
        loseTablesDuringExchange();
        middle.worker.turn(Duration.ofMinutes(20));

        middle.transactions.fail(false);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).isEqualTo(1);

        middle.worker.turn(SWEEP);
        assertThat(asks()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
    }

    /** As while the realm's key is away: our own tables can be written, the user's attribute cannot. */
    @Test
    void a_node_that_cannot_store_what_it_got_for_an_hour_keeps_the_others_from_sending_the_code() {
        middle.redemption.start();
        new DelegationQueue(
                        middle.transactions,
                        middle.worker,
                        middle.requests,
                        anotherNode,
                        middle.recentSignIns,
                        middle.clock)
                .start();
        middle.answered(maria);
        middle.cronofy.during(Call.EXCHANGE, () -> middle.realm.holdCredential(maria));
        middle.worker.run();
        middle.worker.turn(Duration.ofHours(1));
        assertThat(codes()).isEqualTo(1);

        middle.realm.holdCredential(null);
        middle.worker.turn(SWEEP);

        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    static Stream<Arguments> answers_that_hold_no_tokens() {
        return Stream.of(
                arguments(new CronofyException.NotDone("429", Duration.ZERO), 2, 1),
                arguments(CronofyException.Unavailable.notSent(Duration.ofSeconds(1)), 2, 1),
                arguments(new CronofyException.Unavailable("503", Duration.ZERO), 2, 1),
                arguments(new CronofyException.GrantGone("invalid_grant"), 1, 2));
    }

    /** What Cronofy said to the code is known to one node alone until it can be written down. */
    @ParameterizedTest
    @MethodSource("answers_that_hold_no_tokens")
    void what_came_of_a_code_while_our_tables_were_away_is_noted_once_they_are_back(
            CronofyException failure, int codes, int asks) {
        middle.redemption.start();
        middle.queue.start();
        middle.answered(maria);
        middle.cronofy.script(Call.EXCHANGE, () -> {
            middle.transactions.fail(true);
            throw failure;
        });
        middle.worker.run();
        middle.worker.turn(Duration.ofMinutes(5));

        middle.transactions.fail(false);
        atAnotherNode();
        assertThat(codes()).isEqualTo(1);
        middle.worker.turn(SWEEP.multipliedBy(3));

        assertThat(codes()).isEqualTo(codes);
        assertThat(asks()).isEqualTo(asks);
    }

    /** Nothing was sent, and this node alone knows that. */
    @Test
    void a_claim_of_whose_commit_nobody_heard_is_given_back() {
        middle.redemption.start();
        middle.queue.start();
        middle.answered(maria);
        middle.transactions.afterwards(() -> {
            middle.transactions.fail(true);
            throw new IllegalStateException("the connection is gone");
        });
        middle.worker.run();
        middle.worker.turn(LEASE.multipliedBy(2));
        assertThat(codes()).isZero();

        middle.transactions.fail(false);
        middle.worker.turn(SWEEP.multipliedBy(2));

        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void what_was_granted_and_not_stored_is_stored_at_the_latest_when_the_server_stops() {
        middle.answered(maria);
        middle.cronofy.during(Call.EXCHANGE, () -> middle.transactions.fail(true));
        middle.worker.run();

        middle.transactions.fail(false);
        middle.redemption.finish();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** The commit has happened, but nobody heard of it. */
    @Test
    void what_was_stored_by_a_commit_of_which_nobody_heard_is_neither_stored_twice_nor_revoked() {
        middle.redemption.start();
        middle.answered(maria);
        middle.cronofy.during(
                Call.EXCHANGE,
                () -> middle.transactions.afterwards(() -> {
                    throw new IllegalStateException("the connection is gone");
                }));
        middle.worker.run();
        middle.worker.turn(SWEEP);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void what_was_granted_while_the_realm_was_being_removed_is_revoked() {
        middle.cronofy.during(Call.EXCHANGE, () -> middle.transactions.remove(middle.realm));

        redeem();

        assertThat(revoked()).singleElement().asString().startsWith("acc_maria by refresh-");
    }

    /** Nobody could end it later, or even find it. */
    @Test
    void an_authorization_of_which_cronofy_does_not_say_whose_it_is_is_given_back_and_asked_for_anew() {
        middle.cronofy.grants(null);
        String token = refreshTokenOfNextExchange();

        redeem();

        assertThat(revoked()).singleElement().asString().startsWith("unknown-").endsWith(" by " + token);

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.retries.afterOutage(middle.clock.instant(), 1, Duration.ZERO));
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @Test
    void an_access_token_that_came_alone_is_revoked_and_another_is_asked_for() {
        middle.cronofy.fails(
                Call.EXCHANGE,
                new CronofyException.NotRenewable("without a refresh token", Secret.of("lonely"), "acc_maria"));

        redeem();

        assertThat(revoked()).containsExactly("acc_maria by lonely");
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.ASKED);
        middle.queue.start();
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(asks()).isEqualTo(2);
        assertThat(codes()).isEqualTo(1);
    }

    @Test
    void a_spent_code_of_a_right_that_has_ended_meanwhile_is_forgotten_and_the_row_stays_as_it_is() {
        middle.queue.start();
        middle.cronofy.script(Call.EXCHANGE, () -> {
            end(Reason.ENDED_BY_ADMINISTRATOR);
            throw new CronofyException.GrantGone("invalid_grant");
        });

        redeem();
        middle.worker.turn(LEASE.plus(SWEEP));

        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);
    }

    /** The code still stands for an authorization at Cronofy, which only its redemption gives the means to end. */
    @Test
    void a_good_code_of_a_right_that_has_ended_meanwhile_is_redeemed_later_all_the_same_and_given_back() {
        middle.queue.start();
        middle.cronofy.script(Call.EXCHANGE, () -> {
            end(Reason.ENDED_BY_ADMINISTRATOR);
            throw CronofyException.Unavailable.notSent(Duration.ofSeconds(7));
        });

        redeem();
        middle.worker.turn(LEASE.plus(SWEEP));

        assertThat(codes()).isEqualTo(2);
        assertThat(middle.cronofy.received(Call.REVOKE)).hasSize(1);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"john@acme.example", "maria@acme.example.org", "maria", "\"maria\"@acme.example"})
    void an_authorization_for_another_mailbox_or_for_none_is_dropped_and_rests(String profile) {
        middle.cronofy.opens(profile);
        String token = refreshTokenOfNextExchange();

        redeem();

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.retries.afterRefusal(middle.clock.instant(), 1));
        assertGivenBack(token, Reason.WRONG_PROFILE);
    }

    @Test
    void what_was_dropped_is_not_redeemed_again() {
        middle.queue.start();
        middle.cronofy.opens("john@acme.example");

        redeem();
        middle.worker.turn(LEASE.plus(SWEEP));

        assertThat(codes()).isEqualTo(1);
        assertThat(revoked()).hasSize(1);
    }

    @Test
    void the_name_of_a_mailbox_may_be_written_in_capitals() {
        middle.cronofy.opens("Maria@ACME.Example");

        redeem();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria).orElseThrow().mailbox()).isEqualTo("maria@acme.example");
    }

    private static Arguments ends(String what, Reason reason, BiConsumer<Middle, TestUser> meanwhile) {
        return arguments(what, reason, meanwhile);
    }

    static Stream<Arguments> what_ends_the_right() {
        return Stream.of(
                ends("the user is removed", Reason.USER_REMOVED, (middle, user) -> middle.realm.remove(user)),
                ends("the user is disabled", Reason.USER_DISABLED, (middle, user) -> user.disable()),
                ends("the user leaves", Reason.LEFT_ORGANIZATION, (middle, user) -> user.leave("acme")),
                ends("the user opts out", Reason.OPTED_OUT, (middle, user) -> {
                    middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.NONE, Duration.ZERO));
                    middle.transactions.doInRealm(
                            middle.realm.id(), work -> work.members().optOut(user.id(), middle.clock.instant()));
                }),
                ends(
                        "the address becomes another",
                        Reason.MAILBOX_CHANGED,
                        (middle, user) -> user.changeEmail("maria.curie@acme.example")),
                ends("the address goes", Reason.MAILBOX_CHANGED, (middle, user) -> user.changeEmail(null)),
                ends(
                        "the domain is no longer approved",
                        Reason.DOMAIN_NOT_LINKED,
                        (middle, user) -> middle.transactions.doInRealm(
                                middle.realm.id(), work -> work.links().approve(middle.link, List.of()))),
                ends(
                        "the link is unlinked",
                        Reason.NOT_LINKED,
                        (middle, user) -> middle.transactions.doInRealm(
                                middle.realm.id(), work -> middle.links.unlink(work, middle.link))),
                ends("another link comes first", Reason.MAILBOX_CHANGED, (middle, user) -> {
                    LinkId first = new LinkId(middle.realm.id(), "aaa");
                    middle.linked(first, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
                    user.in("aaa", Middle.DOMAIN);
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("what_ends_the_right")
    void nothing_is_stored_if_the_right_ends_while_the_code_is_redeemed_and_the_next_sign_in_may_ask_again(
            String what, Reason reason, BiConsumer<Middle, TestUser> meanwhile) {
        middle.cronofy.during(Call.EXCHANGE, () -> meanwhile.accept(middle, maria));

        redeem();

        Delegation row = byId();
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(reason);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant());
        assertThat(row.live()).isFalse();
        assertThat(middle.realm.shownState(maria)).isEqualTo("refused");
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revoked())
                .filteredOn(one -> !one.startsWith(Middle.SERVICE_ACCOUNT))
                .singleElement()
                .asString()
                .startsWith("acc_maria by refresh-");
        assertThat(middle.revocations())
                .filteredOn(revocation -> revocation.subject().equals("acc_maria"))
                .singleElement()
                .satisfies(revocation -> assertThat(revocation.cause().reason()).isEqualTo(reason));
    }

    /** The members of the former link were forgotten; an answer to its ask is not the new one's. */
    @Test
    void nothing_is_stored_if_the_link_is_unlinked_and_linked_anew_while_the_code_is_redeemed() {
        middle.cronofy.during(Call.EXCHANGE, () -> {
            middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
            middle.links.unlinked(middle.link);
            middle.worker.run();
            middle.linked(middle.link, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        });

        redeem();

        assertThat(byId().state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(byId().reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revoked()).anyMatch(what -> what.startsWith("acc_maria by refresh-"));
    }

    private static Arguments withholds(String what, BiConsumer<Middle, TestUser> meanwhile) {
        return arguments(what, meanwhile);
    }

    static Stream<Arguments> what_withholds_the_right() {
        return Stream.of(
                withholds("the realm is suspended", (middle, user) -> suspend(middle, Suspensions.Subject.REALM)),
                withholds("the link is suspended", (middle, user) -> suspend(middle, Suspensions.Subject.link("acme"))),
                withholds("the user is disabled for now", (middle, user) -> user.disableForNow()),
                withholds("the address is not verified", (middle, user) -> user.unverify()),
                withholds("the address is shared", (middle, user) -> user.share()),
                withholds("the realm is switched off", (middle, user) -> middle.realm.switchOff()),
                withholds(
                        "the link needs an authorization",
                        (middle, user) -> middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                                .needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()))));
    }

    /** It is withheld at every use: to lose it here would have to be made good by another ask. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("what_withholds_the_right")
    void what_only_withholds_the_right_for_now_is_no_reason_to_lose_it(
            String what, BiConsumer<Middle, TestUser> meanwhile) {
        middle.cronofy.during(Call.EXCHANGE, () -> meanwhile.accept(middle, maria));

        redeem();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria)).isPresent();
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void an_answer_to_an_ask_before_the_last_is_given_back_and_the_last_one_is_still_awaited() {
        middle.cronofy.during(Call.EXCHANGE, () -> {
            end(Reason.ENDED_BY_ADMINISTRATOR);
            middle.asked(maria);
        });

        redeem();

        Delegation row = middle.delegation(maria);
        assertThat(asks()).isEqualTo(2);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.attempts()).isEqualTo(1);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revoked()).hasSize(1);
        assertThat(middle.answered(maria)).isEqualTo(DelegationAnswers.Receipt.TAKEN);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** What has been redeemed has to be stored, and for that the user has to be found. */
    @Test
    void a_code_waits_while_the_user_s_directory_is_silent() {
        middle.queue.start();
        middle.realm.silence(maria, new DirectorySilent(new IllegalStateException("timeout")));
        Instant next = middle.retries.afterOutage(middle.clock.instant(), 1, Duration.ZERO);

        redeem();
        assertThat(codes()).isZero();
        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.delegation(maria)).isEqualTo(asked);

        middle.realm.answerAgain(maria);
        middle.worker.turn(Duration.between(middle.clock.instant(), next).minusMillis(1));
        assertThat(codes()).isZero();
        middle.worker.turn(SWEEP);
        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_waits_also_if_a_directory_of_somebody_else_s_making_fails_in_its_own_way() {
        middle.queue.start();
        middle.realm.silence(maria);

        redeem();
        assertThat(codes()).isZero();

        middle.realm.answerAgain(maria);
        middle.worker.turn(SWEEP);
        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** It may hang, and with it whoever is to redeem all others. */
    @Test
    void a_code_for_which_a_directory_is_to_be_asked_waits_until_there_is_a_thread_for_it() {
        middle.queue.start();
        middle.realm.importFrom("ldap", maria);
        middle.answered(maria);
        middle.worker.limit(0);

        middle.worker.run();
        assertThat(codes()).isZero();

        middle.worker.limit(Integer.MAX_VALUE);
        middle.worker.turn(SWEEP.multipliedBy(2));
        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_for_which_no_directory_is_to_be_asked_is_redeemed_however_much_there_is_to_do() {
        middle.answered(maria);
        middle.worker.limit(0);

        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** The answer has to come while the claim lasts. */
    @Test
    void a_code_that_has_waited_for_a_thread_for_most_of_its_claim_is_claimed_anew_before_it_is_sent() {
        middle.queue.start();
        middle.answered(maria);
        middle.worker.submit(() -> middle.clock.turn(LEASE.dividedBy(2)));

        middle.worker.run();
        assertThat(codes()).isZero();

        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_whose_redeemer_crashed_is_sent_again_once_nobody_can_come_with_its_tokens_any_more() {
        middle.queue.start();
        middle.cronofy.during(Call.EXCHANGE, () -> {
            throw new IllegalStateException("the node is killed");
        });
        redeem();
        assertThat(middle.delegation(maria)).isEqualTo(asked);

        middle.worker.turn(LEASE.plus(SILENCE).minusMillis(1));
        assertThat(codes()).isEqualTo(1);

        middle.worker.turn(SWEEP.multipliedBy(2));
        assertThat(codes()).isEqualTo(2);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** The crashed node may have used the code up. */
    @Test
    void a_member_whose_code_a_crash_has_used_up_is_asked_for_anew() {
        middle.queue.start();
        middle.cronofy.during(Call.EXCHANGE, () -> {
            throw new IllegalStateException("the node is killed");
        });
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.GrantGone("invalid_grant"));
        redeem();

        middle.worker.turn(LEASE.plus(SILENCE).plus(SWEEP.multipliedBy(4)));

        assertThat(codes()).isEqualTo(2);
        assertThat(asks()).isEqualTo(2);
        middle.answered(maria);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void while_a_code_is_on_the_wire_nobody_else_redeems_it() {
        middle.queue.start();
        middle.cronofy.during(Call.EXCHANGE, () -> {
            middle.redemption.redeemSoon();
            middle.worker.turn(SWEEP.multipliedBy(2));
        });

        redeem();
        middle.worker.turn(LEASE);

        assertThat(codes()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_waits_while_the_application_has_no_secret() {
        middle.queue.start();
        middle.realm.loseSecret();
        redeem();
        middle.worker.turn(LEASE);
        assertThat(codes()).isZero();

        middle.realm.changeSecret("found again");
        middle.worker.turn(LEASE.multipliedBy(2));

        assertThat(middle.cronofy.received(Call.EXCHANGE)).singleElement().satisfies(exchange -> assertThat(
                        exchange.application().clientSecret())
                .isEqualTo(Secret.of("found again")));
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    static Stream<Arguments> what_keeps_codes_from_being_redeemed() {
        return Stream.of(
                withholds("a directory fails in a way of its own", (middle, user) -> middle.realm.silence(user)),
                withholds(
                        "the key is away",
                        (middle, user) -> middle.tables.keys(middle.realm.id()).takeAway()),
                withholds("there is no secret", (middle, user) -> middle.realm.loseSecret()),
                withholds("the realm is gone", (middle, user) -> middle.transactions.remove(middle.realm)));
    }

    /** Only so many are looked at in one sweep. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("what_keeps_codes_from_being_redeemed")
    void a_code_that_cannot_be_redeemed_now_comes_ever_more_rarely_and_never_first(
            String what, BiConsumer<Middle, TestUser> happens) {
        middle.queue.start();
        middle.answered(maria);
        happens.accept(middle, maria);
        middle.worker.run();
        assertThat(unredeemed()).isEmpty();

        middle.worker.turn(Duration.ofMinutes(4));
        List<String> statements = middle.tables.statements(() -> middle.worker.turn(Duration.ofMinutes(5)));

        assertThat(codes()).isZero();
        assertThat(statements)
                .filteredOn(statement -> statement.startsWith("update EC_DELEGATION"))
                .hasSizeBetween(1, 4);
    }

    private List<AnsweredAsk> unredeemed() {
        Instant now = middle.clock.instant();
        return middle.transactions.inServer(work -> work.due().asks().unredeemed(now, now, 1));
    }

    @Test
    void a_code_that_no_longer_opens_is_asked_for_anew() {
        middle.worker.limit(0);
        middle.answered(maria);
        middle.worker.limit(Integer.MAX_VALUE);
        middle.tables.keys(middle.realm.id()).lose();

        middle.redemption.redeemSoon();
        middle.worker.run();

        Delegation row = middle.delegation(maria);
        assertThat(codes()).isZero();
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(Reason.CREDENTIAL_UNREADABLE);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant());
    }

    /** Delivered later, it would end what has just been granted. */
    @Test
    void a_revocation_of_the_same_account_that_waits_makes_way_for_the_new_right() {
        orderRevocation("an older token");

        redeem();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.KEPT);
        middle.dispatcher.deliverSoon();
        middle.worker.run();
        assertThat(revoked()).isEmpty();
    }

    /** Nobody can say which of the two reaches Cronofy first. */
    @Test
    void a_revocation_of_the_same_account_on_the_wire_loses_the_new_right_which_is_revoked_by_its_own_token() {
        middle.dispatcher.start();
        orderRevocation("an older token");
        String token = refreshTokenOfNextExchange();
        middle.cronofy.during(Call.REVOKE, this::redeem);
        middle.dispatcher.deliverSoon();
        middle.worker.run();

        Delegation row = middle.delegation(maria);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant());
        assertThat(middle.realm.credential(maria)).isEmpty();

        middle.worker.turn(SWEEP);
        assertThat(revoked()).containsExactly("acc_maria by an older token", "acc_maria by " + token);
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.DELIVERED);
    }

    /** Refresh tokens rotate: the one in the earlier order may be dead, and a revocation by it would end nothing. */
    @Test
    void what_is_dropped_while_a_revocation_waits_is_revoked_once_by_its_newest_token() {
        orderRevocation("an older token");
        middle.cronofy.opens("john@acme.example");
        String token = refreshTokenOfNextExchange();

        redeem();

        assertThat(revoked()).containsExactly("acc_maria by " + token);
    }

    /** Cronofy revokes an account as a whole, whoever else holds it. */
    @Test
    void an_account_that_somebody_else_holds_is_not_revoked_with_what_is_dropped() {
        TestUser john = middle.member("john");
        middle.cronofy.opens(john.email());
        middle.cronofy.grants("acc_maria");
        middle.asked(john);
        middle.answered(john);
        middle.worker.run();

        redeem();

        assertThat(byId().reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(middle.delegation(john).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(john)).isPresent();
        assertThat(revoked()).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.KEPT);
    }

    @ParameterizedTest
    @CsvSource({"EMAIL, true", "NONE, false", "PAGE, false"})
    void a_notice_by_mail_is_ordered_where_members_are_told_so(Behaviour.Notice notice, boolean ordered) {
        middle.realm.setDefaults(new Behaviour(false, notice, Duration.ZERO));

        redeem();

        assertThat(unannounced()).extracting(Delegation::userId).isEqualTo(ordered ? List.of("maria") : List.of());
    }

    @Test
    void no_notice_is_ordered_of_what_was_dropped() {
        middle.realm.setDefaults(new Behaviour(false, Behaviour.Notice.EMAIL, Duration.ZERO));
        middle.cronofy.during(Call.EXCHANGE, maria::disable);

        redeem();

        assertThat(unannounced()).isEmpty();
    }

    @Test
    void a_member_who_was_told_is_not_told_again_of_what_is_granted_anew() {
        middle.realm.setDefaults(new Behaviour(false, Behaviour.Notice.EMAIL, Duration.ZERO));
        redeem();
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            work.notices().close(asked.id());
            work.credentials().remove(maria.id(), Delegation.State.GRANTED, "acme");
        });

        middle.asked(maria);
        redeem();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(codes()).isEqualTo(2);
        assertThat(unannounced()).isEmpty();
    }

    private void redeem() {
        middle.answered(maria);
        middle.worker.run();
    }

    private void loseTablesDuringExchange() {
        middle.answered(maria);
        middle.cronofy.during(Call.EXCHANGE, () -> middle.transactions.fail(true));
        middle.worker.run();
    }

    private void atAnotherNode() {
        anotherNode.redeemSoon();
        middle.worker.run();
    }

    private void end(Reason reason) {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.termination.end(work, asked, reason));
    }

    private static void suspend(Middle middle, Suspensions.Subject subject) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(subject, new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
    }

    /** As for a right that the same account stood for before, under another address. */
    private void orderRevocation(String refreshToken) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.revocations()
                .add(
                        new RevocationOrder(middle.application(), "acc_maria", Secret.of(refreshToken)),
                        new Revocation.Cause(
                                middle.realm.id(),
                                "acme",
                                maria.id(),
                                Mailbox.parse("maria.before@acme.example").orElseThrow(),
                                Reason.MAILBOX_CHANGED),
                        middle.clock.instant()));
    }

    private void assertGivenBack(String refreshToken, Reason reason) {
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("refused");
        assertThat(revoked()).containsExactly("acc_maria by " + refreshToken);
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo("acc_maria");
            assertThat(revocation.state()).isEqualTo(Revocation.State.DELIVERED);
            assertThat(revocation.cause()).isEqualTo(Revocation.Cause.of(asked, reason));
        });
    }

    /** Tokens are numbered in the order in which Cronofy issues them. */
    private String refreshTokenOfNextExchange() {
        String next = middle.cronofy.tokens(Duration.ofHours(3)).refreshToken().reveal();
        int number = Integer.parseInt(next.substring("refresh-".length()));
        return "refresh-" + (number + 1);
    }

    private Delegation byId() {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.delegations().byId(asked.id()).orElseThrow());
    }

    private List<Delegation> unannounced() {
        return middle.transactions.inServer(work -> work.due().unannounced(middle.clock.instant(), 100));
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private int codes() {
        return middle.cronofy.received(Call.EXCHANGE).size();
    }

    private int asks() {
        return middle.cronofy.received(Call.ASK).size();
    }
}
