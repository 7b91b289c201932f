package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Limits;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceConfiguration;
import java.security.SecureRandom;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.crypto.CryptoIntegration;

/** Our tables as the changelog makes them, in a database in memory, with the sealing keys of realms. */
public final class TestTables {
    private static final String URL = "jdbc:h2:mem:middle;DB_CLOSE_DELAY=-1";

    /** Keycloak's table of users, as far as we read it. */
    private static final String USERS = "create table USER_ENTITY (ID varchar(36) not null primary key,"
            + " REALM_ID varchar(255), FEDERATION_LINK varchar(255))";

    /** Keycloak's table of sessions, as far as we read it. */
    private static final String SESSIONS = "create table OFFLINE_USER_SESSION (USER_SESSION_ID varchar(36) not null,"
            + " OFFLINE_FLAG varchar(4) not null, REALM_ID varchar(36), USER_ID varchar(255), CREATED_ON int,"
            + " LAST_SESSION_REFRESH int, primary key (USER_SESSION_ID, OFFLINE_FLAG))";

    /**
     * What these tell of themselves would hide what a test tells. Kept, since loggers are forgotten when nobody holds
     * them.
     */
    private static final List<Logger> QUIET = List.of(Logger.getLogger("org.hibernate"), Logger.getLogger("liquibase"));

    /** Who wants to know what the database is asked. */
    private static final List<Consumer<String>> LISTENERS = new CopyOnWriteArrayList<>();

    private static final Pattern WRITING = Pattern.compile("^(insert|update|delete)");

    private static final EntityManagerFactory FACTORY = create();

    private static final AtomicBoolean READ_ONLY = new AtomicBoolean();

    private final Map<String, RealmKeys> keys = new HashMap<>();
    private final RealmKeys masterKeys = new RealmKeys("master");

    private static String see(String statement) {
        if (READ_ONLY.get() && WRITING.matcher(statement).find()) {
            throw new IllegalStateException("the database can only be read");
        }
        LISTENERS.forEach(listener -> listener.accept(statement));
        return statement;
    }

    /** Empties all tables: there is one database for all tests of a program. */
    public TestTables() {
        READ_ONLY.set(false);
        inTransaction(entities -> {
            for (String table : List.of(
                    "EC_LINK_DOMAIN",
                    "EC_LINK",
                    "EC_DELEGATION",
                    "EC_INVITATION",
                    "EC_REVOCATION",
                    "EC_MEMBER",
                    "EC_SUSPENSION",
                    "EC_NOTICE",
                    "EC_TOKEN_USE",
                    "EC_WAITING",
                    "EC_CHANGE",
                    "EC_SWEEP",
                    "EC_BACKFILL",
                    "EC_REMOVED_REALM",
                    "EC_TICKET_KEY",
                    "EC_BUDGET",
                    "OFFLINE_USER_SESSION",
                    "USER_ENTITY")) {
                entities.createNativeQuery("delete from " + table).executeUpdate();
            }
            return true;
        });
    }

    private static EntityManagerFactory create() {
        QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
        CryptoIntegration.init(TestTables.class.getClassLoader());
        try (Connection connection = DriverManager.getConnection(URL);
                Liquibase liquibase = new Liquibase(
                        new Tables().getChangelogLocation(),
                        new ClassLoaderResourceAccessor(),
                        new JdbcConnection(connection))) {
            liquibase.update();
            try (Statement statement = connection.createStatement()) {
                statement.execute(SESSIONS);
                statement.execute(USERS);
            }
        } catch (SQLException | LiquibaseException e) {
            throw new IllegalStateException(e);
        }
        PersistenceConfiguration configuration = new PersistenceConfiguration("middle")
                .property(PersistenceConfiguration.JDBC_URL, URL)
                .property("hibernate.connection.pool_size", 20)
                .property("hibernate.jdbc.time_zone", "UTC")
                .property("hibernate.session_factory.statement_inspector", (StatementInspector) TestTables::see);
        new Tables().getEntities().forEach(configuration::managedClass);
        configuration.managedClass(TestSessionEntity.class);
        configuration.managedClass(TestUserEntity.class);
        return configuration.createEntityManagerFactory();
    }

