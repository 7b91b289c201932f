package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What waits for somebody to look after it, in every realm. Belongs to one session and its transaction. */
public final class DueWork {
    private static final String NOT_APART = notApart("d");

    private final EntityManager entities;

    DueWork(EntityManager entities) {
        this.entities = entities;
    }

    /** Who is to be asked for, and whose codes are to be redeemed. */
    public DueAsks asks() {
        return new DueAsks(entities);
    }

    /** Realms with an active link whose sessions are to be looked at. */
    public List<String> toSweep(Instant now) {
        return entities.createQuery(
                        "select distinct l.realmId from LinkEntity l where l.state = :active and not exists"
                                + " (select s.id from SweepEntity s where s.realmId = l.realmId and s.kind = :kind and s.nextAt > :now)"
                                + notApart("l"),
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
                                        + " where n.nextAttemptAt <= :now" + NOT_APART + " order by n.nextAttemptAt",
                                DelegationEntity.class)
                        .setParameter("now", now.toEpochMilli()),
                limit);
    }

    /**
     * Links that may be kept from something by what the realm lacks: those with a policy, and those whose tokens did not
     * open; by the ids of their rows.
     *
     * @param after rows after this one
     * @return the links by the ids of their rows
     */
    public SortedMap<String, LinkId> linksToExamine(String after, int limit) {
        SortedMap<String, LinkId> links = new TreeMap<>();
        entities.createQuery(
                        "select l.id, l.realmId, l.name from LinkEntity l where l.id > :after and l.state <> :unlinked"
                                + " and (l.policy is not null or l.policyProblem is not null"
                                + " or (l.state = :needy and l.problem = :unreadable))" + notApart("l")
                                + " order by l.id",
                        Object[].class)
                .setParameter("after", after)
                .setParameter("unlinked", Link.State.UNLINKED)
                .setParameter("needy", Link.State.NEEDS_AUTHORIZATION)
                .setParameter("unreadable", Reason.CREDENTIAL_UNREADABLE.name())
                .setMaxResults(limit)
                .getResultList()
                .forEach(row -> links.put((String) row[0], new LinkId((String) row[1], (String) row[2])));
        return links;
    }

    /** Delegations that ended because their credentials did not open any more, the longest unexamined first. */
    public List<Delegation> keyLost(int limit) {
        return list(
                entities.createQuery(
                                "select d from DelegationEntity d where d.state = :revoked and d.live = true"
                                        + " and d.reason = :unreadable order by d.examinedAt",
                                DelegationEntity.class)
                        .setParameter("revoked", Delegation.State.REVOKED)
                        .setParameter("unreadable", Reason.CREDENTIAL_UNREADABLE.name()),
                limit);
    }

    /** Removed links that still have members whose delegations have not ended. */
    public List<LinkId> unlinked(int limit) {
        return entities
                .createQuery(
                        "select distinct d.realmId, d.linkName from DelegationEntity d"
                                + " where (d.state <> :revoked or d.live = true) and not exists (select l.id from LinkEntity l where l.realmId = d.realmId"
                                + " and l.name = d.linkName and l.state <> :unlinked)"
                                + NOT_APART,
                        Object[].class)
                .setParameter("revoked", Delegation.State.REVOKED)
                .setParameter("unlinked", Link.State.UNLINKED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    /**
     * Live delegations that nobody has examined since that time, the longest unexamined first; without those that end
     * with their link ({@link #unlinked}).
     */
    public List<Delegation> unexamined(Instant since, int limit) {
        return list(
                entities.createQuery(
                                "select d from DelegationEntity d where d.live = true and d.examinedAt < :since"
                                        + " and exists (select l.id from LinkEntity l where l.realmId = d.realmId"
                                        + " and l.name = d.linkName and l.state <> :unlinked)"
                                        + NOT_APART + " order by d.examinedAt",
                                DelegationEntity.class)
                        .setParameter("unlinked", Link.State.UNLINKED)
                        .setParameter("since", since.toEpochMilli()),
                limit);
    }

    /** Changes of users that nobody has judged yet, in every realm, the longest due first. */
    public List<Change.Unjudged> unjudged(Instant now, int limit) {
        return entities
                .createQuery(
                        "select c from ChangeEntity c where c.nextAttemptAt <= :now and c.kind in :known"
                                + notApart("c") + " order by c.nextAttemptAt, c.createdAt",
                        ChangeEntity.class)
                .setParameter("now", now.toEpochMilli())
                .setParameter("known", ChangeStore.OF_USERS)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(ChangeEntity::toUnjudged)
                .toList();
    }

    /** Links that still stand while their organizations are gone. */
    public List<LinkId> organizationsRemoved(int limit) {
        return entities
                .createQuery(
                        "select distinct c.realmId, c.linkName from ChangeEntity c where c.kind = :kind"
                                + notApart("c"),
                        Object[].class)
                .setParameter("kind", ChangeEntity.ORGANIZATION_REMOVED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    /** Rows of removed realms that may come back wait for that, see {@link RemovedRealmStore}. */
    static String notApart(String row) {
        return " and not exists (select r.id from RemovedRealmEntity r where r.id = " + row + ".realmId)";
    }

    private static List<Delegation> list(TypedQuery<DelegationEntity> query, int limit) {
        return query.setMaxResults(limit).getResultList().stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /** Notes that these have been examined; deliberately past their versions, for it changes nothing of them. */
    public void examined(Collection<String> ids, Instant now) {
        entities.createQuery("update DelegationEntity d set d.examinedAt = :now where d.id in :ids")
                .setParameter("now", now.toEpochMilli())
                .setParameter("ids", ids)
                .executeUpdate();
    }

    /**
     * Notes how the directory is set up by which these were seen to stand, empty if their users are in none any more; past
     * their versions as well.
     */
    public void standBy(Optional<String> directory, Collection<String> ids) {
        directory.ifPresentOrElse(source -> standBy(source, ids), () -> standAlone(ids));
    }

    private void standAlone(Collection<String> ids) {
        entities.createQuery(
                        "update DelegationEntity d set d.source = null where d.id in :ids and d.source is not null")
                .setParameter("ids", ids)
                .executeUpdate();
    }

    private void standBy(String source, Collection<String> ids) {
        entities.createQuery("update DelegationEntity d set d.source = :source where d.id in :ids"
                        + " and (d.source is null or d.source <> :source)")
                .setParameter("source", source)
                .setParameter("ids", ids)
                .executeUpdate();
    }

    /** The first of the link's delegations that have not ended comes last from now on. */
    public void moveBack(LinkId link, Instant now) {
        List<String> first = entities.createQuery(
                        "select d.id from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + " and (d.state <> :revoked or d.live = true) order by d.examinedAt, d.id",
                        String.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("revoked", Delegation.State.REVOKED)
                .setMaxResults(1)
                .getResultList();
        if (!first.isEmpty()) {
            examined(first, now);
        }
    }

    /** Has every live delegation of the link examined at the next occasion. */
    public void examineSoon(LinkId link) {
        entities.createQuery("update DelegationEntity d set d.examinedAt = 0 where d.realmId = :realm"
                        + " and d.linkName = :link and d.live = true")
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .executeUpdate();
    }

    /** Realms of which any table holds something of a person. */
    public List<String> peopled() {
        return Stream.of("DelegationEntity", "MemberEntity", "TokenUseEntity", "WaitingEntity", "RevocationEntity")
                .flatMap(
                        holder -> entities
                                .createQuery("select distinct r.realmId from " + holder + " r", String.class)
                                .getResultList()
                                .stream())
                .distinct()
                .toList();
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
