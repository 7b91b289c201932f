package io.github.enterpriseconnect.integration.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one committed transaction did, as the database counted it.
 *
 * @param written rows inserted, changed or removed, by table in capitals
 * @param read rows read, by the first table of the query
 * @param statements how many there were, by table
 */
public record DatabaseTransaction(Map<String, Long> written, Map<String, Long> read, Map<String, Long> statements) {
    private static final Pattern SESSION = Pattern.compile("jdbc\\[(\\d+)]: $");
    private static final Pattern STATEMENT =
            Pattern.compile("^/\\*SQL(?: l:\\d+)?(?: #:(\\d+))?(?: t:\\d+)? ?\\*/(.*)");
    private static final Pattern WRITES =
            Pattern.compile("^(?:insert into|update|delete from|merge into)\\s+\"?(\\w+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern READS = Pattern.compile("\\sfrom\\s+\"?(\\w+)", Pattern.CASE_INSENSITIVE);

    private DatabaseTransaction() {
        this(new HashMap<>(), new HashMap<>(), new HashMap<>());
    }

    /** The committed transactions of a trace that H2 has written at level 2. */
    static List<DatabaseTransaction> committed(InputStream trace) throws IOException {
        List<DatabaseTransaction> committed = new ArrayList<>();
        Map<String, DatabaseTransaction> open = new HashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(trace, StandardCharsets.UTF_8))) {
            String session = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher header = SESSION.matcher(line);
                Matcher statement = STATEMENT.matcher(line);
                if (header.find()) {
                    session = header.group(1);
                } else if (statement.find()) {
                    String sql = statement.group(2);
                    DatabaseTransaction current = open.computeIfAbsent(session, id -> new DatabaseTransaction());
                    if (sql.startsWith("COMMIT")) {
                        committed.add(current);
                        open.remove(session);
                    } else if (sql.startsWith("ROLLBACK")) {
                        open.remove(session);
                    } else {
                        current.add(sql, statement.group(1) == null ? 0 : Long.parseLong(statement.group(1)));
                    }
                }
            }
        }
        return committed;
    }

    private void add(String sql, long rows) {
        Matcher write = WRITES.matcher(sql);
        Matcher reading = READS.matcher(sql);
        if (write.find()) {
            count(write, written, rows);
        } else if (reading.find()) {
            count(reading, read, rows);
        }
    }

    private void count(Matcher found, Map<String, Long> kind, long rows) {
        String table = found.group(1).toUpperCase(Locale.ROOT);
        kind.merge(table, rows, Long::sum);
        statements.merge(table, 1L, Long::sum);
    }
}
