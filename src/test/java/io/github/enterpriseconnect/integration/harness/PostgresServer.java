package io.github.enterpriseconnect.integration.harness;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A PostgreSQL of its own: process, directory and loopback port, empty at first. Its programs come from Maven Central
 * with the library, which also stops servers that a killed program has left behind.
 */
public final class PostgresServer implements DatabaseServer {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final AtomicInteger STARTED = new AtomicInteger();

    private static final String DATABASE = "postgres";
    private static final String USER = "postgres";

    /** Nobody is asked for it. */
    private static final String PASSWORD = "none";

    private final JdbcDriver driver = new JdbcDriver("org.postgresql.postgresql-", "org.postgresql.Driver");
    private final EmbeddedPostgres server;
    private final Path directory;
    private final Path log;

    private PostgresServer(EmbeddedPostgres server, Path directory, Path log) {
        this.server = server;
        this.directory = directory;
        this.log = log;
    }

    /** Starts it beside the servers of the distribution that the system property {@code keycloak.home} names. */
    public static PostgresServer start() {
        Path databases = Path.of(System.getProperty("keycloak.home")).resolveSibling("databases");
        String name = ProcessHandle.current().pid() + "-" + STARTED.incrementAndGet();
        // It stays: it names deadlocks, and statements that failed.
        Path log = databases.resolve(name + ".log");
        try {
            Files.createDirectories(databases);
            return isHelplessRoot()
                    ? startAsNobody(log)
                    : start(databases, databases.resolve(name), log, DefaultPostgresBinaryResolver.INSTANCE);
        } catch (IOException | IllegalStateException e) {
            throw new IllegalStateException("PostgreSQL did not start; its log:\n" + read(log), e);
        }
    }

    /** PostgreSQL refuses to run as root. The library evades that by a user namespace, where that is allowed. */
    private static boolean isHelplessRoot() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux")
                && "root".equals(System.getProperty("user.name"))
                && !LinuxUtils.isUnshareAvailable();
    }

    /** Nobody else can be expected to get to the directories of root. */
    private static PostgresServer startAsNobody(Path log) throws IOException {
        Path directory = Files.createTempDirectory("postgres");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path data = Files.createDirectory(directory.resolve("data"));
        ProgramsOfNobody.own(data);
        return start(directory, data, log, new ProgramsOfNobody());
    }

    private static PostgresServer start(Path directory, Path data, Path log, PgBinaryResolver programs)
            throws IOException {
        System.setProperty("ot.epg.working-dir", directory.toString());
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setPgBinaryResolver(programs)
                .setDataDirectory(data)
                .setPort(Ports.free())
                .setLocaleConfig("locale", "C")
                .setServerConfig("listen_addresses", "127.0.0.1")
                // No socket in the file system: its path might become too long.
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("max_connections", "300")
                .setServerConfig("synchronous_commit", "off")
                .setServerConfig("full_page_writes", "off")
                .setOutputRedirector(Redirect.appendTo(log.toFile()))
                .setPGStartupWait(PATIENCE)
                .start();
        return new PostgresServer(server, directory, log);
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            return "could not be read: " + e;
        }
    }

    private String url() {
        return url(server.getPort(), DATABASE);
    }

    private static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** A way to it that can be shut. */
    public Passage passage() {
        return Passage.to(server.getPort());
    }

    @Override
    public String[] buildOptions() {
        return new String[] {"--db=postgres"};
    }

    @Override
    public String[] options() {
        return options(url());
    }

    /** As {@link #options()}, by this way. */
    public String[] options(Passage way) {
        return options(url(way.port(), DATABASE));
    }

    /** As {@link #options(Passage)}, for a database of this name beside, which is created empty. */
    public String[] optionsBeside(Passage way, String database) {
        execute("create database " + database);
        return options(url(way.port(), database));
    }

    private static String[] options(String url) {
        return new String[] {"--db-url=" + url, "--db-username=" + USER, "--db-password=" + PASSWORD};
    }

    @Override
    public Connection connect() throws SQLException {
        return driver.connect(url(), USER, PASSWORD);
    }

    /** As {@link #options()}, for a database of this name beside, which is created empty. */
    public String[] optionsBeside(String database) {
        execute("create database " + database);
        return optionsOf(database);
    }

    /** As {@link #options()}, for a database beside that is there. */
    public String[] optionsOf(String database) {
        return options(url(server.getPort(), database));
    }

    /** A connection to a database beside. */
    public Connection connect(String database) throws SQLException {
        return driver.connect(url(server.getPort(), database), USER, PASSWORD);
    }

    /** Begins to write down what is sent to it. */
    public StatementLog watch() {
        execute("alter system set log_line_prefix = '" + StatementLog.PREFIX + "'");
        execute("alter system set log_statement = 'all'");
        execute("alter system set log_parameter_max_length = 0");
        execute("select pg_reload_conf()");
        return new StatementLog(log);
    }

    /** Writes down nothing any more. */
    public void unwatch() {
        execute("alter system reset log_statement");
        execute("select pg_reload_conf()");
    }

    /**
     * From the next connection on whoever changes a row that was changed since their transaction began to read is told
     * so, and the transaction fails.
     */
    public void readRepeatably() {
        execute("alter database " + DATABASE + " set default_transaction_isolation = 'repeatable read'");
    }

    private void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops and removes its data; the log stays. */
    @Override
    public void close() {
        try {
            server.close();
            if (isHelplessRoot()) {
                new FileTree(directory).delete();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
