package io.github.enterpriseconnect.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to a delegation.
 *
 * @param state what it became
 * @param reason why; null where nothing is to be explained
 */
public record Attempt(
        Instant at, Delegation.State state, @Nullable Reason reason) {}
