package io.github.enterpriseconnect.demo;

import io.github.enterpriseconnect.example.ExampleApp;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Ports;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/**
 * A whole {@link Installation} in processes of its own. Prints where to click and stays until it is stopped; with the
 * system property {@code demo.once} it walks the whole journey by itself instead, and fails if any step does. With
 * {@code demo.compose} it starts nothing, but walks the journey in what {@code docker/compose.yaml} has started.
 */
public final class Demo {
    private final PrintStream out = System.out;

    private Demo() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Demo demo = new Demo();
        if (System.getProperty("demo.compose") != null) {
            demo.walk(Installation.local(
                    port("KEYCLOAK_PORT", 8080), port("SIMULATOR_PORT", 8081), port("EXAMPLE_APP_PORT", 8090)));
        } else {
            demo.start();
        }
    }

    /** As {@code docker/compose.yaml} takes it. */
    private static int port(String variable, int otherwise) {
        String port = System.getenv(variable);
        if (port == null || port.isBlank()) {
            return otherwise;
        }
        if (!port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(variable + ": write a port instead of " + port);
        }
        return Integer.parseInt(port);
    }

    private void start() throws IOException, InterruptedException {
        out.println("Starting Keycloak and the simulator ...");
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                KeycloakServer server = ConnectedRealm.server(simulator).start()) {
            Installation installation = new Installation(
                    server.baseUri(), simulator.baseUri(), URI.create("http://127.0.0.1:" + Ports.free()));
            AdminClient.of(server).importRealm(realm());
            ExampleApp application = installation.startExampleApp();
            try {
                if (System.getProperty("demo.once") == null) {
                    stay(installation, server.log());
                } else {
                    walk(installation);
                }
            } finally {
                application.close();
            }
        }
    }

    private static String realm() throws IOException {
        try (InputStream realm = Objects.requireNonNull(Demo.class.getResourceAsStream("/demo-realm.json"))) {
            return new String(realm.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void walk(Installation installation) {
        new Journey(out, installation).walk();
        out.println("All of it happened.");
    }

    private void stay(Installation installation, Path log) throws InterruptedException {
        ConnectedRealm realm = installation.realm();
        String acme = realm.organizationNamed("acme");
        String globex = realm.organizationNamed("globex");
        realm.approve(acme, "acme.test");
        realm.approve(globex, "globex.test");
        out.printf(
                """

                Ready. Keycloak %1$s, simulator of Cronofy %2$s, example application %10$s

                1. Link an organization: open its invitation, continue to the simulator, write the domain, approve.
                     acme    (domain acme.test)    %3$s
                     globex  (domain globex.test)  %4$s
                2. Sign in as a member: maria or noah of acme, aiko or luis of globex; guest belongs to nobody.
                     %10$s      password: %5$s
                3. Fetch a calendar token as the application does:
                     TOKEN=$(curl -s %1$s/realms/demo/protocol/openid-connect/token -d grant_type=password -d scope=openid \\
                       -d client_id=calendar-app -d client_secret=%6$s -d username=maria -d password=%5$s \\
                       | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
                     curl -s %1$s/realms/demo/enterprise-connect/token \\
                       -d client_id=calendar-app -d client_secret=%6$s -d token=$TOKEN
                4. Look around as administrator: %1$s/realms/demo/enterprise-connect/console/
                     and the stock console, %1$s/admin/master/console/#/demo
                     user: %7$s  password: %8$s
                     what the simulator received: curl -s %2$s/_simulator/requests
                     Keycloak's log: %9$s

                Stop with Ctrl-C.
                """,
                installation.keycloak(),
                installation.simulator(),
                realm.invite(acme),
                realm.invite(globex),
                ConnectedRealm.PASSWORD,
                ConnectedRealm.CONSUMER_SECRET,
                KeycloakServer.ADMIN,
                KeycloakServer.ADMIN_PASSWORD,
                log,
                installation.application());
        new CountDownLatch(1).await();
    }
}
