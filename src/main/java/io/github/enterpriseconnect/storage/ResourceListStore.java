package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When Cronofy was last asked for the resources of links, and is to be asked again, in table {@code EC_RESOURCE_LIST}.
 * Belongs to one session and its transaction.
 */
public final class ResourceListStore {
    private final EntityManager entities;

    ResourceListStore(EntityManager entities) {
        this.entities = entities;
    }

    public ResourceListing of(LinkId link) {
        return find(link).map(ResourceListEntity::toListing).orElse(ResourceListing.NONE);
    }

    /** Whether whatever is listed is to be delegated, too. */
    public void delegateAll(LinkId link, boolean all, Instant now) {
        findOrCreate(link, now).delegateAll(all);
    }

    /** It is to be read as soon as possible. */
    public void soon(LinkId link, Instant now) {
        findOrCreate(link, now).next(now);
    }

    /** It is to be read again and again, and is so already if anybody has seen to that. */
    public void keep(LinkId link, Instant now) {
        ResourceListEntity unused = findOrCreate(link, now);
    }

    /** Links whose lists are to be read, the longest due first. */
    public List<LinkId> due(Instant now, int limit) {
        return entities
                .createQuery(
                        "select e.realmId, e.linkName from ResourceListEntity e where e.nextAt <= :now"
                                + RemovedRealmEntity.notApart("e") + " order by e.nextAt, e.id",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkId((String) row[0], (String) row[1]))
                .toList();
    }

    /** Claims the reading for one caller across all nodes. */
    public boolean claim(LinkId link, Instant now, Instant until) {
        Optional<ResourceListEntity> row = find(link).filter(found -> found.due(now));
        row.ifPresent(found -> found.next(until));
        return row.isPresent();
    }

    /** It was read. */
    public void read(LinkId link, Instant now, Instant next) {
        find(link).ifPresent(row -> row.read(now, next));
    }

    /** It could not be read. */
    public void fail(LinkId link, Reason why, Instant next) {
        find(link).ifPresent(row -> row.fail(why, next));
    }

    /** Nobody has tried to read it. */
    public void later(LinkId link, Instant next) {
        find(link).ifPresent(row -> row.next(next));
    }

    /** Nobody is to read it any more. */
    public void remove(LinkId link) {
        entities.createQuery("delete from ResourceListEntity e where e.realmId = :realm and e.linkName = :link")
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .executeUpdate();
    }

    private ResourceListEntity findOrCreate(LinkId link, Instant now) {
        return find(link).orElseGet(() -> {
            ResourceListEntity created = new ResourceListEntity(link, now);
            entities.persist(created);
            return created;
        });
    }

    private Optional<ResourceListEntity> find(LinkId link) {
        return entities
                .createQuery(
                        "select e from ResourceListEntity e where e.realmId = :realm and e.linkName = :link",
                        ResourceListEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .stream()
                .findFirst();
    }
}
