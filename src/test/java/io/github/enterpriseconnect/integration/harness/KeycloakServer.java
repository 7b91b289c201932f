package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Keycloak of its own: process, directory, database and loopback ports. It has the provider JAR installed and one
 * administrator in the realm {@code master}. Several can run at once, also from different JVMs.
 */
public final class KeycloakServer implements AutoCloseable {

    /** The administrator of the realm {@code master}. */
    public static final String ADMIN = "admin";

    public static final String ADMIN_PASSWORD = "admin";

    private static final int PORT_ATTEMPTS = 3;
    private static final String LOG = "keycloak.log";
    private static final Pattern PORT_TAKEN = Pattern.compile("already bound|Address already in use");
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final Path home;
    private final Ports ports;
    private final Duration patience;
    private final List<String> jvmOptions;
    private final List<String> options;
    private KeycloakProcess process;

    private KeycloakServer(Path home, Ports ports, Builder plan, Deadline deadline) {
        this.home = home;
        this.ports = ports;
        this.patience = plan.patience;
        this.jvmOptions = List.copyOf(plan.jvmOptions);
        List<String> all = new ArrayList<>(plan.options);
        all.addAll(plan.optionsByPorts.apply(ports));
        this.options = List.copyOf(all);
        this.process = launch(deadline);
    }

    public static Builder builder() {
        return new Builder();
    }

