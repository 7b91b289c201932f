package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Applications wait for refreshes, while nothing else is to be done and while very many revocations are due. */
class AwaitedTrial {
    private static final int REVOCATIONS = 10_000 * Campaign.FACTOR;
    private static final int AWAITED_A_MINUTE = 300 * Campaign.FACTOR;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** A member's token is asked for again when it has expired. */
    private static final int MEMBERS = 100 * Campaign.FACTOR;

    private static final int TOKEN_SECONDS = 5;
    private static final int CALLERS = 32;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String REVOKE = "/oauth/token/revoke";

    private record Caller(ConnectedRealm node, String accessToken) {
        Answer ask() {
            return node.token(accessToken);
        }
    }

    private record Asked(int served, int refused, double p95) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%d served, %d not, p95 %.0f ms", served, refused, p95);
        }
    }

    @Test
    void who_waits_for_a_refresh_does_not_wait_behind_revocations() {
        try (Campaign campaign = new Campaign(2)) {
            List<Caller> callers = connected(campaign);
            Member leaving = campaign.realm().member(campaign.large(), "leaving", "leaving@" + Campaign.LARGE);
            leaving.connect();
            campaign.simulator().change(Switch.USER_TOKEN_SECONDS, TOKEN_SECONDS);
            Results results = Results.ofBuild();

            ask(callers);
            Asked alone = ask(callers);
            campaign.simulator().addFault(Fault.on("POST", REVOKE).status(503).build());
            campaign.realm()
                    .admin()
                    .delete("/admin/realms/" + campaign.realm().name() + "/users/" + leaving.id())
                    .expect(204);
            await().atMost(PATIENCE)
                    .until(() -> !campaign.simulator().requests("POST", REVOKE).isEmpty());
            campaign.copyRevocation(REVOCATIONS);
            campaign.simulator().clearFaults();
            await().atMost(PATIENCE).until(() -> revocations(campaign) > Campaign.PER_SECOND);
            long before = revocations(campaign);
            Asked beside = ask(callers);
            long delivered = revocations(campaign) - before;

            results.remark(String.format(
                    Locale.ROOT,
                    "awaited refreshes, factor %d, %d a minute: alone %s; beside %d revocations that were due %s,"
                            + " and %d revocations meanwhile",
                    Campaign.FACTOR,
                    AWAITED_A_MINUTE,
                    alone,
                    REVOCATIONS,
                    beside,
                    delivered));
            results.once(Figure.AWAITED_DURING_FLOOD, beside.p95() / alone.p95());
            assertThat(beside.refused()).isZero();
            assertThat(campaign.simulator().requests().stream().filter(request -> request.status() == 429))
                    .isEmpty();
        }
    }

    private static long revocations(Campaign campaign) {
        return campaign.simulator().requests("POST", REVOKE).stream()
                .filter(request -> request.status() == 200)
                .count();
    }

    private static List<Caller> connected(Campaign campaign) {
        List<ConnectedRealm> nodes =
                campaign.cluster().nodes().stream().map(campaign.realm()::at).toList();
        String organization = campaign.realm().linked("small", "small.test", Map.of());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            members.add(campaign.realm().member(organization, "small-" + i, "small-" + i + "@small.test"));
        }
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            callers.add(new Caller(
                    nodes.get(i % nodes.size()), members.get(i).signIn().accessToken()));
        }
        members.forEach(member -> member.awaitState("granted"));
        return callers;
    }

    /** Each in their turn, for a minute, whether or not those before have their answers. */
    private static Asked ask(List<Caller> callers) {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(CALLERS);
        try {
            List<ScheduledFuture<Double>> asked = new ArrayList<>();
            for (int i = 0; i < AWAITED_A_MINUTE; i++) {
                Caller caller = callers.get(i % callers.size());
                asked.add(threads.schedule(
                        () -> {
                            long begun = System.nanoTime();
                            int status = caller.ask().status();
                            double taken = (System.nanoTime() - begun) / 1e6;
                            return status == 200 ? taken : -1;
                        },
                        MINUTE.toMillis() * i / AWAITED_A_MINUTE,
                        TimeUnit.MILLISECONDS));
            }
            await().atMost(PATIENCE).until(() -> asked.stream().allMatch(ScheduledFuture::isDone));
            double[] served = asked.stream()
                    .mapToDouble(AwaitedTrial::taken)
                    .filter(taken -> taken >= 0)
                    .sorted()
                    .toArray();
            return new Asked(
                    served.length, asked.size() - served.length, served[(int) Math.ceil(0.95 * served.length) - 1]);
        } finally {
            threads.shutdownNow();
        }
    }

    private static double taken(ScheduledFuture<Double> asked) {
        try {
            return asked.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
