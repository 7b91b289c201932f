package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;

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
    private static final String REFUSED_ALONE = "d.reason = :reason and d.detail is null and d.nextAttemptAt > :now";

    private static final int MOST_AT_ONCE = 100;

    /** Where those stand who are asked for, and in which column it says how it is with them. */
    private enum Asked {
        AT_FIRST("DelegationEntity", "stateName"),
        /** Who move to another service account. */
        ANEW("MoveEntity", "state");

        private final String table;
        private final String state;

        Asked(String table, String state) {
            this.table = table;
            this.state = state;
        }
    }

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
        return again && Stream.of(Asked.values()).anyMatch(asked -> anyOther(asked, refused, now));
    }

    private boolean anyOther(Asked asked, Delegation refused, Instant now) {
        return refusedAlone("select count(d) from ", asked, " and d.id <> :id", Long.class, refused.link(), now)
                        .setParameter("id", refused.id())
                        .getSingleResult()
                > 0;
    }

    private <T> TypedQuery<T> refusedAlone(
            String what, Asked asked, String further, Class<T> type, LinkId link, Instant now) {
        return entities.createQuery(
                        what + asked.table + " d where d.realmId = :realm and d.linkName = :link and d." + asked.state
                                + " = 'REFUSED' and " + REFUSED_ALONE + further,
                        type)
                .setParameter("reason", Reason.REFUSED_BY_CRONOFY.name())
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .setParameter("now", now.toEpochMilli());
    }

    /**
     * Those who were refused each by themselves wait instead: it is the link that is refused.
     *
     * @return who waits now and did not before; of those who go on with what they have, nobody
     */
    public List<Delegation> waitInstead(LinkId link, Instant now, Instant next) {
        List<AskRow> refused = Stream.of(Asked.values())
                .flatMap(asked -> refusedAlone("select d from ", asked, "", AskRow.class, link, now)
                        .setMaxResults(MOST_AT_ONCE)
                        .getResultList()
                        .stream())
                .toList();
        refused.forEach(row -> row.takeBack(Reason.REFUSED_BY_CRONOFY, now, next));
        return refused.stream()
                .filter(DelegationEntity.class::isInstance)
                .map(AskRow::toDelegation)
                .toList();
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
        for (Asked asked : Asked.values()) {
            ofLink(waiting(asked, "d.realmId = :realm and d.linkName = :link", now), link)
                    .setParameter("reasons", WAITING_FOR)
                    .executeUpdate();
        }
        ofLink(resting("r.realmId = :realm and r.linkName = :link", now), link).executeUpdate();
        return true;
    }

    private static Query ofLink(Query query, LinkId link) {
        return query.setParameter("realm", link.realm()).setParameter("link", link.name());
    }

    /** Every link of the application tries again at once, and by that brings forward its own members who move. */
    private void open(String application, Instant now) {
        entities.createQuery("update LinkEntity l set l.asks.asksAfter = 0 where l.application = :application"
                        + " and l.asks.asksAfter > :now and l.asks.problem in :problems")
                .setParameter("application", application)
                .setParameter("now", now.toEpochMilli())
                .setParameter("problems", OF_APPLICATION)
                .executeUpdate();
        waiting(Asked.AT_FIRST, "d.application = :application", now)
                .setParameter("application", application)
                .setParameter("reasons", OF_APPLICATION)
                .executeUpdate();
        resting("r.application = :application", now)
                .setParameter("application", application)
                .executeUpdate();
    }

    /** Deliberately past their versions, for it changes nothing but when they are due. */
    private Query waiting(Asked asked, String whose, Instant now) {
        return entities.createQuery("update " + asked.table + " d set d.nextAttemptAt = :now where " + whose + " and d."
                        + asked.state
                        + " = 'ASKED' and d.code is null and d.nextAttemptAt > :now and d.reason in :reasons")
                .setParameter("now", now.toEpochMilli());
    }

    /** Those that nobody has claimed: no claim lasts so long. */
    private Query resting(String whose, Instant now) {
        return entities.createQuery("update ReplacementEntity r set r.nextAt = :now where " + whose
                        + " and r.state = 'MOVING' and r.nextAt > :unclaimed")
                .setParameter("now", now.toEpochMilli())
                .setParameter(
                        "unclaimed", now.plus(ReplacementStore.LONGEST_CLAIM).toEpochMilli());
    }

    /** The link has been authorized: whoever was refused for want of that is due at once. */
    public void authorized(LinkId link, Instant now) {
        entities.createQuery(
                        "update DelegationEntity d set d.stateName = :asked, d.nextAttemptAt = :now, d.changedAt = :now"
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
