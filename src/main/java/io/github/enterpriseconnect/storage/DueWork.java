package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** What waits for somebody to look after it, in every realm. Belongs to one session and its transaction. */
public final class DueWork {
    private static final String NOT_APART = RemovedRealmEntity.notApart("d");

    private final EntityManager entities;

    DueWork(EntityManager entities) {
        this.entities = entities;
    }

    /** Who is to be asked for, and whose codes are to be redeemed. */
    public DueAsks asks() {
        return new DueAsks(entities);
    }

    /** Nothing can be asked for in this realm before that time. */
    public void putOff(String realmId, Instant now, Instant next) {
        entities.createQuery("update DelegationEntity d set d.nextAttemptAt = :next where d.realmId = :realm"
                        + " and d.state = :asked and d.nextAttemptAt <= :now")
                .setParameter("next", next.toEpochMilli())
                .setParameter("realm", realmId)
                .setParameter("asked", Delegation.State.ASKED)
                .setParameter("now", now.toEpochMilli())
                .executeUpdate();
    }

    /** Links of which members are to be looked at by a backfill, the longest due first. */
    public List<LinkId> backfills(Instant now, int limit) {
        return dueLinks("BackfillEntity", now, limit);
    }

    private List<LinkId> dueLinks(String table, Instant now, int limit) {
        return entities
                .createQuery(
                        "select b.realmId, b.linkName from " + table + " b where b.nextAt <= :now"
                                + RemovedRealmEntity.notApart("b") + " order by b.nextAt, b.id",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    /** Links that are being verified, and of which something is to be done, the longest due first. */
    public List<LinkId> verifications(Instant now, int limit) {
        return entities
                .createQuery(
                        "select v.realmId, v.linkName from VerificationEntity v where v.nextAt <= :now"
                                + RemovedRealmEntity.notApart("v") + " order by v.nextAt, v.id",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    /** Links whose service accounts are being replaced and on which something is to be done, the longest due first. */
    public List<LinkId> replacements(Instant now, int limit) {
        return dueLinks("ReplacementEntity", now, limit);
    }

    /** Realms with an active link whose sessions are to be looked at. Asked of each realm: links may be many. */
    public List<String> toSweep(Instant now) {
        return entities.createQuery(
                        "select r.id from RealmEntity r where exists (select l.id from LinkEntity l"
                                + " where l.realmId = r.id and l.state = :active) and not exists"
                                + " (select s.id from SweepEntity s where s.realmId = r.id and s.kind = :kind and s.nextAt > :now)",
                        String.class)
                .setParameter("active", Link.State.ACTIVE)
                .setParameter("kind", SweepStore.Kind.SESSIONS.id())
                .setParameter("now", now.toEpochMilli())
                .getResultList();
    }

    /** Delegations whose members are to be told of them, the longest due first. */
    public List<Delegation> unannounced(Instant now, int limit) {
        return list(
                entities.createQuery(
                                "select d from DelegationEntity d join NoticeEntity n on n.id = d.id"
                                        + " where n.nextAttemptAt <= :now" + NOT_APART
                                        + " order by n.nextAttemptAt, n.createdAt",
                                DelegationEntity.class)
                        .setParameter("now", now.toEpochMilli()),
                limit);
    }

    /**
     * Links that have ended and may still have members whose delegations have not, by realm and name.
     *
     * @param after links after this one
     */
    public List<LinkId> ended(LinkId after, int limit) {
        return linksOf(ChangeEntity.LINK_ENDED, after, limit);
    }

    /** Those of which nothing says so. */
    public EndedLinks endedLinks() {
        return new EndedLinks(entities);
    }

    /** Changes of users that nobody has judged yet, in every realm, the longest due first. */
    public List<Change.Unjudged> unjudged(Instant now, int limit) {
        return entities
                .createQuery(
                        "select c from ChangeEntity c where c.nextAttemptAt <= :now and c.kind in :known"
                                + RemovedRealmEntity.notApart("c") + " order by c.nextAttemptAt, c.createdAt",
                        ChangeEntity.class)
                .setParameter("now", now.toEpochMilli())
                .setParameter("known", ChangeStore.OF_USERS)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(ChangeEntity::toUnjudged)
                .toList();
    }

    /**
     * Links that still stand while their organizations are gone, by realm and name.
     *
     * @param after links after this one
     */
    public List<LinkId> organizationsRemoved(LinkId after, int limit) {
        return linksOf(ChangeEntity.ORGANIZATION_REMOVED, after, limit);
    }

    private List<LinkId> linksOf(String kind, LinkId after, int limit) {
        return entities
                .createQuery(
                        "select distinct c.realmId, c.linkName from ChangeEntity c where c.kind = :kind"
                                + RemovedRealmEntity.notApart("c")
                                + " and (c.realmId > :realm or c.realmId = :realm and c.linkName > :name)"
                                + " order by c.realmId, c.linkName",
                        Object[].class)
                .setParameter("kind", kind)
                .setParameter("realm", after.realm())
                .setParameter("name", after.name())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    private static List<Delegation> list(TypedQuery<DelegationEntity> query, int limit) {
        return query.setMaxResults(limit).getResultList().stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /**
     * Realms of which any table holds something of a person. Asked for the realm's first in the order of an index: of a table
     * in which nearly everything belongs to few realms, a database would rather read all to find one of another, and not
     * every database finds the next realm by an index.
     */
    public List<String> peopled() {
        String holds = PeopleStore.HOLDERS.stream()
                .map(holder -> "(select h.realmId from " + holder
                        + " h where h.realmId = r.id order by h.userId limit 1) = r.id")
                .collect(Collectors.joining(" or "));
        return entities.createQuery("select r.id from RealmEntity r where " + holds, String.class)
                .getResultList();
    }

    /** Ids of rows that have outlived their time. */
    public List<String> outlived(Retention retention, Instant now, int limit) {
        return retention.outlived(entities, now, limit);
    }

    /** Forgets such a row. In a transaction by itself, see {@link ChangeStore#judged}. */
    public void purge(Retention retention, String id, Instant now) {
        retention.purge(entities, id, now);
    }
}
