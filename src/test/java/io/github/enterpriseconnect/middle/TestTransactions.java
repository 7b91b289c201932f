package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.platform.CalendarChanged;
import io.github.enterpriseconnect.platform.Realm;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Sessions;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Users;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.BudgetStore;
import io.github.enterpriseconnect.storage.CredentialStore;
import io.github.enterpriseconnect.storage.DueWork;
import io.github.enterpriseconnect.storage.RevocationStore;
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.TestTables;
import io.github.enterpriseconnect.storage.TicketKeyStore;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Transactions on real tables; what happens between two of them, or within one, is up to the test. */
public final class TestTransactions implements Transactions {
    private static final int TRIES = 3;

    private final TestTables tables;
    private final Map<String, TestRealm> realms = new HashMap<>();
    private final ThreadLocal<Integer> open = ThreadLocal.withInitial(() -> 0);
    private InstantSource clock = () -> Instant.EPOCH;
    private Duration longest = Duration.ZERO;
    private boolean failing;
    private boolean ticketKeyAway;
    private @Nullable Runnable meanwhile;
    private @Nullable Runnable afterwards;
    private final List<Consumer<CalendarChanged>> listeners = new ArrayList<>();

    TestTransactions(TestTables tables) {
        this.tables = tables;
    }

    void add(TestRealm realm) {
        realms.put(realm.id(), realm);
        tables.setRealm(realm.id(), true);
    }

    /** The realm is there again, with the users and keys that it has now. */
    public void restore(TestRealm realm) {
        add(realm);
    }

    /** The realm is gone, with all its users. */
    public void remove(TestRealm realm) {
        realms.remove(realm.id());
        tables.setRealm(realm.id(), false);
    }

    /** Whether this thread has a transaction open at this moment: nobody remote may be called then. */
    public boolean open() {
        return open.get() > 0;
    }

    /** Does this right before the next transaction commits, as another node would. */
    public void meanwhile(Runnable other) {
        meanwhile = other;
    }

    /** Does this right after the next transaction has committed, before whoever opened it goes on. */
    public void afterwards(Runnable other) {
        afterwards = other;
    }

    /** From now on a transaction that takes longer by this clock has failed when it ends. */
    public void endAfter(Duration most, InstantSource byThis) {
        longest = most;
        clock = byThis;
    }

    /** Is told what has happened to calendars, once it is committed. */
    public void onCalendarChanged(Consumer<CalendarChanged> listener) {
        listeners.add(listener);
    }

    /** Whether the database is away from now on. */
    public void fail(boolean away) {
        failing = away;
    }

    /** Nobody can read the key of the tickets' proofs from now on, or everybody can again. */
    public void takeTicketKeyAway(boolean away) {
        ticketKeyAway = away;
    }

    @Override
    public <T> T inRealm(String realmId, Function<Work, T> work) {
        return inServer(server -> work.apply(server.realm(realmId).orElseThrow(RealmGone::new)));
    }

    @Override
    public <T> Optional<T> claimInRealm(String realmId, Function<Work, Optional<T>> claim) {
        return claimInServer(server -> claim.apply(server.realm(realmId).orElseThrow(RealmGone::new)));
    }

    @Override
    public <T> T readBeside(Work joined, Function<Work, T> read) {
        return inRealm(joined.realm().id(), read);
    }

    @Override
    public <T> T inServer(Function<ServerWork, T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(work);
            } catch (RuntimeException e) {
                if (attempt == TRIES || !Storage.conflict(e)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public <T> Optional<T> claimInServer(Function<ServerWork, Optional<T>> claim) {
        try {
            return once(claim);
        } catch (RuntimeException e) {
            if (Storage.conflict(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T once(Function<ServerWork, T> work) {
        List<Runnable> afterCommit = new ArrayList<>();
        List<TestCredentials> credentials = new ArrayList<>();
        T result;
        Instant begin = clock.instant();
        if (failing) {
            throw new IllegalStateException("the database is away");
        }
        open.set(open.get() + 1);
        try {
            result = tables.inTransaction(entities -> {
                T done = work.apply(new InTransaction(entities, afterCommit, credentials));
                if (begin.plus(longest).isBefore(clock.instant())) {
                    throw new IllegalStateException("the transaction has taken too long");
                }
                Runnable other = meanwhile;
                meanwhile = null;
                if (other != null) {
                    other.run();
                }
                return done;
            });
        } finally {
            open.set(open.get() - 1);
        }
        credentials.forEach(TestCredentials::commit);
        afterCommit.forEach(Runnable::run);
        Runnable other = afterwards;
        afterwards = null;
        if (other != null) {
            other.run();
        }
        return result;
    }

    private final class InTransaction implements ServerWork {
        private final EntityManager entities;
        private final List<Runnable> afterCommit;
        private final List<TestCredentials> credentials;

        InTransaction(EntityManager entities, List<Runnable> afterCommit, List<TestCredentials> credentials) {
            this.entities = entities;
            this.afterCommit = afterCommit;
            this.credentials = credentials;
        }

        @Override
        public DueWork due() {
            return tables.due(entities);
        }

        @Override
        public RevocationStore revocations() {
            return removedRealm("").revocations();
        }

        @Override
        public TicketKeyStore ticketKeys() {
            if (ticketKeyAway) {
                throw new IllegalStateException("the key of tickets cannot be read");
            }
            return tables.ticketKeys(entities);
        }

        @Override
        public List<Application> applications(String key) {
            return removedRealm("").links().applications(key);
        }

        @Override
        public BudgetStore budgets(Limits limits) {
            return tables.budgets(entities, limits);
        }

        @Override
        public void takeTurnForAccount(String subject) {
            tables.turns(entities).takeForAccount(subject);
        }

        @Override
        public Optional<Work> realm(String id) {
            return Optional.ofNullable(realms.get(id)).map(realm -> {
                TestCredentials ofRealm = new TestCredentials(realm);
                credentials.add(ofRealm);
                return new InRealm(
                        realm,
                        tables.storage(entities, id),
                        ofRealm,
                        afterCommit,
                        changed -> listeners.forEach(one -> one.accept(changed)));
            });
        }

        @Override
        public Storage removedRealm(String id) {
            return tables.removedRealm(entities, id);
        }
    }

    private record InRealm(
            TestRealm testRealm,
            Storage storage,
            CredentialStore credentials,
            List<Runnable> followUps,
            Consumer<CalendarChanged> listener)
            implements Work {
        @Override
        public Realm realm() {
            return testRealm;
        }

        @Override
        public Users users() {
            return testRealm;
        }

        @Override
        public Sessions sessions() {
            return testRealm.sessions();
        }

        @Override
        public void afterCommit(Runnable followUp) {
            followUps.add(followUp);
        }

        @Override
        public void announce(CalendarChanged changed) {
            followUps.add(() -> listener.accept(changed));
        }
    }
}
