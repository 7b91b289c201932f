package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is still used of a service account that is being replaced, and may end with it. Belongs to one session and its
 * transaction.
 */
public final class FormerGrants {
    private static final String MOVES = "m.realmId = :realm and m.linkName = :link and m.progress.through = :successor";

    /** Was to move to what is the former service account since it was turned round. */
    private static final String TURNED = "m.realmId = :realm and m.linkName = :link and m.progress.through = :former"
            + " and m.state <> '" + MoveEntity.MOVED + "'";

    /**
     * Was asked for, and nobody here knows of a no: Cronofy may have granted it, whether or not the code was redeemed, and the
     * account that the member uses may end with the service account that it was asked through.
     */
    private static final String MAY_BE_GRANTED =
            "(m.state = '" + MoveEntity.ASKED + "' or m.callbackUrl is not null and coalesce(m.reason, '') <> '"
                    + Reason.REFUSED_BY_CRONOFY.name() + "')";

    private static final String ELSEWHERE = "(d.serviceAccount is null or d.serviceAccount <> :former)";

    private static final String THROUGH_FORMER =
            "d.realmId = :realm and d.linkName = :link and d.serviceAccount = :former";

    /** Uses an account at Cronofy that was granted through the former service account before. */
    private static final String HOLDS_FORMER =
            "d.application = m.application and d.subject = m.formerSubject and d.live = true";

    private static final String USED_OR_FALLEN =
            "(d.state = :granted or d.state = :revoked and d.reason = '" + Reason.AUTHORIZATION_GONE.name() + "')";

    /** In which nothing is used, and nothing is awaited. */
    private static final Set<String> IDLE =
            Set.of(Delegation.State.NONE.name(), Delegation.State.REFUSED.name(), Delegation.State.REVOKED.name());

    private final EntityManager entities;

