package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What Keycloak's transactions have done and nobody has judged yet, in table {@code EC_CHANGE}. In Keycloak's
 * transactions rows are only added here: nobody waits for one, and nobody else's work can make that fail. Belongs to one
 * realm, one session and its transaction.
 */
public final class ChangeStore {
    /** Of users; a newer version of us may have written others, and judges them itself. */
    static final List<String> OF_USERS = List.of(ChangeEntity.USER_CHANGED, ChangeEntity.USER_REMOVED);

    private final EntityManager entities;
    private final String realmId;

    ChangeStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Notes a change, to be judged once the transaction has been committed.
     *
     * @param next when others look for it; until then it is left to the caller
     */
    public Change.Unjudged add(Change change, Instant now, Instant next) {
        ChangeEntity row = new ChangeEntity(realmId, change, now, next);
        entities.persist(row);
        return row.toUnjudged();
    }

    /**
     * Whether it has still to be judged that a user of this id is gone. Changes of a kind that only a newer version of us
     * knows count as this one, too.
     */
    public boolean removed(String userId) {
        return entities.createQuery(
                                "select count(c) from ChangeEntity c where c.realmId = :realm and c.userId = :user"
                                        + " and c.kind <> :changed",
                                Long.class)
                        .setParameter("realm", realmId)
                        .setParameter("user", userId)
                        .setParameter("changed", ChangeEntity.USER_CHANGED)
                        .getSingleResult()
                > 0;
    }

    /** What the users of this id carried who are gone, as long as that has not been judged. */
    public List<String> carried(String userId) {
        return ofUser(userId)
                .filter(Change.UserRemoved.class::isInstance)
                .flatMap(change -> ((Change.UserRemoved) change).carried().stream())
                .toList();
    }

    /**
     * Whether the user has proved the address by what has not been judged yet, or has lost such a proof by it.
     *
     * @param judged whether they had proved it before all that
     */
    public boolean proven(String userId, Mailbox mailbox, boolean judged) {
        return ofUser(userId)
                .filter(Change.UserChanged.class::isInstance)
                .map(Change.UserChanged.class::cast)
                .filter(changed -> changed.mailbox() != null)
                .reduce(
                        judged,
                        (proven, changed) ->
                                mailbox.equals(changed.mailbox()) && (proven || changed.provenBy() != null),
                        (former, latter) -> latter);
    }

    /** The oldest first. */
    private Stream<Change> ofUser(String userId) {
        return entities
                .createQuery(
                        "select c from ChangeEntity c where c.realmId = :realm and c.userId = :user"
                                + " and c.kind in :known order by c.createdAt",
                        ChangeEntity.class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .setParameter("known", OF_USERS)
                .getResultList()
                .stream()
                .map(row -> row.toUnjudged().change());
    }

    /** Ids of all that somebody of the realm has to judge; that a link has ended is for whoever forgets its members. */
    public List<String> all() {
        return entities.createQuery(
                        "select c.id from ChangeEntity c where c.realmId = :realm and c.kind <> :ended", String.class)
                .setParameter("realm", realmId)
                .setParameter("ended", ChangeEntity.LINK_ENDED)
                .getResultList();
    }

    /** That the link's organization is gone, while the link still stands. */
    public List<Change.Unjudged> organizationRemoved(LinkId link) {
        return entities
                .createQuery(
                        "select c from ChangeEntity c where c.realmId = :realm and c.linkName = :link"
                                + " and c.kind = :kind",
                        ChangeEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("kind", ChangeEntity.ORGANIZATION_REMOVED)
                .getResultList()
                .stream()
                .map(ChangeEntity::toUnjudged)
                .toList();
    }

    /** Ids of what was noted before that time of the end of the link. */
    public List<String> ended(LinkId link, Instant before) {
        return entities.createQuery(
                        "select c.id from ChangeEntity c where c.realmId = :realm and c.linkName = :link"
                                + " and c.kind = :kind and c.createdAt < :before",
                        String.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("kind", ChangeEntity.LINK_ENDED)
                .setParameter("before", before.toEpochMilli())
                .getResultList();
    }

    /**
     * The change has been judged. In a transaction by itself: where a database locks what is not there, a transaction of
     * Keycloak's must never wait for one of ours that goes on to wait for others.
     */
    public void judged(String id) {
        entities.createQuery("delete from ChangeEntity c where c.id = :id")
                .setParameter("id", id)
                .executeUpdate();
    }

    /** The change could not be judged now. */
    public void postpone(String id, Instant next) {
        Optional.ofNullable(entities.find(ChangeEntity.class, id)).ifPresent(row -> row.postpone(next));
    }
}
