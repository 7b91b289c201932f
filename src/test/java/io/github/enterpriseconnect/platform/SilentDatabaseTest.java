package io.github.enterpriseconnect.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.storage.DatabaseFailure;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakTransactionManager;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserProvider;

/** A directory may be kept in a database of its own, which fails by the same exceptions as Keycloak's. */
class SilentDatabaseTest {
    private static final String USER = "f:legacy:maria";
    private final RuntimeException failure = new IllegalStateException(new SQLException("no connection"));

    private KeycloakUsers users(boolean lost) {
        KeycloakTransactionManager transaction =
                answering(KeycloakTransactionManager.class, Map.of("getRollbackOnly", lost));
        UserProvider users = answering(UserProvider.class, Map.of());
        ComponentModel directory = new ComponentModel();
        directory.setId("legacy");
        return new KeycloakUsers(
                answering(KeycloakSession.class, Map.of("getTransactionManager", transaction, "users", users)),
                answering(RealmModel.class, Map.of("getComponent", directory)));
    }

    /** Fails where no answer is given. */
    private <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                SilentDatabaseTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object answer = answers.get(method.getName());
                    if (answer == null) {
                        throw failure;
                    }
                    return answer;
                }));
    }

    @Test
    void a_directory_whose_own_database_is_away_is_silent_and_no_failure_of_keycloaks() {
        assertThatThrownBy(() -> users(false).byId(USER))
                .isInstanceOf(DirectorySilent.class)
                .satisfies(silent -> assertThat(DatabaseFailure.behind(silent)).isFalse());
    }

    @Test
    void whoever_asked_learns_of_it_where_keycloaks_transaction_is_lost() {
        assertThatThrownBy(() -> users(true).byId(USER)).isSameAs(failure);
    }
}
