package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Replacement.State;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Unreadable;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replacements of links' service accounts, in table {@code EC_REPLACEMENT}, one row for each link that ever had one. While
 * one is open, the row keeps the service account that the link does not hold any more. Belongs to one session and its
 * transaction.
 */
public final class ReplacementStore {
    /** Nobody claims a step for longer. */
    public static final Duration LONGEST_CLAIM = Duration.ofMinutes(2);

    private final EntityManager entities;
    private final RevocationStore revocations;
    private final SealedOrders orders;

    ReplacementStore(EntityManager entities, RevocationStore revocations, SealedOrders orders) {
        this.entities = entities;
        this.revocations = revocations;
        this.orders = orders;
    }

    public Optional<Replacement> find(LinkId link) {
        return row(link).map(ReplacementEntity::toReplacement);
    }

    /** Whether another may begin: none is under way, or what is left of it waits for a service account that is dead. */
    public boolean mayBegin(LinkId link) {
        return row(link).map(this::over).orElse(true);
    }

    private boolean over(ReplacementEntity row) {
        return row.is(State.FINISHED) || (row.is(State.CHECKING) && needsAuthorization(row.link()));
    }

    private boolean needsAuthorization(LinkId link) {
        return LinkEntity.find(entities, link)
                .filter(row -> row.toLink().state() == Link.State.NEEDS_AUTHORIZATION)
                .isPresent();
    }

    /**
     * Sets the link's present service account aside, for the caller to store another as the link's in the same
     * transaction.
     *
     * @throws IllegalStateException one has begun meanwhile
     */
    public void begin(LinkId link, String successor, String by, Instant now) {
        ReplacementEntity row = locked(link).orElseGet(() -> new ReplacementEntity(link));
        if (row.begun() && !over(row)) {
            throw new IllegalStateException(
                    "the service account of link " + link.name() + " is being replaced already");
        }
        row.setAside(LinkEntity.find(entities, link).orElseThrow());
        row.begin(successor, by, now);
        entities.persist(row);
        noteFormer(link, "d.serviceAccount", "d.live = true", row.serviceAccount());
        noteFormer(link, "d.progress.through", "d.callbackUrl is not null", row.serviceAccount());
    }

    /** What older versions have left open: until now the link has had no other. */
    private void noteFormer(LinkId link, String column, String where, String former) {
        entities.createQuery("update DelegationEntity d set " + column + " = :former where d.realmId = :realm"
                        + " and d.linkName = :link and " + column + " is null and " + where)
                .setParameter("former", former)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .executeUpdate();
    }

    /**
     * The one that was set aside and the one that the link holds change places; whoever has moved moves back.
     *
     * @return false if that is not possible any more
     */
    public boolean turnRound(LinkId link, Instant now) {
        Optional<ReplacementEntity> row = locked(link)
                .filter(found -> found.toReplacement().open() && !turned(found.toReplacement()) && found.usable());
        row.ifPresent(found -> found.turnRound(LinkEntity.find(entities, link).orElseThrow(), now));
        return row.isPresent();
    }

    /**
     * Whether it has been turned round, and stays so. Where the service account that it went back to has died meanwhile,
     * it can be turned round once more.
     */
    public boolean turned(Replacement replacement) {
        return replacement.cancelled() && !needsAuthorization(replacement.link());
    }

    /** Whether the link could hold the former service account again. */
    public boolean formerUsable(LinkId link) {
        return row(link).filter(ReplacementEntity::usable).isPresent();
    }

    /** Claims the next step for one node, until that time. */
    public Optional<Replacement> claim(LinkId link, Instant now, Instant until) {
        Optional<ReplacementEntity> row = row(link)
                .filter(found -> found.due(now))
                .flatMap(found -> locked(link))
                .filter(found -> found.due(now));
        row.ifPresent(found -> found.lease(until));
        return row.map(ReplacementEntity::toReplacement);
    }

    /** Whether the claim still holds; if so, nobody else takes it before that time. */
    public boolean renew(Replacement claimed, Instant until) {
        Optional<ReplacementEntity> row = asClaimed(claimed);
        row.ifPresent(found -> found.lease(until));
        return row.isPresent();
    }

    /**
     * It goes on at that time; see {@link Replacement}.
     *
     * @param reached up to which member this pass has come; empty where another is to begin
     */
    public void goOn(Replacement claimed, String reached, @Nullable Reason waitsFor, int failures, Instant next) {
        asClaimed(claimed).ifPresent(row -> row.goOn(reached, waitsFor, failures, next));
    }

