package io.github.enterpriseconnect.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OtherProgram;
import io.github.enterpriseconnect.simulator.Simulator;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A library that runs in a program of its own, in {@code src/test/clients}. */
abstract class OtherProgramScenario extends OAuthLibraryScenario {
    OtherProgramScenario(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    /** Where the program is started. */
    abstract Path directory();

    abstract List<String> command();

    @Override
    Told exchange(Task task) {
        Map<String, String> environment = Map.of(
                "KEYCLOAK",
                task.issuer().toString(),
                "CLIENT_ID",
                task.clientId(),
                "CLIENT_SECRET",
                task.clientSecret());
        try (OtherProgram program = OtherProgram.start(directory(), command(), environment)) {
            JsonNode told = program.ask(Map.of("userToken", task.userToken(), "besides", task.besides()));
            Map<String, String> members = new HashMap<>();
            told.path("members")
                    .properties()
                    .forEach(member ->
                            members.put(member.getKey(), member.getValue().asText()));
            return new Told(members, told.path("retryAfter").asText());
        }
    }

    @Override
    boolean tellsWhenToComeBack() {
        return true;
    }

    /** Keycloak's own. */
    @Override
    String codeOfAnUnknownClient() {
        return "unauthorized_client";
    }
}
