package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.SettingsProvider;
import io.github.enterpriseconnect.platform.ClientSecret;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.storage.CredentialAttribute;
import io.github.enterpriseconnect.storage.RealmDirectory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionProviderModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.representations.userprofile.config.UPAttribute;
import org.keycloak.representations.userprofile.config.UPAttributePermissions;
import org.keycloak.representations.userprofile.config.UPConfig;
import org.keycloak.userprofile.UserProfileProvider;

/**
 * What a realm needs: the required action, present everywhere and off until somebody switches it on; and while it is
 * on, managed user-profile attributes, without which an administrator's save would wipe the credential, or its length
 * would keep the member from signing in, the client scope of consent, and the clients of our own pages.
 */
public final class RealmSetup {
    /** The client scope by which a user consents to a client's fetching tokens. */
    public static final String CONSENT_SCOPE = EnterpriseConnect.ID;

    private static final Logger LOG = Logger.getLogger(RealmSetup.class);
    private static final int AFTER_ALL_OTHERS = 10_000;
    private static final int LONGEST_CREDENTIAL = 65_536;

    /** Empty rather than absent: Keycloak's SCIM resources fail on attributes without. */
    private static final Map<String, Object> NO_ANNOTATIONS = Map.of();

    private final KeycloakTransactions transactions;

    public RealmSetup(KeycloakTransactions transactions) {
        this.transactions = transactions;
    }

    /** Brings every realm up to date once, after the server has started. */
    public void startUp() {
        forEach(session -> RealmDirectory.without(session, EnterpriseConnect.ID), work -> register(work.model()));
        forEach(session -> RealmDirectory.byDefault(session, EnterpriseConnect.ID), work -> keepApart(work.model()));
        forEach(
                session -> RealmDirectory.with(session, EnterpriseConnect.ID),
                work -> complete(work.session(), work.model()));
        forEach(
                session -> RealmDirectory.withComponent(session, SettingsProvider.class.getName()),
                work -> ClientSecret.sealStored(work.session(), work.model()));
    }

    /** Seals the client secret that a realm file may have brought in clear, once the realm is there with its keys. */
    public void sealSecret(String realmId) {
        forEach(session -> List.of(realmId), work -> ClientSecret.sealStored(work.session(), work.model()));
    }

    /** A realm that cannot be set up keeps neither the others nor the server from starting. */
    private void forEach(Function<KeycloakSession, List<String>> realms, Consumer<KeycloakWork> work) {
        for (String id : transactions.inSession(realms)) {
            try {
                transactions.inKeycloakRealm(id, realm -> {
                    work.accept(realm);
                    return true;
                });
            } catch (RuntimeException e) {
                // Deliberately everything: what is wrong with one realm is not known here and concerns no other.
                LOG.errorf(e, "realm %s could not be set up for Enterprise Connect", id);
            }
        }
    }

    /** Adds the required action "Enterprise Connect", switched off, unless the realm has it. */
    public void register(RealmModel realm) {
        keepApart(realm);
        if (realm.getRequiredActionProviderByAlias(EnterpriseConnect.ID) != null) {
            return;
        }
        RequiredActionProviderModel action = new RequiredActionProviderModel();
        action.setId(actionId(realm));
        action.setAlias(EnterpriseConnect.ID);
        action.setProviderId(EnterpriseConnect.ID);
        action.setName("Enterprise Connect");
        action.setEnabled(false);
        action.setDefaultAction(false);
        action.setPriority(AFTER_ALL_OTHERS);
        realm.addRequiredActionProvider(action);
    }

    /**
     * Takes back what Keycloak offers for required actions and what is no use for this one: being put on every new user,
     * who then could not sign in without a browser, and having another alias, by which nobody would find it.
     */
    private static void keepApart(RealmModel realm) {
        realm.getRequiredActionProvidersStream()
                .filter(action -> EnterpriseConnect.ID.equals(action.getProviderId()))
                .toList()
                .forEach(action -> keepApart(realm, action));
    }

