package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.LinkId;
import jakarta.persistence.EntityManager;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Invitations, in table {@code EC_INVITATION}; tickets, states and cookies only as hashes. Belongs to one session and
 * its transaction.
 */
public final class InvitationStore {
    private static final int MOST_LISTED = 100;

    /** In place of an id. */
    private static final String NONE = "-";

    private final EntityManager entities;

    InvitationStore(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * An invitation that is on its way to Cronofy and back.
     *
     * @param baseUrl frontend base that the round trip began on
     */
    public record RoundTrip(Invitation invitation, String baseUrl) {}

    /**
     * An invitation by which somebody has authorized a link.
     *
     * @param verified whether they have had the link verified already
     * @param run which verification that was
     */
    public record Authorized(
            Invitation invitation,
            boolean verified,
            @Nullable String run) {}

    /**
     * Keeps a new one.
     *
     * @param replacement whether another service account may take the place of the link's
     */
    public Invitation create(
            LinkId link, String ticketHash, String createdBy, boolean replacement, Instant now, Instant expiresAt) {
        InvitationEntity row = new InvitationEntity(link, ticketHash, createdBy, replacement, now, expiresAt);
        entities.persist(row);
        return row.toInvitation();
    }

    /** The invitation of a ticket of this realm, if it can still be used. */
    public Optional<Invitation> open(String realmId, String ticketHash, Instant now) {
        return byTicket(realmId, ticketHash).filter(row -> row.open(now)).map(InvitationEntity::toInvitation);
    }

    /** Begins a round trip to Cronofy; an earlier one of the same invitation can no longer be finished. */
    public boolean start(
            String realmId, String ticketHash, String stateHash, String cookieHash, String baseUrl, Instant now) {
        Optional<InvitationEntity> row = byTicket(realmId, ticketHash).filter(found -> found.open(now));
        row.ifPresent(found -> found.start(stateHash, cookieHash, baseUrl));
        return row.isPresent();
    }

    /**
     * The round trip that came back with this state, in the browser that began it.
     *
     * @return empty if the state is unknown in this realm, the cookie is another's, or the invitation has ended since
     */
    public Optional<RoundTrip> returned(String realmId, String stateHash, String cookieHash, Instant now) {
        return byState(realmId, stateHash)
                .filter(row -> row.open(now) && sameText(row.cookieHash(), cookieHash))
                .map(row -> new RoundTrip(row.toInvitation(), row.baseUrl()));
    }

    /**
     * The invitation by which the link was authorized, in the round trip with this state and in the browser that began it;
     * until somebody authorizes the link anew, or it ends.
     *
     * @param since authorized at that time or later
     */
    public Optional<Authorized> authorized(String realmId, String stateHash, String cookieHash, Instant since) {
        return byState(realmId, stateHash)
                .filter(row -> row.authorizedSince(since) && sameText(row.cookieHash(), cookieHash))
                .map(row -> new Authorized(row.toInvitation(), row.verified(), row.verificationRun()));
    }

    /** The link was authorized by this invitation, and no longer by another. */
    public void authorize(Invitation invitation, Instant now) {
        InvitationEntity row = entities.find(InvitationEntity.class, invitation.id());
        if (row == null) {
            return;
        }
        row.authorize(now);
        entities.flush();
        forgetWhoAuthorized(invitation.link(), invitation.id());
    }

    private void forgetWhoAuthorized(LinkId link, String butId) {
        entities.createQuery("update InvitationEntity i set i.stateHash = null, i.cookieHash = null"
                        + " where i.realmId = :realm and i.linkName = :link and i.usedAt is not null"
                        + " and i.stateHash is not null and i.authorizedAt is not null and i.id <> :but")
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("but", butId)
                .executeUpdate();
    }

    /** Whoever has authorized the link has had it verified, which they may once. */
    public void verified(String id, String run, Instant now) {
        InvitationEntity row = entities.find(InvitationEntity.class, id);
        if (row != null) {
            row.verify(run, now);
        }
    }

    /** Uses the invitation up; false if it was no longer open. */
    public boolean use(String id, Instant now) {
        InvitationEntity row = entities.find(InvitationEntity.class, id);
        if (row == null || !row.open(now)) {
            return false;
        }
        row.use(now);
        return true;
    }

    /** Ends the round trip without success; the invitation can be used again until it expires. */
    public void reopen(String id) {
        InvitationEntity row = entities.find(InvitationEntity.class, id);
        if (row != null) {
            row.endRoundTrip();
            row.reopen();
        }
    }

    /** The link's latest invitations, newest first. */
    public List<Invitation> list(LinkId link) {
        return entities
                .createQuery(
                        "select i from InvitationEntity i where i.realmId = :realm and i.linkName = :link"
                                + " order by i.createdAt desc",
                        InvitationEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setMaxResults(MOST_LISTED)
                .getResultList()
                .stream()
                .map(InvitationEntity::toInvitation)
                .toList();
    }

    /** Withdraws an invitation of this link; false if the link has none of this id. */
    public boolean withdraw(LinkId link, String id) {
        InvitationEntity row = entities.find(InvitationEntity.class, id);
        if (row == null || !row.toInvitation().link().equals(link)) {
            return false;
        }
        row.withdraw();
        return true;
    }

    /** Withdraws every invitation of the link that has not been used. */
    public void withdrawAll(LinkId link) {
        entities.createQuery(
                        "select i from InvitationEntity i where i.realmId = :realm and i.linkName = :link"
                                + " and i.usedAt is null and i.withdrawn = false",
                        InvitationEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .forEach(InvitationEntity::withdraw);
        // Whoever has authorized what is linked now has no part in what is linked next.
        forgetWhoAuthorized(link, NONE);
    }

    private static boolean sameText(@Nullable String a, String b) {
        return a != null
                && MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<InvitationEntity> byTicket(String realmId, String ticketHash) {
        return entities
                .createQuery(
                        "select i from InvitationEntity i where i.ticketHash = :hash and i.realmId = :realm",
                        InvitationEntity.class)
                .setParameter("hash", ticketHash)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    private Optional<InvitationEntity> byState(String realmId, String stateHash) {
        return entities
                .createQuery(
                        "select i from InvitationEntity i where i.stateHash = :hash and i.realmId = :realm",
                        InvitationEntity.class)
                .setParameter("hash", stateHash)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }
}
