package io.github.enterpriseconnect.demo;

import java.net.URI;

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
}
