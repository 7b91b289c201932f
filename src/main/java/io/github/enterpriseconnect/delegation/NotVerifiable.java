package io.github.enterpriseconnect.delegation;

import java.time.Duration;

/** A link cannot be verified now, or not by this mailbox; the message says what to do instead. */
public final class NotVerifiable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Why why;
    private final transient Duration retryAfter;

    /** What stands against it. */
    public enum Why {
        /** The realm is off, or has no application that can be used now. */
        NOT_ENABLED(
                "Enterprise Connect is switched off in this realm, not set up, or its client secret cannot be read now."),
        /** The link waits for an approval or an authorization, or is unlinked. */
        NOT_ACTIVE("The link is not active; authorize its service account and approve its domain first."),
        SUSPENDED("The link, or the whole realm, is suspended; resume it first."),
        /** What was written is no address. */
        ADDRESS("Write {\"mailbox\": \"name@customer.example\"}: one plain address."),
        /** The address is in no approved domain of the link. */
        DOMAIN("The mailbox must be in a mail domain of the link that is approved."),
        /** A member's delegation is of this mailbox, which trying it out could end. */
        IN_USE("A member's calendar is open as this mailbox already; name another mailbox."),
        /** Another verification of the link has not ended. */
        UNDER_WAY("A verification of this link is under way; wait for its result."),
        /** What was authorized for the mailbox before has still to be revoked. */
        REVOKING("An earlier authorization of this mailbox is being revoked at Cronofy; try again in a minute."),
        /** Too many within an hour. */
        TOO_MANY("This link was verified too often within an hour; try again later."),
        /** Somebody else has authorized the link, too long ago, or has had it verified already. */
        NOT_YOURS("Only who has just authorized the link may have it verified, once.");

        private final String message;

        Why(String message) {
            this.message = message;
        }
    }

    NotVerifiable(Why why) {
        this(why, Duration.ZERO);
    }

    NotVerifiable(Why why, Duration retryAfter) {
        super(why.message);
        this.why = why;
        this.retryAfter = retryAfter;
    }

    public Why why() {
        return why;
    }

    /** After how long it may be tried again; zero if time alone changes nothing. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
