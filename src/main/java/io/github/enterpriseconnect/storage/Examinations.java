package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What is found by looking at delegations and links again and again, in every realm; when that is done of delegations is in
 * {@link Looks}. Belongs to one session and its transaction.
 */
public final class Examinations {
    private final EntityManager entities;

    Examinations(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Notes how the directory is set up by which these were seen to stand, empty if their users are in none any more; past
     * their versions as well. Of a row that has changed since it was read, or is called for meanwhile, nothing is noted.
     *
     * @param version of all of these rows, when they were read
     * @param claimed until when these are claimed
     */
    public void standBy(Optional<String> directory, Collection<String> ids, int version, Instant claimed) {
        Query query = entities.createQuery(
                "update DelegationEntity d set d.source = " + (directory.isPresent() ? ":source" : "null")
                        + " where d.id in :ids and d.version = :version and d.lookAt = :claimed");
        directory.ifPresent(source -> query.setParameter("source", source));
        query.setParameter("ids", ids)
                .setParameter("version", version)
                .setParameter("claimed", claimed.toEpochMilli())
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
            entities.createQuery("update DelegationEntity d set d.examinedAt = :now where d.id in :ids")
                    .setParameter("now", now.toEpochMilli())
                    .setParameter("ids", first)
                    .executeUpdate();
        }
    }

    /**
     * A link that may be kept from something by what the realm lacks.
     *
     * @param row id of its row
     * @param policy whether there is, or was, something that its policy needs; also of one that is not linked, whose policy
     *     names what is looked after before it is
     * @param keyLost whether its tokens did not open
     * @param directoryChanged whether members were withheld for how their directory is set up
     */
    public record LinkToExamine(String row, LinkId link, boolean policy, boolean keyLost, boolean directoryChanged) {}

    /**
     * Links by the ids of their rows, and of each whether it may be kept from something by what the realm lacks: one with
     * a policy, whose tokens did not open, or whose members are withheld for how their directory is set up. Also those that
     * cannot be, for so many are read at a time and no more.
     *
     * @param after rows after this one
     */
    public List<LinkToExamine> links(String after, int limit) {
        return entities
                .createQuery(
                        "select l.id, l.realmId, l.name, case when l.policy is not null or l.policyProblem is not null"
                                + " then true else false end, case when l.state = :needy and l.problem = :unreadable"
                                + " then true else false end, case when l.directories.written is not null"
                                + " then true else false end, case when l.state = :unlinked then true else false end,"
                                + " case when exists (select r.id from RemovedRealmEntity r where r.id = l.realmId)"
                                + " then true else false end"
                                + " from LinkEntity l where l.id > :after order by l.id",
                        Object[].class)
                .setParameter("after", after)
                .setParameter("unlinked", Link.State.UNLINKED)
                .setParameter("needy", Link.State.NEEDS_AUTHORIZATION)
                .setParameter("unreadable", Reason.CREDENTIAL_UNREADABLE.name())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new LinkToExamine(
                        (String) row[0],
                        new LinkId((String) row[1], (String) row[2]),
                        (boolean) row[3] && !(boolean) row[7],
                        (boolean) row[4] && !(boolean) row[6] && !(boolean) row[7],
                        (boolean) row[5] && !(boolean) row[6] && !(boolean) row[7]))
                .toList();
    }
}
