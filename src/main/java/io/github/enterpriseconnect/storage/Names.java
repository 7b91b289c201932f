package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Constants by the names that the tables hold. A name that a newer version has written reads as the constant for what is
 * unknown; the column keeps it as it is until the row goes on to something else.
 */
final class Names {
    private Names() {}

    /** The constant of this name, or the one for what is unknown; null for null. */
    static <E extends Enum<E>> @Nullable E read(Class<E> type, @Nullable String name, E unknown) {
        return name == null
                ? null
                : Arrays.stream(type.getEnumConstants())
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElse(unknown);
    }

    static @Nullable Reason reason(@Nullable String name) {
        return read(Reason.class, name, Reason.VALUE_UNKNOWN);
    }

    /** What is wrong with a link, from its two columns; null if nothing is. */
    static Link.@Nullable Problem problem(@Nullable String name, @Nullable Long since) {
        Reason reason = reason(name);
        return reason == null || since == null
                ? null
                : new Link.Problem(reason, Instant.ofEpochMilli(since), unknown(name, reason));
    }

    static @Nullable String of(@Nullable Enum<?> constant) {
        return constant == null ? null : constant.name();
    }

    /** The name as it is written, if it is no constant's; else null. */
    static @Nullable String unknown(@Nullable String name, @Nullable Enum<?> read) {
        return name == null || name.equals(of(read)) ? null : name;
    }
}
