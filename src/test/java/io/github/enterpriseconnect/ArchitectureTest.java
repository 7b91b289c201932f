package io.github.enterpriseconnect;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** The floors of docs/architecture.md, and what no class of ours may do. */
@AnalyzeClasses(packages = "io.github.enterpriseconnect", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.github.enterpriseconnect";
    private static final String[] DOORS = {ROOT + ".login", ROOT + ".rest", ROOT + ".admin", ROOT + ".events"};

    /** From the top floor down; packages on one floor do not know each other. */
    private static final List<List<String>> FLOORS = List.of(
            List.of("login", "rest", "admin", "events"),
            List.of("server"),
            List.of("token", "member", "realm"),
            List.of("delegation", "link", "resource"),
            List.of("revocation", "notification"),
            List.of("candidate", "credential", "budget"),
            List.of("platform"),
            List.of("storage", "cronofy", "settings"),
            List.of("core"));

    /** The middle, which is tested without a server. */
    private static final Set<String> WITHOUT_KEYCLOAK = Set.of(
            "token",
            "delegation",
            "link",
            "resource",
            "revocation",
            "notification",
            "candidate",
            "credential",
            "budget");

    @ArchTest
    static final ArchRule every_arrow_goes_down = floors();

    private static ArchRule floors() {
        Architectures architecture = new Architectures();
        return architecture.rule();
    }

    /** Builds the rule from the list of floors. */
    private static final class Architectures {
        ArchRule rule() {
            var layered = layeredArchitecture().consideringOnlyDependenciesInLayers();
            for (List<String> floor : FLOORS) {
                for (String room : floor) {
                    layered = layered.layer(room).definedBy(ROOT + "." + room);
                }
            }
            for (int i = 0; i < FLOORS.size(); i++) {
                String[] above =
                        FLOORS.subList(0, i).stream().flatMap(List::stream).toArray(String[]::new);
                for (String room : FLOORS.get(i)) {
                    layered = above.length == 0
                            ? layered.whereLayer(room).mayNotBeAccessedByAnyLayer()
                            : layered.whereLayer(room).mayOnlyBeAccessedByLayers(above);
                }
            }
            return layered;
        }
    }

    @ArchTest
    static final ArchRule every_class_has_a_room = classes()
            .should()
            .resideInAnyPackage(Stream.concat(
                            Stream.of(ROOT),
                            FLOORS.stream().flatMap(List::stream).map(room -> ROOT + "." + room))
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule packages_form_no_circle =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule classes_of_a_package_form_no_circle =
            slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

    /** A nested class counts as its outer one. */
    private static final class OutermostClasses implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            JavaClass outermost = type;
            while (outermost.getEnclosingClass().isPresent()) {
                outermost = outermost.getEnclosingClass().get();
            }
            return outermost.getPackageName().startsWith(ROOT)
                    ? SliceIdentifier.of(outermost.getName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "outermost classes";
        }
    }

    @ArchTest
    static final ArchRule the_parts_are_asked_for_at_the_doors_only = classes()
            .that()
            .haveNameMatching(".*\\.EnterpriseConnectProvider")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAnyPackage(
                    Stream.concat(Stream.of(ROOT + ".server"), Stream.of(DOORS)).toArray(String[]::new));

    @ArchTest
    static final ArchRule the_core_knows_nobody = classes()
            .that()
            .resideInAPackage(ROOT + ".core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + ".core..", "java..", "javax.crypto..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_wire_knows_no_keycloak = noClasses()
            .that()
            .resideInAPackage(ROOT + ".cronofy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.keycloak..", "jakarta..");

    /** Mails are written by Keycloak's themes; all else of the middle knows of Keycloak by {@code platform} alone. */
    @ArchTest
    static final ArchRule the_middle_knows_no_keycloak = noClasses()
            .that()
            .resideInAnyPackage(
                    WITHOUT_KEYCLOAK.stream().map(room -> ROOT + "." + room).toArray(String[]::new))
            .and()
            .haveNameNotMatching(".*\\.(NoticePost|InvitationMail)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.keycloak..", "jakarta..");

    @ArchTest
    static final ArchRule the_middle_is_wired_by_the_composition_root_alone = noClasses()
            .should(new ArchCondition<>("construct a part of another package, but for the composition root") {
                private final Set<JavaClass> made = new HashSet<>();

                @Override
                public void init(Collection<JavaClass> all) {
                    all.stream()
                            .filter(ArchitectureTest::isRoot)
                            .flatMap(type -> type.getConstructorCallsFromSelf().stream())
                            .map(JavaConstructorCall::getTargetOwner)
                            .filter(type -> type.getPackageName().startsWith(ROOT))
                            .forEach(made::add);
                }

                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    for (JavaConstructorCall call : type.getConstructorCallsFromSelf()) {
                        JavaClass part = call.getTargetOwner();
                        boolean allowed = isRoot(type) || type.getPackageName().equals(part.getPackageName());
                        if (!allowed && (made.contains(part) || isOfMiddle(part))) {
                            events.add(SimpleConditionEvent.satisfied(type, call.getDescription()));
                        }
                    }
                }
            })
            .allowEmptyShould(true);

    private static boolean isRoot(JavaClass type) {
        return type.getPackageName().equals(ROOT + ".server");
    }

    /** Whoever is made of what else is there, rather than of what is handed over with a question or an answer. */
    private static boolean isOfMiddle(JavaClass type) {
        return MIDDLE.contains(type.getPackageName())
                && type.getEnclosingClass().isEmpty()
                && !type.isRecord()
                && !type.isEnum()
                && !type.isAssignableTo(Throwable.class);
    }

    /** The floors between doors and platform. */
    private static final Set<String> MIDDLE = FLOORS.subList(2, 6).stream()
            .flatMap(List::stream)
            .map(room -> ROOT + "." + room)
            .collect(Collectors.toUnmodifiableSet());

    @ArchTest
    static final ArchRule jpa_stays_in_storage = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".storage..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.persistence..", "org.hibernate..");

    @ArchTest
    static final ArchRule jax_rs_stays_at_the_doors = noClasses()
            .that()
            .resideOutsideOfPackages(DOORS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.ws.rs..");

    @ArchTest
    static final ArchRule names_are_the_domain_s =
            noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Managers|Constants)(\\$.*)?");

    @ArchTest
    static final ArchRule statics_do_not_change = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .areNotEnums()
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule time_and_waiting_are_injected = noClasses()
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    @ArchTest
    static final ArchRule keycloak_s_clock_is_read_by_the_composition_root_alone = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".server")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.keycloak.common.util.Time");

    @ArchTest
    static final ArchRule constructors_take_seven_things_at_most =
            constructors().that().areDeclaredInClassesThat(new Handwritten()).should(takeAtMost(7));

    @ArchTest
    static final ArchRule methods_take_six_things_at_most =
            methods().that().areDeclaredInClassesThat(new Handwritten()).should(takeAtMost(6));

    /** Records are written for their components, which may be many; lambdas are not written by anybody. */
    private static final class Handwritten extends com.tngtech.archunit.base.DescribedPredicate<JavaClass> {
        Handwritten() {
            super("are no records");
        }

        @Override
        public boolean test(JavaClass type) {
            return !type.isRecord();
        }
    }

    private static ArchCondition<JavaCodeUnit> takeAtMost(int most) {
        return new ArchCondition<>("take at most " + most + " things") {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                boolean written = !unit.getName().startsWith("lambda$");
                if (written && unit.getRawParameterTypes().size() > most) {
                    events.add(SimpleConditionEvent.violated(unit, unit.getDescription()));
                }
            }
        };
    }

    @Test
    void no_class_is_longer_than_three_hundred_lines() throws IOException {
        Assertions.assertThat(longerThanThreeHundredLines(Path.of("src/main/java")))
                .isEmpty();
    }

    static List<Path> longerThanThreeHundredLines(Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            List<Path> classes =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            Assertions.assertThat(classes).isNotEmpty();
            List<Path> longer = new ArrayList<>();
            for (Path source : classes) {
                if (Files.readAllLines(source).size() > 300) {
                    longer.add(source);
                }
            }
            return longer;
        }
    }

    @Test
    void the_root_package_holds_names_alone() throws IOException {
        Assertions.assertThat(inRootPackage(Path.of("src/main/java")))
                .containsExactlyInAnyOrder("EnterpriseConnect.java", "SettingsProvider.java", "package-info.java");
    }

    static List<String> inRootPackage(Path sources) throws IOException {
        try (Stream<Path> files = Files.list(sources.resolve(ROOT.replace('.', '/')))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }
}
