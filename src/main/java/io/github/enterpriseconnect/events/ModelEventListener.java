package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.storage.CredentialAttribute;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import org.jboss.logging.Logger;
import org.keycloak.models.GroupModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RoleModel;
import org.keycloak.models.UserModel;
import org.keycloak.provider.ProviderEvent;
import org.keycloak.provider.ProviderEventListener;

/** Hears of what Keycloak does to its models, through whatever interface somebody asked for it. */
final class ModelEventListener implements ProviderEventListener {
    private static final Logger LOG = Logger.getLogger(ModelEventListener.class);

    @Override
    public void onEvent(ProviderEvent event) {
        if (event instanceof RealmModel.RealmPostCreateEvent created) {
            KeycloakSession session = created.getKeycloakSession();
            RealmSetup setup = parts(session).realmSetup();
            setup.register(created.getCreatedRealm());
            setup.complete(session, created.getCreatedRealm());
            KeycloakWork work = KeycloakTransactions.joined(session, created.getCreatedRealm());
            String realmId = created.getCreatedRealm().getId();
            work.afterCommit(() -> setup.sealSecret(realmId));
            parts(session).removedRealms().created(work);
        } else if (event instanceof RealmModel.RealmRemovedEvent removed) {
            KeycloakSession session = removed.getKeycloakSession();
            KeycloakChanges.of(session, removed.getRealm()).realmRemoved();
            parts(session).removedRealms().removed(KeycloakTransactions.joined(session, removed.getRealm()));
        } else {
            try {
                onChange(event);
            } catch (RuntimeException e) {
                // Keycloak's change must not fail because of us, and the reconciliation comes later; but where the
                // database has failed, that change is lost already, and whoever asked for it has to be told.
                if (DatabaseFailure.behind(e)) {
                    throw e;
                }
                LOG.error("a change of users was not noticed at once", e);
            }
        }
    }

    private static EnterpriseConnectProvider parts(KeycloakSession session) {
        return session.getProvider(EnterpriseConnectProvider.class);
    }

    private static void onChange(ProviderEvent event) {
        if (event instanceof UserModel.UserPreRemovedEvent removed) {
            removed(removed.getKeycloakSession(), removed.getRealm(), removed.getUser());
        } else if (event instanceof UserModel.UserRemovedEvent removed) {
            removed(removed.getKeycloakSession(), removed.getRealm(), removed.getUser());
        } else if (event instanceof OrganizationModel.OrganizationMemberLeaveEvent left) {
            changed(left.getSession(), left.getUser());
        } else if (event instanceof OrganizationModel.OrganizationRemovedEvent removed) {
            KeycloakSession session = removed.getKeycloakSession();
            KeycloakChanges.of(session, session.getContext().getRealm())
                    .organizationRemoved(removed.getOrganization().getId());
        } else if (event instanceof GroupModel.GroupMemberJoinEvent joined) {
            changed(joined.getKeycloakSession(), joined.getUser());
        } else if (event instanceof GroupModel.GroupMemberLeaveEvent left) {
            changed(left.getKeycloakSession(), left.getUser());
        } else if (event instanceof RoleModel.RoleGrantedEvent granted) {
            changed(granted.getKeycloakSession(), granted.getUser());
        } else if (event instanceof RoleModel.RoleRevokedEvent revoked) {
            changed(revoked.getKeycloakSession(), revoked.getUser());
        }
    }

    /** Whoever carries something does so from a time when the realm had settings. */
    private static void removed(KeycloakSession session, RealmModel realm, UserModel user) {
        if (RealmSettings.component(realm).isPresent()
                || user.getFirstAttribute(CredentialAttribute.CREDENTIAL) != null) {
            KeycloakChanges.of(session, realm).removed(user);
        }
    }

    /** Realms without settings have nothing to do with us; these events are too frequent there to be looked at. */
    private static void changed(KeycloakSession session, UserModel user) {
        RealmModel realm = session.getContext().getRealm();
        if (realm != null && RealmSettings.component(realm).isPresent()) {
            KeycloakChanges.of(session, realm).changed(user.getId());
        }
    }
}
