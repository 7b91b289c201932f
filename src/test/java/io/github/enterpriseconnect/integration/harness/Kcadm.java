package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code kcadm} as it comes with Keycloak, in the hands of the administrator of the whole server. */
public final class Kcadm {
    private static final long PATIENCE_IN_MINUTES = 3;

    private final Path program;
    private final Path directory;
    private final String realm;

    private Kcadm(Path program, Path directory, String realm) {
        this.program = program;
        this.directory = directory;
        this.realm = realm;
    }

    /**
     * What a command printed.
     *
     * @param success whether it said so by its exit code
     * @param out what it printed for other programs
     * @param err what it told the person
     */
    public record Outcome(String command, boolean success, String out, String err) {
        /** This outcome, if it is one; an {@link AssertionError} with all that was printed otherwise. */
        public Outcome expectSuccess() {
            if (!success) {
                throw new AssertionError(command + " failed: " + out + err);
            }
            return this;
        }

        /** This outcome, if the command failed. */
        public Outcome expectFailure() {
            if (success) {
                throw new AssertionError(command + " succeeded: " + out + err);
            }
            return this;
        }

        public JsonNode json() {
            try {
                return Answer.JSON.readTree(out);
            } catch (IOException e) {
                throw new AssertionError(command + " printed no JSON: " + out + err, e);
            }
        }
    }

    /** Signs in; commands are for this realm, and what they remember is kept with the server's files. */
    public static Kcadm of(KeycloakServer server, String realm) {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        try {
            Kcadm kcadm = new Kcadm(
                    server.files().resolve("bin").resolve(windows ? "kcadm.bat" : "kcadm.sh"),
                    Files.createTempDirectory(server.files(), "kcadm-"),
                    realm);
            kcadm.start(List.of(
                            "config",
                            "credentials",
                            "--server",
                            server.baseUri().toString(),
                            "--realm",
                            "master",
                            "--user",
                            KeycloakServer.ADMIN,
                            "--password",
                            KeycloakServer.ADMIN_PASSWORD))
                    .expectSuccess();
            return kcadm;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a command on our admin resource.
     *
     * @param verb such as {@code get}
     * @param path below {@code enterprise-connect}
     */
    public Outcome run(String verb, String path, String... options) {
        List<String> arguments = new ArrayList<>(List.of(verb, "enterprise-connect/" + path, "-r", realm));
        arguments.addAll(Arrays.asList(options));
        return start(arguments);
    }

    private Outcome start(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        command.addAll(List.of("--config", directory.resolve("config").toString()));
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        configure(builder.environment());
        try {
            Process process = builder.start();
            if (!process.waitFor(PATIENCE_IN_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(arguments + " did not end in time");
            }
            return new Outcome(
                    String.join(" ", arguments),
                    process.exitValue() == 0,
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** On the JVM of the caller, and in UTF-8 whatever the machine speaks. */
    private static void configure(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("KC_") || name.startsWith("JAVA"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put(
                "KC_OPTS",
                "-XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8");
        environment.put("LC_ALL", "C.UTF-8");
    }
}
