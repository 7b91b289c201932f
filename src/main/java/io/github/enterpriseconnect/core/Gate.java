package io.github.enterpriseconnect.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a user may be delegated, and says why not. The one implementation serves sign-in, background job,
 * callback, token endpoint, reconciliation and preview, so that they cannot disagree.
 *
 * <p>A check is passed, failed or cannot be read now ({@link Unreadable}). A check that was read and says no decides,
 * wherever it stands. If none says no but one cannot be read, the user is <em>withheld</em>: nothing is granted and
 * nothing ends until it can be read again.
 */
public final class Gate {
    private Gate() {}

    /** What the answer is for. */
    public enum Question {
        /** May Cronofy be asked for the mailbox? */
        ASK,
        /** May a delegation that was granted be used? It may while its link waits for a new authorization. */
        USE
    }

    private record Verdict(@Nullable Check failed, Map<Check, Reason> unreadable) {
        /** Every check until one says no; what cannot be read is passed over, since a later one may say no. */
        static Verdict on(Check.Asked asked) {
            Map<Check, Reason> unreadable = new EnumMap<>(Check.class);
            for (Check check : Check.values()) {
                try {
                    if (!check.passes(asked)) {
                        return new Verdict(check, unreadable);
                    }
                } catch (Unreadable now) {
                    unreadable.put(check, now.reason());
                }
            }
            return new Verdict(null, unreadable);
        }

        /** Whether it is known that this check was passed. */
        boolean passed(Check check) {
            return (failed == null || failed.compareTo(check) > 0) && !unreadable.containsKey(check);
        }
    }

    /**
     * The answer: allowed, refused or withheld.
     *
     * @param link the link to delegate through; when not allowed, the one that came closest, or null
     * @param mailbox the address to ask for; null when it is not known to be plain
     * @param failed the first check that said no; null when allowed or withheld
     * @param unreadable checks before the one that said no, or of all, that cannot be read now, each with the reason
     */
    public record Decision(
            @Nullable Link link,
            @Nullable Mailbox mailbox,
            @Nullable Check failed,
            Map<Check, Reason> unreadable) {
        public Decision {
            unreadable = Map.copyOf(unreadable);
        }

        public boolean allowed() {
            return failed == null && unreadable.isEmpty();
        }

        /** Whether nobody can tell now: not refused, but not allowed either. Ask again later, and end nothing. */
        public boolean withheld() {
            return failed == null && !unreadable.isEmpty();
        }

        /**
         * This decision, for those who can go on with a yes or a no alone.
         *
         * @throws Unreadable it is withheld
         */
        public Decision told() {
            Reason reason = reason();
            if (withheld() && reason != null) {
                throw Unreadable.because(reason);
            }
            return this;
        }

        /** The first "no", or why nobody can tell; null when allowed. */
        public @Nullable Reason reason() {
            return failed == null
                    ? unreadable.keySet().stream()
                            .min(Check::compareTo)
                            .map(unreadable::get)
                            .orElse(null)
                    : failed.reason();
        }

        /** The checks that were passed, in their order. */
        public List<Check> passed() {
            return Arrays.stream(Check.values())
                    .filter(check -> new Verdict(failed, unreadable).passed(check))
                    .toList();
        }

        /** The link and mailbox of an allowed user; empty when refused or withheld. */
        public Optional<Admission> admission() {
            return allowed() && link != null && mailbox != null
                    ? Optional.of(new Admission(link, mailbox))
                    : Optional.empty();
        }
    }

    /** What an allowed user may be delegated for. */
    public record Admission(Link link, Mailbox mailbox) {
        /** What says of the user that nothing is left to do. */
        public Optional<Mark> mark(String userId) {
            return Mark.of(link, userId, mailbox);
        }

        /** Whether a credential is for this very mailbox, through this link and its application. */
        public boolean covers(Credential credential) {
            return credential.link().equals(link.id().name())
                    && credential.application().equals(link.application())
                    && credential.mailbox().equals(mailbox.address());
        }
    }

    /**
     * Of several links the first that allows the user wins, unless an earlier one may when it can be read again; of
     * several refusals the one that came closest is shown.
     */
    public static Decision decide(Candidate candidate, Question question) {
        if (!candidate.realmEnabled()) {
            return withoutMembership(candidate, Map.of());
        }
        List<Candidate.Membership> memberships;
        try {
            memberships = candidate.memberships();
        } catch (Unreadable now) {
            return withoutMembership(candidate, Map.of(Check.LINKED, now.reason()));
        }
        Decision closest = null;
        for (Candidate.Membership membership : memberships) {
            Decision decision = decide(candidate, question, membership);
            if (decision.failed() == null) {
                return decision;
            }
            if (closest == null || compare(decision, closest) > 0) {
                closest = decision;
            }
        }
        return closest == null ? withoutMembership(candidate, Map.of()) : closest;
    }

