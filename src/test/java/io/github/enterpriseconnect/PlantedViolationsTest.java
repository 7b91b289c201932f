package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of {@link ArchitectureTest} fails once a class that breaks it stands beside ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlantedViolationsTest {
    private static final String ROOT = EnterpriseConnect.class.getPackageName();

    /**
     * @param rule the field of {@link ArchitectureTest}
     * @param type the class that breaks it, below our root package
     * @param body what stands between the braces of the class
     */
    record Planted(String rule, String type, String body) {
        String name() {
            return ROOT + "." + type;
        }

        Source source() {
            int dot = name().lastIndexOf('.');
            return new Source(
                    name(),
                    "package " + name().substring(0, dot) + ";\npublic class " + name().substring(dot + 1) + " {" + body
                            + "}\n");
        }
    }

    private static final List<Planted> PLANTED = List.of(
            new Planted("every_arrow_goes_down", "core.Upwards", ROOT + ".token.AccessTokens tokens;"),
            new Planted("every_class_has_a_room", "attic.Lodger", ""),
            new Planted("packages_form_no_circle", "storage.RoundAbout", ROOT + ".platform.Work work;"),
            new Planted("classes_of_a_package_form_no_circle", "core.Hen", "Egg egg; static class Nest {}"),
            new Planted("classes_of_a_package_form_no_circle", "core.Egg", "Hen.Nest nest;"),
            new Planted(
                    "the_parts_are_asked_for_at_the_doors_only",
                    "token.Asker",
                    ROOT + ".server.EnterpriseConnectProvider parts;"),
            new Planted("the_core_knows_nobody", "core.Talkative", "org.jboss.logging.Logger log;"),
            new Planted("the_wire_knows_no_keycloak", "cronofy.OfKeycloak", "org.keycloak.models.RealmModel realm;"),
            new Planted("the_middle_knows_no_keycloak", "link.OfKeycloak", "org.keycloak.models.RealmModel realm;"),
            new Planted(
                    "the_middle_is_wired_by_the_composition_root_alone",
                    "member.Wiring",
                    "Object part = new " + ROOT + ".link.Newcomer();"),
            new Planted(
                    "the_middle_is_wired_by_the_composition_root_alone",
                    "rest.Thread",
                    "Object part = new " + ROOT + ".platform.BackgroundWorker();"),
            new Planted("jpa_stays_in_storage", "realm.Rows", "jakarta.persistence.EntityManager rows;"),
            new Planted("jax_rs_stays_at_the_doors", "realm.Web", "jakarta.ws.rs.core.Response response;"),
            new Planted("names_are_the_domain_s", "core.LinkHelper", ""),
            new Planted("statics_do_not_change", "core.Counter", "static int count;"),
            new Planted("time_and_waiting_are_injected", "core.Now", "Object now = java.time.Instant.now();"),
            new Planted("time_and_waiting_are_injected", "core.Millis", "long now = System.currentTimeMillis();"),
            new Planted(
                    "time_and_waiting_are_injected",
                    "core.Sleeper",
                    "void sleep() throws InterruptedException { Thread.sleep(1); }"),
            new Planted("time_and_waiting_are_injected", "core.Environment", "String path = System.getenv(\"PATH\");"),
            new Planted(
                    "keycloak_s_clock_is_read_by_the_composition_root_alone",
                    "platform.Clock",
                    "int now = org.keycloak.common.util.Time.currentTime();"),
            new Planted(
                    "constructors_take_seven_things_at_most",
                    "core.Crowded",
                    "Crowded(int a, int b, int c, int d, int e, int f, int g, int h) {}"),
            new Planted(
                    "methods_take_six_things_at_most",
                    "core.Laden",
                    "void carry(int a, int b, int c, int d, int e, int f, int g) {}"));

    /** A part that nobody has heard of, so that {@code member.Wiring} has one to construct. */
    private static final Planted PART = new Planted("", "link.Newcomer", "");

    record Source(String name, String text) {}

    private JavaClasses withPlanted;

    @BeforeAll
    void plant(@TempDir Path folder) throws URISyntaxException {
        List<Source> sources = Stream.concat(PLANTED.stream(), Stream.of(PART))
                .map(Planted::source)
                .toList();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<SimpleJavaFileObject> units = sources.stream()
                .<SimpleJavaFileObject>map(PlantedViolationsTest::inMemory)
                .toList();
        List<String> options =
                List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        compiler.getTask(null, null, problems, options, null, units).call();
        assertThat(problems.getDiagnostics().stream().filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR))
                .isEmpty();
        Path ours = Path.of(EnterpriseConnect.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        withPlanted = new ClassFileImporter().importPaths(ours, folder);
    }

    private static SimpleJavaFileObject inMemory(Source source) {
        URI address = URI.create("string:///" + source.name().replace('.', '/') + ".java");
        return new SimpleJavaFileObject(address, SimpleJavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source.text();
            }
        };
    }

    static Stream<Planted> planted() {
        return PLANTED.stream();
    }

    @ParameterizedTest
    @MethodSource("planted")
    void a_planted_violation_is_seen(Planted planted) throws ReflectiveOperationException {
        ArchRule rule = (ArchRule)
                ArchitectureTest.class.getDeclaredField(planted.rule()).get(null);

        assertThat(rule.evaluate(withPlanted).getFailureReport().toString()).contains(planted.name());
    }

    @Test
    void every_rule_has_its_planted_violation() {
        assertThat(PLANTED.stream().map(Planted::rule).distinct())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ArchitectureTest.class.getDeclaredFields())
                        .filter(field -> field.isAnnotationPresent(ArchTest.class))
                        .map(field -> field.getName())
                        .toList());
    }

    @Test
    void a_class_of_three_hundred_and_one_lines_is_too_long(@TempDir Path sources) throws IOException {
        Path atMost = Files.writeString(sources.resolve("AtMost.java"), "\n".repeat(300));
        Path longer = Files.writeString(sources.resolve("Longer.java"), "\n".repeat(301));

        assertThat(ArchitectureTest.longerThanThreeHundredLines(sources))
                .contains(longer)
                .doesNotContain(atMost);
    }

    @Test
    void a_third_class_in_the_root_package_is_seen(@TempDir Path sources) throws IOException {
        Path root = Files.createDirectories(sources.resolve(ROOT.replace('.', '/')));
        Files.writeString(root.resolve("Third.java"), "");

        assertThat(ArchitectureTest.inRootPackage(sources)).containsExactly("Third.java");
    }
}
