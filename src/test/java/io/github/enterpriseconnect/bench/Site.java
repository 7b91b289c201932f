package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.PostgresServer;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.util.Map;

/**
 * A Keycloak with Enterprise Connect and one without, alike in everything else, each with a database of its own on the
 * same PostgreSQL; and a simulator of Cronofy. Both have a realm with two organizations of the same people: {@code
 * acme.test}, whose calendars can be had, and {@code away.test}, for whom Cronofy hangs.
 */
final class Site implements AutoCloseable {
    static final String REALM = "bench";
    static final String OFF = "off";
    static final String ACME = "acme";
    static final String AWAY = "away";

    /** For a database without us. */
    static final String PLAIN = "plain";

    /** For ours; it is what the server of the database calls its own. */
    static final String OURS = "postgres";

    private static final URI REDIRECT_URI = URI.create("http://127.0.0.1:9/callback");
    private static final String ASK = "/v1/service_account_authorizations";

    private final PostgresServer database;
    private final Simulator simulator;
    private final KeycloakServer server;
    private final KeycloakServer plain;
    private final ConnectedRealm realm;
    private final ConnectedRealm off;
    private final OidcClient plainClient;
    private final AdminClient plainAdmin;
    private final String acme;
    private final String away;
    private final String plainAcme;
    private final String offAcme;

    Site() {
        database = PostgresServer.start();
        simulator = Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
        server = plan(ConnectedRealm.server(simulator))
                .options(database.options())
                .start();
        plain = plan(KeycloakServer.builder().withoutProvider())
                .options(database.optionsBeside(PLAIN))
                .start();
        AdminClient admin = AdminClient.of(server);
        realm = ConnectedRealm.create(server, admin, simulator, REALM, true);
        off = ConnectedRealm.create(server, admin, simulator, OFF, true);
        admin.put(
                        off.api("settings"),
                        Map.of("enabled", false, "clientId", ConnectedRealm.APPLICATION_ID, "dataCenter", "de"))
                .expect(204);
        offAcme = off.organization(ACME, ACME + ".test");
        acme = realm.organization(ACME, ACME + ".test");
        realm.link(acme, ACME + ".test");
        away = realm.organization(AWAY, AWAY + ".test");
        realm.link(away, AWAY + ".test");
        simulator.addFault(
                Fault.on("POST", ASK).containing("@" + AWAY + ".test").hang().build());
        plainAdmin = AdminClient.of(plain);
        plainAdmin.createRealm(REALM, Map.of("organizationsEnabled", true, "accessTokenLifespan", 3600));
        plainClient = plainAdmin.createConfidentialClient(
                REALM, ConnectedRealm.CONSUMER, ConnectedRealm.CONSUMER_SECRET, REDIRECT_URI);
        plainAcme = plainAdmin.createOrganization(REALM, ACME, ACME + ".test");
        // What Keycloak stores by itself for each event is no part of any comparison.
        for (String name : new String[] {REALM, OFF}) {
            admin.put("/admin/realms/" + name, Map.of("eventsEnabled", false)).expect(204);
        }
    }

    /** Both are built alike and run as in production: with the compiler that makes code fast. */
    static KeycloakServer.Builder plan(KeycloakServer.Builder builder) {
        return builder.buildOptions("--db=postgres", "--features=identity-brokering-api:v2")
                .jvmOptions("-XX:TieredStopAtLevel=4", "-Xms1g", "-Xmx1g", "-XX:FlightRecorderOptions=stackdepth=256")
                .options("--log-level=warn");
    }

    PostgresServer database() {
        return database;
    }

    Simulator simulator() {
        return simulator;
    }

    KeycloakServer server() {
        return server;
    }

    KeycloakServer plain() {
        return plain;
    }

    ConnectedRealm realm() {
        return realm;
    }

    OidcClient client() {
        return realm.consumer();
    }

    /** Of a realm on the same server in which Enterprise Connect is switched off. */
    OidcClient offClient() {
        return off.consumer();
    }

    OidcClient plainClient() {
        return plainClient;
    }

    AdminClient plainAdmin() {
        return plainAdmin;
    }

    String acme() {
        return acme;
    }

    /** Somebody of the organization for whom Cronofy is well. */
    ConnectedRealm realmWith(String username) {
        realm.member(acme, username, username + "@" + ACME + ".test");
        return realm;
    }

    void awayMember(String username) {
        realm.member(away, username, username + "@" + AWAY + ".test");
    }

    void offMember(String username) {
        off.member(offAcme, username, username + "@" + ACME + ".test");
    }

    /** Somebody who is in no organization. */
    void stranger(String username) {
        realm.user(username, username + "@elsewhere.test");
    }

    void plainMember(String username) {
        String id =
                plainAdmin.createUser(REALM, username, username + "@" + ACME + ".test", true, ConnectedRealm.PASSWORD);
        plainAdmin.addMember(REALM, plainAcme, id);
    }

    void plainStranger(String username) {
        plainAdmin.createUser(REALM, username, username + "@elsewhere.test", true, ConnectedRealm.PASSWORD);
    }

    @Override
    public void close() {
        server.close();
        plain.close();
        simulator.close();
        database.close();
    }
}
