package io.github.enterpriseconnect.demo;

import com.nimbusds.oauth2.sdk.auth.Secret;
import io.github.enterpriseconnect.example.Configuration;
import io.github.enterpriseconnect.example.ExampleApp;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.ZoneOffset;

/**
 * Where a whole installation is found: Keycloak with the realm of {@code docker/demo-realm.json}, the simulator as its
 * Cronofy, and the example application. They and their users find each other by the same addresses.
 */
record Installation(URI keycloak, URI simulator, URI application) {

    static Installation local(int keycloak, int simulator, int application) {
        return new Installation(local(keycloak), local(simulator), local(application));
    }

    private static URI local(int port) {
        return URI.create("http://localhost:" + port);
    }

    /** The realm, as the administrator of the whole server sees it. */
    ConnectedRealm realm() {
        return ConnectedRealm.demo(keycloak);
    }

    /** Starts the application in this process, where the other parts run already. Its day is the simulator's. */
    ExampleApp startExampleApp() throws IOException {
        return ExampleApp.start(
                new Configuration(
                        application,
                        new InetSocketAddress(application.getHost(), application.getPort()),
                        realm().consumer().realm(),
                        ConnectedRealm.CONSUMER,
                        new Secret(ConnectedRealm.CONSUMER_SECRET),
                        ZoneOffset.UTC),
                Clock.systemUTC());
    }
}
