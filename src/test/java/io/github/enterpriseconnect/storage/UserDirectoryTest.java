package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    private void named() {
        tables.inTransaction(entities -> {
            for (String[] user : new String[][] {
                {"boss", "realm", null, "bOss@Acme.example"},
                {"maria", "realm", null, "M.Rossi@acme.example"},
                {"lara", "realm", "ldap", "lara@acme.example"},
                {"zoe", "another", null, "zoe@acme.example"}
            }) {
                TestUserEntity entity = new TestUserEntity(user[0], user[1], user[2]);
                entities.persist(entity);
                entities.persist(new TestUserAttributeEntity(entity, "upn", user[3]));
                entities.persist(new TestUserAttributeEntity(entity, "nickname", "boss@acme.example"));
            }
            entities.persist(new TestFederatedUserAttributeEntity("f:x:kim", "realm", "upn", "KIM@acme.example"));
            return true;
        });
    }

    @Test
    void a_name_is_found_in_whatever_capitals_somebody_else_writes_it() {
        named();

        Set<String> names = tables.inTransaction(
                entities -> UserDirectory.names(entities, "upn", List.of("maria", "boss", "nobody")));
        assertThat(names).containsExactlyInAnyOrder("m.rossi@acme.example", "boss@acme.example");
        Set<String> spellings = tables.inTransaction(entities ->
                UserDirectory.spellings(entities, "upn", List.of("boss@acme.example", "nora@acme.example")));
        assertThat(spellings).containsExactly("bOss@Acme.example");
        assertThat(holders("mallory", spellings)).containsExactly("boss");
        assertThat(holders("boss", spellings)).isEmpty();
        assertThat(holders("mallory", Set.of("zoe@acme.example"))).isEmpty();
    }

    private List<String> holders(String askedBy, Set<String> spellings) {
        return tables.inTransaction(
                entities -> UserDirectory.anybodyElse(entities, "realm", "upn", spellings, askedBy));
    }

    @Test
    void a_name_is_found_of_users_whom_a_directory_keeps_to_itself() {
        named();

        assertThat(elsewhere("realm", "kim@acme.example", "mallory")).isTrue();
        assertThat(elsewhere("realm", "kim@acme.example", "f:x:kim")).isFalse();
        assertThat(elsewhere("another", "kim@acme.example", "mallory")).isFalse();
    }

    private boolean elsewhere(String realm, String name, String askedBy) {
        return tables.inTransaction(entities -> UserDirectory.anybodyElsewhere(entities, realm, "upn", name, askedBy));
    }

    @Test
    void users_of_whom_an_attribute_says_something_are_counted_but_for_those_of_some_directories() {
        named();

        assertThat(count(List.of())).isEqualTo(4);
        assertThat(count(List.of("ldap"))).isEqualTo(3);
        assertThat(count(List.of("other"))).isEqualTo(4);
    }

    private long count(List<String> directories) {
        return tables.inTransaction(entities -> UserDirectory.countNamed(entities, "realm", "upn", directories));
    }
}
