package io.github.enterpriseconnect.server;

import io.github.enterpriseconnect.platform.CalendarChanged;
import io.github.enterpriseconnect.platform.ServerMode;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderFactory;

/** Has everything wired once per server ({@link Parts}), and hands the same parts to every session. */
public final class EnterpriseConnectProviderFactory implements ProviderFactory<EnterpriseConnectProvider> {
    private @Nullable ServerOptions options;
    private @Nullable Parts parts;

    @Override
    public String getId() {
        return "default";
    }

    @Override
    public void init(Config.Scope config) {
        options = ServerOptions.of(config);
    }

    @Override
    public List<ProviderConfigProperty> getConfigMetadata() {
        return ServerOptions.metadata();
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        Parts wired = Parts.wire(factory, Objects.requireNonNull(options));
        parts = wired;
        factory.register(event -> {
            if (event instanceof PostMigrationEvent && ServerMode.serves()) {
                wired.start();
            } else if (event instanceof CalendarChanged changed) {
                wired.changed(changed);
            }
        });
    }

    @Override
    public EnterpriseConnectProvider create(KeycloakSession session) {
        if (parts == null) {
            throw new IllegalStateException("the server has not started yet");
        }
        parts.directories().serve(session);
        return parts;
    }

    @Override
    public void close() {
        if (parts != null) {
            parts.finish();
        }
    }
}
