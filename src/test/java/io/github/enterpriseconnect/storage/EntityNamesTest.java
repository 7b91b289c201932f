package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.keycloak.connections.jpa.JpaConnectionProvider;

/** Keycloak has one persistence unit for its entities and ours: no server starts if two have the same name. */
class EntityNamesTest {
    private static final Pattern CLASS = Pattern.compile("<class>[^<]*\\.(\\w+)</class>");

    @Test
    void no_entity_of_ours_is_called_as_one_of_keycloaks() throws IOException {
        List<String> keycloaks = CLASS.matcher(persistenceUnit())
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();

        assertThat(keycloaks).contains("UserEntity", "ResourceEntity");
        assertThat(new Tables().getEntities())
                .allSatisfy(entity -> assertThat(keycloaks).doesNotContain(entity.getSimpleName()));
    }

    private static String persistenceUnit() throws IOException {
        try (InputStream file = Objects.requireNonNull(
                JpaConnectionProvider.class.getClassLoader().getResourceAsStream("default-persistence.xml"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
