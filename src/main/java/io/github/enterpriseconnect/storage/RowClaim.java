package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/**
 * The columns by which one node claims a row: the redemption of its code, or the refresh of its tokens. A claim that ran
 * out without a word leaves open whether its holder has got tokens and only cannot store them now.
 */
@Embeddable
@NullUnmarked
class RowClaim {
    /**
     * So long after somebody has noticed the silence, a holder has either stored what it got or is gone with it. Not from
     * the end of its claim on, since the database may have been away for hours until then.
     */
    static final Duration LATEST = Duration.ofMinutes(10);

    @Column(name = "LEASE_UNTIL")
    private long leaseUntil;

    @Column(name = "UNSETTLED_SINCE")
    private long unsettledSince;

    @Column(name = "DOUBTED")
    private boolean doubted;

    boolean take(Instant now, Instant until) {
        if (leaseUntil > now.toEpochMilli()) {
            return false;
        }
        if (leaseUntil != 0 && unsettledSince == 0) {
            unsettledSince = now.toEpochMilli();
        }
        leaseUntil = until.toEpochMilli();
        return true;
    }

    /**
     * As {@link #take}, for what is sent once: while an earlier holder may still come with what it got for it, nobody can
     * take it. Until what came of it is known it is {@link #of} this time.
     */
    boolean takeToSend(Instant now, Instant until) {
        if (leaseUntil > now.toEpochMilli()) {
            return false;
        }
        boolean silent = unsettledSince != 0 && !doubted;
        if (silent) {
            doubted = true;
            leaseUntil = now.plus(LATEST).toEpochMilli();
            return false;
        }
        leaseUntil = until.toEpochMilli();
        unsettledSince = now.toEpochMilli();
        doubted = false;
        return true;
    }

    /** Nobody can take it before. */
    Instant until() {
        return Instant.ofEpochMilli(leaseUntil);
    }

    /** Whether it was taken to send at that time, and nobody knows yet what came of that. */
    boolean of(Instant taken) {
        return unsettledSince == taken.toEpochMilli();
    }

    /** Its holder knows what came of it, and cannot write that yet. */
    void keep(Instant until) {
        leaseUntil = until.toEpochMilli();
        doubted = false;
    }

    /** Nothing is open any more, and it can be taken again at that time. */
    void settle(Instant when) {
        settle();
        leaseUntil = when.toEpochMilli();
    }

    /** Nobody can take it before; what is open stays so. */
    void rest(Instant until) {
        leaseUntil = Math.max(leaseUntil, until.toEpochMilli());
    }

    /** What an earlier holder may have got stays open. */
    void giveBack() {
        leaseUntil = 0;
    }

    void doubt() {
        doubted = true;
    }

    void hold(Instant now, Instant until) {
        leaseUntil = until.toEpochMilli();
        unsettledSince = now.toEpochMilli();
    }

    Instant unsettledSince() {
        return unsettledSince == 0 ? null : Instant.ofEpochMilli(unsettledSince);
    }

    boolean doubtful() {
        return doubted || unsettledSince != 0 || leaseUntil != 0;
    }

    /** What was claimed has been done, and is in the row. */
    void settle() {
        leaseUntil = 0;
        unsettledSince = 0;
        doubted = false;
    }
}
