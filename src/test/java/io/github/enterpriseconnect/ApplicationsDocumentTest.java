package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.enterpriseconnect.integration.harness.Exchange;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/applications.md} shows is what the API's description says, and complete. */
class ApplicationsDocumentTest {
    private static final Pattern BLOCK = Pattern.compile("(?s)```(\\w+)(?: (\\w+))?\\n(.*?)\\n```");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (?=\\d)([^|]+)\\|");
    private static final Pattern CODE = Pattern.compile("`([a-z_]+)`");
    private static final Map<String, String> DOORS = Map.of(
            "token", "/realms/myrealm/enterprise-connect/token",
            "exchange", "/realms/myrealm/protocol/openid-connect/token");

    /** An answer in the document. */
    record Shown(String door, String http) {
        Exchange exchange() {
            String[] parts = http.split("\n\n", 2);
            List<String> head = parts[0].lines().toList();
            Map<String, List<String>> headers = new HashMap<>();
            head.stream()
                    .skip(1)
                    .map(line -> line.split(": ", 2))
                    .forEach(header -> headers.put(header[0], List.of(header[1])));
            return new Exchange(
                    "POST",
                    URI.create("https://id.example.com" + DOORS.get(door)),
                    "application/x-www-form-urlencoded",
                    "token=x&requested_issuer=enterprise-connect&subject_token=x"
                            + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                            + "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token",
                    Integer.parseInt(head.get(0).split(" ", 3)[1]),
                    HttpHeaders.of(headers, (name, value) -> true),
                    parts[1]);
        }

        @Override
        public String toString() {
            return door + ": " + http.lines().findFirst().orElseThrow();
        }
    }

    /** Code in the document, and the name of the file that it is from. */
    record Snippet(String file, String code) {
        String unspaced() {
            return code.replaceAll("\\s+", "");
        }
    }

    static List<Snippet> snippets() {
        return BLOCK.matcher(document())
                .results()
                .filter(block -> block.group(2) != null && !block.group(1).equals("http"))
                .map(block -> new Snippet(block.group(2), block.group(3)))
                .toList();
    }

    /** What is sent to an application is no answer, and has no door. */
    static List<Shown> answers() {
        return blocks("http")
                .filter(block -> block.group(2) != null)
                .map(block -> new Shown(block.group(2), block.group(3)))
                .toList();
    }

    private static Stream<MatchResult> blocks(String language) {
        return BLOCK.matcher(document()).results().filter(block -> block.group(1)
                .equals(language));
    }

    private static String document() {
        try {
            return Files.readString(Path.of("docs/applications.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The error codes of both doors, by the API's description; some of them Keycloak's. */
    private static Set<String> errors() {
        OpenApi api = OpenApi.document();
        return api.operations().stream()
                .filter(operation -> Set.of("fetchToken", "exchangeToken").contains(operation.id()))
                .flatMap(operation -> api.examples().stream()
                        .filter(example -> example.where().startsWith(operation + ",")))
                .map(example -> example.value().path("error").asText())
                .filter(error -> CODE.matcher("`" + error + "`").matches())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void an_answer_is_what_the_description_of_the_api_says(Shown shown) {
        assertThatCode(() -> OpenApi.document().check(shown.exchange())).doesNotThrowAnyException();
    }

    @Test
    void every_error_is_shown_and_has_a_row_in_the_table() {
        Set<String> shown = answers().stream()
                .map(answer -> answer.http().replaceFirst("(?s).*?\"error\": \"(\\w+)\".*", "$1"))
                .filter(error -> error.matches("[a-z_]+"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> rows = ROW.matcher(document())
                .results()
                .flatMap(row -> CODE.matcher(row.group(1)).results())
                .map(code -> code.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(shown).isEqualTo(errors());
        assertThat(rows).isEqualTo(errors());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "java", "ts", "python"})
    void a_snippet_knows_every_error(String language) {
        String snippet = blocks(language).map(block -> block.group(3)).collect(Collectors.joining("\n"));
        String otherDoor = language.equals("sh") ? "invalid_grant" : "invalid_token";

        assertThat(errors()).filteredOn(error -> !error.equals(otherDoor)).allSatisfy(error -> assertThat(snippet)
                .containsPattern("\\b" + error + "\\b"));
    }

    /** But for white space, which differs from language to language. */
    @ParameterizedTest
    @MethodSource("snippets")
    void code_for_a_library_is_what_its_test_runs(Snippet snippet) throws IOException {
        List<Path> candidates = new ArrayList<>(List.of(Path.of("pom.xml")));
        try (Stream<Path> tests = Files.walk(Path.of("src/test"))) {
            tests.filter(Files::isRegularFile).forEach(candidates::add);
        }
        List<Snippet> files = new ArrayList<>();
        for (Path file : candidates) {
            String name = file.getFileName().toString();
            if (name.startsWith(snippet.file() + ".")) {
                files.add(new Snippet(name, Files.readString(file)));
            }
        }

        assertThat(files).anySatisfy(file -> assertThat(file.unspaced()).contains(snippet.unspaced()));
    }

    @Test
    void the_java_snippet_compiles(@TempDir Path classes) {
        String code = blocks("java")
                .map(block -> block.group(3))
                .filter(block -> block.contains("class CalendarTokens"))
                .findFirst()
                .orElseThrow();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///CalendarTokens.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return code;
                    }
                };

        boolean compiled = compiler.getTask(
                        complaints,
                        null,
                        null,
                        List.of(
                                "--release",
                                "17",
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                classes.toString()),
                        null,
                        List.of(source))
                .call();

        assertThat(compiled).as("%s", complaints).isTrue();
    }
}
