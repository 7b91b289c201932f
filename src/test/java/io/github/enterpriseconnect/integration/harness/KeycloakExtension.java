package io.github.enterpriseconnect.integration.harness;

import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one server and the one simulator of the execution, and clients for them. For Maven a class is an execution
 * of its own; where several are run in one, they keep out of each other's way by realms and organizations, but not all by
 * domains and mailboxes.
 */
public final class KeycloakExtension implements ParameterResolver {

    private static final ExtensionContext.Namespace SHARED = ExtensionContext.Namespace.create(KeycloakExtension.class);

    private static final Map<Class<?>, Function<ExtensionContext, Object>> RESOLVED = Map.of(
            KeycloakServer.class,
            KeycloakExtension::server,
            Simulator.class,
            KeycloakExtension::simulator,
            AdminClient.class,
            context -> AdminClient.of(server(context)),
            Browser.class,
            context -> new Browser());

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
        return shared(context, KeycloakServer.class, () -> ConnectedRealm.server(simulator(context))
                .start());
    }

    private static Simulator simulator(ExtensionContext context) {
        return shared(
                context,
                Simulator.class,
                () -> Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET));
    }

    /** What the root store holds is closed at the end of the execution. */
    private static <T> T shared(ExtensionContext context, Class<T> type, Supplier<T> start) {
        return context.getRoot().getStore(SHARED).getOrComputeIfAbsent(type, key -> start.get(), type);
    }
}
