package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_VERIFICATION}, one for each link that was ever verified. */
@Entity
@Table(name = "EC_VERIFICATION")
@NullUnmarked
class VerificationEntity extends VersionedRow {
    private static final int LONGEST_DETAIL = 255;

    @Column(name = "LINK_NAME")
    private String linkName;

    /** Tells one verification of the link from the next. */
    @Column(name = "RUN")
    private String run;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "SERVICE_ACCOUNT")
    private String serviceAccount;

    /** The address while an answer may come, and so much of it as may be shown afterwards. */
    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "OUTCOME")
    private String result;

    @Column(name = "REASON")
    private String reason;

    @Column(name = "DETAIL")
    private String detail;

    @Column(name = "STARTED_AT")
    private long startedAt;

    @Column(name = "ENDED_AT")
    private Long endedAt;

    /** When somebody has to look at it, for an index to find; null if nothing is to be done. */
    @Column(name = "NEXT_AT")
    private Long nextAt;

    @Column(name = "SENT")
    private boolean sent;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "TICKET_HASH")
    private String ticketHash;

    @Column(name = "CALLBACK_URL")
    private String callbackUrl;

    @Column(name = "CODE")
    private String code;

    /** Whoever has claimed it; nobody else's outcome of the same step counts. */
    @Column(name = "CLAIM_ID")
    private String claimId;

    /** Whether the code may have been used up. */
    @Column(name = "CODE_SENT")
    private boolean codeSent;

    /** Whether the mailbox was asked for once more, since what a code had brought got lost. */
    @Column(name = "ASKED_ANEW")
    private boolean askedAnew;

    /** How many have begun since {@link #countedSince}. */
    @Column(name = "STARTS")
    private int starts;

    @Column(name = "COUNTED_SINCE")
    private long countedSince;

    protected VerificationEntity() {}

    VerificationEntity(LinkId link) {
        super(newId(), link.realm());
        this.linkName = link.name();
    }

    /** When another may begin; null if one may now. */
    Instant full(int most, Duration within, Instant now) {
        Instant over = Instant.ofEpochMilli(countedSince).plus(within);
        return starts < most || !over.isAfter(now) ? null : over;
    }

    void begin(VerificationAsk ask, String sealedCallbackUrl, Instant now) {
        run = newId();
        application = ask.application();
        serviceAccount = ask.serviceAccount();
        mailbox = ask.mailbox().address();
        detail = null;
        askedAnew = false;
        ask(ask.ticketHash(), sealedCallbackUrl, now);
    }

    private void ask(String newTicketHash, String sealedCallbackUrl, Instant now) {
        become(Verification.Result.PENDING);
        reason = null;
        startedAt = now.toEpochMilli();
        endedAt = null;
        nextAt = startedAt;
        sent = false;
        attempts = 0;
        ticketHash = newTicketHash;
        callbackUrl = sealedCallbackUrl;
        code = null;
        claimId = null;
        codeSent = false;
    }

    /** What the code has brought is lost: the same mailbox is asked for once more, to know what is to be revoked. */
    void askAnew(String newTicketHash, String sealedCallbackUrl, Instant now) {
        askedAnew = true;
        ask(newTicketHash, sealedCallbackUrl, now);
    }

    boolean askedAnew() {
        return askedAnew;
    }

    void count(Duration within, Instant now) {
        if (!Instant.ofEpochMilli(countedSince).plus(within).isAfter(now)) {
            starts = 0;
            countedSince = now.toEpochMilli();
        }
        starts++;
    }

    boolean is(Verification.Result one) {
        return one.name().equals(result);
    }

    boolean of(String otherRun) {
        return otherRun.equals(run);
    }

    boolean due(Instant now) {
        return nextAt != null && nextAt <= now.toEpochMilli();
    }

    String claim(Instant until) {
        nextAt = until.toEpochMilli();
        claimId = newId();
        return claimId;
    }

    /** Whether it is that claim's: nobody has claimed it since, no answer has come, and it has not ended. */
    boolean claimedBy(String claim) {
        return awaited() && claim.equals(claimId);
    }

    /** Whether an answer counts. */
    boolean awaited() {
        return callbackUrl != null;
    }

    boolean codeSent() {
        return codeSent;
    }

    void sendCode(boolean isSent) {
        codeSent = isSent;
    }

    /** Tried in vain; it is tried again at that time. */
    void again(Reason newReason, Instant next) {
        reason = Names.of(newReason);
        attempts++;
        nextAt = next.toEpochMilli();
    }

    /** It is tried at that time, whatever has come of it so far. */
    void wait(Instant next) {
        nextAt = next.toEpochMilli();
    }

    /** Cronofy has taken the ask. An answer may have come already. */
    void sent(Instant answerBy) {
        sent = true;
        attempts = 0;
        if (code == null && is(Verification.Result.PENDING)) {
            reason = null;
            nextAt = answerBy.toEpochMilli();
        }
    }

    void answer(String sealedCode, Instant now) {
        code = sealedCode;
        claimId = null;
        codeSent = false;
        sent = true;
        attempts = 0;
        nextAt = now.toEpochMilli();
    }

    /** No answer has come in time. One that comes all the same counts, until then. */
    void expire(Reason why, Instant now, Instant forgetAt) {
        become(Verification.Result.FAILED);
        reason = Names.of(why);
        endedAt = now.toEpochMilli();
        nextAt = forgetAt.toEpochMilli();
    }

    void end(Verification.Result outcome, Reason why, String inWords, Instant now) {
        become(outcome);
        reason = Names.of(why);
        detail = inWords == null || inWords.length() <= LONGEST_DETAIL ? inWords : inWords.substring(0, LONGEST_DETAIL);
        endedAt = now.toEpochMilli();
        forget();
    }

    /** No answer is awaited any more, and nobody has to know the address. */
    void forget() {
        mailbox = Mailbox.parse(mailbox).map(Verification::masked).orElse(mailbox);
        nextAt = null;
        callbackUrl = null;
        code = null;
        claimId = null;
    }

    String run() {
        return run;
    }

    String application() {
        return application;
    }

    String serviceAccount() {
        return serviceAccount;
    }

    String mailbox() {
        return mailbox;
    }

    Instant startedAt() {
        return Instant.ofEpochMilli(startedAt);
    }

    boolean sent() {
        return sent;
    }

    int attempts() {
        return attempts;
    }

    String callbackUrl() {
        return callbackUrl;
    }

    String code() {
        return code;
    }

    LinkId linkId() {
        return new LinkId(realmId(), linkName);
    }

    private void become(Verification.Result newResult) {
        result = newResult.name();
    }

    Verification toVerification() {
        Reason why = Names.reason(reason);
        Verification.Result known = Names.read(Verification.Result.class, result, Verification.Result.UNKNOWN);
        return new Verification(
                linkId(),
                serviceAccount,
                known,
                Mailbox.parse(mailbox).map(Verification::masked).orElse(mailbox),
                endedAt == null ? startedAt() : Instant.ofEpochMilli(endedAt),
                why,
                detail,
                new Words(Names.unknown(result, known), Names.unknown(reason, why)));
    }
}
