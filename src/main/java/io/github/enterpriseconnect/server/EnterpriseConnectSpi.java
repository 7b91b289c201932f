package io.github.enterpriseconnect.server;

import io.github.enterpriseconnect.EnterpriseConnect;
import org.keycloak.provider.Provider;
import org.keycloak.provider.ProviderFactory;
import org.keycloak.provider.Spi;

/** Gives the shared parts one owner: Keycloak's way to own a shared thing is a provider factory. */
public final class EnterpriseConnectSpi implements Spi {
    @Override
    public boolean isInternal() {
        return true;
    }

    @Override
    public String getName() {
        return EnterpriseConnect.ID;
    }

    @Override
    public Class<? extends Provider> getProviderClass() {
        return EnterpriseConnectProvider.class;
    }

    @Override
    public Class<? extends ProviderFactory<EnterpriseConnectProvider>> getProviderFactoryClass() {
        return EnterpriseConnectProviderFactory.class;
    }
}
