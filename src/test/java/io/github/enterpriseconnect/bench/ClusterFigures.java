package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Crowd;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What three nodes do together. */
final class ClusterFigures {
    private static final int NODES = 3;
    private static final int CALLERS = 200;

    private final Results results;

    ClusterFigures(Results results) {
        this.results = results;
    }

    void measure() {
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                Cluster cluster = Cluster.start(NODES, () -> ConnectedRealm.server(simulator))) {
            refresh(cluster, simulator);
        }
    }

    /** All ask for the token of one member, which has expired. */
    private void refresh(Cluster cluster, Simulator simulator) {
        KeycloakServer first = cluster.first();
        ConnectedRealm realm = ConnectedRealm.create(first, AdminClient.of(first), simulator, Site.REALM, true);
        String organization = realm.linked("acme", "acme.test", Map.of());
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Member member = realm.member(organization, "member", "member@acme.test").connect();
        String accessToken = member.signIn().accessToken();
        simulator.change(Switch.USER_TOKEN_SECONDS, 3600);
        List<ConnectedRealm> nodes = cluster.nodes().stream().map(realm::at).toList();
        member.awaitAge(Duration.ofSeconds(2));
        simulator.clearRequests();
        try (Crowd crowd =
                Crowd.asking(CALLERS, caller -> nodes.get(caller % NODES).token(accessToken))) {
            crowd.answers();
        }
        long refreshes = simulator.requests("POST", "/oauth/token").stream()
                .filter(request -> "refresh_token".equals(request.parameter("grant_type")))
                .count();
        results.count(Figure.REFRESH_SINGLEFLIGHT, (double) refreshes);
    }
}
