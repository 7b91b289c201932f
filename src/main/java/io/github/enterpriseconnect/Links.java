package io.github.enterpriseconnect;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.storage.LinkStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What is known of links at sign-in: at most 60 seconds old, so that a sign-in asks the database once a minute per link
 * and node. Everything that acts on a link reads the table instead.
 */
final class Links {
    private static final Duration OLDEST = Duration.ofSeconds(60);

    private final Cache<LinkId, Link> known;

    Links(InstantSource clock) {
        Ticker ticker = () -> TimeUnit.MILLISECONDS.toNanos(clock.millis());
        known = Caffeine.newBuilder()
                .expireAfterWrite(OLDEST)
                .ticker(ticker)
                .maximumSize(10_000)
                .build();
    }

    Link known(LinkId id, Supplier<LinkStore> store) {
        return known.get(id, missing -> store.get().get(missing));
    }

    /** Something changed on this node; other nodes notice within the minute. */
    void forget(LinkId id) {
        known.invalidate(id);
    }
}
