package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
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
    private static final Next AFTER_PROBLEM = (middle, now) -> middle.retries.afterProblem(now, 1);
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
                        0,
                        AFTER_OUTAGE),
                arguments(
                        "no connection",
                        new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused")),
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        0,
                        AFTER_OUTAGE),
                arguments(
                        "too many requests",
                        new CronofyException.NotDone("429", wish),
                        Delegation.State.ASKED,
                        Reason.UNAVAILABLE,
                        0,
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
                        Delegation.State.ASKED,
                        Reason.REFUSED_BY_CRONOFY,
                        0,
                        AFTER_PROBLEM),
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
                        0,
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
                        0,
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
                        0,
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
        assertThat(row.nextAttemptAt()).isEqualTo(AFTER_PROBLEM.apply(middle, middle.clock.instant()));
        assertThat(middle.link().problem())
                .isEqualTo(new Link.Problem(Reason.AUTHORIZATION_GONE, middle.clock.instant()));
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

    @Test
    void nobody_is_refused_where_the_link_is_authorized_anew_during_the_refresh() {
        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.script(Call.REFRESH, () -> {
            middle.linked();
            throw new CronofyException.GrantGone("invalid_grant");
        });

        Delegation row = middle.asked(maria);

        assertThat(asks()).hasSize(1);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.reason()).isNull();
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
        assertThat(List.of(maria, john)).allSatisfy(this::assertWaits);
    }

    /** Whatever the link suffers from is nobody's own matter: no cool-down, no end, and no storm. */
    @ParameterizedTest
    @FieldSource("SICKNESSES")
    void a_sick_link_shows_a_problem_lets_its_members_wait_and_is_tried_by_one_request_at_growing_intervals(
            CronofyException sickness) {
        middle.queue.start();
        Instant begin = middle.clock.instant();
        fail(sickness, 1_000);
        askTogether(maria, john);
        Link.Problem problem = Objects.requireNonNull(middle.link().problem());
        Instant noted = problem.since();
        assertThat(problem.reason()).isEqualTo(sickness.reason());
        assertThat(noted).isAfter(begin);
        assertThat(List.of(maria, john)).allSatisfy(this::assertWaits);

        TestUser anna = middle.member("anna");
        middle.asked(anna);
        assertWaits(anna);
        assertThat(middle.delegation(anna).reason()).isEqualTo(sickness.reason());

        middle.worker.turn(Duration.ofHours(1));
        assertThat(asks()).hasSizeBetween(6, 50);
        assertThat(middle.link().problem()).isEqualTo(new Link.Problem(sickness.reason(), noted));
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(List.of(maria, john, anna)).allSatisfy(this::assertWaits);

        wellAgain();
        for (int minute = 0; minute < 31 && middle.link().problem() != null; minute++) {
            middle.worker.turn(Duration.ofMinutes(1));
        }
        assertThat(middle.link().problem()).isNull();
        assertThat(List.of(maria, john, anna)).allSatisfy(member -> {
            assertThat(middle.delegation(member).reason()).isNull();
            assertThat(middle.delegation(member).attempts()).isEqualTo(1);
        });
    }

    static final List<CronofyException> SICKNESSES = List.of(
            new CronofyException.Misconfigured("402"),
            new CronofyException.Refused("403", false),
            new CronofyException.Refused("422", true),
            new CronofyException.TokenNotRecognised("401 after a refresh"));

    /** However long it lasts: nobody is given up, and all are asked for within minutes, without another sign-in. */
    @ParameterizedTest
    @FieldSource("OUTAGES")
    void after_an_outage_those_who_signed_in_are_asked_for_within_minutes(CronofyException outage, Call at) {
        middle.queue.start();
        if (at == Call.REFRESH) {
            middle.clock.turn(Duration.ofHours(4));
        }
        for (int i = 0; i < 1_000; i++) {
            middle.cronofy.fails(at, outage);
        }
        askTogether(maria, john);
        middle.worker.turn(Duration.ofHours(2));
        TestUser anna = middle.member("anna");
        middle.asked(anna);
        assertThat(List.of(maria, john, anna)).allSatisfy(member -> {
            assertWaits(member);
            assertThat(middle.delegation(member).reason()).isEqualTo(outage.reason());
        });
        assertThat(middle.cronofy.received(at).size()).isBetween(24, 60);

        middle.cronofy.forget(at);
        middle.worker.turn(Duration.ofMinutes(6));

        assertThat(asks()).last().asString().contains("maria@", "john@", "anna@");
        assertThat(middle.link().problem()).isNull();
    }

    static final List<Arguments> OUTAGES = List.of(
            arguments(
                    new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused")), Call.ASK),
            arguments(new CronofyException.Unavailable("no answer in time", Duration.ZERO), Call.ASK),
            arguments(
                    new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused")),
                    Call.REFRESH),
            arguments(new CronofyException.Misconfigured("invalid_client"), Call.REFRESH));

    /** One that gets through shows that Cronofy is back. */
    @Test
    void when_one_link_gets_through_the_others_of_the_application_are_tried_at_once() {
        middle.queue.start();
        LinkId other = new LinkId(middle.realm.id(), "other");
        middle.linked(other, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser anna = middle.realm.user("anna@" + Middle.DOMAIN).in("other", Middle.DOMAIN);
        middle.cronofy.fails(
                Call.ASK, new CronofyException.NotDone("no connection", Duration.ZERO, new IOException("refused")));
        for (int i = 0; i < 3; i++) {
            middle.cronofy.fails(Call.ASK, new CronofyException.Misconfigured("402"));
        }
        middle.queue.add(other, anna.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        middle.asked(maria);
        assertThat(List.of(maria, anna)).allSatisfy(this::assertWaits);
        middle.cronofy.forget(Call.ASK);

        middle.worker.turn(Duration.ofSeconds(20));

        assertThat(asks().subList(2, asks().size()))
                .containsExactlyInAnyOrder("anna@acme.example", "maria@acme.example");
    }

    /** Nobody can say of one member alone whose matter it is; of a second one, it is the link's. */
    @Test
    void two_members_who_are_refused_one_after_the_other_wait_for_the_link() {
        middle.queue.start();
        fail(new CronofyException.Refused("422", true), 1_000);
        middle.asked(maria);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.link().problem()).isNull();

        middle.asked(john);

        assertThat(List.of(maria, john)).allSatisfy(this::assertWaits);
        assertThat(middle.link().problem())
                .isEqualTo(new Link.Problem(Reason.REFUSED_BY_CRONOFY, middle.clock.instant()));
        wellAgain();
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.link().problem()).isNull();
        assertThat(List.of(maria, john))
                .allSatisfy(
                        member -> assertThat(middle.delegation(member).reason()).isNull());
    }

    /** Whoever asks for all of fifty would use up what Cronofy allows the whole application. */
    @Test
    void a_link_that_refuses_everybody_is_tried_by_a_few_requests() {
        TestUser anna = middle.member("anna");
        TestUser eric = middle.member("eric");
        TestUser jane = middle.member("jane");
        TestUser paul = middle.member("paul");
        fail(new CronofyException.Refused("422", true), 1_000);
        askTogether(maria, john, anna, eric, jane, paul);
        assertThat(asks()).hasSize(7);

        middle.clock.turn(Duration.between(
                middle.clock.instant(),
                Objects.requireNonNull(middle.delegation(maria).nextAttemptAt())));
        askTogether(maria, john, anna, eric, jane, paul);

        assertThat(asks()).hasSize(11);
        assertThat(List.of(maria, john, anna, eric, jane, paul)).allSatisfy(this::assertWaits);
        wellAgain();
        middle.clock.turn(Duration.between(
                middle.clock.instant(),
                Objects.requireNonNull(middle.delegation(maria).nextAttemptAt())));
        askTogether(maria, john, anna, eric, jane, paul);
        assertThat(middle.link().problem()).isNull();
    }

    @Test
    void a_member_who_is_refused_again_and_again_is_not_the_link_s_matter() {
        fail(new CronofyException.Refused("422", true), 3);
        for (int i = 0; i < 3; i++) {
            middle.asked(maria);
            middle.clock.turn(Duration.ofDays(2));
        }

        assertThat(asks()).hasSize(3);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.link().problem()).isNull();
    }

    @Test
    void two_members_who_are_refused_with_somebody_accepted_between_are_refused_themselves() {
        TestUser anna = middle.member("anna");
        fail(new CronofyException.Refused("422", true), 1);
        middle.asked(maria);
        middle.asked(anna);
        fail(new CronofyException.Refused("422", true), 1);
        middle.asked(john);

        assertThat(List.of(maria, john))
                .allSatisfy(
                        member -> assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.REFUSED));
        assertThat(middle.link().problem()).isNull();
    }

    @Test
    void an_outage_while_a_faulty_batch_is_sent_one_by_one_stops_it() {
        TestUser anna = middle.member("anna");
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        middle.cronofy.fails(Call.ASK, new CronofyException.NotDone("429", Duration.ofSeconds(30)));

        askTogether(maria, john, anna);

        assertThat(asks()).hasSize(2);
        assertThat(List.of(maria, john, anna)).allSatisfy(this::assertWaits);
    }

    private void fail(CronofyException failure, int times) {
        for (int i = 0; i < times; i++) {
            middle.cronofy.fails(Call.ASK, failure);
        }
    }

    private void wellAgain() {
        middle.cronofy.forget(Call.ASK);
    }

    private void assertWaits(TestUser member) {
        Delegation row = middle.delegation(member);
        assertThat(row.state()).isEqualTo(Delegation.State.ASKED);
        assertThat(row.attempts()).isZero();
        assertThat(row.nextAttemptAt())
                .isBefore(middle.clock.instant().plus(Duration.ofMinutes(60)).plusSeconds(1));
        assertThat(middle.realm.shownState(member)).isEqualTo("asked");
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
        assertThat(row.attempts()).isZero();
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
