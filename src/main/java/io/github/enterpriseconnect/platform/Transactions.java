package io.github.enterpriseconnect.platform;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Short transactions of their own, for work that is done in steps: claim in one, call Cronofy with none open, record in
 * another. Work that lost a race against another node is done again, so it must have no effect outside its transaction.
 */
public interface Transactions {

    /**
     * Does the work in a transaction.
     *
     * @throws RealmGone the realm has been removed
     */
    <T> T inRealm(String realmId, Function<Work, T> work);

    /** As {@link #inRealm}, without a result. */
    default void doInRealm(String realmId, Consumer<Work> work) {
        inRealm(realmId, context -> {
            work.accept(context);
            return true;
        });
    }

    /**
     * Claims something in a transaction, once: whoever loses a race for a claim has nothing to try again.
     *
     * @return empty also if another node was faster
     */
    <T> Optional<T> claimInRealm(String realmId, Function<Work, Optional<T>> claim);

    /**
     * Reads our tables in a transaction of its own, so that nothing that fails there spoils the caller's. What is
     * Keycloak's stays that of the caller's transaction, which may hold what it has not committed yet.
     */
    <T> T readBeside(Work joined, Function<Work, T> read);

    /** As {@link #inRealm}, for what belongs to no realm. */
    <T> T inServer(Function<ServerWork, T> work);

    /** As {@link #inServer}, without a result. */
    default void doInServer(Consumer<ServerWork> work) {
        inServer(context -> {
            work.accept(context);
            return true;
        });
    }

    /** As {@link #claimInRealm}, for what belongs to no realm. */
    <T> Optional<T> claimInServer(Function<ServerWork, Optional<T>> claim);

    /** The realm is gone; whatever was to be done in it is pointless. */
    final class RealmGone extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
