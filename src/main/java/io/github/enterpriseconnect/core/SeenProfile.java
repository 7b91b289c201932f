package io.github.enterpriseconnect.core;

import java.time.Instant;

/**
 * A profile as it was seen last.
 *
 * @param until as long as this counts: what nobody looks at again is soon no longer a fact
 */
public record SeenProfile(ProfileState state, Instant at, Instant until) {
    /** Nobody has seen it. */
    public static final SeenProfile NEVER = new SeenProfile(ProfileState.UNKNOWN, Instant.EPOCH, Instant.EPOCH);

    /** What may be said of it now. */
    public ProfileState at(Instant now) {
        return now.isBefore(until) ? state : ProfileState.UNKNOWN;
    }
}
