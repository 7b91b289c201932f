package io.github.enterpriseconnect.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a user may be delegated, and says why not. The one implementation serves sign-in, background job,
 * callback and token endpoint, so that they cannot disagree.
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

    /**
     * The answer.
     *
     * @param link the link to delegate through; when refused, the one that came closest, or null
     * @param mailbox the address to ask for; null when refused before it was known to be plain
     * @param reason the first "no"; null when allowed
     */
    public record Decision(
            @Nullable Link link,
            @Nullable Mailbox mailbox,
            @Nullable Reason reason) {
        public boolean allowed() {
            return reason == null;
        }

        /** The link and mailbox of an allowed user; empty when refused. */
        public Optional<Admission> admission() {
            return reason == null && link != null && mailbox != null
                    ? Optional.of(new Admission(link, mailbox))
                    : Optional.empty();
        }
    }

    /** What an allowed user may be delegated for. */
    public record Admission(Link link, Mailbox mailbox) {}

    /** Of several links the first that allows the user wins; of several refusals the one that came closest is shown. */
    public static Decision decide(Candidate candidate, Question question) {
        if (!candidate.realmEnabled()) {
            return refused(Reason.NOT_ENABLED);
        }
        Reason personal = personalReason(candidate);
        Decision closest = refused(Reason.NOT_LINKED);
        for (Candidate.Membership membership : candidate.memberships()) {
            Decision decision = decide(candidate, question, personal, membership);
            if (decision.allowed()) {
                return decision;
            }
            if (closer(decision, closest)) {
                closest = decision;
            }
        }
        return closest;
    }

    private static Decision decide(
            Candidate candidate, Question question, @Nullable Reason personal, Candidate.Membership membership) {
        Link link = membership.link();
        if (!link.linked()) {
            return refused(Reason.NOT_LINKED);
        }
        boolean usable = question == Question.USE && link.state() == Link.State.NEEDS_AUTHORIZATION;
        if (link.state() != Link.State.ACTIVE && !usable) {
            return new Decision(link, null, Reason.LINK_NOT_ACTIVE);
        }
        if (personal != null) {
            return new Decision(link, null, personal);
        }
        Mailbox mailbox = Mailbox.parse(candidate.email()).orElseThrow();
        if (candidate.emailShared()) {
            return new Decision(link, mailbox, Reason.EMAIL_SHARED);
        }
        if (!membership.organizationEnabled()) {
            return new Decision(link, mailbox, Reason.ORGANIZATION_DISABLED);
        }
        if (!link.approvedDomains().contains(mailbox.domain())) {
            return new Decision(link, mailbox, Reason.DOMAIN_NOT_LINKED);
        }
        if (membership.organizationDomains() != null
                && !membership.organizationDomains().contains(mailbox.domain())) {
            return new Decision(link, mailbox, Reason.DOMAIN_NOT_OF_ORGANIZATION);
        }
        return new Decision(link, mailbox, null);
    }

    private static @Nullable Reason personalReason(Candidate candidate) {
        if (!candidate.person()) {
            return Reason.NOT_A_PERSON;
        }
        if (!candidate.enabled()) {
            return Reason.USER_DISABLED;
        }
        if (candidate.email() == null || candidate.email().isBlank()) {
            return Reason.EMAIL_MISSING;
        }
        if (Mailbox.parse(candidate.email()).isEmpty()) {
            return Reason.EMAIL_NOT_PLAIN;
        }
        return candidate.emailVerified() ? null : Reason.EMAIL_NOT_VERIFIED;
    }

    private static Decision refused(Reason reason) {
        return new Decision(null, null, reason);
    }

    private static boolean closer(Decision a, Decision b) {
        return a.reason() != null && b.reason() != null && a.reason().compareTo(b.reason()) > 0;
    }
}
