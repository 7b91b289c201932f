package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Revocations of every realm that have still to be delivered, in table {@code EC_REVOCATION}, for whoever delivers them.
 * Belongs to one session and its transaction.
 */
public final class DueRevocations {

    /**
     * A revocation that the caller alone delivers now.
     *
     * @param realm id of the realm that ordered it, which may be gone
     * @param attempts failures so far
     * @param sealedOrder tells this order from a newer one for the same authorization
     * @param order empty if it no longer opens
     */
    public record Claimed(
            String id,
            String realm,
            String application,
            String subject,
            int attempts,
            Instant createdAt,
            @Nullable String sealedOrder,
            Optional<RevocationOrder> order) {}

    private final EntityManager entities;
    private final SealedOrders orders;

    DueRevocations(EntityManager entities, SealedOrders orders) {
        this.entities = entities;
        this.orders = orders;
    }

    /** A revocation to be claimed, and what it is sent with. */
    public record Due(String id, String application) {}

    /** Revocations that are due: of each link the longest due first, and each link before another's second. */
    public List<Due> due(Instant now, int limit) {
        return entities
                .createQuery(
                        "select x.id, x.application from (select r.id as id, r.application as application,"
                                + " r.nextAttemptAt as since, row_number() over (partition by r.application, r.realmId,"
                                + " r.linkName order by r.nextAttemptAt, r.id) as turn from RevocationEntity r"
                                + " where r.state = :pending and r.nextAttemptAt <= :now and r.coverId is null) x"
                                + " order by x.turn, x.since, x.id",
                        Object[].class)
                .setParameter("pending", Revocation.State.PENDING)
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(limit)
                .getResultList()
                .stream()
                .map(row -> new Due((String) row[0], (String) row[1]))
                .toList();
    }

    /** Claims a due revocation for one caller across all nodes, until {@code until}. */
    public Optional<Claimed> claim(String id, Instant now, Instant until) {
        RevocationEntity row = entities.find(RevocationEntity.class, id);
        return row == null || !row.claim(now, until)
                ? Optional.empty()
                : Optional.of(new Claimed(
                        row.id(),
                        row.realmId(),
                        row.application(),
                        row.subject(),
                        row.attempts(),
                        row.createdAt(),
                        row.order(),
                        orders.open(row.application(), row.subject(), row.order())));
    }

    /** Whether a live link or delegation of any realm holds the authorization, or may, so that it must not be revoked. */
    public boolean held(Claimed claimed) {
        return find(claimed.id())
                .filter(row -> new HeldAuthorizations(entities).includes(row.toRevocation()))
                .isPresent();
    }

    /** The delegations that hold it, or may. */
    public List<Delegation> holders(Claimed claimed) {
        HeldMailboxes held = new HeldMailboxes(entities);
        return RevocationOrder.named(claimed.subject())
                ? held.liveOf(claimed.application(), claimed.subject())
                : find(claimed.id())
                        .flatMap(row ->
                                Optional.ofNullable(row.toRevocation().cause().mailbox()))
                        .map(mailbox -> held.liveOf(claimed.application(), mailbox))
                        .orElse(List.of());
    }

    /**
     * Until when a member may still be granted what this would end: somebody is being asked for by the mailbox that proved a
     * link, in whichever realm. For whatever else is revoked nobody is asked before that is done.
     *
     * @return empty if nobody is
     */
    public Optional<Instant> awaited(Claimed claimed, Instant now) {
        return find(claimed.id())
                .map(row -> row.toRevocation().cause())
                .filter(cause -> cause.reason() == Reason.VERIFICATION)
                .flatMap(cause -> Optional.ofNullable(cause.mailbox()))
                .flatMap(mailbox -> new HeldMailboxes(entities).askedUntil(claimed.application(), mailbox, now));
    }

    public void fail(String id, Reason problem, Instant next) {
        find(id).ifPresent(row -> row.fail(problem, next));
    }

    /**
     * Nothing can be done for it now.
     *
     * @param next when to try again, by how often it has failed, this time included
     */
    public void putOff(String id, Reason problem, IntFunction<Instant> next) {
        find(id).filter(row -> row.state() == Revocation.State.PENDING)
                .ifPresent(row -> row.fail(problem, next.apply(row.attempts() + 1)));
    }

    /** Whether any that has still to be delivered, of whatever realm, could not be when that was last tried. */
    public boolean anyTroubled() {
        return !entities.createQuery(
                        "select r.id from RevocationEntity r where r.state = :pending and r.problem is not null",
                        String.class)
                .setParameter("pending", Revocation.State.PENDING)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    /** It has not been tried, and is due again at that time. */
    public void wait(String id, Instant next) {
        find(id).ifPresent(row -> row.again(next));
    }

    /** Ends the claimed revocation; if a newer order has come for it meanwhile, that one is due at once instead. */
    public void end(Claimed claimed, Revocation.State outcome, Instant now) {
        find(claimed.id()).ifPresent(row -> {
            if (Objects.equals(row.order(), claimed.sealedOrder())) {
                row.end(outcome, now);
            } else {
                row.again(now);
            }
        });
    }

    /** Ids of covered revocations that are due, since their cover has ended, oldest first. */
    public List<String> uncovered(Instant now, int limit) {
        return entities.createQuery(
                        "select r.id from RevocationEntity r, RevocationEntity c where r.state = :pending"
                                + " and r.nextAttemptAt <= :now and r.coverId = c.id and c.state in :ended"
                                + " order by r.nextAttemptAt",
                        String.class)
                .setParameter("pending", Revocation.State.PENDING)
                .setParameter("now", now.toEpochMilli())
                .setParameter("ended", Revocation.State.ENDED)
                .setMaxResults(limit)
                .getResultList();
    }

    /**
     * Does what follows for a covered revocation from what became of its cover: it ends with it, or is sent by itself.
     *
     * @param applications finds the application to send it with, by the id of the realm, which may be gone, and its key
     */
    public void settle(String id, BiFunction<String, String, Optional<Application>> applications, Instant now) {
        RevocationEntity row = find(id).orElse(null);
        if (row == null || row.state() != Revocation.State.PENDING || row.coverId() == null) {
            return;
        }
        boolean delivered = find(row.coverId())
                .filter(cover -> cover.state() == Revocation.State.DELIVERED)
                .isPresent();
        Optional<Application> application =
                delivered ? Optional.empty() : applications.apply(row.realmId(), row.application());
        if (application.isPresent()) {
            row.uncover(orders.seal(new RevocationOrder(application.get(), row.subject(), null)), now);
        } else {
            row.end(delivered ? Revocation.State.WITH_SERVICE_ACCOUNT : Revocation.State.UNDELIVERABLE, now);
        }
    }

    private Optional<RevocationEntity> find(String id) {
        return Optional.ofNullable(entities.find(RevocationEntity.class, id));
    }
}
