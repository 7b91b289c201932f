package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Delegations, in table {@code EC_DELEGATION}: one row per mailbox of a realm's application, with the state of asking for
 * it. The tokens are not here but in the member's attribute. Belongs to one session and its transaction.
 */
public final class DelegationStore {
    private final EntityManager entities;
    private final Sealer sealer;

    DelegationStore(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.sealer = sealer;
    }

    /** What an answered ask needs to be redeemed. */
    public record Answer(Delegation delegation, Secret code, Secret callbackUrl) {}

    public Optional<Delegation> byId(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id)).map(DelegationEntity::toDelegation);
    }

    public Optional<Delegation> byMailbox(String realmId, String application, Mailbox mailbox) {
        return row(realmId, application, mailbox).map(DelegationEntity::toDelegation);
    }

    /** The user's delegations: usually one; more after the address or the application changed. The live one comes first. */
    public List<Delegation> ofUser(String realmId, String userId) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm and d.userId = :user",
                        DelegationEntity.class)
                .setParameter("realm", realmId)
                .setParameter("user", userId)
                .getResultList()
                .stream()
                .map(DelegationEntity::toDelegation)
                .sorted((a, b) -> Boolean.compare(ended(a), ended(b)))
                .toList();
    }

    /**
     * Notes that a mailbox is about to be asked for; must be committed before the request is sent.
     *
     * @param ticketHash by which the callback finds the row again
     * @param answerBy when to ask again if nothing came back
     */
    public Delegation ask(
            LinkId link,
            String userId,
            String application,
            Mailbox mailbox,
            String ticketHash,
            Secret callbackUrl,
            Instant now,
            Instant answerBy) {
        DelegationEntity row = rowFor(link, userId, application, mailbox);
        row.ask(ticketHash, sealer.seal(Sealer.Purpose.CALLBACK_URL, row.id(), callbackUrl.reveal()), now, answerBy);
        return row.toDelegation();
    }

    /** Notes that a mailbox is to be asked for later. */
    public void postpone(LinkId link, String userId, String application, Mailbox mailbox, Reason reason, Instant next) {
        rowFor(link, userId, application, mailbox).postpone(reason, next);
    }

    /** Nobody knows whether the ask arrived: its answer may still come, and it is sent again if none does. */
    public void stayUnanswered(Delegation asked, Reason reason, Instant next) {
        same(asked).filter(row -> row.code() == null).ifPresent(row -> row.stayUnanswered(reason, next));
    }

    /** The ask was never sent: it does not count, and is sent at that time. */
    public void takeBack(Delegation asked, Instant next) {
        same(asked).ifPresent(row -> row.takeBack(next));
    }

    /** The ask came to nothing and is sent again by itself. */
    public void postpone(Delegation asked, Reason reason, Instant next) {
        same(asked).ifPresent(row -> row.postpone(reason, next));
    }

    /**
     * The ask was refused; another is sent at a sign-in after {@code next}.
     *
     * @return false if it is no longer this ask that the row is about
     */
    public boolean refuse(Delegation asked, Reason reason, @Nullable String detail, Instant next) {
        Optional<DelegationEntity> row = same(asked);
        row.ifPresent(found -> found.refuse(reason, detail, next));
        return row.isPresent();
    }

    /** The answer to the ask was redeemed. */
    public void grant(Delegation asked, String subject, Instant now) {
        same(asked).ifPresent(row -> row.grant(subject, now));
    }

    /** Whether the row is still about this ask. */
    public boolean isCurrent(Delegation asked) {
        return same(asked).isPresent();
    }

    /** Ends a delegation, whatever its state. */
    public void revoke(String id, Reason reason) {
        find(id).ifPresent(row -> row.revoke(reason));
    }

    /** The delegation that was last asked for under this ticket in this realm, whether or not the answer has come. */
    public Optional<Delegation> underTicket(String realmId, String ticketHash) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.ticketHash = :ticket and d.realmId = :realm",
                        DelegationEntity.class)
                .setParameter("ticket", ticketHash)
                .setParameter("realm", realmId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst()
                .map(DelegationEntity::toDelegation);
    }

    /** Whether no answer has come yet to the last ask. */
    public boolean awaitsAnswer(String id) {
        return find(id).filter(row -> row.callbackUrl() != null && row.code() == null)
                .isPresent();
    }

    /** Keeps the code of a callback for redemption. */
    public void answer(String id, Secret code) {
        find(id).ifPresent(row -> row.answer(sealer.seal(Sealer.Purpose.CODE, row.id(), code.reveal())));
    }

    /**
     * Claims an answered ask for redemption by one caller across all nodes.
     *
     * @return empty if there is none, somebody else has it, or what was sealed no longer opens
     */
    public Optional<Answer> claimAnswer(String id, Instant now, Instant until) {
        DelegationEntity row = find(id).orElse(null);
        if (row == null || row.code() == null || !row.lease(now, until)) {
            return Optional.empty();
        }
        Optional<String> code = sealer.open(Sealer.Purpose.CODE, row.id(), row.code());
        Optional<String> url = sealer.open(Sealer.Purpose.CALLBACK_URL, row.id(), row.callbackUrl());
        if (code.isEmpty() || url.isEmpty()) {
            row.postpone(Reason.CREDENTIAL_UNREADABLE, now);
            return Optional.empty();
        }
        return Optional.of(new Answer(row.toDelegation(), Secret.of(code.get()), Secret.of(url.get())));
    }

    /** The code could not be sent yet and keeps: redemption may be claimed again at that time. */
    public void redeemLater(Delegation asked, Instant when) {
        same(asked).ifPresent(row -> row.redeemLater(when));
    }

    /** Claims the refresh of a granted delegation's tokens for one caller across all nodes. */
    public boolean lease(String id, Instant now, Instant until) {
        return find(id).filter(row -> row.lease(now, until)).isPresent();
    }

    public void release(String id) {
        find(id).ifPresent(DelegationEntity::endLease);
    }

    /** A batch of the link's delegations that have not ended. */
    public List<Delegation> liveOf(LinkId link, int limit) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + " and d.state <> :revoked",
                        DelegationEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("revoked", Delegation.State.REVOKED)
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    void removeAll(String realmId) {
        entities.createQuery("delete from DelegationEntity d where d.realmId = :realm")
                .setParameter("realm", realmId)
                .executeUpdate();
    }

    private static boolean ended(Delegation delegation) {
        return delegation.state() == Delegation.State.REVOKED;
    }

    /** A row that went on to another ask, another user or another state since is left alone. */
    private Optional<DelegationEntity> same(Delegation asked) {
        return find(asked.id())
                .filter(row -> row.userId().equals(asked.userId())
                        && (asked.ask() == null ? row.state() == Delegation.State.ASKED : row.isAsk(asked.ask())));
    }

    private Optional<DelegationEntity> find(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id));
    }

    private Optional<DelegationEntity> row(String realmId, String application, Mailbox mailbox) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm"
                                + " and d.application = :application and d.mailbox = :mailbox",
                        DelegationEntity.class)
                .setParameter("realm", realmId)
                .setParameter("application", application)
                .setParameter("mailbox", mailbox.address())
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    private DelegationEntity rowFor(LinkId link, String userId, String application, Mailbox mailbox) {
        Optional<DelegationEntity> known = row(link.realm(), application, mailbox);
        if (known.isPresent()) {
            known.get().assign(link, userId);
            return known.get();
        }
        DelegationEntity created =
                new DelegationEntity(UUID.randomUUID().toString(), link.realm(), application, mailbox);
        created.assign(link, userId);
        entities.persist(created);
        return created;
    }
}
