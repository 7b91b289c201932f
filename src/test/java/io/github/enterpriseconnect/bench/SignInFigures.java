package io.github.enterpriseconnect.bench;

import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.bench.StatementCount.Statements;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** What Enterprise Connect adds to a sign-in. */
final class SignInFigures {
    private static final int COUNTED = 40;
    private static final int ALLOCATING = 200;
    private static final Duration LOOKED_AT = Duration.ofSeconds(5);

    /** The JVM's compilers need some hundred sign-ins at each server before their times stay the same. */
    private static final int WARM_UP = 600;

    private final Site site;
    private final Effort effort;
    private final Results results;
    private final Caller caller = new Caller();

    SignInFigures(Site site, Effort effort, Results results) {
        this.site = site;
        this.effort = effort;
        this.results = results;
    }

    void measure() {
        counts();
        delegated();
        grants();
        share();
        allocations();
        firstOnes();
    }

    /** Several of each kind, so that no row of the database is fought for. */
    private static String name(String kind, int number) {
        return kind + "-" + number % Effort.PEOPLE;
    }

    /** Who sign in, some of them connected, and a server that has done so often. */
    void prepare() {
        for (int i = 0; i < Effort.PEOPLE; i++) {
            site.realmWith("member-" + i);
            site.stranger("stranger-" + i);
            site.offMember("member-" + i);
            site.plainMember("member-" + i);
            site.plainStranger("stranger-" + i);
        }
        IntStream.range(0, Effort.PEOPLE).forEach(this::connect);
        new Turns()
                .add("linked", site.server(), this::linked)
                .add("stranger", site.server(), this::stranger)
                .add("grant", site.server(), this::grant)
                .add("grant where it is off", site.server(), this::offGrant)
                .add("plain", site.plain(), this::plain)
                .add("plain stranger", site.plain(), this::plainStranger)
                .run(1, WARM_UP, Effort.CALLERS);
    }

    private void connect(int number) {
        linked(number);
        String id = site.realm().userNamed(name("member", number));
        await().atMost(Duration.ofMinutes(1)).until(() -> "granted"
                .equals(site.realm().member(id).get("state").asText()));
    }

    private void linked(int number) {
        caller.signIn(site.client(), name("member", number), ConnectedRealm.PASSWORD);
    }

    private void stranger(int number) {
        caller.signIn(site.client(), name("stranger", number), ConnectedRealm.PASSWORD);
    }

    private void plain(int number) {
        caller.signIn(site.plainClient(), name("member", number), ConnectedRealm.PASSWORD);
    }

    private void plainStranger(int number) {
        caller.signIn(site.plainClient(), name("stranger", number), ConnectedRealm.PASSWORD);
    }

    private void grant(int number) {
        caller.grant(site.client(), name("member", number), ConnectedRealm.PASSWORD);
    }

    private void offGrant(int number) {
        caller.grant(site.offClient(), name("member", number), ConnectedRealm.PASSWORD);
    }

    private void counts() {
        try (StatementCount count = new StatementCount(site.database(), effort.idle())) {
            // What is not known of a link is read in the background, and whoever signs in meanwhile is looked at there.
            linked(0);
            Pause.of(LOOKED_AT);
            int requestsBefore = site.simulator().requests().size();
            Statements linked = count.each(Site.OURS, COUNTED, this::linked);
            int requests = site.simulator().requests().size() - requestsBefore;
            Statements plain = count.each(Site.PLAIN, COUNTED, this::plain);
            Statements stranger = count.each(Site.OURS, COUNTED, this::stranger);
            Statements plainStranger = count.each(Site.PLAIN, COUNTED, this::plainStranger);
            results.remark(String.format(
                    Locale.ROOT,
                    "statements of a sign-in: of a member %s; without us %s; of a stranger %s; without us %s",
                    linked,
                    plain,
                    stranger,
                    plainStranger));
            results.count(Figure.LOGIN_STATEMENTS, linked.all() - plain.all());
            results.count(Figure.LOGIN_REQUESTS, requests / (double) COUNTED);
        }
    }

