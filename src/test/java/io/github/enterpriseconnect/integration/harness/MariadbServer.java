package io.github.enterpriseconnect.integration.harness;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB of its own: process, directory and loopback port, empty at first, with {@code innodb_snapshot_isolation} on,
 * as it is by default from 11.6.2: whoever locks or changes a row that was changed since their transaction began to read
 * is told so, and all of that transaction is rolled back. Its programs are those of the system.
 */
public final class MariadbServer implements DatabaseServer {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final List<String> USUAL_PLACES =
            List.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin");
    private static final String DATABASE = "keycloak";
    private static final String USER = "keycloak";
    private static final String PASSWORD = "password";

    private final Path directory;
    private final Path log;
    private final int port;
    private final JdbcDriver driver;
    private final Process process;
    private final Thread shutdownHook;

    private MariadbServer(Path directory, Path log) throws IOException {
        this.directory = directory;
        this.log = log;
        this.port = Ports.free();
        this.driver = new JdbcDriver("org.mariadb.jdbc.mariadb-java-client-", "org.mariadb.jdbc.Driver");
        Path data = directory.resolve("data");
        run(install(data));
        Path script = Files.writeString(directory.resolve("first.sql"), """
                create database %1$s character set utf8mb4;
                create user %2$s@'%%' identified by '%3$s';
                grant all on %1$s.* to %2$s@'%%';
                """.formatted(DATABASE, USER, PASSWORD));
        this.process = new ProcessBuilder(serve(data, script))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(log.toFile()))
                .start();
        this.shutdownHook = new Thread(process::destroyForcibly, "stop-mariadb");
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        awaitReady();
    }

    /** Starts it beside the servers of the distribution that the system property {@code keycloak.home} names. */
    public static MariadbServer start() {
        Path databases = Path.of(System.getProperty("keycloak.home")).resolveSibling("databases");
        Path log = databases.resolve(
                "mariadb-" + ProcessHandle.current().pid() + "-" + STARTED.incrementAndGet() + ".log");
        try {
            Files.createDirectories(databases);
            return new MariadbServer(Files.createTempDirectory("mariadb"), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> install(Path data) {
        return asUser(List.of(
                program("mariadb-install-db"),
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--datadir=" + data));
    }

    private List<String> serve(Path data, Path script) {
        return asUser(List.of(
                program("mariadbd"),
                "--no-defaults",
                "--datadir=" + data,
                "--port=" + port,
                "--bind-address=127.0.0.1",
                "--socket=" + directory.resolve("s"),
                "--pid-file=" + directory.resolve("pid"),
                "--init-file=" + script,
                "--innodb-snapshot-isolation=ON",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=0",
                "--innodb-flush-method=nosync",
                "--max-connections=300"));
    }

    /** MariaDB runs as root only if that is said. */
    private static List<String> asUser(List<String> command) {
        List<String> all = new ArrayList<>(command);
        if ("root".equals(System.getProperty("user.name"))) {
            all.add("--user=root");
        }
        return all;
    }

    private static String program(String name) {
        return Stream.concat(
                        Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "")
                                .split(File.pathSeparator, -1)),
                        USUAL_PLACES.stream())
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no " + name + " on this machine. Install"
                        + " MariaDB 10.11.8 or newer (Debian and Ubuntu: apt-get install mariadb-server)."))
                .toString();
    }

    private void run(List<String> command) throws IOException {
        Process program = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(log.toFile()))
                .start();
        if (!ends(program) || program.exitValue() != 0) {
            program.destroyForcibly();
            throw failure(command.get(0) + " failed", null);
        }
    }

    private void awaitReady() {
        try {
            await().atMost(PATIENCE).until(() -> !process.isAlive() || answers());
        } catch (ConditionTimeoutException e) {
            process.destroyForcibly();
            throw failure("MariaDB did not start", e);
        }
        if (!process.isAlive()) {
            throw failure("MariaDB did not start", null);
        }
    }

    private boolean answers() {
        try (Connection connection = connect()) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private static boolean ends(Process process) {
        try {
            return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private IllegalStateException failure(String what, @Nullable Exception cause) {
        try {
            return new IllegalStateException(
                    what + "; its log:\n" + Files.readString(log, StandardCharsets.UTF_8), cause);
        } catch (IOException e) {
            return new IllegalStateException(what + "; no log could be read", e);
        }
    }

    private String url() {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + DATABASE;
    }

    @Override
    public String[] buildOptions() {
        return new String[] {"--db=mariadb"};
    }

    @Override
    public String[] options() {
        return new String[] {"--db-url=" + url(), "--db-username=" + USER, "--db-password=" + PASSWORD};
    }

    @Override
    public Connection connect() throws SQLException {
        return driver.connect(url(), USER, PASSWORD);
    }

    /** Stops and removes its data; the log stays. */
    @Override
    public void close() {
        process.destroy();
        if (!ends(process)) {
            process.destroyForcibly();
        }
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
        try {
            new FileTree(directory).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
