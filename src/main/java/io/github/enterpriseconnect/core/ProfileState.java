package io.github.enterpriseconnect.core;

import org.jspecify.annotations.Nullable;

/**
 * What Cronofy has said of the calendar behind a delegation. It ends nobody's right: the token works all the same, and what
 * it reads may be old, or not there yet. Source: Cronofy's documentation of {@code userinfo}.
 *
 * @param connected whether Cronofy can reach the calendar; null if it does not say
 * @param initialSyncRequired whether the calendar has not been read for the first time; null if it does not say
 */
public record ProfileState(
        @Nullable Boolean connected, @Nullable Boolean initialSyncRequired) {
    /** Cronofy does not say. */
    public static final ProfileState UNKNOWN = new ProfileState(null, null);

    /** What the other says counts where this one says nothing. */
    public ProfileState or(ProfileState other) {
        return new ProfileState(
                connected == null ? other.connected : connected,
                initialSyncRequired == null ? other.initialSyncRequired : initialSyncRequired);
    }

    /** Whether nothing is left to wait for, by what Cronofy says; false if it does not say. */
    public boolean well() {
        return !equals(UNKNOWN) && !Boolean.FALSE.equals(connected) && !Boolean.TRUE.equals(initialSyncRequired);
    }
}
