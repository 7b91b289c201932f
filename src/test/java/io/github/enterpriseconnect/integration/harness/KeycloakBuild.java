package io.github.enterpriseconnect.integration.harness;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stopped Keycloak that is ready to start: the distribution built with the provider JAR, and a database with the
 * schema, the master realm and its administrator already in it, unless the options name a database elsewhere. It is
 * made once for each combination of distribution, JAR and build options, and then only ever cloned, because making it
 * takes five times as long as a start.
 *
 * <p>The distribution itself stays as it was unpacked.
 */
final class KeycloakBuild {

    /** Half a minute is usual; on a machine with too much to do it has been seen to take four. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final int KEPT = 4;
    private static final String COMPLETE = "complete";
    private static final String OWN_DATABASE = "--db=dev-file";
    private static final List<String> OPTIONS = List.of("--health-enabled=true", "--metrics-enabled=true");

    /** A file lock keeps other JVMs away, but not the other threads of this one. */
    private static final ReentrantLock WITHIN_JVM = new ReentrantLock();

    private final Path home;
    private final Optional<Path> providerJar;
    private final List<String> options;
    private final Path builds;

    KeycloakBuild(Path home, Optional<Path> providerJar, List<String> extraOptions, Path builds) {
        this.home = home;
        this.providerJar = providerJar;
        this.options = new ArrayList<>(OPTIONS);
        this.options.addAll(extraOptions);
        if (extraOptions.stream().noneMatch(option -> option.startsWith("--db="))) {
            options.add(OWN_DATABASE);
        }
        this.builds = builds;
    }

    /** Makes a server directory with a database of its own, after a build if there is none yet. */
    void cloneTo(Path target) throws IOException {
        Files.createDirectories(builds);
        WITHIN_JVM.lock();
        try (FileChannel lock =
                FileChannel.open(builds.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock(); // Until the channel is closed.
            Path build = builds.resolve(key());
            if (!Files.exists(build.resolve(COMPLETE))) {
                make(build);
            }
            Files.setLastModifiedTime(build.resolve(COMPLETE), FileTime.from(Instant.now()));
            new FileTree(build).copyTo(target, file -> file.startsWith("lib") || file.startsWith("providers"));
        } finally {
            WITHIN_JVM.unlock();
        }
    }

    private void make(Path build) throws IOException {
        Deadline deadline = Deadline.in(PATIENCE);
        new FileTree(build).delete();
        forgetOldBuilds();
        // Only what a build doesn't rewrite may be shared with the distribution.
        new FileTree(home).copyTo(build, file -> file.startsWith(Path.of("lib", "lib")));
        if (providerJar.isPresent()) {
            Files.copy(
                    providerJar.get(),
                    build.resolve("providers").resolve(providerJar.get().getFileName()),
                    StandardCopyOption.COPY_ATTRIBUTES);
        }

        Path log = build.resolve("build.log");
        List<String> arguments = new ArrayList<>(List.of("build"));
        arguments.addAll(options);
        KeycloakProcess.start(build, log, List.of(), arguments).awaitSuccess(deadline);

        if (options.contains(OWN_DATABASE)) {
            Ports ports = Ports.choose();
            KeycloakProcess seeding =
                    KeycloakProcess.start(build, log, List.of(), KeycloakServer.startArguments(ports, List.of()));
            seeding.awaitReady(ports, deadline);
            seeding.stop();
        }
        Files.createFile(build.resolve(COMPLETE));
    }

    /** Running servers are clones, so no build is in use here but the one under our lock. */
    private void forgetOldBuilds() throws IOException {
        List<Path> complete;
        try (var directories = Files.list(builds)) {
            complete = directories
                    .filter(directory -> Files.exists(directory.resolve(COMPLETE)))
                    .sorted(Comparator.comparingLong(KeycloakBuild::lastUse))
                    .toList();
        }
        for (Path directory : complete.subList(0, Math.max(0, complete.size() - KEPT + 1))) {
            new FileTree(directory).delete();
        }
    }

    private static long lastUse(Path build) {
        return build.resolve(COMPLETE).toFile().lastModified();
    }

    private String key() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Files.readAllBytes(home.resolve("version.txt")));
            digest.update(String.join("\n", options).getBytes(StandardCharsets.UTF_8));
            if (providerJar.isPresent()) {
                digest.update(Files.readAllBytes(providerJar.get()));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
