package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When somebody has to ask Cronofy how a service account stands, of every realm: column {@code ACCOUNT_LOOK_AT} of {@code
 * EC_LINK}, written by statements alone, past the rows' versions, so that no token request reads its link anew for it.
 * Belongs to one session and its transaction.
 */
public final class ServiceAccountLooks {
    private final EntityManager entities;

    ServiceAccountLooks(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * One that is to be looked at.
     *
     * @param application key of the one that it was authorized for; null if it is not linked any more
     */
    public record Due(LinkId link, @Nullable String application) {}

    /** A linked one, by the id of its row, and whether its service account may list resources. */
    public record Linked(String row, LinkId link, boolean listsResources) {}

    /** So many after this row, by the ids of their rows. */
    public List<Linked> linked(String after, int limit) {
        return entities
                .createQuery(
                        "select l.id, l.realmId, l.name, l.granted.scope from LinkEntity l where l.id > :after and l.state <> :unlinked"
                                + " and not exists (select r.id from RemovedRealmEntity r where r.id = l.realmId)"
                                + " order by l.id",
                        Object[].class)
                .setParameter("after", after)
                .setParameter("unlinked", Link.State.UNLINKED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Linked(
                        (String) row[0], new LinkId((String) row[1], (String) row[2]), Link.listsResources((String)
                                row[3])))
                .toList();
    }

    /** These are to be looked at, unless somebody has seen or asked for them since that time, or is about to. */
    public void soon(Collection<String> rows, Instant since, Instant now) {
        entities.createQuery("update LinkEntity l set l.granted.lookAt = :now where l.id in :rows"
                        + " and l.granted.lookAt is null and (l.granted.seenAt is null or l.granted.seenAt < :since)"
                        + " and (l.granted.askedAt is null or l.granted.askedAt < :since)")
                .setParameter("now", now.toEpochMilli())
                .setParameter("since", since.toEpochMilli())
                .setParameter("rows", rows)
                .executeUpdate();
    }

    /** Those that are to be looked at now, who has waited for longest first. */
    public List<Due> due(Instant now, int limit) {
        return entities
                .createQuery(
                        "select l.realmId, l.name, l.application from LinkEntity l where l.granted.lookAt <= :now"
                                + " order by l.granted.lookAt",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Due(new LinkId((String) row[0], (String) row[1]), (String) row[2]))
                .toList();
    }

    /** Claims one that is due for one node. */
    public boolean claim(LinkId link, Instant now, Instant until) {
        Query query = entities.createQuery("update LinkEntity l set l.granted.lookAt = :until"
                        + " where l.realmId = :realm and l.name = :name and l.granted.lookAt <= :now")
                .setParameter("until", until.toEpochMilli())
                .setParameter("now", now.toEpochMilli());
        return of(link, query).executeUpdate() > 0;
    }

    /** It is looked at at that time again. */
    public void later(LinkId link, Instant when) {
        of(
                        link,
                        entities.createQuery("update LinkEntity l set l.granted.lookAt = :at"
                                        + " where l.realmId = :realm and l.name = :name")
                                .setParameter("at", when.toEpochMilli()))
                .executeUpdate();
    }

    /** Cronofy was asked at that time, whatever it said: nobody does so again before the next day. */
    public void asked(LinkId link, Instant now) {
        of(
                        link,
                        entities.createQuery("update LinkEntity l set l.granted.lookAt = null, l.granted.askedAt = :now"
                                        + " where l.realmId = :realm and l.name = :name")
                                .setParameter("now", now.toEpochMilli()))
                .executeUpdate();
    }

    /** Nobody need look at it. */
    public void none(LinkId link) {
        of(
                        link,
                        entities.createQuery("update LinkEntity l set l.granted.lookAt = null"
                                + " where l.realmId = :realm and l.name = :name"))
                .executeUpdate();
    }

    private static Query of(LinkId link, Query query) {
        return query.setParameter("realm", link.realm()).setParameter("name", link.name());
    }
}
