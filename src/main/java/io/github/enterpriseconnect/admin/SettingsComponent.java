package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.SettingsProvider;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ClientSecret;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.KeycloakWork;
import io.github.enterpriseconnect.platform.StatelessFactory;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.InvalidSettings;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.settings.SettingsForm;
import io.github.enterpriseconnect.settings.SettingsProperties;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.component.ComponentFactory;
import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.services.ErrorResponseException;

/**
 * The settings of a realm as a component, at most one a realm. Refuses wrong values, a second component, and another
 * application while links live, each with what to do instead. Removing it freezes the links rather than ending them:
 * nobody gets a token until the same application is back.
 */
public final class SettingsComponent
        implements ComponentFactory<SettingsProvider, SettingsProvider>, StatelessFactory<SettingsProvider> {

    private static final Logger LOG = Logger.getLogger(SettingsComponent.class);

    /**
     * Answers 400 with the message as it stands. Keycloak's own exception for this would be answered 500 by a realm
     * import, and the components API would read its message as a pattern, in which braces and apostrophes mean
     * something.
     */
    private static final class Rejected extends ErrorResponseException {
        private static final long serialVersionUID = 1L;
        private final String message;

        Rejected(String message) {
            super(Response.status(Response.Status.BAD_REQUEST)
                    .entity(Map.of("errorMessage", message))
                    .type(MediaType.APPLICATION_JSON_TYPE)
                    .build());
            this.message = message;
        }

        /** For the log of an import on the command line. */
        @Override
        public String getMessage() {
            return message;
        }
    }

    @Override
    public String getId() {
        return EnterpriseConnect.ID;
    }

    @Override
    public String getHelpText() {
        return "Cronofy application of the realm, and the clients that may fetch tokens.";
    }

    @Override
    public List<ProviderConfigProperty> getConfigProperties() {
        return SettingsProperties.all();
    }

    @Override
    public SettingsProvider create(KeycloakSession session, ComponentModel model) {
        return () -> {};
    }

    @Override
    public void validateConfiguration(KeycloakSession session, RealmModel realm, ComponentModel model) {
        Optional<ComponentModel> existing = RealmSettings.component(realm);
        boolean update = existing.filter(component -> component.getId().equals(model.getId()))
                .isPresent();
        if (existing.isPresent() && !update) {
            throw new Rejected("the realm has Enterprise Connect settings already; change those");
        }
        Settings settings;
        try {
            settings = new SettingsForm(model.getConfig()).parse();
        } catch (InvalidSettings invalid) {
            throw new Rejected(String.valueOf(invalid.getMessage()));
        }
        boolean otherApplication = KeycloakTransactions.joined(session, realm).links().list(realm.getId()).stream()
                .anyMatch(link -> link.linked() && !settings.applicationKey().equals(link.application()));
        if (otherApplication) {
            throw new Rejected("organizations are linked through the present application; unlink them"
                    + " first, or change clientId and dataCenter with PUT settings?force=true");
        }
        if (settings.clientSecret().isEmpty()) {
            LOG.warnf(
                    "the settings of realm %s have a mask in place of the client secret, as a partial export writes it;"
                            + " nothing is asked of Cronofy until the secret is entered in the settings",
                    realm.getName());
        }
        if (update) {
            // Not in a realm that is being imported, which may not have its keys yet.
            try {
                toSeal(session, realm, settings, existing.orElseThrow(), model)
                        .forEach(secret -> secret.sealed().ifPresent(text -> model.put(secret.key(), text)));
            } catch (Unreadable noKey) {
                throw new Rejected(SettingsChange.NO_KEY);
            }
        }
    }

    /** Headers in clear that were stored before, and not written now, are for the servers that were stored with them. */
    private static List<ClientSecret> toSeal(
            KeycloakSession session, RealmModel realm, Settings wanted, ComponentModel stored, ComponentModel model) {
        String key = SettingsForm.CONSUMER_AUTHORIZATIONS;
        boolean kept = Objects.equals(stored.get(key), model.get(key));
        List<ClientSecret> secrets = new ArrayList<>(ClientSecret.all(session, realm, wanted));
        (kept ? RealmSettings.of(realm) : Optional.of(wanted))
                .flatMap(settings -> ClientSecret.ofConsumers(session, realm, settings))
                .ifPresent(secrets::add);
        return secrets;
    }

    @Override
    public void onCreate(KeycloakSession session, RealmModel realm, ComponentModel model) {
        // Keycloak keeps two configurations of a component that is changed in the transaction that creates it.
        RealmSetup setup = session.getProvider(EnterpriseConnectProvider.class).realmSetup();
        String realmId = realm.getId();
        KeycloakWork work = KeycloakTransactions.joined(session, realm);
        work.afterCommit(() -> setup.sealSecret(realmId));
        wake(session, work);
    }

    /** What could not be told for want of settings can be now. */
    private static void wake(KeycloakSession session, KeycloakWork work) {
        work.notifications()
                .wake(null, session.getProvider(EnterpriseConnectProvider.class).now());
    }

    @Override
    public void onUpdate(KeycloakSession session, RealmModel realm, ComponentModel before, ComponentModel after) {
        wake(session, KeycloakTransactions.joined(session, realm));
        Optional<List<Secret>> secrets = secrets(session, realm, after);
        // Where one cannot be read nothing is reordered: the orders of the links keep the secrets that they have.
        if (secrets.isPresent() && !secrets(session, realm, before).equals(secrets)) {
            KeycloakWork work = KeycloakTransactions.joined(session, realm);
            work.realm().application().ifPresent(application -> work.links().reorder(realm.getId(), application));
        }
    }

    /** Empty unless all can be read. */
    private static Optional<List<Secret>> secrets(KeycloakSession session, RealmModel realm, ComponentModel model) {
        try {
            Settings settings = new SettingsForm(model.getConfig()).parse();
            List<ClientSecret> written = ClientSecret.all(session, realm, settings);
            List<Secret> read =
                    written.stream().flatMap(secret -> secret.reveal().stream()).toList();
            return Optional.of(read).filter(all -> all.size() == written.size());
        } catch (InvalidSettings unusable) {
            return Optional.empty();
        }
    }
}
