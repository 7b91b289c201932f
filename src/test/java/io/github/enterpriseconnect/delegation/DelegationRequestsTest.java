package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent to ask for members, and what every failure of it leaves in their rows. */
class DelegationRequestsTest {
    /** When a member may be asked for again who was asked for now. */
    interface Next {
        Instant apply(Middle middle, Instant now);
    }

    private static final Next AT_ONCE = (middle, now) -> now;
    private static final Next AFTER_OUTAGE = (middle, now) -> middle.retries.afterOutage(now, 1, Duration.ZERO);
    private static final Next AFTER_REFUSAL = (middle, now) -> middle.retries.afterRefusal(now, 1);

    private final Middle middle = new Middle();
    private TestUser maria;
    private TestUser john;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        maria = middle.member("maria");
        john = middle.member("john");
    }

    private static Next after(Duration pause) {
        return (middle, now) -> now.plus(pause);
    }

    static Stream<Arguments> failures() {
        Duration wish = Duration.ofHours(2);
        return Stream.of(
                arguments(
                        "no answer, or a server's fault",
                        new CronofyException.Unavailable("503", Duration.ZERO),
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        1,
                        AFTER_OUTAGE),
                arguments(
                        "too many requests",
                        new CronofyException.Unavailable("429", wish),
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        1,
                        after(wish)),
                arguments(
                        "the allowance is spent",
                        CronofyException.Unavailable.notSent(Duration.ofSeconds(7)),
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        0,
                        after(Duration.ofSeconds(7))),
                arguments(
                        "no",
                        new CronofyException.Refused("403", false),
                        Delegation.State.REFUSED,
                        Reason.REFUSED_BY_CRONOFY,
                        1,
                        AFTER_REFUSAL),
                arguments(
                        "a faulty request",
                        new CronofyException.Refused("422", true),
                        Delegation.State.REFUSED,
                        Reason.REFUSED_BY_CRONOFY,
                        1,
                        AFTER_REFUSAL),
                arguments(
                        "the plan lacks the feature",
                        new CronofyException.Misconfigured("402"),
                        Delegation.State.ASKED,
                        Reason.MISCONFIGURED,
                        1,
                        AFTER_OUTAGE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void what_a_failure_of_the_ask_leaves_behind(
            String what, CronofyException failure, Delegation.State state, Reason reason, int attempts, Next next) {
        middle.cronofy.fails(Call.ASK, failure);

        Delegation row = middle.asked(maria);

        assertThat(row.state()).isEqualTo(state);
        assertThat(row.reason()).isEqualTo(reason);
        assertThat(row.attempts()).isEqualTo(attempts);
        assertThat(row.nextAttemptAt()).isEqualTo(next.apply(middle, middle.clock.instant()));
        assertThat(middle.realm.shownState(maria)).isEqualTo(state.id());
        assertThat(asks()).containsExactly("maria@acme.example");
        assertThat(middle.cronofy.received(Call.REFRESH)).isEmpty();
    }

    static Stream<Arguments> failures_of_the_refresh() {
        return Stream.of(
                arguments(
                        "the service account is gone",
                        new CronofyException.GrantGone("invalid_grant"),
                        Link.State.NEEDS_AUTHORIZATION,
                        Delegation.State.REFUSED,
                        Reason.LINK_NOT_ACTIVE,
                        1,
                        AT_ONCE),
                arguments(
                        "no answer",
                        new CronofyException.Unavailable("503", Duration.ZERO),
                        Link.State.ACTIVE,
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        1,
                        AFTER_OUTAGE),
                arguments(
                        "the allowance is spent",
                        CronofyException.Unavailable.notSent(Duration.ofSeconds(7)),
                        Link.State.ACTIVE,
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        0,
                        after(Duration.ofSeconds(7))),
                arguments(
                        "a wrong client secret",
                        new CronofyException.Misconfigured("invalid_client"),
                        Link.State.ACTIVE,
                        Delegation.State.ASKED,
                        Reason.MISCONFIGURED,
                        1,
                        AFTER_OUTAGE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures_of_the_refresh")
    void nobody_is_asked_for_when_the_service_account_s_expired_token_cannot_be_renewed(
            String what,
            CronofyException failure,
            Link.State linkState,
            Delegation.State state,
            Reason reason,
            int attempts,
            Next next) {
        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.fails(Call.REFRESH, failure);

        Delegation row = middle.asked(maria);

        assertThat(asks()).isEmpty();
        assertThat(middle.link().state()).isEqualTo(linkState);
        assertThat(row.state()).isEqualTo(state);
        assertThat(row.reason()).isEqualTo(reason);
        assertThat(row.attempts()).isEqualTo(attempts);
        assertThat(row.nextAttemptAt()).isEqualTo(next.apply(middle, middle.clock.instant()));
        assertThat(middle.realm.shownState(maria)).isEqualTo(state.id());
    }

    @Test
    void an_expired_token_of_the_service_account_is_renewed_first_and_the_new_one_is_sent() {
        middle.clock.turn(Duration.ofHours(4));

        middle.asked(maria);

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(middle.cronofy.askedWith()).containsExactly(linkToken());
    }

    @Test
    void a_token_that_is_not_recognised_is_renewed_and_the_ask_is_sent_once_more() {
        Tokens before = middle.linkCredential().orElseThrow().tokens();
        middle.cronofy.fails(Call.ASK, new CronofyException.TokenNotRecognised("401"));

        Delegation row = middle.asked(maria);

        assertThat(middle.cronofy.received(Call.REFRESH)).singleElement().satisfies(refresh -> assertThat(
                        refresh.what())
                .isEqualTo(before.refreshToken().reveal()));
        assertThat(middle.cronofy.askedWith())
                .containsExactly(before.accessToken().reveal(), linkToken());
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isNull();
        assertThat(row.attempts()).isEqualTo(1);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.retries.afterSilence(middle.clock.instant(), 1));
    }

    /** Otherwise a token that Cronofy never recognises would be renewed and sent for ever. */
    @Test
    void a_renewed_token_that_is_not_recognised_either_is_left_for_later() {
        middle.cronofy.fails(Call.ASK, new CronofyException.TokenNotRecognised("401"));
        middle.cronofy.fails(Call.ASK, new CronofyException.TokenNotRecognised("401"));

        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(2);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
        assertThat(row.nextAttemptAt()).isEqualTo(AFTER_OUTAGE.apply(middle, middle.clock.instant()));
    }

    @Test
    void a_token_that_another_node_has_renewed_meanwhile_is_taken_as_it_is() {
        Tokens others = middle.cronofy.tokens(Duration.ofHours(3));
        middle.cronofy.script(Call.ASK, () -> {
            middle.linked(middle.link, Middle.SERVICE_ACCOUNT, others);
            throw new CronofyException.TokenNotRecognised("401");
        });

        middle.asked(maria);

        assertThat(middle.cronofy.received(Call.REFRESH)).isEmpty();
        assertThat(middle.cronofy.askedWith())
                .last()
                .isEqualTo(others.accessToken().reveal());
    }

    @Test
    void a_service_account_that_is_gone_is_learnt_of_when_its_token_is_not_recognised() {
        middle.cronofy.fails(Call.ASK, new CronofyException.TokenNotRecognised("401"));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(1);
        assertThat(middle.link().state()).isEqualTo(Link.State.NEEDS_AUTHORIZATION);
        assertThat(row.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(row.reason()).isEqualTo(Reason.LINK_NOT_ACTIVE);
        assertThat(row.nextAttemptAt()).isEqualTo(middle.clock.instant());
    }

    /**
     * Cronofy starts nothing of a batch that has one faulty entry: one member must not keep 49 others from their
     * calendars.
     */
    @Test
    void a_faulty_batch_is_sent_again_one_by_one_and_only_the_faulty_one_is_refused() {
        TestUser anna = middle.member("anna");
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        middle.cronofy.script(Call.ASK, () -> {});
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));

        askTogether(maria, john, anna);

        assertThat(asks())
                .containsExactly(
                        "maria@acme.example john@acme.example anna@acme.example",
                        "maria@acme.example",
                        "john@acme.example",
                        "anna@acme.example");
        assertThat(List.of(maria, anna)).allSatisfy(member -> {
            assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.ASKED);
            assertThat(middle.delegation(member).reason()).isNull();
        });
        assertThat(middle.delegation(john).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.realm.shownState(john)).isEqualTo("refused");
    }

    @Test
    void a_failure_while_a_faulty_batch_is_sent_one_by_one_concerns_that_one_alone() {
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        middle.cronofy.fails(Call.ASK, CronofyException.Unavailable.notSent(Duration.ofSeconds(7)));

        askTogether(maria, john);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(middle.delegation(maria).attempts()).isZero();
        assertThat(middle.delegation(john).reason()).isNull();
        assertThat(middle.delegation(john).attempts()).isEqualTo(1);
    }

    @Test
    void a_batch_that_is_refused_as_a_whole_is_not_sent_one_by_one() {
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("403", false));

        askTogether(maria, john);

        assertThat(asks()).hasSize(1);
        assertThat(List.of(maria, john))
                .allSatisfy(
                        member -> assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.REFUSED));
    }

    @Test
    void the_ask_is_committed_before_it_is_sent() {
        middle.cronofy.during(Call.ASK, () -> {
            Delegation row = middle.delegation(maria);
            assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
            assertThat(row.attempts()).isEqualTo(1);
            assertThat(row.ask()).isNotNull();
            assertThat(middle.realm.shownState(maria)).isEqualTo("asked");
        });

        middle.asked(maria);

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(asks()).hasSize(1);
    }

    @Test
    void nothing_is_sent_for_an_ask_that_could_not_be_committed() {
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        // The first transaction notes that the member waits.
        middle.transactions.meanwhile(() -> middle.transactions.meanwhile(() -> {
            throw new IllegalStateException("the database is gone");
        }));
        middle.worker.turn(Middle.COALESCE);

        assertThat(asks()).isEmpty();
        assertThat(middle.realm.shownState(maria)).isNull();
        assertThat(middle.worker.failures()).hasSize(1);
    }

    /** Cronofy may call back before its answer to the ask has come, and that answer may be lost. */
    @Test
    void an_answer_that_came_while_the_ask_was_on_the_wire_survives_its_failure() {
        middle.cronofy.opens(maria.email());
        middle.cronofy.script(Call.ASK, () -> {
            middle.answered(maria);
            throw new CronofyException.Unavailable("no answer in time", Duration.ZERO);
        });

        Delegation row = middle.asked(maria);

        assertThat(row.state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria)).isPresent();
        assertThat(asks()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_failure_that_comes_after_the_delegation_was_ended_changes_nothing_any_more(boolean refused) {
        middle.cronofy.script(Call.ASK, () -> {
            Delegation asked = middle.delegation(maria);
            middle.transactions.doInRealm(
                    middle.realm.id(), work -> middle.termination.end(work, asked, Reason.ENDED_BY_ADMINISTRATOR));
            throw refused
                    ? new CronofyException.Refused("403", false)
                    : CronofyException.Unavailable.notSent(Duration.ofSeconds(7));
        });

        Delegation row = middle.asked(maria);

        assertThat(row.state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(row.reason()).isEqualTo(Reason.ENDED_BY_ADMINISTRATOR);
        assertThat(row.nextAttemptAt()).isNull();
        assertThat(middle.realm.shownState(maria)).isEqualTo("revoked");
    }

    @Test
    void an_outage_that_lasts_is_waited_for_longer_each_time() {
        middle.queue.start();
        middle.cronofy.fails(Call.ASK, new CronofyException.Unavailable("503", Duration.ZERO));
        middle.cronofy.fails(Call.ASK, new CronofyException.Unavailable("503", Duration.ZERO));
        middle.asked(maria);

        while (asks().size() < 2) {
            middle.worker.turn(Duration.ofMillis(250));
        }

        Delegation row = middle.delegation(maria);
        assertThat(row.attempts()).isEqualTo(2);
        assertThat(row.nextAttemptAt())
                .isEqualTo(middle.retries.afterOutage(middle.clock.instant(), 2, Duration.ZERO))
                .isAfter(AFTER_OUTAGE.apply(middle, middle.clock.instant()));
    }

    private void askTogether(TestUser... members) {
        for (TestUser member : members) {
            middle.queue.add(middle.link, member.id(), SignIn.DIRECT);
        }
        middle.worker.turn(Middle.COALESCE);
    }

    private String linkToken() {
        return middle.linkCredential().orElseThrow().tokens().accessToken().reveal();
    }

    private List<String> asks() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }
}
