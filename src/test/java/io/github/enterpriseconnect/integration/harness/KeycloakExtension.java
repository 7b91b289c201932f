package io.github.enterpriseconnect.integration.harness;

import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the Keycloak that all test classes of a run share, and its clients: ask for a {@link KeycloakServer}, an
 * {@link AdminClient} or a (fresh) {@link Browser} as a parameter. The server starts when it is first asked for.
 */
public final class KeycloakExtension implements ParameterResolver {

    private static final ExtensionContext.Namespace SHARED = ExtensionContext.Namespace.create(KeycloakExtension.class);

    private static final Map<Class<?>, Function<ExtensionContext, Object>> RESOLVED = Map.of(
            KeycloakServer.class, KeycloakExtension::server,
            AdminClient.class, context -> AdminClient.of(server(context)),
            Browser.class, context -> new Browser());

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return RESOLVED.containsKey(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Function<ExtensionContext, Object> resolver =
                RESOLVED.get(parameter.getParameter().getType());
        if (resolver == null) {
            throw new IllegalArgumentException(parameter.toString());
        }
        return resolver.apply(context);
    }

    private static KeycloakServer server(ExtensionContext context) {
        ExtensionContext.Store shared =
                context.getRoot().getStore(SHARED); // Closes what it holds at the end of the run.
        return shared.getOrComputeIfAbsent(
                KeycloakServer.class, key -> KeycloakServer.builder().start(), KeycloakServer.class);
    }
}
