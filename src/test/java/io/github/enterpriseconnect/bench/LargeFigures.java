package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.bench.StatementCount.Statements;
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

    /** As in {@link SignInFigures}, but of others each time. */
    private static final int WARM_UP = 600;

    private static final int COUNTED = 40;
    private static final Duration LOOKED_AT = Duration.ofSeconds(5);

    /** The numbers of those who sign in are spread over all by a prime. */
    private static final int STRIDE = 7_919;

    /** From which number on a second kind of request finds people of its own. */
    private static final int OTHERS = 2_500;

    /** From which number on people are whose statements are counted. */
    private static final int COUNTED_ONES = 2 * OTHERS;

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
        startAlike();
        signIns();
        heap();
        counts();
    }

    /**
     * Neither server knows any member yet, or bears what it alone was asked for until now. Ours has delegated some, so that
     * all is there that this takes, such as Keycloak's client of HTTP.
     */
    private void startAlike() {
        site.server().restart();
        site.plain().restart();
        // What a server looks through once after each start.
        Pause.of(effort.idle());
        for (int number = 0; number < Effort.PEOPLE; number++) {
            String late = "late-" + number;
            site.realmWith(late);
            site.plainMember(late);
            caller.signIn(site.client(), late, ConnectedRealm.PASSWORD);
            caller.signIn(site.plainClient(), late, ConnectedRealm.PASSWORD);
        }
    }

    /** After as many sign-ins, of the same members, with us as without. */
    private void heap() {
        long ours = site.server().heapInUse();
        long plain = site.plain().heapInUse();
        results.remark(String.format(
                Locale.ROOT, "heap after a full collection, with us %d kB, without %d kB", ours / 1024, plain / 1024));
        results.once(Figure.MEMBERS_100K_HEAP_RATIO, (double) ours / plain);
    }

    /** What the first sign-in of a member at a server takes: Keycloak has them in no cache. */
    private void counts() {
        try (StatementCount count = new StatementCount(site.database(), effort.idle())) {
            // What is not known of a link is read in the background, and whoever signs in meanwhile is looked at there.
            linked(COUNTED_ONES);
            Pause.of(LOOKED_AT);
            Statements ours = count.each(Site.OURS, COUNTED, number -> linked(COUNTED_ONES + 1 + number));
            Statements plain = count.each(Site.PLAIN, COUNTED, number -> plain(COUNTED_ONES + 1 + number));
            results.remark(String.format(
                    Locale.ROOT,
                    "statements of a member's first sign-in at a server: with us %s; without %s",
                    ours,
                    plain));
        }
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

    /**
     * Whoever signs in is new to the server, in each kind of request alike: Keycloak reads a member once and then has them
     * in its cache, which takes a fraction of the time. Each server is asked for as much.
     */
    private void signIns() {
        Turns turns = new Turns()
                .add("linked", site.server(), this::linked)
                .add("linked again", site.server(), number -> linked(OTHERS + number))
                .add("plain", site.plain(), this::plain)
                .add("plain again", site.plain(), number -> plain(OTHERS + number));
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
