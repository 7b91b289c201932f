package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run of {@code kc.sh} on the JVM of the caller, that never outlives it. Its output is appended to a log file;
 * every failure carries the end of that log.
 */
final class KeycloakProcess {

    private static final int LINES_IN_MESSAGE = 60;
    private static final Pattern HEAP_TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");
    /** By what a collector fills gaps, which is no object of anybody's; to tell it apart needs JDK 21. */
    private static final Pattern HEAP_FILLER =
            Pattern.compile("(?m)^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+\\[?L?jdk\\.internal\\.vm\\.Filler");

    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final Duration ORDERLY_STOP = Duration.ofMinutes(1);

    private final Process process;
    private final Path log;
    private final Thread shutdownHook = new Thread(this::kill, "stop-keycloak");

    private KeycloakProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static KeycloakProcess start(Path home, Path log, List<String> jvmOptions, List<String> arguments) {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin").resolve(windows ? "kc.bat" : "kc.sh").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        configure(builder.environment(), jvmOptions);
        try {
            KeycloakProcess started = new KeycloakProcess(builder.start(), log);
            Runtime.getRuntime().addShutdownHook(started.shutdownHook);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the caller's shell says about other servers and JVMs must not change this one. */
    private static void configure(Map<String, String> environment, List<String> jvmOptions) {
        environment
                .keySet()
                .removeIf(name -> name.startsWith("KC_") || name.startsWith("JAVA") || name.startsWith("DEBUG"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("KC_BOOTSTRAP_ADMIN_USERNAME", KeycloakServer.ADMIN);
        environment.put("KC_BOOTSTRAP_ADMIN_PASSWORD", KeycloakServer.ADMIN_PASSWORD);
        // Half the CPU time of a start, and a third less memory. Long runs under load are better off without (C2).
        List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:-UseG1GC", "-XX:+UseSerialGC"));
        options.addAll(jvmOptions);
        environment.put("JAVA_OPTS_APPEND", String.join(" ", options));
    }

    /** Waits for an orderly end. */
    void awaitSuccess(Deadline deadline) {
        if (!exitsWithin(deadline.left())) {
            kill();
            throw failure("did not end in time");
        }
        forgetHook();
        if (process.exitValue() != 0) {
            throw failure("ended with exit code " + process.exitValue());
        }
    }

    /** Waits until the server can be used. */
    void awaitReady(Ports ports, Deadline deadline) {
        // Health alone is not enough: it is UP for a moment even when the HTTP port turns out to be taken. Nor is the
        // realm: whoever has taken that port might answer. While the bootstrap runs, both say 503.
        awaitOk(ports.httpUri().resolve("/realms/master"), deadline);
        awaitOk(ports.managementUri().resolve("/health/ready"), deadline);
    }

    private void awaitOk(URI uri, Deadline deadline) {
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build();
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
        while (!answers(client, request)) {
            if (exitsWithin(POLL_INTERVAL)) {
                forgetHook();
                throw failure("ended with exit code " + process.exitValue() + " before it was ready");
            }
            if (deadline.isOver()) {
                kill();
                throw failure("was not ready in time");
            }
        }
    }

    private static boolean answers(HttpClient client, HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // Not listening yet.
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Bytes of all objects in the heap of the server's JVM after a full collection. */
    long heapInUse() {
        String histogram = command("GC.class_histogram");
        Matcher total = HEAP_TOTAL.matcher(histogram);
        if (!total.find()) {
            throw failure("did not tell its heap but " + histogram);
        }
        long filler = HEAP_FILLER
                .matcher(histogram)
                .results()
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .sum();
        return Long.parseLong(total.group(1)) - filler;
    }

    /** CPU time that the server's JVM has used since it began. */
    Duration cpuTime() {
        return jvm().info().totalCpuDuration().orElseThrow(() -> failure("has no CPU time"));
    }

    /** What the server's JVM answers to a command of {@code jcmd}; needs a JDK. */
    String command(String... command) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        line.add(Long.toString(jvm().pid()));
        line.addAll(List.of(command));
        try {
            Process jcmd = new ProcessBuilder(line).redirectErrorStream(true).start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessHandle jvm() {
        return process.descendants()
                .filter(child -> child.info().command().orElse("").contains("java"))
                .findFirst()
                .orElseThrow(() -> failure("has no JVM"));
    }

    /** Lets the server finish what it is doing; kills it if that takes too long. */
    void stop() {
        process.destroy(); // kc.sh hands the signal on to its JVM and waits for it.
        if (exitsWithin(ORDERLY_STOP)) {
            forgetHook();
        } else {
            kill();
        }
    }

    /** Ends the server as a power cut would. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        exitsWithin(ORDERLY_STOP);
        forgetHook();
    }

    private boolean exitsWithin(Duration duration) {
        try {
            return process.waitFor(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void forgetHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The JVM is going down and the hook is what called us.
        }
    }

    private IllegalStateException failure(String what) {
        try {
            List<String> lines =
                    Files.readString(log, StandardCharsets.UTF_8).lines().toList();
            List<String> last = lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGE), lines.size());
            return new IllegalStateException(
                    "Keycloak " + what + "; the end of " + log + ":\n" + String.join("\n", last));
        } catch (IOException e) {
            return new IllegalStateException("Keycloak " + what + "; no log could be read", e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("Interrupted while waiting for Keycloak", e);
    }
}
