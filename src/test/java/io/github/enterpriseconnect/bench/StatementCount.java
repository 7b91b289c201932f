package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.PostgresServer;
import io.github.enterpriseconnect.integration.harness.StatementLog;
import io.github.enterpriseconnect.integration.harness.StatementLog.Sent;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/**
 * Counts the statements of requests: all of the database's but those of transactions that servers begin by themselves,
 * which consist of nothing but what is sent while nobody asks for anything.
 */
final class StatementCount implements AutoCloseable {
    private final PostgresServer database;
    private final StatementLog log;
    private final Set<String> ofThemselves = new HashSet<>();

    StatementCount(PostgresServer database, Duration idle) {
        this.database = database;
        this.log = database.watch();
        Pause.of(idle);
        log.sinceLast().stream()
                .map(Sent::statements)
                .flatMap(List::stream)
                .map(StatementCount::shape)
                .forEach(ofThemselves::add);
    }

    /** The statements of each of so many requests, one after the other, by the first table of each statement. */
    Statements each(String databaseName, int requests, IntConsumer request) {
        log.sinceLast();
        for (int number = 0; number < requests; number++) {
            request.accept(number);
        }
        return new Statements(log.sinceLast().stream()
                .filter(transaction -> transaction.database().equals(databaseName))
                .filter(transaction -> !transaction.statements().stream()
                        .allMatch(statement -> ofThemselves.contains(shape(statement))))
                .map(Sent::statements)
                .flatMap(List::stream)
                .collect(Collectors.groupingBy(
                        StatementLog::table, TreeMap::new, Collectors.summingDouble(statement -> 1.0 / requests))));
    }

    /** Without how many values there are in a list. */
    private static String shape(String statement) {
        return statement.replaceAll("\\$\\d+(,\\s*\\$\\d+)*", "?");
    }

    /** How many statements a request takes, by table. */
    record Statements(Map<String, Double> byTable) {
        double all() {
            return byTable.values().stream().mapToDouble(Double::doubleValue).sum();
        }

        @Override
        public String toString() {
            return byTable.entrySet().stream()
                    .map(table -> String.format(Locale.ROOT, "%s %.2f", table.getKey(), table.getValue()))
                    .collect(Collectors.joining(", ", String.format(Locale.ROOT, "%.2f (", all()), ")"));
        }
    }

    @Override
    public void close() {
        database.unwatch();
    }
}
