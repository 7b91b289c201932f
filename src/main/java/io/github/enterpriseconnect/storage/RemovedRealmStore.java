package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What removed realms leave behind, in table {@code EC_REMOVED_REALM}: every row of such a realm bears the removal's id
 * instead of the realm's from then on, so that nobody serves, lists or asks for it, whatever realm has the realm's id.
 * Credentials stay sealed under the keys that the realm took along. Belongs to one session and its transaction.
 */
public final class RemovedRealmStore {
    private final EntityManager entities;

    RemovedRealmStore(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Sets apart what there is of a realm that is being removed.
     *
     * @return how many rows; if none, nothing is remembered of the realm
     */
    public int setApart(String realmId, Instant now, Instant endsAt) {
        entities.flush();
        String apart = VersionedRow.newId();
        int rows = 0;
        for (Class<? extends VersionedRow> table : Tables.ofRealms()) {
            rows += entities.createQuery(
                            "update " + table.getSimpleName() + " e set e.realmId = :apart where e.realmId = :realm")
                    .setParameter("realm", realmId)
                    .setParameter("apart", apart)
                    .executeUpdate();
        }
        // What an earlier removal has left there waits for that realm, and not for who comes next.
        entities.createQuery("update RemovedRealmEntity r set r.back = false where r.realmId = :realm")
                .setParameter("realm", realmId)
                .executeUpdate();
        if (rows > 0) {
            entities.persist(new RemovedRealmEntity(apart, realmId, now, endsAt));
        }
        return rows;
    }

    /** Removals whose rows are still kept, the latest first. */
    public List<RemovedRealm> list() {
        return entities
                .createQuery(
                        "select r from RemovedRealmEntity r order by r.removedAt desc, r.id", RemovedRealmEntity.class)
                .getResultList()
                .stream()
                .map(RemovedRealmEntity::toRemovedRealm)
                .toList();
    }

    /** Removals that are to be looked at, the longest due first. */
    public List<RemovedRealm> due(Instant now, int limit) {
        return entities
                .createQuery(
                        "select r from RemovedRealmEntity r where r.nextLookAt <= :now order by r.nextLookAt",
                        RemovedRealmEntity.class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(RemovedRealmEntity::toRemovedRealm)
                .toList();
    }

    /** Has removals of this realm id looked at as soon as possible, and often again. */
    public void lookSoon(String realmId) {
        entities.createQuery("update RemovedRealmEntity r set r.nextLookAt = 0, r.looks = 0 where r.realmId = :realm")
                .setParameter("realm", realmId)
                .executeUpdate();
    }

    /**
     * The removal was looked at.
     *
     * @param looks how often in vain by now
     */
    public void looked(String id, int looks, Instant next) {
        entities.createQuery("update RemovedRealmEntity r set r.looks = :looks, r.nextLookAt = :next where r.id = :id")
                .setParameter("looks", looks)
                .setParameter("next", next.toEpochMilli())
                .setParameter("id", id)
                .executeUpdate();
    }

    /** Whether a removed realm of this id may still come back. */
    public boolean awaits(String realmId) {
        return entities.createQuery("select count(r) from RemovedRealmEntity r where r.realmId = :realm", Long.class)
                        .setParameter("realm", realmId)
                        .getSingleResult()
                > 0;
    }

    /** The removal as it is now, kept from other nodes until the transaction ends; empty if its time is over. */
    public Optional<RemovedRealm> lock(String id) {
        return locked(id).map(RemovedRealmEntity::toRemovedRealm);
    }

    /** As {@link #lock(String)}; empty also if another node has just looked at it. */
    public Optional<RemovedRealm> lockDue(String id, Instant now) {
        return locked(id).filter(row -> row.due(now)).map(RemovedRealmEntity::toRemovedRealm);
    }

    private Optional<RemovedRealmEntity> locked(String id) {
        return Locked.row(entities, RemovedRealmEntity.class, id);
    }

    /** Forgets the removal, once {@link Storage#removeRealm} has ended what is left of it. */
    public void forget(RemovedRealm removed) {
        entities.createQuery("delete from RemovedRealmEntity r where r.id = :id")
                .setParameter("id", removed.id())
                .executeUpdate();
    }
}
