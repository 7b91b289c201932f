package io.github.enterpriseconnect.core;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the {@link Gate} asks, in this order; the first "no" is the answer. The lower-case name is what the admin API
 * shows.
 */
public enum Check {
    ENABLED(Reason.NOT_ENABLED, asked -> asked.candidate().realmEnabled()),
    NOT_SUSPENDED(Reason.SUSPENDED, asked -> !asked.candidate().suspended(Suspensions.Subject.REALM)),
    LINKED(Reason.NOT_LINKED, asked -> asked.link().linked()),
    LINK_NOT_SUSPENDED(Reason.LINK_SUSPENDED, asked -> !asked.candidate()
            .suspended(Suspensions.Subject.link(asked.link().id().name()))),
    LINK_ACTIVE(Reason.LINK_NOT_ACTIVE, Asked::linkActive),
    POLICY_UNDERSTOOD(Reason.VALUE_UNKNOWN, Asked::policyUnderstood),
    PERSON(Reason.NOT_A_PERSON, asked -> asked.candidate().person()),
    USER_ENABLED(
            Reason.USER_DISABLED,
            asked -> asked.candidate().enabled() || asked.candidate().disabledForNow()),
    USER_NOT_SUSPENDED(Reason.USER_SUSPENDED, asked -> asked.candidate().enabled()),
    NOT_OPTED_OUT(
            Reason.OPTED_OUT,
            asked -> !asked.behaviour().optOut() || !asked.candidate().optedOut()),
    EMAIL_PRESENT(Reason.EMAIL_MISSING, Asked::emailPresent),
    EMAIL_PLAIN(Reason.EMAIL_NOT_PLAIN, asked -> asked.candidate().mailbox().isPresent()),
    EMAIL_VERIFIED(Reason.EMAIL_NOT_VERIFIED, asked -> asked.candidate().emailVerified()),
    EMAIL_UNSHARED(Reason.EMAIL_SHARED, asked -> !asked.candidate().emailShared()),
    ADDRESS_PROVEN(
            Reason.ADDRESS_NOT_PROVEN,
            asked -> asked.policy().proof() == Policy.Proof.KEYCLOAK
                    || asked.candidate().proven(asked.address())),
    CALENDAR_NAME_GUARDED(
            Reason.CALENDAR_NAME_WRITABLE,
            asked -> asked.attribute().filter(asked::byUsers).isEmpty()),
    CALENDAR_NAME_PLAIN(Reason.CALENDAR_NAME_NOT_PLAIN, asked -> asked.parsed().isPresent()),
    CALENDAR_NAME_PROVEN(
            Reason.CALENDAR_NAME_NOT_PROVEN,
            asked -> asked.policy().proof() == Policy.Proof.KEYCLOAK
                    || asked.attribute()
                            .filter(attribute ->
                                    !asked.candidate().calendarNames(attribute).isEmpty()
                                            && !asked.candidate().calendarNameProven(attribute, asked.search()))
                            .isEmpty()),
    ORGANIZATION_ENABLED(
            Reason.ORGANIZATION_DISABLED, asked -> asked.membership().organizationEnabled()),
    DOMAIN_OF_LINK(Reason.DOMAIN_NOT_LINKED, asked -> asked.link().domains().stream()
            .anyMatch(listed -> listed.domain().equals(asked.mailbox().domain()))),
    DOMAIN_APPROVED(
            Reason.DOMAIN_NOT_APPROVED,
            asked -> asked.link().approvedDomains().contains(asked.mailbox().domain())),
    DOMAIN_OF_ORGANIZATION(Reason.DOMAIN_NOT_OF_ORGANIZATION, asked -> asked.membership()
            .organizationHas(asked.mailbox().domain())),
    CALENDAR_NAME_UNSHARED(Reason.CALENDAR_NAME_SHARED, asked -> asked.attribute()
            .filter(attribute -> asked.candidate().heldElsewhere(asked.mailbox(), attribute, asked.search()))
            .isEmpty()),
    IN_REQUIRED_GROUP(
            Reason.GROUP_MISSING,
            asked -> asked.policy().requiredGroups().isEmpty()
                    || asked.candidate().inAnyGroup(asked.policy().requiredGroups())),
    IN_NO_DENIED_GROUP(
            Reason.GROUP_DENIED,
            asked -> asked.policy().deniedGroups().isEmpty()
                    || asked.without(asked.candidate().inAnyGroup(asked.policy().deniedGroups()))),
    HAS_REQUIRED_ROLE(
            Reason.ROLE_MISSING,
            asked -> asked.policy().requiredRoles().isEmpty()
                    || asked.candidate().hasAnyRole(asked.policy().requiredRoles())),
    HAS_NO_DENIED_ROLE(
            Reason.ROLE_DENIED,
            asked -> asked.policy().deniedRoles().isEmpty()
                    || asked.without(asked.candidate().hasAnyRole(asked.policy().deniedRoles()))),
    IDENTITY_PROVIDER_ALLOWED(
            Reason.IDENTITY_PROVIDER_NOT_ALLOWED,
            asked -> asked.policy().identityProviders().isEmpty()
                    || asked.candidate().cameThrough(asked.policy().identityProviders())),
    NO_RESOURCE(
            Reason.MAILBOX_OF_RESOURCE,
            asked -> !asked.toAsk() || !asked.candidate().ofResource(asked.mailbox())),
    ANSWER_FITTED(
            Reason.WRONG_PROFILE,
            asked -> !asked.toAsk() || !asked.candidate().answeredOtherwise(asked.link(), asked.mailbox())),
    NOT_COOLING_DOWN(
            Reason.COOLDOWN, asked -> !asked.toAsk() || !asked.candidate().coolingDown(asked.mailbox())),
    NOTICE_SEEN(
            Reason.NOTICE_NOT_SEEN,
            asked -> !asked.toAsk()
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

    /**
     * Whether the user passes.
     *
     * @throws Unreadable nobody can tell now
     */
    boolean passes(Asked asked) {
        return passes.test(asked);
    }

    /**
     * One user, asked about with regard to one link.
     *
     * @param toAsk whether Cronofy is to be asked for the mailbox; otherwise what was granted is to be used
     */
    record Asked(Candidate candidate, Candidate.Membership membership, boolean toAsk) {
        Link link() {
            return membership.link();
        }

        Policy policy() {
            return link().policy();
        }

        Behaviour behaviour() {
            return policy().behaviour().over(candidate.defaults());
        }

        /** The attribute that calendar names come from; empty where members have none. */
        Optional<String> attribute() {
            return Optional.ofNullable(policy().calendarName());
        }

        Search search() {
            return toAsk ? Search.AFRESH : Search.LATELY;
        }

        /** Whether users may write what it says, or have written it while they could. */
        boolean byUsers(String attribute) {
            return candidate.usersWrite(attribute) || candidate.writtenByUser(attribute);
        }

        /** The e-mail address; asked for only by checks that come after the one for a plain address. */
        Mailbox address() {
            return candidate.mailbox().orElseThrow();
        }

        Optional<Mailbox> parsed() {
            return candidate.mailbox(link());
        }

        /** What would be asked for; asked for only by checks that come after those for plain names. */
        Mailbox mailbox() {
            return parsed().orElseThrow();
        }

        boolean emailPresent() {
            String email = candidate.email();
            return email != null && !email.isBlank();
        }

        boolean policyUnderstood() {
            if (!policy().understood()) {
                throw Unreadable.value("the policy of link " + link().id().name());
            }
            return true;
        }

        boolean linkActive() {
            if (link().state() == Link.State.UNKNOWN) {
                throw Unreadable.value("the state of link " + link().id().name());
            }
            return link().state() == Link.State.ACTIVE || (!toAsk && link().state() == Link.State.NEEDS_AUTHORIZATION);
        }

        /** Whether the user is without what the link denies, and no longer being seen with it does not come of a mapper. */
        boolean without(boolean has) {
            if (!has && candidate.doubtfullyWithout(link().id())) {
                throw Unreadable.because(Reason.DIRECTORY_CHANGED);
            }
            return !has;
        }
    }
}
