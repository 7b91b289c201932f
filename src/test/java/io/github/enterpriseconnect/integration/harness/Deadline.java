package io.github.enterpriseconnect.integration.harness;

import java.time.Duration;

/** The moment by which a piece of work, with all its steps and retries, must be done. */
record Deadline(long nanoTime) {

    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    Duration left() {
        return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
    }

    boolean isOver() {
        return left().isZero();
    }
}
