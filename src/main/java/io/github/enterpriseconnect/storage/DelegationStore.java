package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Delegations, in table {@code EC_DELEGATION}: one row per mailbox of a realm's application, with the state of asking
 * for it. The tokens are not here but in the member's attribute. Belongs to one session and its transaction.
 */
public final class DelegationStore {
    private final EntityManager entities;
    private final DelegationRows rows;
    private final Sealer sealer;

    DelegationStore(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.rows = new DelegationRows(entities);
        this.sealer = sealer;
    }

    public Optional<Delegation> byId(String id) {
        return Optional.ofNullable(entities.find(DelegationEntity.class, id)).map(DelegationEntity::toDelegation);
    }

    public Optional<Delegation> byMailbox(String realmId, String application, Mailbox mailbox) {
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
                .findFirst()
                .map(DelegationEntity::toDelegation);
    }

    /**
     * The user's delegations: usually one; more after the address or the application changed. The live one comes first.
     */
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
                .sorted(Comparator.comparing(delegation -> delegation.state() == Delegation.State.REVOKED))
                .toList();
    }

    /**
     * Notes that a mailbox is about to be asked for; must be committed before the request is sent.
     *
     * @param known the mailbox's delegation as {@link #byMailbox} gave it to whoever decided to ask; if another node
     *     notes an ask meanwhile, the transaction fails, so that there is only one
     */
    public Delegation ask(Optional<Delegation> known, Mandate mandate, Asking asking, Instant now) {
        DelegationEntity row = rowFor(known, mandate, now);
        row.ask(
                asking,
                sealer.seal(
                        Sealer.Purpose.CALLBACK_URL,
                        row.id(),
                        asking.callbackUrl().reveal()),
                now);
        return row.toDelegation();
    }

    /** Notes that a mailbox is to be asked for later; see {@link #ask}. */
    public void postpone(Optional<Delegation> known, Mandate mandate, Reason reason, Instant now, Instant next) {
        rowFor(known, mandate, now).postpone(reason, now, next);
    }

    /** Nothing can be done now; an answer may still come, and the ask is sent again if none does. */
    public void stayUnanswered(Delegation asked, Reason reason, Instant now, Instant next) {
        rows.same(asked).filter(row -> row.code() == null).ifPresent(row -> row.stayUnanswered(reason, now, next));
    }

    /** Nothing of the ask is known to have arrived: it does not count, and is sent at that time. */
    public void takeBack(Delegation asked, Reason reason, Instant now, Instant next) {
        rows.same(asked).filter(row -> row.code() == null).ifPresent(row -> row.takeBack(reason, now, next));
    }

    /**
     * The ask was refused; another is sent at a sign-in after {@code next}. Should an answer come all the same, it is
     * taken.
     *
     * @return false if it is no longer this ask that the row is about, or the member goes on with what was granted before
     */
    public boolean refuse(Delegation asked, Reason reason, @Nullable String detail, Instant now, Instant next) {
        Optional<AskRow> row = rows.same(asked);
        row.ifPresent(found -> found.refuse(reason, detail, now, next));
        return row.filter(DelegationEntity.class::isInstance).isPresent();
    }

    /** Lets a refused mailbox be asked for at once. */
    public void endCooldown(String id, Instant now) {
        Locked.row(entities, DelegationEntity.class, id).ifPresent(row -> row.allowAttempt(now));
    }

    /**
     * The answer to the ask was redeemed. The row is written at once, before anything of the user is, in the order in
     * which everybody of us takes these locks.
     *
     * @param serviceAccount that it was granted through, if that was not noted with the ask
     * @param source how the user's directory is set up by which the right stands; null if the user is in none, or nobody
     *     can tell now
     * @return false if it is no longer this ask that the row is about
     */
    public boolean grant(
            Delegation asked, String subject, @Nullable String serviceAccount, @Nullable String source, Instant now) {
        AskRow row = rows.same(asked).orElse(null);
        if (row instanceof MoveEntity move) {
            return new MoveStore(entities, sealer).grant(move, subject, source, now);
        }
        if (row instanceof DelegationEntity own) {
            Delegation before = own.toDelegation();
            own.grant(subject, row.progress().throughOr(serviceAccount), source, now);
            new MoveStore(entities, sealer).noteAsked(before, own.toDelegation(), now);
            entities.flush();
        }
        return row != null;
    }

    /** The claim to refresh a granted delegation's tokens. */
    public RefreshClaim refreshClaim(String id) {
        return new RefreshClaim(rows.find(id).map(DelegationEntity::claim).orElse(null), entities);
    }

    /** Whether the row is still about this ask. */
    public boolean isCurrent(Delegation asked) {
        return rows.same(asked).isPresent();
    }

    /** Cronofy, or the loss of a key, has ended it. */
    public void revoke(String id, Reason reason, Instant now) {
        rows.find(id).ifPresent(row -> row.end(reason, reason == Reason.CREDENTIAL_UNREADABLE && row.live(), now));
    }

    /**
     * Ends a delegation on our side, whatever its state, in a way that no concurrent change of it can make fail.
     *
     * @return the delegation as it was, if there was anything left to end
     */
    public Optional<Delegation> end(String id, Reason reason, Instant now) {
        return Locked.row(entities, DelegationEntity.class, id)
                .filter(row -> row.state() != Delegation.State.REVOKED || row.live())
                .map(row -> {
                    Delegation before = row.toDelegation();
                    row.end(reason, false, now);
                    entities.flush();
                    return before;
                });
    }

    /** What was refused, or has ended, is so by how the directory is set up; somebody looks whether that changes. */
    public void examine(String id) {
        entities.createQuery("update DelegationEntity d set d.lookAt = 0 where d.id = :id and d.lookAt is null")
                .setParameter("id", id)
                .executeUpdate();
    }

    /** Forgets what has ended of a realm that is being removed. */
    void removeEnded(String realmId) {
        entities.createQuery("delete from DelegationEntity d where d.realmId = :realm and d.state = :revoked"
                        + " and d.live = false")
                .setParameter("realm", realmId)
                .setParameter("revoked", Delegation.State.REVOKED)
                .executeUpdate();
    }

    /** Forgets a delegation, of a realm that is gone. */
    public void remove(String id) {
        rows.find(id).ifPresent(entities::remove);
    }

    /** A batch of the link's delegations that have not ended. */
    public List<Delegation> liveOf(LinkId link, int limit) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + " and (d.state <> :revoked or d.live = true) order by d.examinedAt, d.id",
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

    /** Whether the link still has members, not ended yet, who were delegated by another service account. */
    public boolean othersLeft(LinkId link, String serviceAccount) {
        return entities.createQuery(
                                "select count(d) from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                        + " and (d.state <> :revoked or d.live = true)"
                                        + " and (d.serviceAccount is null or d.serviceAccount <> :serviceAccount)",
                                Long.class)
                        .setParameter("realm", link.realm())
                        .setParameter("link", link.name())
                        .setParameter("revoked", Delegation.State.REVOKED)
                        .setParameter("serviceAccount", serviceAccount)
                        .getSingleResult()
                > 0;
    }

    /** The delegations of these users that have not ended, by id. */
    public List<Delegation> liveOfUsers(String realmId, Collection<String> userIds) {
        return entities
                .createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm and d.userId in :users"
                                + " and (d.state <> :revoked or d.live = true) order by d.id",
                        DelegationEntity.class)
                .setParameter("realm", realmId)
                .setParameter("users", userIds)
                .setParameter("revoked", Delegation.State.REVOKED)
                .getResultList()
                .stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /** One page of the link's delegations, by mailbox; a null state matches all. */
    public List<Delegation> list(LinkId link, Delegation.@Nullable State state, int first, int max) {
        TypedQuery<DelegationEntity> query = entities.createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + (state == null ? "" : " and d.state = :state") + " order by d.mailbox, d.id",
                        DelegationEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name());
        if (state != null) {
            query.setParameter("state", state);
        }
        return query.setFirstResult(first).setMaxResults(max).getResultList().stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }

    /** How many of the link's delegations are in which state, by its name in APIs. */
    public Map<String, Long> count(LinkId link) {
        return entities
                .createQuery(
                        "select d.stateName, count(d) from DelegationEntity d where d.realmId = :realm"
                                + " and d.linkName = :link group by d.stateName",
                        Object[].class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .stream()
                .collect(Collectors.toMap(row -> ((String) row[0]).toLowerCase(Locale.ROOT), row -> (Long) row[1]));
    }

    private DelegationEntity rowFor(Optional<Delegation> known, Mandate mandate, Instant now) {
        Optional<DelegationEntity> present = known.flatMap(delegation -> rows.find(delegation.id()));
        DelegationEntity row = present.orElseGet(() -> new DelegationEntity(
                VersionedRow.newId(), mandate.link().realm(), mandate.application(), mandate.mailbox()));
        present.ifPresent(before ->
                new RosterStore(entities, mandate.link().realm()).pass(before.toDelegation(), mandate.link(), now));
        row.assign(mandate.link(), mandate.userId(), now);
        if (present.isEmpty()) {
            entities.persist(row);
        }
        return row;
    }
}
