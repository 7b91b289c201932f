package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Unreadable;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;

/**
 * Tells failures of the database, which whoever opened the transaction must hear of, from all others. A transaction of
 * somebody else's must not go on after one: the database may have undone what was done in it already, and would commit the
 * rest.
 */
public final class DatabaseFailure {
    private DatabaseFailure() {}

    /**
     * Whether it is Keycloak's database that has failed while a directory was asked. A directory may be in a database of
     * its own and fail by the same exceptions; only a failure of Keycloak's own keeps its transaction from being committed.
     */
    public static boolean whileAskingDirectory(KeycloakSession session) {
        return session.getTransactionManager().getRollbackOnly();
    }

    /**
     * Whether it is the database that has failed, rather than something else that was asked in the transaction. What is
     * known to have been a directory is none, whatever the directory is kept in.
     */
    public static boolean behind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Unreadable) {
                return false;
            }
            if (cause instanceof PersistenceException
                    || cause instanceof ModelDuplicateException
                    || cause instanceof SQLException) {
                return true;
            }
        }
        return false;
    }
}
