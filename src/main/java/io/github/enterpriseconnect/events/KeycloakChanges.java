package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.revocation.UserChanges;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import java.util.Optional;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/** What one of Keycloak's transactions does in one realm, as our listeners hear of it, until it commits. */
final class KeycloakChanges {
    private final KeycloakWork work;
    private final UserChanges.Noted noted;
    private final Links links;

    private KeycloakChanges(KeycloakWork work, UserChanges.Noted noted, Links links) {
        this.work = work;
        this.noted = noted;
        this.links = links;
    }

    /** Those of the session's transaction; the first who asks has them written down right before it commits. */
    static KeycloakChanges of(KeycloakSession session, RealmModel realm) {
        EnterpriseConnectProvider parts = session.getProvider(EnterpriseConnectProvider.class);
        String key = KeycloakChanges.class.getName() + " " + realm.getId();
        UserChanges.Noted noted = Optional.ofNullable(session.getAttribute(key, UserChanges.Noted.class))
                .orElseGet(() -> begin(session, realm.getId(), key, parts));
        return new KeycloakChanges(KeycloakTransactions.joined(session, realm), noted, parts.links());
    }

    private static UserChanges.Noted begin(
            KeycloakSession session, String realmId, String key, EnterpriseConnectProvider parts) {
        UserChanges.Noted created = new UserChanges.Noted();
        session.setAttribute(key, created);
        session.getTransactionManager().enlistPrepare(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                write(session, realmId, created, parts.userChanges());
            }

            @Override
            protected void rollbackImpl() {}
        });
        // Later than Keycloak's caches, through which the change came: they have forgotten by then what has changed.
        session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                parts.userChanges().committed(created);
                created.removedLinks().forEach(parts.links()::organizationRemoved);
            }

            @Override
            protected void rollbackImpl() {}
        });
        return created;
    }

    /** What fails here fails the transaction, and whoever asked for it is told. */
    private static void write(KeycloakSession session, String realmId, UserChanges.Noted noted, UserChanges changes) {
        RealmModel before = session.getContext().getRealm();
        try {
            RealmModel realm = session.realms().getRealm(realmId);
            if (realm != null) {
                session.getContext().setRealm(realm);
                changes.write(KeycloakTransactions.joined(session, realm), noted);
            }
        } finally {
            session.getContext().setRealm(before);
        }
    }

    void changed(String userId) {
        noted.changed(userId);
    }

    void removed(UserModel user) {
        noted.removed(work, work.user(user));
    }

    void proven(String userId, String by) {
        noted.proven(userId, by);
    }

    /** The realm is being removed, with all that was noted of it. */
    void realmRemoved() {
        noted.realmRemoved();
    }

    /** The organization is being removed, its members before it. */
    void organizationRemoved(String organization) {
        noted.removed(link(organization));
    }

    /** The organization was switched, or its domains were changed. */
    void organizationChanged(String organization) {
        LinkId link = link(organization);
        work.afterCommit(() -> links.changed(link));
    }

    private LinkId link(String organization) {
        return new LinkId(work.realm().id(), organization);
    }
}
