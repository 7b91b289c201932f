package io.github.enterpriseconnect.storage;

import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The claim to refresh the tokens of a link or of a delegation, which one caller has across all nodes. A refresh token
 * may be dead once it was sent: a claim that ran out without a word leaves open whether its holder has got others and
 * only cannot store them now. Belongs to one session and its transaction.
 */
public final class RefreshClaim {
    /**
     * So long after somebody has noticed that a claim ran out, its holder has either stored what it got, which it tries
     * every few seconds, or is gone with it.
     */
    private static final Duration LATEST = Duration.ofMinutes(2);

    private final @Nullable RowClaim row;
    private final EntityManager entities;

    RefreshClaim(@Nullable RowClaim row, EntityManager entities) {
        this.row = row;
        this.entities = entities;
    }

    /** Takes the claim until that time, unless somebody else has it; it ends earlier with the renewed tokens. */
    public boolean take(Instant now, Instant until) {
        return row != null && row.take(now, until);
    }

    /**
     * Gives the claim back, with the tokens as they were. Written at once, before anything of the user is, in the order
     * in which a removal of the user takes its locks.
     *
     * @param unknown whether Cronofy may have exchanged the refresh token all the same, and nobody has got the new one
     */
    public void giveBack(boolean unknown) {
        if (row != null) {
            row.giveBack();
            if (unknown) {
                row.doubt();
            }
            entities.flush();
        }
    }

    /** The renewed tokens are being stored, in this transaction; written at once, as {@link #giveBack} is. */
    public void settle() {
        if (row != null) {
            row.settle();
            entities.flush();
        }
    }

    /**
     * Waits for somebody else who may still come with what the refresh token was exchanged for: nobody sends it until
     * then.
     *
     * @return false if nobody is to come any more
     */
    public boolean waitForHolder(Instant now) {
        Instant since = row == null ? null : row.unsettledSince();
        if (row == null || since == null || !now.isBefore(since.plus(LATEST))) {
            return false;
        }
        row.rest(since.plus(LATEST));
        return true;
    }

    /** The caller has got new tokens and cannot store them now: nobody else is to refresh, or to end anything. */
    public void hold(Instant now, Instant until) {
        if (row != null) {
            row.hold(now, until);
        }
    }

    /** Whether the refresh token in store may be dead, so that a revocation by it would prove nothing. */
    public boolean doubtful() {
        return row != null && row.doubtful();
    }
}
