package io.github.enterpriseconnect.platform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * That a directory was read to have nobody else who holds a user's address. Counts for a while, so that a directory that
 * falls silent does not withhold everybody of the realm at once; it is asked anew whenever it answers.
 */
final class NobodyElse {
    private static final Duration COUNTS = Duration.ofMinutes(10);
    private static final int MOST = 20_000;

    private final Cache<Fact, Boolean> known;

    NobodyElse(InstantSource clock) {
        known = Caffeine.newBuilder()
                .expireAfterWrite(COUNTS)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST)
                .build();
    }

    private record Fact(DirectoryId directory, String userId, String address) {}

    /** What the directory has said now. */
    void note(DirectoryId directory, String userId, String address, boolean nobody) {
        Fact fact = new Fact(directory, userId, address);
        if (nobody) {
            known.put(fact, true);
        } else {
            known.invalidate(fact);
        }
    }

    /** Whether it has said so lately. */
    boolean known(DirectoryId directory, String userId, String address) {
        return known.getIfPresent(new Fact(directory, userId, address)) != null;
    }
}
