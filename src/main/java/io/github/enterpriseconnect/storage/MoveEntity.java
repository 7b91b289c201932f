package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;

/**
 * A row of {@code EC_MOVE}: a granted delegation that is asked for anew, through the service account that its link has
 * now, while what was granted is used as before.
 */
@Entity
@Table(name = "EC_MOVE")
@NullUnmarked
class MoveEntity extends AskRow {
    static final String ASKED = "ASKED";
    static final String REFUSED = "REFUSED";
    static final String MOVED = "MOVED";

    /** Nobody needs it any more: the delegation has ended, or is granted otherwise. */
    static final String OVER = "OVER";

    private static final int LONGEST_DETAIL = 255;

    @Column(name = "DELEGATION_ID")
    private String delegation;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "STATE")
    private String state;

    @Column(name = "REASON")
    private String reason;

    @Column(name = "DETAIL")
    private String detail;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "NEXT_ATTEMPT_AT")
    private Long nextAttemptAt;

    /** When something happened to it last. */
    @Column(name = "TOUCHED_AT")
    private long touchedAt;

    /** What was granted before it moved; while it has not, what was granted here, too, by an answer that was dropped. */
    @Column(name = "FORMER_SUBJECT")
    private String formerSubject;

    @Column(name = "SOURCE")
    private String source;

    @Embedded
    private RowClaim claim = new RowClaim();

    @Embedded
    private CodeProgress progress = new CodeProgress();

    protected MoveEntity() {}

    MoveEntity(Delegation living) {
        super(newId(), living.link().realm());
        this.delegation = living.id();
        this.linkName = living.link().name();
        this.application = living.application();
        this.mailbox = living.mailbox().address();
        this.userId = living.userId();
        this.state = REFUSED;
    }

    String formerSubject() {
        return formerSubject;
    }

    String delegation() {
        return delegation;
    }

    int attempts() {
        return attempts;
    }

    /** Whether its next try is later. */
    boolean restsAt(Instant now) {
        return nextAttemptAt != null && nextAttemptAt > now.toEpochMilli();
    }

    void ask(Delegation living, Asking asking, String sealedCallbackUrl, Instant now) {
        startAnew(living, asking.through());
        attempts++;
        become(ASKED, null, now);
        nextAttemptAt = asking.answerBy().toEpochMilli();
        source = living.source();
        send(asking, sealedCallbackUrl, now);
        progress().leisurely();
    }

    /** Whether the link still holds the service account by which it was asked for. */
    boolean wanted(EntityManager entities) {
        return LinkEntity.find(entities, new LinkId(realmId(), linkName))
                .map(link -> link.toLink().serviceAccount())
                .filter(serviceAccount -> serviceAccount.equals(progress().through()))
                .isPresent();
    }

    /** It cannot be asked for now, through that service account. */
    void rest(Delegation living, String serviceAccount, Reason newReason, Instant now, Instant next) {
        startAnew(living, serviceAccount);
        attempts++;
        refuse(newReason, null, now, next);
    }

    /** Tries through another service account are counted by themselves. */
    private void startAnew(Delegation living, String serviceAccount) {
        linkName = living.link().name();
        userId = living.userId();
        if (!serviceAccount.equals(progress().through())) {
            attempts = 0;
            progress().goThrough(serviceAccount);
            progress().askForAll();
        }
    }

    void moved(String newFormerSubject, Instant now) {
        become(MOVED, null, now);
        attempts = 0;
        nextAttemptAt = null;
        formerSubject = newFormerSubject;
        progress.askForAll();
        forgetAnswer();
    }

    /** The account that the delegation has was granted through this service account, too. */
    void share(String subject) {
        formerSubject = subject;
    }

    /** An answer that is still to come is awaited all the same, for it has to be revoked. */
    void over(Instant now) {
        become(OVER, null, now);
        nextAttemptAt = null;
    }

    private void become(String newState, Reason newReason, Instant now) {
        state = newState;
        reason = Names.of(newReason);
        detail = null;
        touchedAt = now.toEpochMilli();
    }

    @Override
    String userId() {
        return userId;
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
        return ASKED.equals(state);
    }

    @Override
    void stayUnanswered(Reason newReason, Instant now, Instant next) {
        reason = Names.of(newReason);
        nextAttemptAt = next.toEpochMilli();
        touchedAt = now.toEpochMilli();
    }

    @Override
    void takeBack(Reason newReason, Instant now, Instant next) {
        state = ASKED;
        attempts = Math.max(0, attempts - 1);
        progress().takeBack();
        stayUnanswered(newReason, now, next);
    }

    @Override
    void postpone(Reason newReason, Instant now, Instant next) {
        forgetAnswer();
        stayUnanswered(newReason, now, next);
    }

    @Override
    void refuse(Reason newReason, String newDetail, Instant now, Instant next) {
        become(REFUSED, newReason, now);
        detail = newDetail == null ? null : newDetail.substring(0, Math.min(newDetail.length(), LONGEST_DETAIL));
        nextAttemptAt = next.toEpochMilli();
    }

    @Override
    Delegation toDelegation() {
        return new Delegation(
                id(),
                new LinkId(realmId(), linkName),
                userId,
                new Mailbox(mailbox),
                application,
                waits() ? Delegation.State.ASKED : Delegation.State.REFUSED,
                Names.reason(reason),
                detail,
                attempts,
                instant(nextAttemptAt),
                Instant.ofEpochMilli(touchedAt),
                null,
                null,
                false,
                progress().through(),
                null,
                ticketHash(),
                List.of(),
                Words.KNOWN,
                source);
    }
}
