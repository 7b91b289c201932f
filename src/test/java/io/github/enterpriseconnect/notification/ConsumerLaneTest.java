package io.github.enterpriseconnect.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.platform.BackgroundWorker;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node sends to one consumer, beside what it sends to others. */
class ConsumerLaneTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Instant NOW = Instant.parse("2026-11-25T18:56:32Z");

    private final BackgroundWorker worker = new BackgroundWorker();
    private final CountDownLatch stuck = new CountDownLatch(1);

    @AfterEach
    void stop() {
        stuck.countDown();
        worker.close();
    }

    @Test
    void consumers_that_never_answer_hold_up_nobody_else() {
        worker.open();
        AtomicInteger held = new AtomicInteger();
        for (int consumer = 0; consumer < 4; consumer++) {
            ConsumerLane hanging = new ConsumerLane(worker.telling(), id -> {
                held.incrementAndGet();
                awaitUninterrupted();
            });
            IntStream.range(0, 100).forEach(number -> hanging.add("stuck-" + number));
        }
        await().atMost(PATIENCE).until(() -> held.get() == 24);
        Set<String> sent = ConcurrentHashMap.newKeySet();
        ConsumerLane well = new ConsumerLane(worker.telling(), sent::add);

        IntStream.range(0, 500).forEach(number -> well.add("sent-" + number));

        await().atMost(PATIENCE).until(() -> sent.size() == 500);
        assertThat(held).hasValue(24);
    }

    private void awaitUninterrupted() {
        try {
            stuck.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void after_three_failures_in_a_row_it_pauses_longer_and_longer_until_one_succeeds() {
        ConsumerLane lane = new ConsumerLane(worker.telling(), id -> {});
        lane.failed(NOW);
        lane.failed(NOW);
        assertThat(lane.pausedUntil()).isBefore(NOW);
        lane.failed(NOW);
        assertThat(lane.pausedUntil()).isEqualTo(NOW.plusSeconds(2));
        lane.failed(NOW);
        assertThat(lane.pausedUntil()).isEqualTo(NOW.plusSeconds(4));
        IntStream.range(0, 100).forEach(again -> lane.failed(NOW));
        assertThat(lane.pausedUntil()).isEqualTo(NOW.plusSeconds(64));
        lane.succeeded();
        assertThat(lane.pausedUntil()).isBefore(NOW);
    }
}
