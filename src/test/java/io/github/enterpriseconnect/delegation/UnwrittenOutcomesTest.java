package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.middle.Middle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What came of a code is written by one thread, and no other waits for it. */
class UnwrittenOutcomesTest {
    private final Middle middle = new Middle();
    private final UnwrittenOutcomes unwritten = new UnwrittenOutcomes(middle.worker);
    private final AtomicInteger written = new AtomicInteger();
    private final CountDownLatch databaseAsked = new CountDownLatch(1);
    private final CountDownLatch databaseAnswers = new CountDownLatch(1);

    private void write() {
        if (written.incrementAndGet() == 1) {
            throw new IllegalStateException("the database is away");
        }
        databaseAsked.countDown();
        try {
            databaseAnswers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void nobody_waits_for_whoever_is_writing_and_it_is_written_once() throws InterruptedException {
        unwritten.write("delegation", this::write, () -> {});
        CompletableFuture<Void> other = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            unwritten.writeAll();
            other.complete(null);
        });
        thread.setDaemon(true);
        thread.start();
        databaseAsked.await();

        assertThat(unwritten.writeWaiting("delegation"))
                .as("the code is not to be sent")
                .isTrue();
        middle.worker.run();

        databaseAnswers.countDown();
        other.join();
        assertThat(unwritten.writeWaiting("delegation")).isFalse();
        assertThat(written).hasValue(2);
    }

    @Test
    void whoever_redeems_codes_does_not_wait_while_an_outcome_is_written() {
        unwritten.write("delegation", this::write, () -> {});
        databaseAnswers.countDown();

        assertThat(unwritten.writeWaiting("delegation")).isTrue();
        assertThat(written).as("nothing is written on the caller's thread").hasValue(1);

        middle.worker.run();
        assertThat(written).hasValue(2);
    }
}
