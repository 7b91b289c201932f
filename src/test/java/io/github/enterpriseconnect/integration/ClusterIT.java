package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Crowd;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What members and applications notice of it that Keycloak is two nodes on one PostgreSQL: nothing. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final Cluster cluster;
    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final ConnectedRealm atSecond;

    ClusterIT(Simulator simulator) {
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.cluster = Cluster.start(2, () -> ConnectedRealm.server(simulator));
        this.admin = AdminClient.of(cluster.first());
        this.realm = ConnectedRealm.create(cluster.first(), admin, AdminClient.newRealmName(ClusterIT.class), true);
        this.atSecond = realm.at(cluster.second());
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of("passwordPolicy", "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"))
                .expect(204);
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private static String address(String name) {
        return name + "@" + name + ".test";
    }

    private String organization(String name) {
        String organization = realm.organization(name, name + ".test");
        realm.link(organization, name + ".test");
        return organization;
    }

    /** A member whose delegation was granted, with an access token for the consumer. */
    private record Granted(String id, String mailbox, String accessToken) {}

    private Granted granted(String organization, String name, String mailbox) {
        String id = realm.member(organization, name, mailbox);
        String accessToken = signIn(realm, name);
        awaitGranted(id);
        return new Granted(id, mailbox, accessToken);
    }

    /** A granted member whose token has expired; the next ones live long. */
    private Granted expired(String name) {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Granted member = granted(organization(name), name, address(name));
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        Instant expiry = Instant.parse(
                        realm.member(member.id()).get("grantedAt").asText())
                .plusSeconds(1);
        await().atMost(LONG).until(() -> Instant.now().isAfter(expiry));
        return member;
    }

    private void awaitGranted(String user) {
        await().atMost(LONG).untilAsserted(() -> {
            JsonNode member = realm.member(user);
            assertThat(member.get("state").asText()).as("%s", member).isEqualTo("granted");
        });
    }

    private static String signIn(ConnectedRealm node, String username) {
        return node.consumer().directGrant(username, ConnectedRealm.PASSWORD).accessToken();
    }

    private ConnectedRealm node(int caller) {
        return caller % 2 == 0 ? realm : atSecond;
    }

    private static String calendarToken(Answer answer) {
        return answer.expect(200).json().get("access_token").asText();
    }

    /** The calendars that the simulator shows to whoever has this token. */
    private Answer calendars(String calendarToken) {
        return Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars"))
                .header("Authorization", "Bearer " + calendarToken)
                .GET());
    }

    @Test
    void two_hundred_callers_at_both_nodes_cause_one_refresh_and_sign_ins_go_on_while_cronofy_hangs() {
        Granted member = expired("crowd");
        realm.user("passerby", "passerby@nowhere.test");
        int before = cronofy.refreshes().size();
        simulator.addFault(
                AtCronofy.onToken("\"grant_type\":\"refresh_token\"").hang().build());

        try (Crowd crowd = Crowd.asking(200, caller -> node(caller).token(member.accessToken()))) {
            await().atMost(LONG).until(() -> cronofy.refreshes().size() > before);
            for (int i = 0; i < 6; i++) {
                assertThat(signIn(node(i), "passerby")).isNotEmpty();
            }
            assertThat(crowd.served()).isZero();
            simulator.clearFaults();

            List<String> tokens = crowd.answers().stream()
                    .map(ClusterIT::calendarToken)
                    .distinct()
                    .toList();
            assertThat(tokens).hasSize(1);
            calendars(tokens.get(0)).expect(200);
        }
        assertThat(cronofy.refreshes()).hasSize(before + 1);
    }
}
