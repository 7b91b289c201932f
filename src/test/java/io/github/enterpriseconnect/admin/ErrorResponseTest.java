package io.github.enterpriseconnect.admin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** In which letters the admin API tells errors. */
class ErrorResponseTest {
    @Test
    void every_error_of_the_admin_api_says_that_it_is_in_utf_8() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ErrorResponse.class.getName())
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(org.keycloak.services.ErrorResponse.class.getName())
                .because("ErrorResponse of this package says the charset")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(ErrorResponse.class.getPackageName()));
    }
}
