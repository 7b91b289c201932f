package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_RESOURCE}: what is known of a resource, how its delegation stands, and its sealed credential. */
@Entity
@Table(name = "EC_RESOURCE")
@NullUnmarked
class CalendarResourceEntity extends AskRow {
    private static final int LONGEST_DETAIL = 255;

    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Embedded
    private KnownResource known = new KnownResource(false);

    @Column(name = "WANTED")
    private boolean wanted;

    @Column(name = "WITHHELD")
    private String withheld;

    @Column(name = "CHANGED_AT")
    private long changedAt;

    @Column(name = "STATE")
    private String stateName;

    @Column(name = "REASON")
    private String reason;

    @Column(name = "DETAIL")
    private String detail;

    @Column(name = "ATTEMPTS")
    private int attempts;

    /** When somebody has to see to its delegation, for an index to find; null if nothing is to be done. */
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

    @Column(name = "CREDENTIAL")
    private String credential;

    @Embedded
    private RowClaim claim = new RowClaim();

    @Embedded
    private CodeProgress progress = new CodeProgress();

    protected CalendarResourceEntity() {}

    CalendarResourceEntity(LinkId link, String application, Mailbox mailbox, boolean named, Instant now) {
        super(newId(), link.realm());
        this.linkName = link.name();
        this.application = application;
        this.mailbox = mailbox.address();
        this.known = new KnownResource(named);
        become(Delegation.State.NONE, null, now);
    }

    void belongTo(String presentApplication) {
        application = presentApplication;
    }

    KnownResource known() {
        return known;
    }

    /** Whether it is to be delegated; what is granted already stays. */
    void want(boolean isWanted, Instant now) {
        touch(now);
        wanted = isWanted;
        boolean answerAwaited = waits() && reason == null;
        if (isWanted && !granted() && !answerAwaited) {
            nextAttemptAt = now.toEpochMilli();
        } else if (!isWanted) {
            nextAttemptAt = null;
        }
    }

    void withhold(Reason why, Instant now) {
        if (!Objects.equals(withheld, Names.of(why))) {
            withheld = Names.of(why);
            touch(now);
        }
    }

    void rest(Reason newReason, Instant now, Instant next) {
        if (!Objects.equals(reason, Names.of(newReason))) {
            reason = Names.of(newReason);
            touch(now);
        }
        attempts++;
        nextAttemptAt = next.toEpochMilli();
    }

    void ask(Asking asking, String sealedCallbackUrl, Instant now) {
        become(Delegation.State.ASKED, null, now);
        attempts++;
        askedAt = now.toEpochMilli();
        nextAttemptAt = asking.answerBy().toEpochMilli();
        send(asking, sealedCallbackUrl, now);
        progress().leisurely();
    }

    void grant(String newSubject, String sealedCredential, Instant now) {
        become(Delegation.State.GRANTED, null, now);
        attempts = 0;
        nextAttemptAt = null;
        subject = newSubject;
        serviceAccount = progress().through();
        live = true;
        grantedAt = now.toEpochMilli();
        credential = sealedCredential;
        forgetAnswer();
    }

    void renew(String sealedCredential) {
        credential = sealedCredential;
    }

    /** Ended on our side. An answer that is still to come is awaited all the same, for it has to be revoked. */
    void end(Reason why, Instant now) {
        end(why, false, null, now);
    }

    /** Ended by Cronofy, or for want of a key: where it is wanted still, it is asked for anew. */
    void lose(Reason why, Instant now) {
        boolean unreadable = why == Reason.CREDENTIAL_UNREADABLE;
        end(why, unreadable && live, unreadable ? credential : null, now);
        nextAttemptAt = wanted ? Long.valueOf(now.toEpochMilli()) : null;
    }

    private void end(Reason why, boolean stillLive, String keptCredential, Instant now) {
        become(Delegation.State.REVOKED, why, now);
        attempts = 0;
        nextAttemptAt = null;
        live = stillLive;
        credential = keptCredential;
        progress().askForAll();
    }

    boolean granted() {
        return Delegation.State.GRANTED.name().equals(stateName);
    }

    String credential() {
        return credential;
    }

    String subject() {
        return subject;
    }

    /** Whether the link still holds the service account by which it was asked for. */
    boolean throughPresent(EntityManager entities) {
        return LinkEntity.find(entities, new LinkId(realmId(), linkName))
                .map(link -> link.toLink().serviceAccount())
                .filter(present -> present.equals(progress().through()))
                .isPresent();
    }

    private void become(Delegation.State newState, Reason newReason, Instant now) {
        stateName = newState.name();
        reason = Names.of(newReason);
        detail = null;
        touch(now);
    }

    /** Something of it has changed that is shown. */
    void touch(Instant now) {
        changedAt = now.toEpochMilli();
    }

    @Override
    String userId() {
        return Delegation.holder(id());
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
        return Delegation.State.ASKED.name().equals(stateName);
    }

    @Override
    void stayUnanswered(Reason newReason, Instant now, Instant next) {
        reason = Names.of(newReason);
        nextAttemptAt = next.toEpochMilli();
        touch(now);
    }

    @Override
    void takeBack(Reason newReason, Instant now, Instant next) {
        attempts = Math.max(0, attempts - 1);
        progress().takeBack();
        stayUnanswered(newReason, now, next);
    }

    @Override
    void postpone(Reason newReason, Instant now, Instant next) {
        forgetAnswer();
        if (waits()) {
            stayUnanswered(newReason, now, next);
        }
    }

    @Override
    void refuse(Reason newReason, String newDetail, Instant now, Instant next) {
        become(Delegation.State.REFUSED, newReason, now);
        detail = newDetail == null ? null : newDetail.substring(0, Math.min(newDetail.length(), LONGEST_DETAIL));
        progress().askForAll();
        nextAttemptAt = wanted ? Long.valueOf(next.toEpochMilli()) : null;
    }

    Resource toResource() {
        return new Resource(
                id(),
                known.details(),
                known.named(),
                wanted,
                Names.reason(withheld),
                known.missingSince(),
                Instant.ofEpochMilli(changedAt),
                toDelegation());
    }

    @Override
    Delegation toDelegation() {
        Delegation.State told = Names.read(Delegation.State.class, stateName, Delegation.State.UNKNOWN);
        Reason why = Names.reason(reason);
        return new Delegation(
                id(),
                new LinkId(realmId(), linkName),
                userId(),
                new Mailbox(mailbox),
                application,
                told,
                why,
                detail,
                attempts,
                instant(nextAttemptAt),
                instant(askedAt),
                instant(grantedAt),
                subject,
                live,
                serviceAccount,
                null,
                ticketHash(),
                List.of(),
                new Words(Names.unknown(stateName, told), Names.unknown(reason, why)),
                null);
    }
}
