package io.github.enterpriseconnect.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.member.Counted.State;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counting all members of a link in the background. */
class MemberCountsTest {
    private static final Duration KEPT = Duration.ofMinutes(10);

    private final Middle middle = new Middle();
    private final MemberCounts counts =
            new MemberCounts(middle.transactions, new DryRun(middle.clock), middle.worker, middle.clock);
    private List<TestUser> members = List.of();

    @BeforeEach
    void link_an_organization_of_450() {
        middle.linked();
        members = IntStream.range(0, 450)
                .mapToObj(number -> middle.member("m%03d".formatted(number)))
                .toList();
        members.subList(0, 30).forEach(TestUser::unverify);
    }

    private Counted ask() {
        return counts.of(middle.link, false);
    }

    private Counted askAnew() {
        return counts.of(middle.link, true);
    }

    @Test
    void whoever_asks_first_begins_it_and_is_answered_at_once() {
        assertThat(ask()).isEqualTo(new Counted(Map.of(), 0, State.RUNNING, middle.clock.instant()));

        middle.clock.turn(Duration.ofSeconds(3));
        middle.worker.run();

        assertThat(ask())
                .isEqualTo(new Counted(
                        Map.of("allowed", 420, "email_not_verified", 30), 450, State.FINISHED, middle.clock.instant()));
    }

    @Test
    void it_goes_page_by_page_each_in_a_transaction_of_its_own_and_tells_how_far_it_has_come() {
        List<Long> seen = new ArrayList<>();
        ask();
        watch(seen);
        middle.worker.run();

        assertThat(seen).containsExactly(0L, 200L, 400L);
    }

    /** After each transaction, right before what it has brought is added. */
    private void watch(List<Long> seen) {
        middle.transactions.afterwards(() -> {
            seen.add(ask().counted());
            watch(seen);
        });
    }

    @Test
    void what_was_counted_is_kept_for_some_minutes_unless_somebody_wants_it_anew() {
        ask();
        middle.worker.run();
        Counted first = ask();
        members.get(100).unverify();
        middle.clock.turn(KEPT.dividedBy(2));

        assertThat(ask()).isEqualTo(first);
        assertThat(askAnew().state()).isEqualTo(State.RUNNING);
        middle.worker.run();
        assertThat(ask().counts()).containsEntry("email_not_verified", 31);

        members.get(101).unverify();
        middle.clock.turn(KEPT.plusSeconds(1));
        assertThat(ask().state()).isEqualTo(State.RUNNING);
        middle.worker.run();
        assertThat(ask().counts()).containsEntry("email_not_verified", 32);
    }

    @Test
    void there_is_one_of_a_link_at_a_time_however_many_ask() {
        ask();
        askAnew();
        askAnew();

        middle.worker.run();

        assertThat(ask().counted()).isEqualTo(450);
    }

    @Test
    void of_whom_nobody_can_tell_now_is_counted_as_that() {
        middle.realm.switchDirectoryOff(members.get(7));
        ask();
        middle.worker.run();

        assertThat(ask().counts()).containsEntry(Reason.DIRECTORY_SILENT.id(), 1);
        assertThat(ask().state()).isEqualTo(State.FINISHED);
    }

    @Test
    void one_that_fails_says_so_and_is_begun_again_by_whoever_wants_it_anew() {
        middle.realm.silence(members.get(250));
        ask();
        middle.worker.run();

        assertThat(ask().state()).isEqualTo(State.FAILED);
        assertThat(ask().counted()).isEqualTo(200);
        middle.realm.answerAgain(members.get(250));
        assertThat(askAnew().state()).isEqualTo(State.RUNNING);
        middle.worker.run();
        assertThat(ask().state()).isEqualTo(State.FINISHED);
        assertThat(ask().counted()).isEqualTo(450);
    }

    @Test
    void without_room_it_goes_on_a_little_later() {
        middle.worker.limit(0);
        ask();
        middle.worker.limit(Integer.MAX_VALUE);

        middle.worker.turn(Duration.ofSeconds(1));

        assertThat(ask().state()).isEqualTo(State.FINISHED);
    }

    @Test
    void without_room_for_longer_it_has_failed() {
        middle.worker.limit(0);
        ask();

        middle.worker.turn(Duration.ofSeconds(1));

        assertThat(ask().state()).isEqualTo(State.FAILED);
    }

    @Test
    void one_whose_work_is_done_before_its_answer_is_given_ends() {
        MemberCounts eager = counts(new AtOnce());

        assertThat(eager.of(middle.link, false).counted()).isEqualTo(450);
        assertThat(eager.of(middle.link, true).state()).isEqualTo(State.FINISHED);
    }

    @Test
    void one_that_an_error_ends_says_so_too() {
        ask();
        middle.transactions.meanwhile(() -> {
            throw new AssertionError("no memory is left");
        });

        assertThatThrownBy(middle.worker::run).hasMessage("no memory is left");

        assertThat(ask().state()).isEqualTo(State.FAILED);
    }

    @Test
    void one_that_has_not_moved_for_a_minute_has_failed_and_what_it_does_later_counts_for_nothing() {
        ask();
        middle.clock.turn(Duration.ofSeconds(61));

        assertThat(ask().state()).isEqualTo(State.FAILED);
        assertThat(askAnew().state()).isEqualTo(State.RUNNING);
        middle.worker.run();
        assertThat(ask().state()).isEqualTo(State.FINISHED);
        assertThat(ask().counted()).isEqualTo(450);
    }

