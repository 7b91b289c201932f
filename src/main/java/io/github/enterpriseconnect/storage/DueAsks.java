package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Who is to be asked for and whose codes are to be redeemed, in every realm, fair between links. Belongs to one session
 * and its transaction.
 */
public final class DueAsks {
    private final EntityManager entities;

    DueAsks(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Asks that are due again; not those of links through which nobody can be asked for at the moment. Of each link the
     * longest due first, and each link before another's second.
     */
    public List<Delegation> due(Instant now, int limit) {
        return inOrder(
                        inTurn(
                                        "DelegationEntity",
                                        "e.state = :asked and e.nextAttemptAt <= :now"
                                                + " and e.code is null and not exists (select l.id from LinkEntity l"
                                                + " where l.realmId = e.realmId and l.name = e.linkName"
                                                + " and l.asks.asksAfter > :now)")
                                .setParameter("asked", Delegation.State.ASKED)
                                .setParameter("now", now.toEpochMilli()),
                        DelegationEntity.class,
                        limit)
                .stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /**
     * Answered asks that nobody redeems at the moment, as after a crash. Of each link the oldest first, and each link
     * before another's second, but those before all others that were answered before then, and those of backfills last.
     * Of members who move and of resources, whose codes nobody waits for either, as many each besides.
     */
    public List<AnsweredAsk> unredeemed(Instant now, Instant before, int limit) {
        return Stream.of("DelegationEntity", "MoveEntity", "CalendarResourceEntity")
                .flatMap(table -> unredeemed(table, now, before, limit).stream())
                .toList();
    }

    private List<AnsweredAsk> unredeemed(String table, Instant now, Instant before, int limit) {
        String answered =
                "coalesce(d.progress.answeredAt, " + (table.equals("DelegationEntity") ? "d.askedAt, " : "") + "0)";
        return entities
                .createQuery(
                        "select x.id, x.realmId, x.linkName, x.since, x.unhurried from (select d.id as id, d.realmId as realmId,"
                                + " d.linkName as linkName, " + answered + " as since,"
                                + " d.progress.unhurried as unhurried,"
                                + " row_number() over (partition by d.realmId, d.linkName"
                                + " order by d.progress.unhurried, " + answered + ", d.id)"
                                + " as turn"
                                + " from " + table + " d where d.progress.redeemAt <= :now"
                                + RemovedRealmEntity.notApart("d")
                                + ") x"
                                + " order by case when x.since < :before then 0 when x.unhurried = true then 2 else 1 end,"
                                + " case when x.since < :before then 0 else x.turn end, x.since, x.id",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setParameter("before", before.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new AnsweredAsk(
                        new LinkId((String) row[1], (String) row[2]),
                        (String) row[0],
                        Instant.ofEpochMilli((Long) row[3]),
                        (Boolean) row[4]))
                .toList();
    }

    /**
     * Members who wait, of each link the longest due first and each link before another's second, claimed by the caller
     * until that time: who is not done with by then is taken on by whoever comes by.
     */
    public List<WaitingMember> claimWaiting(Instant now, Instant until, int limit) {
        List<WaitingEntity> rows = inOrder(
                inTurn("WaitingEntity", "e.nextAttemptAt <= :now").setParameter("now", now.toEpochMilli()),
                WaitingEntity.class,
                limit);
        rows.forEach(row -> row.postpone(until));
        return rows.stream().map(WaitingEntity::toMember).toList();
    }

    /** Ids of rows that have a next attempt and a link, fair between links. */
    private TypedQuery<String> inTurn(String entity, String due) {
        return entities.createQuery(
                "select x.id from (select e.id as id, e.nextAttemptAt as since, row_number() over"
                        + " (partition by e.realmId, e.linkName order by e.nextAttemptAt, e.id) as turn from " + entity
                        + " e where " + due + RemovedRealmEntity.notApart("e") + ") x order by x.turn, x.since, x.id",
                String.class);
    }

    private <T extends VersionedRow> List<T> inOrder(TypedQuery<String> query, Class<T> type, int limit) {
        List<String> ids = query.setMaxResults(limit).getResultList();
        Map<String, T> rows = new HashMap<>();
        if (!ids.isEmpty()) {
            entities.createQuery("select e from " + type.getSimpleName() + " e where e.id in :ids", type)
                    .setParameter("ids", ids)
                    .getResultList()
                    .forEach(row -> rows.put(row.id(), row));
        }
        return ids.stream().map(rows::get).filter(Objects::nonNull).toList();
    }
}
