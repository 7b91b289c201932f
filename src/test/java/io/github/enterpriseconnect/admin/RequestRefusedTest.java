package io.github.enterpriseconnect.admin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.keycloak.services.ErrorResponse;

/** In which letters the admin API tells errors. */
class RequestRefusedTest {
    @Test
    void every_error_of_the_admin_api_says_that_it_is_in_utf_8() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(RequestRefused.class.getName())
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(ErrorResponse.class.getName())
                .because("RequestRefused says the charset")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(RequestRefused.class.getPackageName()));
    }
}
