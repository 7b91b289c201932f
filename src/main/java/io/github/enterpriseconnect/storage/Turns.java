package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;

/**
 * Has changes of the same thing go one after the other, on all nodes: whoever has taken a turn, by locking a row of table
 * {@code EC_TURN}, reads what all before have committed, and the next waits for the end of the transaction. The rows are
 * few and belong to nobody; now and then two things share one. Only in a transaction of ours, and before anything else in
 * it: some databases go on reading what was there when a transaction has first read.
 */
public final class Turns {
    private static final int ROWS = 16;

    private final EntityManager entities;

    Turns(EntityManager entities) {
        this.entities = entities;
    }

    public static Turns of(KeycloakSession session) {
        return new Turns(session.getProvider(JpaConnectionProvider.class).getEntityManager());
    }

    /**
     * Waits for the caller's turn, which lasts until the transaction ends.
     *
     * @param what is changed, by its id
     */
    public void take(String what) {
        takeRow("turn-", what);
    }

    /**
     * As {@link #take}, among those who store what Cronofy has granted: of two who come with the same account the second sees
     * what the first has stored.
     *
     * @param subject of the account
     */
    public void takeForAccount(String subject) {
        takeRow("account-", subject);
    }

    private void takeRow(String kind, String what) {
        String row = kind + Math.floorMod(what.hashCode(), ROWS);
        if (entities.find(TurnEntity.class, row, LockModeType.PESSIMISTIC_WRITE) == null) {
            throw new IllegalStateException("table EC_TURN lacks row " + row);
        }
    }
}
