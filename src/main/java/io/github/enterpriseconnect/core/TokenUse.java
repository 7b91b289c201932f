package io.github.enterpriseconnect.core;

import java.time.Instant;

/**
 * That a consumer was given a user's token.
 *
 * @param right what it made use of, by its name in APIs, which may be one of a newer version
 * @param lastAt when it was given one last, to the minute
 */
public record TokenUse(String clientId, String right, Instant lastAt) {
    /** Of a right that this version knows. */
    public TokenUse(String clientId, Consumer.Right right, Instant lastAt) {
        this(clientId, right.id(), lastAt);
    }
}
