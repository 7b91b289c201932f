package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One right that ended here and is to end at Cronofy, as it stands now.
 *
 * @param application see {@link Application#key()}
 * @param subject Cronofy's {@code ser_…} or {@code acc_…}
 * @param attempts failures so far
 * @param problem why it could not be delivered when that was last tried; null if it was not, or could
 * @param nextAttemptAt null if nothing is planned, or if it waits for what becomes of its service account's revocation
 * @param endedAt null while pending
 * @param words what a newer version has written of state and reason
 */
public record Revocation(
        String id,
        Cause cause,
        String application,
        String subject,
        State state,
        int attempts,
        @Nullable Reason problem,
        Instant createdAt,
        @Nullable Instant nextAttemptAt,
        @Nullable Instant endedAt,
        Words words) {

    /** The state as APIs show it. */
    public String stateWord() {
        return words.state(state.id());
    }

    /** The reason as APIs show it. */
    public String reasonWord() {
        return String.valueOf(words.reason(cause.reason()));
    }

    /** Life of a revocation; the lower-case name is what the admin API shows. */
    public enum State {
        /** To be delivered. */
        PENDING,
        /** Cronofy has accepted it. */
        DELIVERED,
        /** Not sent: the revocation of the service account took it along. */
        WITH_SERVICE_ACCOUNT,
        /** Not sent: something else that lives holds the same authorization. */
        KEPT,
        /**
         * Nothing is left to send it with, since the master realm's key or the application is gone, or Cronofy has not
         * accepted it for a week: an administrator has to revoke it in Cronofy's dashboard.
         */
        UNDELIVERABLE,
        /** A newer version has written it: nobody here acts on it. Shown as it is written. */
        UNKNOWN;

        /** Those of which nothing more is to come. */
        public static final Set<State> ENDED = Set.of(DELIVERED, WITH_SERVICE_ACCOUNT, KEPT, UNDELIVERABLE);

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Whose right ended, and why.
     *
     * @param realm id of the realm, which may be gone
     * @param link name of the link; null if it is not known
     * @param user Keycloak's id of the member; null for a service account or a resource
     * @param mailbox null for a service account
     */
    public record Cause(
            String realm,
            @Nullable String link,
            @Nullable String user,
            @Nullable Mailbox mailbox,
            Reason reason) {

        /** A service account's. */
        public static Cause ofLink(LinkId link, Reason reason) {
            return new Cause(link.realm(), link.name(), null, null, reason);
        }

        /** A member's or a resource's. */
        public static Cause of(Delegation delegation, Reason reason) {
            return new Cause(
                    delegation.link().realm(),
                    delegation.link().name(),
                    delegation.ofResource() ? null : delegation.userId(),
                    delegation.mailbox(),
                    reason);
        }
    }
}