    /** What the gate says of each of the user's links, the one that counts first. */
    public static List<Decision> explain(Candidate candidate, Question question) {
        List<Decision> decisions = new ArrayList<>();
        try {
            candidate.memberships().forEach(membership -> decisions.add(decide(candidate, question, membership)));
        } catch (Unreadable now) {
            decisions.add(withoutMembership(candidate, Map.of(Check.LINKED, now.reason())));
        }
        if (decisions.isEmpty()) {
            decisions.add(withoutMembership(candidate, Map.of()));
        }
        decisions.sort((a, b) -> compare(b, a));
        return decisions;
    }

    /**
     * Whether a right that was granted has ended, rather than being withheld for now: the user may never have been
     * asked about today. Every check that can end a right is asked, since one that only withholds, or that cannot be
     * read now, must not hide it.
     *
     * @return why it ended, which was read; empty if it stands, is withheld for now, or ends with its link
     */
    public static Optional<Reason> ended(Candidate candidate, Delegation delegation) {
        List<Candidate.Membership> memberships;
        try {
            memberships = candidate.memberships();
        } catch (Unreadable now) {
            return Optional.empty();
        }
        Optional<Candidate.Membership> own = memberships.stream()
                .filter(membership -> membership.link().id().equals(delegation.link()))
                .findFirst();
        if (own.isEmpty()) {
            boolean realmLinked = memberships.stream()
                    .anyMatch(membership -> membership.link().id().ofRealm());
            boolean organizationsSwitched = delegation.link().ofRealm() || realmLinked;
            return organizationsSwitched ? Optional.empty() : Optional.of(Reason.LEFT_ORGANIZATION);
        }
        if (mailboxChanged(candidate, own.get().link(), delegation)) {
            return Optional.of(Reason.MAILBOX_CHANGED);
        }
        if (!own.get().link().linked()) {
            return Optional.empty();
        }
        Check.Asked asked = new Check.Asked(candidate, own.get(), false);
        return Arrays.stream(Check.values())
                .filter(check -> check.reason().endsRight() && refused(check, asked))
                .map(Check::reason)
                .findFirst();
    }

    /** Whether the check was read and says no. */
    private static boolean refused(Check check, Check.Asked asked) {
        try {
            return !check.passes(asked);
        } catch (Unreadable now) {
            return false;
        }
    }

    /** Whether the mailbox to ask for through the delegation's link was read, and is another than the delegation's. */
    public static boolean mailboxChanged(Candidate candidate, Link link, Delegation delegation) {
        try {
            return !candidate.mailbox(link).equals(Optional.of(delegation.mailbox()));
        } catch (Unreadable now) {
            return false;
        }
    }

    private static Decision decide(Candidate candidate, Question question, Candidate.Membership membership) {
        Check.Asked asked = new Check.Asked(candidate, membership, question == Question.ASK);
        Verdict verdict = Verdict.on(asked);
        return new Decision(
                verdict.passed(Check.LINKED) ? membership.link() : null,
                verdict.passed(Check.EMAIL_PLAIN) ? mailbox(asked) : null,
                verdict.failed(),
                verdict.unreadable());
    }

    private static @Nullable Mailbox mailbox(Check.Asked asked) {
        try {
            return asked.parsed().orElse(null);
        } catch (Unreadable now) {
            return null;
        }
    }

    private static Decision withoutMembership(Candidate candidate, Map<Check, Reason> unreadable) {
        if (!candidate.realmEnabled()) {
            return new Decision(null, null, Check.ENABLED, Map.of());
        }
        try {
            Check failed = candidate.suspended(Suspensions.Subject.REALM)
                    ? Check.NOT_SUSPENDED
                    : unreadable.isEmpty() ? Check.LINKED : null;
            return new Decision(null, null, failed, unreadable);
        } catch (Unreadable now) {
            Check failed = unreadable.isEmpty() ? Check.LINKED : null;
            return new Decision(null, null, failed, Map.of(Check.NOT_SUSPENDED, now.reason()));
        }
    }

    /** Greater for what is allowed, then for what may be, then for who came further. */
    private static int compare(Decision a, Decision b) {
        int outcome = Integer.compare(rank(a), rank(b));
        return outcome == 0 ? Integer.compare(a.passed().size(), b.passed().size()) : outcome;
    }

    private static int rank(Decision decision) {
        return decision.allowed() ? 2 : decision.withheld() ? 1 : 0;
    }
}