    @Test
    void where_the_server_stops_it_has_failed() {
        BackgroundWorker stopped = new BackgroundWorker();
        stopped.open();
        stopped.close();

        assertThat(counts(stopped.idle()).of(middle.link, false).state()).isEqualTo(State.FAILED);
    }

    @Test
    void two_links_are_counted_at_a_time_and_the_others_after_them() {
        List<LinkId> links = Stream.of("beta", "gamma", "delta")
                .map(name -> new LinkId(middle.realm.id(), name))
                .toList();
        links.forEach(link -> IntStream.range(0, 250).forEach(number -> middle.realm
                .user("%s%03d@%s".formatted(link.name(), number, Middle.DOMAIN))
                .in(link.name(), Middle.DOMAIN)));
        List<Long> underWay = new ArrayList<>();
        links.forEach(link -> counts.of(link, false));
        watch(links, underWay);
        middle.worker.run();

        assertThat(underWay).isNotEmpty().allMatch(many -> many <= 2);
        assertThat(links).allSatisfy(link -> {
            assertThat(counts.of(link, false).state()).isEqualTo(State.FINISHED);
            assertThat(counts.of(link, false).counted()).isEqualTo(250);
        });
    }

    /** After each transaction, how many have come somewhere and have not ended. */
    private void watch(List<LinkId> links, List<Long> underWay) {
        middle.transactions.afterwards(() -> {
            underWay.add(links.stream()
                    .map(link -> counts.of(link, false))
                    .filter(count -> count.counted() > 0 && count.state() == State.RUNNING)
                    .count());
            watch(links, underWay);
        });
    }

    @Test
    void once_a_page_took_its_time_pages_are_short() {
        List<Long> seen = new ArrayList<>();
        ask();
        middle.transactions.meanwhile(() -> {
            middle.clock.turn(Duration.ofSeconds(4));
            watch(seen);
        });
        middle.worker.run();

        assertThat(seen).startsWith(0L, 200L, 220L, 240L);
        assertThat(ask().counted()).isEqualTo(450);
    }

    // Directories

    /** Real threads: nothing here depends on how long anything takes. */
    @Test
    void a_directory_that_hangs_holds_up_its_own_people_who_count_as_not_told_of_in_the_end() {
        middle.realm.importFrom("ldap", members.subList(100, 140).toArray(TestUser[]::new));
        middle.realm.importFrom("another", members.subList(140, 150).toArray(TestUser[]::new));
        HangingDirectory ldap = middle.realm.hang("ldap");
        try (BackgroundWorker real = new BackgroundWorker()) {
            real.open();
            MemberCounts counted = counts(real.idle());
            counted.of(middle.link, false);
            ldap.awaitQuestion();
            await().until(() -> counted.of(middle.link, false).counted() == 410);
            assertThat(counted.of(middle.link, true).state()).isEqualTo(State.RUNNING);

            middle.clock.turn(Duration.ofSeconds(61));

            Counted all = counted.of(middle.link, false);
            assertThat(all.state()).isEqualTo(State.FINISHED);
            assertThat(all.counts())
                    .isEqualTo(Map.of("allowed", 380, "email_not_verified", 30, Reason.DIRECTORY_SILENT.id(), 40));
            ldap.answer();
        }
    }

    @Test
    void who_comes_from_a_directory_is_counted_as_everybody_else() {
        middle.realm.importFrom("ldap", members.subList(20, 430).toArray(TestUser[]::new));
        ask();
        middle.worker.run();

        assertThat(ask().state()).isEqualTo(State.FINISHED);
        assertThat(ask().counts()).isEqualTo(Map.of("allowed", 420, "email_not_verified", 30));
    }

    @Test
    void a_directory_that_fails_in_its_own_way_fails_for_its_people_alone() {
        middle.realm.importFrom("ldap", members.get(250));
        middle.realm.silence(members.get(250));
        ask();
        middle.worker.run();

        assertThat(ask().state()).isEqualTo(State.FINISHED);
        assertThat(ask().counts())
                .containsEntry(Reason.DIRECTORY_SILENT.id(), 1)
                .containsEntry("allowed", 419);
    }

    @Test
    void nobody_is_listed_as_long_as_too_many_of_a_directory_are_still_to_be_asked_for() {
        IntStream.range(0, 3_000)
                .mapToObj(number -> middle.member("n%04d".formatted(number)))
                .forEach(user -> middle.realm.importFrom("ldap", user));
        List<Long> seen = new ArrayList<>();
        ask();
        watch(seen);
        middle.worker.run();

        assertThat(seen).as("20 at a time").hasSizeGreaterThan(150);
        assertThat(ask().counted()).isEqualTo(3_450);
    }

    private MemberCounts counts(Worker worker) {
        return new MemberCounts(middle.transactions, new DryRun(middle.clock), worker, middle.clock);
    }

    /** Another thread that is faster than the one that has given it the work. */
    private static final class AtOnce implements Worker {
        @Override
        public boolean submit(Runnable work) {
            Thread faster = new Thread(work);
            faster.start();
            try {
                faster.join(20_000);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return true;
        }

        @Override
        public boolean submitOnce(Object key, Runnable work) {
            return submit(work);
        }

        @Override
        public void submitLater(Duration pause, Runnable work, Runnable noRoom) {
            noRoom.run();
        }

        @Override
        public void submitEvery(Duration pause, Runnable work) {
            submit(work);
        }

        @Override
        public void attempt(Runnable piece) {
            piece.run();
        }
    }
}
