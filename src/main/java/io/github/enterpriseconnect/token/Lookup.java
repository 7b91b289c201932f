package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Scopes;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.settings.Settings;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Either a credential to use or a refusal, and for which link the member is to be queued. */
record Lookup(@Nullable Found found, @Nullable AccessTokenRefused refused, Optional<LinkId> queueFor) {
    private static final Duration SOONEST = Duration.ofSeconds(1);
    private static final Duration LATEST = Duration.ofMinutes(5);
    private static final Duration WHILE_WITHHELD = Duration.ofSeconds(10);

    /** What there is to hand out, once it works. */
    record Found(CredentialOwner owner, Credential credential, Settings settings, ProfileState profile) {
        /** Whether what was found is for the same mailbox and permits the same as what works now. */
        boolean agreesWith(Credential works) {
            return credential.mailbox().equals(works.mailbox())
                    && credential.tokens().scope().equals(works.tokens().scope());
        }
    }

    Found require() throws AccessTokenRefused {
        if (refused != null) {
            throw refused;
        }
        return Objects.requireNonNull(found);
    }

    static Lookup found(Found found) {
        return new Lookup(found, null, Optional.empty());
    }

    static Lookup refused(AccessTokenRefused.Code code, String message) {
        return new Lookup(null, new AccessTokenRefused(code, message, null), Optional.empty());
    }

    /**
     * The same, unless what was found permits more than this, or nobody knows what it permits: what a consumer did not ask for
     * it is not given, and Cronofy knows no token for less than was granted.
     *
     * @param scope the most that it may permit; null for whatever there is
     */
    Lookup within(@Nullable String scope) {
        if (found == null || scope == null) {
            return this;
        }
        String held = found.credential().tokens().scope();
        return !held.isBlank() && Scopes.of(scope).covers(Scopes.of(held))
                ? this
                : refused(
                        AccessTokenRefused.Code.INVALID_SCOPE,
                        "the delegation holds " + (held.isBlank() ? "what Cronofy did not say" : held)
                                + ", which is more than was asked for; leave scope out, or ask for at least that");
    }

    /** There is none, and none is on its way. */
    static Lookup notDelegated(String message) {
        return refused(AccessTokenRefused.Code.NOT_DELEGATED, message);
    }

    /** The client is suspended. */
    static Lookup suspended() {
        return refused(AccessTokenRefused.Code.ACCESS_DENIED, "consumer_suspended");
    }

    /** Nobody can tell now whether there is a right; what there is stays. */
    static Lookup withheld(Reason reason) {
        return new Lookup(
                null,
                new AccessTokenRefused(
                        AccessTokenRefused.Code.TEMPORARILY_UNAVAILABLE,
                        "nobody can tell now whether there is a token for this user, " + reason.id()
                                + "; ask again later",
                        WHILE_WITHHELD),
                Optional.empty());
    }

    /**
     * Of the absent, a client that only has to write down ids must not learn which of them are people of
     * organizations that are none of its business.
     */
    static Lookup nobody() {
        return notDelegated("there is no such user");
    }

    /** Of resources of other organizations a client learns as little. */
    static Lookup noResource() {
        return notDelegated("there is no such resource");
    }

    /** @param expected after what time there may be a token */
    static Lookup pending(Optional<LinkId> queueFor, Duration expected) {
        Duration wait = expected.compareTo(LATEST) > 0 ? LATEST : expected;
        return new Lookup(
                null,
                new AccessTokenRefused(
                        AccessTokenRefused.Code.DELEGATION_PENDING,
                        "the delegation has been asked for; ask again later",
                        wait.compareTo(SOONEST) < 0 ? SOONEST : wait),
                queueFor);
    }

    static Lookup reauthorize(Optional<LinkId> queueFor) {
        return new Lookup(
                null,
                new AccessTokenRefused(
                        AccessTokenRefused.Code.REAUTHORIZATION_REQUIRED,
                        "Cronofy no longer honours the delegation; a new one is needed",
                        null),
                queueFor);
    }
}
