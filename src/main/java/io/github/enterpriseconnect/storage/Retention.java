package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * For how long rows stay that nobody needs any more. {@code docs/operations.md} states the same numbers, and what goes by
 * other events than time.
 */
public enum Retention {
    /** Invitations, after they have expired. */
    EXPIRED_INVITATIONS("EC_INVITATION", 30, "InvitationEntity", "e.expiresAt < :before"),
    /** Delegations, after they have ended, of members who are still there. */
    ENDED_DELEGATIONS(
            "EC_DELEGATION",
            30,
            "DelegationEntity",
            "e.state = io.github.enterpriseconnect.core.Delegation$State.REVOKED"
                    + " and e.live = false and e.code is null and e.examinedAt < :before"),
    /** Members who have moved to another service account, or were to, after the last of them has. */
    OLD_MOVES(
            "EC_MOVE",
            7,
            "MoveEntity",
            "e.touchedAt < :before and e.code is null and not exists (select r.id from ReplacementEntity r"
                    + " where r.realmId = e.realmId and r.linkName = e.linkName and r.state <> 'FINISHED')"),
    /** Revocations, after they have ended. */
    ENDED_REVOCATIONS("EC_REVOCATION", 90, "RevocationEntity", "e.endedAt < :before"),
    /** Notifications that a consumer does not take, after nobody has tried any more. */
    UNDELIVERABLE_NOTIFICATIONS(
            "EC_NOTIFICATION",
            30,
            "NotificationEntity",
            "e.state = 'UNDELIVERABLE' and e.createdAt < :before"
                    + " and (e.failingSince is null or e.failingSince < :before)"),
    /** Uses of tokens, after the last one. */
    TOKEN_USES("EC_TOKEN_USE", 90, "TokenUseEntity", "e.lastAt < :before"),
    /** Members who wait to be asked for, and of whom nothing could be decided for so long. */
    WAITING_MEMBERS("EC_WAITING", 30, "WaitingEntity", "e.since < :before"),
    /** That somebody is no longer told of in a link, after that was noted. */
    DEPARTURES("EC_DEPARTURE", 30, "DepartureEntity", "e.changedAt < :before"),
    /** Changes that nobody could judge for so long, since their realm is gone. */
    UNJUDGED_CHANGES(
            "EC_CHANGE", 30, "ChangeEntity", "e.createdAt < :before and e.kind <> '" + ChangeEntity.LINK_ENDED + "'");

    private final String table;
    private final int days;
    private final String entity;
    private final String condition;

    Retention(String table, int days, String entity, String condition) {
        this.table = table;
        this.days = days;
        this.entity = entity;
        this.condition = condition;
    }

    public String table() {
        return table;
    }

    public int days() {
        return days;
    }

    /** Ids of rows that have outlived their time; nothing is locked. */
    List<String> outlived(EntityManager entities, Instant now, int limit) {
        return entities.createQuery("select e.id from " + entity + " e where " + condition, String.class)
                .setParameter("before", before(now))
                .setMaxResults(limit)
                .getResultList();
    }

    /**
     * Deletes the row if it still has outlived its time. By its key alone: where a database locks all that it looks
     * through, and the gaps between, a search would lock the table against everybody who inserts.
     */
    void purge(EntityManager entities, String id, Instant now) {
        int purged = entities.createQuery("delete from " + entity + " e where e.id = :id and " + condition)
                .setParameter("id", id)
                .setParameter("before", before(now))
                .executeUpdate();
        if (purged > 0 && this == ENDED_DELEGATIONS) {
            new NoticeStore(entities, "").forget(id);
        }
    }

    private long before(Instant now) {
        return now.minus(Duration.ofDays(days)).toEpochMilli();
    }
}
