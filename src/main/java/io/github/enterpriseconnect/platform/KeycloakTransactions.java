package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.storage.BudgetStore;
import io.github.enterpriseconnect.storage.CredentialStore;
import io.github.enterpriseconnect.storage.DueWork;
import io.github.enterpriseconnect.storage.RevocationStore;
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.TicketKeyStore;
import io.github.enterpriseconnect.storage.Turns;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/** Transactions of Keycloak, each with a fresh session; and those that a door has open already. */
public final class KeycloakTransactions implements Transactions {
    private static final int TRIES = 3;

    private final KeycloakSessionFactory factory;
    private final @Nullable Directories directories;

    /** @param directories in turn are asked what is asked within these transactions */
    public KeycloakTransactions(KeycloakSessionFactory factory, Directories directories) {
        this.factory = factory;
        this.directories = directories;
    }

    private KeycloakTransactions(KeycloakSession request) {
        this.factory = request.getKeycloakSessionFactory();
        this.directories = Directories.of(request).orElse(null);
    }

    /**
     * The realm within the transaction that the session has open: what is done there is committed with it, or not at
     * all.
     */
    public static KeycloakWork joined(KeycloakSession session, RealmModel realm) {
        return new KeycloakWork(session, realm);
    }

    @Override
    public <T> T inRealm(String realmId, Function<Work, T> work) {
        return inKeycloakRealm(realmId, work::apply);
    }

    /** As {@link #inRealm}, for work that needs Keycloak's own models. */
    public <T> T inKeycloakRealm(String realmId, Function<KeycloakWork, T> work) {
        return inSession(session -> work.apply(work(session, realmId)));
    }

    /**
     * As {@link #inKeycloakRealm}, beside the caller's request, for a change that compares before it replaces: no other of
     * this realm that comes this way goes on at the same time, on any node, and all that came before are seen.
     */
    public static <T> T inTurn(KeycloakSession request, RealmModel realm, Function<KeycloakWork, T> change) {
        String realmId = realm.getId();
        return new KeycloakTransactions(request).inSession(session -> {
            Turns.of(session).take(realmId);
            return change.apply(work(session, realmId));
        });
    }

    @Override
    public <T> Optional<T> claimInRealm(String realmId, Function<Work, Optional<T>> claim) {
        return claimInSession(session -> claim.apply(work(session, realmId)));
    }

    @Override
    public <T> T readBeside(Work joined, Function<Work, T> read) {
        return inRealm(joined.realm().id(), own -> read.apply(new Beside(joined, own.storage())));
    }

    @Override
    public <T> T inServer(Function<ServerWork, T> work) {
        return inSession(session -> work.apply(new InSession(session)));
    }

    @Override
    public <T> Optional<T> claimInServer(Function<ServerWork, Optional<T>> claim) {
        return claimInSession(session -> claim.apply(new InSession(session)));
    }

    /** A transaction for what needs Keycloak's session and belongs to no realm. */
    public <T> T inSession(Function<KeycloakSession, T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return KeycloakModelUtils.runJobInTransactionWithResult(
                        factory, session -> work.apply(served(session)));
            } catch (RuntimeException e) {
                // Keycloak wraps a lost race in several unchecked exceptions; everything else goes on as it is.
                if (attempt == TRIES || !Storage.conflict(e)) {
                    throw e;
                }
            }
        }
    }

    private <T> Optional<T> claimInSession(Function<KeycloakSession, Optional<T>> claim) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(factory, session -> claim.apply(served(session)));
        } catch (RuntimeException e) {
            // As above, but whoever lost a claim has nothing to try again.
            if (Storage.conflict(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private KeycloakSession served(KeycloakSession session) {
        if (directories != null) {
            directories.serve(session);
        }
        return session;
    }

    private static KeycloakWork work(KeycloakSession session, String realmId) {
        return find(session, realmId).orElseThrow(RealmGone::new);
    }

    private static Optional<KeycloakWork> find(KeycloakSession session, String realmId) {
        RealmModel realm = session.realms().getRealm(realmId);
        if (realm == null) {
            return Optional.empty();
        }
        session.getContext().setRealm(realm);
        return Optional.of(joined(session, realm));
    }

    private record InSession(KeycloakSession session) implements ServerWork {
        @Override
        public DueWork due() {
            return Storage.due(session);
        }

        @Override
        public RevocationStore revocations() {
            return Storage.revocations(session);
        }

        @Override
        public TicketKeyStore ticketKeys() {
            return Storage.ticketKeys(session);
        }

        @Override
        public List<Application> applications(String key) {
            return removedRealm("").links().applications(key);
        }

        @Override
        public BudgetStore budgets(Limits limits) {
            return Storage.budgets(session, limits);
        }

        @Override
        public void takeTurnForAccount(String subject) {
            Turns.of(session).takeForAccount(subject);
        }

        @Override
        public Optional<Work> realm(String id) {
            return find(session, id).map(Function.identity());
        }

        @Override
        public Storage removedRealm(String id) {
            return Storage.ofRemovedRealm(session, id);
        }
    }

    /** Tables of one transaction, everything of Keycloak's from another. */
    private record Beside(Work joined, Storage storage) implements Work {
        @Override
        public Realm realm() {
            return joined.realm();
        }

        @Override
        public Users users() {
            return joined.users();
        }

        @Override
        public CredentialStore credentials() {
            return joined.credentials();
        }

        @Override
        public Sessions sessions() {
            return joined.sessions();
        }

        @Override
        public void afterCommit(Runnable followUp) {
            joined.afterCommit(followUp);
        }

        @Override
        public void announce(CalendarChanged changed) {
            joined.announce(changed);
        }
    }
}
