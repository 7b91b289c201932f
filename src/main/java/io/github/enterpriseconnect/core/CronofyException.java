package io.github.enterpriseconnect.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

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

    /** Whether we have not even tried: nothing is wrong with Cronofy, the settings or the service account. */
    public boolean held() {
        return false;
    }

    /**
     * Whether Cronofy does not know the application by this secret (RFC 6749 {@code invalid_client}), and has done nothing:
     * another secret may be accepted.
     */
    public boolean secretRefused() {
        return false;
    }

    /** How long at least to wait before trying again; zero if Cronofy did not say. */
    public Duration retryAfter() {
        return Duration.ZERO;
    }

    /** Whether other requests of the application would most likely fail the same now, whomever they are about. */
    public boolean everybodys() {
        return false;
    }

    /**
     * Wait, then try again. The request may have had its effect all the same: no complete answer came, or one that tells
     * of a fault at Cronofy or makes no sense. Whatever can be used once only may have been used up by it.
     */
    public static sealed class Unavailable extends CronofyException permits NotDone, NotRenewable {
        private static final long serialVersionUID = 1L;
        private final transient Duration retryAfter;

        public Unavailable(String message, Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        public Unavailable(String message, Duration retryAfter, Throwable cause) {
            super(message, cause);
            this.retryAfter = retryAfter;
        }

        /** The allowance is spent; see {@link NotDone#held}. */
        public static NotDone notSent(Duration retryAfter) {
            return NotDone.held("the request allowance is spent", retryAfter);
        }

        @Override
        public boolean everybodys() {
            return true;
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

    /**
     * Wait, then send the very same request again, which is right and safe: nothing has happened at Cronofy. It could
     * not be reached, or it had too many requests, or we have not tried.
     */
    public static final class NotDone extends Unavailable {
        private static final long serialVersionUID = 1L;
        private final boolean held;
        private final boolean tooMany;

        /** Cronofy had too many requests. */
        public NotDone(String message, Duration retryAfter) {
            super(message, retryAfter);
            this.held = false;
            this.tooMany = true;
        }

        /** Cronofy could not be reached. */
        public NotDone(String message, Duration retryAfter, Throwable cause) {
            super(message, retryAfter, cause);
            this.held = false;
            this.tooMany = false;
        }

        private NotDone(Duration retryAfter, String message) {
            super(message, retryAfter);
            this.held = true;
            this.tooMany = false;
        }

        /** Our own pace kept us from trying, which says nothing about Cronofy. */
        public static NotDone held(String message, Duration retryAfter) {
            return new NotDone(retryAfter, message);
        }

        /** Cronofy refuses a secret, and there is another one, which nobody can read now: that may be the right one. */
        public static NotDone secretWithheld(Misconfigured refused) {
            return new NotDone(
                    refused.getMessage() + ", and another secret cannot be read at present", Duration.ZERO, refused);
        }

        @Override
        public boolean secretRefused() {
            return getCause() instanceof Misconfigured;
        }

        /** Whether Cronofy had too many requests: whoever comes next will be told the same. */
        public boolean tooMany() {
            return tooMany;
        }

        @Override
        public boolean held() {
            return held;
        }
    }

    /**
     * Have it revoked, unless somebody holds the same authorization: Cronofy has issued an access token alone, which
     * could be used for a while, but neither be renewed nor, later, be ended.
     */
    public static final class NotRenewable extends Unavailable {
        private static final long serialVersionUID = 1L;
        private final transient Secret accessToken;
        private final @Nullable String subject;

        public NotRenewable(String message, Secret accessToken, @Nullable String subject) {
            super(message, Duration.ZERO);
            this.accessToken = accessToken;
            this.subject = subject;
        }

        /** What has come; to revoke it ends the whole authorization. */
        public Secret accessToken() {
            return accessToken;
        }

        /** Whose it is; null if Cronofy did not say. */
        public @Nullable String subject() {
            return subject;
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
        private final boolean secretRefused;

        public Misconfigured(String message) {
            this(message, false);
        }

        private Misconfigured(String message, boolean secretRefused) {
            super(message);
            this.secretRefused = secretRefused;
        }

        /** See {@link #secretRefused()}. */
        public static Misconfigured secretRefused(String message) {
            return new Misconfigured(message, true);
        }

        @Override
        public boolean everybodys() {
            return true;
        }

        @Override
        public boolean secretRefused() {
            return secretRefused;
        }

        @Override
        public Reason reason() {
            return Reason.MISCONFIGURED;
        }
    }
}
