package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_REVOCATION}. */
@Entity
@Table(name = "EC_REVOCATION")
@NullUnmarked
class RevocationEntity extends VersionedRow {
    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "SUBJECT")
    private String subject;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "REVOCATION_ORDER")
    private String order;

    @Convert(converter = StateColumn.OfRevocation.class)
    @Column(name = "STATE", insertable = false, updatable = false)
    private Revocation.State state;

    @Column(name = "STATE")
    private String stateName;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "NEXT_ATTEMPT_AT")
    private long nextAttemptAt;

    @Column(name = "ENDED_AT")
    private Long endedAt;

    @Column(name = "CLAIMED_UNTIL")
    private long claimedUntil;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "REASON")
    private String reason;

    @Column(name = "COVER_ID")
    private String coverId;

    @Column(name = "PROBLEM")
    private String problem;

    protected RevocationEntity() {}

    RevocationEntity(
            Revocation.Cause cause,
            String application,
            String subject,
            String sealedOrder,
            String coverId,
            Instant now) {
        super(newId(), cause.realm());
        this.application = application;
        this.subject = subject;
        this.linkName = cause.link();
        this.userId = cause.user();
        this.mailbox = cause.mailbox() == null ? null : cause.mailbox().address();
        this.reason = Names.of(cause.reason());
        this.order = sealedOrder;
        this.coverId = coverId;
        become(Revocation.State.PENDING);
        this.createdAt = now.toEpochMilli();
        this.nextAttemptAt = now.toEpochMilli();
    }

    String application() {
        return application;
    }

    String subject() {
        return subject;
    }

    String order() {
        return order;
    }

    int attempts() {
        return attempts;
    }

    Revocation.State state() {
        return state;
    }

    String coverId() {
        return coverId;
    }

    void replaceOrder(String sealedOrder) {
        order = sealedOrder;
        coverId = null;
    }

    /** It is sent by itself from now on; what kept it from that so far is over. */
    void uncover(String sealedOrder, Instant now) {
        replaceOrder(sealedOrder);
        attempts = 0;
        problem = null;
        again(now);
    }

    /** Whether it is pending, on its own and due; if so it is not due again before {@code until}. */
    boolean claim(Instant now, Instant until) {
        if (state != Revocation.State.PENDING || coverId != null || nextAttemptAt > now.toEpochMilli()) {
            return false;
        }
        nextAttemptAt = until.toEpochMilli();
        claimedUntil = until.toEpochMilli();
        return true;
    }

    /** Whether somebody may be sending it at this moment. */
    boolean onTheWire(Instant now) {
        return claimedUntil > now.toEpochMilli();
    }

    Instant createdAt() {
        return Instant.ofEpochMilli(createdAt);
    }

    void fail(Reason newProblem, Instant next) {
        attempts++;
        problem = newProblem.name();
        again(next);
    }

    void again(Instant next) {
        nextAttemptAt = next.toEpochMilli();
        claimedUntil = 0;
    }

    void end(Revocation.State outcome, Instant now) {
        become(outcome);
        endedAt = now.toEpochMilli();
        claimedUntil = 0;
        order = null;
        if (Names.of(Reason.VERIFICATION).equals(reason)) {
            // Nobody's whom we know: whose mailbox it was is needed no longer.
            mailbox = null;
        }
    }

    private void become(Revocation.State newState) {
        state = newState;
        stateName = newState.name();
    }

    Revocation toRevocation() {
        boolean pending = state == Revocation.State.PENDING && coverId == null;
        return new Revocation(
                id(),
                new Revocation.Cause(
                        realmId(),
                        linkName,
                        userId,
                        mailbox == null ? null : new Mailbox(mailbox),
                        Names.reason(reason)),
                application,
                subject,
                state,
                attempts,
                state == Revocation.State.PENDING || state == Revocation.State.UNDELIVERABLE
                        ? Names.reason(problem)
                        : null,
                Instant.ofEpochMilli(createdAt),
                pending ? Instant.ofEpochMilli(nextAttemptAt) : null,
                endedAt == null ? null : Instant.ofEpochMilli(endedAt),
                new Words(Names.unknown(stateName, state), Names.unknown(reason, Names.reason(reason))));
    }
}
