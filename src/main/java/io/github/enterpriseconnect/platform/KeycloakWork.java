package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.storage.CredentialAttribute;
import io.github.enterpriseconnect.storage.CredentialStore;
import io.github.enterpriseconnect.storage.Storage;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.cache.CachedRealmModel;

/** A realm within the transaction of one of Keycloak's sessions. Nothing is looked up before it is asked for. */
public final class KeycloakWork implements Work {
    private static final Logger LOG = Logger.getLogger(KeycloakWork.class);

    private final KeycloakSession session;
    private final RealmModel model;
    private @Nullable Storage storage;

    KeycloakWork(KeycloakSession session, RealmModel model) {
        this.session = session;
        this.model = model;
    }

    public KeycloakSession session() {
        return session;
    }

    /** The realm as Keycloak knows it. */
    public RealmModel model() {
        return model;
    }

    /**
     * Has the realm be read as the database has it from now on, past Keycloak's cache, which hears a moment later of what
     * another transaction has committed.
     */
    public void readRealmAnew() {
        if (model instanceof CachedRealmModel cached) {
            RealmModel unused = cached.getDelegateForUpdate();
        }
    }

    /** A user whom the caller holds already, without looking them up again. */
    public KeycloakUser user(UserModel user) {
        return KeycloakUser.toShow(session, model, user);
    }

    /**
     * The user of this id to write to, not to decide on: as Keycloak's own table has them, so that no directory is asked
     * that has been imported from; null if there is none. Throws as {@link Users#byId} does.
     */
    public @Nullable UserModel addressee(String id) {
        return new KeycloakUsers(session, model).row(id);
    }

    @Override
    public Realm realm() {
        return new KeycloakRealm(session, model);
    }

    @Override
    public Users users() {
        return new KeycloakUsers(session, model);
    }

    @Override
    public CredentialStore credentials() {
        return new CredentialAttribute(session, model);
    }

    @Override
    public Storage storage() {
        if (storage == null) {
            storage = Storage.of(session, model);
        }
        return storage;
    }

    @Override
    public Sessions sessions() {
        return new KeycloakSessions(session, model);
    }

    @Override
    public void afterCommit(Runnable followUp) {
        session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                followUp.run();
            }

            @Override
            protected void rollbackImpl() {}
        });
    }

    @Override
    public void announce(CalendarChanged changed) {
        KeycloakSessionFactory factory = session.getKeycloakSessionFactory();
        afterCommit(() -> {
            try {
                factory.publish(changed);
            } catch (RuntimeException e) {
                // Deliberately everything: listeners are anybody's, and what was committed has happened.
                LOG.warn("somebody who listens has failed over what has happened to a calendar", e);
            }
        });
    }
}
