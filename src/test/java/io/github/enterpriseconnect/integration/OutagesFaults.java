package io.github.enterpriseconnect.integration;

import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.UserFederation;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@link Outages} as long as they are in life, beside a Keycloak without us that goes through the same: its people are the
 * same, so are the directory and the way to the database, and a sign-in counts as failed only if it does not fail there.
 */
class OutagesFaults {
    private static final Duration AWAY = Duration.ofSeconds(Long.getLong("faults.seconds", 600));
    private static final Duration RECOVERY = Duration.ofMinutes(10);

    @Test
    void nobody_fails_to_sign_in_and_everybody_is_as_before_after_ten_minutes_without_each() {
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                Cluster cluster = Cluster.start(2, () -> ConnectedRealm.server(simulator));
                KeycloakServer bare = bare(cluster);
                Company company = Outages.company(cluster, simulator);
                Outages outages = Outages.prepare(cluster, simulator, company, new WithoutUs(bare, company))) {
            outages.happen(AWAY, RECOVERY);
        }
    }

    private static KeycloakServer bare(Cluster cluster) {
        return KeycloakServer.builder()
                .withoutProvider()
                .buildOptions(cluster.database().buildOptions())
                .options(cluster.database().optionsBeside(cluster.wayToDatabase(), "bare"))
                .start();
    }

    /** The same people in a realm of a Keycloak that has nothing to do with us. */
    private static final class WithoutUs implements Outages.Comparison {
        private final AdminClient admin;
        private final String realm;
        private final OidcClient client;

        WithoutUs(KeycloakServer bare, Company company) {
            admin = AdminClient.of(bare);
            realm = company.realm().name();
            admin.createRealm(realm, Map.of());
            client = admin.createConfidentialClient(
                    realm, ConnectedRealm.CONSUMER, ConnectedRealm.CONSUMER_SECRET, URI.create("http://127.0.0.1:9/"));
            UserFederation.add(admin, realm, company.directory(), company.mode());
            Outages.local()
                    .forEach(name ->
                            admin.createUser(realm, name, company.address(name), true, ConnectedRealm.PASSWORD));
            await().until(() -> Outages.local().stream()
                    .allMatch(name -> Outages.signIn(client, name, token -> {}).isEmpty()));
        }

        @Override
        public boolean fails(Outages.Missing missing, String name) {
            return !Outages.signIn(client, name, token -> {}).isEmpty();
        }

        @Override
        public void switchKey(boolean on) {
            Outages.switchKey(admin, realm, on);
        }
    }
}
