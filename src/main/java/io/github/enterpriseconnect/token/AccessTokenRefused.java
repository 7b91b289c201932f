package io.github.enterpriseconnect.token;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** There is no access token; the code tells the application what to do, the message tells its developer why. */
public final class AccessTokenRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final transient @Nullable Duration retryAfter;

    /** Why there is no token; the lower-case name is the OAuth error code. */
    public enum Code {
        /** What there is permits more than the application asked for. */
        INVALID_SCOPE,
        /** The gate says no; somebody in charge of the user or the organization has to act. */
        ACCESS_DENIED,
        /**
         * The user's organization is not linked, Cronofy refused the mailbox, or an absent user never had a delegation.
         */
        NOT_DELEGATED,
        /** Asked for and on its way. */
        DELEGATION_PENDING,
        /** It ended at Cronofy; a new one is being asked for, or the organization must be linked again. */
        REAUTHORIZATION_REQUIRED,
        /** Cronofy cannot be reached or is busy. */
        TEMPORARILY_UNAVAILABLE
    }

    AccessTokenRefused(Code code, String message, @Nullable Duration retryAfter) {
        super(message);
        this.code = code;
        this.retryAfter = retryAfter;
    }

    public Code code() {
        return code;
    }

    /** How long to wait before asking again; null if asking again does not help. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
