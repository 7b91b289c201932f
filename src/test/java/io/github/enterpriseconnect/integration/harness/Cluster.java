package io.github.enterpriseconnect.integration.harness;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keycloak nodes in one Infinispan cluster on one PostgreSQL, found by Keycloak's default stack. Whatever node is
 * asked, people and Cronofy are sent to the first one, which is the address of them all; any other can be killed and
 * restarted.
 */
public final class Cluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern SIZE = Pattern.compile("(?m)^vendor_cluster_size(?:\\{[^}]*})? (\\d+)");

    private final PostgresServer database;
    private final Passage wayToDatabase;
    private final List<KeycloakServer> nodes = new ArrayList<>();

    private Cluster(PostgresServer database) {
        this.database = database;
        this.wayToDatabase = database.passage();
    }

    /** Starts so many nodes by this plan, one after the other, and returns when each knows all. */
    public static Cluster start(int size, Supplier<KeycloakServer.Builder> plan) {
        Cluster cluster = new Cluster(PostgresServer.start());
        try {
            for (int i = 0; i < size; i++) {
                cluster.nodes.add(cluster.node(plan.get()).start());
            }
            cluster.awaitTogether();
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    private KeycloakServer.Builder node(KeycloakServer.Builder plan) {
        return plan.buildOptions(database.buildOptions())
                .options(database.options(wayToDatabase))
                .options("--cache=ispn", "--cache-embedded-network-bind-address=127.0.0.1")
                .optionsByPorts(ports -> List.of(
                        "--cache-embedded-network-bind-port=" + ports.cluster(),
                        "--hostname=" + (nodes.isEmpty() ? ports.httpUri() : first().baseUri())));
    }

    /** The node that people and Cronofy are sent to. */
    public KeycloakServer first() {
        return node(1);
    }

    public KeycloakServer second() {
        return node(2);
    }

    /** A node by its number, from 1. */
    public KeycloakServer node(int number) {
        return nodes.get(number - 1);
    }

    public List<KeycloakServer> nodes() {
        return List.copyOf(nodes);
    }

    public PostgresServer database() {
        return database;
    }

    /** How all nodes reach the database. */
    public Passage wayToDatabase() {
        return wayToDatabase;
    }

    /** Starts a node again that was stopped or killed, and returns when each knows all. */
    public void restart(KeycloakServer node) {
        node.restart();
        awaitTogether();
    }

    private void awaitTogether() {
        await().atMost(PATIENCE).until(() -> nodes.stream().allMatch(node -> known(node) == nodes.size()));
    }

    /** How many nodes this one knows, with itself. */
    private static int known(KeycloakServer node) {
        URI metrics = node.managementUri().resolve("/metrics");
        Matcher size = SIZE.matcher(
                Answer.to(HttpRequest.newBuilder(metrics).GET()).expect(200).text());
        return size.find() ? Integer.parseInt(size.group(1)) : 0;
    }

    @Override
    public void close() {
        nodes.forEach(KeycloakServer::close);
        wayToDatabase.close();
        database.close();
    }
}
