package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which users Keycloak's own table has, and from where. */
class UserDirectoryTest {
    private final TestTables tables = new TestTables();

    @Test
    void users_of_the_realm_are_told_with_the_directory_that_they_were_imported_from() {
        tables.inTransaction(entities -> {
            entities.persist(new TestUserEntity("local", "realm", null));
            entities.persist(new TestUserEntity("imported", "realm", "ldap"));
            entities.persist(new TestUserEntity("elsewhere", "another", null));
            return true;
        });

        assertThat(tables.<Map<String, Optional<String>>>inTransaction(entities ->
                        UserDirectory.known(entities, "realm", List.of("local", "imported", "elsewhere", "gone"))))
                .isEqualTo(Map.of("local", Optional.empty(), "imported", Optional.of("ldap")));
    }
}
