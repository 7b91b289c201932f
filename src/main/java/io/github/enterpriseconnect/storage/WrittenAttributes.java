package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Until when users could write the attributes that calendar names come from, in table {@code EC_WRITTEN_ATTRIBUTE}: not in
 * the realm, for whoever writes a realm's configuration replaces its attributes. Belongs to one realm, one session and its
 * transaction.
 */
public final class WrittenAttributes {
    private final EntityManager entities;
    private final String realmId;

    WrittenAttributes(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Notes whether users may write the attribute, as seldom as that changes.
     *
     * @param former what is known of an attribute that has no row
     * @return what is known then
     */
    public WrittenAttribute note(String attribute, boolean byUsers, Supplier<WrittenAttribute> former, Instant now) {
        Optional<WrittenAttribute> noted = find(attribute);
        WrittenAttribute known = noted.orElseGet(former);
        if (noted.isEmpty() && (byUsers || !known.equals(WrittenAttribute.UNKNOWN))) {
            create(attribute, known);
        }
        return known.byUsers() == byUsers ? known : change(attribute, known, byUsers, now);
    }

    /** What it holds now counts, whoever has written it. */
    public void accept(String attribute, Instant now) {
        if (find(attribute).isEmpty()) {
            create(attribute, WrittenAttribute.UNKNOWN);
        }
        entities.createQuery("update WrittenAttributeEntity w set w.byUsers = false, w.byUsersUntil = null,"
                        + " w.acceptedAt = :now where w.realmId = :realm and w.attribute = :attribute")
                .setParameter("now", now.toEpochMilli())
                .setParameter("realm", realmId)
                .setParameter("attribute", attribute)
                .executeUpdate();
    }

    private void create(String attribute, WrittenAttribute known) {
        entities.persist(new WrittenAttributeEntity(realmId, attribute, known));
        entities.flush();
    }

    /** Of two nodes the second changes nothing, so that neither fails. */
    private WrittenAttribute change(String attribute, WrittenAttribute known, boolean byUsers, Instant now) {
        entities.createQuery("update WrittenAttributeEntity w set w.byUsers = :byUsers, w.byUsersUntil ="
                        + " case when w.byUsers = true then :now else w.byUsersUntil end"
                        + " where w.realmId = :realm and w.attribute = :attribute and w.byUsers <> :byUsers")
                .setParameter("byUsers", byUsers)
                .setParameter("now", now.toEpochMilli())
                .setParameter("realm", realmId)
                .setParameter("attribute", attribute)
                .executeUpdate();
        return new WrittenAttribute(byUsers, byUsers ? known.until() : now, known.acceptedAt());
    }

    private Optional<WrittenAttribute> find(String attribute) {
        return entities
                .createQuery(
                        "select w.byUsers, w.byUsersUntil, w.acceptedAt from WrittenAttributeEntity w"
                                + " where w.realmId = :realm and w.attribute = :attribute",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("attribute", attribute)
                .getResultList()
                .stream()
                .findFirst()
                .map(row -> new WrittenAttribute(
                        (boolean) row[0], VersionedRow.instant((Long) row[1]), VersionedRow.instant((Long) row[2])));
    }

    /**
     * What a realm that was removed knew is known of the one that is there again, too.
     *
     * @param removed as it was removed
     */
    static void takeBack(EntityManager entities, RemovedRealm removed) {
        List<WrittenAttributeEntity> own = of(entities, removed.realm());
        of(entities, removed.id()).forEach(kept -> own.stream()
                .filter(row -> row.attribute().equals(kept.attribute()))
                .findFirst()
                .ifPresent(row -> {
                    row.takeBack(kept);
                    entities.remove(kept);
                }));
        entities.flush();
        entities.createQuery("update WrittenAttributeEntity w set w.realmId = :realm where w.realmId = :apart")
                .setParameter("realm", removed.realm())
                .setParameter("apart", removed.id())
                .executeUpdate();
    }

    private static List<WrittenAttributeEntity> of(EntityManager entities, String realmId) {
        return entities.createQuery(
                        "select w from WrittenAttributeEntity w where w.realmId = :realm", WrittenAttributeEntity.class)
                .setParameter("realm", realmId)
                .getResultList();
    }
}
