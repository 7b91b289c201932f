package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Ten thousand members are delegated without their sign-in, while a node is killed and joins again, and after a pause. */
class BackfillTrial {
    private static final int MEMBERS = Integer.getInteger("members", 10_000);
    private static final Duration PATIENCE = Duration.ofMinutes(40);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration PAUSED = Duration.ofSeconds(30);

    @Test
    void a_whole_organization_is_backfilled_over_a_killed_node_a_pause_and_a_node_that_joins() {
        try (Campaign campaign = new Campaign(3)) {
            campaign.fill(MEMBERS);
            campaign.simulator().clearRequests();
            Results results = Results.ofBuild();
            Instant begun = Instant.now();

            campaign.backfill("running");
            awaitGranted(campaign, MEMBERS / 4);
            campaign.cluster().node(3).kill();
            awaitGranted(campaign, MEMBERS / 2);
            campaign.backfill("paused");
            Pause.of(PAUSED);
            campaign.backfill("running");
            campaign.cluster().restart(campaign.cluster().node(3));
            awaitGranted(campaign, MEMBERS);
            Instant ended = Instant.now();
            await().atMost(PATIENCE).until(() -> "finished"
                    .equals(campaign.backfill().get("state").asText()));

            JsonNode counts = campaign.backfill().get("counts");
            List<ReceivedRequest> requests = campaign.simulator().requests();
            report(results, requests, begun, ended);
            assertThat(counts.get("granted").asInt()).isEqualTo(MEMBERS);
        }
    }

    private static void awaitGranted(Campaign campaign, int members) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> campaign.granted().size() >= members);
    }

    private static void report(Results results, List<ReceivedRequest> requests, Instant begun, Instant ended) {
        long exceeded = Campaign.exceeded(requests, Duration.ofSeconds(1), Campaign.PER_SECOND)
                + Campaign.exceeded(requests, MINUTE, Campaign.PER_MINUTE);
        long tooMany =
                requests.stream().filter(request -> request.status() == 429).count();
        Map<String, Long> exchanges = requests.stream()
                .filter(request -> "authorization_code".equals(request.parameter("grant_type")))
                .collect(Collectors.groupingBy(
                        request -> String.valueOf(request.parameter("code")), Collectors.counting()));
        results.remark(String.format(
                Locale.ROOT,
                "backfill, factor %d: %d members in %d s with a pause of %d s; %d requests (%.3f a member), %d answered 429,"
                        + " %d codes, at most %d times sent; %d windows over",
                Campaign.FACTOR,
                MEMBERS,
                Duration.between(begun, ended).toSeconds(),
                PAUSED.toSeconds(),
                requests.size(),
                requests.size() / (double) MEMBERS,
                tooMany,
                exchanges.size(),
                exchanges.values().stream().mapToLong(Long::longValue).max().orElse(0),
                exceeded));
        assertThat(exceeded).isZero();
        assertThat(tooMany).isZero();
    }
}
