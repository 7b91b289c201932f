package io.github.enterpriseconnect.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakTransactionManager;

/** What the database has undone says nothing of whom a token is for. */
class RequestTransactionTest {
    private final List<String> done = new ArrayList<>();
    private boolean failed;

    private final KeycloakTransactionManager manager = (KeycloakTransactionManager) Proxy.newProxyInstance(
            RequestTransactionTest.class.getClassLoader(),
            new Class<?>[] {KeycloakTransactionManager.class},
            (proxy, method, arguments) -> {
                if (method.getName().equals("getRollbackOnly")) {
                    return failed;
                }
                done.add(method.getName());
                return null;
            });

    private final RequestTransaction transaction = new RequestTransaction((KeycloakSession) Proxy.newProxyInstance(
            RequestTransactionTest.class.getClassLoader(),
            new Class<?>[] {KeycloakSession.class},
            (proxy, method, arguments) -> manager));

    @Test
    void nobody_is_served_by_one_that_has_failed() {
        failed = true;

        for (TokenRefused refused : List.of(
                catchThrowableOfType(TokenRefused.class, transaction::require),
                catchThrowableOfType(TokenRefused.class, transaction::end))) {
            assertThat(refused.error()).isEqualTo(TokenError.TEMPORARILY_UNAVAILABLE);
        }
        assertThat(done).isEmpty();
        assertThat(transaction.lasts()).isFalse();
    }

    @Test
    void one_that_is_well_is_committed_and_nothing_is_written_in_it_afterwards() {
        assertThatCode(transaction::require).doesNotThrowAnyException();
        assertThat(transaction.lasts()).isTrue();

        assertThatCode(transaction::end).doesNotThrowAnyException();

        assertThat(done).containsExactly("commit");
        assertThat(transaction.lasts()).isFalse();
    }
}