    FormerGrants(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Whether anybody still uses what was granted through the former service account, or may get it in a moment: in the order in
     * which a grant comes about, so that none slips through between the questions.
     */
    public boolean anyRemaining(Replacement replacement) {
        return Stream.of(
                        redeemed(replacement),
                        awaited(replacement),
                        remaining("select d.id", String.class, replacement))
                .anyMatch(query -> !query.setMaxResults(1).getResultList().isEmpty());
    }

    /** Codes of which somebody may find that they stand for an account that is used. */
    private TypedQuery<String> redeemed(Replacement replacement) {
        return turned(
                "select m.id from MoveEntity m where " + TURNED + " and m.code is not null", String.class, replacement);
    }

    private <T> TypedQuery<T> turned(String query, Class<T> type, Replacement replacement) {
        return entities.createQuery(query, type)
                .setParameter("realm", replacement.link().realm())
                .setParameter("link", replacement.link().name())
                .setParameter("former", replacement.former());
    }

    /** How many may lose what they use when the former service account is revoked. */
    public long concerned(Replacement replacement) {
        long through = throughFormer("select count(d)", " and d.live = true", Long.class, replacement)
                .getSingleResult();
        long moved = moves(
                        "select count(distinct d.id) from MoveEntity m, DelegationEntity d where " + MOVES + " and "
                                + HOLDS_FORMER + " and (d.realmId <> m.realmId or d.linkName <> m.linkName"
                                + " or d.serviceAccount is null or d.serviceAccount <> :former)",
                        Long.class,
                        replacement)
                .setParameter("former", replacement.former())
                .getSingleResult();
        long shared = turned(
                        "select count(distinct d.id) from MoveEntity m, DelegationEntity d where " + TURNED + " and "
                                + HOLDS_FORMER + " and " + ELSEWHERE,
                        Long.class,
                        replacement)
                .getSingleResult();
        long asked = turned(
                        "select count(d) from MoveEntity m, DelegationEntity d where " + TURNED + " and "
                                + MAY_BE_GRANTED
                                + " and d.id = m.delegation and d.live = true and d.subject is not null and "
                                + ELSEWHERE
                                + " and (m.formerSubject is null or m.formerSubject <> d.subject)",
                        Long.class,
                        replacement)
                .getSingleResult();
        return through + moved + shared + asked;
    }

    /** How many accounts at Cronofy that nobody uses any more are alive by the former service account alone. */
    public long leftBehind(Replacement replacement) {
        return moves(
                        "select count(m) from MoveEntity m, DelegationEntity d where m.delegation = d.id and " + MOVES
                                + " and m.state = '" + MoveEntity.MOVED
                                + "' and m.formerSubject is not null and m.formerSubject <> d.subject",
                        Long.class,
                        replacement)
                .getSingleResult();
    }

    /** As of now. */
    public Replacement.Counts counts(Replacement replacement) {
        Map<String, Long> states = moves(
                        "select m.state, count(m) from MoveEntity m, DelegationEntity d where m.delegation = d.id and "
                                + MOVES + " and d.state = :granted and d.serviceAccount = case when m.state = '"
                                + MoveEntity.MOVED + "' then :successor else :former end group by m.state",
                        Object[].class,
                        replacement)
                .setParameter("former", replacement.former())
                .setParameter("granted", Delegation.State.GRANTED)
                .getResultList()
                .stream()
                .collect(Collectors.toMap(row -> (String) row[0], row -> (Long) row[1]));
        boolean ended = replacement.state() == Replacement.State.FINISHED;
        return new Replacement.Counts(
                states.getOrDefault(MoveEntity.MOVED, 0L),
                states.getOrDefault(MoveEntity.ASKED, 0L),
                states.getOrDefault(MoveEntity.REFUSED, 0L),
                ended
                        ? 0
                        : remaining("select count(d)", Long.class, replacement).getSingleResult(),
                ended ? 0 : concerned(replacement));
    }

    /**
     * Those of the link who may have lost what they use, since the former service account has been revoked, or are known to
     * have and nobody has asked for them anew, by id.
     */
    public List<Delegation> concerned(Replacement replacement, int limit) {
        List<DelegationEntity> through = throughFormer(
                        "select d",
                        " and " + USED_OR_FALLEN + " and d.id > :reached order by d.id",
                        DelegationEntity.class,
                        replacement)
                .setParameter("granted", Delegation.State.GRANTED)
                .setParameter("revoked", Delegation.State.REVOKED)
                .setParameter("reached", replacement.reached())
                .setMaxResults(limit)
                .getResultList();
        List<DelegationEntity> moved = moves(
                        "select d from MoveEntity m, DelegationEntity d where " + MOVES
                                + " and m.delegation > :reached and d.id = m.delegation and d.subject = m.formerSubject and "
                                + USED_OR_FALLEN + " order by m.delegation",
                        DelegationEntity.class,
                        replacement)
                .setParameter("granted", Delegation.State.GRANTED)
                .setParameter("revoked", Delegation.State.REVOKED)
                .setParameter("reached", replacement.reached())
                .setMaxResults(limit)
                .getResultList();
        List<DelegationEntity> turned = turned(
                        "select d from MoveEntity m, DelegationEntity d where " + TURNED
                                + " and m.delegation > :reached and d.id = m.delegation and (d.subject = m.formerSubject or "
                                + MAY_BE_GRANTED + ") and " + USED_OR_FALLEN + " order by m.delegation",
                        DelegationEntity.class,
                        replacement)
                .setParameter("granted", Delegation.State.GRANTED)
                .setParameter("revoked", Delegation.State.REVOKED)
                .setParameter("reached", replacement.reached())
                .setMaxResults(limit)
                .getResultList();
        return Stream.of(through, moved, turned)
                .flatMap(List::stream)
                .map(DelegationEntity::toDelegation)
                .distinct()
                .sorted(Comparator.comparing(Delegation::id))
                .limit(limit)
                .toList();
    }

    private <T> TypedQuery<T> remaining(String what, Class<T> type, Replacement replacement) {
        return throughFormer(what, " and d.live = true and d.stateName not in :idle", type, replacement)
                .setParameter("idle", IDLE);
    }

    private TypedQuery<String> awaited(Replacement replacement) {
        return entities.createQuery(
                        "select d.id from DelegationEntity d where d.realmId = :realm and d.linkName = :link"
                                + " and d.state = :asked and d.progress.through = :former and d.callbackUrl is not null",
                        String.class)
                .setParameter("realm", replacement.link().realm())
                .setParameter("link", replacement.link().name())
                .setParameter("asked", Delegation.State.ASKED)
                .setParameter("former", replacement.former());
    }

    private <T> TypedQuery<T> throughFormer(String what, String further, Class<T> type, Replacement replacement) {
        return entities.createQuery(what + " from DelegationEntity d where " + THROUGH_FORMER + further, type)
                .setParameter("realm", replacement.link().realm())
                .setParameter("link", replacement.link().name())
                .setParameter("former", replacement.former());
    }

    private <T> TypedQuery<T> moves(String query, Class<T> type, Replacement replacement) {
        return entities.createQuery(query, type)
                .setParameter("realm", replacement.link().realm())
                .setParameter("link", replacement.link().name())
                .setParameter("successor", replacement.successor());
    }
}
