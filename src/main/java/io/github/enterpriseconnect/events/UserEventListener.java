package io.github.enterpriseconnect.events;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.BrokeredSignIn;
import io.github.enterpriseconnect.settings.RealmSettings;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.keycloak.Config;
import org.keycloak.events.Details;
import org.keycloak.events.Event;
import org.keycloak.events.EventListenerProvider;
import org.keycloak.events.EventListenerProviderFactory;
import org.keycloak.events.EventType;
import org.keycloak.events.admin.AdminEvent;
import org.keycloak.events.admin.OperationType;
import org.keycloak.events.admin.ResourceType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;

/**
 * Hears in every realm, without being configured, when users or organizations are changed and when a user proves an
 * address, and has what follows from it done in the same transaction.
 */
public final class UserEventListener implements EventListenerProviderFactory {
    private static final Logger LOG = Logger.getLogger(UserEventListener.class);
    private static final Set<EventType> CHANGES = Set.of(EventType.UPDATE_EMAIL, EventType.UPDATE_PROFILE);
    private static final Set<ResourceType> OF_USERS = Set.of(
            ResourceType.USER,
            ResourceType.GROUP_MEMBERSHIP,
            ResourceType.REALM_ROLE_MAPPING,
            ResourceType.ORGANIZATION_MEMBERSHIP);

    /** SCIM writes it with a capital letter. */
    private static final Pattern USER = Pattern.compile("[Uu]sers/([^/]+)");

    private static final Pattern ORGANIZATION = Pattern.compile("organizations/([^/]+)");

    @Override
    public String getId() {
        return EnterpriseConnect.ID + "-members";
    }

    @Override
    public boolean isGlobal() {
        return true;
    }

    @Override
    public EventListenerProvider create(KeycloakSession session) {
        return new EventListenerProvider() {
            @Override
            public void onEvent(Event event) {
                if (event.getError() == null && event.getUserId() != null && event.getRealmId() != null) {
                    LostTransaction.unlessDone(session, () -> byUser(session, event));
                }
            }

            @Override
            public void onEvent(AdminEvent event, boolean includeRepresentation) {
                if (event.getError() == null && event.getResourcePath() != null) {
                    LostTransaction.unlessDone(session, () -> byAdministrator(session, event));
                }
            }

            @Override
            public void close() {}
        };
    }

    private static void byUser(KeycloakSession session, Event event) {
        if (event.getType() == EventType.REFRESH_TOKEN) {
            refreshed(session, event);
            return;
        }
        boolean proves = event.getType() == EventType.VERIFY_EMAIL
                || event.getType() == EventType.UPDATE_EMAIL
                || event.getType() == EventType.REGISTER;
        if (!proves && !CHANGES.contains(event.getType())) {
            return;
        }
        settledRealm(session, event.getRealmId()).ifPresent(realm -> {
            KeycloakChanges changes = KeycloakChanges.of(session, realm);
            if (CHANGES.contains(event.getType())) {
                changes.changed(event.getUserId());
            }
            proof(session, event).ifPresent(by -> changes.proven(event.getUserId(), by));
        });
    }

    /** As good a reason to look at the user as a sign-in, and as cheap; no refresh of tokens fails because of us. */
    private static void refreshed(KeycloakSession session, Event event) {
        try {
            settledRealm(session, event.getRealmId())
                    .ifPresent(realm -> new RefreshedTokens(session, realm, event).lookFor());
        } catch (RuntimeException | LinkageError e) {
            // What the database has undone Keycloak must not answer as done; otherwise deliberately everything, a
            // mismatch of versions included.
            if (e instanceof RuntimeException lost
                    && session.getTransactionManager().getRollbackOnly()) {
                throw lost;
            }
            LOG.warnf(e, "user %s is not looked at when tokens are refreshed", event.getUserId());
        }
    }

    /** What proved the address, if the event proves it. */
    private static Optional<String> proof(KeycloakSession session, Event event) {
        Map<String, String> details = Objects.requireNonNullElse(event.getDetails(), Map.of());
        return switch (event.getType()) {
            case VERIFY_EMAIL -> Optional.of("VERIFY_EMAIL");
            // Without confirmation by mail Keycloak takes the verified flag away, unless nothing has changed at all.
            case UPDATE_EMAIL ->
                Optional.of("UPDATE_EMAIL")
                        .filter(by -> !Objects.equals(
                                details.get(Details.PREVIOUS_EMAIL), details.get(Details.UPDATED_EMAIL)));
            case REGISTER ->
                Optional.ofNullable(details.get(Details.IDENTITY_PROVIDER))
                        .filter(alias -> BrokeredSignIn.trusted(session, alias));
            default -> Optional.empty();
        };
    }

    private static void byAdministrator(KeycloakSession session, AdminEvent event) {
        if (OF_USERS.contains(event.getResourceType())) {
            Matcher user = USER.matcher(event.getResourcePath());
            if (user.find()) {
                settledRealm(session, event.getRealmId())
                        .ifPresent(realm -> KeycloakChanges.of(session, realm).changed(user.group(1)));
            }
        } else if (event.getResourceType() == ResourceType.ORGANIZATION
                && event.getOperationType() == OperationType.UPDATE) {
            Matcher organization = ORGANIZATION.matcher(event.getResourcePath());
            if (organization.find()) {
                settledRealm(session, event.getRealmId()).ifPresent(realm -> KeycloakChanges.of(session, realm)
                        .organizationChanged(organization.group(1)));
            }
        }
    }

    /** The realm, if it ever had anything to do with us: settings come first. */
    private static Optional<RealmModel> settledRealm(KeycloakSession session, String realmId) {
        return Optional.ofNullable(session.realms().getRealm(realmId))
                .filter(realm -> RealmSettings.component(realm).isPresent());
    }

    @Override
    public void init(Config.Scope config) {}

    /** What raises no event of these kinds is heard of by the models. */
    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(new ModelEventListener());
    }

    @Override
    public void close() {}
}
