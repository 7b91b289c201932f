package io.github.enterpriseconnect.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.persistence.PersistenceException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keycloak.events.Event;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakTransaction;
import org.keycloak.models.KeycloakTransactionManager;

/** Keycloak passes over what its event listeners throw, and then commits, or rolls back without a word. */
class LostTransactionTest {
    private final PersistenceException rolledBack = new PersistenceException("the database has rolled back");

    /** What Keycloak asks before it commits; if one throws, it rolls all back and passes that on. */
    private final List<KeycloakTransaction> beforeCommit = new ArrayList<>();

    /** What Keycloak commits or rolls back with its own; it passes on what one throws, after the others. */
    private final List<KeycloakTransaction> together = new ArrayList<>();

    private final KeycloakTransactionManager manager = (KeycloakTransactionManager) Proxy.newProxyInstance(
            LostTransactionTest.class.getClassLoader(),
            new Class<?>[] {KeycloakTransactionManager.class},
            (proxy, method, arguments) -> {
                List<KeycloakTransaction> list = method.getName().equals("enlistPrepare") ? beforeCommit : together;
                KeycloakTransaction enlisted = (KeycloakTransaction) arguments[0];
                enlisted.begin();
                list.add(enlisted);
                return null;
            });

    private final KeycloakSession session = (KeycloakSession) Proxy.newProxyInstance(
            LostTransactionTest.class.getClassLoader(),
            new Class<?>[] {KeycloakSession.class},
            (proxy, method, arguments) -> manager);

    private void listener(RuntimeException failure) {
        assertThatThrownBy(() -> LostTransaction.unlessDone(session, () -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void whoever_asked_learns_of_a_failure_of_the_database_when_keycloak_commits() {
        listener(rolledBack);

        assertThat(beforeCommit).singleElement().satisfies(one -> assertThatThrownBy(one::commit)
                .isSameAs(rolledBack));
    }

    /** Hibernate has marked the transaction, and Keycloak does not even try to commit. */
    @Test
    void whoever_asked_learns_of_it_when_keycloak_rolls_back() {
        listener(new IllegalStateException(rolledBack));

        assertThat(together).singleElement().satisfies(one -> assertThatThrownBy(one::rollback)
                .hasCause(rolledBack));
    }

    @Test
    void whoever_refreshes_tokens_learns_of_it() {
        KeycloakTransactionManager lost = (KeycloakTransactionManager) Proxy.newProxyInstance(
                LostTransactionTest.class.getClassLoader(),
                new Class<?>[] {KeycloakTransactionManager.class},
                (proxy, method, arguments) ->
                        method.getName().equals("getRollbackOnly") ? true : method.invoke(manager, arguments));
        KeycloakSession failing = (KeycloakSession) Proxy.newProxyInstance(
                LostTransactionTest.class.getClassLoader(),
                new Class<?>[] {KeycloakSession.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("realms")) {
                        throw rolledBack;
                    }
                    return lost;
                });
        Event event = new Event();
        event.setType(EventType.REFRESH_TOKEN);
        event.setUserId("maria");
        event.setRealmId("realm");

        assertThatThrownBy(() -> new UserEventListener().create(failing).onEvent(event))
                .isSameAs(rolledBack);
        assertThat(beforeCommit).hasSize(1);
    }

    @Test
    void a_failure_of_another_kind_leaves_keycloaks_transaction_alone() {
        listener(new IllegalStateException("a directory is silent"));

        assertThat(beforeCommit).isEmpty();
        assertThat(together).isEmpty();
    }
}
