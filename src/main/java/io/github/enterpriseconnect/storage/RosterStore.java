package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.RosterEntry;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The members of a realm's links as applications read them, from tables {@code EC_DELEGATION} and {@code EC_DEPARTURE}: in
 * the order in which something changed, so that who has read so far goes on from there, and whatever changes meanwhile comes
 * after that. Each page is read by an index. Belongs to one realm, one session and its transaction.
 */
public final class RosterStore {
    private final EntityManager entities;
    private final String realmId;

    RosterStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Delegations as they are.
     *
     * @param link name of a link; null for all of the realm
     * @param after the place of the last one before
     */
    public List<RosterEntry> members(@Nullable String link, RosterEntry.Place after, int limit) {
        return page(
                        "select d.id, d.userId, d.linkName, d.stateName, d.reason, d.changedAt, d.history"
                                + " from DelegationEntity d",
                        link,
                        after,
                        limit)
                .stream()
                .map(row -> entry((String) row[0], row, (String) row[3], since((long) row[5], row[6])))
                .toList();
    }

    /** Delegations that are no longer there, or not in that link. */
    public List<RosterEntry> departed(@Nullable String link, RosterEntry.Place after, int limit) {
        return page(
                        "select d.delegation, d.userId, d.linkName, d.id, d.reason, d.changedAt from DepartureEntity d",
                        link,
                        after,
                        limit)
                .stream()
                .map(row -> entry(
                        (String) row[3], row, Delegation.State.REVOKED.name(), Instant.ofEpochMilli((long) row[5])))
                .toList();
    }

    /**
     * Of very many rows of one moment, as of all that were there before anybody noted it, a database finds those after a
     * certain one by an index only where nothing else is asked for.
     */
    private List<Object[]> page(String select, @Nullable String link, RosterEntry.Place after, int limit) {
        String whose = select + " where d.realmId = :realm" + (link == null ? "" : " and d.linkName = :link");
        if (after.id().isEmpty()) {
            return query(whose + " and d.changedAt >= :at", link, after, limit).getResultList();
        }
        List<Object[]> rows = new ArrayList<>(query(whose + " and d.changedAt = :at and d.id > :id", link, after, limit)
                .setParameter("id", after.id())
                .getResultList());
        if (rows.size() < limit) {
            rows.addAll(query(whose + " and d.changedAt > :at", link, after, limit - rows.size())
                    .getResultList());
        }
        return rows;
    }

    private TypedQuery<Object[]> query(String rows, @Nullable String link, RosterEntry.Place after, int limit) {
        TypedQuery<Object[]> query = entities.createQuery(rows + " order by d.changedAt, d.id", Object[].class)
                .setParameter("realm", realmId)
                .setParameter("at", after.at())
                .setMaxResults(limit);
        return link == null ? query : query.setParameter("link", link);
    }

    /** A mailbox may pass from one link to another, and is told of in each by itself. */
    private static RosterEntry entry(String place, Object[] row, String state, @Nullable Instant since) {
        String link = (String) row[2];
        String reason = (String) row[4];
        return new RosterEntry(
                row[0] + "." + link,
                (String) row[1],
                link,
                state.toLowerCase(Locale.ROOT),
                reason == null ? null : reason.toLowerCase(Locale.ROOT),
                since,
                new RosterEntry.Place((long) row[5], place));
    }

    /** What changed before anybody noted it by itself is in its history. */
    private static @Nullable Instant since(long changedAt, @Nullable Object history) {
        if (changedAt > 0) {
            return Instant.ofEpochMilli(changedAt);
        }
        return history instanceof List<?> attempts
                        && !attempts.isEmpty()
                        && attempts.get(0) instanceof Delegation.Attempt newest
                ? newest.at()
                : null;
    }

    /** A delegation that is there is about to be one of this link. */
    void pass(Delegation before, LinkId to, Instant now) {
        if (before.link().equals(to)) {
            return;
        }
        depart(before.id(), before.link().name(), before.userId(), Reason.LEFT_ORGANIZATION, now);
        entities.createQuery("delete from DepartureEntity d where d.delegation = :row and d.linkName = :link")
                .setParameter("row", before.id())
                .setParameter("link", to.name())
                .executeUpdate();
    }

    /** A delegation is about to be forgotten, or to become another link's. */
    void depart(String delegation, String link, String userId, Reason reason, Instant now) {
        entities.persist(new DepartureEntity(realmId, link, userId, delegation, reason, now));
    }

    /** What is still apart of these users, since the realm that is back has a new one, never comes back. */
    void departApart(String apart, Collection<String> users, Instant now) {
        entities.createQuery(
                        "select d.id, d.linkName, d.userId from DelegationEntity d where d.realmId = :apart"
                                + " and d.userId in :users",
                        Object[].class)
                .setParameter("apart", apart)
                .setParameter("users", users)
                .getResultList()
                .forEach(row -> depart((String) row[0], (String) row[1], (String) row[2], Reason.REALM_REMOVED, now));
    }

    /** These are there again. */
    void tellAnew(Collection<String> ids, Instant now) {
        entities.createQuery("update DelegationEntity d set d.changedAt = :now where d.id in :ids")
                .setParameter("now", now.toEpochMilli())
                .setParameter("ids", ids)
                .executeUpdate();
    }
}