    private static void keepApart(RealmModel realm, RequiredActionProviderModel action) {
        boolean renamed = !EnterpriseConnect.ID.equals(action.getAlias())
                && realm.getRequiredActionProviderByAlias(EnterpriseConnect.ID) == null;
        if (!renamed && !action.isDefaultAction()) {
            return;
        }
        if (renamed) {
            action.setAlias(EnterpriseConnect.ID);
        }
        action.setDefaultAction(false);
        realm.updateRequiredActionProvider(action);
        LOG.infof(
                "the required action %s of realm %s is no default action and keeps its alias: it is the realm's switch,"
                        + " and whom it concerns is decided at sign-in",
                EnterpriseConnect.ID, realm.getName());
    }

    /** The same on every node, so that of two that register at once one fails instead of adding a second action. */
    private static String actionId(RealmModel realm) {
        return UUID.nameUUIDFromBytes((EnterpriseConnect.ID + realm.getId()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** Gives {@code master} its client of the console page back, with the roles of every realm that is switched on. */
    public void restoreConsole(KeycloakSession session) {
        RealmDirectory.with(session, EnterpriseConnect.ID).stream()
                .map(session.realms()::getRealm)
                .filter(Objects::nonNull)
                .forEach(realm -> ConsoleClient.complete(session, realm));
    }

    /** Gives the realm what is missing while it is switched on; takes nothing away when it is off. */
    public void complete(KeycloakSession session, RealmModel realm) {
        keepApart(realm);
        if (!RealmSettings.enabled(realm)) {
            return;
        }
        RealmModel before = session.getContext().getRealm();
        session.getContext().setRealm(realm);
        try {
            completeUserProfile(session, realm);
            completeClientScopes(realm);
            ConsoleClient.complete(session, realm);
            AccountClient.complete(realm);
        } finally {
            session.getContext().setRealm(before);
        }
    }

    private static void completeUserProfile(KeycloakSession session, RealmModel realm) {
        UserProfileProvider profiles = session.getProvider(UserProfileProvider.class);
        UPConfig profile = profiles.getConfiguration();
        List<UPAttribute> missing = attributes().stream()
                .filter(attribute -> !attribute.equals(profile.getAttribute(attribute.getName())))
                .toList();
        if (!missing.isEmpty()) {
            missing.forEach(profile::addOrReplaceAttribute);
            profiles.setConfiguration(profile);
            LOG.infof("realm %s got the user-profile attributes of Enterprise Connect", realm.getName());
        }
    }

    /** No client gets it by itself; it counts for those alone that require consent. */
    private static void completeClientScopes(RealmModel realm) {
        if (realm.getClientScopesStream().anyMatch(scope -> CONSENT_SCOPE.equals(scope.getName()))) {
            return;
        }
        ClientScopeModel scope = realm.addClientScope(CONSENT_SCOPE);
        scope.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        scope.setDescription("Access to the calendar of the user, by Enterprise Connect");
        scope.setDisplayOnConsentScreen(true);
        scope.setConsentScreenText("${enterpriseConnectScopeConsentText}");
        scope.setIncludeInTokenScope(true);
        LOG.infof("realm %s got the client scope %s", realm.getName(), CONSENT_SCOPE);
    }

    private static List<UPAttribute> attributes() {
        return List.of(
                hidden(CredentialAttribute.CREDENTIAL, "Enterprise Connect credential"),
                hidden(CredentialAttribute.MARK, "Enterprise Connect mark"),
                mirror(CredentialAttribute.STATE, "Enterprise Connect state"),
                mirror(CredentialAttribute.LINK, "Enterprise Connect link"));
    }

    /** Nobody sees or edits it. */
    private static UPAttribute hidden(String name, String displayName) {
        UPAttribute attribute = new UPAttribute(name);
        attribute.setDisplayName(displayName);
        attribute.setPermissions(new UPAttributePermissions(Set.of(), Set.of()));
        attribute.setValidations(Map.of("length", Map.of("min", 0, "max", LONGEST_CREDENTIAL)));
        attribute.setAnnotations(NO_ANNOTATIONS);
        return attribute;
    }

    /** Administrators see it, nobody edits it. */
    private static UPAttribute mirror(String name, String displayName) {
        UPAttribute attribute = new UPAttribute(name);
        attribute.setDisplayName(displayName);
        attribute.setPermissions(new UPAttributePermissions(Set.of("admin"), Set.of()));
        attribute.setAnnotations(NO_ANNOTATIONS);
        return attribute;
    }
}
