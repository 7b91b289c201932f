package io.github.enterpriseconnect.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dasniko.testcontainers.keycloak.KeycloakContainer;
import io.github.enterpriseconnect.example.ExampleApp;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Ports;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.PullPolicy;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The demonstration in the image that {@code docker/Dockerfile} makes, on PostgreSQL. As in {@code docker/compose.yaml}
 * the simulator shares Keycloak's network, and ports are the same within and without. What the containers print is
 * under {@code target/containers}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JourneyInContainers {
    private static final Path PROVIDER = Path.of("target/keycloak-enterprise-connect.jar");
    private static final Path SIMULATOR = Path.of("target/keycloak-enterprise-connect-simulator.jar");
    private static final String DATABASE = "keycloak";
    /** Bytes, as many as in {@code docker/compose.yaml}. */
    private static final long MEMORY = 1L << 30;

    private final int keycloakPort = Ports.free();
    private final int simulatorPort = Ports.free();
    private final Installation installation = Installation.local(keycloakPort, simulatorPort, Ports.free());

    private final Network network = Network.newNetwork();
    private final PostgreSQLContainer postgres = new PostgreSQLContainer(databaseImage())
            .withNetwork(network)
            .withNetworkAliases("postgres")
            .withDatabaseName(DATABASE)
            .withUsername(DATABASE)
            .withPassword(DATABASE)
            .withLogConsumer(logOf("postgres"));
    private final KeycloakContainer keycloak = new KeycloakContainer(
                    image("Dockerfile", PROVIDER).get())
            // Its own policy asks a registry for images older than a day.
            .withImagePullPolicy(PullPolicy.defaultPolicy())
            .withRamPercentage(50, 70)
            .withCreateContainerCmdModifier(
                    create -> Objects.requireNonNull(create.getHostConfig()).withMemory(MEMORY))
            .withNetwork(network)
            .withOptimizedFlag()
            .withRealmImportFile("demo-realm.json")
            .withEnv("KC_DB_URL", "jdbc:postgresql://postgres/" + DATABASE)
            .withEnv("KC_DB_USERNAME", DATABASE)
            .withEnv("KC_DB_PASSWORD", DATABASE)
            .withEnv("KC_HOSTNAME", installation.keycloak().toString())
            .withEnv("KC_HTTP_ENABLED", "true")
            .withEnv("KC_HTTP_PORT", String.valueOf(keycloakPort))
            .withEnv(
                    "KC_SPI_ENTERPRISE_CONNECT__DEFAULT__API_URL",
                    installation.simulator().toString())
            .withEnv(
                    "KC_SPI_ENTERPRISE_CONNECT__DEFAULT__APP_URL",
                    installation.simulator().toString())
            .withLogConsumer(logOf("keycloak"));
    private final GenericContainer<?> simulator = new GenericContainer<>(
                    image("jar.Dockerfile", SIMULATOR).withBuildArg("JAR", SIMULATOR.toString()))
            .withCommand(
                    "--host",
                    "0.0.0.0",
                    "--port",
                    String.valueOf(simulatorPort),
                    "--client-id",
                    ConnectedRealm.APPLICATION_ID,
                    "--client-secret",
                    ConnectedRealm.APPLICATION_SECRET)
            .waitingFor(Wait.forLogMessage("listening on .*\\n", 1))
            .withLogConsumer(logOf("simulator"));

    private @Nullable ExampleApp application;

    private static DockerImageName databaseImage() {
        try {
            String image = new YAMLMapper()
                    .readTree(Path.of("docker/compose.yaml").toFile())
                    .at("/services/postgres/image")
                    .asText();
            return DockerImageName.parse(image).asCompatibleSubstituteFor("postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ImageFromDockerfile image(String dockerfile, Path jar) {
        return new ImageFromDockerfile()
                .withFileFromPath("Dockerfile", Path.of("docker", dockerfile))
                .withFileFromPath(jar.toString(), jar);
    }

    private static Consumer<OutputFrame> logOf(String container) {
        Path log = Path.of("target/containers", container + ".log");
        try {
            Files.createDirectories(log.getParent());
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return frame -> {
            try {
                Files.writeString(log, frame.getUtf8String(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    @BeforeAll
    void start() throws IOException {
        postgres.start();
        keycloak.setPortBindings(List.of(published(keycloakPort), published(simulatorPort)));
        keycloak.start();
        simulator.withNetworkMode("container:" + keycloak.getContainerId()).start();
        application = installation.startExampleApp();
    }

    private static String published(int port) {
        return "127.0.0.1:" + port + ":" + port;
    }

    @AfterAll
    void stop() {
        if (application != null) {
            application.close();
        }
        simulator.stop();
        keycloak.stop();
        postgres.stop();
        network.close();
    }

    @Test
    void the_journey_is_walked_in_the_image_and_kept_in_postgresql() throws IOException, InterruptedException {
        new Journey(new PrintStream(System.out, true, StandardCharsets.UTF_8), installation).walk();

        String revocations = postgres.execInContainer(
                        "psql", "-U", DATABASE, "-Atc", "select count(*) from ec_revocation")
                .getStdout()
                .strip();
        assertThat(Integer.parseInt(revocations)).isPositive();
    }

    @Test
    void the_image_runs_as_somebody_who_is_not_root() throws IOException, InterruptedException {
        assertThat(keycloak.execInContainer("id", "-u").getStdout().strip()).isEqualTo("1000");
    }
}
