package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.DirectorySilent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All members of a link are asked for without a sign-in of theirs, each once, whatever happens on the way. */
class BackfillsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** After this, another node takes on what a crash has left. */
    private static final Duration LEASE_OVER = Duration.ofMinutes(3);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.start();
    }

    @Test
    void everybody_whom_the_gate_lets_through_is_asked_for_once_and_the_others_are_counted_by_the_reason() {
        List<TestUser> members = members(120);
        members.get(3).unverify();
        members.get(60).disable();
        TestUser stranger = middle.realm.user("john@globex.example").in("globex", "globex.example");

        begin();

        assertThat(asked()).hasSize(118).doesNotHaveDuplicates().doesNotContain(stranger.address());
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
        assertThat(run().total()).isEqualTo(120);
        assertThat(run().looked()).isEqualTo(120);
        assertThat(run().asked()).isEqualTo(118);
        assertThat(run().passedOver()).isEqualTo(Map.of("email_not_verified", 1L, "user_disabled", 1L));
        assertThat(asks()).hasSizeBetween(3, 4).allSatisfy(ask -> assertThat(ask.purpose())
                .isEqualTo(Purpose.BACKFILL));
    }

    @Test
    void whoever_is_known_already_is_not_asked_again() {
        middle.granted("anna");
        TestUser asked = middle.member("ben");
        middle.asked(asked);
        TestUser refused = middle.member("carl");
        middle.asked(refused);
        middle.answered(refused, "{\"authorization\": {\"error\": \"access_denied\"}}");
        TestUser ended = middle.granted("dora");
        end(ended, Reason.ENDED_BY_ADMINISTRATOR);
        TestUser optedOut = middle.member("emil");
        setPolicy(new Policy(
                Policy.Proof.KEYCLOAK,
                new Behaviour.Stated(true, null, null),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of()));
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.members().optOut(optedOut.id(), middle.clock.instant()));
        TestUser fresh = middle.member("fritz");
        int before = asked().size();

        begin();

        assertThat(asked().subList(before, asked().size())).containsExactly(fresh.address());
        assertThat(run().passedOver())
                .isEqualTo(Map.of(
                        "already_granted",
                        1L,
                        "already_asked",
                        1L,
                        "cooldown",
                        1L,
                        "ended_by_administrator",
                        1L,
                        "opted_out",
                        1L));
    }

    @Test
    void whoever_has_to_be_told_by_a_page_first_is_passed_over_until_they_have_confirmed_it() {
        setPolicy(new Policy(
                Policy.Proof.KEYCLOAK,
                new Behaviour.Stated(null, Behaviour.Notice.PAGE, null),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of()));
        TestUser told = middle.member("anna");
        middle.member("ben");
        middle.transactions.doInRealm(middle.realm.id(), work -> work.members().notice(told.id(), middle.link.name()));

        begin();

        assertThat(asked()).containsExactly(told.address());
        assertThat(run().passedOver()).isEqualTo(Map.of("notice_not_seen", 1L));
    }

    @Test
    void what_has_become_of_them_and_how_long_it_still_takes_is_told() {
        List<TestUser> members = members(3);
        begin();
        assertThat(progress().outcomes()).isEqualTo(Map.of(Delegation.State.ASKED, 3L));
        assertThat(progress().left()).isEqualTo(Duration.ofSeconds(1));

        grant(members.get(0));
        middle.answered(members.get(1), "{\"authorization\": {\"error\": \"access_denied\"}}");
        grant(members.get(2));

        assertThat(progress().outcomes()).isEqualTo(Map.of(Delegation.State.GRANTED, 2L, Delegation.State.REFUSED, 1L));
        assertThat(progress().left()).isNull();
    }

    @Test
    void how_long_it_still_takes_follows_from_the_allowance() {
        members(600);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.backfills().start(middle.link, middle.clock.instant()));
        assertThat(progress().run().total()).isNull();

        middle.backfills.begin(middle.link);
        middle.worker.run();

        assertThat(run().asked()).isEqualTo(50);
        // 550 who need a request each and a fiftieth of another, and 50 codes, of 500 a minute.
        assertThat(progress().left()).isEqualTo(Duration.ofSeconds(74));
    }

    @Test
    void a_crash_while_they_are_asked_for_loses_nobody_and_asks_for_nobody_twice() {
        members(170);
        middle.backfills.begin(middle.link);
        middle.cronofy.during(Call.ASK, () -> {});
        middle.cronofy.during(Call.ASK, () -> {
            throw new Crash();
        });
        assertThatThrownBy(() -> middle.worker.turn(SOON)).isInstanceOf(Crash.class);
        assertThat(run().asked()).isEqualTo(50);

        Middle other = new Middle(middle);
        other.start();
        other.worker.turn(LEASE_OVER);

        assertThat(asked()).hasSize(170).doesNotHaveDuplicates();
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
        assertThat(run().asked()).isEqualTo(170);
        assertThat(run().looked()).isEqualTo(170);
        assertThat(run().passedOver()).isEmpty();
    }

    @Test
    void a_crash_before_anything_is_noted_loses_nobody() {
        members(70);
        middle.backfills.begin(middle.link);
        middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> {
            throw new Crash();
        })));
        assertThatThrownBy(() -> middle.worker.turn(SOON)).isInstanceOf(Crash.class);

        Middle other = new Middle(middle);
        other.start();
        other.worker.turn(LEASE_OVER);

        assertThat(asked()).hasSize(70).doesNotHaveDuplicates();
        assertThat(run().looked()).isEqualTo(70);
    }

    @Test
    void one_that_is_paused_asks_for_nobody_and_goes_on_where_it_was() {
        members(170);
        middle.backfills.begin(middle.link);
        middle.worker.run();
        assertThat(asked()).hasSize(50);

        assertThat(middle.backfills.pause(middle.link)).isTrue();
        middle.worker.turn(LEASE_OVER);
        assertThat(asked()).hasSize(50);
        assertThat(run().state()).isEqualTo(BackfillRun.State.PAUSED);

        String paused = run().run();
        begin();
        assertThat(asked()).hasSize(170).doesNotHaveDuplicates();
        assertThat(run().run()).isEqualTo(paused);
        assertThat(run().looked()).isEqualTo(170);
    }

    @Test
    void whom_a_step_has_asked_for_while_it_was_paused_is_counted_once() {
        members(70);
        middle.cronofy.during(Call.ASK, () -> middle.backfills.pause(middle.link));
        middle.backfills.begin(middle.link);
        middle.worker.turn(SOON);
        assertThat(run().asked()).isEqualTo(50);
        assertThat(run().state()).isEqualTo(BackfillRun.State.PAUSED);

        begin();

        assertThat(asked()).hasSize(70).doesNotHaveDuplicates();
        assertThat(run().asked()).isEqualTo(70);
    }

    @Test
    void what_was_seen_before_it_was_paused_is_not_asked_for() {
        members(10);
        middle.backfills.begin(middle.link);
        // Admitted, claimed, listed, looked at.
        middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> middle.transactions.afterwards(
                () -> middle.transactions.afterwards(() -> middle.backfills.pause(middle.link)))));
        middle.worker.turn(SOON);

        assertThat(asked()).isEmpty();
        assertThat(run().looked()).isZero();
    }

    @Test
    void nothing_can_be_paused_where_nothing_goes_on() {
        assertThat(middle.backfills.pause(middle.link)).isFalse();
        begin();
        assertThat(middle.backfills.pause(middle.link)).isFalse();
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
    }

    @Test
    void one_that_is_cancelled_leaves_those_who_were_asked_for_and_another_begins_at_the_beginning() {
        List<TestUser> members = members(120);
        middle.backfills.begin(middle.link);
        middle.worker.run();
        middle.backfills.cancel(middle.link);
        middle.worker.turn(LEASE_OVER);
        assertThat(asked()).hasSize(50);
        assertThat(run().state()).isEqualTo(BackfillRun.State.CANCELLED);
        grant(members.get(0));
        assertThat(middle.delegation(members.get(0)).state()).isEqualTo(Delegation.State.GRANTED);

        begin();

        assertThat(asked()).hasSize(120).doesNotHaveDuplicates();
        assertThat(run().asked()).isEqualTo(70);
        assertThat(run().passedOver()).isEqualTo(Map.of("already_granted", 1L, "already_asked", 49L));
    }

    @Test
    void one_that_is_begun_twice_is_one() {
        members(120);
        middle.backfills.begin(middle.link);
        middle.worker.run();
        String first = run().run();

        middle.backfills.begin(middle.link);
        new Middle(middle).backfills.begin(middle.link);
        middle.worker.turn(SOON);

        assertThat(run().run()).isEqualTo(first);
        assertThat(asked()).hasSize(120).doesNotHaveDuplicates();
    }

    @Test
    void a_node_that_joins_does_not_do_what_another_is_doing() {
        members(120);
        Middle other = new Middle(middle);
        other.start();
        middle.cronofy.during(Call.ASK, () -> {
            other.backfills.begin(middle.link);
            other.worker.run();
        });

        begin();
        other.worker.turn(SOON);

        assertThat(asked()).hasSize(120).doesNotHaveDuplicates();
        assertThat(run().looked()).isEqualTo(120);
        assertThat(run().passedOver()).isEmpty();
    }

    @Test
    void two_nodes_share_it() {
        members(300);
        Middle other = new Middle(middle);
        other.start();
        middle.backfills.begin(middle.link);
        for (int i = 0; i < 20; i++) {
            middle.worker.turn(Duration.ofMillis(500));
            other.worker.turn(Duration.ofMillis(500));
        }

        assertThat(asked()).hasSize(300).doesNotHaveDuplicates();
        assertThat(run().asked()).isEqualTo(300);
    }

    @Test
    void a_member_who_signs_in_overtakes_those_who_have_not() {
        List<TestUser> members = members(60);
        begin();
        TestUser maria = middle.member("maria");
        middle.asked(maria);
        members.forEach(middle::answered);
        middle.answered(maria);

        middle.worker.run();

        assertThat(codes().get(0)).isEqualTo("code-of-" + maria.id());
        assertThat(asks().get(asks().size() - 1).purpose()).isEqualTo(Purpose.ASK);
    }

    @Test
    void whoever_signs_in_after_they_were_asked_for_overtakes_the_others() {
        List<TestUser> members = members(60);
        begin();
        TestUser last = members.get(59);
        middle.asked(last);
        members.forEach(middle::answered);

        middle.worker.run();

        assertThat(codes().get(0)).isEqualTo("code-of-" + last.id());
        assertThat(asked()).doesNotHaveDuplicates();
    }

    @Test
    void no_more_is_asked_for_than_can_be_redeemed_and_a_half_is_left_to_those_who_sign_in() {
        members(700);
        begin();
        assertThat(asked().size()).isBetween(450, 500);

        TestUser maria = middle.member("a-maria");
        middle.asked(maria);
        assertThat(asked()).contains(maria.address());
    }

    @Test
    void while_nobody_of_the_link_can_be_asked_for_it_waits_and_passes_over_nobody() {
        members(10);
        Suspensions.Subject link = Suspensions.Subject.link(middle.link.name());
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(link, new Suspensions.Suspension(middle.clock.instant(), "administrator", true)));
        begin();
        assertThat(asked()).isEmpty();
        assertThat(run().waitsFor()).isEqualTo(Reason.LINK_SUSPENDED);
        assertThat(run().looked()).isZero();

        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.suspensions().lift(link, true));
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(asked()).hasSize(10);
        assertThat(run().waitsFor()).isNull();
    }

    @Test
    void it_waits_for_the_secret_of_the_application() {
        members(10);
        middle.realm.loseSecret();
        begin();
        assertThat(run().waitsFor()).isEqualTo(Reason.NOT_ENABLED);
        assertThat(run().state()).isEqualTo(BackfillRun.State.RUNNING);

        middle.realm.findSettings();
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(asked()).hasSize(10);
    }

    @Test
    void it_waits_a_while_for_a_directory_that_does_not_answer() {
        List<TestUser> members = members(10);
        middle.realm.silence(members.get(4), new DirectorySilent(new IllegalStateException("silent")));
        begin();
        assertThat(asked()).hasSize(4);
        assertThat(run().waitsFor()).isEqualTo(Reason.DIRECTORY_SILENT);

        middle.realm.answerAgain(members.get(4));
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(asked()).hasSize(10);
        assertThat(run().passedOver()).isEmpty();
    }

    @Test
    void who_cannot_be_looked_at_for_long_is_passed_over_and_holds_up_nobody() {
        List<TestUser> members = members(10);
        middle.realm.silence(members.get(4));
        begin();
        middle.worker.turn(Duration.ofMinutes(4));

        assertThat(asked()).hasSize(9);
        assertThat(run().passedOver()).isEqualTo(Map.of("unavailable", 1L));
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
    }

    @Test
    void the_end_of_the_link_ends_it() {
        members(120);
        middle.backfills.begin(middle.link);
        middle.worker.run();
        int before = asked().size();

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        middle.worker.turn(LEASE_OVER);

        assertThat(asked()).hasSize(before);
        assertThat(middle.tables.rows("EC_BACKFILL")).isEmpty();
    }

    @Test
    void the_end_of_the_realm_ends_it() {
        members(120);
        middle.backfills.begin(middle.link);
        middle.worker.run();
        int before = asked().size();

        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::removed);
        middle.transactions.remove(middle.realm);
        middle.worker.turn(LEASE_OVER);

        assertThat(asked()).hasSize(before);
        middle.worker.turn(Middle.REALM_REMOVAL_GRACE.plus(LEASE_OVER));
        assertThat(middle.tables.rows("EC_BACKFILL")).isEmpty();
        assertThat(asked()).hasSize(before);
    }

    @Test
    void a_member_whom_another_link_lets_through_is_left_to_that_one() {
        LinkId globex = new LinkId(middle.realm.id(), "aardvark");
        middle.linked(globex, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser both = middle.member("both").in("aardvark", Middle.DOMAIN);

        begin();

        assertThat(asked()).doesNotContain(both.address());
        assertThat(run().passedOver()).isEqualTo(Map.of("other_link", 1L));
    }

    @Test
    void by_the_policy_it_begins_by_itself_and_finds_whoever_is_new_within_the_hour() {
        members(3);
        setPolicy(Policy.DEFAULT.with(Policy.Backfill.CONTINUOUS));
        middle.worker.turn(SOON);
        assertThat(asked()).hasSize(3);
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
        assertThat(run().nextAt()).isNotNull();

        TestUser maria = middle.member("maria");
        middle.worker.turn(Duration.ofMinutes(61));

        assertThat(asked()).contains(maria.address());
        assertThat(run().passedOver()).isEqualTo(Map.of("already_asked", 3L));
    }

    @Test
    void one_that_is_cancelled_does_not_begin_by_itself_again() {
        setPolicy(Policy.DEFAULT.with(Policy.Backfill.CONTINUOUS));
        middle.worker.turn(SOON);
        middle.backfills.cancel(middle.link);
        middle.member("maria");

        middle.worker.turn(Duration.ofMinutes(61));
        assertThat(asked()).isEmpty();

        begin();
        assertThat(asked()).hasSize(1);
        assertThat(run().nextAt()).isNotNull();
    }

    @Test
    void where_the_policy_no_longer_says_so_none_follows() {
        setPolicy(Policy.DEFAULT.with(Policy.Backfill.CONTINUOUS));
        middle.worker.turn(SOON);
        setPolicy(Policy.DEFAULT);
        middle.member("maria");

        middle.worker.turn(Duration.ofMinutes(61));

        assertThat(asked()).isEmpty();
        assertThat(run().nextAt()).isNull();
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
    }

    @Test
    void a_step_looks_at_some_and_the_next_goes_on_behind_them() {
        IntStream.range(0, 1_000)
                .forEach(number -> middle.member("m%04d".formatted(number)).unverify());
        middle.backfills.begin(middle.link);
        middle.worker.run();
        assertThat(run().looked()).isEqualTo(500);

        middle.worker.turn(SOON);

        assertThat(run().looked()).isEqualTo(1_000);
        assertThat(run().passedOver()).isEqualTo(Map.of("email_not_verified", 1_000L));
    }

    /** Nobody of them ever signed in, and a mapper that is switched off takes all of them out of the denied group. */
    @Test
    void whom_one_has_passed_over_as_denied_the_next_does_not_ask_for_because_the_mapper_is_gone() {
        Policy noGuests = new Policy(
                Policy.Proof.KEYCLOAK,
                Behaviour.Stated.NOTHING,
                Set.of(),
                Set.of("guests"),
                Set.of(),
                Set.of(),
                Set.of());
        setPolicy(noGuests);
        List<TestUser> contractors = members(60);
        contractors.forEach(member -> {
            member.comeFrom("directory-1 with mapper");
            member.groups().add("guests");
        });
        begin();
        assertThat(run().passedOver()).isEqualTo(Map.of("group_denied", 60L));

        contractors.forEach(member -> {
            member.comeFrom("directory-1 without mapper");
            member.groups().clear();
        });
        begin();
        assertThat(asked()).isEmpty();
        assertThat(run().state()).isEqualTo(BackfillRun.State.FINISHED);
        assertThat(run().passedOver()).isEqualTo(Map.of("directory_changed", 60L));

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.setPolicy(work, middle.link, noGuests));
        begin();
        assertThat(asked()).hasSize(60);
    }

    private List<TestUser> members(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> middle.member("m%03d".formatted(number)))
                .toList();
    }

    /** Begins, or goes on, and has everything done that follows soon. */
    private void begin() {
        middle.backfills.begin(middle.link);
        middle.worker.turn(SOON);
    }

    private void grant(TestUser member) {
        middle.cronofy.grants("acc_" + member.id());
        middle.cronofy.opens(member.email());
        middle.answered(member);
        middle.worker.run();
    }

    private void end(TestUser member, Reason reason) {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, middle.delegation(member), reason));
    }

    private void setPolicy(Policy policy) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links().setPolicy(middle.link, policy));
    }

    private Backfills.Progress progress() {
        return middle.backfills.progress(middle.link).orElseThrow();
    }

    private BackfillRun run() {
        return progress().run();
    }

    private List<Received> asks() {
        return middle.cronofy.received(Call.ASK);
    }

    /** Every mailbox that Cronofy was asked for, in that order. */
    private List<String> asked() {
        return asks().stream()
                .flatMap(ask -> Arrays.stream(ask.what().split(" ", -1)))
                .toList();
    }

    private List<String> codes() {
        return middle.cronofy.received(Call.EXCHANGE).stream()
                .map(Received::what)
                .toList();
    }

    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