    /**
     * Everybody has moved, and the former service account stays authorized until an administrator decides.
     *
     * @param next when somebody looks whether that is still so
     */
    public void keep(Replacement claimed, Instant next) {
        asClaimed(claimed).ifPresent(row -> row.keep(next));
    }

    /** Somebody uses what was granted through the former service account after all. */
    public void moveOn(Replacement claimed, Instant now) {
        asClaimed(claimed).ifPresent(row -> row.moveOn(now));
    }

    /**
     * Has the former service account revoked; what may have been lost by that is looked at afterwards.
     *
     * @return false if it has gone on meanwhile
     */
    public boolean revokeAndCheck(Replacement replacement, Instant now) {
        Optional<ReplacementEntity> row = standing(replacement);
        row.ifPresent(found -> {
            order(found, Reason.REPLACED, now);
            found.check(now);
        });
        return row.isPresent();
    }

    /** Has the former service account revoked; nobody uses anything of it. */
    public void revokeAndFinish(Replacement claimed, Instant now) {
        asClaimed(claimed).ifPresent(row -> {
            order(row, Reason.REPLACED, now);
            row.finish(false, now);
        });
    }

    /** What was to be looked at has been. */
    public void finish(Replacement claimed, boolean formerLeft, Instant now) {
        asClaimed(claimed).ifPresent(row -> row.finish(formerLeft, now));
    }

    /**
     * It ends, and the former service account stays authorized.
     *
     * @return false if it has gone on meanwhile
     */
    public boolean leave(Replacement replacement, Instant now) {
        Optional<ReplacementEntity> row = standing(replacement);
        row.ifPresent(found -> found.finish(true, now));
        return row.isPresent();
    }

    /** Puts the application's present secret into the orders of what is set aside, after the secret has been replaced. */
    void reorder(String realmId, Application application) {
        entities.createQuery(
                        "select r from ReplacementEntity r where r.realmId = :realm and r.application = :application"
                                + " and r.revocationOrder is not null",
                        ReplacementEntity.class)
                .setParameter("realm", realmId)
                .setParameter("application", application.key())
                .getResultList()
                .forEach(row -> opened(row)
                        .ifPresent(order -> row.reorder(
                                orders.seal(new RevocationOrder(application, order.subject(), order.refreshToken())))));
    }

    /** While the key is away it keeps the former secret; whoever delivers it takes the present one. */
    private Optional<RevocationOrder> opened(ReplacementEntity row) {
        try {
            return orders.open(row.application(), row.serviceAccount(), row.revocationOrder());
        } catch (Unreadable away) {
            return Optional.empty();
        }
    }

    /** The link ends, or has ended: so does what it has set aside. */
    public void endWith(LinkId link, Reason reason, Instant now) {
        locked(link).ifPresent(row -> {
            boolean ordered = row.is(State.CHECKING) || row.is(State.FINISHED);
            if (!ordered && row.revocationOrder() != null) {
                order(row, reason, now);
            }
            entities.remove(row);
        });
    }

    private void order(ReplacementEntity row, Reason reason, Instant now) {
        String order = row.revocationOrder();
        revocations.add(
                row.application(),
                row.serviceAccount(),
                row.doubted() ? orders.byAccount(row.application(), row.serviceAccount(), order) : order,
                Revocation.Cause.ofLink(row.link(), reason),
                now);
    }

    /** Unless a claim has ended, and somebody else has gone on since. */
    private Optional<ReplacementEntity> asClaimed(Replacement claimed) {
        return standing(claimed)
                .filter(row -> row.toReplacement().reached().equals(claimed.reached())
                        && row.toReplacement().failures() == claimed.failures());
    }

    /** Unless somebody has done something else with it since. */
    private Optional<ReplacementEntity> standing(Replacement claimed) {
        return locked(claimed.link())
                .filter(row -> row.toReplacement().state() == claimed.state()
                        && row.toReplacement().former().equals(claimed.former())
                        && row.toReplacement().successor().equals(claimed.successor()));
    }

    private Optional<ReplacementEntity> row(LinkId link) {
        return entities
                .createQuery(
                        "select r from ReplacementEntity r where r.realmId = :realm and r.linkName = :link",
                        ReplacementEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .stream()
                .findFirst();
    }

    private Optional<ReplacementEntity> locked(LinkId link) {
        return row(link).flatMap(row -> Locked.row(entities, ReplacementEntity.class, row.id()));
    }
}
