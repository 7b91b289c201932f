package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.revocation.UserChanges;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/** What one of Keycloak's transactions does in one realm, as our listeners hear of it, until it commits. */
final class KeycloakChanges {
    private static final Logger LOG = Logger.getLogger(KeycloakChanges.class);

    private final KeycloakWork work;
    private final UserChanges.Noted noted;
    private final Links links;

    private KeycloakChanges(KeycloakWork work, UserChanges.Noted noted, Links links) {
        this.work = work;
        this.noted = noted;
        this.links = links;
    }

    /** Those of the session's transaction; the first who asks has them judged right before it commits. */
    static KeycloakChanges of(KeycloakSession session, RealmModel realm) {
        EnterpriseConnectProvider parts = session.getProvider(EnterpriseConnectProvider.class);
        String key = KeycloakChanges.class.getName() + " " + realm.getId();
        UserChanges.Noted noted = Optional.ofNullable(session.getAttribute(key, UserChanges.Noted.class))
                .orElseGet(() -> begin(session, realm.getId(), key, parts.userChanges()));
        return new KeycloakChanges(KeycloakTransactions.joined(session, realm), noted, parts.links());
    }

    private static UserChanges.Noted begin(KeycloakSession session, String realmId, String key, UserChanges changes) {
        UserChanges.Noted created = new UserChanges.Noted();
        session.setAttribute(key, created);
        session.getTransactionManager().enlistPrepare(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                judge(session, realmId, created, changes);
            }

            @Override
            protected void rollbackImpl() {}
        });
        session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
            @Override
            protected void commitImpl() {
                changes.committed(created);
            }

            @Override
            protected void rollbackImpl() {}
        });
        return created;
    }

    private static void judge(KeycloakSession session, String realmId, UserChanges.Noted noted, UserChanges changes) {
        RealmModel before = session.getContext().getRealm();
        try {
            RealmModel realm = session.realms().getRealm(realmId);
            if (realm != null) {
                session.getContext().setRealm(realm);
                changes.judge(KeycloakTransactions.joined(session, realm), noted);
            }
        } catch (RuntimeException e) {
            // Deliberately everything, as in UserChanges: Keycloak's change must not fail because of us.
            LOG.errorf(e, "what ended in realm %s could not be judged", realmId);
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

    /** The organization is being removed, its members before it. */
    void organizationRemoved(String organization) {
        LinkId link = link(organization);
        links.organizationRemoved(work, link);
        noted.removed(link);
        work.afterCommit(() -> links.unlinked(link));
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
