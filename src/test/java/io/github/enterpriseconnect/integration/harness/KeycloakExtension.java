package io.github.enterpriseconnect.integration.harness;

import io.github.enterpriseconnect.simulator.SharedAddress;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one server of the run, a simulator of their class, and clients for them. Test classes keep out of
 * each other's way by realms and by their simulators: to the server all of these are one Cronofy, but each has an
 * application of its own, and with it accounts, mailboxes, faults, switches and a log. What concerns the whole server,
 * such as its clock or its log, belongs to everybody; a class that has to turn it starts a server itself.
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

    /** The reconciliation is too slow here to be what ends anything, and what a removed realm leaves ends at once. */
    private static KeycloakServer server(ExtensionContext context) {
        // Begun before the server, and ended after it.
        Optional<DatabaseServer> database = database(context);
        return ofRun(context, KeycloakServer.class, () -> {
            KeycloakServer.Builder plan = ConnectedRealm.extendedServer(
                            address(context).baseUri())
                    .options(
                            "--spi-enterprise-connect--default--reconcile-every=3600",
                            "--spi-enterprise-connect--default--realm-removal-grace=0");
            database.ifPresent(used -> plan.buildOptions(used.buildOptions()).options(used.options()));
            return plan.start();
        });
    }

    /** The one that the run was asked for; without, the server has its own. */
    private static Optional<DatabaseServer> database(ExtensionContext context) {
        return Optional.ofNullable(System.getProperty(DatabaseServer.PROPERTY))
                .map(asked -> ofRun(context, DatabaseServer.class, DatabaseServer::strict));
    }

    private static SharedAddress address(ExtensionContext context) {
        return ofRun(context, SharedAddress.class, SharedAddress::open);
    }

    private static Simulator simulator(ExtensionContext context) {
        ExtensionContext ofClass = ofClass(context);
        return ofClass.getStore(SHARED)
                .getOrComputeIfAbsent(
                        Turn.class,
                        key -> new Turn(address(context)
                                .add("application-of-" + name(ofClass.getRequiredTestClass()), "application-secret")),
                        Turn.class)
                .simulator();
    }

    /** One class's time with its simulator. */
    private record Turn(Simulator simulator) implements AutoCloseable {

        /** The realms of the class stay, so the simulator does too; but nothing of them may hang from now on. */
        @Override
        public void close() {
            simulator.calm();
        }
    }

    private static ExtensionContext ofClass(ExtensionContext context) {
        ExtensionContext outer = context.getParent().orElseThrow();
        return outer.getTestClass().isPresent() ? ofClass(outer) : context;
    }

    private static String name(Class<?> test) {
        return test.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** What the session's store holds is closed at the end of the run, which has an execution for each class. */
    private static <T> T ofRun(ExtensionContext context, Class<T> type, Supplier<T> start) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, SHARED)
                .getOrComputeIfAbsent(type, key -> start.get(), type);
    }
}
