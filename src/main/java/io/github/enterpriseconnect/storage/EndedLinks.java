package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Links that have ended without a note of it ({@link Change.LinkEnded}), though they have members whose delegations have
 * not: an older version of us writes none and removes those that there are. Belongs to one session and its transaction.
 */
public final class EndedLinks {
    private final EntityManager entities;

    EndedLinks(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Links of one realm of which there are delegations, by realm and name. So many delegations are read and no more; the
     * next page begins after the last one's link, however many more that has.
     */
    public List<LinkId> withDelegations(LinkId after, int limit) {
        String realm = after.realm();
        List<String> names = names(realm, after.name(), limit);
        while (names.isEmpty()) {
            realm = nextRealm(realm);
            if (realm == null) {
                return List.of();
            }
            // What waits for a removed realm has not ended.
            names = entities.find(RemovedRealmEntity.class, realm) == null ? names(realm, "", limit) : List.of();
        }
        String found = realm;
        return names.stream().map(name -> new LinkId(found, name)).toList();
    }

    private List<String> names(String realm, String after, int limit) {
        return entities
                .createQuery(
                        "select d.linkName from DelegationEntity d where d.realmId = :realm and d.linkName > :after"
                                + " order by d.realmId, d.linkName",
                        String.class)
                .setParameter("realm", realm)
                .setParameter("after", after)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .distinct()
                .toList();
    }

    private String nextRealm(String after) {
        return entities.createQuery(
                        "select min(d.realmId) from DelegationEntity d where d.realmId > :after", String.class)
                .setParameter("after", after)
                .getSingleResult();
    }

    /**
     * Notes of those of the realm's links that have ended and have members that they have, for whoever forgets these.
     *
     * @return which they were
     */
    public List<String> note(String realm, Collection<String> names, Instant now) {
        List<String> missing = notLinked(realm, names).stream()
                .filter(name -> hasMembers(realm, name))
                .filter(name -> !noted(realm, name))
                .toList();
        ChangeStore changes = new ChangeStore(entities, realm);
        missing.forEach(name -> changes.add(new Change.LinkEnded(new LinkId(realm, name)), now, now));
        return missing;
    }

    private List<String> notLinked(String realm, Collection<String> names) {
        if (names.isEmpty()) {
            return List.of();
        }
        Set<String> linked = new HashSet<>(entities.createQuery(
                        "select l.name from LinkEntity l where l.realmId = :realm and l.name in :names"
                                + " and l.state <> :unlinked",
                        String.class)
                .setParameter("realm", realm)
                .setParameter("names", names)
                .setParameter("unlinked", Link.State.UNLINKED)
                .getResultList());
        return names.stream().filter(name -> !linked.contains(name)).toList();
    }

    private boolean hasMembers(String realm, String name) {
        return !entities.createQuery(
                        "select d.id from DelegationEntity d where d.realmId = :realm and d.linkName = :name"
                                + " and (d.state <> :revoked or d.live = true)",
                        String.class)
                .setParameter("realm", realm)
                .setParameter("name", name)
                .setParameter("revoked", Delegation.State.REVOKED)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    private boolean noted(String realm, String name) {
        return entities.createQuery(
                                "select count(c) from ChangeEntity c where c.kind = :ended and c.realmId = :realm"
                                        + " and c.linkName = :name",
                                Long.class)
                        .setParameter("ended", ChangeEntity.LINK_ENDED)
                        .setParameter("realm", realm)
                        .setParameter("name", name)
                        .getSingleResult()
                > 0;
    }
}
