package io.github.enterpriseconnect.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ten people of a small organization sign in, while nobody else waits and while fifty thousand of a large one do. */
class FairnessTrial {
    private static final int WAITING = Integer.getInteger("waiting", 50_000);
    private static final int TIMES = 5;
    private static final int MEMBERS = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** After these the large organization has all of the budget. */
    private static final int BEGUN = 10 * Campaign.PER_SECOND;

    private final Caller caller = new Caller();

    @Test
    void a_small_organization_does_not_wait_behind_a_large_one() {
        try (Campaign campaign = new Campaign(2)) {
            campaign.fill(WAITING);
            List<String> organizations = IntStream.range(0, 2 * TIMES)
                    .mapToObj(number -> {
                        String domain = "small-" + number + ".test";
                        String organization = campaign.realm().linked("small-" + number, domain, Map.of());
                        for (int i = 0; i < MEMBERS; i++) {
                            String name = name(number, i);
                            campaign.realm().member(organization, name, name + "@" + domain);
                        }
                        return organization;
                    })
                    .toList();
            Results results = Results.ofBuild();

            List<Duration> alone = times(campaign, 0);
            campaign.haveAllWait();
            await().atMost(PATIENCE).until(() -> campaign.granted().size() > TIMES * MEMBERS + BEGUN);
            List<Duration> beside = times(campaign, TIMES);

            results.remark(String.format(
                    Locale.ROOT,
                    "fairness, factor %d: %d organizations of %d, alone %s, beside %d who wait %s",
                    Campaign.FACTOR,
                    organizations.size(),
                    MEMBERS,
                    alone,
                    WAITING,
                    beside));
            results.once(
                    Figure.FAIRNESS,
                    (double) median(beside).toMillis() / median(alone).toMillis());
            assertThat(campaign.simulator().requests().stream().filter(request -> request.status() == 429))
                    .isEmpty();
        }
    }

    private static String name(int organization, int member) {
        return "small-" + organization + "-" + member;
    }

    /** How long each of some organizations took until the last one was connected, in order of length. */
    private List<Duration> times(Campaign campaign, int first) {
        return IntStream.range(first, first + TIMES)
                .mapToObj(organization -> time(campaign, organization))
                .sorted()
                .toList();
    }

    private Duration time(Campaign campaign, int organization) {
        Instant begun = Instant.now();
        List<String> names =
                IntStream.range(0, MEMBERS).mapToObj(i -> name(organization, i)).toList();
        names.forEach(name -> caller.grant(campaign.realm().consumer(), name, ConnectedRealm.PASSWORD));
        await().atMost(PATIENCE).until(() -> campaign.granted().keySet().containsAll(names));
        Map<String, Instant> granted = campaign.granted();
        return Duration.between(
                begun, Collections.max(names.stream().map(granted::get).toList()));
    }

    private static Duration median(List<Duration> sorted) {
        return sorted.get(sorted.size() / 2);
    }
}
