package io.github.enterpriseconnect.candidate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What is known of links at sign-in: at most 60 seconds old, and learnt by background work alone, so that no sign-in
 * ever asks our tables. Everything that acts on a link reads the table instead.
 */
public final class LinkCache {
    private static final Duration OLDEST = Duration.ofSeconds(60);

    private final Cache<LinkId, Link> known;
    private final RecentSignIns recentSignIns;

    public LinkCache(RecentSignIns recentSignIns, InstantSource clock) {
        this.recentSignIns = recentSignIns;
        known = Caffeine.newBuilder()
                .expireAfterWrite(OLDEST)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(10_000)
                .build();
    }

    /** Empty if nothing is known that is young enough. */
    public Optional<Link> known(LinkId id) {
        return Optional.ofNullable(known.getIfPresent(id));
    }

    /** Keeps a link as it was just read from its table, and gives it back. */
    public Link learn(Link link) {
        known.put(link.id(), link);
        return link;
    }

    /** Something changed on this node; other nodes notice within the minute. */
    public void forget(LinkId id) {
        known.invalidate(id);
        recentSignIns.forget(id);
    }
}
