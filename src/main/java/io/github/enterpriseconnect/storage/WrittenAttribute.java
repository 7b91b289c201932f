package io.github.enterpriseconnect.storage;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of who could write a user attribute of a realm.
 *
 * @param byUsers whether users may write it, as it was last noted
 * @param until when they could last, before they could not any more; null if that is not known to have been
 * @param acceptedAt when an administrator last said that what it holds counts, whoever has written it; null if nobody has
 */
public record WrittenAttribute(
        boolean byUsers, @Nullable Instant until, @Nullable Instant acceptedAt) {
    /** Of which nothing is known. */
    public static final WrittenAttribute UNKNOWN = new WrittenAttribute(false, null, null);

    /** Users may. */
    public static final WrittenAttribute STILL = new WrittenAttribute(true, null, null);

    /** Users could until then. */
    public static WrittenAttribute until(Instant end) {
        return new WrittenAttribute(false, end, null);
    }

    /** Whether what was seen then counts by an administrator's word, and users could not write the attribute since. */
    public boolean accepted(Instant seen) {
        return acceptedAt != null && !seen.isAfter(acceptedAt) && byUsersUntil().isEmpty();
    }

    /** Until when users could last; while they still can, for ever; empty if never. */
    public Optional<Instant> byUsersUntil() {
        return byUsers ? Optional.of(Instant.MAX) : Optional.ofNullable(until);
    }
}
