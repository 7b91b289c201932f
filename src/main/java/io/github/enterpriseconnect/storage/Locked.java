package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.Optional;

/**
 * Reads a row as it is now and keeps others from changing it until the transaction ends, so that a lost race is rare. It
 * may still fail: some databases refuse to lock a row that was changed since the transaction began, or that another
 * transaction holds, and roll all of the transaction back. Never within a transaction of Keycloak's that is not ours.
 */
final class Locked {
    private Locked() {}

    static <T> Optional<T> row(EntityManager entities, Class<T> type, String id) {
        entities.flush();
        T known = entities.find(type, id);
        if (known == null) {
            return Optional.empty();
        }
        // Refreshing it would fail, and the transaction with it, if somebody has removed the row meanwhile.
        entities.detach(known);
        return Optional.ofNullable(entities.find(type, id, LockModeType.PESSIMISTIC_WRITE));
    }
}
