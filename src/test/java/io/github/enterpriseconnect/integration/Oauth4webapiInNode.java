package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.nio.file.Path;
import java.util.List;

/** {@code oauth4webapi} of Node.js. */
class Oauth4webapiInNode extends OtherProgramScenario {
    Oauth4webapiInNode(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Override
    Path directory() {
        return Path.of("target/clients/node");
    }

    @Override
    List<String> command() {
        return List.of("node", "oauth4webapi.mjs");
    }

    @Override
    List<String> toldBesides() {
        return List.of("scope", "expires_in", "sub", "mailbox", "api_url", "issued_token_type");
    }
}
