package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.delegation.Replacements.Answer;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization.Outcome;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.middle.Warnings;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another service account takes the place of a link's: members move to it, and nobody loses a token on the way. */
class ReplacementsTest {
    private static final String FORMER = Middle.SERVICE_ACCOUNT;
    private static final String SUCCESSOR = "ser_2";
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LEASE_OVER = Duration.ofMinutes(3);

    private static final Duration AN_HOUR = Duration.ofMinutes(61);
    private static final String DENIED = "{\"authorization\": {\"error\": \"access_denied\"}}";

    /** In this time whoever could not be asked for is asked for again. */
    private static final Duration LONG = Duration.ofMinutes(40);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.startWithoutReconciliation();
        middle.cronofy.grantsToEachTheirOwn();
    }

    @Test
    void members_move_while_they_go_on_with_what_they_have_and_then_the_former_one_is_revoked() {
        List<TestUser> members = middle.grantedAtOnce(120);
        Map<String, Credential> before = credentials(members);
        middle.cronofy.callsAccounts("other_");

        replace();
        middle.worker.turn(SOON);

        assertThat(middle.link().serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(asked()).hasSize(120).doesNotHaveDuplicates();
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(3).allSatisfy(ask -> assertThat(ask.purpose())
                .isEqualTo(Purpose.BACKFILL));
        assertThat(credentials(members)).isEqualTo(before);
        assertThat(counts()).isEqualTo(new Replacement.Counts(0, 120, 0, 120, 120));

        members.subList(0, 50).forEach(middle::answered);
        middle.worker.turn(SOON);
        assertThat(counts()).isEqualTo(new Replacement.Counts(50, 70, 0, 70, 70));
        assertThat(revoked()).isEmpty();

        members.subList(50, 120).forEach(middle::answered);
        middle.worker.turn(LEASE_OVER);

        assertThat(credentials(members).values())
                .extracting(Credential::subject)
                .allMatch(subject -> subject.startsWith("other_"));
        assertThat(rows(members)).allSatisfy(row -> {
            assertThat(row.state()).isEqualTo(Delegation.State.GRANTED);
            assertThat(row.serviceAccount()).isEqualTo(SUCCESSOR);
        });
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked()).singleElement().asString().startsWith(FORMER);
        assertThat(middle.revocations())
                .extracting(Revocation::subject, Revocation::state)
                .containsExactly(tuple(FORMER, Revocation.State.DELIVERED));
        // One for fifty, and one for each code; the others were of the new service account itself.
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(120 + 1);
    }

    @Test
    void where_members_keep_their_accounts_an_administrator_decides_of_the_former_one() {
        List<TestUser> members = moved(3);

        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
        assertThat(counts()).isEqualTo(new Replacement.Counts(3, 0, 0, 0, 3));
        assertThat(revoked()).isEmpty();

        assertThat(middle.replacements.revokeFormer(middle.link, 2)).isEqualTo(Answer.OTHER_NUMBER);
        assertThat(revoked()).isEmpty();
        assertThat(middle.replacements.revokeFormer(middle.link, 3)).isEqualTo(Answer.DONE);
        middle.worker.turn(SOON);

        assertThat(revoked()).singleElement().asString().startsWith(FORMER);
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(replacement().left()).isFalse();
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(3).allSatisfy(refresh -> assertThat(refresh.purpose())
                .isEqualTo(Purpose.BACKFILL));
        assertThat(rows(members)).allMatch(row -> row.state() == Delegation.State.GRANTED);
    }

    @Test
    void whoever_was_taken_along_with_the_former_one_is_asked_for_again() {
        List<TestUser> members = moved(3);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("revoked"));
        middle.cronofy.during(Call.REFRESH, () -> {});
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("revoked"));

        middle.replacements.revokeFormer(middle.link, 3);
        middle.worker.turn(SOON);

        List<TestUser> fallen = members.stream()
                .filter(member -> middle.delegation(member).state() == Delegation.State.ASKED)
                .toList();
        assertThat(fallen).hasSize(2);
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        fallen.forEach(middle::answered);
        middle.worker.turn(SOON);
        assertThat(rows(members)).allSatisfy(row -> {
            assertThat(row.state()).isEqualTo(Delegation.State.GRANTED);
            assertThat(row.serviceAccount()).isEqualTo(SUCCESSOR);
        });
    }

    @Test
    void a_crash_while_they_are_looked_at_afterwards_leaves_nobody_without_an_ask() {
        List<TestUser> members = moved(3);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("revoked"));
        middle.cronofy.script(Call.REFRESH, () -> {
            throw new Crash();
        });
        middle.replacements.revokeFormer(middle.link, 3);
        assertThatThrownBy(() -> middle.worker.turn(SOON)).isInstanceOf(Crash.class);

        Middle other = another();
        other.worker.turn(LEASE_OVER);

        assertThat(rows(members))
                .extracting(Delegation::state)
                .containsExactlyInAnyOrder(Delegation.State.ASKED, Delegation.State.GRANTED, Delegation.State.GRANTED);
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
    }

    @Test
    void the_former_one_may_be_left_authorized() {
        moved(2);

        assertThat(middle.replacements.leaveFormer(middle.link)).isEqualTo(Answer.DONE);
        middle.worker.turn(SOON);

        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(replacement().left()).isTrue();
        assertThat(revoked()).isEmpty();
        assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.NOTHING_OPEN);
    }

    @Test
    void an_account_that_another_realm_uses_keeps_the_former_one_authorized() {
        TestUser maria = middle.granted("maria");
        LinkId elsewhere = new LinkId(middle.anotherRealm("realm-2").id(), "acme");
        middle.linked(elsewhere, "ser_9", middle.cronofy.tokens(Duration.ofHours(3)));
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "insert into EC_DELEGATION (ID, VERSION, REALM_ID, APPLICATION, MAILBOX, LINK_NAME, USER_ID, STATE,"
                                + " SUBJECT, LIVE, SERVICE_ACCOUNT) select 'elsewhere', 0, 'realm-2', APPLICATION, MAILBOX,"
                                + " LINK_NAME, USER_ID, STATE, SUBJECT, LIVE, 'ser_9' from EC_DELEGATION")
                .executeUpdate());
        middle.cronofy.callsAccounts("other_");

        replace();
        middle.worker.turn(SOON);
        middle.answered(maria);
        middle.worker.turn(LEASE_OVER);

        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
        assertThat(counts().concerned()).isEqualTo(1);
        assertThat(revoked()).isEmpty();
    }

    @Test
    void whoever_is_new_or_was_not_granted_is_asked_for_through_the_new_one_at_once() {
        TestUser refused = middle.member("refused");
        middle.asked(refused);
        middle.answered(refused, "{\"authorization\": {\"error\": \"access_denied\"}}");
        replace();
        TestUser fresh = middle.member("fresh");

        middle.asked(fresh);
        middle.answered(fresh);
        middle.worker.turn(SOON);

        assertThat(middle.delegation(fresh).serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(middle.delegation(refused).state()).isEqualTo(Delegation.State.REFUSED);
    }

    @Test
    void an_answer_that_was_under_way_counts_as_of_the_former_one_and_that_member_moves_too() {
        TestUser late = middle.member("late");
        middle.asked(late);
        replace();

        middle.answered(late);
        middle.worker.run();
        assertThat(middle.delegation(late).serviceAccount()).isEqualTo(FORMER);
        assertThat(replacement().state()).isEqualTo(Replacement.State.MOVING);

        middle.worker.turn(LEASE_OVER);
        assertThat(asked()).containsExactly(late.address(), late.address());
        middle.cronofy.callsAccounts("other_");
        middle.answered(late);
        middle.worker.turn(LEASE_OVER);

        assertThat(middle.delegation(late).serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
    }

    @Test
    void an_ask_that_was_noted_before_is_sent_by_the_account_that_is_noted_with_it_or_not_at_all() {
        TestUser maria = middle.member("maria");
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.transactions.afterwards(() -> middle.transactions.afterwards(this::replace));
        middle.worker.turn(SOON);
        middle.worker.turn(SOON);

        assertThat(asked()).contains(maria.address());
        assertThat(middle.cronofy.askedWith()).hasSameSizeAs(asked()).doesNotContain("access-1");
    }

    @Test
    void a_crash_between_the_steps_loses_nobody_and_asks_for_nobody_twice() {
        List<TestUser> members = middle.grantedAtOnce(120);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.cronofy.during(Call.ASK, () -> {});
        middle.cronofy.during(Call.ASK, () -> {
            throw new Crash();
        });
        assertThatThrownBy(() -> middle.worker.turn(SOON)).isInstanceOf(Crash.class);

        Middle other = another();
        other.worker.turn(LEASE_OVER);
        assertThat(asked()).hasSize(120).doesNotHaveDuplicates();
        members.forEach(other::answered);
        other.worker.turn(LEASE_OVER);

        assertThat(rows(members)).allMatch(row -> SUCCESSOR.equals(row.serviceAccount()));
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked()).singleElement().asString().startsWith(FORMER);
    }

    @Test
    void whoever_gets_no_answer_is_asked_again_and_goes_on_with_what_they_have() {
        List<TestUser> members = middle.grantedAtOnce(2);
        replace();
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.answered(members.get(1), "{\"authorization\": {\"error\": \"access_denied\"}}");
        middle.worker.turn(SOON);

        assertThat(middle.delegation(members.get(1)).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(counts()).isEqualTo(new Replacement.Counts(1, 0, 1, 1, 2));
        assertThat(replacement().state()).isEqualTo(Replacement.State.MOVING);

        middle.worker.turn(Duration.ofHours(2));
        middle.answered(members.get(1));
        middle.worker.turn(Duration.ofMinutes(10));

        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
    }

    @Test
    void it_can_be_turned_round_and_whoever_has_moved_moves_back() {
        List<TestUser> members = middle.grantedAtOnce(3);
        Map<String, Credential> before = credentials(members);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.worker.turn(SOON);

        assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.DONE);
        assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.CANCELLED_ALREADY);
        assertThat(middle.link().serviceAccount()).isEqualTo(FORMER);
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        members.subList(1, 3).forEach(member -> middle.answered(member, DENIED));
        middle.cronofy.callsAccounts("acc_");
        middle.worker.turn(SOON);
        assertThat(asked()).hasSize(4);
        middle.answered(members.get(0));
        middle.worker.turn(LEASE_OVER);

        assertThat(credentials(members.subList(1, 3))).isEqualTo(credentials(before, members.subList(1, 3)));
        assertThat(rows(members)).allSatisfy(row -> {
            assertThat(row.state()).isEqualTo(Delegation.State.GRANTED);
            assertThat(row.serviceAccount()).isEqualTo(FORMER);
        });
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(replacement().cancelled()).isTrue();
        assertThat(revoked()).singleElement().asString().startsWith(SUCCESSOR);
    }

    @Test
    void an_answer_that_comes_after_it_was_turned_round_is_not_redeemed_and_an_administrator_decides() {
        List<TestUser> members = middle.grantedAtOnce(1);
        Map<String, Credential> before = credentials(members);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.replacements.cancel(middle.link);

        middle.answered(members.get(0));
        middle.worker.turn(LEASE_OVER);

        assertThat(credentials(members)).isEqualTo(before);
        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
        assertThat(counts()).isEqualTo(new Replacement.Counts(0, 0, 0, 0, 1));
        assertThat(revoked()).isEmpty();

        assertThat(middle.replacements.revokeFormer(middle.link, 1)).isEqualTo(Answer.DONE);
        middle.worker.turn(SOON);

        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(middle.revocations()).extracting(Revocation::subject).containsExactly(SUCCESSOR);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(middle.delegation(members.get(0)).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
    }

    @Test
    void after_it_was_turned_round_whoever_was_asked_for_and_may_have_been_granted_is_counted_until_cronofy_says_no() {
        List<TestUser> members = middle.grantedAtOnce(2);
        replace();
        middle.worker.turn(SOON);
        middle.replacements.cancel(middle.link);
        middle.worker.turn(LEASE_OVER);
        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
        assertThat(counts().concerned()).isEqualTo(2);

        middle.answered(members.get(0), DENIED);
        assertThat(counts().concerned()).isEqualTo(1);
        middle.answered(members.get(1), DENIED);
        middle.worker.turn(AN_HOUR);

        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked()).singleElement().asString().startsWith(SUCCESSOR);
    }

    @Test
    void what_is_kept_is_looked_at_again_and_revoked_once_nobody_uses_anything_of_it() {
        List<TestUser> members = moved(2);
        middle.worker.turn(AN_HOUR);
        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);

        members.forEach(member ->
                inRealm(work -> middle.termination.end(work, middle.delegation(member), Reason.LEFT_ORGANIZATION)));
        middle.worker.turn(AN_HOUR);

        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked()).anyMatch(what -> what.startsWith(FORMER));
    }

    @Test
    void whoever_gets_something_of_the_former_one_while_it_is_kept_moves_too() {
        List<TestUser> members = moved(2);
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery("update EC_DELEGATION set SERVICE_ACCOUNT = '" + FORMER
                                + "' where USER_ID = '" + members.get(0).id() + "'")
                        .executeUpdate());

        middle.worker.turn(AN_HOUR);

        assertThat(replacement().state()).isEqualTo(Replacement.State.MOVING);
        assertThat(asked()).hasSize(3);
    }

    @Test
    void what_an_older_version_has_unlinked_while_it_was_kept_is_ended_here() {
        moved(1);
        unlinkAsBefore();

        middle.worker.turn(AN_HOUR);

        assertThat(middle.tables.rows("EC_REPLACEMENT")).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::subject).contains(FORMER);
    }

    @Test
    void it_is_turned_round_once_more_where_the_one_that_it_went_back_to_is_dead() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.worker.turn(SOON);
        middle.replacements.cancel(middle.link);
        inRealm(work -> work.links().needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()));

        assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.DONE);
        assertThat(middle.link().serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(replacement().cancelled()).isFalse();
        assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.FORMER_GONE);
        middle.worker.turn(SOON);
        middle.answered(members.get(1));
        middle.worker.turn(LEASE_OVER);

        assertThat(rows(members)).allSatisfy(row -> {
            assertThat(row.state()).isEqualTo(Delegation.State.GRANTED);
            assertThat(row.serviceAccount()).isEqualTo(SUCCESSOR);
        });
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked()).anyMatch(what -> what.startsWith(FORMER)).noneMatch(what -> what.startsWith(SUCCESSOR));
    }

    @Test
    void another_may_begin_where_the_rest_of_one_waits_for_a_service_account_that_is_dead() {
        moved(2);
        middle.replacements.revokeFormer(middle.link, 2);
        inRealm(work -> work.links().needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()));
        middle.worker.turn(LEASE_OVER);
        assertThat(replacement().state()).isEqualTo(Replacement.State.CHECKING);

        middle.cronofy.authorizes("ser_3", Middle.DOMAIN);
        assertThat(arrive(true)).isEqualTo(Outcome.LINKED);
        middle.worker.turn(SOON);

        assertThat(middle.link().serviceAccount()).isEqualTo("ser_3");
        assertThat(replacement().former()).isEqualTo(SUCCESSOR);
        assertThat(asked()).hasSize(4);
    }

    @Test
    void what_an_answer_that_was_dropped_may_have_ended_is_found_out_at_once() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        replace();
        middle.worker.turn(SOON);
        middle.cronofy.during(Call.EXCHANGE, () -> middle.replacements.cancel(middle.link));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("replaced"));
        middle.answered(maria);
        middle.worker.run();

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);

        middle.worker.turn(SOON);
        middle.answered(maria);
        middle.worker.turn(SOON);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.delegation(maria).serviceAccount()).isEqualTo(FORMER);
    }

    @Test
    void whoever_moves_is_asked_for_at_once_when_an_outage_is_over() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.cronofy.fails(Call.ASK, new CronofyException.Unavailable("503", Duration.ZERO));
        replace();
        middle.worker.turn(Duration.ofSeconds(6));
        middle.tables.inTransaction(entities -> {
            String later = " = " + middle.clock.instant().plus(AN_HOUR).toEpochMilli();
            entities.createNativeQuery("update EC_MOVE set NEXT_ATTEMPT_AT" + later)
                    .executeUpdate();
            return entities.createNativeQuery("update EC_REPLACEMENT set NEXT_AT" + later)
                    .executeUpdate();
        });
        middle.clock.turn(Duration.ofSeconds(30));

        middle.asked(middle.member("fresh"));
        middle.worker.turn(SOON);

        assertThat(asked()).as("%s", middle.tables.rows("EC_MOVE")).hasSize(5);
        assertThat(asked().subList(3, 5))
                .containsExactlyInAnyOrder(
                        members.get(0).address(), members.get(1).address());
    }

    @Test
    void whoever_is_refused_alone_while_they_move_tells_that_the_link_is_sick() {
        middle.grantedAtOnce(1);
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        replace();
        middle.worker.turn(SOON);
        assertThat(middle.link().problem()).isNull();
        assertThat(counts().refused()).isEqualTo(1);

        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        middle.asked(middle.member("fresh"));

        assertThat(Objects.requireNonNull(middle.link().problem()).reason()).isEqualTo(Reason.REFUSED_BY_CRONOFY);
        assertThat(counts().asked()).isEqualTo(1);
    }

    @Test
    void an_answer_that_comes_in_the_moment_of_the_next_ask_is_redeemed_and_not_asked_for_again() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        AtomicBoolean answered = new AtomicBoolean();
        middle.tables.listening(
                statement -> {
                    // The member is found to be due by then.
                    if (statement.contains("EC_MOVE")
                            && statement.contains("DELEGATION_ID=?")
                            && answered.compareAndSet(false, true)) {
                        middle.answered(maria);
                    }
                },
                () -> middle.worker.turn(Duration.ofMinutes(20)));

        assertThat(answered).isTrue();
        assertThat(asked()).hasSize(1);
        assertThat(middle.delegation(maria).serviceAccount()).isEqualTo(SUCCESSOR);
    }

    @Test
    void whose_claim_has_ended_changes_nothing_that_others_have_done_since() {
        middle.grantedAtOnce(2);
        replace();
        Replacement first = claim().orElseThrow();
        middle.clock.turn(LEASE_OVER);
        Replacement second = claim().orElseThrow();
        inRealm(work -> work.replacements().goOn(second, "m", null, 0, middle.clock.instant()));

        inRealm(work -> {
            work.replacements().goOn(first, "a", Reason.UNAVAILABLE, 3, middle.clock.instant());
            work.replacements().keep(first, middle.clock.instant());
            work.replacements().revokeAndFinish(first, middle.clock.instant());
        });

        assertThat(replacement().reached()).isEqualTo("m");
        assertThat(replacement().state()).isEqualTo(Replacement.State.MOVING);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void going_back_comes_too_late_where_the_former_one_is_being_revoked_at_that_moment() {
        moved(2);
        AtomicReference<Answer> late = new AtomicReference<>();

        rightBeforeTheRowIsLocked(
                () -> assertThat(middle.replacements.revokeFormer(middle.link, 2))
                        .isEqualTo(Answer.DONE),
                () -> late.set(middle.replacements.cancel(middle.link)));

        assertThat(late).hasValue(Answer.NOTHING_OPEN);
        assertThat(middle.link().serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(replacement().cancelled()).isFalse();
    }

    @Test
    void what_was_decided_of_one_is_not_done_to_the_other_where_they_change_places_at_that_moment() {
        moved(2);
        List<Answer> late = new ArrayList<>();

        rightBeforeTheRowIsLocked(
                () -> assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.DONE),
                () -> late.add(middle.replacements.revokeFormer(middle.link, 2)));

        assertThat(late).containsExactly(Answer.NOTHING_OPEN);
        assertThat(middle.link().serviceAccount()).isEqualTo(FORMER);
        assertThat(middle.revocations()).isEmpty();
    }

    /** As another node that is faster. */
    private void rightBeforeTheRowIsLocked(Runnable other, Runnable work) {
        AtomicBoolean done = new AtomicBoolean();
        middle.tables.listening(
                statement -> {
                    if (statement.contains("EC_REPLACEMENT")
                            && statement.contains("for update")
                            && done.compareAndSet(false, true)) {
                        other.run();
                    }
                },
                work);
    }

    @Test
    void a_pause_begins_anew_through_another_service_account() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        maria.unverify();
        replace();
        middle.worker.turn(Duration.ofHours(3));
        middle.replacements.cancel(middle.link);
        middle.worker.turn(LEASE_OVER);
        Delegation living = middle.delegation(maria);
        List<Integer> attempts = new ArrayList<>();

        inRealm(work -> work.moves().rest(living, "ser_3", Reason.UNAVAILABLE, middle.clock.instant(), tries -> {
            attempts.add(tries);
            return middle.clock.instant();
        }));

        assertThat(attempts).containsExactly(1);
    }

    @Test
    void the_order_of_what_was_set_aside_takes_a_new_secret_along() {
        middle.grantedAtOnce(1);
        replace();
        middle.realm.changeSecret("another secret");
        inRealm(work -> work.links().reorder(middle.realm.id(), middle.application()));
        middle.transactions.doInServer(
                work -> work.removedRealm(middle.realm.id()).removeRealm(middle.clock.instant()));
        middle.transactions.remove(middle.realm);
        middle.cronofy.accepts("another secret");

        middle.worker.turn(LEASE_OVER);

        assertThat(middle.cronofy.received(Call.REVOKE))
                .filteredOn(call -> call.what().startsWith(FORMER))
                .singleElement()
                .satisfies(call ->
                        assertThat(call.application().clientSecret().reveal()).isEqualTo("another secret"));
    }

    @Test
    void whoever_leaves_the_former_one_authorized_is_told_how_many_accounts_live_on_by_it_alone() {
        List<TestUser> members = middle.grantedAtOnce(2);
        replace();
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.worker.run();
        middle.cronofy.callsAccounts("other_");
        middle.answered(members.get(1));
        middle.worker.turn(LEASE_OVER);
        assertThat(counts().concerned()).isEqualTo(1);

        try (Warnings warnings = new Warnings()) {
            assertThat(middle.replacements.leaveFormer(middle.link)).isEqualTo(Answer.DONE);

            assertThat(warnings.told()).singleElement().asString().contains(FORMER, "1 accounts");
        }
    }

    @Test
    void an_answer_with_another_name_is_kept_for_an_administrator_and_not_asked_for_again() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.answered(maria, "{\"authorization\": {\"code\": \"code-of-somebody\"}}");

        middle.worker.turn(Duration.ofHours(30));

        assertThat(asked()).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.transactions
                        .inRealm(middle.realm.id(), work -> work.members().foundName(maria.id()))
                        .orElseThrow()
                        .name())
                .isEqualTo("somebody@acme.example");
    }

    @Test
    void an_account_that_was_found_to_be_shared_by_an_answer_that_was_dropped_keeps_the_other_one_authorized() {
        List<TestUser> members = middle.grantedAtOnce(1);
        replace();
        middle.worker.turn(SOON);
        middle.cronofy.during(Call.EXCHANGE, () -> middle.replacements.cancel(middle.link));
        middle.answered(members.get(0));
        middle.worker.turn(LEASE_OVER);

        assertThat(middle.link().serviceAccount()).isEqualTo(FORMER);
        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
        assertThat(counts().concerned()).isEqualTo(1);
        assertThat(revoked()).isEmpty();
    }

    @Test
    void a_realm_that_comes_back_goes_on_with_its_replacement() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::removed);
        middle.transactions.remove(middle.realm);
        middle.worker.turn(SOON);

        middle.transactions.restore(middle.realm);
        middle.worker.turn(LEASE_OVER);
        members.forEach(middle::answered);
        middle.worker.turn(Duration.ofMinutes(10));

        assertThat(rows(members)).allMatch(row -> SUCCESSOR.equals(row.serviceAccount()));
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked()).singleElement().asString().startsWith(FORMER);
    }

    @Test
    void where_the_former_one_is_dead_members_move_likewise_and_there_is_no_way_back() {
        List<TestUser> members = middle.grantedAtOnce(2);
        inRealm(work -> work.links().needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()));

        replace();
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.replacements.cancel(middle.link)).isEqualTo(Answer.FORMER_GONE);
        middle.cronofy.callsAccounts("other_");
        middle.worker.turn(SOON);
        members.forEach(middle::answered);
        middle.worker.turn(LEASE_OVER);

        assertThat(rows(members)).allMatch(row -> SUCCESSOR.equals(row.serviceAccount()));
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
    }

    @Test
    void a_member_whom_the_dead_one_took_along_is_brought_back_by_their_move() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        replace();
        middle.worker.turn(SOON);
        inRealm(work -> work.delegations()
                .revoke(middle.delegation(maria).id(), Reason.AUTHORIZATION_GONE, middle.clock.instant()));

        middle.answered(maria);
        middle.worker.turn(SOON);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_member_who_has_left_meanwhile_gets_nothing_of_the_new_one() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        TestUser leaver = members.get(0);
        inRealm(work -> middle.termination.end(work, middle.delegation(leaver), Reason.LEFT_ORGANIZATION));
        leaver.leave(middle.link.name());

        members.forEach(middle::answered);
        middle.worker.turn(LEASE_OVER);

        assertThat(middle.delegation(leaver).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(stored(leaver)).isEmpty();
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
        assertThat(revoked().stream().map(what -> what.replaceFirst(" .*", "")))
                .containsExactlyInAnyOrder("acc_member-001", "other_member-001", FORMER);
    }

    @Test
    void of_a_member_who_leaves_after_they_have_moved_both_accounts_are_revoked() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.worker.turn(SOON);

        inRealm(work -> middle.termination.end(work, middle.delegation(members.get(0)), Reason.LEFT_ORGANIZATION));
        middle.worker.turn(SOON);

        assertThat(revoked().stream().map(what -> what.replaceFirst(" .*", "")))
                .containsExactlyInAnyOrder("acc_member-001", "other_member-001");
    }

    @Test
    void whom_the_policy_refuses_meanwhile_is_not_asked_for_until_it_lets_them_by() {
        List<TestUser> members = middle.grantedAtOnce(2);
        members.get(0).unverify();

        replace();
        middle.worker.turn(SOON);

        assertThat(asked()).containsExactly(members.get(1).address());
        assertThat(counts().refused()).isEqualTo(1);
    }

    @Test
    void who_cannot_be_looked_at_waits_and_holds_up_nobody() {
        List<TestUser> members = middle.grantedAtOnce(3);
        middle.realm.silence(members.get(1));

        replace();
        middle.worker.turn(SOON);
        assertThat(asked())
                .containsExactlyInAnyOrder(
                        members.get(0).address(), members.get(2).address());
        assertThat(counts().refused()).isEqualTo(1);

        middle.realm.answerAgain(members.get(1));
        middle.worker.turn(LONG);
        assertThat(asked()).contains(members.get(1).address());
        assertThat(middle.delegation(members.get(1)).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void it_waits_while_the_link_is_suspended_for_its_members_and_nobody_is_lost() {
        List<TestUser> members = middle.grantedAtOnce(2);
        inRealm(work -> work.suspensions()
                .suspend(
                        Suspensions.Subject.link(middle.link.name()),
                        new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
        replace();
        middle.worker.turn(SOON);
        assertThat(asked()).isEmpty();

        inRealm(work -> work.suspensions().remove(Suspensions.Subject.link(middle.link.name())));
        middle.worker.turn(LONG);

        assertThat(asked())
                .containsExactlyInAnyOrder(
                        members.get(0).address(), members.get(1).address());
    }

    @Test
    void the_end_of_the_link_ends_both_service_accounts() {
        middle.grantedAtOnce(3);
        replace();
        middle.worker.turn(SOON);

        inRealm(work -> middle.links.unlink(work, middle.link));
        middle.links.unlinked(middle.link);
        middle.worker.turn(LEASE_OVER);

        assertThat(middle.tables.rows("EC_REPLACEMENT")).isEmpty();
        assertThat(revoked().stream().map(what -> what.replaceFirst(" .*", "")))
                .containsExactlyInAnyOrder(FORMER, SUCCESSOR);
    }

    @Test
    void an_order_for_the_former_one_is_not_delivered_while_members_use_it() {
        middle.grantedAtOnce(3);
        replace();
        middle.cronofy.authorizes(FORMER, Middle.DOMAIN);

        assertThat(arrive(false)).isEqualTo(Outcome.OTHER_SERVICE_ACCOUNT);
        middle.worker.turn(SOON);

        assertThat(revoked()).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.KEPT);
    }

    @Test
    void one_of_another_domain_is_refused_and_revoked() {
        middle.grantedAtOnce(1);
        middle.cronofy.authorizes(SUCCESSOR, "globex.example");

        assertThat(arrive(true)).isEqualTo(Outcome.OTHER_DOMAIN);
        middle.worker.turn(SOON);

        assertThat(middle.link().serviceAccount()).isEqualTo(FORMER);
        assertThat(middle.tables.rows("EC_REPLACEMENT")).isEmpty();
        assertThat(revoked()).singleElement().asString().startsWith(SUCCESSOR);
    }

    @Test
    void the_same_one_once_more_is_an_ordinary_renewal() {
        middle.grantedAtOnce(1);
        middle.cronofy.authorizes(FORMER, Middle.DOMAIN);

        assertThat(arrive(true)).isEqualTo(Outcome.LINKED);
        middle.worker.turn(SOON);

        assertThat(middle.tables.rows("EC_REPLACEMENT")).isEmpty();
        assertThat(asked()).isEmpty();
        assertThat(revoked()).isEmpty();
    }

    @Test
    void without_an_invitation_for_it_nothing_is_replaced() {
        middle.grantedAtOnce(1);
        middle.cronofy.authorizes(SUCCESSOR, Middle.DOMAIN);

        assertThat(arrive(false)).isEqualTo(Outcome.OTHER_SERVICE_ACCOUNT);
        middle.worker.turn(SOON);

        assertThat(middle.link().serviceAccount()).isEqualTo(FORMER);
        assertThat(revoked()).singleElement().asString().startsWith(SUCCESSOR);
    }

    @Test
    void there_is_no_other_while_one_is_open() {
        middle.grantedAtOnce(2);
        replace();
        middle.cronofy.authorizes("ser_3", Middle.DOMAIN);

        assertThat(arrive(true)).isEqualTo(Outcome.NOT_REPLACEABLE);
        middle.worker.turn(SOON);

        assertThat(middle.link().serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(revoked()).singleElement().asString().startsWith("ser_3");
    }

    @Test
    void an_account_that_is_kept_by_an_ordinary_ask_keeps_the_former_one_authorized() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        middle.cronofy.callsAccounts("acc_");
        replace();
        inRealm(work -> work.delegations()
                .revoke(middle.delegation(maria).id(), Reason.AUTHORIZATION_GONE, middle.clock.instant()));
        middle.asked(maria);
        middle.answered(maria);
        middle.worker.turn(LEASE_OVER);

        assertThat(middle.delegation(maria).serviceAccount()).isEqualTo(SUCCESSOR);
        assertThat(replacement().state()).isEqualTo(Replacement.State.KEPT);
        assertThat(revoked()).isEmpty();
    }

    @Test
    void it_can_be_turned_round_and_begin_again() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.worker.turn(SOON);
        middle.replacements.cancel(middle.link);
        middle.answered(members.get(1), DENIED);
        middle.cronofy.callsAccounts("acc_");
        middle.worker.turn(SOON);
        middle.answered(members.get(0));
        middle.worker.turn(LEASE_OVER);
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);

        replace();
        middle.cronofy.callsAccounts("other_");
        middle.worker.turn(Duration.ofMinutes(70));
        members.forEach(middle::answered);
        middle.worker.turn(Duration.ofMinutes(10));

        assertThat(rows(members)).allMatch(row -> SUCCESSOR.equals(row.serviceAccount()));
        assertThat(replacement().state()).isEqualTo(Replacement.State.FINISHED);
    }

    @Test
    void an_answer_for_another_mailbox_is_dropped_and_the_member_goes_on_with_what_they_have() {
        TestUser maria = middle.grantedAtOnce(1).get(0);
        Map<String, Credential> before = credentials(List.of(maria));
        middle.cronofy.callsAccounts("other_");
        replace();
        middle.worker.turn(SOON);

        middle.answered(maria, "{\"authorization\": {\"code\": \"code-of-somebody\"}}");
        middle.worker.turn(SOON);

        assertThat(credentials(List.of(maria))).isEqualTo(before);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(revoked()).singleElement().asString().startsWith("other_somebody");
    }

    @Test
    void another_service_account_of_a_link_of_an_older_version_is_known_by_the_link_before() {
        List<TestUser> members = middle.grantedAtOnce(2);
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery("update EC_DELEGATION set SERVICE_ACCOUNT = null")
                        .executeUpdate());

        replace();
        middle.worker.turn(SOON);

        assertThat(asked()).hasSameSizeAs(members);
    }

    @Test
    void what_an_older_version_has_unlinked_is_ended_here() {
        middle.grantedAtOnce(1);
        replace();
        middle.worker.run();
        unlinkAsBefore();

        middle.worker.turn(LEASE_OVER);

        assertThat(middle.tables.rows("EC_REPLACEMENT")).isEmpty();
        assertThat(middle.revocations()).extracting(Revocation::subject).contains(FORMER);
    }

    /** As a version does that knows nothing of replacements. */
    private void unlinkAsBefore() {
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "update EC_LINK set STATE = 'UNLINKED', SERVICE_ACCOUNT = null, APPLICATION = null")
                .executeUpdate());
    }

    private Optional<Replacement> claim() {
        Instant now = middle.clock.instant();
        return middle.transactions.inRealm(middle.realm.id(), work -> work.replacements()
                .claim(middle.link, now, now.plus(Duration.ofMinutes(2))));
    }

    /** Members who have moved and kept their accounts at Cronofy. */
    private List<TestUser> moved(int size) {
        List<TestUser> members = middle.grantedAtOnce(size);
        replace();
        middle.worker.turn(SOON);
        members.forEach(middle::answered);
        middle.worker.turn(LEASE_OVER);
        assertThat(rows(members)).allMatch(row -> SUCCESSOR.equals(row.serviceAccount()));
        return members;
    }

    private void replace() {
        middle.cronofy.authorizes(SUCCESSOR, Middle.DOMAIN);
        assertThat(arrive(true)).isEqualTo(Outcome.LINKED);
    }

    private Outcome arrive(boolean replacement) {
        Invitations.Invited invited = middle.transactions.inRealm(
                middle.realm.id(),
                work -> middle.invitations.invite(
                        work,
                        work.realm().settings().orElseThrow(),
                        new Invitations.Wish(middle.link, "admin", replacement, Duration.ofHours(1)),
                        "https://id.example.com"));
        String url = invited.ticketUrl().reveal();
        Invitations.Departure departure = middle.invitations
                .depart(middle.realm.id(), url.substring(url.lastIndexOf('/') + 1), "https://id.example.com")
                .orElseThrow();
        String to = departure.authorizationUrl().toString();
        return middle.authorization.complete(
                middle.realm.id(),
                to.substring(to.indexOf("state=") + 6),
                departure.cookie().reveal(),
                "code",
                null);
    }

    private Middle another() {
        Middle other = new Middle(middle);
        other.startWithoutReconciliation();
        return other;
    }

    private void inRealm(Consumer<Work> work) {
        middle.transactions.doInRealm(middle.realm.id(), work);
    }

    private Replacement replacement() {
        return middle.replacements.progress(middle.link, true).orElseThrow().replacement();
    }

    private Replacement.Counts counts() {
        return Objects.requireNonNull(
                middle.replacements.progress(middle.link, true).orElseThrow().counts());
    }

    private List<Delegation> rows(List<TestUser> members) {
        return members.stream().map(middle::delegation).toList();
    }

    private Map<String, Credential> credentials(List<TestUser> members) {
        return members.stream()
                .collect(Collectors.toMap(TestUser::id, member -> stored(member).orElseThrow()));
    }

    private static Map<String, Credential> credentials(Map<String, Credential> all, List<TestUser> members) {
        return members.stream().collect(Collectors.toMap(TestUser::id, member -> all.get(member.id())));
    }

    private Optional<Credential> stored(TestUser member) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.credentials().stored(member.id()));
    }

    private List<String> asked() {
        return middle.cronofy.received(Call.ASK).stream()
                .map(Received::what)
                .flatMap(mailboxes -> Arrays.stream(mailboxes.split(" ", -1)))
                .toList();
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    /** As when a node is killed. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
