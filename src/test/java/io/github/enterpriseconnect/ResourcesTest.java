package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the jar carries besides classes. */
class ResourcesTest {
    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Path MESSAGES = RESOURCES.resolve("theme-resources/messages");

    private static final Pattern GAP = Pattern.compile("\\{\\d+}");

    /** Of fewer words many are names, or the same in several languages. */
    private static final Pattern SENTENCE = Pattern.compile("\\p{L}+\\P{L}+\\p{L}+\\P{L}+\\p{L}+");

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

    @Test
    void the_languages_are_these() throws IOException {
        assertThat(bundles().map(bundle -> bundle.getFileName().toString()))
                .containsExactlyInAnyOrder(
                        "messages_de.properties",
                        "messages_en.properties",
                        "messages_es.properties",
                        "messages_fr.properties",
                        "messages_ja.properties");
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void every_language_has_every_text_with_the_same_gaps(Path bundle) throws IOException {
        Properties english = load(MESSAGES.resolve("messages_en.properties"));
        Properties translated = load(bundle);

        assertThat(translated.keySet()).isEqualTo(english.keySet());
        translated.forEach((key, text) -> {
            String original = english.getProperty(key.toString());
            String rendered = new MessageFormat(text.toString()).format(new Object[] {"Acme", "Acme", "Acme"});
            assertThat(rendered).as(key.toString()).isNotBlank().doesNotContain("{");
            assertThat(gaps(text.toString())).as(key.toString()).isEqualTo(gaps(original));
        });
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void no_sentence_is_left_in_english(Path bundle) throws IOException {
        Properties english = load(MESSAGES.resolve("messages_en.properties"));
        boolean itself = bundle.endsWith("messages_en.properties");

        assertThat(load(bundle)).allSatisfy((key, text) -> {
            if (!itself && SENTENCE.matcher(text.toString()).find()) {
                assertThat(text).as(key.toString()).isNotEqualTo(english.getProperty(key.toString()));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void no_key_is_there_twice(Path bundle) throws IOException {
        List<String> keys = Files.readAllLines(bundle).stream()
                .filter(line -> line.contains("="))
                .map(line -> line.substring(0, line.indexOf('=')))
                .toList();

        assertThat(keys).doesNotHaveDuplicates();
    }

    private static Set<String> gaps(String text) {
        return GAP.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
    }

    private static Properties load(Path file) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        return properties;
    }
}
