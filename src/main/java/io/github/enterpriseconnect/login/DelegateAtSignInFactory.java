package io.github.enterpriseconnect.login;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.StatelessFactory;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import java.util.List;
import java.util.Map;
import org.keycloak.authentication.RequiredActionFactory;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RequiredActionConfigModel;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.userprofile.ValidationException;
import org.keycloak.validate.ValidationError;

/** The required action "Enterprise Connect", whose stock toggle is the realm's switch. */
public final class DelegateAtSignInFactory implements RequiredActionFactory, StatelessFactory<RequiredActionProvider> {
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

    /** The realm's defaults alone, without the maximum age of authentication that Keycloak adds to every action's. */
    @Override
    public List<ProviderConfigProperty> getConfigMetadata() {
        return BehaviourDefaults.fields();
    }

    @Override
    public void validateConfig(KeycloakSession session, RealmModel realm, RequiredActionConfigModel model) {
        try {
            BehaviourDefaults.validate(realm, model.getConfig() == null ? Map.of() : model.getConfig());
        } catch (BehaviourDefaults.Invalid invalid) {
            throw new ValidationException(new ValidationError(getId(), invalid.field(), invalid.getMessage()));
        }
    }
}
