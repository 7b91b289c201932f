package io.github.enterpriseconnect.storage;

import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import org.keycloak.models.ModelDuplicateException;

/**
 * Tells failures of the database, which whoever opened the transaction must hear of, from all others. A transaction of
 * somebody else's must not go on after one: the database may have undone what was done in it already, and would commit the
 * rest.
 */
public final class DatabaseFailure {
    private DatabaseFailure() {}

    /** Whether it is the database that has failed, rather than something else that was asked in the transaction. */
    public static boolean behind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PersistenceException
                    || cause instanceof ModelDuplicateException
                    || cause instanceof SQLException) {
                return true;
            }
        }
        return false;
    }
}
