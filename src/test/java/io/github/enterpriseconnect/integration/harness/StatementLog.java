package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was sent to a {@link PostgresServer}, by its log. */
public final class StatementLog {
    /** Database and connection stand before each line. */
    static final String PREFIX = "%d %p ";

    private static final Pattern STATEMENT =
            Pattern.compile("^(\\S+) (\\d+) LOG:  (?:execute [^:]*|statement): (.*)$", Pattern.DOTALL);
    private static final Pattern BEGINS = Pattern.compile("^(?:begin|start transaction).*", Pattern.DOTALL);
    private static final Pattern ENDS = Pattern.compile("^(?:commit|rollback|end)\\b.*", Pattern.DOTALL);

    private static final Pattern TABLE =
            Pattern.compile("\\b(?:from|into|update)\\s+\"?(\\w+)", Pattern.CASE_INSENSITIVE);

    private final Path log;
    private long seen;

    StatementLog(Path log) {
        this.log = log;
        this.seen = size();
    }

    /**
     * The statements of one transaction, in their order, without those that begin and end it; a statement outside of any
     * is one by itself.
     */
    public record Sent(String database, List<String> statements) {}

    /** The first table of a statement, in capitals; empty if it names none. */
    public static String table(String statement) {
        Matcher table = TABLE.matcher(statement);
        return table.find() ? table.group(1).toUpperCase(Locale.ROOT) : "";
    }

    /** What has ended since this was last asked. What was begun and not ended is left out. */
    public List<Sent> sinceLast() {
        List<Sent> ended = new ArrayList<>();
        Map<String, List<String>> open = new HashMap<>();
        for (String line : lines()) {
            Matcher statement = STATEMENT.matcher(line);
            if (!statement.matches()) {
                continue;
            }
            String database = statement.group(1);
            String connection = statement.group(2);
            String sql = statement.group(3).strip();
            String start = sql.toLowerCase(Locale.ROOT);
            List<String> transaction = open.get(connection);
            if (BEGINS.matcher(start).matches()) {
                open.put(connection, new ArrayList<>());
            } else if (ENDS.matcher(start).matches()) {
                open.remove(connection);
                if (transaction != null && !transaction.isEmpty()) {
                    ended.add(new Sent(database, transaction));
                }
            } else if (transaction == null) {
                ended.add(new Sent(database, List.of(sql)));
            } else {
                transaction.add(sql);
            }
        }
        return ended;
    }

    private List<String> lines() {
        try (InputStream text = Files.newInputStream(log)) {
            text.skipNBytes(seen);
            byte[] added = text.readAllBytes();
            seen += added.length;
            // A statement of several lines goes on after a tab.
            return new String(added, StandardCharsets.UTF_8)
                    .replace("\n\t", " ")
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long size() {
        try {
            return Files.size(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
