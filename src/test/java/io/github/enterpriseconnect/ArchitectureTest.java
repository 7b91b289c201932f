package io.github.enterpriseconnect;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of docs/architecture.md, and what no class of ours may do. */
@AnalyzeClasses(packages = "io.github.enterpriseconnect", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.github.enterpriseconnect";
    private static final String[] MIDDLE = {
        ROOT + ".server..",
        ROOT + ".token..",
        ROOT + ".member..",
        ROOT + ".realm..",
        ROOT + ".delegation..",
        ROOT + ".link..",
        ROOT + ".revocation..",
        ROOT + ".candidate..",
        ROOT + ".credential..",
        ROOT + ".platform..",
        ROOT + ".settings.."
    };

    @ArchTest
    static final ArchRule arrows_point_one_way = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("login")
            .definedBy(ROOT + ".login..")
            .layer("rest")
            .definedBy(ROOT + ".rest..")
            .layer("admin")
            .definedBy(ROOT + ".admin..")
            .layer("events")
            .definedBy(ROOT + ".events..")
            .layer("middle")
            .definedBy(MIDDLE)
            .layer("cronofy")
            .definedBy(ROOT + ".cronofy..")
            .layer("storage")
            .definedBy(ROOT + ".storage..")
            .layer("core")
            .definedBy(ROOT + ".core..")
            .whereLayer("login")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("rest")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("admin")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("events")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("middle")
            .mayOnlyBeAccessedByLayers("login", "rest", "admin", "events")
            .whereLayer("cronofy")
            .mayOnlyBeAccessedByLayers("middle")
            .whereLayer("storage")
            .mayOnlyBeAccessedByLayers("middle");

    @ArchTest
    static final ArchRule the_core_knows_nobody = classes()
            .that()
            .resideInAPackage(ROOT + ".core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + ".core..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_wire_knows_no_keycloak = noClasses()
            .that()
            .resideInAPackage(ROOT + ".cronofy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.keycloak..", "jakarta..");

    @ArchTest
    static final ArchRule jpa_stays_in_storage = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".storage..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.persistence..", "org.hibernate..");

    @ArchTest
    static final ArchRule jax_rs_stays_at_the_edges = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".rest..", ROOT + ".admin..", ROOT + ".login..")
            .and()
            .haveNameNotMatching(".*\\.SettingsComponent(\\$.*)?") // The edge to Keycloak's own components API.
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
}
