package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.storage.DatabaseFailure;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;

/**
 * Has whoever asked for something learn that it was not done. Keycloak passes over what its event listeners throw; if that
 * came from the database, Keycloak's transaction is lost, and Keycloak would roll it back after it has answered that all
 * was well.
 */
final class LostTransaction {
    private LostTransaction() {}

    /** Does what may fail; a failure of the database fails the session's transaction, and with it the request. */
    static void unlessDone(KeycloakSession session, Runnable deed) {
        try {
            deed.run();
        } catch (RuntimeException e) {
            // Deliberately everything, and all of it is thrown on.
            if (DatabaseFailure.behind(e)) {
                tell(session, e);
            }
            throw e;
        }
    }

    private static void tell(KeycloakSession session, RuntimeException failure) {
        // The one keeps Keycloak from committing; the other tells of it where nobody even tries.
        session.getTransactionManager().enlistPrepare(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                throw failure;
            }

            @Override
            protected void rollbackImpl() {}
        });
        session.getTransactionManager().enlist(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                throw failure;
            }

            @Override
            protected void rollbackImpl() {
                throw failure;
            }
        });
    }
}
