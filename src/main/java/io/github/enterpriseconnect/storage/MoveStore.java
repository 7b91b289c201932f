package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Granted delegations that are asked for anew through another service account, in table {@code EC_MOVE}, beside what was
 * granted, which {@code EC_DELEGATION} keeps until the new is stored. Belongs to one session and its transaction.
 */
public final class MoveStore {
    private static final String OF_LINK =
            "m.realmId = :realm and m.linkName = :link and m.progress.through = :successor";

    private static final String THROUGH_FORMER =
            "d.realmId = :realm and d.linkName = :link and d.serviceAccount = :former and d.live = true";

    private final EntityManager entities;
    private final Sealer sealer;

    MoveStore(EntityManager entities, Sealer sealer) {
        this.entities = entities;
        this.sealer = sealer;
    }

    /** Delegations granted through the former service account whose turn has not come yet, by id. */
    public List<Delegation> next(Replacement replacement, int limit) {
        return list(
                of(
                                "select d from DelegationEntity d where " + THROUGH_FORMER
                                        + " and d.state = :granted and d.id > :reached and not exists (select m.id from"
                                        + " MoveEntity m where m.delegation = d.id and m.progress.through = :successor and m.nextAttemptAt is not null)"
                                        + " order by d.id",
                                replacement)
                        .setParameter("reached", replacement.reached())
                        .setParameter("granted", Delegation.State.GRANTED)
                        .setParameter("former", replacement.former()),
                limit);
    }

    /** Delegations whose turn has come before, and which are to be asked for once more, the longest due first. */
    public List<Delegation> due(Replacement replacement, Instant now, int limit) {
        return list(
                of(
                                "select d from DelegationEntity d, MoveEntity m where m.delegation = d.id and "
                                        + OF_LINK
                                        + " and m.nextAttemptAt <= :now and m.code is null"
                                        + " order by m.nextAttemptAt, m.id",
                                replacement)
                        .setParameter("now", now.toEpochMilli()),
                limit);
    }

    /** When one of them is due; empty if none will be. */
    public Optional<Instant> nextDue(Replacement replacement) {
        Long next = ofLink(
                        entities.createQuery(
                                "select min(m.nextAttemptAt) from MoveEntity m where " + OF_LINK
                                        + " and m.code is null",
                                Long.class),
                        replacement)
                .setParameter("successor", replacement.successor())
                .getSingleResult();
        return Optional.ofNullable(next).map(Instant::ofEpochMilli);
    }

    /**
     * Notes that a granted delegation is about to be asked for anew; must be committed before the request is sent.
     *
     * @return the ask
     */
    public Delegation ask(Delegation living, Asking asking, Instant now) {
        MoveEntity row = rowFor(living);
        String sealedUrl = sealer.seal(
                Sealer.Purpose.CALLBACK_URL, row.id(), asking.callbackUrl().reveal());
        row.ask(living, asking, sealedUrl, now);
        return row.toDelegation();
    }

    /** How often it has been tried in vain to move this one. */
    public int attempts(Delegation living, String serviceAccount) {
        return of(living)
                .filter(row -> serviceAccount.equals(row.progress().through()))
                .map(MoveEntity::attempts)
                .orElse(0);
    }

    /**
     * It cannot be asked for now.
     *
     * @param next when to try again, by how often it was in vain, this time included
     */
    public void rest(Delegation living, String serviceAccount, Reason reason, Instant now, IntFunction<Instant> next) {
        int attempts = attempts(living, serviceAccount);
        rowFor(living).rest(living, serviceAccount, reason, now, next.apply(attempts + 1));
    }

    /** Whether somebody has asked for this one meanwhile, or its answer has come: nothing is to be done now. */
    public boolean askedMeanwhile(Delegation living, String serviceAccount, Instant now) {
        return of(living)
                .filter(row -> serviceAccount.equals(row.progress().through()))
                .filter(row -> row.code() != null || row.restsAt(now))
                .isPresent();
    }

    /** There is nothing to move any more. */
    public void over(Delegation living, Instant now) {
        of(living).ifPresent(row -> row.over(now));
    }

    /** What came for the ask was dropped: an account that the member uses may end with the service account of the ask now. */
    public void dropped(Delegation asked, String subject) {
        row(asked)
                .filter(row -> Optional.ofNullable(entities.find(DelegationEntity.class, row.delegation()))
                        .filter(living -> subject.equals(living.subject()))
                        .isPresent())
                .ifPresent(row -> row.share(subject));
    }

