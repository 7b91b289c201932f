package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link Outages} of some seconds; the profile {@code faults} has them last as long as in life. */
class OutagesIT {
    private static final Duration AWAY = Duration.ofSeconds(6);
    private static final Duration RECOVERY = Duration.ofMinutes(3);

    @Test
    void everybody_signs_in_and_is_as_before_when_directory_key_database_and_cronofy_were_away_for_seconds() {
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                Cluster cluster = Cluster.start(2, () -> ConnectedRealm.server(simulator));
                Company company = Outages.company(cluster, simulator);
                Outages outages = Outages.prepare(cluster, simulator, company, Outages.WITHOUT_SERVER)) {
            outages.happen(AWAY, RECOVERY);
        }
    }
}
