package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One member's or resource's authorization obtained through a link, as it stands now.
 *
 * @param id of the row
 * @param userId Keycloak's id of the member; for a resource {@link #holder}
 * @param application see {@link Application#key()}
 * @param reason why not granted; null when granted, or when an answer is awaited
 * @param detail Cronofy's own words for a refusal, free text to show, never to decide on
 * @param attempts asks without success since the last grant
 * @param nextAttemptAt not before this; null if nothing is planned
 * @param subject Cronofy's {@code acc_…}; null until granted once
 * @param live whether Cronofy may hold an authorization of this subject that nobody has revoked yet
 * @param serviceAccount Cronofy's {@code ser_…} that it was granted through; null until granted once
 * @param identityProvider alias of the one that the sign-in came through for which it was asked; null if none
 * @param ask tells one ask of this mailbox from the next; null if none was ever sent
 * @param history what happened to it last, newest first, at most {@value #REMEMBERED}
 * @param words what a newer version has written of state and reason
 * @param source see {@link User#source()}, when the right was last seen to stand; null if the user came from no
 *     directory, or nobody has looked since the link's policy was saved
 */
public record Delegation(
        String id,
        LinkId link,
        String userId,
        Mailbox mailbox,
        String application,
        State state,
        @Nullable Reason reason,
        @Nullable String detail,
        int attempts,
        @Nullable Instant nextAttemptAt,
        @Nullable Instant askedAt,
        @Nullable Instant grantedAt,
        @Nullable String subject,
        boolean live,
        @Nullable String serviceAccount,
        @Nullable String identityProvider,
        @Nullable String ask,
        List<Attempt> history,
        Words words,
        @Nullable String source) {

    /**
     * One thing that happened to a delegation.
     *
     * @param state what it became
     * @param reason why; null where nothing is to be explained
     * @param written all but the time as a newer version has written it; null where this version knows it
     */
    public record Attempt(
            Instant at,
            State state,
            @Nullable Reason reason,
            @Nullable String written) {
        public Attempt(Instant at, State state, @Nullable Reason reason) {
            this(at, state, reason, null);
        }

        /** What it became, as APIs show it. */
        public String stateWord() {
            return words().state(state.id());
        }

        /** Why, as APIs show it; null where nothing is to be explained. */
        public @Nullable String reasonWord() {
            return words().reason(reason);
        }

        private Words words() {
            String[] parts = written == null ? new String[0] : written.split(" ", -1);
            return new Words(
                    parts.length > 0 && state == State.UNKNOWN ? parts[0] : null,
                    parts.length > 1 && reason == Reason.VALUE_UNKNOWN ? parts[1] : null);
        }
    }

    /** What ends a right for want of something that a directory may add. */
    private static final Set<Reason> ADDED = Set.of(
            Reason.MAILBOX_CHANGED,
            Reason.EMAIL_MISSING,
            Reason.EMAIL_NOT_PLAIN,
            Reason.GROUP_MISSING,
            Reason.ROLE_MISSING);

    /** What refuses somebody for something that a directory may add. */
    private static final Set<Reason> DENIALS = Set.of(Reason.GROUP_DENIED, Reason.ROLE_DENIED);

    /** How many attempts are remembered. */
    public static final int REMEMBERED = 10;

    /** A history with one more attempt. A failure that comes again and again is told once, with its first time. */
    public static List<Attempt> remember(Attempt newest, List<Attempt> history) {
        boolean known = newest.reason() != null
                && !history.isEmpty()
                && history.get(0).state() == newest.state()
                && history.get(0).reason() == newest.reason();
        return known
                ? history
                : Stream.concat(Stream.of(newest), history.stream())
                        .limit(REMEMBERED)
                        .toList();
    }

    public Delegation {
        history = List.copyOf(history);
    }

    /** Stands in place of a user's id where a resource has the right; no id of Keycloak's begins so. */
    private static final String RESOURCE = "resource:";

    /** What stands in place of a user's id for the resource of this row. */
    public static String holder(String resource) {
        return RESOURCE + resource;
    }

    /** Whether a resource has the right, and no member. */
    public boolean ofResource() {
        return userId.startsWith(RESOURCE);
    }

    /**
     * Whether nobody can tell if the user has really lost an address, a group or a role: the directory that adds them is
     * set up otherwise than when the right was last seen to stand, such as without the mapper that adds groups. Another
     * mailbox than before is no loss: the directory says it; unless it is the address, in place of a calendar name that is
     * gone. It is
     * told by whoever sets it up back, or saves the link's policy, which accepts what the directory says now.
     *
     * @param policy the link's
     */
    public boolean doubtful(User user, Reason loss, Policy policy) {
        return source != null
                && ADDED.contains(loss)
                && !Optional.of(source).equals(user.source())
                && !(loss == Reason.MAILBOX_CHANGED && saysAnother(user, policy));
    }

    private static boolean saysAnother(User user, Policy policy) {
        return policy.calendarName() == null
                ? user.email() != null
                : !user.names(policy.calendarName()).isEmpty();
    }

    /** Whether this is for something that a directory may have added. */
    public static boolean denies(@Nullable Reason reason) {
        return reason != null && DENIALS.contains(reason);
    }

    /** Whether the user was refused, or the right has ended, for something that a directory may have added. */
    public boolean denied() {
        return (state == State.REFUSED || state == State.REVOKED) && denies(reason);
    }

    /**
     * This delegation, for those who act on its state.
     *
     * @throws Unreadable a newer version has written the state
     */
    public Delegation told() {
        if (state == State.UNKNOWN) {
            throw Unreadable.value("the state of delegation " + id);
        }
        return this;
    }

    /** When it may be asked for again, as APIs show it; null if that depends on something else than time. */
    public @Nullable Instant plannedAt() {
        boolean waits = reason == Reason.WRONG_PROFILE || reason == Reason.ACCOUNT_HELD;
        return state == State.REFUSED && waits ? null : nextAttemptAt;
    }

    /** The state as APIs show it. */
    public String stateWord() {
        return words.state(state.id());
    }

    /** The reason as APIs show it; null if there is none. */
    public @Nullable String reasonWord() {
        return words.reason(reason);
    }

    /** Life of a delegation; the lower-case name is what APIs and the mirror attribute show. */
    public enum State {
        /** Never asked for. */
        NONE,
        /** Asked for, or due to be; {@link #nextAttemptAt()} says when to ask again. */
        ASKED,
        /** The credential lies in the user's attribute. */
        GRANTED,
        /** Refused; asked again at a sign-in after {@link #nextAttemptAt()}. */
        REFUSED,
        /** Ended on our side or on Cronofy's. */
        REVOKED,
        /** A newer version has written it: nobody here acts on it. Shown as it is written. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
