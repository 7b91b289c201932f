package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Monday at nine: everybody of one large organization and of many small ones signs in within minutes, at two nodes. */
class MondayTrial {
    private static final int MEMBERS = Integer.getInteger("members", 10_000);
    private static final int SMALL = 50;
    private static final int MEMBERS_OF_SMALL = 10;
    private static final int CALLERS = 16;
    private static final Duration ARRIVAL = Duration.ofMinutes(10).dividedBy(Campaign.FACTOR);
    private static final Duration CONNECTED_WITHIN = Duration.ofMinutes(25).dividedBy(Campaign.FACTOR);
    private static final Duration SMALL_WITHIN = Duration.ofMinutes(2);

    private final Map<String, Instant> signedIn = new ConcurrentHashMap<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @Test
    void everybody_is_connected_in_time_and_nothing_is_asked_for_in_vain() {
        try (Campaign campaign = new Campaign(2)) {
            campaign.fill(MEMBERS);
            List<String> names = new ArrayList<>();
            for (int i = 0; i < MEMBERS; i++) {
                names.add(CopiedMembers.name(i));
            }
            for (int company = 0; company < SMALL; company++) {
                String domain = "small-" + company + ".test";
                String organization = campaign.realm().linked("small-" + company, domain, Map.of());
                for (int i = 0; i < MEMBERS_OF_SMALL; i++) {
                    String name = "small-" + company + "-" + i;
                    campaign.realm().member(organization, name, name + "@" + domain);
                    names.add(name);
                }
            }
            Collections.shuffle(names, new Random(1));
            campaign.simulator().clearRequests();

            Instant first = Instant.now();
            signIn(campaign, names);
            Duration arrived = Duration.between(first, Instant.now());
            await().atMost(CONNECTED_WITHIN.multipliedBy(2))
                    .pollInterval(Duration.ofSeconds(5))
                    .until(() -> campaign.granted().size() == names.size());

            report(campaign, first, arrived);
        }
    }

    private void signIn(Campaign campaign, List<String> names) {
        List<OidcClient> nodes = campaign.cluster().nodes().stream()
                .map(node -> campaign.realm().at(node).consumer())
                .toList();
        Caller caller = new Caller();
        List<Future<?>> started = new ArrayList<>();
        ScheduledExecutorService callers = Executors.newScheduledThreadPool(CALLERS);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            OidcClient node = nodes.get(i % nodes.size());
            started.add(callers.schedule(
                    () -> {
                        try {
                            signedIn.put(name, Instant.now());
                            caller.grant(node, name, ConnectedRealm.PASSWORD);
                        } catch (RuntimeException e) {
                            failures.add(e);
                        }
                    },
                    ARRIVAL.toMillis() * i / names.size(),
                    TimeUnit.MILLISECONDS));
        }
        await().atMost(Duration.ofHours(1)).until(() -> started.stream().allMatch(Future::isDone));
        callers.shutdown();
    }

    private void report(Campaign campaign, Instant first, Duration arrived) {
        Map<String, Instant> granted = campaign.granted();
        Duration last = Duration.between(first, Collections.max(granted.values()));
        Duration slowestOfSmall = granted.entrySet().stream()
                .filter(member -> member.getKey().startsWith("small-"))
                .map(member -> Duration.between(signedIn.get(member.getKey()), member.getValue()))
                .max(Duration::compareTo)
                .orElseThrow();
        var requests = campaign.simulator().requests();
        long tooMany =
                requests.stream().filter(request -> request.status() == 429).count();
        long refusedCodes = requests.stream()
                .filter(request -> request.path().equals("/oauth/token") && request.status() == 400)
                .count();
        System.out.printf(
                "Monday, factor %d: %d signed in within %d s, %d failed; all connected %d s after the first sign-in,"
                        + " of small organizations each within %d s; %d requests to Cronofy (%.3f a member), %d answered 429, %d codes refused%n",
                Campaign.FACTOR,
                signedIn.size(),
                arrived.toSeconds(),
                failures.size(),
                last.toSeconds(),
                slowestOfSmall.toSeconds(),
                requests.size(),
                requests.size() / (double) granted.size(),
                tooMany,
                refusedCodes);
        assertThat(failures).isEmpty();
        assertThat(tooMany).isZero();
        assertThat(refusedCodes).isZero();
        assertThat(last).isLessThanOrEqualTo(CONNECTED_WITHIN);
        assertThat(slowestOfSmall).isLessThanOrEqualTo(SMALL_WITHIN);
    }
}
