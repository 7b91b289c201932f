package io.github.enterpriseconnect.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A company of very many people at several nodes on PostgreSQL, before a Cronofy that grants the application so much and
 * refuses what is beyond. What Cronofy grants, and what the nodes are told of it, are both raised by {@code
 * -Dscale.factor=…}, so that a campaign takes less time.
 */
final class Campaign implements AutoCloseable {
    static final int FACTOR = Integer.getInteger("scale.factor", 4);
    static final int PER_SECOND = 50 * FACTOR;
    static final int PER_MINUTE = 500 * FACTOR;
    static final String LARGE = "large.test";

    private static final String REVOCATION =
            "version, realm_id, application, subject, mailbox, revocation_order, state,"
                    + " created_at, link_name, user_id, reason, cover_id";

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final Cluster cluster;
    private final ConnectedRealm realm;
    private final String large;

    Campaign(int nodes) {
        simulator.change(Switch.RATE_LIMIT, true);
        simulator.change(Switch.RATE_LIMIT_PER_SECOND, PER_SECOND);
        simulator.change(Switch.RATE_LIMIT_PER_MINUTE, PER_MINUTE);
        cluster = Cluster.start(nodes, () -> ConnectedRealm.server(simulator)
                .options(
                        "--spi-enterprise-connect--default--requests-per-second=" + PER_SECOND,
                        "--spi-enterprise-connect--default--requests-per-minute=" + PER_MINUTE)
                .jvmOptions("-XX:TieredStopAtLevel=4"));
        AdminClient admin = AdminClient.of(cluster.first());
        realm = ConnectedRealm.create(cluster.first(), admin, simulator, Site.REALM, true);
        large = realm.linked("large", LARGE, Map.of());
    }

    /** Gives the large organization so many members, who have never signed in. */
    void fill(int members) {
        realm.member(large, CopiedMembers.name(0), CopiedMembers.name(0) + "@" + LARGE);
        try (Connection connection = cluster.database().connect()) {
            new CopiedMembers(connection, CopiedMembers.name(0), LARGE).make(members - 1, 0);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has all of the large organization wait, as if they had just signed in and been noted. */
    void haveAllWait() {
        update(
                "insert into ec_waiting (id, version, realm_id, link_name, user_id, signed_in, since, attempts, next_attempt_at)"
                        + " select gen_random_uuid()::text, 0, u.realm_id, '" + large
                        + "', u.id, true, now.at, 0, now.at"
                        + " from user_entity u cross join (select (extract(epoch from now()) * 1000)::bigint as at) now"
                        + " where u.email like '%@" + LARGE + "'");
    }

    /** Has the only revocation that is due be due so many times. */
    void copyRevocation(int times) {
        update("insert into ec_revocation (id, attempts, next_attempt_at, claimed_until, " + REVOCATION
                + ") select gen_random_uuid()::text, 0, created_at, 0, " + REVOCATION
                + " from ec_revocation cross join generate_series(1, " + times + ") where state = 'PENDING'");
    }

    private void update(String sql) {
        try (Connection connection = cluster.database().connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Cluster cluster() {
        return cluster;
    }

    Simulator simulator() {
        return simulator;
    }

    ConnectedRealm realm() {
        return realm;
    }

    String large() {
        return large;
    }

    JsonNode backfill() {
        return realm.admin()
                .get(realm.api("links/" + large + "/backfill"))
                .expect(200)
                .json();
    }

    void backfill(String state) {
        realm.admin()
                .put(realm.api("links/" + large + "/backfill"), Map.of("state", state))
                .expect(200);
    }

    /** The one that the large organization's link holds. */
    String serviceAccount() {
        return realm.link(large).get("serviceAccount").asText();
    }

    /** Has the large organization authorize another service account, which is to take the place of the present one. */
    void replaceServiceAccount() {
        JsonNode invited = realm.admin()
                .post(realm.api("links/" + large + "/invitations"), Map.of("replacement", true))
                .expect(201)
                .json();
        Page result =
                realm.authorize(new Browser(), URI.create(invited.get("url").asText()), LARGE);
        if (!"linked".equals(ConnectedRealm.outcome(result))) {
            throw new IllegalStateException("not replaced: " + result);
        }
    }

    JsonNode replacement() {
        return realm.admin()
                .get(realm.api("links/" + large + "/replacement"))
                .expect(200)
                .json();
    }

    /** The accounts at Cronofy that members use. */
    Set<String> subjects() {
        Set<String> subjects = new HashSet<>();
        try (Connection connection = cluster.database().connect();
                PreparedStatement statement =
                        connection.prepareStatement("select d.subject from ec_delegation d where d.state = 'GRANTED'");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                subjects.add(rows.getString(1));
            }
            return subjects;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** When each user was granted, by name. */
    Map<String, Instant> granted() {
        Map<String, Instant> granted = new HashMap<>();
        try (Connection connection = cluster.database().connect();
                PreparedStatement statement = connection.prepareStatement(
                        "select u.username, d.granted_at from ec_delegation d join user_entity u on u.id = d.user_id"
                                + " where d.state = 'GRANTED'");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                granted.put(rows.getString(1), Instant.ofEpochMilli(rows.getLong(2)));
            }
            return granted;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many windows of this length, each beginning with a request, had more requests than this. */
    static long exceeded(List<ReceivedRequest> requests, Duration window, int most) {
        List<Instant> arrivals =
                requests.stream().map(ReceivedRequest::at).sorted().toList();
        long exceeded = 0;
        for (int i = most; i < arrivals.size(); i++) {
            if (Duration.between(arrivals.get(i - most), arrivals.get(i)).compareTo(window) < 0) {
                exceeded++;
            }
        }
        return exceeded;
    }

    @Override
    public void close() {
        cluster.close();
        simulator.close();
    }
}
