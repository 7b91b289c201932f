package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/**
 * The columns of {@code EC_DELEGATION}, {@code EC_MOVE} and {@code EC_RESOURCE} that tell how far it is from an ask to the
 * redemption of its code.
 */
@Embeddable
@NullUnmarked
class CodeProgress {
    static final Duration CODE_LIVES = Duration.ofMinutes(10);

    /** So long after an ask its answer is likely still to come. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(2);

    @Column(name = "REDEMPTIONS")
    private int redemptions;

    @Column(name = "ANSWERED_AT")
    private Long answeredAt;

    /** While there is a code, when it may be claimed, for an index to find; null otherwise. */
    @Column(name = "REDEEM_AT")
    private Long redeemAt;

    /** Until then a code may still come, or there is one that is good; null if neither. */
    @Column(name = "OUTSTANDING_UNTIL")
    private Long outstandingUntil;

    /** Whether the code may have been used up by a try; null while there is none. */
    @Column(name = "CODE_DOUBTED")
    private Boolean doubted;

    /** The backfill that asked for the member last; null if none ever did. */
    @Column(name = "BACKFILL")
    private String backfill;

    /** Whether a backfill sent the last ask, and the member has not signed in since: everybody else comes first. */
    @Column(name = "UNHURRIED")
    private boolean unhurried;

    /** Whether the last ask was, or the next one is to be, for busy times alone; null for all that is wanted. */
    @Column(name = "FREE_BUSY_ALONE")
    private Boolean freeBusyAlone;

    /** The service account by which it was asked for last; null if an older version did, or nobody. */
    @Column(name = "ASKED_THROUGH")
    private String through;

    String through() {
        return through;
    }

    /** The same, or the other one where nobody has noted it. */
    String throughOr(String other) {
        return through == null ? other : through;
    }

    void goThrough(String serviceAccount) {
        through = serviceAccount;
    }

    int redemptions() {
        return redemptions;
    }

    /** Long ago, if an older version has kept the code. */
    Instant answeredAt() {
        return answeredAt == null ? Instant.EPOCH : Instant.ofEpochMilli(answeredAt);
    }

    void ask(Instant now, String serviceAccount) {
        through = serviceAccount;
        // The second ask of a backfill, for less, is its own as well.
        unhurried = unhurried && freeBusyAlone();
        outstandingUntil = now.plus(ON_ITS_WAY).toEpochMilli();
    }

    void askedBy(String run) {
        backfill = run;
        unhurried = true;
    }

    /** Nobody waits for its code. */
    void leisurely() {
        unhurried = true;
    }

    /** The mailbox passes to somebody else. */
    void passOn() {
        backfill = null;
        unhurried = false;
        freeBusyAlone = null;
    }

    boolean freeBusyAlone() {
        return Boolean.TRUE.equals(freeBusyAlone);
    }

    void askForLess() {
        freeBusyAlone = true;
    }

    /** Whatever is asked next begins with all that is wanted. */
    void askForAll() {
        freeBusyAlone = null;
    }

    /** Nothing of the ask has arrived. */
    void takeBack() {
        outstandingUntil = null;
    }

    void answer(Instant now) {
        redemptions = 0;
        answeredAt = now.toEpochMilli();
        doubted = null;
        redeemAt = 0L;
        outstandingUntil = now.plus(CODE_LIVES).toEpochMilli();
    }

    void doubt() {
        doubted = true;
    }

    boolean doubted() {
        return Boolean.TRUE.equals(doubted);
    }

    void tried() {
        redemptions++;
    }

    /** Of a code that is there. */
    void rest(Instant until) {
        redeemAt = redeemAt == null ? null : Long.valueOf(until.toEpochMilli());
    }

    void end() {
        answeredAt = null;
        doubted = null;
        redeemAt = null;
        outstandingUntil = null;
    }
}
