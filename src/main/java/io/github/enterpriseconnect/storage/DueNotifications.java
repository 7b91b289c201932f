package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Notification;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notifications of every realm that have still to be sent, in table {@code EC_NOTIFICATION}, for whoever sends them. Belongs
 * to one session and its transaction.
 */
public final class DueNotifications {
    private static final String PENDING = Notification.State.PENDING.name();

    private final EntityManager entities;

    DueNotifications(EntityManager entities) {
        this.entities = entities;
    }

    /** One that is due, since when, and when it began to be told. */
    public record Due(String id, String realm, String client, Instant since, Instant createdAt) {}

    /**
     * One that the caller alone sends now.
     *
     * @param until when the claim ends; tells it from another claim
     */
    public record Claimed(Notification notification, Instant until) {
        public String id() {
            return notification.id();
        }

        public String realm() {
            return notification.event().realm();
        }
    }

    /**
     * The longest due first.
     *
     * @param after the last of the page before; null for the first page
     */
    public List<Due> due(Instant now, @Nullable Due after, int limit) {
        TypedQuery<Object[]> query = entities.createQuery(
                        "select n.id, n.realmId, n.clientId, n.nextAt, n.createdAt from NotificationEntity n"
                                + " where n.nextAt <= :now and n.state = :pending"
                                + (after == null ? "" : " and n.nextAt >= :since and (n.nextAt > :since or n.id > :id)")
                                + " order by n.nextAt, n.id",
                        Object[].class)
                .setParameter("now", now.toEpochMilli())
                .setParameter("pending", PENDING);
        if (after != null) {
            query.setParameter("since", after.since().toEpochMilli()).setParameter("id", after.id());
        }
        return query.setMaxResults(limit).getResultList().stream()
                .map(row -> new Due(
                        (String) row[0],
                        (String) row[1],
                        (String) row[2],
                        Instant.ofEpochMilli((Long) row[3]),
                        Instant.ofEpochMilli((Long) row[4])))
                .toList();
    }

    /**
     * Claims one for one caller across all nodes. Whatever stands before it in its line is sent before: until that has
     * been accepted, or nobody tries any more, this one waits with it.
     */
    public Optional<Claimed> claim(String id, Instant now, Instant until) {
        NotificationEntity row = entities.find(NotificationEntity.class, id);
        if (row == null || !row.due(now)) {
            return Optional.empty();
        }
        Optional<Long> before = before(row);
        if (before.isPresent()) {
            // Not earlier than in a moment, so that two that look for each other do not do so all the time.
            row.rest(Instant.ofEpochMilli(Math.max(before.get(), now.toEpochMilli() + 1_000)));
            return Optional.empty();
        }
        row.rest(until);
        return Optional.of(new Claimed(row.toNotification(), until));
    }

    /** When what stands before it is due. */
    private Optional<Long> before(NotificationEntity row) {
        return entities
                .createQuery(
                        "select n.nextAt from NotificationEntity n where n.realmId = :realm and n.line = :line"
                                + " and n.turn < :turn and n.state = :pending order by n.turn desc",
                        Long.class)
                .setParameter("realm", row.realmId())
                .setParameter("line", row.line())
                .setParameter("turn", row.turn())
                .setParameter("pending", PENDING)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
    }

    /**
     * It was accepted, or nobody is to be told any more.
     *
     * @return what stands next in its line and is due now
     */
    public Optional<String> end(Claimed claimed, Instant now) {
        return find(claimed).flatMap(row -> {
            Optional<String> next = next(row, now);
            entities.remove(row);
            return next;
        });
    }

    /**
     * Nobody tries any more, for this reason.
     *
     * @return what stands next in its line and is due now
     */
    public Optional<String> giveUp(Claimed claimed, String problem, Instant now) {
        return held(claimed).flatMap(row -> {
            row.giveUp(problem, now);
            return next(row, now);
        });
    }

    /** It was not accepted, and is sent again at that time. */
    public void fail(Claimed claimed, String problem, Instant now, Instant next) {
        held(claimed).ifPresent(row -> row.fail(problem, now, next));
    }

    /** It was not sent, for want of something of ours, and is tried again at that time. */
    public void wait(Claimed claimed, String problem, Instant next) {
        held(claimed).ifPresent(row -> row.wait(problem, next));
    }

    /** As {@link #wait}, of all of these that are still due. */
    public void wait(Collection<String> ids, String problem, Instant now, Instant next) {
        entities.createQuery("update NotificationEntity n set n.nextAt = :next, n.problem = :problem,"
                        + " n.failingSince = null, n.version = n.version + 1"
                        + " where n.id in :ids and n.nextAt <= :now and n.state = :pending")
                .setParameter("ids", ids)
                .setParameter("problem", problem)
                .setParameter("pending", PENDING)
                .setParameter("now", now.toEpochMilli())
                .setParameter("next", next.toEpochMilli())
                .executeUpdate();
    }

    /** These wait until then, whoever finds them; what is claimed meanwhile stays so. */
    public void rest(Collection<String> ids, Instant now, Instant until) {
        entities.createQuery("update NotificationEntity n set n.nextAt = :until, n.version = n.version + 1"
                        + " where n.id in :ids and n.nextAt <= :now")
                .setParameter("ids", ids)
                .setParameter("now", now.toEpochMilli())
                .setParameter("until", until.toEpochMilli())
                .executeUpdate();
    }

    private Optional<String> next(NotificationEntity ended, Instant now) {
        Optional<NotificationEntity> next = entities
                .createQuery(
                        "select n from NotificationEntity n where n.realmId = :realm and n.line = :line"
                                + " and n.turn > :turn and n.state = :pending order by n.turn, n.id",
                        NotificationEntity.class)
                .setParameter("realm", ended.realmId())
                .setParameter("line", ended.line())
                .setParameter("turn", ended.turn())
                .setParameter("pending", PENDING)
                .setMaxResults(1)
                .getResultList()
                .stream()
                .findFirst();
        next.ifPresent(row -> row.rest(now));
        return next.map(VersionedRow::id);
    }

    private Optional<NotificationEntity> find(Claimed claimed) {
        return Optional.ofNullable(entities.find(NotificationEntity.class, claimed.id()));
    }

    /** Unless the claim has run out and somebody else has taken it, or it has been replayed. */
    private Optional<NotificationEntity> held(Claimed claimed) {
        return find(claimed).filter(row -> row.pending() && row.nextAt(claimed.until()));
    }
}
