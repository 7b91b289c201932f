package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.simulator.ReceivedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** For half an hour more members wait at three nodes than can be asked for, while one is killed and started again. */
class FloodTrial {
    private static final int WAITING = 15_000 * Campaign.FACTOR;
    private static final Duration WATCHED = Duration.ofMinutes(Integer.getInteger("minutes", 30));
    private static final Duration DEAD = Duration.ofMinutes(2);

    @Test
    void the_budget_is_used_to_the_full_and_never_exceeded() {
        try (Campaign campaign = new Campaign(3)) {
            campaign.fill(WAITING);
            campaign.simulator().clearRequests();
            Results results = Results.ofBuild();

            campaign.haveAllWait();
            Instant begun = Instant.now();
            Pause.of(WATCHED.dividedBy(3));
            campaign.cluster().node(3).kill();
            Pause.of(DEAD);
            campaign.cluster().restart(campaign.cluster().node(3));
            Instant end = begun.plus(WATCHED);
            Pause.of(Duration.between(Instant.now(), end));

            List<ReceivedRequest> requests = campaign.simulator().requests().stream()
                    .filter(request -> !request.at().isAfter(end))
                    .toList();
            Map<String, Instant> granted = campaign.granted();
            long delegated = granted.values().stream()
                    .filter(at -> !at.isBefore(begun) && !at.isAfter(end))
                    .count();
            long tooMany =
                    requests.stream().filter(request -> request.status() == 429).count();
            long exceeded = Campaign.exceeded(requests, Duration.ofSeconds(1), Campaign.PER_SECOND)
                    + Campaign.exceeded(requests, Duration.ofMinutes(1), Campaign.PER_MINUTE);
            results.remark(String.format(
                    Locale.ROOT,
                    "flood, factor %d: of %d who waited %d delegated in %d s, one of three nodes killed and started again;"
                            + " %d requests, %d answered 429, %d windows over",
                    Campaign.FACTOR,
                    WAITING,
                    delegated,
                    WATCHED.toSeconds(),
                    requests.size(),
                    tooMany,
                    exceeded));
            results.count(Figure.BUDGET_EXCEEDED, (double) exceeded);
            results.once(Figure.BUDGET_USED, delegated / (WATCHED.toSeconds() / 60.0) / (490.0 * Campaign.FACTOR));
            assertThat(exceeded).isZero();
            assertThat(tooMany).isZero();
        }
    }
}
