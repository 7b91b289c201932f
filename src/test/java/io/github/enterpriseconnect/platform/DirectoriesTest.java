package io.github.enterpriseconnect.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.TestClock;
import io.github.enterpriseconnect.middle.Warnings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may ask a directory, and who is told at once that nobody knows. */
class DirectoriesTest {
    private static final DirectoryId LDAP = new DirectoryId("realm-1", "ldap");
    private static final Crew URGENT = new Crew("worker", 4);
    private static final Crew IDLE = new Crew("idle", 3);
    private static final String ANSWER = "an answer";

    private final TestClock clock = new TestClock();
    private final AtomicInteger pauses = new AtomicInteger();
    private final ThreadLocal<Optional<Crew>> crew = ThreadLocal.withInitial(Optional::empty);
    private final Directories directories = new Directories(clock, this::pause, crew::get);
    private final Thread test = Thread.currentThread();
    private final Map<Thread, Asker> asking = new ConcurrentHashMap<>();
    private final List<Asker> askers = new ArrayList<>();
    private final List<CompletableFuture<String>> waiting = new ArrayList<>();
    private Runnable whilePausing = () -> {};

    /** Whoever is left waits for the turn as long as it takes. */
    private volatile boolean over;

    /** Somebody who asks on a thread of their own. */
    private static final class Asker {
        private final HangingDirectory hangs = new HangingDirectory();
        private final Semaphore waits = new Semaphore(0);
        private final Semaphore goesOn = new Semaphore(0);
        private volatile boolean answers = true;

        /** Waits no longer for the turn, and has it. */
        void goOn() {
            goesOn.release();
            hangs.awaitQuestion();
        }
    }

    private void pause(Duration pause) {
        if (over) {
            LockSupport.parkNanos(pause.toNanos());
            return;
        }
        if (!Thread.currentThread().equals(test)) {
            Objects.requireNonNull(asking.get(Thread.currentThread())).waits.release();
            Objects.requireNonNull(asking.get(Thread.currentThread())).goesOn.acquireUninterruptibly();
            return;
        }
        pauses.incrementAndGet();
        clock.turn(pause);
        whilePausing.run();
    }

    @AfterEach
    void let_everybody_go() {
        over = true;
        askers.forEach(one -> {
            one.hangs.answer();
            one.goesOn.release();
        });
        waiting.forEach(one -> one.handle((answer, refusal) -> answer).join());
    }

    /** Somebody of the crew asks on a thread of their own, and waits for the answer. */
    private HangingDirectory hangFor(Optional<Crew> of, DirectoryId directory) {
        Asker hangs = start(of, directory);
        hangs.hangs.awaitQuestion();
        return hangs.hangs;
    }

    /** Somebody of the crew asks on a thread of their own, and waits for the turn. */
    private Asker waitFor(Crew of, DirectoryId directory) {
        Asker waits = start(Optional.of(of), directory);
        waits.waits.acquireUninterruptibly();
        return waits;
    }

    private Asker start(Optional<Crew> of, DirectoryId directory) {
        Asker begun = new Asker();
        askers.add(begun);
        CompletableFuture<String> answer = new CompletableFuture<>();
        waiting.add(answer);
        Thread thread = new Thread(() -> {
            crew.set(of);
            asking.put(Thread.currentThread(), begun);
            try {
                answer.complete(directories.ask(
                        directory,
                        () -> {
                            begun.hangs.beAsked();
                            return ANSWER;
                        },
                        told -> begun.answers));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return begun;
    }

    private String askAs(Crew of, DirectoryId directory) {
        crew.set(Optional.of(of));
        try {
            return directories.ask(directory, () -> ANSWER);
        } finally {
            crew.remove();
        }
    }

    private void assertRefused(Crew of, DirectoryId directory) {
        assertThatThrownBy(() -> askAs(of, directory))
                .isInstanceOfSatisfying(Unreadable.class, refusal -> assertThat(refusal.reason())
                        .isEqualTo(Reason.DIRECTORY_SILENT));
    }

    @Test
    void whoever_asks_a_directory_that_answers_is_answered() {
        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
        assertThat(pauses).hasValue(0);
    }

    @Test
    void while_one_waits_for_a_directory_that_hangs_the_next_are_told_at_once_that_nobody_knows() {
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Directories.PATIENCE);

        assertRefused(URGENT, LDAP);
        assertRefused(URGENT, LDAP);

        assertThat(pauses).hasValue(0);
    }

    @Test
    void another_directory_is_asked_meanwhile() {
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Directories.PATIENCE);

        assertThat(askAs(URGENT, new DirectoryId("realm-1", "another"))).isEqualTo(ANSWER);
        assertThat(askAs(URGENT, new DirectoryId("realm-2", "ldap"))).isEqualTo(ANSWER);
        assertThat(pauses).hasValue(0);
    }

    @Test
    void the_first_answer_opens_the_directory_for_everybody() {
        HangingDirectory hangs = hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Directories.PATIENCE);
        assertRefused(URGENT, LDAP);

        hangs.answer();
        waiting.forEach(CompletableFuture::join);

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
    }

