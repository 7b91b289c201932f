package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.Optional;

/**
 * Reads a row as it is now and keeps others from changing it until the transaction ends, so that a change to it cannot
 * fail for somebody else's: for work within transactions that must not fail because of us.
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
