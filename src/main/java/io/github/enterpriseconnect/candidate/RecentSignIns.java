package io.github.enterpriseconnect.candidate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.SignIn;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Who was queued for delegation on this node a moment ago, so that somebody who signs in again and again while the answer is awaited
 * costs nothing. Forgotten when something of the user's changes here; another node may pass over a sign-in for that moment.
 */
public final class RecentSignIns {
    private static final Duration MOMENT = Duration.ofSeconds(10);
    private static final int MOST = 100_000;

    private final Cache<String, SignIn> byUser;

    public RecentSignIns(InstantSource clock) {
        byUser = Caffeine.newBuilder()
                .expireAfterWrite(MOMENT)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST)
                .build();
    }

    /** Whether the user has just signed in the very same way. */
    public boolean known(String userId, SignIn signIn) {
        return signIn.equals(byUser.getIfPresent(userId));
    }

    public void remember(String userId, SignIn signIn) {
        byUser.put(userId, signIn);
    }

    /** The next sign-in counts, however soon it comes. */
    public void forget(String userId) {
        byUser.invalidate(userId);
    }
}
