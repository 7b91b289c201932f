package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Policy;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Which members are to be told of their delegation, and who was, in table {@code EC_NOTICE}: at most one notice for as
 * long as a right lasts, however often it is renewed. Belongs to one realm, one session and its transaction.
 *
 * @see Policy.Notice
 */
public final class NoticeStore {
    private final EntityManager entities;
    private final String realmId;

    NoticeStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * A notice that this node sends.
     *
     * @param delegation id of the delegation it is about
     */
    public record Claimed(String delegation, Instant createdAt) {}

    /** Has the member told, unless that was done already. */
    public void order(String delegation, Instant now) {
        if (entities.find(NoticeEntity.class, delegation) == null) {
            entities.persist(new NoticeEntity(delegation, realmId, now));
        }
    }

    /** Empty if the notice is not due, since another node is sending it or has sent it. */
    public Optional<Claimed> claim(String delegation, Instant now, Instant until) {
        return find(delegation).filter(row -> row.due(now)).map(row -> {
            row.attempt(until);
            return new Claimed(row.id(), row.createdAt());
        });
    }

    public void postpone(String delegation, Instant next) {
        find(delegation).ifPresent(row -> row.postpone(next));
    }

    /**
     * No notice of the realm that is due can be sent now.
     *
     * @param next when to try again, by since when the oldest of them has waited
     */
    public void putOff(Instant now, UnaryOperator<Instant> next) {
        Long oldest = entities.createQuery(
                        "select min(n.createdAt) from NoticeEntity n where n.realmId = :realm and n.nextAttemptAt <= :now",
                        Long.class)
                .setParameter("realm", realmId)
                .setParameter("now", now.toEpochMilli())
                .getSingleResult();
        if (oldest != null) {
            entities.createQuery("update NoticeEntity n set n.nextAttemptAt = :next where n.realmId = :realm"
                            + " and n.nextAttemptAt <= :now")
                    .setParameter(
                            "next", next.apply(Instant.ofEpochMilli(oldest)).toEpochMilli())
                    .setParameter("realm", realmId)
                    .setParameter("now", now.toEpochMilli())
                    .executeUpdate();
        }
    }

    /**
     * Gives up the notices of the realm that were ordered before that time.
     *
     * @return how many there were
     */
    public int giveUp(Instant before) {
        return entities.createQuery("update NoticeEntity n set n.nextAttemptAt = null where n.realmId = :realm"
                        + " and n.nextAttemptAt is not null and n.createdAt < :before")
                .setParameter("realm", realmId)
                .setParameter("before", before.toEpochMilli())
                .executeUpdate();
    }

    /** Nothing is left to do: the notice was sent, or nobody wants it any more. */
    public void close(String delegation) {
        find(delegation).ifPresent(NoticeEntity::close);
    }

    /** The right has ended; a new one is worth a notice of its own. */
    public void forget(String delegation) {
        entities.createQuery("delete from NoticeEntity n where n.id = :id")
                .setParameter("id", delegation)
                .executeUpdate();
    }

    /** Ids of notices of any realm, in their order. */
    public List<String> page(String after, int limit) {
        return entities.createQuery("select n.id from NoticeEntity n where n.id > :after order by n.id", String.class)
                .setParameter("after", after)
                .setMaxResults(limit)
                .getResultList();
    }

    /** Those of the ids whose delegations are gone: an older version of us leaves them behind. */
    public List<String> lost(List<String> ids) {
        Set<String> there = new HashSet<>(
                entities.createQuery("select d.id from DelegationEntity d where d.id in :ids", String.class)
                        .setParameter("ids", ids)
                        .getResultList());
        return ids.stream().filter(id -> !there.contains(id)).toList();
    }

    private Optional<NoticeEntity> find(String delegation) {
        return Optional.ofNullable(entities.find(NoticeEntity.class, delegation));
    }
}
