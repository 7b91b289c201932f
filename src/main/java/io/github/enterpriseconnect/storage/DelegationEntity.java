package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_DELEGATION}. */
@Entity
@Table(name = "EC_DELEGATION")
@NullUnmarked
class DelegationEntity {
    private static final int LONGEST_DETAIL = 255;

    @Id
    @Column(name = "ID", length = 36)
    private String id;

    @Version
    @Column(name = "VERSION")
    private int version;

    @Column(name = "REALM_ID")
    private String realmId;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "USER_ID")
    private String userId;

    @Enumerated(EnumType.STRING)
    @Column(name = "STATE")
    private Delegation.State state;

    @Enumerated(EnumType.STRING)
    @Column(name = "REASON")
    private Reason reason;

    @Column(name = "DETAIL")
    private String detail;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "NEXT_ATTEMPT_AT")
    private Long nextAttemptAt;

    @Column(name = "ASKED_AT")
    private Long askedAt;

    @Column(name = "GRANTED_AT")
    private Long grantedAt;

    @Column(name = "SUBJECT")
    private String subject;

    @Column(name = "TICKET_HASH")
    private String ticketHash;

    @Column(name = "CALLBACK_URL")
    private String callbackUrl;

    @Column(name = "CODE")
    private String code;

    @Column(name = "LEASE_UNTIL")
    private long leaseUntil;

    protected DelegationEntity() {}

    DelegationEntity(String id, String realmId, String application, Mailbox mailbox) {
        this.id = id;
        this.realmId = realmId;
        this.application = application;
        this.mailbox = mailbox.address();
        this.state = Delegation.State.NONE;
    }

    String id() {
        return id;
    }

    String userId() {
        return userId;
    }

    Delegation.State state() {
        return state;
    }

    String subject() {
        return subject;
    }

    String callbackUrl() {
        return callbackUrl;
    }

    String code() {
        return code;
    }

    void assign(LinkId link, String newUserId) {
        if (!newUserId.equals(userId)) {
            attempts = 0;
        }
        linkName = link.name();
        userId = newUserId;
    }

    void ask(String newTicketHash, String sealedCallbackUrl, Instant now, Instant answerBy) {
        state = Delegation.State.ASKED;
        reason = null;
        detail = null;
        attempts++;
        askedAt = now.toEpochMilli();
        nextAttemptAt = answerBy.toEpochMilli();
        ticketHash = newTicketHash;
        callbackUrl = sealedCallbackUrl;
        code = null;
        leaseUntil = 0;
    }

    boolean isAsk(String ask) {
        return state == Delegation.State.ASKED && ask != null && ask.equals(ticketHash);
    }

    void answer(String sealedCode) {
        code = sealedCode;
    }

    void redeemLater(Instant when) {
        leaseUntil = when.toEpochMilli();
    }

    void takeBack(Instant next) {
        attempts = Math.max(0, attempts - 1);
        postpone(Reason.UNAVAILABLE, next);
    }

    void stayUnanswered(Reason newReason, Instant next) {
        reason = newReason;
        nextAttemptAt = next.toEpochMilli();
    }

    void postpone(Reason newReason, Instant next) {
        state = Delegation.State.ASKED;
        forgetAsk(newReason, null, next);
    }

    void refuse(Reason newReason, String newDetail, Instant next) {
        state = Delegation.State.REFUSED;
        forgetAsk(newReason, newDetail, next);
    }

    void revoke(Reason newReason) {
        state = Delegation.State.REVOKED;
        attempts = 0;
        forgetAsk(newReason, null, null);
    }

    void grant(String newSubject, Instant now) {
        state = Delegation.State.GRANTED;
        subject = newSubject;
        grantedAt = now.toEpochMilli();
        attempts = 0;
        forgetAsk(null, null, null);
    }

    boolean lease(Instant now, Instant until) {
        if (leaseUntil > now.toEpochMilli()) {
            return false;
        }
        leaseUntil = until.toEpochMilli();
        return true;
    }

    void endLease() {
        leaseUntil = 0;
    }

    /** The ticket's hash stays, so that a duplicate of its callback is known as one. */
    private void forgetAsk(Reason newReason, String newDetail, Instant next) {
        reason = newReason;
        detail = newDetail == null || newDetail.length() <= LONGEST_DETAIL
                ? newDetail
                : newDetail.substring(0, LONGEST_DETAIL);
        nextAttemptAt = next == null ? null : next.toEpochMilli();
        callbackUrl = null;
        code = null;
        leaseUntil = 0;
    }

    Delegation toDelegation() {
        return new Delegation(
                id,
                new LinkId(realmId, linkName),
                userId,
                new Mailbox(mailbox),
                application,
                state,
                reason,
                detail,
                attempts,
                instant(nextAttemptAt),
                instant(askedAt),
                instant(grantedAt),
                subject,
                ticketHash);
    }

    private static Instant instant(Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }
}
