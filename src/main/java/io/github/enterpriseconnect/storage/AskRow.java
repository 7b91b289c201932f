package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.Column;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/**
 * A row by which a mailbox is asked for, from the ask to the redemption of its code: a delegation, or one that is granted
 * and asked for anew beside what is used meanwhile. What is embedded belongs to the tables' own classes: Keycloak's build
 * cannot enhance a class with what is embedded in another that it extends.
 */
@MappedSuperclass
@NullUnmarked
abstract class AskRow extends VersionedRow {
    @Column(name = "TICKET_HASH")
    private String ticketHash;

    @Column(name = "CALLBACK_URL")
    private String callbackUrl;

    @Column(name = "CODE")
    private String code;

    protected AskRow() {}

    AskRow(String id, String realmId) {
        super(id, realmId);
    }

    abstract String userId();

    abstract RowClaim claim();

    abstract CodeProgress progress();

    /** Whether it waits for an answer, or to be asked for. */
    abstract boolean waits();

    /** The ask has failed in a way that leaves it as it is, for this reason, and is due again then. */
    abstract void stayUnanswered(Reason newReason, Instant now, Instant next);

    abstract void takeBack(Reason newReason, Instant now, Instant next);

    abstract void postpone(Reason newReason, Instant now, Instant next);

    abstract void refuse(Reason newReason, String newDetail, Instant now, Instant next);

    /** The ask, as those see it who send it and redeem its code. */
    abstract Delegation toDelegation();

    /** Notes the ask, in place of any before it. */
    void send(Asking asking, String sealedCallbackUrl, Instant now) {
        forgetAnswer();
        progress().ask(now, asking.through());
        ticketHash = asking.ticketHash();
        callbackUrl = sealedCallbackUrl;
    }

    /** Whether it waits for the answer to this very ask. */
    boolean isAsk(String ask) {
        return waits() && ask != null && ask.equals(ticketHash);
    }

    void answer(String sealedCode, Instant now) {
        code = sealedCode;
        claim().settle();
        progress().answer(now);
    }

    void redeemAgain(Reason newReason, Instant now, Instant when) {
        progress().tried();
        if (waits()) {
            stayUnanswered(newReason, now, when);
        }
    }

    /** The ticket's hash stays, so that a duplicate of its callback is known as one. */
    void forgetAnswer() {
        callbackUrl = null;
        code = null;
        progress().end();
        claim().settle();
    }

    /** Null if no ask was ever noted. */
    String ticketHash() {
        return ticketHash;
    }

    /** Sealed; null if no answer is awaited any more. */
    String callbackUrl() {
        return callbackUrl;
    }

    /** Sealed; null if there is none to be redeemed. */
    String code() {
        return code;
    }
}
