package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.admin.Warning;
import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The words of the console page: one for whatever the admin API may say, and none that nobody reads. */
class ConsoleTextsTest {
    private static final Path MODULES = Path.of("src/main/resources/enterprise-connect/console");
    private static final Path MESSAGES = MODULES.resolve("texts");
    private static final String PREFIX = "enterpriseConnectConsole.";

    /** A text that is named in full: {@code text("link.state")}, also after a condition or where a line was broken. */
    private static final Pattern NAMED = Pattern.compile("\\btext\\(\\s*\"([^\"]+)\"");

    /**
     * What is chosen between two: {@code ? text("a") : text("b")} is named; {@code text(x ? "a" : "b")} would not be.
     */
    private static final Pattern CHOSEN = Pattern.compile("\\btext\\(\\s*[^\"\\s)]");

    /** A family of words, of which one is chosen by an id: {@code word("reason", id)}. */
    private static final Pattern FAMILY = Pattern.compile("\\b(?:word|stateLabel|stateFilter)\\(\\s*\"([^\"]+)\"");

    static Stream<Path> bundles() throws IOException {
        return list(MESSAGES);
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void whatever_the_api_says_has_a_word_in_each_language(Path bundle) throws IOException {
        Set<String> keys = keys(bundle);

        assertThat(keys)
                .containsAll(words("reason", Reason.values(), Reason::id))
                .containsAll(words("check", Check.values(), Check::id))
                .containsAll(words("state.delegation", Delegation.State.values(), Delegation.State::id))
                .containsAll(words("state.link", Link.State.values(), Link.State::id))
                .containsAll(words("state.backfill", BackfillRun.State.values(), BackfillRun.State::id))
                .containsAll(words("state.verification", Verification.Result.values(), Verification.Result::id))
                .containsAll(words("state.replacement", Replacement.State.values(), Replacement.State::id))
                .containsAll(words("state.revocation", Revocation.State.values(), Revocation.State::id))
                .containsAll(words("state.notification", Notification.State.values(), Notification.State::id))
                .containsAll(words("event", CalendarEvent.Kind.values(), CalendarEvent.Kind::id))
                .containsAll(words("outcome", Revocation.State.values(), Revocation.State::id))
                .containsAll(words("right", Consumer.Right.values(), Consumer.Right::id))
                .containsAll(words("warning", Warning.Code.values(), Warning.Code::id))
                .containsAll(words("warning.text", Warning.Code.values(), Warning.Code::id))
                .containsAll(words("dataCenter", DataCenter.values(), DataCenter::id));
    }

    @Test
    void every_text_that_the_page_names_exists() throws IOException {
        assertThat(keys(MESSAGES.resolve("messages_en.properties"))).containsAll(found(NAMED));
    }

    @Test
    void every_text_is_named_by_the_page_or_belongs_to_a_family_that_it_chooses_from() throws IOException {
        Set<String> named = found(NAMED);
        Set<String> families = found(FAMILY);

        Set<String> unused = keys(MESSAGES.resolve("messages_en.properties"));
        unused.removeIf(
                key -> named.contains(key) || families.stream().anyMatch(family -> key.startsWith(family + ".")));
        assertThat(unused).isEmpty();
    }

    @Test
    void no_text_is_named_in_a_way_that_these_tests_cannot_follow() throws IOException {
        try (Stream<Path> modules = list(MODULES)) {
            for (Path module : modules.filter(file -> file.toString().endsWith(".js"))
                    .filter(file -> !file.endsWith("texts.js"))
                    .toList()) {
                assertThat(CHOSEN.matcher(Files.readString(module)).results().map(MatchResult::group))
                        .as(module.toString())
                        .isEmpty();
            }
        }
    }

    @Test
    void the_page_reaches_out_to_no_other_host_and_parses_no_markup() throws IOException {
        List<String> refused = List.of(
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
                "localStorage");
        try (Stream<Path> modules = list(MODULES)) {
            for (Path module : modules.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(module)).as(module.toString()).doesNotContain(refused);
            }
        }
        assertThat(found(Pattern.compile("(https?://[^\"\\s]+)"))).allSatisfy(address -> assertThat(address)
                .matches("https://id\\.example\\.com|http://www\\.w3\\.org/2000/svg"));
    }

    /** What a newer version has written is shown as it is. */
    private static <T extends Enum<T>> List<String> words(String family, T[] all, Function<T, String> id) {
        return Arrays.stream(all)
                .filter(one -> !one.name().equals("UNKNOWN"))
                .map(one -> family + "." + id.apply(one))
                .toList();
    }

    private static Set<String> keys(Path bundle) throws IOException {
        Properties texts = new Properties();
        try (var reader = Files.newBufferedReader(bundle, StandardCharsets.UTF_8)) {
            texts.load(reader);
        }
        return texts.stringPropertyNames().stream()
                .filter(key -> key.startsWith(PREFIX))
                .map(key -> key.substring(PREFIX.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> found(Pattern pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> modules = list(MODULES)) {
            for (Path module :
                    modules.filter(file -> file.toString().endsWith(".js")).toList()) {
                pattern.matcher(Files.readString(module))
                        .results()
                        .map(match -> match.group(1))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static Stream<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList().stream();
        }
    }
}
