package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_DELEGATION}. */
@Entity
@Table(name = "EC_DELEGATION")
@NullUnmarked
class DelegationEntity extends LookedAtRow {
    private static final int LONGEST_DETAIL = 255;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "USER_ID")
    private String userId;

    @Convert(converter = StateColumn.OfDelegation.class)
    @Column(name = "STATE", insertable = false, updatable = false)
    private Delegation.State state;

    @Column(name = "STATE")
    private String stateName;

    @Column(name = "REASON")
    private String reason;

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

    @Column(name = "LIVE")
    private boolean live;

    @Column(name = "SERVICE_ACCOUNT")
    private String serviceAccount;

    @Column(name = "IDENTITY_PROVIDER")
    private String identityProvider;

    @Convert(converter = HistoryColumn.class)
    @Column(name = "HISTORY")
    private List<Delegation.Attempt> history = List.of();

    /** When it was granted or ended last, or was put back in the order in which what is left of a link ends. */
    @Column(name = "EXAMINED_AT")
    private long examinedAt;

    /** When what {@link RosterStore} tells of it became so; 0 if no version that notes it has changed that since. */
    @Column(name = "CHANGED_AT")
    private long changedAt;

    @Embedded
    private RowClaim claim = new RowClaim();

    @Embedded
    private CodeProgress progress = new CodeProgress();

    protected DelegationEntity() {}

    DelegationEntity(String id, String realmId, String application, Mailbox mailbox) {
        super(id, realmId);
        this.application = application;
        this.mailbox = mailbox.address();
        become(Delegation.State.NONE);
    }

    @Override
    String userId() {
        return userId;
    }

    Mailbox mailbox() {
        return new Mailbox(mailbox);
    }

    String subject() {
        return subject;
    }

    Delegation.State state() {
        return state;
    }

    boolean live() {
        return live;
    }

    /** A mailbox that passes to somebody else carries nothing over. */
    void assign(LinkId link, String newUserId, Instant now) {
        if (!newUserId.equals(userId)) {
            become(Delegation.State.NONE);
            attempts = 0;
            detail = null;
            askedAt = null;
            grantedAt = null;
            subject = null;
            serviceAccount = null;
            identityProvider = null;
            standBy(null);
            progress().passOn();
            history = List.of();
        }
        if (!link.name().equals(linkName)) {
            changedAt = Math.max(changedAt, now.toEpochMilli());
        }
        linkName = link.name();
        userId = newUserId;
    }

    void ask(Asking asking, String sealedCallbackUrl, Instant now) {
        boolean silence = waits() && attempts > 0 && (reason == null || reason.equals(Reason.NO_ANSWER.name()));
        become(Delegation.State.ASKED, silence ? Reason.NO_ANSWER : null, now);
        detail = null;
        attempts++;
        askedAt = now.toEpochMilli();
        nextAttemptAt = asking.answerBy().toEpochMilli();
        send(asking, sealedCallbackUrl, now);
        identityProvider = asking.identityProvider();
    }

    @Override
    Long since() {
        return grantedAt;
    }

    @Override
    RowClaim claim() {
        return claim;
    }

    @Override
    CodeProgress progress() {
        return progress;
    }

    @Override
    boolean waits() {
        return state == Delegation.State.ASKED;
    }

    @Override
    void takeBack(Reason newReason, Instant now, Instant next) {
        become(Delegation.State.ASKED, newReason, now);
        attempts = Math.max(0, attempts - 1);
        progress().takeBack();
        nextAttemptAt = next.toEpochMilli();
    }

    @Override
    void stayUnanswered(Reason newReason, Instant now, Instant next) {
        become(state, newReason, now);
        nextAttemptAt = next.toEpochMilli();
    }

    @Override
    void postpone(Reason newReason, Instant now, Instant next) {
        become(Delegation.State.ASKED, newReason, now);
        detail = null;
        forgetAnswer();
        nextAttemptAt = next.toEpochMilli();
    }

    /** An answer that is still to come, or to be redeemed, is awaited all the same, for it has to be revoked. */
    @Override
    void refuse(Reason newReason, String newDetail, Instant now, Instant next) {
        become(Delegation.State.REFUSED, newReason, now);
        detail = newDetail == null ? null : newDetail.substring(0, Math.min(newDetail.length(), LONGEST_DETAIL));
        standBy(null);
        progress.askForAll();
        nextAttemptAt = next.toEpochMilli();
    }

    void allowAttempt(Instant now) {
        if (nextAttemptAt != null) {
            nextAttemptAt = now.toEpochMilli();
        }
    }

    /** As for {@link #refuse}, an answer that is still to come is awaited. */
    void end(Reason newReason, boolean stillLive, Instant now) {
        become(Delegation.State.REVOKED, newReason, now);
        detail = null;
        attempts = 0;
        progress.askForAll();
        nextAttemptAt = null;
        live = stillLive;
        standBy(stillLive ? source() : null);
        examinedAt = now.toEpochMilli();
    }

    /** @param newSource how the user's directory is set up by which the right stands; null if nobody can tell */
    void grant(String newSubject, String newServiceAccount, String newSource, Instant now) {
        become(Delegation.State.GRANTED, null, now);
        standBy(newSource);
        detail = null;
        attempts = 0;
        nextAttemptAt = null;
        subject = newSubject;
        serviceAccount = newServiceAccount;
        live = true;
        grantedAt = now.toEpochMilli();
        examinedAt = now.toEpochMilli();
        forgetAnswer();
    }

    /** Told to those who read members if it is another than before, though the history may say the same already. */
    private void become(Delegation.State newState, Reason newReason, Instant now) {
        boolean other = newState != state || !Objects.equals(Names.of(newReason), reason);
        if (newState != state) {
            become(newState);
        }
        reason = Names.of(newReason);
        List<Delegation.Attempt> known = history == null ? List.of() : history;
        history = Delegation.remember(new Delegation.Attempt(now, state, Names.reason(reason)), known);
        if (other || !history.equals(known)) {
            changedAt = Math.max(changedAt, now.toEpochMilli());
        }
    }

    private void become(Delegation.State newState) {
        state = newState;
        stateName = newState.name();
    }

    @Override
    Delegation toDelegation() {
        return new Delegation(
                id(),
                new LinkId(realmId(), linkName),
                userId,
                mailbox(),
                application,
                state,
                Names.reason(reason),
                detail,
                attempts,
                instant(nextAttemptAt),
                instant(askedAt),
                instant(grantedAt),
                subject,
                live,
                serviceAccount,
                identityProvider,
                ticketHash(),
                history == null ? List.of() : history,
                new Words(Names.unknown(stateName, state), Names.unknown(reason, Names.reason(reason))),
                source());
    }
}
