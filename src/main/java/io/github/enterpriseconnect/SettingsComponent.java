package io.github.enterpriseconnect;

import java.util.List;
import java.util.Objects;
import org.keycloak.Config;
import org.keycloak.component.ComponentFactory;
import org.keycloak.component.ComponentModel;
import org.keycloak.component.ComponentValidationException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.provider.ProviderConfigProperty;

/**
 * The settings of a realm as a component, at most one a realm. Refuses wrong values, a second component, and another
 * application while links live, each with what to do instead.
 */
public final class SettingsComponent implements ComponentFactory<SettingsProvider, SettingsProvider> {
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
        return SettingsForm.properties();
    }

    @Override
    public SettingsProvider create(KeycloakSession session, ComponentModel model) {
        return () -> {};
    }

    @Override
    public void validateConfiguration(KeycloakSession session, RealmModel realm, ComponentModel model)
            throws ComponentValidationException {
        boolean second = RealmSettings.component(realm)
                .filter(existing -> !existing.getId().equals(model.getId()))
                .isPresent();
        if (second) {
            throw new ComponentValidationException("the realm has Enterprise Connect settings already; change those");
        }
        Settings settings;
        try {
            settings = new SettingsForm(model.getConfig()).parse();
        } catch (SettingsForm.Invalid invalid) {
            throw new ComponentValidationException(invalid.getMessage());
        }
        boolean others = linking(session).list(session, realm).stream()
                .anyMatch(link -> link.linked() && !settings.applicationKey().equals(link.application()));
        if (others) {
            throw new ComponentValidationException(
                    "organizations are linked through the present application; unlink them"
                            + " first, or change clientId and dataCenter with PUT settings?force=true");
        }
    }

    @Override
    public void onUpdate(KeycloakSession session, RealmModel realm, ComponentModel before, ComponentModel after) {
        String secret = SettingsForm.CLIENT_SECRET;
        if (!Objects.equals(
                before.getConfig().getFirst(secret), after.getConfig().getFirst(secret))) {
            RealmSettings.application(session, realm)
                    .ifPresent(application -> linking(session).secretReplaced(session, realm, application));
        }
    }

    /** Without its application a realm has no links: they end here, and their service accounts at Cronofy. */
    @Override
    public void preRemove(KeycloakSession session, RealmModel realm, ComponentModel model) {
        linking(session).unlinkAll(session, realm);
    }

    private static Linking linking(KeycloakSession session) {
        return session.getProvider(EnterpriseConnect.class).linking();
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}
}
