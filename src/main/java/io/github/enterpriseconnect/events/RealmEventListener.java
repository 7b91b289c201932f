package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.StatelessFactory;
import io.github.enterpriseconnect.realm.AccountClient;
import io.github.enterpriseconnect.realm.ConsoleClient;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import java.util.Set;
import org.keycloak.Config;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Hears when an administrator flips the switch, replaces the user profile, renames the realm or removes a client scope,
 * or removes or renames one of our clients, in every realm without being configured, and has the realm completed in the same
 * transaction; and when a component is changed, which may bring a lost key back.
 */
public final class RealmEventListener implements EventListenerProviderFactory, StatelessFactory<EventListenerProvider> {
    private static final Set<ResourceType> RELEVANT = Set.of(
            ResourceType.REQUIRED_ACTION,
            ResourceType.REQUIRED_ACTION_CONFIG,
            ResourceType.USER_PROFILE,
            ResourceType.REALM,
            ResourceType.CLIENT_SCOPE);

    @Override
    public String getId() {
        return EnterpriseConnect.ID;
    }

    @Override
    public boolean isGlobal() {
        return true;
    }

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new EventListenerProvider() {
            @Override
            public void onEvent(Event event) {}

            @Override
            public void onEvent(AdminEvent event, boolean includeRepresentation) {
                LostTransaction.unlessDone(session, () -> complete(event));
                if (event.getError() == null && event.getResourceType() == ResourceType.COMPONENT) {
                    componentChanged(event.getRealmId());
                }
            }

            // It may have been a key provider, or our settings; nothing of the event tells when one is removed.
            private void componentChanged(String realmId) {
                EnterpriseConnectProvider parts = session.getProvider(EnterpriseConnectProvider.class);
                session.getTransactionManager().enlistAfterCompletion(new AbstractKeycloakTransaction() {
                    @Override
                    protected void commitImpl() {
                        parts.linkExamination().keysChanged(realmId);
                        parts.reconciler().componentsChanged(realmId);
                        parts.removedRealms().changed(realmId);
                    }

                    @Override
                    protected void rollbackImpl() {}
                });
            }

            private void complete(AdminEvent event) {
                RealmModel realm = maybeRelevant(event) ? session.realms().getRealm(event.getRealmId()) : null;
                boolean ofConsole =
                        realm != null && ofClient(event) && ConsoleClient.isAt(realm, event.getResourcePath());
                if (realm == null
                        || (ofClient(event) && !ofConsole && !AccountClient.isAt(realm, event.getResourcePath()))) {
                    return;
                }
                RealmSetup setup =
                        session.getProvider(EnterpriseConnectProvider.class).realmSetup();
                setup.complete(session, realm);
                if (ofConsole && realm.getName().equals(Config.getAdminRealm())) {
                    setup.restoreConsole(session);
                }
            }

            private boolean maybeRelevant(AdminEvent event) {
                return event.getError() == null && (ofClient(event) || RELEVANT.contains(event.getResourceType()));
            }

            private boolean ofClient(AdminEvent event) {
                return event.getResourceType() == ResourceType.CLIENT
                        && (event.getOperationType() == OperationType.DELETE
                                || event.getOperationType() == OperationType.UPDATE);
            }

            @Override
            public void close() {}
        };
    }
}
