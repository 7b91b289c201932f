package io.github.enterpriseconnect.core;

import java.time.Duration;
import java.time.Instant;

/**
 * What Cronofy's token endpoint handed out for one authorization.
 *
 * @param scope space-separated, as Cronofy answered it
 * @param obtainedAt when the answer was received
 * @param expiresAt when the access token stops working by Cronofy's word
 */
public record Tokens(Secret accessToken, Secret refreshToken, String scope, Instant obtainedAt, Instant expiresAt) {
    private static final Duration STALE_MARGIN = Duration.ofMinutes(5);
    private static final Duration EXPIRED_MARGIN = Duration.ofSeconds(30);

    /** How usable the access token is. */
    public enum Freshness {
        /** Hand it out. */
        FRESH,
        /** Hand it out, and refresh it meanwhile. */
        STALE,
        /** Refresh it first. */
        EXPIRED
    }

    /**
     * STALE within the last five minutes (a third of a shorter life), EXPIRED within the last thirty seconds (a tenth
     * of a shorter life), so that what is handed out works for long enough to be used.
     */
    public Freshness freshness(Instant now) {
        Duration life = Duration.between(obtainedAt, expiresAt);
        Duration left = Duration.between(now, expiresAt);
        if (left.compareTo(shorter(EXPIRED_MARGIN, life.dividedBy(10))) <= 0) {
            return Freshness.EXPIRED;
        }
        return left.compareTo(shorter(STALE_MARGIN, life.dividedBy(3))) <= 0 ? Freshness.STALE : Freshness.FRESH;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