    private void delegated() {
        Turns turns = new Turns()
                .add("linked", site.server(), this::linked)
                .add("plain", site.plain(), this::plain)
                .add("plain again", site.plain(), this::plain);
        Taken alone = turns.run(effort.rounds(), effort.each(), 1);
        Ratio same = alone.ratio("plain again", "plain", Round.latency(0.5));
        results.ratio(Figure.LOGIN_LINKED_P50_RATIO, alone.ratio("linked", "plain", Round.latency(0.5)), same);
        results.ratio(
                Figure.LOGIN_LINKED_P99_RATIO,
                alone.ratio("linked", "plain", Round.latency(0.99)),
                alone.ratio("plain again", "plain", Round.latency(0.99)));
        Taken together = turns.run(effort.rounds(), effort.each(), Effort.CALLERS);
        results.remark(String.format(
                Locale.ROOT,
                "CPU of a sign-in: linked / plain %.3f, plain again / plain %.3f",
                together.ratio("linked", "plain", Round::cpu).value(),
                together.ratio("plain again", "plain", Round::cpu).value()));
        results.ratio(
                Figure.LOGIN_LINKED_THROUGHPUT_RATIO,
                together.ratio("linked", "plain", Round::throughput),
                together.ratio("plain again", "plain", Round::throughput));
    }

    private void grants() {
        Taken taken = new Turns()
                .add("on", site.server(), this::grant)
                .add("off", site.server(), this::offGrant)
                .add("off again", site.server(), this::offGrant)
                .run(effort.rounds(), effort.each() * 2, 1);
        results.ratio(
                Figure.GRANT_LINKED_P50_RATIO,
                taken.ratio("on", "off", Round.latency(0.5)),
                taken.ratio("off again", "off", Round.latency(0.5)));
    }

    private void share() {
        Path recording = site.server().record(() -> new Turns()
                .add("on", site.server(), this::grant)
                .run(1, effort.each() * effort.rounds() * 2, 2));
        Recording recorded = Recording.of(recording);
        results.remark(String.format(
                Locale.ROOT, "samples of request threads: %d of them ours %d", recorded.samples(), recorded.ours()));
        results.once(Figure.SIGN_IN_CPU_SHARE, recorded.share());
    }

    private void allocations() {
        results.remark(String.format(
                Locale.ROOT,
                "bytes allocated by a sign-in: of a member %d, without us %d",
                allocated(site.server(), this::linked),
                allocated(site.plain(), this::plain)));
    }

    private static long allocated(KeycloakServer server, IntConsumer signIn) {
        Path recording = server.record(() -> IntStream.range(0, ALLOCATING).forEach(signIn));
        return Recording.of(recording).allocated() / ALLOCATING;
    }

    private void firstOnes() {
        int people = Effort.WARM_UP + effort.rounds() * effort.eachFirst();
        for (int i = 0; i < people; i++) {
            site.realmWith("first-" + i);
            site.awayMember("away-" + i);
            site.plainMember("first-" + i);
            site.plainMember("second-" + i);
        }
        IntConsumer plainFirst =
                number -> caller.signIn(site.plainClient(), "first-" + number, ConnectedRealm.PASSWORD);
        Turns turns = new Turns()
                .add(
                        "first",
                        site.server(),
                        number -> caller.signIn(site.client(), "first-" + number, ConnectedRealm.PASSWORD))
                .add(
                        "away",
                        site.server(),
                        number -> caller.signIn(site.client(), "away-" + number, ConnectedRealm.PASSWORD))
                .add("plain", site.plain(), plainFirst)
                .add(
                        "plain again",
                        site.plain(),
                        number -> caller.signIn(site.plainClient(), "second-" + number, ConnectedRealm.PASSWORD));
        turns.run(1, Effort.WARM_UP, 1);
        Taken taken = turns.run(effort.rounds(), effort.eachFirst(), 1);
        results.ratio(
                Figure.LOGIN_FIRST_P50_RATIO,
                taken.ratio("first", "plain", Round.latency(0.5)),
                taken.ratio("plain again", "plain", Round.latency(0.5)));
        results.ratio(
                Figure.LOGIN_OUTAGE_P99_RATIO,
                taken.ratio("away", "plain", Round.latency(0.99)),
                taken.ratio("plain again", "plain", Round.latency(0.99)));
    }
}
