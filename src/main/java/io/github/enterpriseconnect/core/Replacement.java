package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The service account of a link is replaced by another: the link holds the new one from the beginning, and those who were
 * delegated through the former one move, one after the other, while what they have is used as before.
 *
 * @param id tells it from every other
 * @param former the {@code ser_…} that members are moved away from
 * @param successor the {@code ser_…} that the link holds
 * @param cancelled whether an administrator has had it turned round: the former is then the one that was to be the new one
 * @param left whether the former was left authorized at Cronofy in the end
 * @param startedBy Keycloak's id of the administrator who made the invitation
 * @param endedAt null while it goes on
 * @param reached up to which member everybody has been looked at in this pass; empty at its beginning
 * @param waitsFor why it cannot go on at the moment; null if it can
 * @param failures how often in a row there was nothing to do
 * @param words what a newer version has written of state and reason
 */
public record Replacement(
        String id,
        LinkId link,
        String former,
        String successor,
        State state,
        boolean cancelled,
        boolean left,
        Instant startedAt,
        String startedBy,
        @Nullable Instant endedAt,
        String reached,
        @Nullable Reason waitsFor,
        int failures,
        Words words) {

    /** Life of a replacement; the lower-case name is what APIs show. */
    public enum State {
        /** Members are asked for through the new service account. */
        MOVING,
        /**
         * Nobody uses the former one any more, but it is still authorized: somebody uses an account at Cronofy that may end
         * with it. An administrator decides.
         */
        KEPT,
        /** The former one is being revoked; whoever may have lost something by that is looked at then. */
        CHECKING,
        FINISHED,
        /** A newer version has written it: nobody here acts on it. Shown as it is written. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How many members of the link, at most one of each mailbox.
     *
     * @param moved use what was granted through the new service account, after they had been granted through the former
     * @param asked have been asked for through the new one; their answer is awaited, or is being redeemed
     * @param refused could not be asked for, or were refused; they are tried again
     * @param remaining use what was granted through the former one, those who were asked for or refused included
     * @param concerned may lose what they use when the former one is revoked: all who remain, and whoever uses an account
     *     at Cronofy that was granted through it
     */
    public record Counts(long moved, long asked, long refused, long remaining, long concerned) {}

    /** Whether the former service account is still authorized for the sake of what was granted through it. */
    public boolean open() {
        return state == State.MOVING || state == State.KEPT;
    }

    /** The state as APIs show it. */
    public String stateWord() {
        return words.state(state.id());
    }

    /** Why it cannot go on at the moment, as APIs show it; null if it can. */
    public @Nullable String waitsForWord() {
        return words.reason(waitsFor);
    }
}
