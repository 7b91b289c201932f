package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import java.util.List;
import org.keycloak.Config;
import org.keycloak.authentication.RequiredActionFactory;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.provider.ProviderConfigProperty;

/** The required action "Enterprise Connect", whose stock toggle is the realm's switch. */
public final class DelegateAtSignInFactory implements RequiredActionFactory {
    private static final RequiredActionProvider ACTION = new DelegateAtSignIn();

    @Override
    public String getId() {
        return EnterpriseConnect.ID;
    }

    @Override
    public String getDisplayText() {
        return "Enterprise Connect";
    }

    @Override
    public boolean isOneTimeAction() {
        return true;
    }

    @Override
    public RequiredActionProvider create(KeycloakSession session) {
        return ACTION;
    }

    /** Nothing: not even the maximum age of authentication that Keycloak adds to every action's configuration. */
    @Override
    public List<ProviderConfigProperty> getConfigMetadata() {
        return List.of();
    }

    @Override
    public void init(Config.Scope config) {}

    @Override
    public void postInit(KeycloakSessionFactory factory) {}

    @Override
    public void close() {}
}
