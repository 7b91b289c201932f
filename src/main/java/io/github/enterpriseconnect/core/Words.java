package io.github.enterpriseconnect.core;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a newer version has written in place of a state and a reason, as it is written. It is shown and kept, and nobody
 * acts on it: the state reads as {@code UNKNOWN}, the reason as {@link Reason#VALUE_UNKNOWN}.
 *
 * @param state null where this version knows the state
 * @param reason null where this version knows the reason, or there is none
 */
public record Words(@Nullable String state, @Nullable String reason) {
    /** Everything is known. */
    public static final Words KNOWN = new Words(null, null);

    /** The state as APIs show it. */
    String state(String known) {
        return state == null ? known : shown(state);
    }

    /** The reason as APIs show it; null if there is none. */
    @Nullable String reason(@Nullable Reason known) {
        if (reason != null) {
            return shown(reason);
        }
        return known == null ? null : known.id();
    }

    private static String shown(String word) {
        return word.toLowerCase(Locale.ROOT);
    }
}
