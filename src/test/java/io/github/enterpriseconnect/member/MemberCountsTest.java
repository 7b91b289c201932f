package io.github.enterpriseconnect.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.member.MemberCounts.Counted;
import io.github.enterpriseconnect.member.MemberCounts.State;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
}
