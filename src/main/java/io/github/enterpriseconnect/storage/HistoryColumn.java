package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.AttributeConverter;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Attempts in one column: a line each, milliseconds, state and reason with a space between. What a newer version has
 * written after the time comes back as it was.
 */
public final class HistoryColumn implements AttributeConverter<List<Delegation.Attempt>, String> {
    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable List<Delegation.Attempt> history) {
        return history == null || history.isEmpty()
                ? null
                : history.stream().map(HistoryColumn::line).collect(Collectors.joining("\n"));
    }

    @Override
    public List<Delegation.Attempt> convertToEntityAttribute(@Nullable String column) {
        return column == null
                ? List.of()
                : column.lines().map(HistoryColumn::attempt).toList();
    }

    private static String line(Delegation.Attempt attempt) {
        if (attempt.written() != null) {
            return attempt.at().toEpochMilli() + " " + attempt.written();
        }
        String line = attempt.at().toEpochMilli() + " " + attempt.state();
        return attempt.reason() == null ? line : line + " " + attempt.reason();
    }

    private static Delegation.Attempt attempt(String line) {
        String[] parts = line.split(" ", -1);
        Delegation.State state = Objects.requireNonNullElse(
                Names.read(Delegation.State.class, parts.length < 2 ? null : parts[1], Delegation.State.UNKNOWN),
                Delegation.State.UNKNOWN);
        Reason reason = Names.reason(parts.length < 3 ? null : parts[2]);
        boolean understood = parts.length <= 3 && state != Delegation.State.UNKNOWN && reason != Reason.VALUE_UNKNOWN;
        return new Delegation.Attempt(
                Instant.ofEpochMilli(Long.parseLong(parts[0])),
                state,
                reason,
                understood ? null : line.substring(Math.min(line.length(), parts[0].length() + 1)));
    }
}
