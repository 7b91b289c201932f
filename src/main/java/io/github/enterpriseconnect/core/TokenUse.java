package io.github.enterpriseconnect.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That a consumer was given a user's token.
 *
 * @param right what it made use of, by its name in APIs, which may be one of a newer version
 * @param lastAt when it was given one last, to the minute
 * @param acted by whom in the user's place, last; null if that never happened
 */
public record TokenUse(
        String clientId,
        String right,
        Instant lastAt,
        @Nullable Acted acted) {
    /** Of a right that this version knows, by the user or in their absence. */
    public TokenUse(String clientId, Consumer.Right right, Instant lastAt) {
        this(clientId, right.id(), lastAt, null);
    }

    /**
     * That somebody has acted for the user.
     *
     * @param actor client id, or else subject
     * @param lastAt as that of the use
     */
    public record Acted(String actor, Instant lastAt) {}
}
