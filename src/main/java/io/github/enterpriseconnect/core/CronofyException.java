package io.github.enterpriseconnect.core;

import java.time.Duration;

/**
 * Cronofy did not do what was asked, told apart by what the caller can do about it. Messages carry status and Cronofy's
 * error code, never a token, code, secret or address.
 */
public abstract sealed class CronofyException extends Exception {
    private static final long serialVersionUID = 1L;

    private CronofyException(String message, Throwable cause) {
        super(message, cause);
    }

    private CronofyException(String message) {
        super(message);
    }

    /** The reason to record for a delegation that failed this way. */
    public abstract Reason reason();

    /** How long at least to wait before trying again; zero if Cronofy did not say. */
    public Duration retryAfter() {
        return Duration.ZERO;
    }

    /** Wait, then try again: no answer, a server's fault, too many requests, or an answer that makes no sense. */
    public static final class Unavailable extends CronofyException {
        private static final long serialVersionUID = 1L;
        private final transient Duration retryAfter;
        private final boolean sent;

        public Unavailable(String message, Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
            this.sent = true;
        }

        public Unavailable(String message, Duration retryAfter, Throwable cause) {
            super(message, cause);
            this.retryAfter = retryAfter;
            this.sent = true;
        }

        private Unavailable(Duration retryAfter) {
            super("the request allowance is spent");
            this.retryAfter = retryAfter;
            this.sent = false;
        }

        /** Our own allowance is spent: nothing was sent. */
        public static Unavailable allowanceSpent(Duration retryAfter) {
            return new Unavailable(retryAfter);
        }

        /** Whether Cronofy may have seen the request, so that a code in it may be used up. */
        public boolean sent() {
            return sent;
        }

        @Override
        public Duration retryAfter() {
            return retryAfter;
        }

        @Override
        public Reason reason() {
            return Reason.UNAVAILABLE;
        }
    }

    /** Ask a person: Cronofy understood and said no. */
    public static final class Refused extends CronofyException {
        private static final long serialVersionUID = 1L;
        private final boolean requestFaulty;

        public Refused(String message, boolean requestFaulty) {
            super(message);
            this.requestFaulty = requestFaulty;
        }

        /** Whether something in the request itself was refused, so that its good parts can be sent again alone. */
        public boolean requestFaulty() {
            return requestFaulty;
        }

        @Override
        public Reason reason() {
            return Reason.REFUSED_BY_CRONOFY;
        }
    }

    /** Forget the grant: Cronofy no longer honours this code or refresh token (RFC 6749 {@code invalid_grant}). */
    public static final class GrantGone extends CronofyException {
        private static final long serialVersionUID = 1L;

        public GrantGone(String message) {
            super(message);
        }

        @Override
        public Reason reason() {
            return Reason.AUTHORIZATION_GONE;
        }
    }

    /** Fetch a fresh access token and try once more: this one was not recognised (401). */
    public static final class TokenNotRecognised extends CronofyException {
        private static final long serialVersionUID = 1L;

        public TokenNotRecognised(String message) {
            super(message);
        }

        @Override
        public Reason reason() {
            return Reason.AUTHORIZATION_GONE;
        }
    }

    /** Fix the configuration: wrong client credentials, a plan without the feature, a request Cronofy cannot read. */
    public static final class Misconfigured extends CronofyException {
        private static final long serialVersionUID = 1L;

        public Misconfigured(String message) {
            super(message);
        }

        @Override
        public Reason reason() {
            return Reason.MISCONFIGURED;
        }
    }
}
