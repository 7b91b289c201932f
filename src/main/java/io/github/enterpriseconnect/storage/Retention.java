package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;

/**
 * For how long rows stay that nobody needs any more. {@code docs/operations.md} states the same numbers, and what goes by
 * other events than time.
 */
public enum Retention {
    /** Invitations, after they have expired. */
    EXPIRED_INVITATIONS("EC_INVITATION", 30, "delete from InvitationEntity i where i.expiresAt < :before"),
    /** Delegations, after they have ended, of members who are still there. */
    ENDED_DELEGATIONS(
            "EC_DELEGATION",
            30,
            "delete from DelegationEntity d where d.state = io.github.enterpriseconnect.core.Delegation$State.REVOKED"
                    + " and d.live = false and d.code is null and d.examinedAt < :before"),
    /** Revocations, after they have ended. */
    ENDED_REVOCATIONS("EC_REVOCATION", 90, "delete from RevocationEntity r where r.endedAt < :before"),
    /** Uses of tokens, after the last one. */
    TOKEN_USES("EC_TOKEN_USE", 90, "delete from TokenUseEntity u where u.lastAt < :before"),
    /** Members who wait to be asked for, and of whom nothing could be decided for so long. */
    WAITING_MEMBERS("EC_WAITING", 30, "delete from WaitingEntity w where w.since < :before"),
    /** Changes that nobody could judge for so long, since their realm is gone. */
    UNJUDGED_CHANGES("EC_CHANGE", 30, "delete from ChangeEntity c where c.createdAt < :before"),
    /** Notices of delegations that are gone. */
    NOTICES(
            "EC_NOTICE",
            30,
            "delete from NoticeEntity n where n.createdAt < :before"
                    + " and not exists (select d.id from DelegationEntity d where d.id = n.id)");

    private final String table;
    private final int days;
    private final String statement;

    Retention(String table, int days, String statement) {
        this.table = table;
        this.days = days;
        this.statement = statement;
    }

    public String table() {
        return table;
    }

    public int days() {
        return days;
    }

    void purge(EntityManager entities, Instant now) {
        entities.createQuery(statement)
                .setParameter("before", now.minus(Duration.ofDays(days)).toEpochMilli())
                .executeUpdate();
    }
}
