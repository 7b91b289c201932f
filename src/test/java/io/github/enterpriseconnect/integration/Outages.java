package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.UserFederation.Mode;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What the members of a company go through at two nodes while the directory, the realm's key, the database and Cronofy
 * are away, one after the other: they sign in all the time, and their application fetches tokens that expire all the time.
 */
final class Outages implements AutoCloseable {
    private static final List<String> IN_DIRECTORY = List.of("lea", "liv", "lou");
    private static final List<String> LOCAL = List.of("dan", "dev", "dot");
    private static final int NODES = 2;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration TOKENS_LIVE = Duration.ofSeconds(3);

    /** The moment in which something goes away or comes back is not quite the same for any two servers. */
    private static final Duration EDGE = Duration.ofSeconds(20);

    private final Cluster cluster;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final Company company;
    private final Comparison comparison;
    private final int revocationsBefore;
    private final List<Person> people = new ArrayList<>();
    private final List<Failure> failures = new CopyOnWriteArrayList<>();
    private final Map<String, String> accessTokens = new ConcurrentHashMap<>();
    private final Map<Missing, AtomicInteger> signIns = new EnumMap<>(Missing.class);
    private volatile Missing missing = Missing.NOTHING;
    private volatile Instant edge = Instant.EPOCH;

    /** What is away. */
    enum Missing {
        NOTHING,
        DIRECTORY,
        KEY,
        DATABASE,
        CRONOFY
    }

    /** Whether the sign-in of this person would fail now without us, too. */
    interface Comparison {
        boolean fails(Missing missing, String name);

        /** Takes the key away from those that it compares with, or gives it back. */
        default void switchKey(boolean on) {}
    }

    /** Where there is nobody to compare with: what is nobody's doing but that of what is away. */
    static final Comparison WITHOUT_SERVER = (missing, name) ->
            missing == Missing.DATABASE || (missing == Missing.DIRECTORY && IN_DIRECTORY.contains(name));

    /** Somebody whose calendar was connected before all that. */
    private record Person(String name, String id, String mailbox, JsonNode before) {}

    /** A sign-in that failed, and would not have without us. */
    private record Failure(Instant at, Missing missing, int node, String name, String answer) {}

    private Outages(Cluster cluster, Simulator simulator, Company company, Comparison comparison) {
        this.cluster = cluster;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.company = company;
        this.comparison = comparison;
        this.revocationsBefore =
                simulator.requests("POST", "/oauth/token/revoke").size();
        for (Missing one : Missing.values()) {
            signIns.put(one, new AtomicInteger());
        }
    }

    /** Connects the calendars of a company, some of whose people are in a directory. */
    static Outages prepare(Cluster cluster, Simulator simulator, Company company, Comparison comparison) {
        Outages outages = new Outages(cluster, simulator, company, comparison);
        simulator.change(Switch.USER_TOKEN_SECONDS, Math.toIntExact(TOKENS_LIVE.toSeconds()));
        IN_DIRECTORY.forEach(name -> {
            company.hire(name);
            Company.Person person = company.person(name);
            outages.connected(name, person.id());
        });
        LOCAL.forEach(name -> {
            String id = company.realm().user(name, company.address(name)).id();
            company.realm().consumer().directGrant(name, ConnectedRealm.PASSWORD);
            outages.connected(name, id);
        });
        return outages;
    }

    /** A company for it, whose directory is the only one. */
    static Company company(Cluster cluster, Simulator simulator) {
        return Company.linked(
                cluster.first(), AdminClient.of(cluster.first()), simulator, Outages.class, Mode.READ_ONLY);
    }

    /** Names of those who are in the database alone. */
    static List<String> local() {
        return LOCAL;
    }

    private void connected(String name, String id) {
        company.awaitGranted(id);
        people.add(new Person(name, id, company.address(name), lasting(id)));
    }

    /** What is to be the same afterwards. */
    private JsonNode lasting(String id) {
        ObjectNode standing = (ObjectNode) company.realm().member(id);
        return standing.retain("state", "reason", "mailbox", "link", "grantedAt", "history");
    }

    /** Takes everything away once, each for so long, and looks at what is left after so long at the latest. */
    void happen(Duration away, Duration recovery) {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(NODES + 1);
        List<ScheduledFuture<?>> goingOn = new ArrayList<>();
        IntStream.rangeClosed(1, NODES).forEach(node -> goingOn.add(again(threads, turn -> signInOnce(node, turn))));
        goingOn.add(again(threads, this::fetchOnce));
        try {
            during(Missing.DIRECTORY, away, company.directory()::fallSilent, company.directory()::answer);
            during(Missing.KEY, away, () -> switchKey(false), () -> switchKey(true));
            during(Missing.DATABASE, away, cluster.wayToDatabase()::shut, cluster.wayToDatabase()::open);
            during(
                    Missing.CRONOFY,
                    away,
                    () -> simulator.addFault(Fault.on("", "/").status(503).build()),
                    simulator::clearFaults);
            everybodyIsAsBefore(recovery);
        } finally {
            threads.shutdown();
            await().until(threads::isTerminated);
        }
        assertThat(goingOn).as("what ended by itself").allMatch(ScheduledFuture::isCancelled);
        assertThat(failures).as("sign-ins that failed because of us").isEmpty();
        assertThat(signIns)
                .allSatisfy((when, count) ->
                        assertThat(count).as("sign-ins with %s away", when).hasPositiveValue());
    }

