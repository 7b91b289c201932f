package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jwt.JWTClaimsSet;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.EventReceiver;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * People leave a large organization: from when on each is refused at every node, and when an application is told. With {@code
 * -Dmembers=…} for more or fewer, {@code -Dkills=…} for how often a node is killed.
 */
class DeparturesTrial {
    private static final int MEMBERS = Integer.getInteger("members", 1_000);
    private static final int PER_SECOND = 20;
    private static final int KILLS = Integer.getInteger("kills", 20);
    private static final int OF_A_KILL = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final String ENDED = "https://enterpriseconnect.github.io/events/calendar-ended";

    private final Map<String, Duration> refused = new ConcurrentHashMap<>();
    private final Map<String, Instant> left = new ConcurrentHashMap<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @Test
    void who_leaves_is_refused_everywhere_and_applications_are_told() throws Exception {
        try (EventReceiver receiver = new EventReceiver();
                Campaign campaign = new Campaign(2)) {
            List<String> users = connected(campaign, receiver, MEMBERS);
            leave(campaign, users);
            awaitTold(campaign, receiver, users);
            report("departures, " + MEMBERS + " at " + PER_SECOND + "/s", campaign, receiver, users);
            inOrder(campaign, receiver, users);
        }
    }

    @Test
    void nothing_is_lost_however_often_a_node_is_killed() throws Exception {
        try (EventReceiver receiver = new EventReceiver();
                Campaign campaign = new Campaign(2)) {
            List<String> users = connected(campaign, receiver, KILLS * OF_A_KILL);
            for (int kill = 0; kill < KILLS; kill++) {
                KeycloakServer node = campaign.cluster().node(1 + kill % 2);
                AdminClient admin = AdminClient.of(node);
                for (String user : users.subList(kill * OF_A_KILL, (kill + 1) * OF_A_KILL)) {
                    admin.delete(path(user)).expect(204);
                    left.put(user, Instant.now());
                }
                node.kill();
                campaign.cluster().restart(node);
            }
            awaitTold(campaign, receiver, users);
            inOrder(campaign, receiver, users);
            Results.ofBuild()
                    .remark(String.format(
                            "departures over %d kill -9: %d left, %d told, none lost; %d requests, in order",
                            KILLS,
                            users.size(),
                            users.size(),
                            receiver.received().size()));
        }
    }

