package io.github.enterpriseconnect.platform;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.storage.Storage;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Short transactions of their own, each with a fresh session, for work that is done in steps: claim in one, call Cronofy
 * with none open, record in another.
 */
public final class Transactions {
    private static final int TRIES = 3;

    private final KeycloakSessionFactory factory;
    private final ObjectMapper json;

    public Transactions(KeycloakSessionFactory factory, ObjectMapper json) {
        this.factory = factory;
        this.json = json;
    }

    /** The realm and its stores, within one transaction. */
    public record Work(KeycloakSession session, RealmModel realm, Storage storage) {}

    /** The realm is gone; whatever was to be done in it is pointless. */
    public static final class RealmGone extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Does the work in a transaction, again if another node changed the same rows meanwhile. The work must therefore have
     * no effect outside the transaction.
     */
    public <T> T inRealm(String realmId, Function<Work, T> work) {
        return inServer(session -> work.apply(work(session, realmId)));
    }

    public void doInRealm(String realmId, Consumer<Work> work) {
        inRealm(realmId, context -> {
            work.accept(context);
            return true;
        });
    }

    /**
     * Reads our tables in a transaction of its own, so that nothing that fails there spoils the session's own. Keycloak's
     * models stay those of the session, which may hold what it has not committed yet.
     */
    public <T> T readBeside(KeycloakSession session, RealmModel realm, Function<Work, T> read) {
        return inRealm(realm.getId(), own -> read.apply(new Work(session, realm, own.storage())));
    }

    /** Claims something in a transaction; empty also if another node was faster. */
    public <T> Optional<T> claimInRealm(String realmId, Function<Work, Optional<T>> claim) {
        return claimInServer(session -> claim.apply(work(session, realmId)));
    }

    /** As {@link #inRealm}, for what belongs to no realm. */
    public <T> T inServer(Function<KeycloakSession, T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return KeycloakModelUtils.runJobInTransactionWithResult(factory, work::apply);
            } catch (RuntimeException e) {
                // Keycloak wraps a lost race in several unchecked exceptions; everything else goes on as it is.
                if (attempt == TRIES || !Storage.conflict(e)) {
                    throw e;
                }
            }
        }
    }

    public void doInServer(Consumer<KeycloakSession> work) {
        inServer(session -> {
            work.accept(session);
            return true;
        });
    }

    /** As {@link #claimInRealm}, for what belongs to no realm. */
    public <T> Optional<T> claimInServer(Function<KeycloakSession, Optional<T>> claim) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(factory, claim::apply);
        } catch (RuntimeException e) {
            // As above, but whoever lost a claim has nothing to try again.
            if (Storage.conflict(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Work work(KeycloakSession session, String realmId) {
        RealmModel realm = session.realms().getRealm(realmId);
        if (realm == null) {
            throw new RealmGone();
        }
        session.getContext().setRealm(realm);
        return new Work(session, realm, Storage.of(session, realm, json));
    }
}
