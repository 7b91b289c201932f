package io.github.enterpriseconnect.core;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/** When to try again, by what went wrong; every pause grows with the attempts and varies by chance. */
public final class Retries {
    private static final Duration OUTAGE = Duration.ofSeconds(5);

    private final RetrySchedule outages;
    private final RetrySchedule problems;
    private final RetrySchedule silence;
    private final RetrySchedule refusals;

    /** @param jitter numbers in [0, 1) */
    public Retries(DoubleSupplier jitter) {
        outages = new RetrySchedule(OUTAGE, Duration.ofMinutes(5), jitter);
        problems = new RetrySchedule(Duration.ofSeconds(5), Duration.ofMinutes(30), jitter);
        silence = new RetrySchedule(Duration.ofMinutes(15), Duration.ofHours(24), jitter);
        refusals = new RetrySchedule(Duration.ofHours(1), Duration.ofHours(24), jitter);
    }

    /**
     * Somebody could not be reached or was busy: seconds first, five minutes at most, so that all goes on
     * within minutes once they are back.
     *
     * @param attempts that were made, this one included
     * @param retryAfter what they asked for; zero if they did not say
     */
    public Instant afterOutage(Instant now, int attempts, Duration retryAfter) {
        return outages.next(now, attempts, retryAfter);
    }

    /**
     * As {@link #afterOutage}, where nobody has counted: after as many attempts as there would have been since that time,
     * had each been made when it was due.
     */
    public Instant afterOutageSince(Instant since, Instant now) {
        long pauses = Math.max(0, Duration.between(since, now).dividedBy(OUTAGE));
        return afterOutage(now, Long.SIZE - Long.numberOfLeadingZeros(pauses + 1), Duration.ZERO);
    }

    /** Something has to be mended by a person, who may take long: seconds first, half an hour at most. */
    public Instant afterProblem(Instant now, int attempts) {
        return problems.next(now, attempts, Duration.ZERO);
    }

    /** An ask was taken, and its answer has not come: a quarter of an hour first, a day at most. */
    public Instant afterSilence(Instant now, int attempts) {
        return silence.next(now, attempts, Duration.ZERO);
    }

    /** Somebody said no: an hour first, a day at most. */
    public Instant afterRefusal(Instant now, int attempts) {
        return refusals.next(now, attempts, Duration.ZERO);
    }
}
