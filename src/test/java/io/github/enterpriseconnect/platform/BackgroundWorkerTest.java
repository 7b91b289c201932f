package io.github.enterpriseconnect.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads, each of which is held and let go by the test; no test depends on how long anything takes. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BackgroundWorkerTest {
    private static final int THREADS = 4;
    private static final int QUEUED = 1_000;
    private static final Duration SOON = Duration.ofMillis(1);
    private static final String KEY = "key";

    private final BackgroundWorker both = new BackgroundWorker();
    private final Worker worker = both.urgent();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final CountDownLatch drained = new CountDownLatch(QUEUED);
    private final AtomicInteger done = new AtomicInteger();

    @BeforeEach
    void serve() {
        both.open();
    }

    @AfterEach
    void stop() {
        letGo.countDown();
        both.close();
    }

    @Test
    void work_is_done_on_another_thread() throws InterruptedException {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

        assertThat(worker.submit(() -> threads.add(Thread.currentThread()))).isTrue();

        assertThat(threads.take()).isNotSameAs(Thread.currentThread()).satisfies(thread -> {
            assertThat(thread.isDaemon()).as("keeps no server from stopping").isTrue();
            assertThat(thread.getName()).startsWith("enterprise-connect-worker-");
        });
    }

    /** In Keycloak's own tools everything happens that does in a server, but nothing may follow from it there. */
    @Test
    void where_no_server_serves_no_work_is_taken() {
        try (BackgroundWorker ofTool = new BackgroundWorker()) {
            assertThat(ofTool.urgent().submit(done::incrementAndGet)).isFalse();
            assertThat(ofTool.idle().submitOnce(KEY, done::incrementAndGet)).isFalse();
            ofTool.open();
            assertThat(ofTool.idle().submitOnce(KEY, letGo::countDown))
                    .as("nothing is left of the key")
                    .isTrue();
        }

        assertThat(letGo.getCount()).isZero();
        assertThat(done).hasValue(0);
    }

    @Test
    void work_that_fails_takes_no_thread_along() throws InterruptedException {
        for (int i = 0; i < THREADS; i++) {
            worker.submit(() -> {
                throw new IllegalStateException("a failure that is meant");
            });
        }

        assertDone();
    }

    @Test
    void a_piece_that_fails_or_whose_realm_is_gone_leaves_the_others_to_be_done() {
        assertThatCode(() -> {
                    worker.attempt(() -> {
                        throw new IllegalStateException("a failure that is meant");
                    });
                    worker.attempt(() -> {
                        throw new Transactions.RealmGone();
                    });
                    worker.attempt(done::incrementAndGet);
                })
                .doesNotThrowAnyException();

        assertThat(done).hasValue(1);
    }

    /** A queue without an end would grow through an outage until the server's memory is full. */
    @Test
    void there_is_room_for_so_many_and_no_more() throws InterruptedException {
        fill();

        assertThat(worker.submit(done::incrementAndGet)).isFalse();

        empty();
        awaitIdle();
        assertThat(done).as("what was turned away is not done").hasValue(0);
    }

    /** A directory or a mail server that hangs must not keep members from being asked for. */
    @Test
    void urgent_work_waits_for_no_idle_work_however_much_there_is() throws InterruptedException {
        CountDownLatch urgent = new CountDownLatch(1);
        while (both.idle().submit(() -> await(letGo))) {
            Thread.onSpinWait();
        }

        assertThat(worker.submit(urgent::countDown)).isTrue();

        assertThat(urgent.await(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void idle_work_is_done_while_urgent_work_has_no_room() throws InterruptedException {
        CountDownLatch idle = new CountDownLatch(1);
        fill();

        assertThat(both.idle().submit(idle::countDown)).isTrue();

        assertThat(idle.await(1, TimeUnit.MINUTES)).isTrue();
        empty();
    }

    @Test
    void what_waits_already_is_not_queued_twice() throws InterruptedException {
        hold();

        for (int i = 0; i < 10; i++) {
            assertThat(worker.submitOnce(KEY, done::incrementAndGet)).isTrue();
        }

        letGo.countDown();
        awaitIdle();
        assertThat(done).hasValue(1);
    }

    @Test
    void work_under_another_key_is_done_as_well() throws InterruptedException {
        hold();

        worker.submitOnce(KEY, done::incrementAndGet);
        worker.submitOnce("another", done::incrementAndGet);

        letGo.countDown();
        awaitIdle();
        assertThat(done).hasValue(2);
    }

    /** What is being done may have passed by what is new. */
    @Test
    void what_is_submitted_while_it_is_being_done_is_done_once_more_and_never_twice_at_a_time()
            throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch twice = new CountDownLatch(2);
        AtomicInteger atATime = new AtomicInteger();
        AtomicBoolean together = new AtomicBoolean();
        Runnable work = () -> {
            together.compareAndSet(false, atATime.incrementAndGet() > 1);
            begun.countDown();
            await(letGo);
            done.incrementAndGet();
            atATime.decrementAndGet();
            twice.countDown();
        };
        worker.submitOnce(KEY, work);
        begun.await();

        for (int i = 0; i < 10; i++) {
            assertThat(worker.submitOnce(KEY, work)).isTrue();
        }
        // The other threads have had nothing to do but these.
        assertDone();
        letGo.countDown();

        twice.await();
        // A third time would be queued at the end of the second.
        awaitIdle();
        awaitIdle();
        assertThat(done).hasValue(2);
        assertThat(together).isFalse();
    }

    @Test
    void what_has_failed_is_done_when_it_is_submitted_again() throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        worker.submitOnce(KEY, () -> {
            failed.countDown();
            throw new IllegalStateException("a failure that is meant");
        });
        failed.await();
        awaitIdle();

        worker.submitOnce(KEY, done::incrementAndGet);

        awaitIdle();
        assertThat(done).hasValue(1);
    }

    @Test
    void what_fails_while_it_is_submitted_again_is_done_once_more() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch twice = new CountDownLatch(2);
        Runnable work = () -> {
            begun.countDown();
            await(letGo);
            twice.countDown();
            throw new IllegalStateException("a failure that is meant");
        };
        worker.submitOnce(KEY, work);
        begun.await();
        worker.submitOnce(KEY, work);

        letGo.countDown();

        assertThat(twice.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** Otherwise a full queue would keep this work from ever being done on this node. */
    @Test
    void what_found_no_room_once_is_done_when_it_is_submitted_again() throws InterruptedException {
        fill();
        assertThat(worker.submitOnce(KEY, done::incrementAndGet)).isFalse();
        empty();

        assertThat(worker.submitOnce(KEY, done::incrementAndGet)).isTrue();

        awaitIdle();
        assertThat(done).hasValue(1);
    }

    @Test
    void what_is_due_later_finds_room_or_says_that_there_is_none() throws InterruptedException {
        CountDownLatch room = new CountDownLatch(1);
        CountDownLatch noRoom = new CountDownLatch(1);
        worker.submitLater(SOON, room::countDown, () -> {});
        room.await();

        fill();
        worker.submitLater(SOON, done::incrementAndGet, noRoom::countDown);
        noRoom.await();

        empty();
        awaitIdle();
        assertThat(done).hasValue(0);
    }

    @Test
    void what_is_done_again_and_again_goes_on_after_a_failure() throws InterruptedException {
        CountDownLatch thrice = new CountDownLatch(3);

        worker.submitEvery(SOON, () -> {
            thrice.countDown();
            throw new IllegalStateException("a failure that is meant");
        });

        assertThat(thrice.await(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void what_is_done_again_and_again_goes_on_after_it_found_no_room() throws InterruptedException {
        CountDownLatch noRoom = new CountDownLatch(1);
        CountDownLatch twice = new CountDownLatch(2);
        fill();

        worker.submitEvery(SOON, twice::countDown);
        // The timer goes by the order in which things come due: that one has found no room when this one does.
        worker.submitLater(SOON.multipliedBy(2), () -> {}, noRoom::countDown);
        noRoom.await();
        letGo.countDown();

        assertThat(twice.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** An answer of Cronofy that is under way may hold tokens that nobody gets again. */
    @Test
    void whoever_closes_waits_for_what_is_under_way() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        worker.submit(() -> {
            begun.countDown();
            interrupted.set(!await(letGo));
            done.incrementAndGet();
        });
        begun.await();
        Thread closing = new Thread(both::close);
        closing.start();
        while (worker.submit(() -> {})) {
            Thread.onSpinWait();
        }

        letGo.countDown();
        closing.join();

        assertThat(done).hasValue(1);
        assertThat(interrupted).isFalse();
    }

    @Test
    void after_the_end_nothing_is_taken_and_nothing_throws() {
        both.close();

        assertThat(worker.submit(done::incrementAndGet)).isFalse();
        assertThat(worker.submitOnce(KEY, done::incrementAndGet)).isFalse();
        CountDownLatch noRoom = new CountDownLatch(1);
        worker.submitLater(SOON, done::incrementAndGet, noRoom::countDown);
        assertThat(noRoom.getCount()).as("said at once").isZero();
        worker.submitEvery(SOON, done::incrementAndGet);
        assertThat(done).hasValue(0);
    }

    /** Keeps all threads busy until they are let go. */
    private void hold() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            worker.submit(() -> {
                held.countDown();
                await(letGo);
            });
        }
        held.await();
    }

    /** Keeps all threads busy until they are let go, and has as much wait for them as there is room for. */
    private void fill() throws InterruptedException {
        hold();
        for (int i = 0; i < QUEUED; i++) {
            assertThat(worker.submit(drained::countDown)).isTrue();
        }
    }

    private void empty() throws InterruptedException {
        letGo.countDown();
        drained.await();
    }

    /** Some thread is there to do what is submitted now. */
    private void assertDone() throws InterruptedException {
        CountDownLatch latch = new CountDownLatch(1);
        assertThat(worker.submit(latch::countDown)).isTrue();
        assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** All that was submitted before is done: each thread has come to what was submitted last. */
    private void awaitIdle() throws InterruptedException {
        CountDownLatch together = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            assertThat(worker.submit(() -> {
                        together.countDown();
                        await(together);
                    }))
                    .isTrue();
        }
        assertThat(together.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** Whether it came to it without being interrupted. */
    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
