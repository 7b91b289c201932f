package io.github.enterpriseconnect.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One application's request allowance at Cronofy: never more than 50 requests in any second and 500 in any minute. Who
 * waits for an answer comes first: each purpose may fill the allowance only up to its own share, and a tenth is kept
 * for revocations. Source: Cronofy's FAQ, "What rate limits are there?".
 */
public final class Budget {
    /** After this long without a request there is nothing to remember. */
    public static final Duration MEMORY = Duration.ofMinutes(2);

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int PER_SECOND = 50;
    private static final int PER_MINUTE = 500;

    /** What a request is for, most urgent first, with the part of the allowance that requests of its kind may fill. */
    public enum Purpose {
        /** An application waits for the token. */
        AWAITED_REFRESH(0.9),
        /** A member has just signed in, or an administrator links. */
        SIGN_IN(0.8),
        /** A token is renewed ahead of time. */
        REFRESH(0.7),
        /** A right has ended; the last tenth belongs to these alone. */
        REVOCATION(1.0),
        /** Nobody waits. */
        BACKFILL(0.5);

        private final double share;

        Purpose(double share) {
            this.share = share;
        }
    }

    private final Deque<Instant> spent = new ArrayDeque<>();

    /**
     * Takes one request out of the allowance.
     *
     * @return zero if it was granted; otherwise how long to wait before asking again, and nothing was taken
     */
    public synchronized Duration take(Purpose purpose, Instant now) {
        while (!spent.isEmpty() && !spent.peekFirst().isAfter(now.minus(MINUTE))) {
            spent.removeFirst();
        }
        Duration wait = longer(wait(now, SECOND, (int) (PER_SECOND * purpose.share)), wait(now, MINUTE, (int)
                (PER_MINUTE * purpose.share)));
        if (wait.isZero()) {
            spent.addLast(now);
        }
        return wait;
    }

    private Duration wait(Instant now, Duration window, int allowed) {
        Instant opens = now.minus(window);
        int inWindow = 0;
        Instant blocking = null;
        var newestFirst = spent.descendingIterator();
        while (newestFirst.hasNext()) {
            Instant at = newestFirst.next();
            if (!at.isAfter(opens)) {
                break;
            }
            inWindow++;
            if (inWindow == allowed) {
                blocking = at;
            }
        }
        return blocking == null ? Duration.ZERO : Duration.between(now, blocking.plus(window));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
