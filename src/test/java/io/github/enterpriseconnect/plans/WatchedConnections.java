package io.github.enterpriseconnect.plans;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.jspecify.annotations.Nullable;

/** Connections by which somebody sees each statement right before it is executed, with what is bound to it. */
final class WatchedConnections implements ConnectionProvider {
    private static final long serialVersionUID = 1L;

    private final transient Source source;
    private final transient Watcher watcher;
    private final transient Deque<Connection> idle = new ConcurrentLinkedDeque<>();

    /** Where connections come from. */
    interface Source {
        Connection connect() throws SQLException;
    }

    /** Who sees what is executed. */
    interface Watcher {
        /**
         * Something is about to be executed.
         *
         * @param connection in whose transaction; what is done by it is not watched
         * @param template with a question mark for each value
         * @param statement the same with its values, which its driver prints
         */
        void executes(Connection connection, String template, PreparedStatement statement) throws SQLException;
    }

    WatchedConnections(Source source, Watcher watcher) {
        this.source = source;
        this.watcher = watcher;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection free = idle.poll();
        Connection connection = free == null ? source.connect() : free;
        return proxy(
                Connection.class,
                connection,
                (method, arguments, result) -> method.getName().equals("prepareStatement")
                        ? watched(connection, (String) arguments[0], (PreparedStatement) result)
                        : result);
    }

    private PreparedStatement watched(Connection connection, String template, PreparedStatement statement) {
        InvocationHandler handler = (self, method, arguments) -> {
            if (method.getName().startsWith("execute") || method.getName().equals("addBatch")) {
                if (!method.getName().equals("executeBatch")) {
                    watcher.executes(connection, template, statement);
                }
            }
            return invoke(statement, method, arguments);
        };
        return (PreparedStatement)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {PreparedStatement.class}, handler);
    }

    /** What becomes of the result of a call. */
    private interface Then {
        @Nullable Object of(Method method, Object[] arguments, Object result);
    }

    private <T> T proxy(Class<T> type, T target, Then then) {
        InvocationHandler handler =
                (self, method, arguments) -> method.getName().equals("unwrap")
                        ? target
                        : then.of(method, arguments, invoke(target, method, arguments));
        return type.cast(Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public void closeConnection(Connection connection) throws SQLException {
        Connection real = connection.unwrap(Connection.class);
        if (!real.isClosed()) {
            idle.add(real);
        }
    }

    @Override
    public boolean supportsAggressiveRelease() {
        return false;
    }

    @Override
    public boolean isUnwrappableAs(Class<?> unwrapType) {
        return false;
    }

    @Override
    public <T> T unwrap(Class<T> unwrapType) {
        throw new UnsupportedOperationException();
    }
}
