package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ten thousand members move to another service account, while a node is killed: nobody is without a token meanwhile. */
class ReplacementTrial {
    private static final int MEMBERS = Integer.getInteger("members", 10_000);
    private static final Duration PATIENCE = Duration.ofMinutes(40);
    private static final double MOST_REQUESTS = 1.05;

    /** Members whose tokens are asked for all the time. */
    private static final int WATCHED = 60;

    /** Nobody is without a token for longer than a refresh may take. */
    private static final Duration ONE_REFRESH = Duration.ofSeconds(20);

    @Test
    void a_whole_organization_moves_to_another_service_account_over_a_killed_node() {
        try (Campaign campaign = new Campaign(3)) {
            campaign.fill(MEMBERS);
            campaign.backfill("running");
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(2))
                    .until(() -> campaign.granted().size() >= MEMBERS);
            String former = campaign.serviceAccount();
            Results results = Results.ofBuild();
            campaign.simulator().change(Switch.REAUTHORIZATION_KEEPS_SERVICE_ACCOUNT, false);
            campaign.simulator().change(Switch.SERVICE_ACCOUNTS_SHARE_SUB, false);

            try (ServedTokens tokens = new ServedTokens(campaign, sample(), List.of(1, 2))) {
                campaign.replaceServiceAccount();
                campaign.simulator().clearRequests();
                Instant begun = Instant.now();
                awaitMoved(campaign, MEMBERS / 2);
                campaign.cluster().node(3).kill();
                awaitMoved(campaign, MEMBERS);
                await().atMost(PATIENCE).until(() -> "finished"
                        .equals(campaign.replacement().get("state").asText()));
                await().atMost(PATIENCE).until(() -> !campaign.simulator().isLive(former));
                report(results, campaign, begun, Instant.now());
                report(results, tokens);
            }
            Set<String> used = campaign.subjects();
            assertThat(used).hasSize(MEMBERS);
            assertThat(new HashSet<>(campaign.simulator().liveSubs())).containsAll(used);
        }
    }

    /** Evenly of all, so that some are among the first and some among the last. */
    private static List<Integer> sample() {
        return IntStream.range(0, Math.min(WATCHED, MEMBERS))
                .map(i -> i * MEMBERS / Math.min(WATCHED, MEMBERS))
                .boxed()
                .toList();
    }

    private static void report(Results results, ServedTokens tokens) {
        results.remark(String.format(
                Locale.ROOT,
                "replacement: %d tokens served to %d members meanwhile, %d times come again, for %d s at most, %d refused",
                tokens.served(),
                sample().size(),
                tokens.retried(),
                tokens.longest().toSeconds(),
                tokens.refused().size()));
        assertThat(tokens.refused()).isEmpty();
        assertThat(tokens.served()).isGreaterThan(sample().size());
        assertThat(tokens.longest()).isLessThanOrEqualTo(ONE_REFRESH);
    }

    /** At no moment is anybody but granted. */
    private static void awaitMoved(Campaign campaign, int members) {
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(2)).until(() -> {
            assertThat(campaign.granted()).hasSize(MEMBERS);
            JsonNode replacement = campaign.replacement();
            return "finished".equals(replacement.get("state").asText())
                    || replacement.get("counts").get("moved").asInt() >= members;
        });
    }

    private static void report(Results results, Campaign campaign, Instant begun, Instant ended) {
        List<ReceivedRequest> requests = campaign.simulator().requests();
        long revocations = requests.stream()
                .filter(request -> request.path().endsWith("/revoke"))
                .count();
        long exceeded = Campaign.exceeded(requests, Duration.ofSeconds(1), Campaign.PER_SECOND)
                + Campaign.exceeded(requests, Duration.ofMinutes(1), Campaign.PER_MINUTE);
        double each = requests.size() / (double) MEMBERS;
        results.remark(String.format(
                Locale.ROOT,
                "replacement, factor %d: %d members in %d s over a killed node; %d requests (%.3f a member), %d revocations;"
                        + " %d windows over",
                Campaign.FACTOR,
                MEMBERS,
                Duration.between(begun, ended).toSeconds(),
                requests.size(),
                each,
                revocations,
                exceeded));
        assertThat(revocations).isEqualTo(1);
        assertThat(each).isLessThanOrEqualTo(MOST_REQUESTS);
        assertThat(exceeded).isZero();
    }
}
