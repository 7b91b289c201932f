package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the sessions of a realm have been looked at for members whom memory has forgotten, in table {@code EC_SWEEP}.
 * Belongs to one realm, one session and its transaction.
 */
public final class SweepStore {
    private final EntityManager entities;
    private final String realmId;

    SweepStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Claims the next sweep for one node.
     *
     * @param until when another may take it on, if this node has not told of its {@link #progress}
     * @param first where the first sweep of all begins
     * @return until when everybody has been looked at; empty if it is not due, or another node has it
     */
    public Optional<Instant> claim(Instant now, Instant until, Instant first) {
        SweepEntity row = find().orElseGet(() -> create(first));
        if (!row.due(now)) {
            return Optional.empty();
        }
        row.next(until);
        return Optional.of(row.sweptUntil());
    }

    /**
     * Everybody has been looked at who was seen until then.
     *
     * @param next when to go on
     */
    public void progress(Instant sweptUntil, Instant next) {
        find().ifPresent(row -> {
            row.sweptUntil(sweptUntil);
            row.next(next);
        });
    }

    /** Somebody who was seen since then has been forgotten: they are looked for as soon as possible. */
    public void lookAgain(Instant since) {
        SweepEntity row = find().orElseGet(() -> create(since));
        if (row.sweptUntil().isAfter(since)) {
            row.sweptUntil(since);
        }
        row.next(Instant.EPOCH);
    }

    private Optional<SweepEntity> find() {
        return entities
                .createQuery("select s from SweepEntity s where s.realmId = :realm", SweepEntity.class)
                .setParameter("realm", realmId)
                .getResultList()
                .stream()
                .findFirst();
    }

    private SweepEntity create(Instant sweptUntil) {
        SweepEntity created = new SweepEntity(VersionedRow.newId(), realmId, sweptUntil);
        entities.persist(created);
        return created;
    }
}