    @Test
    void whoever_comes_while_nobody_knows_yet_waits_for_the_turn_and_gets_it() {
        HangingDirectory hangs = hangFor(Optional.of(URGENT), LDAP);
        whilePausing = () -> {
            hangs.answer();
            waiting.forEach(CompletableFuture::join);
        };

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);

        assertThat(pauses).hasValue(1);
    }

    @Test
    void nobody_waits_for_the_turn_longer_than_it_takes_to_see_that_the_directory_hangs() {
        hangFor(Optional.of(URGENT), LDAP);

        assertRefused(URGENT, LDAP);

        assertThat(clock.instant()).isBeforeOrEqualTo(new TestClock().instant().plus(Directories.PATIENCE));
    }

    /** A long list may take its time while short questions are answered. */
    @Test
    void a_question_that_takes_long_by_itself_keeps_nobody_of_another_crew_from_asking() {
        hangFor(Optional.of(IDLE), LDAP);
        clock.turn(Directories.PATIENCE);

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
    }

    @Test
    void two_wait_for_a_directory_that_hangs_and_nobody_else_not_even_a_request() {
        hangFor(Optional.of(IDLE), LDAP);
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Directories.PATIENCE);

        assertThatThrownBy(() -> directories.ask(LDAP, () -> ANSWER)).isInstanceOf(Unreadable.class);
        assertRefused(URGENT, LDAP);
        assertRefused(IDLE, LDAP);
    }

    /** As where a firewall has dropped the connections without a word: these questions are never answered. */
    @Test
    void a_directory_that_is_well_again_is_open_for_everybody_whatever_old_questions_wait_for_ever() {
        hangFor(Optional.of(IDLE), LDAP);
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Duration.ofMinutes(1));

        assertThat(directories.ask(LDAP, () -> ANSWER)).as("a request").isEqualTo(ANSWER);

        clock.turn(Directories.PATIENCE);
        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
        assertThat(askAs(IDLE, LDAP)).isEqualTo(ANSWER);
        assertThat(pauses).hasValue(0);
    }

    @Test
    void a_crew_that_has_one_stuck_finds_out_by_itself_that_the_directory_is_well_again() {
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Duration.ofMinutes(1).minusMillis(1));
        assertRefused(URGENT, LDAP);
        clock.turn(Duration.ofMillis(1));

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
    }

    @Test
    void requests_that_find_out_whether_it_is_well_again_become_rare() {
        hangFor(Optional.empty(), LDAP);
        hangFor(Optional.empty(), LDAP);
        clock.turn(Duration.ofMinutes(1));
        hangFor(Optional.empty(), LDAP);
        clock.turn(Duration.ofMinutes(1));
        hangFor(Optional.empty(), LDAP);

        clock.turn(Duration.ofMinutes(2).minusMillis(1));
        assertThatThrownBy(() -> directories.ask(LDAP, () -> ANSWER)).isInstanceOf(Unreadable.class);
        clock.turn(Duration.ofMillis(1));
        assertThat(directories.ask(LDAP, () -> ANSWER)).isEqualTo(ANSWER);
    }

    @Test
    void however_long_it_hangs_a_crew_has_somebody_left_to_ask_another_directory() {
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Duration.ofMinutes(1));
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Duration.ofDays(1));

        assertRefused(URGENT, LDAP);
        assertThat(askAs(URGENT, new DirectoryId("realm-1", "another"))).isEqualTo(ANSWER);
    }

    @Test
    void whoever_is_stuck_since_an_earlier_time_does_not_count_when_it_hangs_anew() {
        hangFor(Optional.of(IDLE), LDAP);
        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Duration.ofMinutes(1));
        assertThat(directories.ask(LDAP, () -> ANSWER)).isEqualTo(ANSWER);
        clock.turn(Directories.PATIENCE);

        hangFor(Optional.of(URGENT), LDAP);
        clock.turn(Directories.PATIENCE);

        assertRefused(URGENT, LDAP);
        assertThat(askAs(IDLE, LDAP)).as("who finds out").isEqualTo(ANSWER);
    }

    @Test
    void a_directory_that_answers_does_not_rest_for_an_old_question_that_fails_at_last() {
        Asker stuck = start(Optional.of(URGENT), LDAP);
        stuck.hangs.awaitQuestion();
        clock.turn(Directories.PATIENCE);
        assertThat(directories.ask(LDAP, () -> ANSWER)).isEqualTo(ANSWER);

        stuck.answers = false;
        stuck.hangs.answer();
        waiting.forEach(CompletableFuture::join);

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
    }

    @Test
    void whoever_has_waited_for_the_turn_longest_has_it_next() {
        HangingDirectory first = hangFor(Optional.of(URGENT), LDAP);
        Asker second = waitFor(URGENT, LDAP);
        first.answer();
        waiting.get(0).join();
        whilePausing = () -> {
            if (pauses.get() == 1) {
                second.goOn();
                second.hangs.answer();
                waiting.get(1).join();
            }
        };

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);

        assertThat(pauses).hasValue(1);
    }

    /** One that answers, but slowly, would otherwise take all threads of the crew. */
    @Test
    void whoever_stands_behind_others_waits_for_a_moment_and_the_next_do_not_wait_at_all() {
        Crew many = new Crew("many", 6);
        List<Asker> line = new ArrayList<>();
        line.add(start(Optional.of(many), LDAP));
        line.get(0).hangs.awaitQuestion();
        for (int i = 1; i < 4; i++) {
            line.add(waitFor(many, LDAP));
        }
        Duration each = Directories.MOMENT.multipliedBy(3).dividedBy(5);
        Instant begun = clock.instant();
        AtomicInteger asking = new AtomicInteger();
        whilePausing = () -> {
            int now = asking.get();
            if (now < 3 && !begun.plus(each.multipliedBy(now + 1)).isAfter(clock.instant())) {
                line.get(now).hangs.answer();
                waiting.get(now).join();
                line.get(asking.incrementAndGet()).goOn();
            }
        };

        assertRefused(many, LDAP);

        assertThat(clock.instant()).isEqualTo(begun.plus(Directories.MOMENT));
        int waited = pauses.get();
        assertRefused(many, LDAP);
        assertThat(pauses).hasValue(waited);
    }

    @Test
    void the_last_of_a_crew_waits_for_a_moment_at_most() {
        hangFor(Optional.of(URGENT), LDAP);
        hangFor(Optional.of(URGENT), new DirectoryId("realm-2", "ldap"));
        waitFor(URGENT, new DirectoryId("realm-2", "ldap"));
        Instant begun = clock.instant();

        assertRefused(URGENT, LDAP);

        assertThat(clock.instant()).isEqualTo(begun.plus(Directories.MOMENT));
    }

    /** Nothing would hold up a thread that has been told to stop: it would go round and round. */
    @Test
    void a_thread_that_is_to_stop_does_not_wait() {
        hangFor(Optional.of(URGENT), LDAP);

        Thread.currentThread().interrupt();
        assertRefused(URGENT, LDAP);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(pauses).hasValue(0);
    }

    @Test
    void requests_ask_a_directory_that_is_not_known_to_hang_however_many_they_are() {
        hangFor(Optional.empty(), LDAP);
        hangFor(Optional.empty(), LDAP);
        hangFor(Optional.of(URGENT), LDAP);

        assertThat(directories.ask(LDAP, () -> ANSWER)).isEqualTo(ANSWER);
    }

    /** However many directories hang, somebody is left for those who are in none. */
    @Test
    void one_of_each_crew_stays_out_of_all_directories() {
        for (int i = 1; i < URGENT.size(); i++) {
            hangFor(Optional.of(URGENT), new DirectoryId("realm-" + i, "ldap"));
        }

        assertRefused(URGENT, new DirectoryId("realm-9", "ldap"));
        assertThat(askAs(IDLE, new DirectoryId("realm-9", "ldap"))).isEqualTo(ANSWER);
    }

    @Test
    void whoever_asks_while_asking_keeps_the_turn() {
        crew.set(Optional.of(URGENT));

        String answer = directories.ask(LDAP, () -> {
            clock.turn(Directories.PATIENCE.multipliedBy(2));
            return directories.ask(LDAP, () -> ANSWER);
        });

        assertThat(answer).isEqualTo(ANSWER);
        assertThat(pauses).hasValue(0);
    }

    @Test
    void a_directory_that_fails_after_a_long_time_rests_for_as_long() {
        Duration took = Duration.ofSeconds(30);
        assertThatThrownBy(() -> failAfter(took)).hasMessage("read timed out");

        assertRefused(URGENT, LDAP);
        assertThat(directories.ask(LDAP, () -> ANSWER)).as("a request").isEqualTo(ANSWER);
        assertThatThrownBy(() -> failAfter(took)).hasMessage("read timed out");
        clock.turn(took);

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
    }

    /** Keycloak shows what its own table has of a user whose directory has not answered in time. */
    @Test
    void what_stands_in_for_an_answer_is_none() {
        crew.set(Optional.of(URGENT));
        String shown = directories.ask(
                LDAP,
                () -> {
                    clock.turn(Directories.PATIENCE);
                    return "a local row";
                },
                "an answer"::equals);

        assertThat(shown).isEqualTo("a local row");
        assertRefused(URGENT, LDAP);
    }

    @Test
    void a_directory_that_refuses_at_once_is_asked_at_once_again() {
        assertThatThrownBy(() -> failAfter(Duration.ZERO)).hasMessage("read timed out");

        assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);
    }

    private void failAfter(Duration took) {
        crew.set(Optional.of(URGENT));
        try {
            directories.ask(LDAP, () -> {
                clock.turn(took);
                throw new IllegalStateException("read timed out");
            });
        } finally {
            crew.remove();
        }
    }

    @Test
    void a_directory_that_keeps_somebody_waiting_for_more_than_a_moment_is_slow_until_it_answers() {
        HangingDirectory hangs = hangFor(Optional.empty(), LDAP);
        assertThat(directories.slow(LDAP)).isFalse();

        clock.turn(Directories.MOMENT);

        assertThat(directories.slow(LDAP)).isTrue();
        hangs.answer();
        waiting.forEach(CompletableFuture::join);
        assertThat(directories.slow(LDAP)).isFalse();
    }

    @Test
    void that_nobody_else_holds_an_address_counts_for_ten_minutes_for_this_user_in_this_directory_alone() {
        NobodyElse known = directories.nobodyElse();
        known.note(LDAP, "maria", "maria@acme.example", true);

        assertThat(known.known(LDAP, "maria", "maria@acme.example")).isTrue();
        assertThat(known.known(LDAP, "maria", "maria@globex.example")).isFalse();
        assertThat(known.known(LDAP, "nora", "maria@acme.example")).isFalse();
        assertThat(known.known(new DirectoryId("realm-2", "ldap"), "maria", "maria@acme.example"))
                .isFalse();
        clock.turn(Duration.ofMinutes(10));
        assertThat(known.known(LDAP, "maria", "maria@acme.example")).isFalse();
    }

    @Test
    void what_was_read_of_an_address_takes_the_place_of_what_was_read_before() {
        NobodyElse known = directories.nobodyElse();
        known.note(LDAP, "maria", "maria@acme.example", true);

        known.note(LDAP, "maria", "maria@acme.example", false);

        assertThat(known.known(LDAP, "maria", "maria@acme.example")).isFalse();
    }

    @Test
    void one_warning_tells_of_a_directory_that_hangs_whoever_asks_it() {
        try (Warnings warnings = new Warnings()) {
            HangingDirectory hangs = hangFor(Optional.of(URGENT), LDAP);
            clock.turn(Directories.PATIENCE);
            assertRefused(URGENT, LDAP);
            assertRefused(URGENT, LDAP);
            hangs.answer();
            waiting.forEach(CompletableFuture::join);
            assertThat(askAs(URGENT, LDAP)).isEqualTo(ANSWER);

            assertThat(warnings.told())
                    .singleElement()
                    .asString()
                    .contains("directory ldap of realm realm-1", "read timeout");
        }
    }
}
