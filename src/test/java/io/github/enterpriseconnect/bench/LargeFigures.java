package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.StatementLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is different with a hundred thousand members. It fills both databases of the site, so it comes last. */
final class LargeFigures {
    private static final int MEMBERS = 100_000;
    private static final int DELEGATED = 10_000;
    private static final int WARM_UP = 200;

    /** The numbers of those who sign in are spread over all by a prime. */
    private static final int STRIDE = 7_919;

    private static final Duration WATCHED = Duration.ofMinutes(2);

    private final Site site;
    private final Effort effort;
    private final Results results;
    private final Caller caller = new Caller();

    LargeFigures(Site site, Effort effort, Results results) {
        this.site = site;
        this.effort = effort;
        this.results = results;
    }

    void measure() {
        int nodes;
        Map<String, Long> few;
        Map<String, Long> many;
        try (KeycloakServer second = Site.plan(ConnectedRealm.server(site.simulator()))
                .options(site.database().options())
                .start()) {
            nodes = List.of(site.server(), second).size();
            Pause.of(effort.idle());
            few = statementsAMinute();
            fill(Site.OURS);
            fill(Site.PLAIN);
            Pause.of(effort.idle());
            many = statementsAMinute();
        }
        results.count(Figure.IDLE_STATEMENTS, (double) sum(many), (double) sum(few));
        results.remark(String.format(Locale.ROOT, "idle, a minute, %d nodes, by table, few members: %s", nodes, few));
        results.remark(String.format(Locale.ROOT, "the same with %d: %s", MEMBERS, many));
        signIns();
        results.once(
                Figure.MEMBERS_100K_HEAP_RATIO,
                (double) site.server().heapInUse() / site.plain().heapInUse());
    }

    private void fill(String database) {
        try (Connection connection = site.database().connect(database)) {
            new CopiedMembers(connection, "member-0", Site.ACME + ".test").make(MEMBERS, DELEGATED);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What idle servers send, by the first table of each statement. */
    private Map<String, Long> statementsAMinute() {
        StatementLog log = site.database().watch();
        try {
            Pause.of(WATCHED);
            return log.sinceLast().stream()
                    .filter(transaction -> transaction.database().equals(Site.OURS))
                    .map(StatementLog.Sent::statements)
                    .flatMap(List::stream)
                    .collect(Collectors.groupingBy(
                            StatementLog::table,
                            TreeMap::new,
                            Collectors.collectingAndThen(
                                    Collectors.counting(), count -> Math.round(count / (double) WATCHED.toMinutes()))));
        } finally {
            site.database().unwatch();
        }
    }

    private static long sum(Map<String, Long> statements) {
        return statements.values().stream().mapToLong(Long::longValue).sum();
    }

    private void signIns() {
        Turns turns = new Turns()
                .add("linked", site.server(), this::linked)
                .add("plain", site.plain(), this::plain)
                .add("plain again", site.plain(), this::plain);
        turns.run(1, WARM_UP, 1);
        Taken taken = turns.run(effort.rounds(), effort.each(), 1);
        results.ratio(
                Figure.MEMBERS_100K_LOGIN_RATIO,
                taken.ratio("linked", "plain", Round.latency(0.5)),
                taken.ratio("plain again", "plain", Round.latency(0.5)));
    }

    private void linked(int number) {
        caller.signIn(site.client(), anybody(number), ConnectedRealm.PASSWORD);
    }

    private void plain(int number) {
        caller.signIn(site.plainClient(), anybody(number), ConnectedRealm.PASSWORD);
    }

    private static String anybody(int number) {
        return CopiedMembers.name(1 + (number + 1) * STRIDE % DELEGATED);
    }
}