    /** Ids of so many members whose calendars are connected, of which the application has been told. */
    private static List<String> connected(Campaign campaign, EventReceiver receiver, int members) {
        ConnectedRealm realm = campaign.realm();
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put(
                "consumers",
                List.of(Map.of(
                        "clientId",
                        ConnectedRealm.CONSUMER,
                        "rights",
                        List.of("member", "offline"),
                        "notifications",
                        Map.of("url", receiver.address().toString()))));
        realm.admin().put(realm.api("settings"), settings).expect(204);
        campaign.fill(members);
        campaign.haveAllWait();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> campaign.granted().size() >= members);
        List<String> users = IntStream.range(0, members)
                .parallel()
                .mapToObj(number -> realm.userNamed(CopiedMembers.name(number)))
                .toList();
        await().atMost(PATIENCE).until(() -> receiver.received().size() >= members);
        return users;
    }

    private static String path(String user) {
        return "/admin/realms/" + Site.REALM + "/users/" + user;
    }

    private void leave(Campaign campaign, List<String> users) {
        List<AdminClient> admins =
                campaign.cluster().nodes().stream().map(AdminClient::of).toList();
        List<ConnectedRealm> realms = campaign.cluster().nodes().stream()
                .map(node -> campaign.realm().at(node))
                .toList();
        ExecutorService askers = Executors.newCachedThreadPool();
        ScheduledExecutorService callers = Executors.newScheduledThreadPool(PER_SECOND);
        List<Future<?>> all = new CopyOnWriteArrayList<>();
        for (int i = 0; i < users.size(); i++) {
            String user = users.get(i);
            AdminClient admin = admins.get(i % admins.size());
            all.add(callers.schedule(
                    () -> {
                        try {
                            admin.delete(path(user)).expect(204);
                            Instant answered = Instant.now();
                            left.put(user, answered);
                            realms.forEach(realm -> all.add(askers.submit(() -> refused(realm, user, answered))));
                        } catch (RuntimeException | AssertionError e) {
                            failures.add(e);
                        }
                    },
                    1_000L * i / PER_SECOND,
                    TimeUnit.MILLISECONDS));
        }
        await().atMost(PATIENCE).until(() -> all.stream().allMatch(Future::isDone));
        callers.shutdown();
        askers.shutdown();
        assertThat(failures).isEmpty();
    }

    /** Notes how long after the answer to the departure this node has served the token still. */
    private void refused(ConnectedRealm realm, String user, Instant answered) {
        OidcClient consumer = realm.consumer();
        while (true) {
            Instant asked = Instant.now();
            Answer answer = Answer.to(Answer.form(
                    HttpRequest.newBuilder(realm.resource("token")),
                    "POST",
                    consumer.authenticated(Map.of("user", user))));
            if (answer.status() != 200) {
                refused.merge(
                        user,
                        Duration.between(answered, asked),
                        (one, other) -> one.compareTo(other) > 0 ? one : other);
                return;
            }
        }
    }

    private static Map<String, Instant> told(EventReceiver receiver, URI realm) {
        Map<String, Instant> told = new HashMap<>();
        List<EventReceiver.Received> accepted =
                receiver.received().stream().filter(one -> one.status() == 202).toList();
        List<JWTClaimsSet> claims = receiver.accepted(realm);
        for (int i = 0; i < claims.size(); i++) {
            String user = EventReceiver.user(claims.get(i));
            if (user != null && ENDED.equals(EventReceiver.event(claims.get(i)))) {
                told.putIfAbsent(user, accepted.get(i).at());
            }
        }
        return told;
    }

    private static URI realm(Campaign campaign) {
        return campaign.cluster().first().realm(Site.REALM);
    }

    private static void awaitTold(Campaign campaign, EventReceiver receiver, List<String> users) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> told(receiver, realm(campaign)).keySet().containsAll(users));
    }

    /** First connected, then ended, and nothing of one after the other's first. */
    private static void inOrder(Campaign campaign, EventReceiver receiver, List<String> users) {
        Map<String, List<String>> events = new HashMap<>();
        receiver.accepted(realm(campaign)).forEach(claims -> events.computeIfAbsent(
                        String.valueOf(EventReceiver.user(claims)), user -> new ArrayList<>())
                .add(EventReceiver.event(claims)));
        assertThat(users).allSatisfy(user -> assertThat(
                        events.getOrDefault(user, List.of()).stream().distinct())
                .hasSize(2)
                .last()
                .isEqualTo(ENDED));
    }

    private void report(String what, Campaign campaign, EventReceiver receiver, List<String> users) {
        Map<String, Instant> told = told(receiver, realm(campaign));
        List<Duration> toTold = users.stream()
                .map(user -> Duration.between(left.get(user), told.get(user)))
                .sorted()
                .toList();
        List<Duration> toRefused = refused.values().stream().sorted().toList();
        Results.ofBuild()
                .remark(String.format(
                        "%s: refused on every node after %s (p99), %s at most; told after %s (p50), %s (p99), %s at most;"
                                + " counted from the answer to the departure",
                        what,
                        percentile(toRefused, 99),
                        percentile(toRefused, 100),
                        percentile(toTold, 50),
                        percentile(toTold, 99),
                        percentile(toTold, 100)));
    }

    private static Duration percentile(List<Duration> sorted, int percent) {
        return sorted.get(Math.max(0, (sorted.size() * percent + 99) / 100 - 1));
    }
}
