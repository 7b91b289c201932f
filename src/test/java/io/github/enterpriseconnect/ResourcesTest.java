package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the jar carries besides classes. */
class ResourcesTest {
    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Path MESSAGES = RESOURCES.resolve("theme-resources/messages");

    static Stream<Path> services() throws IOException {
        return files(RESOURCES.resolve("META-INF/services"));
    }

    static Stream<Path> bundles() throws IOException {
        return files(MESSAGES);
    }

    private static Stream<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
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

    @ParameterizedTest
    @MethodSource("bundles")
    void every_language_has_every_text_in_a_form_that_can_be_rendered(Path bundle) throws IOException {
        Properties english = load(MESSAGES.resolve("messages_en.properties"));
        Properties translated = load(bundle);

        assertThat(translated.keySet()).isEqualTo(english.keySet());
        translated.forEach((key, text) -> {
            String rendered = new MessageFormat(text.toString()).format(new Object[] {"Acme", "Acme", "Acme"});
            assertThat(rendered)
                    .as(key.toString())
                    .isNotBlank()
                    .doesNotContain("{")
                    .satisfies(shown -> assertThat(shown.contains("Acme"))
                            .isEqualTo(english.getProperty(key.toString()).contains("{0}")));
        });
    }

    private static Properties load(Path file) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        return properties;
    }
}
