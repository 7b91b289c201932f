package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Limits;
import jakarta.persistence.EntityManager;
import java.security.SecureRandom;
import java.sql.Clob;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Our tables in a database, with the sealing keys of realms. */
public final class TestTables {
    private final TestDatabase database;
    private final Map<String, RealmKeys> keys = new HashMap<>();
    private final RealmKeys masterKeys = new RealmKeys("master");

    /** Of the database in memory, which all tests of a program share; they are emptied. */
    public TestTables() {
        this(TestDatabase.inMemory());
        empty();
    }

    /** Of another one, as they are. */
    public TestTables(TestDatabase database) {
        this.database = database;
    }

    private void empty() {
        database.refuseWrites(false);
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
                    "EC_WATCH",
                    "EC_TOKEN_USE",
                    "EC_WAITING",
                    "EC_CHANGE",
                    "EC_SWEEP",
                    "EC_BACKFILL",
                    "EC_VERIFICATION",
                    "EC_REPLACEMENT",
                    "EC_MOVE",
                    "EC_NOTIFICATION",
                    "EC_DEPARTURE",
                    "EC_RESOURCE",
                    "EC_RESOURCE_LIST",
                    "EC_WRITTEN_ATTRIBUTE",
                    "EC_REMOVED_REALM",
                    "EC_TICKET_KEY",
                    "EC_BUDGET",
                    "OFFLINE_USER_SESSION",
                    "USER_ATTRIBUTE",
                    "FED_USER_ATTRIBUTE",
                    "USER_ENTITY",
                    "REALM")) {
                entities.createNativeQuery("delete from " + table).executeUpdate();
            }
            return true;
        });
    }

    /** Whether Keycloak's own table has the realm from now on. */
    public void setRealm(String id, boolean there) {
        inTransaction(entities -> {
            entities.createNativeQuery("delete from REALM where ID = ?1")
                    .setParameter(1, id)
                    .executeUpdate();
            return there
                    && entities.createNativeQuery("insert into REALM (ID) values (?1)")
                                    .setParameter(1, id)
                                    .executeUpdate()
                            > 0;
        });
    }

    /** Whether nothing can be written from now on, as with a database that has failed over to a replica. */
    public void refuseWrites(boolean refused) {
        database.refuseWrites(refused);
    }

    /** Does the work in a transaction of its own; what throws is rolled back. */
    public <T> T inTransaction(Function<EntityManager, T> work) {
        try (EntityManager entities = database.factory().createEntityManager()) {
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
        listening(seen::add, work);
        return seen;
    }

    /** Does the work; the listener hears of each statement right before the database does. */
    public void listening(Consumer<String> listener, Runnable work) {
        database.listeners().add(listener);
        try {
            work.run();
        } finally {
            database.listeners().remove(listener);
        }
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

    public Turns turns(EntityManager entities) {
        return new Turns(entities);
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
