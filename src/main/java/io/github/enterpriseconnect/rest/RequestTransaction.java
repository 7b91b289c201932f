package io.github.enterpriseconnect.rest;

import java.time.Duration;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakTransactionManager;

/**
 * The transaction that Keycloak has begun for a request for a token. Where it has failed, Keycloak rolls it back after the
 * answer, whatever that says: nobody is served by what was found out in it.
 */
final class RequestTransaction {
    private static final Logger LOG = Logger.getLogger(RequestTransaction.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final KeycloakTransactionManager transaction;
    private boolean ended;

    RequestTransaction(KeycloakSession session) {
        transaction = session.getTransactionManager();
    }

    /** Whether what is written in it will last. */
    boolean lasts() {
        return !ended && !transaction.getRollbackOnly();
    }

    /** Goes on only if it has not failed. */
    void require() throws TokenRefused {
        if (transaction.getRollbackOnly()) {
            LOG.warn("the transaction of a request for a token has failed");
            throw new TokenRefused(
                    TokenError.TEMPORARILY_UNAVAILABLE, "The request could not be completed; send it again.", AGAIN);
        }
    }

    /** Ends it, before anything that may take its time. */
    void end() throws TokenRefused {
        require();
        ended = true;
        transaction.commit();
    }
}
