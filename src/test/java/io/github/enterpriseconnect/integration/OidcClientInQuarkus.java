package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.nio.file.Path;
import java.util.List;

/** {@code quarkus-oidc-client}, in an application of its own: it is put together when that is built. */
class OidcClientInQuarkus extends OtherProgramScenario {
    OidcClientInQuarkus(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Override
    Path directory() {
        return Path.of("target/clients/quarkus");
    }

    @Override
    List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                "target/quarkus-app/quarkus-run.jar");
    }

    @Override
    List<String> toldBesides() {
        return List.of("scope", "expires_at", "sub", "mailbox", "api_url");
    }
}
