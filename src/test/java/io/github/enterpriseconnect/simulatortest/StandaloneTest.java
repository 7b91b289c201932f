package io.github.enterpriseconnect.simulatortest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line, the manual, and that the simulator stands on its own. */
class StandaloneTest {
    private static final String PACKAGE = "io.github.enterpriseconnect.simulator";

    @Test
    void one_line_says_where_it_listens() throws IOException {
        Process process = run("--port", "0", "--client-id", "id", "--client-secret", "secret");
        try (BufferedReader out = process.inputReader(UTF_8)) {
            assertThat(out.readLine()).matches("listening on http://127\\.0\\.0\\.1:[0-9]+");
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroy();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', --port is missing",
        "'--port 0 --client-id id', --client-secret is missing",
        "'--port x --client-id id --client-secret s', write a number from 0 to 65535 instead of x",
        "'--prt 0', there is no option --prt",
        "'--port', --port has no value",
        "'--port 0 --port 0', --port is there twice"
    })
    void a_wrong_argument_is_answered_by_what_to_write_instead(String arguments, String message)
            throws IOException, InterruptedException {
        Process process = run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));
        try (BufferedReader err = process.errorReader(UTF_8)) {
            assertThat(err.readLine()).contains(message);
        }
        assertThat(process.waitFor()).isEqualTo(2);
    }

    @Test
    void it_uses_nothing_of_the_extension() {
        noClasses()
                .that()
                .resideInAPackage(PACKAGE)
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.github.enterpriseconnect..")
                        .and(JavaClass.Predicates.resideOutsideOfPackage(PACKAGE)))
                .check(new ClassFileImporter().importPackages(PACKAGE));
    }

    @Test
    void the_manual_lists_every_switch_with_its_default() throws IOException {
        List<String> manual = Files.readAllLines(Path.of("docs", "simulator.md"));

        for (Switch<?> one : Switch.all()) {
            String initial = one.initial().toString();
            String shown = one.initial() instanceof Enum<?>
                    ? initial.toLowerCase(Locale.ROOT)
                    : one.initial() instanceof String && initial.isEmpty() ? "\"\"" : initial;
            assertThat(manual)
                    .as(one.name())
                    .anyMatch(line -> line.startsWith("| `" + one.name() + "` | `" + shown + "` |"));
        }
    }

    private static Process run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Simulator.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }
}
