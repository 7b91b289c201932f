package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the jar carries besides classes. */
class ResourcesTest {
    private static final Path RESOURCES = Path.of("src/main/resources");

    static Stream<Path> services() throws IOException {
        try (Stream<Path> files = Files.list(RESOURCES.resolve("META-INF/services"))) {
            return files.toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void every_service_file_names_classes_that_implement_the_service(Path file) throws Exception {
        Class<?> service = Class.forName(file.getFileName().toString());
        List<String> implementations = Files.readAllLines(file);

        assertThat(implementations).isNotEmpty();
        for (String name : implementations) {
            assertThat(service).isAssignableFrom(Class.forName(name));
        }
    }

    @Test
    void there_is_a_bean_archive_marker_without_which_every_endpoint_answers_405() {
        assertThat(RESOURCES.resolve("META-INF/beans.xml")).exists();
    }
}