    /** Nothing is asked of the database where the ask is of a delegation that is there. */
    private Optional<MoveEntity> row(Delegation asked) {
        return entities.find(DelegationEntity.class, asked.id()) == null
                ? Optional.ofNullable(entities.find(MoveEntity.class, asked.id()))
                : Optional.empty();
    }

    /** Whether the ask is one of those here. */
    public boolean holds(Delegation asked) {
        return row(asked).isPresent();
    }

    /** Id of the granted delegation that the ask is for; its own where it is one of a delegation that is not granted. */
    public String delegation(Delegation asked) {
        return row(asked).map(MoveEntity::delegation).orElse(asked.id());
    }

    /**
     * Whoever was asked for as others are, since what they had was lost, has moved by that too: what they had may be the same
     * account at Cronofy.
     */
    void noteAsked(Delegation before, Delegation granted, Instant now) {
        String through = granted.serviceAccount();
        if (before.subject() == null
                || before.serviceAccount() == null
                || through == null
                || through.equals(before.serviceAccount())) {
            return;
        }
        boolean replaces = entities.createQuery(
                                "select count(r) from ReplacementEntity r where r.realmId = :realm and r.linkName = :link"
                                        + " and r.successor = :through and r.state not in " + ReplacementEntity.CLOSED,
                                Long.class)
                        .setParameter("realm", granted.link().realm())
                        .setParameter("link", granted.link().name())
                        .setParameter("through", through)
                        .getSingleResult()
                > 0;
        if (replaces) {
            MoveEntity row = rowFor(granted);
            row.progress().goThrough(through);
            row.moved(before.subject(), now);
        }
    }

    /** The member goes on with what has come for the ask; false if what was granted has ended since. */
    boolean grant(MoveEntity move, String subject, @Nullable String source, Instant now) {
        DelegationEntity living =
                Locked.row(entities, DelegationEntity.class, move.delegation()).orElse(null);
        if (living == null || !goesOn(living.toDelegation(), move.toDelegation()) || !move.wanted(entities)) {
            return false;
        }
        boolean there = move.progress().through().equals(living.toDelegation().serviceAccount());
        String former = there ? move.formerSubject() : living.subject();
        living.grant(subject, move.progress().through(), source, now);
        move.moved(former, now);
        entities.flush();
        return true;
    }

    /** Whoever has lost what was granted to Cronofy gets it back by this; whoever has lost the right does not. */
    private static boolean goesOn(Delegation living, Delegation asked) {
        boolean wanted =
                switch (living.state()) {
                    case GRANTED, ASKED -> true;
                    case REVOKED -> living.reason() == Reason.AUTHORIZATION_GONE;
                    case NONE, REFUSED, UNKNOWN -> false;
                };
        return wanted
                && living.userId().equals(asked.userId())
                && living.link().equals(asked.link())
                && living.mailbox().equals(asked.mailbox());
    }

    /** What a member who has moved used before, while that is still authorized for the sake of others. */
    public Optional<String> formerSubject(String delegationId) {
        return entities
                .createQuery(
                        "select m.formerSubject from MoveEntity m, ReplacementEntity r where m.delegation = :delegation"
                                + " and m.state = '" + MoveEntity.MOVED + "' and m.formerSubject is not null"
                                + " and r.realmId = m.realmId and r.linkName = m.linkName"
                                + " and r.successor = m.progress.through and r.state not in "
                                + ReplacementEntity.CLOSED,
                        String.class)
                .setParameter("delegation", delegationId)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    private TypedQuery<DelegationEntity> of(String query, Replacement replacement) {
        return ofLink(entities.createQuery(query, DelegationEntity.class), replacement)
                .setParameter("successor", replacement.successor());
    }

    private static <Q extends Query> Q ofLink(Q query, Replacement replacement) {
        query.setParameter("realm", replacement.link().realm());
        query.setParameter("link", replacement.link().name());
        return query;
    }

    private MoveEntity rowFor(Delegation living) {
        return of(living).orElseGet(() -> {
            MoveEntity created = new MoveEntity(living);
            entities.persist(created);
            return created;
        });
    }

    private Optional<MoveEntity> of(Delegation living) {
        return entities
                .createQuery("select m from MoveEntity m where m.delegation = :delegation", MoveEntity.class)
                .setParameter("delegation", living.id())
                .getResultList()
                .stream()
                .findFirst();
    }

    private static List<Delegation> list(TypedQuery<DelegationEntity> query, int limit) {
        return query.setMaxResults(limit).getResultList().stream()
                .map(DelegationEntity::toDelegation)
                .toList();
    }
}
