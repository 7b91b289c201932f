package io.github.enterpriseconnect.platform;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is under way once at a time, such as what is done for the people of one directory. It may be stuck there for ever
 * while the directory is well again: after a while it no longer keeps another from beginning.
 */
public final class UnderWay<K> {
    /** Longer than Keycloak lets a transaction last. */
    static final Duration LONGEST = Duration.ofMinutes(6);

    private final Map<K, Task> begun = new ConcurrentHashMap<>();
    private final InstantSource clock;

    public UnderWay(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Begins after a pause.
     *
     * @return to be run at its end; empty if there is one under way
     */
    public Optional<Runnable> begin(K key, Duration pause) {
        Instant now = clock.instant();
        Task mine = new Task(now.plus(pause));
        Task counts = begun.merge(
                key, mine, (before, next) -> before.from.plus(LONGEST).isAfter(now) ? before : next);
        if (counts != mine) {
            return Optional.empty();
        }
        return Optional.of(() -> begun.remove(key, mine));
    }

    /** Equal to itself alone. */
    private static final class Task {
        private final Instant from;

        Task(Instant from) {
            this.from = from;
        }
    }
}