    static List<String> startArguments(Ports ports, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of(
                "start",
                "--optimized",
                "--http-enabled=true",
                "--http-host=127.0.0.1", // The management port takes it over.
                "--http-port=" + ports.http(),
                "--http-management-port=" + ports.management(),
                "--hostname-strict=false"));
        if (options.stream().noneMatch(option -> option.startsWith("--cache="))) {
            arguments.add("--cache=local");
        }
        arguments.addAll(options);
        return arguments;
    }

    private KeycloakProcess launch(Deadline deadline) {
        KeycloakProcess launched = KeycloakProcess.start(home, log(), jvmOptions, startArguments(ports, options));
        launched.awaitReady(ports, deadline);
        return launched;
    }

    public URI baseUri() {
        return ports.httpUri();
    }

    /** Where health and metrics are served. */
    public URI managementUri() {
        return ports.managementUri();
    }

    /** The address of a realm, which is also its issuer unless the server was given a hostname. */
    public URI realm(String name) {
        return baseUri().resolve("/realms/" + name);
    }

    /** The log of all runs of this server; the file stays until the next program that uses this harness. */
    public Path log() {
        return home.resolve(LOG);
    }

    public String logText() {
        try {
            return Files.readString(log(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of all objects in the server's heap after a full collection, which this makes it do; needs a JDK. */
    public long heapInUse() {
        return process.heapInUse();
    }

    /** CPU time that the server has used since it was started. */
    public Duration cpuTime() {
        return process.cpuTime();
    }

    /**
     * Records what the server's threads do while something happens; needs a JDK.
     *
     * @return the file, which goes with the server
     */
    public Path record(Runnable happening) {
        Path recording = home.resolve("recording.jfr");
        process.command("JFR.start", "name=bench", "settings=profile");
        happening.run();
        process.command("JFR.dump", "name=bench", "filename=" + recording);
        process.command("JFR.stop", "name=bench");
        return recording;
    }

    /** Shuts down in good order. The database stays for {@link #restart()}. */
    public void stop() {
        process.stop();
    }

    /** Ends the process as a power cut would. The database stays for {@link #restart()}. */
    public void kill() {
        process.kill();
    }

    /** Starts again, on the same ports and with the same data, after stopping if that is still to be done. */
    public void restart() {
        process.stop();
        process = launch(Deadline.in(patience));
    }

    /**
     * Runs one of Keycloak's own tools on the database of this server, which has to be stopped.
     *
     * @param arguments the command, such as {@code export}, and its options; the server's own options of providers are
     *     added
     */
    public void tool(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--optimized");
        options.stream().filter(option -> option.startsWith("--spi-")).forEach(all::add);
        // A tool opens the management port too, by default the same for all, and takes no option for it.
        List<String> ofJvm = new ArrayList<>(jvmOptions);
        ofJvm.add("-Dkc.http-management-port=" + ports.management());
        ofJvm.add("-Dkc.http-management-host=127.0.0.1");
        KeycloakProcess.start(home, log(), ofJvm, all).awaitSuccess(Deadline.in(patience));
    }

    /** A directory for what its tools write and read; it goes with the server. */
    public Path files() {
        return home;
    }

    /** Stops and removes everything but the log. */
    @Override
    public void close() {
        process.stop();
        discard(home);
    }

    private static void discard(Path home) {
        try {
            new FileTree(home).delete(file -> file.endsWith(LOG));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is to be started. */
    public static final class Builder {

        private @Nullable Path home;
        private @Nullable Path providerJar;
        private boolean bare;
        private Duration patience = Duration.ofMinutes(10);
        private final List<String> options = new ArrayList<>();
        private final List<String> buildOptions = new ArrayList<>();
        private final List<String> jvmOptions = new ArrayList<>();
        private Function<Ports, List<String>> optionsByPorts = ports -> List.of();

        private Builder() {}

        /** The unpacked distribution; by default the system property {@code keycloak.home}. It is left as it is. */
        public Builder home(Path home) {
            this.home = home;
            return this;
        }

        /** By default the system property {@code provider.jar}. */
        public Builder providerJar(Path providerJar) {
            this.providerJar = providerJar;
            return this;
        }

        /** Leaves Keycloak as it is distributed. */
        public Builder withoutProvider() {
            this.bare = true;
            return this;
        }

        /** Adds options of {@code kc.sh start}, such as {@code --log-level=…} or those of a provider. */
        public Builder options(String... options) {
            this.options.addAll(Arrays.asList(options));
            return this;
        }

        /** Lets its own console and the admin API have another host than everything else. */
        public Builder adminApart() {
            return optionsByPorts(ports ->
                    List.of("--hostname=http://localhost:" + ports.http(), "--hostname-admin=" + ports.httpUri()));
        }

        /** Adds options that depend on which ports the server is given. */
        Builder optionsByPorts(Function<Ports, List<String>> options) {
            this.optionsByPorts = options;
            return this;
        }

        /**
         * Adds options of {@code kc.sh build}, such as {@code --features=…}. Each combination is built once. With
         * another {@code --db} than its own the server finds in that database what is in it.
         */
        public Builder buildOptions(String... options) {
            this.buildOptions.addAll(Arrays.asList(options));
            return this;
        }

        /** Adds options of the server's JVM, after those that make it start fast. */
        public Builder jvmOptions(String... options) {
            this.jvmOptions.addAll(Arrays.asList(options));
            return this;
        }

        /** How long a start may take, with all its attempts; a build before it has its own limit. */
        public Builder patience(Duration patience) {
            this.patience = patience;
            return this;
        }

        /** Builds if need be, starts, and returns when the server answers. */
        public KeycloakServer start() {
            Path distribution = given(home, "keycloak.home");
            Path directory = distribution.resolveSibling("servers");
            Path runs = directory.resolve("runs");
            Path run = runs.resolve(ProcessHandle.current().pid() + "-" + STARTED.incrementAndGet());
            try {
                forgetRunsOfEndedPrograms(runs);
                new FileTree(run).delete();
                new KeycloakBuild(
                                distribution,
                                bare ? Optional.empty() : Optional.of(given(providerJar, "provider.jar")),
                                buildOptions,
                                directory.resolve("builds"))
                        .cloneTo(run);
                return start(run, Deadline.in(patience));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private KeycloakServer start(Path run, Deadline deadline) {
            for (int attempt = 1; ; attempt++) {
                try {
                    return new KeycloakServer(run, Ports.choose(), this, deadline);
                } catch (IllegalStateException e) {
                    boolean portTaken =
                            PORT_TAKEN.matcher(String.valueOf(e.getMessage())).find();
                    if (!portTaken || attempt == PORT_ATTEMPTS) {
                        discard(run);
                        throw e;
                    }
                }
            }
        }

        private static Path given(@Nullable Path path, String property) {
            return Optional.ofNullable(path)
                    .or(() -> Optional.ofNullable(System.getProperty(property)).map(Path::of))
                    .orElseThrow(
                            () -> new IllegalStateException("Give a path, or set the system property " + property));
        }

        private static void forgetRunsOfEndedPrograms(Path runs) throws IOException {
            Files.createDirectories(runs);
            List<Path> abandoned;
            try (var directories = Files.list(runs)) {
                abandoned = directories.filter(Builder::isAbandoned).toList();
            }
            for (Path run : abandoned) {
                new FileTree(run).delete();
            }
        }

        private static boolean isAbandoned(Path run) {
            String owner = run.getFileName().toString().replaceFirst("-.*", "");
            return ProcessHandle.of(Long.parseLong(owner)).isEmpty();
        }
    }
}