    /** Until the threads are shut down; whatever throws ends it, and is no cancellation. */
    private static ScheduledFuture<?> again(ScheduledExecutorService threads, IntConsumer deed) {
        AtomicInteger turn = new AtomicInteger();
        return threads.scheduleWithFixedDelay(
                () -> deed.accept(turn.getAndIncrement()), 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void during(Missing what, Duration away, Runnable goes, Runnable comesBack) {
        goes.run();
        Instant begun = Instant.now();
        edge = begun;
        missing = what;
        await("sign-ins without " + what)
                .atMost(away.plus(Duration.ofMinutes(5)))
                .until(() ->
                        !Instant.now().isBefore(begun.plus(away)) && count(what).get() > 0);
        comesBack.run();
        edge = Instant.now();
        missing = Missing.NOTHING;
        await("sign-ins after " + what)
                .atMost(Duration.ofMinutes(5))
                .ignoreException(UncheckedIOException.class)
                .until(() -> IntStream.rangeClosed(1, NODES).allMatch(node -> people.stream()
                        .allMatch(person -> signIn(node, person.name()).isEmpty())));
        edge = Instant.now();
    }

    private void switchKey(boolean on) {
        switchKey(company.realm().admin(), company.realm().name(), on);
        comparison.switchKey(on);
    }

    /** Switches every provider of AES keys of a realm. */
    static void switchKey(AdminClient admin, String realm, boolean on) {
        String components = "/admin/realms/" + realm + "/components";
        admin.get(components + "?type=org.keycloak.keys.KeyProvider")
                .expect(200)
                .json()
                .forEach(component -> {
                    if (component.get("providerId").asText().startsWith("aes")) {
                        ObjectNode changed = (ObjectNode) component;
                        changed.withObject("/config").putArray("enabled").add(String.valueOf(on));
                        admin.put(components + "/" + component.get("id").asText(), changed)
                                .expect(204);
                    }
                });
    }

    private void signInOnce(int node, int turn) {
        String name = people.get(turn % people.size()).name();
        Instant begun = Instant.now();
        Missing at = missing;
        String failure = signIn(node, name);
        if (!failure.isEmpty() && !comparison.fails(at, name) && !nearEdge(begun, at)) {
            failures.add(new Failure(begun, at, node, name, failure));
        } else {
            count(at).incrementAndGet();
        }
    }

    private boolean nearEdge(Instant begun, Missing at) {
        return at != missing || (begun.isBefore(edge.plus(EDGE)) && (at == Missing.NOTHING || at == Missing.DATABASE));
    }

    private AtomicInteger count(Missing at) {
        return Objects.requireNonNull(signIns.get(at));
    }

    /** Empty if it succeeds, or else what was answered. */
    private String signIn(int node, String name) {
        return signIn(company.realm().at(cluster.node(node)).consumer(), name, token -> accessTokens.put(name, token));
    }

    /**
     * Empty if it succeeds, or else what was answered.
     *
     * @param granted is handed the access token
     */
    static String signIn(OidcClient client, String name, Consumer<String> granted) {
        try {
            Answer answer = client.token(Map.of(
                    "grant_type",
                    "password",
                    "username",
                    name,
                    "password",
                    ConnectedRealm.PASSWORD,
                    "scope",
                    "openid"));
            if (answer.status() != 200) {
                return answer.status() + " " + answer.text();
            }
            granted.accept(answer.json().get("access_token").asText());
            return "";
        } catch (UncheckedIOException e) {
            return String.valueOf(e.getCause());
        }
    }

    /** Whatever it is answered: what counts is what is left afterwards. */
    private void fetchOnce(int turn) {
        try {
            token(turn % NODES + 1, people.get(turn % people.size()));
        } catch (UncheckedIOException | AssertionError e) {
            // Without its database Keycloak answers what is not in our description. It is asked again in a moment.
        }
    }

    private Answer token(int node, Person person) {
        return company.realm()
                .at(cluster.node(node))
                .token(Objects.requireNonNullElse(accessTokens.get(person.name()), "none yet"));
    }

    private void everybodyIsAsBefore(Duration recovery) {
        await().atMost(recovery)
                .untilAsserted(() -> people.forEach(person -> {
                    Answer token = token(1, person);
                    assertThat(token.status())
                            .as("%s: %s", person.name(), token.text())
                            .isEqualTo(200);
                    assertThat(lasting(person.id())).as(person.name()).isEqualTo(person.before());
                }));
        assertThat(company.realm().link("realm").get("state").asText()).isEqualTo("active");
        assertThat(simulator.requests("POST", "/oauth/token/revoke")).hasSize(revocationsBefore);
        assertThat(company.realm()
                        .admin()
                        .get(company.realm().api("revocations"))
                        .expect(200)
                        .json()
                        .findValuesAsText("state"))
                .isEmpty();
        people.forEach(person ->
                assertThat(cronofy.asks(person.mailbox())).as(person.mailbox()).hasSize(1));
    }

    @Override
    public void close() {
        cronofy.calm();
    }
}