    /** Whether nothing can be written from now on, as with a database that has failed over to a replica. */
    public void refuseWrites(boolean refused) {
        READ_ONLY.set(refused);
    }

    /** Does the work in a transaction of its own; what throws is rolled back. */
    public <T> T inTransaction(Function<EntityManager, T> work) {
        try (EntityManager entities = FACTORY.createEntityManager()) {
            entities.getTransaction().begin();
            try {
                T result = work.apply(entities);
                entities.getTransaction().commit();
                return result;
            } finally {
                if (entities.getTransaction().isActive()) {
                    entities.getTransaction().rollback();
                }
            }
        }
    }

    /** What the work has the database do, in small letters but for our names. */
    public List<String> statements(Runnable work) {
        List<String> seen = new CopyOnWriteArrayList<>();
        Consumer<String> listener = seen::add;
        LISTENERS.add(listener);
        try {
            work.run();
        } finally {
            LISTENERS.remove(listener);
        }
        return seen;
    }

    /** All rows of a table, each with its columns between bars. */
    public List<String> rows(String table) {
        return inTransaction(entities -> {
            List<?> found = entities.createNativeQuery("select * from " + table).getResultList();
            return found.stream()
                    .map(row ->
                            Stream.of((Object[]) row).map(TestTables::text).collect(Collectors.joining("|", "|", "|")))
                    .toList();
        });
    }

    private static String text(@Nullable Object column) {
        try {
            return column instanceof Clob clob
                    ? clob.getSubString(1, Math.toIntExact(clob.length()))
                    : String.valueOf(column);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The stores of a realm within a transaction. */
    public Storage storage(EntityManager entities, String realm) {
        return new Storage(entities, realm, keys(realm), masterKeys);
    }

    public DueWork due(EntityManager entities) {
        return new DueWork(entities);
    }

    /** The key of the tickets' proofs. */
    public TicketKeyStore ticketKeys(EntityManager entities) {
        return new TicketKeyStore(entities);
    }

    public BudgetStore budgets(EntityManager entities, Limits limits) {
        return new BudgetStore(entities, limits);
    }

    /** What is left of a realm that is gone. */
    public Storage removedRealm(EntityManager entities, String realm) {
        return new Storage(entities, realm, masterKeys, masterKeys);
    }

    /** The keys that outlive all realms, under which orders to revoke are sealed. */
    public RealmKeys masterKeys() {
        return masterKeys;
    }

    /** The AES keys of a realm. */
    public RealmKeys keys(String realm) {
        return keys.computeIfAbsent(realm, RealmKeys::new);
    }

    /** Keys that a test can lose. */
    public static final class RealmKeys implements SealingKeys {
        private final String realm;
        private final Map<String, SecretKey> all = new HashMap<>();
        private final Map<String, SecretKey> away = new HashMap<>();
        private boolean forgotten;
        private Key active;

        RealmKeys(String realm) {
            this.realm = realm;
            this.active = next();
        }

        /** Makes another key the active one; the former ones still open. */
        public void rotate() {
            active = next();
        }

        private Key next() {
            byte[] secret = new byte[16];
            new SecureRandom().nextBytes(secret);
            Key key = new Key(realm + "-" + UUID.randomUUID(), new SecretKeySpec(secret, "AES"));
            all.put(key.id(), key.secret());
            return key;
        }

        /** Loses every key but a new one, as after a key provider was removed. */
        public void lose() {
            all.clear();
            rotate();
        }

        /** Every key but a new one is away, as while a key provider is switched off. */
        public void takeAway() {
            away.putAll(all);
            all.clear();
            rotate();
        }

        /** As {@link #takeAway}, but nobody knows that they may come back, as after a key provider was removed. */
        public void forget() {
            takeAway();
            forgotten = true;
        }

        /** Those that were taken away are back. */
        public void bringBack() {
            all.putAll(away);
            away.clear();
        }

        @Override
        public boolean mayHold(String id) {
            return all.containsKey(id) || (!forgotten && away.containsKey(id));
        }

        @Override
        public String owner() {
            return "realm " + realm;
        }

        @Override
        public Key active() {
            return active;
        }

        @Override
        public Optional<SecretKey> byId(String id) {
            return Optional.ofNullable(all.get(id));
        }
    }
}
