package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What all tables together hold of a realm's users, by Keycloak's ids of them. Belongs to one realm, one session and its
 * transaction.
 */
public final class PeopleStore {
    /** For so long Cronofy may still answer an ask, with what then has to be revoked. */
    private static final Duration ANSWER_AWAITED = Duration.ofDays(1);

    static final List<String> HOLDERS =
            List.of("DelegationEntity", "MemberEntity", "TokenUseEntity", "WaitingEntity", "RevocationEntity");

    private final EntityManager entities;
    private final String realmId;

    PeopleStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Ids of users of whom something is held, in their order: as many rows are read as are shown, whatever they tell.
     *
     * @param after the last one of the page before; empty for the first page
     * @param upTo the last one that is wanted; empty for all
     */
    public List<String> page(String after, String upTo, int limit) {
        TreeSet<String> ids = new TreeSet<>();
        HOLDERS.forEach(holder -> {
            TypedQuery<String> query = entities.createQuery(
                            "select distinct r.userId from " + holder
                                    + " r where r.realmId = :realm and r.userId > :after"
                                    + (upTo.isEmpty() ? "" : " and r.userId <= :upTo") + " order by r.userId",
                            String.class)
                    .setParameter("realm", realmId)
                    .setParameter("after", after);
            if (!upTo.isEmpty()) {
                query.setParameter("upTo", upTo);
            }
            ids.addAll(query.setMaxResults(limit).getResultList());
        });
        return ids.stream().limit(limit).toList();
    }

    /** Those of these users who have no right; users who have one are looked at for its sake. */
    public List<String> withoutRight(List<String> userIds) {
        if (userIds.isEmpty()) {
            return userIds;
        }
        Set<String> withRight = new HashSet<>(entities.createQuery(
                        "select d.userId from DelegationEntity d where d.realmId = :realm and d.userId in :users"
                                + " and d.live = true",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("users", userIds)
                .getResultList());
        return userIds.stream().filter(id -> !withRight.contains(id)).toList();
    }

    /**
     * Forgets a user who is gone. What stays is what a revocation still needs: a right that has not been ended yet, an
     * ask whose answer may still come, for a day, and a pending order.
     *
     * @return how many rows are gone, or tell nothing of the user any more
     */
    public int forget(String userId, Instant now) {
        int forgotten = 0;
        for (String holder : List.of("MemberEntity", "TokenUseEntity", "WaitingEntity")) {
            forgotten += entities.createQuery(
                            "delete from " + holder + " r where r.realmId = :realm and r.userId = :user")
                    .setParameter("realm", realmId)
                    .setParameter("user", userId)
                    .executeUpdate();
        }
        forgotten += entities.createQuery("delete from MoveEntity m where m.realmId = :realm and m.userId = :user"
                        + " and m.code is null and (m.callbackUrl is null or m.touchedAt < :before)")
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .setParameter("before", now.minus(ANSWER_AWAITED).toEpochMilli())
                .executeUpdate();
        Map<String, String> linksOfRows = entities
                .createQuery(
                        "select d.id, d.linkName from DelegationEntity d where d.realmId = :realm and d.userId = :user"
                                + " and d.live = false and d.code is null"
                                + " and (d.callbackUrl is null or d.askedAt is null or d.askedAt < :before)",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .setParameter("before", now.minus(ANSWER_AWAITED).toEpochMilli())
                .getResultList()
                .stream()
                .collect(Collectors.toMap(row -> (String) row[0], row -> (String) row[1]));
        Set<String> delegations = linksOfRows.keySet();
        RosterStore roster = new RosterStore(entities, realmId);
        linksOfRows.forEach((row, link) -> roster.depart(row, link, userId, Reason.USER_REMOVED, now));
        if (!delegations.isEmpty()) {
            List.of("NoticeEntity", "DelegationEntity")
                    .forEach(holder -> entities.createQuery("delete from " + holder + " r where r.id in :ids")
                            .setParameter("ids", delegations)
                            .executeUpdate());
        }
        forgotten += entities.createQuery("update RevocationEntity r set r.userId = null, r.mailbox = null"
                        + " where r.realmId = :realm and r.userId = :user and r.endedAt is not null")
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .executeUpdate();
        return forgotten + delegations.size();
    }
}
