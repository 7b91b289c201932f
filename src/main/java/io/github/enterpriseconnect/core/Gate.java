package io.github.enterpriseconnect.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a user may be delegated, and says why not. The one implementation serves sign-in, background job,
 * callback, token endpoint, reconciliation and preview, so that they cannot disagree.
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
     * What is asked, in this order; the first "no" is the answer. The lower-case name is what the admin API shows.
     */
    public enum Check {
        ENABLED(Reason.NOT_ENABLED, asked -> asked.candidate().realmEnabled()),
        NOT_SUSPENDED(Reason.SUSPENDED, asked -> !asked.candidate().suspended(Suspensions.Subject.REALM)),
        LINKED(Reason.NOT_LINKED, asked -> asked.link().linked()),
        LINK_NOT_SUSPENDED(Reason.LINK_SUSPENDED, asked -> !asked.candidate()
                .suspended(Suspensions.Subject.link(asked.link().id().name()))),
        LINK_ACTIVE(Reason.LINK_NOT_ACTIVE, Asked::linkActive),
        PERSON(Reason.NOT_A_PERSON, asked -> asked.candidate().person()),
        USER_ENABLED(
                Reason.USER_DISABLED,
                asked -> asked.candidate().enabled() || asked.candidate().disabledForNow()),
        USER_NOT_SUSPENDED(Reason.USER_SUSPENDED, asked -> asked.candidate().enabled()),
        NOT_OPTED_OUT(
                Reason.OPTED_OUT,
                asked -> !asked.behaviour().optOut() || !asked.candidate().optedOut()),
        EMAIL_PRESENT(Reason.EMAIL_MISSING, Asked::emailPresent),
        EMAIL_PLAIN(Reason.EMAIL_NOT_PLAIN, asked -> asked.parsed().isPresent()),
        EMAIL_VERIFIED(Reason.EMAIL_NOT_VERIFIED, asked -> asked.candidate().emailVerified()),
        EMAIL_UNSHARED(Reason.EMAIL_SHARED, asked -> !asked.candidate().emailShared()),
        ADDRESS_PROVEN(
                Reason.ADDRESS_NOT_PROVEN,
                asked -> asked.policy().proof() == Policy.Proof.KEYCLOAK
                        || asked.candidate().proven(asked.mailbox())),
        ORGANIZATION_ENABLED(
                Reason.ORGANIZATION_DISABLED, asked -> asked.membership().organizationEnabled()),
        DOMAIN_OF_LINK(
                Reason.DOMAIN_NOT_LINKED,
                asked -> asked.link().approvedDomains().contains(asked.mailbox().domain())),
        DOMAIN_OF_ORGANIZATION(Reason.DOMAIN_NOT_OF_ORGANIZATION, Asked::domainOfOrganization),
        IN_REQUIRED_GROUP(
                Reason.GROUP_MISSING,
                asked -> asked.policy().requiredGroups().isEmpty()
                        || asked.candidate().inAnyGroup(asked.policy().requiredGroups())),
        IN_NO_DENIED_GROUP(
                Reason.GROUP_DENIED,
                asked -> asked.policy().deniedGroups().isEmpty()
                        || !asked.candidate().inAnyGroup(asked.policy().deniedGroups())),
        HAS_REQUIRED_ROLE(
                Reason.ROLE_MISSING,
                asked -> asked.policy().requiredRoles().isEmpty()
                        || asked.candidate().hasAnyRole(asked.policy().requiredRoles())),
        HAS_NO_DENIED_ROLE(
                Reason.ROLE_DENIED,
                asked -> asked.policy().deniedRoles().isEmpty()
                        || !asked.candidate().hasAnyRole(asked.policy().deniedRoles())),
        IDENTITY_PROVIDER_ALLOWED(
                Reason.IDENTITY_PROVIDER_NOT_ALLOWED,
                asked -> asked.policy().identityProviders().isEmpty()
                        || asked.candidate().cameThrough(asked.policy().identityProviders())),
        NOT_COOLING_DOWN(
                Reason.COOLDOWN,
                asked -> asked.question() == Question.USE || !asked.candidate().coolingDown(asked.mailbox())),
        NOTICE_SEEN(
                Reason.NOTICE_NOT_SEEN,
                asked -> asked.question() == Question.USE
                        || asked.behaviour().notice() != Behaviour.Notice.PAGE
                        || asked.candidate().noticed(asked.link().id()));

        private final Reason reason;

        @SuppressWarnings("ImmutableEnumChecker") // The predicates above capture nothing.
        private final Predicate<Asked> passes;

        Check(Reason reason, Predicate<Asked> passes) {
            this.reason = reason;
            this.passes = passes;
        }

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** What a "no" is called. */
        public Reason reason() {
            return reason;
        }
    }

    /** One user, asked about with regard to one link. */
    private record Asked(Candidate candidate, Question question, Candidate.Membership membership) {
        Link link() {
            return membership.link();
        }

        Policy policy() {
            return link().policy();
        }

        Behaviour behaviour() {
            return policy().behaviour().over(candidate.defaults());
        }

        Optional<Mailbox> parsed() {
            return Mailbox.parse(candidate.email());
        }

        /** Asked for only by checks that come after the one for a plain address. */
        Mailbox mailbox() {
            return parsed().orElseThrow();
        }

        boolean emailPresent() {
            String email = candidate.email();
            return email != null && !email.isBlank();
        }

        boolean linkActive() {
            return link().state() == Link.State.ACTIVE
                    || (question == Question.USE && link().state() == Link.State.NEEDS_AUTHORIZATION);
        }

        boolean domainOfOrganization() {
            return membership.organizationDomains() == null
                    || membership.organizationDomains().stream()
                            .anyMatch(pattern -> pattern.matches(mailbox().domain()));
        }

        Optional<Check> firstFailed() {
            return Arrays.stream(Check.values())
                    .filter(check -> !check.passes.test(this))
                    .findFirst();
        }
    }

    /**
     * The answer.
     *
     * @param link the link to delegate through; when refused, the one that came closest, or null
     * @param mailbox the address to ask for; null when refused before it was known to be plain
     * @param failed the first check that said no; null when allowed
     */
    public record Decision(
            @Nullable Link link,
            @Nullable Mailbox mailbox,
            @Nullable Check failed) {
        public boolean allowed() {
            return failed == null;
        }

        /** The first "no"; null when allowed. */
        public @Nullable Reason reason() {
            return failed == null ? null : failed.reason();
        }

        /** The checks that were passed, in their order. */
        public List<Check> passed() {
            return Arrays.stream(Check.values())
                    .filter(check -> failed == null || check.compareTo(failed) < 0)
                    .toList();
        }

        /** The link and mailbox of an allowed user; empty when refused. */
        public Optional<Admission> admission() {
            return failed == null && link != null && mailbox != null
                    ? Optional.of(new Admission(link, mailbox))
                    : Optional.empty();
        }
    }

    /** What an allowed user may be delegated for. */
    public record Admission(Link link, Mailbox mailbox) {
        /** Whether a credential is for this very mailbox, through this link and its application. */
        public boolean covers(Credential credential) {
            return credential.link().equals(link.id().name())
                    && credential.application().equals(link.application())
                    && credential.mailbox().equals(mailbox.address());
        }
    }

    /** Of several links the first that allows the user wins; of several refusals the one that came closest is shown. */
    public static Decision decide(Candidate candidate, Question question) {
        if (!candidate.realmEnabled()) {
            return withoutMembership(candidate);
        }
        Decision closest = null;
        for (Candidate.Membership membership : candidate.memberships()) {
            Decision decision = decide(candidate, question, membership);
            if (decision.allowed()) {
                return decision;
            }
            if (closest == null || compare(decision, closest) > 0) {
                closest = decision;
            }
        }
        return closest == null ? withoutMembership(candidate) : closest;
    }

    /** What the gate says of each of the user's links, the one that counts first. */
    public static List<Decision> explain(Candidate candidate, Question question) {
        List<Decision> decisions = new ArrayList<>();
        candidate.memberships().forEach(membership -> decisions.add(decide(candidate, question, membership)));
        if (decisions.isEmpty()) {
            decisions.add(withoutMembership(candidate));
        }
        decisions.sort((a, b) -> compare(b, a));
        return decisions;
    }

    /**
     * Whether a right that was granted has ended, rather than being withheld for now: the user may never have been
     * asked about today. Every check that can end a right is asked, since one that only withholds must not hide it.
     *
     * @return why it ended; empty if it stands, is withheld for now, or ends with its link
     */
    public static Optional<Reason> ended(Candidate candidate, Delegation delegation) {
        if (!Mailbox.parse(candidate.email()).equals(Optional.of(delegation.mailbox()))) {
            return Optional.of(Reason.MAILBOX_CHANGED);
        }
        List<Candidate.Membership> memberships = candidate.memberships();
        Optional<Candidate.Membership> own = memberships.stream()
                .filter(membership -> membership.link().id().equals(delegation.link()))
                .findFirst();
        if (own.isEmpty()) {
            boolean realmLinked = memberships.stream()
                    .anyMatch(membership -> membership.link().id().ofRealm());
            boolean organizationsSwitched = delegation.link().ofRealm() || realmLinked;
            return organizationsSwitched ? Optional.empty() : Optional.of(Reason.LEFT_ORGANIZATION);
        }
        if (!own.get().link().linked()) {
            return Optional.empty();
        }
        Asked asked = new Asked(candidate, Question.USE, own.get());
        return Arrays.stream(Check.values())
                .filter(check -> check.reason().endsRight() && !check.passes.test(asked))
                .map(Check::reason)
                .findFirst();
    }

    private static Decision decide(Candidate candidate, Question question, Candidate.Membership membership) {
        Asked asked = new Asked(candidate, question, membership);
        Check failed = asked.firstFailed().orElse(null);
        boolean known = failed == null || failed.compareTo(Check.LINKED) > 0;
        boolean plain = failed == null || failed.compareTo(Check.EMAIL_PLAIN) > 0;
        return new Decision(
                known ? membership.link() : null, plain ? asked.parsed().orElse(null) : null, failed);
    }

    private static Decision withoutMembership(Candidate candidate) {
        Check failed = !candidate.realmEnabled()
                ? Check.ENABLED
                : candidate.suspended(Suspensions.Subject.REALM) ? Check.NOT_SUSPENDED : Check.LINKED;
        return new Decision(null, null, failed);
    }

    /** Greater for who came further. */
    private static int compare(Decision a, Decision b) {
        return Integer.compare(a.passed().size(), b.passed().size());
    }
}
