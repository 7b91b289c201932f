package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Whether the service accounts of links can ask for members, in table {@code EC_LINK}. Where Cronofy refuses one as a
 * whole, or cannot be reached, its members wait: until the time of the next try nobody is asked for through it, and
 * then by one request. Belongs to one session and its transaction.
 */
public final class LinkHealth {
    /** What is wrong with all links of the application, if it is wrong with one. */
    private static final Set<String> OF_APPLICATION = Set.of(Reason.UNAVAILABLE.name(), Reason.MISCONFIGURED.name());

    /** What lets members wait for their link. */
    private static final Set<String> WAITING_FOR = Set.of(
            Reason.UNAVAILABLE.name(),
            Reason.MISCONFIGURED.name(),
            Reason.REFUSED_BY_CRONOFY.name(),
            Reason.AUTHORIZATION_GONE.name());

    /** What a callback refuses says why; what is left was refused in the answer to the ask. */
    private static final String REFUSED_ALONE =
            "d.state = :refused and d.reason = :reason and d.detail is null and d.nextAttemptAt > :now";

    private static final int MOST_AT_ONCE = 100;

    private final EntityManager entities;

    LinkHealth(EntityManager entities) {
        this.entities = entities;
    }

    /** Nobody is asked for through the link before this time. */
    public record Pause(Reason reason, Instant until) {}

    /**
     * What follows from a failure.
     *
     * @param alarm whether it is another problem than before, of which somebody has to hear
     * @param next when the link is tried again
     */
    public record Failure(boolean alarm, Instant next) {}

    public Optional<Pause> pause(LinkId link, Instant now) {
        return LinkEntity.find(entities, link)
                .map(LinkEntity::asks)
                .filter(asks -> asks.pausedAt(now))
                .map(asks -> new Pause(asks.reason(), asks.asksAfter()));
    }

    /** Whether there is anything that a successful ask would {@link #recover}. */
    public boolean troubled(LinkId link) {
        return LinkEntity.find(entities, link).filter(row -> row.asks().any()).isPresent();
    }

    /**
     * No member can be asked for through the link.
     *
     * @param next when to try again, by the number of failures in a row
     */
    public Failure fail(LinkId link, Reason reason, Instant now, IntFunction<Instant> next) {
        return LinkEntity.find(entities, link)
                .map(row -> {
                    Link.Problem before = row.toLink().problem();
                    Instant then = next.apply(row.asks().failures() + 1);
                    boolean changed = row.asks().fail(reason, now, then);
                    return new Failure(changed && (before == null || before.reason() != reason), then);
                })
                .orElseGet(() -> new Failure(false, next.apply(1)));
    }

    /**
     * One member alone was refused.
     *
     * @return whether another one was, too, not long ago, and nobody has been accepted since: it is not by chance then
     */
    public boolean refuseOne(Delegation refused, Instant now) {
        boolean again = LinkEntity.find(entities, refused.link())
                .filter(row -> row.asks().refuseOne())
                .isPresent();
        return again
                && entities.createQuery(
                                        "select count(d) from DelegationEntity d where d.realmId = :realm"
                                                + " and d.linkName = :link and d.id <> :id and " + REFUSED_ALONE,
                                        Long.class)
                                .setParameter("id", refused.id())
                                .setParameter("realm", refused.link().realm())
                                .setParameter("link", refused.link().name())
                                .setParameter("refused", Delegation.State.REFUSED)
                                .setParameter("reason", Reason.REFUSED_BY_CRONOFY.name())
                                .setParameter("now", now.toEpochMilli())
                                .getSingleResult()
                        > 0;
    }

    /**
     * Those who were refused each by themselves wait instead: it is the link that is refused.
     *
     * @return who waits now and did not before
     */
    public List<Delegation> waitInstead(LinkId link, Instant now, Instant next) {
        List<DelegationEntity> refused = entities.createQuery(
                        "select d from DelegationEntity d where d.realmId = :realm and d.linkName = :link and "
                                + REFUSED_ALONE,
                        DelegationEntity.class)
                .setParameter("refused", Delegation.State.REFUSED)
                .setParameter("reason", Reason.REFUSED_BY_CRONOFY.name())
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("now", now.toEpochMilli())
                .setMaxResults(MOST_AT_ONCE)
                .getResultList();
        refused.forEach(row -> row.takeBack(Reason.REFUSED_BY_CRONOFY, now, next));
        return refused.stream().map(DelegationEntity::toDelegation).toList();
    }

    /**
     * Somebody was asked for successfully: whoever waits for the link is due at once, and where the whole application
     * was concerned, whoever waits for another of its links.
     *
     * @return whether anything was wrong before
     */
    public boolean recover(LinkId link, Instant now) {
        LinkEntity row = LinkEntity.find(entities, link).orElse(null);
        if (row == null || !row.asks().any()) {
            return false;
        }
        Link.Problem problem = row.asks().problem();
        row.asks().end();
        entities.flush();
        if (problem == null) {
            return false;
        }
        if (OF_APPLICATION.contains(problem.reason().name())) {
            open(String.valueOf(row.application()), now);
        }
        waiting("d.realmId = :realm and d.linkName = :link", now)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("reasons", WAITING_FOR)
                .executeUpdate();
        return true;
    }

    /** Every link of the application tries again at once. */
    private void open(String application, Instant now) {
        entities.createQuery("update LinkEntity l set l.asks.asksAfter = 0 where l.application = :application"
                        + " and l.asks.asksAfter > :now and l.asks.problem in :problems")
                .setParameter("application", application)
                .setParameter("now", now.toEpochMilli())
                .setParameter("problems", OF_APPLICATION)
                .executeUpdate();
        waiting("d.application = :application", now)
                .setParameter("application", application)
                .setParameter("reasons", OF_APPLICATION)
                .executeUpdate();
    }

    /** Deliberately past their versions, for it changes nothing but when they are due. */
    private Query waiting(String whose, Instant now) {
        return entities.createQuery(
                        "update DelegationEntity d set d.nextAttemptAt = :now where " + whose
                                + " and d.state = :asked and d.code is null and d.nextAttemptAt > :now and d.reason in :reasons")
                .setParameter("asked", Delegation.State.ASKED)
                .setParameter("now", now.toEpochMilli());
    }

    /** The link has been authorized: whoever was refused for want of that is due at once. */
    public void authorized(LinkId link, Instant now) {
        entities.createQuery("update DelegationEntity d set d.stateName = :asked, d.nextAttemptAt = :now"
                        + " where d.realmId = :realm and d.linkName = :link and d.state = :refused"
                        + " and d.reason = :reason and d.code is null")
                .setParameter("asked", Delegation.State.ASKED.name())
                .setParameter("refused", Delegation.State.REFUSED)
                .setParameter("reason", Reason.LINK_NOT_ACTIVE.name())
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("now", now.toEpochMilli())
                .executeUpdate();
    }
}
