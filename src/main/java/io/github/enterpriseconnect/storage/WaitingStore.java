package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Members who are to be asked for, in table {@code EC_WAITING}, from the moment after their sign-in until it is known
 * what becomes of them: they are asked for, there is nothing to ask for, or the gate has said no. Belongs to one realm,
 * one session and its transaction.
 *
 * <p>No two transactions contest a new row: two nodes that put the same member at once leave two, which go together.
 */
public final class WaitingStore {
    private final EntityManager entities;
    private final String realmId;

    WaitingStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Has the member wait, if that is not so already; the latest sign-in counts.
     *
     * @param next when whoever comes by may take the member on, if it has not been done by then
     */
    public void put(WaitingMember member, Instant now, Instant next) {
        List<WaitingEntity> rows = rows(member.userId());
        rows.forEach(row -> row.come(member.link(), member.signIn()));
        if (rows.isEmpty()) {
            add(member, now, next);
        }
    }

    /** As {@link #put}, in a transaction that must not contest a row: whatever row there is stays, and they go together. */
    public void add(WaitingMember member, Instant now, Instant next) {
        WaitingEntity row = new WaitingEntity(realmId, member.userId(), now);
        row.come(member.link(), member.signIn());
        row.postpone(next);
        entities.persist(row);
    }

    /** Whether the member waits. */
    public boolean contains(String userId) {
        return !rows(userId).isEmpty();
    }

    /**
     * Nothing could be decided of the member now.
     *
     * @param next when to try again, by how often that has happened, this time included
     * @return whether the member waits at all
     */
    public boolean fail(String userId, IntFunction<Instant> next) {
        List<WaitingEntity> rows = rows(userId);
        rows.forEach(row -> row.fail(next.apply(row.attempts() + 1)));
        return !rows.isEmpty();
    }

    /** It is known what has become of these. */
    public void remove(Collection<String> userIds) {
        if (userIds.isEmpty()) {
            return;
        }
        entities.createQuery("delete from WaitingEntity w where w.realmId = :realm and w.userId in :users")
                .setParameter("realm", realmId)
                .setParameter("users", userIds)
                .executeUpdate();
    }

    /** How many members of the link wait. */
    public long count(LinkId link) {
        return entities.createQuery(
                        "select count(w) from WaitingEntity w where w.realmId = :realm and w.linkName = :link",
                        Long.class)
                .setParameter("realm", realmId)
                .setParameter("link", link.name())
                .getSingleResult();
    }

    private List<WaitingEntity> rows(String userId) {
        return entities.createQuery(
                        "select w from WaitingEntity w where w.realmId = :realm and w.userId = :user",
                        WaitingEntity.class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .getResultList();
    }
}
