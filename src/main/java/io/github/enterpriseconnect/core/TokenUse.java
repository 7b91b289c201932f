package io.github.enterpriseconnect.core;

import java.time.Instant;

/**
 * That a consumer was given a user's token.
 *
 * @param right what it made use of
 * @param lastAt when it was given one last, to the minute
 */
public record TokenUse(String clientId, Consumer.Right right, Instant lastAt) {}
