package io.github.enterpriseconnect.demo;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/**
 * Keycloak with the extension, the simulator as Cronofy, and the realm {@code demo}. Prints where to click and stays until
 * it is stopped; with the system property {@code demo.once} it walks the whole journey by itself instead, and fails if any
 * step does.
 */
public final class Demo {
    static final String ACME = "acme";
    static final String GLOBEX = "globex";

    private final PrintStream out;
    private final Simulator simulator;
    private final KeycloakServer server;
    private final AdminClient admin;

    private Demo(PrintStream out, Simulator simulator, KeycloakServer server) {
        this.out = out;
        this.simulator = simulator;
        this.server = server;
        this.admin = AdminClient.of(server);
    }

    public static void main(String[] arguments) throws InterruptedException {
        boolean once = System.getProperty("demo.once") != null;
        PrintStream out = System.out;
        out.println("Starting Keycloak and the simulator ...");
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                KeycloakServer server = ConnectedRealm.server(simulator).start()) {
            Demo demo = new Demo(out, simulator, server);
            if (once) {
                demo.walk();
            } else {
                demo.stay();
            }
        }
    }

    private void walk() throws InterruptedException {
        simulator.change(Switch.USER_TOKEN_SECONDS, Journey.TOKEN_SECONDS);
        ConnectedRealm realm = ConnectedRealm.create(server, admin, "demo", true);
        String acme = realm.organization(ACME, "acme.test");
        String maria = realm.member(acme, "maria", "maria@acme.test");
        new Journey(out, simulator, realm, acme, maria).walk();
        out.println("All of it happened.");
    }

    private void stay() throws InterruptedException {
        ConnectedRealm realm = ConnectedRealm.create(server, admin, "demo", true);
        String acme = realm.organization(ACME, "acme.test");
        String globex = realm.organization(GLOBEX, "globex.test");
        realm.member(acme, "maria", "maria@acme.test");
        realm.member(acme, "noah", "noah@acme.test");
        realm.member(globex, "aiko", "aiko@globex.test");
        realm.member(globex, "luis", "luis@globex.test");
        realm.user("guest", "guest@elsewhere.test");
        realm.approve(acme, "acme.test");
        realm.approve(globex, "globex.test");
        out.printf(
                """

                Ready. Keycloak %1$s, simulator of Cronofy %2$s

                1. Link an organization: open its invitation, continue to the simulator, write the domain, approve.
                     acme    (domain acme.test)    %3$s
                     globex  (domain globex.test)  %4$s
                2. Sign in as a member: maria or noah of acme, aiko or luis of globex; guest belongs to nobody.
                     %1$s/realms/demo/account      password: %5$s
                3. Fetch a calendar token as the application does:
                     TOKEN=$(curl -s %1$s/realms/demo/protocol/openid-connect/token -d grant_type=password -d scope=openid \\
                       -d client_id=calendar-app -d client_secret=%6$s -d username=maria -d password=%5$s \\
                       | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
                     curl -s %1$s/realms/demo/enterprise-connect/token \\
                       -d client_id=calendar-app -d client_secret=%6$s -d token=$TOKEN
                4. Look around as administrator: %1$s/admin/master/console/#/demo
                     user: %7$s  password: %8$s
                     what the simulator received: curl -s %2$s/_simulator/requests
                     Keycloak's log: %9$s

                Stop with Ctrl-C.
                """,
                server.baseUri(),
                simulator.baseUri(),
                realm.invite(acme),
                realm.invite(globex),
                ConnectedRealm.PASSWORD,
                ConnectedRealm.CONSUMER_SECRET,
                KeycloakServer.ADMIN,
                KeycloakServer.ADMIN_PASSWORD,
                server.log());
        new CountDownLatch(1).await();
    }
}
