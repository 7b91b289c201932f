package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The texts of the pages and mails, and those of the console page: all of them in every language, and each as the page
 * that shows it needs it.
 */
class MessagesTest {
    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Path MESSAGES = RESOURCES.resolve("theme-resources/messages");
    private static final Path OF_CONSOLE = RESOURCES.resolve("enterprise-connect/console/texts");
    private static final Path ENGLISH = MESSAGES.resolve("messages_en.properties");

    private static final Pattern GAP = Pattern.compile("\\{\\d+}");
    private static final Pattern JAPANESE = Pattern.compile("[\\p{IsHiragana}\\p{IsKatakana}\\p{IsHan}]");
    private static final Pattern LEFTOVER = Pattern.compile("TODO|FIXME|XXX|\\?\\?|\uFFFD|Ã|^\\s|\\s$|  ");

    /** What is called the same everywhere. */
    private static final Set<String> NAMES = Set.of(
            "Google Workspace",
            "Microsoft 365",
            "Exchange Server",
            "Enterprise Connect",
            "Enterprise Connect {0}",
            "ID");

    /** What a language happens to call as English does. */
    private static final Map<String, Set<String>> SAME_WORD = Map.of(
            "de", Set.of("Realm", "Navigation", "Name", "Problem"),
            "fr", Set.of("Navigation", "Actions", "Pages", "Active", "Invitations", "Suspension", "Canada"),
            "es", Set.of("Error:", "No", "Australia"),
            "ja", Set.of());

    /** A key that a template or a class names. */
    private static final Pattern NAMED = Pattern.compile("[\"{](enterpriseConnect[A-Z][\\w.]*\\w)[\"}](?!\\s*\\+)");

    /** The beginning of keys, of which a template or a class chooses one. */
    private static final Pattern FAMILY =
            Pattern.compile("\"(enterpriseConnect[A-Z][\\w.]*)\"\\s*\\+|\"(enterpriseConnect[A-Z][\\w.]*\\.)\"");

    static Stream<Path> bundles() throws IOException {
        return Stream.concat(files(MESSAGES), files(OF_CONSOLE));
    }

    private static Stream<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList().stream();
        }
    }

    private static Path english(Path bundle) {
        return bundle.resolveSibling(ENGLISH.getFileName());
    }

    static Stream<Path> translations() throws IOException {
        return bundles().filter(bundle -> !bundle.equals(english(bundle)));
    }

    static Stream<Path> japanese() throws IOException {
        return bundles().filter(bundle -> language(bundle).equals("ja"));
    }

    @Test
    void the_languages_are_these() throws IOException {
        assertThat(files(MESSAGES).map(MessagesTest::language)).containsExactly("de", "en", "es", "fr", "ja");
        assertThat(files(OF_CONSOLE).map(MessagesTest::language)).containsExactly("de", "en", "es", "fr", "ja");
    }

    /** Keycloak copies them for each page of a sign-in. */
    @ParameterizedTest
    @MethodSource("bundles")
    void what_the_console_page_says_is_not_among_the_texts_of_sign_ins(Path bundle) throws IOException {
        assertThat(load(bundle).stringPropertyNames())
                .allMatch(key -> key.startsWith("enterpriseConnectConsole.") == OF_CONSOLE.equals(bundle.getParent()));
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void every_language_has_every_text_with_the_same_gaps(Path bundle) throws IOException {
        Properties english = load(english(bundle));
        Properties translated = load(bundle);

        assertThat(translated.keySet()).isEqualTo(english.keySet());
        assertThat(translated).allSatisfy((key, text) -> assertThat(gaps(text.toString()))
                .as(key.toString())
                .isEqualTo(gaps(english.getProperty(key.toString()))));
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void every_text_shows_what_fills_its_gaps_and_each_of_its_apostrophes(Path bundle) throws IOException {
        assertThat(load(bundle)).allSatisfy((key, text) -> {
            String pattern = text.toString();
            // An apostrophe alone is eaten by the format, and whatever follows it is shown as it stands.
            String expected = GAP.matcher(pattern).replaceAll("Acme").replace("''", "'");
            assertThat(new MessageFormat(pattern).format(new Object[] {"Acme", "Acme", "Acme", "Acme"}))
                    .as(key.toString())
                    .isNotBlank()
                    .isEqualTo(expected)
                    .doesNotContain("{", "}");
        });
    }

    @ParameterizedTest
    @MethodSource("translations")
    void whatever_reads_as_in_english_is_a_name_or_the_same_word(Path bundle) throws IOException {
        Properties english = load(english(bundle));
        Set<String> untranslated = load(bundle).entrySet().stream()
                .filter(entry -> entry.getValue().equals(english.get(entry.getKey())))
                .map(entry -> entry.getValue().toString())
                .filter(MessagesTest::hasWords)
                .filter(text -> !NAMES.contains(text))
                .collect(Collectors.toSet());

        assertThat(untranslated).isSubsetOf(SAME_WORD.get(language(bundle)));
    }

    @ParameterizedTest
    @MethodSource("japanese")
    void japanese_is_written_in_japanese(Path bundle) throws IOException {
        assertThat(load(bundle)).allSatisfy((key, text) -> {
            if (hasWords(text.toString()) && !NAMES.contains(text.toString())) {
                assertThat(text.toString()).as(key.toString()).containsPattern(JAPANESE);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void nothing_unfinished_or_broken_is_left(Path bundle) throws IOException {
        assertThat(load(bundle))
                .allSatisfy((key, text) ->
                        assertThat(text.toString()).as(key.toString()).doesNotContainPattern(LEFTOVER));
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

    @Test
    void every_text_that_a_template_or_a_class_names_exists() throws IOException {
        assertThat(load(ENGLISH).stringPropertyNames()).containsAll(found(NAMED));
    }

    @Test
    void every_text_is_named_or_belongs_to_a_family_of_which_one_is_chosen() throws IOException {
        Set<String> named = found(NAMED);
        Set<String> families = found(FAMILY);

        assertThat(load(ENGLISH).stringPropertyNames())
                .allMatch(key -> named.contains(key) || families.stream().anyMatch(key::startsWith));
    }

    private static Set<String> found(Pattern pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        for (Path directory : List.of(RESOURCES.resolve("theme-resources/templates"), Path.of("src/main/java"))) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    pattern.matcher(Files.readString(file)).results().forEach(match -> found.add(group(match)));
                }
            }
        }
        return found;
    }

    private static String group(MatchResult match) {
        return match.group(1) == null ? match.group(2) : match.group(1);
    }

    private static String language(Path bundle) {
        return bundle.getFileName().toString().replaceAll("messages_|\\.properties", "");
    }

    private static boolean hasWords(String text) {
        return GAP.matcher(text).replaceAll("").chars().anyMatch(Character::isLetter);
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
