package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.SettingsProvider;
import org.keycloak.provider.Provider;
import org.keycloak.provider.ProviderFactory;
import org.keycloak.provider.Spi;

/**
 * Makes the settings a component of Keycloak: masked secrets, vault, validation, admin events and import come with it.
 */
public final class SettingsSpi implements Spi {
    @Override
    public boolean isInternal() {
        return false;
    }

    @Override
    public String getName() {
        return "enterprise-connect-settings";
    }

    @Override
    public Class<? extends Provider> getProviderClass() {
        return SettingsProvider.class;
    }

    @Override
    public Class<? extends ProviderFactory<?>> getProviderFactoryClass() {
        return SettingsComponent.class;
    }
}
