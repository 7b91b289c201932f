package io.github.enterpriseconnect.core;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/**
 * When to try again after a failure: doubling from a first pause up to a longest one, each shortened at random by up to
 * half so that many failures at once do not come back at once, and never earlier than the other side asked.
 */
public final class RetrySchedule {
    private final Duration first;
    private final Duration longest;
    private final DoubleSupplier random;

    /**
     * A schedule between two pauses.
     *
     * @param random numbers in [0, 1)
     */
    public RetrySchedule(Duration first, Duration longest, DoubleSupplier random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /**
     * When to try again.
     *
     * @param failures how often it has failed in a row, this time included
     * @param retryAfter the other side's wish; zero if none
     */
    public Instant next(Instant now, int failures, Duration retryAfter) {
        int doublings = Math.min(Math.max(failures - 1, 0), 30);
        Duration pause = first.multipliedBy(1L << doublings);
        if (pause.compareTo(longest) > 0) {
            pause = longest;
        }
        long millis = pause.toMillis();
        Duration jittered = Duration.ofMillis(millis - (long) (millis / 2.0 * random.getAsDouble()));
        return now.plus(jittered.compareTo(retryAfter) < 0 ? retryAfter : jittered);
    }
}
