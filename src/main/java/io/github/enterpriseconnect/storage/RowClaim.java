package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** The columns by which one node claims a row: the redemption of its code, or the refresh of its tokens. */
@Embeddable
@NullUnmarked
class RowClaim {
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
            unsettledSince = leaseUntil;
        }
        leaseUntil = until.toEpochMilli();
        return true;
    }

    /** Nobody can take it before. */
    void rest(Instant until) {
        leaseUntil = until.toEpochMilli();
    }

    /** What an earlier holder may have got stays open. */
    void giveBack() {
        leaseUntil = 0;
    }

    void doubt() {
        doubted = true;
    }

    boolean doubted() {
        return doubted;
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
