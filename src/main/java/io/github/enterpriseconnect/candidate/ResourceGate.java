package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Work;
import java.util.Optional;

/**
 * Decides whether a resource may be delegated, and says why not: what {@link io.github.enterpriseconnect.core.Gate} is to
 * members. Nothing of it ends a right: what it says no to is withheld for as long as that lasts.
 */
public final class ResourceGate {
    private ResourceGate() {}

    /** What the answer is for. */
    public enum Question {
        /** May Cronofy be asked for it? */
        ASK,
        /** May a delegation that was granted be used? It may while its link waits for a new authorization. */
        USE
    }

    /**
     * What stands in the way; empty if nothing does.
     *
     * @throws Unreadable nobody can tell now
     */
    public static Optional<Reason> objection(Work work, Resource resource, Link link, Question question) {
        if (!work.realm().enabled()) {
            return Optional.of(Reason.NOT_ENABLED);
        }
        Optional<Reason> objection = objectionOfLink(work, link, question);
        if (objection.isPresent()) {
            return objection;
        }
        Optional<Candidate.Membership> organization = work.realm().membership(link);
        if (organization.isEmpty()) {
            return Optional.of(Reason.NOT_LINKED);
        }
        if (!organization.get().organizationEnabled()) {
            return Optional.of(Reason.ORGANIZATION_DISABLED);
        }
        return organization.get().covers(resource.mailbox().domain())
                ? Optional.ofNullable(resource.withheld())
                : Optional.of(Reason.DOMAIN_NOT_APPROVED);
    }

    private static Optional<Reason> objectionOfLink(Work work, Link link, Question question) {
        boolean applications = link.linked()
                && work.realm()
                        .applicationKey()
                        .filter(key -> key.equals(link.application()))
                        .isPresent();
        if (!applications) {
            return Optional.of(Reason.NOT_LINKED);
        }
        return switch (link.state()) {
            case UNKNOWN ->
                throw Unreadable.value("the state of link " + link.id().name());
            case ACTIVE -> Optional.empty();
            case NEEDS_AUTHORIZATION ->
                question == Question.USE ? Optional.empty() : Optional.of(Reason.LINK_NOT_ACTIVE);
            case AWAITING_APPROVAL, UNLINKED -> Optional.of(Reason.LINK_NOT_ACTIVE);
        };
    }

    /**
     * Whether the realm or the link is suspended.
     *
     * @throws Unreadable a newer version has suspended something that this one does not know
     */
    public static Optional<Reason> suspension(Work work, Link link) {
        Suspensions active = work.suspensions().all();
        if (active.of(Suspensions.Subject.REALM).isPresent()) {
            return Optional.of(Reason.SUSPENDED);
        }
        if (active.of(Suspensions.Subject.link(link.id().name())).isPresent()) {
            return Optional.of(Reason.LINK_SUSPENDED);
        }
        if (active.anyUnknown()) {
            throw Unreadable.value("a kill switch");
        }
        return Optional.empty();
    }

    /**
     * Whether the address is a member's: somebody has it as e-mail address or calendar name, or it is delegated as theirs. It
     * stands for nobody else then.
     *
     * @param link the one that the resource is of, which says where calendar names are
     * @throws Unreadable a directory cannot be asked now
     */
    public static boolean isMembers(Work work, Link link, Mailbox mailbox) {
        return work.heldMailboxes().ofMember(String.valueOf(link.application()), mailbox)
                || work.users().anybodyHas(mailbox, link.policy().calendarName());
    }
}
