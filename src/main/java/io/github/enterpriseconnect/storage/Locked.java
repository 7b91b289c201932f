package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityNotFoundException;
import jakarta.persistence.LockModeType;
import java.util.Optional;

/**
 * Reads a row as it is now and keeps others from changing it until the transaction ends, so that a change to it cannot fail
 * for somebody else's: for work within transactions that must not fail because of us.
 */
final class Locked {
    private Locked() {}

    static <T> Optional<T> row(EntityManager entities, Class<T> type, String id) {
        entities.flush();
        T row = entities.find(type, id);
        if (row == null) {
            return Optional.empty();
        }
        try {
            entities.refresh(row, LockModeType.PESSIMISTIC_WRITE);
            return Optional.of(row);
        } catch (EntityNotFoundException removedMeanwhile) {
            return Optional.empty();
        }
    }
}
