package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.BackfillRun.State;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far the backfills of links have come, in table {@code EC_BACKFILL}, one row for each link that ever had one, and whom
 * they have asked for. Belongs to one realm, one session and its transaction.
 */
public final class BackfillStore {
    private final EntityManager entities;
    private final String realmId;

    BackfillStore(EntityManager entities, String realmId) {
        this.entities = entities;
        this.realmId = realmId;
    }

    /**
     * Somebody of whom we know already.
     *
     * @param reason null if nothing is to be explained
     * @param run the backfill that asked last; null if none ever did
     */
    public record Known(
            Delegation.State state,
            @Nullable Reason reason,
            @Nullable String run) {}

    public Optional<BackfillRun> find(LinkId link) {
        return row(link).map(BackfillEntity::toRun);
    }

    /** Begins one, or has one that was paused go on; one that goes on is left alone, or of which a newer version has written. */
    public void start(LinkId link, Instant now) {
        Optional<BackfillEntity> present = locked(link);
        if (present.isEmpty()) {
            BackfillEntity row = new BackfillEntity(link);
            row.begin(now);
            entities.persist(row);
            return;
        }
        BackfillEntity row = present.get();
        if (row.is(State.PAUSED)) {
            row.resume(now);
        } else if (row.is(State.FINISHED) || row.is(State.CANCELLED)) {
            row.begin(now);
        }
    }

    /** False if there is none that could go on. */
    public boolean pause(LinkId link) {
        Optional<BackfillEntity> row = locked(link).filter(found -> found.is(State.RUNNING) || found.is(State.PAUSED));
        row.ifPresent(BackfillEntity::pause);
        return row.isPresent();
    }

    /** Ends what goes on, or was to begin again by the link's policy. */
    public void cancel(LinkId link, Instant now) {
        locked(link)
                .filter(row -> row.is(State.RUNNING)
                        || row.is(State.PAUSED)
                        || row.toRun().nextAt() != null)
                .ifPresent(row -> row.end(State.CANCELLED, now, null));
    }

    /** By the policy of a link: one begins unless there was one, or if the last was not to be followed by another. */
    public void keepContinuous(LinkId link, Instant now) {
        Optional<BackfillEntity> row = row(link);
        if (row.isEmpty() || (row.get().is(State.FINISHED) && row.get().toRun().nextAt() == null)) {
            start(link, now);
        }
    }

    /** The link is gone. In one statement, past the version: whoever is at the row waits or finds none. */
    public void remove(LinkId link) {
        entities.createQuery("delete from BackfillEntity b where b.realmId = :realm and b.linkName = :link")
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .executeUpdate();
    }

    /**
     * Claims the next step for one node.
     *
     * @param until when another may take it on
     * @param again whether one that has finished is followed by another
     * @param count how many members there are
     * @return empty if there is nothing to do, or another node has it
     */
    public Optional<BackfillRun> claim(LinkId link, Instant now, Instant until, boolean again, LongSupplier count) {
        BackfillEntity row = row(link).filter(found -> found.due(now)).orElse(null);
        if (row == null) {
            return Optional.empty();
        }
        if (row.is(State.FINISHED)) {
            if (!again) {
                row.planNothing();
                return Optional.empty();
            }
            row.begin(now);
        }
        if (!row.is(State.RUNNING)) {
            return Optional.empty();
        }
        if (row.toRun().total() == null) {
            row.count(count.getAsLong());
        }
        row.lease(until);
        return Optional.of(row.toRun());
    }

    /** Whether the claim still holds; if so, nobody else takes it before that time. */
    public boolean renew(BackfillRun claimed, Instant until) {
        Optional<BackfillEntity> row = standing(claimed).filter(found -> found.is(State.RUNNING));
        row.ifPresent(found -> found.lease(until));
        return row.isPresent();
    }

    /**
     * These have been looked at. Counts also if somebody has paused or ended it meanwhile, but only once.
     *
     * @param passedOver how many were not asked for, by the reason
     */
    public void progress(BackfillRun claimed, String reached, long asked, Map<String, Long> passedOver) {
        standing(claimed).ifPresent(row -> row.progress(reached, asked, passedOver));
    }

    /** It goes on at that time; see {@link BackfillRun#waitsFor()}. */
    public void goOn(BackfillRun claimed, @Nullable Reason waitsFor, int failures, Instant next) {
        row(claimed.link())
                .filter(row -> claimed.run().equals(row.toRun().run()))
                .ifPresent(row -> row.hold(waitsFor, failures, next));
    }

    /** Everybody has been looked at. */
    public void finish(BackfillRun claimed, Instant now, @Nullable Instant next) {
        row(claimed.link())
                .filter(row -> claimed.run().equals(row.toRun().run()) && row.is(State.RUNNING))
                .ifPresent(row -> row.end(State.FINISHED, now, next));
    }

    private Optional<BackfillEntity> standing(BackfillRun claimed) {
        return locked(claimed.link()).filter(row -> row.standsAt(claimed));
    }

    /** What is known of these users with regard to an application, by their ids. */
    public Map<String, Known> known(String application, Collection<String> userIds) {
        Map<String, Known> known = new HashMap<>();
        entities.createQuery(
                        "select d.userId, d.state, d.reason, d.progress.backfill from DelegationEntity d"
                                + " where d.realmId = :realm and d.userId in :users and d.application = :application",
                        Object[].class)
                .setParameter("realm", realmId)
                .setParameter("users", userIds)
                .setParameter("application", application)
                .getResultList()
                .forEach(row -> known.merge(
                        (String) row[0],
                        new Known((Delegation.State) row[1], Names.reason((String) row[2]), (String) row[3]),
                        (one, other) -> one.state() == Delegation.State.REVOKED ? other : one));
        return known;
    }

    /** A run has asked for these, by the ids of their delegations, in this transaction: nobody waits for their codes. */
    public void mark(String run, Collection<String> delegations) {
        delegations.stream()
                .map(id -> entities.find(DelegationEntity.class, id))
                .forEach(row -> row.progress().askedBy(run));
    }

    /** These have signed in: they wait for their codes. */
    public void hurry(Collection<String> userIds) {
        if (!userIds.isEmpty()) {
            entities.createQuery("update DelegationEntity d set d.progress.unhurried = false where d.realmId = :realm"
                            + " and d.userId in :users and d.progress.unhurried = true")
                    .setParameter("realm", realmId)
                    .setParameter("users", userIds)
                    .executeUpdate();
        }
    }

    /** What has become, as of now, of those whom a run has asked for: how many are in which state. */
    public Map<Delegation.State, Long> outcomes(BackfillRun run) {
        Map<Delegation.State, Long> outcomes = new HashMap<>();
        entities.createQuery(
                        "select d.state, count(d) from DelegationEntity d where d.progress.backfill = :run"
                                + " and d.realmId = :realm group by d.state",
                        Object[].class)
                .setParameter("run", run.run())
                .setParameter("realm", realmId)
                .getResultList()
                .forEach(row -> outcomes.merge((Delegation.State) row[0], (Long) row[1], Long::sum));
        return outcomes;
    }

    private Optional<BackfillEntity> row(LinkId link) {
        return entities
                .createQuery(
                        "select b from BackfillEntity b where b.realmId = :realm and b.linkName = :link",
                        BackfillEntity.class)
                .setParameter("realm", link.realm())
                .setParameter("link", link.name())
                .getResultList()
                .stream()
                .findFirst();
    }

    private Optional<BackfillEntity> locked(LinkId link) {
        return row(link).flatMap(row -> Locked.row(entities, BackfillEntity.class, row.id()));
    }
}
