package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceConfiguration;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.keycloak.common.crypto.CryptoIntegration;

/** A database with our tables as the changelog makes them, and those of Keycloak's that we read. */
public final class TestDatabase {
    private static final String URL = "jdbc:h2:mem:middle;DB_CLOSE_DELAY=-1;NON_KEYWORDS=VALUE";

    /** Keycloak's tables, as far as we read them. */
    private static final List<String> KEYCLOAKS = List.of(
            "create table REALM (ID varchar(36) not null primary key)",
            "create table USER_ENTITY (ID varchar(36) not null primary key,"
                    + " REALM_ID varchar(255), FEDERATION_LINK varchar(255))",
            "create table USER_ATTRIBUTE (ID varchar(36) not null primary key, NAME varchar(255), VALUE varchar(255),"
                    + " USER_ID varchar(36))",
            "create table FED_USER_ATTRIBUTE (ID varchar(36) not null primary key, NAME varchar(255),"
                    + " VALUE varchar(2024), USER_ID varchar(255), REALM_ID varchar(36))",
            "create table OFFLINE_USER_SESSION (USER_SESSION_ID varchar(36) not null,"
                    + " OFFLINE_FLAG varchar(4) not null, REALM_ID varchar(36), USER_ID varchar(255), CREATED_ON int,"
                    + " LAST_SESSION_REFRESH int, primary key (USER_SESSION_ID, OFFLINE_FLAG))");

    /**
     * What these tell of themselves would hide what a test tells. Kept, since loggers are forgotten when nobody holds
     * them.
     */
    private static final List<Logger> QUIET = List.of(Logger.getLogger("org.hibernate"), Logger.getLogger("liquibase"));

    private static final Pattern WRITING = Pattern.compile("^(insert|update|delete)");

    private final EntityManagerFactory factory;
    private final AtomicBoolean readOnly = new AtomicBoolean();

    /** Who wants to know what the database is asked. */
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    private TestDatabase(Connection connection, Collection<Class<?>> keycloaks, Map<String, Object> properties)
            throws SQLException {
        QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
        CryptoIntegration.init(TestDatabase.class.getClassLoader());
        try (Liquibase liquibase = new Liquibase(
                new Tables().getChangelogLocation(),
                new ClassLoaderResourceAccessor(),
                new JdbcConnection(connection))) {
            liquibase.update();
        } catch (LiquibaseException e) {
            throw new IllegalStateException(e);
        }
        PersistenceConfiguration configuration = new PersistenceConfiguration("middle")
                .property("hibernate.jdbc.time_zone", "UTC")
                .property("hibernate.session_factory.statement_inspector", (StatementInspector) this::see);
        properties.forEach(configuration::property);
        new Tables().getEntities().forEach(configuration::managedClass);
        keycloaks.forEach(configuration::managedClass);
        factory = configuration.createEntityManagerFactory();
    }

    /** The one in memory, which all tests of a program share. */
    static TestDatabase inMemory() {
        return InMemory.ONLY;
    }

    private static final class InMemory {
        static final TestDatabase ONLY = create();

        private static TestDatabase create() {
            try (Connection connection = DriverManager.getConnection(URL);
                    Statement statement = connection.createStatement()) {
                for (String table : KEYCLOAKS) {
                    statement.execute(table);
                }
                return new TestDatabase(
                        DriverManager.getConnection(URL),
                        List.of(
                                TestRealmEntity.class,
                                TestSessionEntity.class,
                                TestUserEntity.class,
                                TestUserAttributeEntity.class,
                                TestFederatedUserAttributeEntity.class),
                        Map.of(PersistenceConfiguration.JDBC_URL, URL, "hibernate.connection.pool_size", 20));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Another one, which has Keycloak's tables already.
     *
     * @param connection by which ours are made; it is closed
     * @param keycloaks Keycloak's entities
     * @param properties how Hibernate gets to it
     */
    public static TestDatabase of(Connection connection, Collection<Class<?>> keycloaks, Map<String, Object> properties)
            throws SQLException {
        return new TestDatabase(connection, keycloaks, properties);
    }

    private String see(String statement) {
        if (readOnly.get() && WRITING.matcher(statement).find()) {
            throw new IllegalStateException("the database can only be read");
        }
        listeners.forEach(listener -> listener.accept(statement));
        return statement;
    }

    EntityManagerFactory factory() {
        return factory;
    }

    void refuseWrites(boolean refused) {
        readOnly.set(refused);
    }

    List<Consumer<String>> listeners() {
        return listeners;
    }
}
