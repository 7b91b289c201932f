package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceConfiguration;
import jakarta.persistence.metamodel.EntityType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.keycloak.connections.jpa.JpaConnectionProvider;

/** Keycloak has one persistence unit for its entities and ours: no server starts if two have the same name. */
class PersistenceUnitTest {
    private static final Pattern CLASS = Pattern.compile("<class>\\s*([^<\\s]+)\\s*</class>");

    @Test
    void keycloaks_entities_and_ours_are_one_persistence_unit() throws IOException, ClassNotFoundException {
        PersistenceConfiguration both = new PersistenceConfiguration("both")
                .property(PersistenceConfiguration.JDBC_URL, "jdbc:h2:mem:both")
                .property("hibernate.boot.allow_jdbc_metadata_access", false)
                .property("hibernate.dialect", "org.hibernate.dialect.H2Dialect");
        for (MatchResult found : CLASS.matcher(persistenceUnit()).results().toList()) {
            both.managedClass(Class.forName(found.group(1)));
        }
        new Tables().getEntities().forEach(both::managedClass);

        try (EntityManagerFactory factory = both.createEntityManagerFactory()) {
            assertThat(factory.getMetamodel().getEntities())
                    .extracting(EntityType::getName)
                    .contains("UserEntity", "CalendarResourceEntity");
        }
    }

    private static String persistenceUnit() throws IOException {
        try (InputStream file = Objects.requireNonNull(
                JpaConnectionProvider.class.getClassLoader().getResourceAsStream("default-persistence.xml"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
