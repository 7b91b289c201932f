package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a link is kept from by something of the realm that may come back, in table {@code EC_LINK}. Belongs to one
 * session and its transaction.
 */
public final class LinkRecovery {
    private static final int MOST_NAMES = 50;

    private final EntityManager entities;
    private final SealedCredentials credentials;

    LinkRecovery(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.credentials = new SealedCredentials(sealer.quiet());
    }

    /**
     * Notes why the link's policy cannot be answered for everybody.
     *
     * @param reason null if it can
     * @return whether that is another than before
     */
    public boolean notePolicy(LinkId id, @Nullable Reason reason, Instant now) {
        return LinkEntity.find(entities, id)
                .filter(row -> row.notePolicy(reason, now))
                .isPresent();
    }

    /**
     * Takes back that somebody must authorize the link anew, if that was for want of a key with which its tokens open
     * again.
     *
     * @return whether it was, and they do
     */
    public boolean keyFound(LinkId id) {
        Optional<LinkEntity> found =
                LinkEntity.find(entities, id).filter(LinkEntity::keyLost).filter(this::opens);
        found.ifPresent(LinkEntity::keyFound);
        return found.isPresent();
    }

    /**
     * A delegation whose credential opens again is as it was.
     *
     * @return false if somebody has changed it since
     */
    public boolean keyFound(Delegation delegation, Instant now) {
        Optional<Delegation> found = Optional.ofNullable(entities.find(DelegationEntity.class, delegation.id()))
                .map(DelegationEntity::toDelegation)
                .filter(delegation::equals);
        found.ifPresent(same -> entities.find(DelegationEntity.class, same.id())
                .grant(same.subject(), same.serviceAccount(), same.source(), now));
        return found.isPresent();
    }

    private boolean opens(LinkEntity row) {
        try {
            return credentials
                    .open(Sealer.Purpose.SERVICE_ACCOUNT, row.id(), row.credential())
                    .isPresent();
        } catch (Unreadable away) {
            return false;
        }
    }

    /**
     * Notes that members of the link are withheld since their directory is set up otherwise than before.
     *
     * @param until until when that is so, unless it is noted again
     * @return whether it is new
     */
    public boolean noteDirectory(LinkId id, String directory, Instant now, Instant until) {
        return LinkEntity.find(entities, id)
                .filter(row -> row.directories().note(directory, now, until))
                .isPresent();
    }

    /** Forgets directories by which nobody was seen to be withheld lately, and tells which. */
    public List<String> directoriesOver(LinkId id, Instant now) {
        return LinkEntity.find(entities, id)
                .map(row -> row.directories().over(now))
                .orElse(List.of());
    }

    /**
     * Whatever the directories of the link's members say now is accepted, however they are set up.
     *
     * @param setUps how the realm's directories are set up now
     */
    public void acceptSources(LinkId id, Collection<String> setUps) {
        LinkEntity.find(entities, id).ifPresent(row -> row.directories().accept(setUps));
        entities.createQuery("update DelegationEntity d set d.source = null where d.realmId = :realm"
                        + " and d.linkName = :link and d.source is not null")
                .setParameter("realm", id.realm())
                .setParameter("link", id.name())
                .executeUpdate();
    }

    /** Names of the realm's links whose policy names what the realm does not have. */
    public List<String> unresolved(String realmId) {
        return entities.createQuery(
                        "select l.name from LinkEntity l where l.realmId = :realm and l.policyProblem = :reason"
                                + " and l.state <> :unlinked order by l.name",
                        String.class)
                .setParameter("realm", realmId)
                .setParameter("reason", Reason.RULE_UNRESOLVED.name())
                .setParameter("unlinked", Link.State.UNLINKED)
                .setMaxResults(MOST_NAMES)
                .getResultList();
    }
}
