package io.github.enterpriseconnect.budget;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * For how long to pause when Cronofy has too many requests: as long as it says, or for seconds first and longer each time
 * that it says so again. For any number of threads.
 */
final class TooMany {
    private static final Logger LOG = Logger.getLogger(TooMany.class);
    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final int MOST_DOUBLINGS = 5;

    private final Map<String, Refusals> refusals = new HashMap<>();

    /** @param until what was under way until then has been refused together with the last */
    private record Refusals(int times, long until) {}

    /**
     * Cronofy has too many.
     *
     * @param wish what it asks for; zero if it does not say
     * @return how long nothing is to be sent; zero if that is known already
     */
    synchronized Duration begins(String application, Duration wish, long now) {
        Refusals before = refusals.get(application);
        if (before == null) {
            LOG.warnf("Cronofy has too many requests of application %s; all nodes slow down", application);
        } else if (now < before.until()) {
            return Duration.ZERO;
        }
        int times = before == null ? 0 : before.times() + 1;
        Duration pause = wish.isZero() ? FIRST.multipliedBy(1L << Math.min(times, MOST_DOUBLINGS)) : wish;
        refusals.put(application, new Refusals(times, now + pause.toMillis()));
        return pause;
    }

    synchronized void ends(String application) {
        refusals.remove(application);
    }
}
