package io.github.enterpriseconnect.candidate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Who was queued for delegation on this node a moment ago, so that somebody who signs in again and again while the
 * answer is awaited costs nothing. Forgotten when something of the user's or the link's changes here; another node may
 * pass over a sign-in for that moment.
 */
public final class RecentSignIns {
    private static final Duration MOMENT = Duration.ofSeconds(10);
    private static final int MOST = 100_000;

    private final Cache<String, Seen> byUser;

    /** @param link that the user was queued for */
    private record Seen(SignIn signIn, LinkId link) {}

    public RecentSignIns(InstantSource clock) {
        byUser = Caffeine.newBuilder()
                .expireAfterWrite(MOMENT)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST)
                .build();
    }

    /** Whether the user has just signed in the very same way. */
    public boolean known(String userId, SignIn signIn) {
        Seen seen = byUser.getIfPresent(userId);
        return seen != null && seen.signIn().equals(signIn);
    }

    public void remember(String userId, SignIn signIn, LinkId link) {
        byUser.put(userId, new Seen(signIn, link));
    }

    /** The next sign-in counts, however soon it comes. */
    public void forget(String userId) {
        byUser.invalidate(userId);
    }

    /** The next sign-in of everybody who was queued for this link counts: what was decided then may be wrong now. */
    void forget(LinkId link) {
        byUser.asMap().values().removeIf(seen -> seen.link().equals(link));
    }
}
