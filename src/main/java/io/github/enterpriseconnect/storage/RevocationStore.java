package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Revocation;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The outbox of revocations, in table {@code EC_REVOCATION}: written in the transaction in which a right ends here,
 * delivered to Cronofy later by any node ({@link DueRevocations}). Orders are sealed under the master realm's key and bound
 * to what they revoke.
 */
public final class RevocationStore {
    private final EntityManager entities;
    private final SealedOrders orders;

    RevocationStore(EntityManager entities, SealedOrders orders) {
        this.entities = entities;
        this.orders = orders;
    }

    /**
     * Adds a revocation, unless one for the same authorization is pending: that one gets the newer order, and is
     * locked until the transaction ends.
     */
    public void add(RevocationOrder order, Revocation.Cause cause, Instant now) {
        add(order.application().key(), order.subject(), orders.seal(order), cause, now);
    }

    void add(String application, String subject, String sealedOrder, Revocation.Cause cause, Instant now) {
        Optional<RevocationEntity> pending = pending(application, subject);
        if (pending.isPresent()) {
            pending.get().replaceOrder(sealedOrder);
        } else {
            entities.persist(new RevocationEntity(cause, application, subject, sealedOrder, null, now));
        }
    }

    /** Notes a revocation that nothing is left to send with, for an administrator to see. */
    public void addUndeliverable(String application, String subject, Revocation.Cause cause, Instant now) {
        if (pending(application, subject).isEmpty()) {
            RevocationEntity row = new RevocationEntity(cause, application, subject, null, null, now);
            row.end(Revocation.State.UNDELIVERABLE, now);
            entities.persist(row);
        }
    }

    /**
     * Adds a revocation that the one of the service account is to make superfluous; it is sent by itself only if that
     * one is not. Where that one has been delivered already, nothing is left to do.
     */
    public void addCovered(String application, String subject, String cover, Revocation.Cause cause, Instant now) {
        if (pending(application, subject).isEmpty()) {
            entities.persist(new RevocationEntity(cause, application, subject, null, cover, now));
        }
    }

    /** The latest revocation of this service account, whatever became of it. */
    public Optional<Revocation> latest(String application, String serviceAccount) {
        return entities
                .createQuery(
                        "select r from RevocationEntity r where r.application = :application and r.subject = :subject"
                                + " order by r.createdAt desc",
                        RevocationEntity.class)
                .setParameter("application", application)
                .setParameter("subject", serviceAccount)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst()
                .map(RevocationEntity::toRevocation);
    }

    /** A pending one, locked against concurrent changes until the transaction ends. */
    private Optional<RevocationEntity> pending(String application, String subject) {
        List<String> ids = entities.createQuery(
                        "select r.id from RevocationEntity r where r.application = :application"
                                + " and r.subject = :subject and r.state = :pending",
                        String.class)
                .setParameter("application", application)
                .setParameter("subject", subject)
                .setParameter("pending", Revocation.State.PENDING)
                .setMaxResults(1)
                .getResultList();
        return ids.stream()
                .findFirst()
                .flatMap(id -> Locked.row(entities, RevocationEntity.class, id))
                .filter(row -> row.state() == Revocation.State.PENDING);
    }

    /**
     * Makes way for a new authorization of the same subject, which a pending revocation would end: it is kept instead.
     *
     * @param since when the new authorization was about to be made
     * @return false if that revocation is being sent at this moment, or one was delivered since; the new authorization must
     *     not be stored then
     */
    public boolean makeWay(String application, String subject, Instant since, Instant now) {
        Optional<RevocationEntity> pending = pending(application, subject);
        if (pending.filter(row -> row.onTheWire(now)).isPresent() || deliveredAfter(application, subject, since)) {
            return false;
        }
        pending.ifPresent(row -> row.end(Revocation.State.KEPT, now));
        return true;
    }

    private boolean deliveredAfter(String application, String subject, Instant since) {
        return entities.createQuery(
                                "select count(r) from RevocationEntity r where r.application = :application"
                                        + " and r.subject = :subject and r.state = :delivered and r.endedAt > :since",
                                Long.class)
                        .setParameter("application", application)
                        .setParameter("subject", subject)
                        .setParameter("delivered", Revocation.State.DELIVERED)
                        .setParameter("since", since.toEpochMilli())
                        .getSingleResult()
                > 0;
    }

    /**
     * Whether a revocation that concerns the mailbox has still to be delivered; the mailbox must not be asked for yet.
     */
    public boolean pendingFor(String application, Mailbox mailbox) {
        return entities.createQuery(
                                "select count(r) from RevocationEntity r where r.application = :application"
                                        + " and r.mailbox = :mailbox and r.state not in :ended",
                                Long.class)
                        .setParameter("application", application)
                        .setParameter("mailbox", mailbox.address())
                        .setParameter("ended", Revocation.State.ENDED)
                        .getSingleResult()
                > 0;
    }

    /** One page of the realm's revocations, newest first; null filters match all. */
    public List<Revocation> list(
            String realmId, @Nullable String link, Revocation.@Nullable State state, int first, int max) {
        TypedQuery<RevocationEntity> query = entities.createQuery(
                        "select r from RevocationEntity r where r.realmId = :realm"
                                + (link == null ? "" : " and r.linkName = :link")
                                + (state == null ? "" : " and r.state = :state")
                                + " order by r.createdAt desc, r.id",
                        RevocationEntity.class)
                .setParameter("realm", realmId);
        if (link != null) {
            query.setParameter("link", link);
        }
        if (state != null) {
            query.setParameter("state", state);
        }
        return query.setFirstResult(first).setMaxResults(max).getResultList().stream()
                .map(RevocationEntity::toRevocation)
                .toList();
    }

    /** How many of the realm's revocations, or of one link's, are in which state, by its name in APIs. */
    public Map<String, Long> count(String realmId, @Nullable String link) {
        TypedQuery<Object[]> query = entities.createQuery(
                        "select r.stateName, count(r) from RevocationEntity r where r.realmId = :realm"
                                + (link == null ? "" : " and r.linkName = :link")
                                + " group by r.stateName",
                        Object[].class)
                .setParameter("realm", realmId);
        if (link != null) {
            query.setParameter("link", link);
        }
        return query.getResultList().stream()
                .collect(Collectors.toMap(row -> ((String) row[0]).toLowerCase(Locale.ROOT), row -> (Long) row[1]));
    }
}
