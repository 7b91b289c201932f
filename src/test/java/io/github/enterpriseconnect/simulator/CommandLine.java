package io.github.enterpriseconnect.simulator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the jar was started with. */
record CommandLine(String host, int port, String clientId, String clientSecret) {
    static final String USAGE =
            "write: java -jar keycloak-enterprise-connect-simulator.jar --port N --client-id ID --client-secret SECRET"
                    + " [--host ADDRESS]   (port 0: any; host: 127.0.0.1 unless given)";

    private static final List<String> OPTIONS = List.of("--host", "--port", "--client-id", "--client-secret");

    /** Throws {@link IllegalArgumentException} with what to write instead. */
    static CommandLine parse(String... arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            String option = arguments[i];
            if (!OPTIONS.contains(option)) {
                throw new IllegalArgumentException("there is no option " + option + "; " + USAGE);
            }
            if (i + 1 == arguments.length || arguments[i + 1].isBlank()) {
                throw new IllegalArgumentException(option + " has no value; " + USAGE);
            }
            if (given.put(option, arguments[i + 1]) != null) {
                throw new IllegalArgumentException(option + " is there twice; " + USAGE);
            }
        }
        return new CommandLine(
                given.getOrDefault("--host", "127.0.0.1"),
                port(required(given, "--port")),
                required(given, "--client-id"),
                required(given, "--client-secret"));
    }

    @Override
    public String toString() {
        return "CommandLine[" + host + ":" + port + ", " + clientId + "]";
    }

    private static String required(Map<String, String> given, String option) {
        String value = given.get(option);
        if (value == null) {
            throw new IllegalArgumentException(option + " is missing; " + USAGE);
        }
        return value;
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new IllegalArgumentException("--port: write a number from 0 to 65535 instead of " + text);
        }
        return Integer.parseInt(text);
    }
}
