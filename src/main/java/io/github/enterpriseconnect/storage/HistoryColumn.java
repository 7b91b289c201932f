package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.AttributeConverter;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Attempts in one column: a line each, milliseconds, state and reason with a space between. */
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
        String line = attempt.at().toEpochMilli() + " " + attempt.state();
        return attempt.reason() == null ? line : line + " " + attempt.reason();
    }

    private static Delegation.Attempt attempt(String line) {
        String[] parts = line.split(" ", -1);
        return new Delegation.Attempt(
                Instant.ofEpochMilli(Long.parseLong(parts[0])),
                Delegation.State.valueOf(parts[1]),
                parts.length < 3 ? null : Reason.valueOf(parts[2]));
    }
}
