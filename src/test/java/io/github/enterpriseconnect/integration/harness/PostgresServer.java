package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A PostgreSQL of its own: process, directory, loopback port and password, empty at first. The programs are those that
 * Debian's packages install; what the system runs with them is left alone. PostgreSQL refuses to run as root, so for root
 * it runs as the user that those packages create.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
    private static final String SYSTEM_USER = "postgres";
    private static final String USER = "keycloak";
    private static final String LOG = "postgres.log";
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final Path directory;
    private final Path programs;
    private final int port = Ports.free();
    private final String password = UUID.randomUUID().toString();
    private final Thread shutdownHook = new Thread(this::stop, "stop-postgres");

    private PostgresServer(Path directory, Path programs) {
        this.directory = directory;
        this.programs = programs;
    }

    /** Starts it beside the servers of the distribution that the system property {@code keycloak.home} names. */
    public static PostgresServer start() {
        Path programs = programs();
        Path databases = Path.of(System.getProperty("keycloak.home")).resolveSibling("databases");
        try {
            Files.createDirectories(databases);
            forgetThoseOfEndedPrograms(databases, programs);
            if (!canBeEntered(databases)) {
                databases = Path.of(System.getProperty("java.io.tmpdir"));
            }
            Path directory =
                    databases.resolve(ProcessHandle.current().pid() + "-postgres-" + STARTED.incrementAndGet());
            PostgresServer server = new PostgresServer(directory, programs);
            server.launch();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The newest version there is. */
    private static Path programs() {
        try (var versions = Files.newDirectoryStream(INSTALLED, "[0-9]*")) {
            List<Path> found = new ArrayList<>();
            versions.forEach(found::add);
            return found.stream()
                    .filter(version -> Files.isExecutable(version.resolve("bin").resolve("initdb")))
                    .max(Comparator.comparingInt(PostgresServer::number))
                    .orElseThrow(PostgresServer::missing)
                    .resolve("bin");
        } catch (IOException e) {
            throw missing();
        }
    }

    private static int number(Path version) {
        return Integer.parseInt(version.getFileName().toString().replaceFirst("\\D.*", ""));
    }

    private static IllegalStateException missing() {
        return new IllegalStateException("There is no PostgreSQL server under " + INSTALLED
                + "; on Debian and Ubuntu: apt-get install postgresql");
    }

    private void launch() throws IOException {
        Path passwordFile = directory.resolve("password");
        Path data = data();
        Files.createDirectories(directory);
        Files.writeString(passwordFile, password);
        if (isRoot()) {
            run(List.of("chown", "-R", SYSTEM_USER, directory.toString()));
        }
        run(as(
                "initdb",
                "--pgdata=" + data,
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync"));
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        String options = String.join(
                " ",
                "-c listen_addresses=127.0.0.1",
                "-c port=" + port,
                // No socket in the file system: its path might become too long.
                "-c unix_socket_directories=",
                "-c max_connections=300",
                "-c fsync=off",
                "-c synchronous_commit=off",
                "-c full_page_writes=off");
        run(as(
                "pg_ctl",
                "start",
                "--pgdata=" + data,
                "--log=" + directory.resolve(LOG),
                "--options=" + options,
                "--wait"));
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** The options with which a server that is built for PostgreSQL uses it. */
    public String[] options() {
        return new String[] {
            "--db-url=jdbc:postgresql://127.0.0.1:" + port + "/postgres",
            "--db-username=" + USER,
            "--db-password=" + password
        };
    }

    /** Stops and removes everything but the log, which names deadlocks and statements that failed. */
    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
            new FileTree(directory).delete(file -> file.endsWith(LOG));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stop() {
        stop(directory, programs);
    }

    private static void stop(Path directory, Path programs) {
        Path data = directory.resolve("data");
        if (Files.exists(data.resolve("postmaster.pid"))) {
            run(as(programs, "pg_ctl", "stop", "--pgdata=" + data, "--mode=immediate", "--wait"));
        }
    }

    /** A program that was killed has left its server running. */
    private static void forgetThoseOfEndedPrograms(Path databases, Path programs) throws IOException {
        List<Path> abandoned;
        try (var directories = Files.list(databases)) {
            abandoned = directories.filter(PostgresServer::isAbandoned).toList();
        }
        for (Path directory : abandoned) {
            if (runsIn(directory)) {
                stop(directory, programs);
            }
            new FileTree(directory).delete();
        }
    }

    private static boolean isAbandoned(Path directory) {
        String owner = directory.getFileName().toString().replaceFirst("-.*", "");
        return ProcessHandle.of(Long.parseLong(owner)).isEmpty();
    }

    /** The process that is written down may have ended long ago, and its number may be another's by now. */
    private static boolean runsIn(Path directory) throws IOException {
        Path written = directory.resolve("data").resolve("postmaster.pid");
        if (!Files.exists(written)) {
            return false;
        }
        long pid = Long.parseLong(Files.readAllLines(written).get(0).strip());
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().commandLine())
                .filter(command -> command.contains(directory.toString()))
                .isPresent();
    }

    private List<String> as(String program, String... arguments) {
        return as(programs, program, arguments);
    }

    private static List<String> as(Path programs, String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", SYSTEM_USER, "--"));
        }
        command.add(programs.resolve(program).toString());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Whether the user that the server runs as can get there. */
    private static boolean canBeEntered(Path directory) throws IOException {
        return !isRoot()
                || exitCode(new ProcessBuilder("runuser", "-u", SYSTEM_USER, "--", "test", "-x", directory.toString()))
                        == 0;
    }

    private static void run(List<String> command) {
        try {
            Path output = Files.createTempFile(
                    "postgres",
                    ".txt",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            ProcessBuilder process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            int exit = exitCode(process);
            String text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            if (exit != 0) {
                throw new IllegalStateException(String.join(" ", command) + " ended with " + exit + ":\n" + text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int exitCode(ProcessBuilder process) throws IOException {
        try {
            return process.start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
