package io.github.enterpriseconnect.budget;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether it is worth while to let somebody wait for Cronofy. Where several refreshes in a row have taken their time for
 * nothing, the next are turned away at once, and one at growing intervals tells whether that is over. For any number of
 * threads.
 */
final class Circuit {
    private static final int SLOW_FAILURES = 3;
    private static final long SLOW = 1_000;
    private static final long FIRST_PAUSE = 5_000;
    private static final long LONGEST_PAUSE = 60_000;

    private final Map<String, Trouble> troubles = new HashMap<>();

    /** @param until nobody is let through before */
    private record Trouble(int failures, long until) {}

    /** Zero if the caller is to try; otherwise for how long to stay away. */
    synchronized Duration pass(String application, long now) {
        Trouble trouble = troubles.get(application);
        if (trouble == null || trouble.failures() < SLOW_FAILURES) {
            return Duration.ZERO;
        }
        if (now < trouble.until()) {
            return Duration.ofMillis(trouble.until() - now);
        }
        // This one tells for all; the others stay away until it is known.
        troubles.put(application, new Trouble(trouble.failures(), now + pause(trouble.failures())));
        return Duration.ZERO;
    }

    synchronized void failed(String application, long started, long now) {
        if (now - started >= SLOW) {
            Trouble before = troubles.getOrDefault(application, new Trouble(0, 0));
            int failures = before.failures() + 1;
            troubles.put(application, new Trouble(failures, now + pause(failures)));
        }
    }

    /** Cronofy has answered, whatever it was. */
    synchronized void answered(String application) {
        troubles.remove(application);
    }

    private static long pause(int failures) {
        int doublings = Math.min(10, Math.max(0, failures - SLOW_FAILURES));
        return Math.min(LONGEST_PAUSE, FIRST_PAUSE << doublings);
    }
}
