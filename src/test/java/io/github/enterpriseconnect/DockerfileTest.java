package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DockerfileTest {
    private static final Pattern SERVER = Pattern.compile("<keycloak.server.version>(.+)</keycloak.server.version>");
    private static final Pattern BASE = Pattern.compile("(?m)^FROM \\S+/keycloak:(\\S+)");

    @Test
    void the_image_is_made_of_the_keycloak_that_the_tests_run_on() throws IOException {
        List<String> tested = all(SERVER, "pom.xml");

        assertThat(tested).hasSize(1);
        assertThat(all(BASE, "docker/Dockerfile")).hasSize(2).containsOnly(tested.get(0));
    }

    private static List<String> all(Pattern pattern, String file) throws IOException {
        return pattern.matcher(Files.readString(Path.of(file)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
