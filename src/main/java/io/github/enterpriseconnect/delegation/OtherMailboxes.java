package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.AddressProofs;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.candidate.NameOrigins;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What belongs to another mailbox than the one that a member has, or to another member, before one is asked for. */
final class OtherMailboxes {
    private final DelegationTermination termination;
    private final InstantSource clock;

    OtherMailboxes(DelegationTermination termination, InstantSource clock) {
        this.termination = termination;
        this.clock = clock;
    }

    /**
     * Takes down what the sign-in proves of the address and the calendar name, and ends what belongs to an address or a calendar name that the user
     * had before.
     */
    void end(Work work, User user, Optional<SignIn> signIn) {
        AddressProofs.update(work, user, signIn.orElse(null), clock.instant());
        NameOrigins.update(work, user, signIn.orElse(null), clock.instant());
        MemberCandidate candidate = MemberCandidate.of(work, user, signIn.orElse(null), clock.instant());
        work.delegations().liveOfUsers(work.realm().id(), List.of(user.id())).forEach(delegation -> {
            Link link = work.links().get(delegation.link());
            if (Gate.mailboxChanged(candidate, link, delegation)
                    && !delegation.doubtful(user, Reason.MAILBOX_CHANGED, link.policy())) {
                termination.end(work, delegation, Reason.MAILBOX_CHANGED);
            }
        });
    }

    /**
     * The mailbox of somebody else's delegation is this user's now, and the other's ends, who is asked for by what they have
     * now; unless it is the other's still, by the link that it was granted through.
     *
     * @param link through which it is to be asked for
     * @return whether the mailbox is free now
     * @throws io.github.enterpriseconnect.core.Unreadable nobody can tell now whether the other still has it
     */
    boolean take(Work work, Delegation other, Link link) {
        Link theirs = work.links().get(other.link());
        boolean named = theirs.policy().calendarName() != null || link.policy().calendarName() != null;
        if (named && has(work, other.userId(), other.mailbox(), theirs)) {
            return false;
        }
        boolean had = other.live() || other.state() == Delegation.State.ASKED;
        if (termination.end(work, other, Reason.MAILBOX_CHANGED) && had) {
            termination.askAnew(work, other, Reason.MAILBOX_CHANGED);
        }
        return true;
    }

    /**
     * Whoever is served by a mailbox that this user was refused for is looked at with the next token: it may be this user's as
     * well. A resource that has it is withheld at once.
     */
    void warn(Work work, User user, Gate.Decision refused) {
        Mailbox mailbox = refused.mailbox();
        if (refused.failed() == Check.NO_RESOURCE && mailbox != null) {
            work.resources().withholdAll(mailbox, Reason.MAILBOX_OF_MEMBER, clock.instant());
            return;
        }
        if (refused.failed() != Check.CALENDAR_NAME_UNSHARED || mailbox == null) {
            return;
        }
        work.realm()
                .applicationKey()
                .flatMap(
                        application -> work.delegations().byMailbox(work.realm().id(), application, mailbox))
                .filter(row ->
                        row.state() == Delegation.State.GRANTED && !row.userId().equals(user.id()))
                .ifPresent(row -> work.members().share(row.userId(), mailbox));
    }

    /**
     * The name to ask by: the member's mailbox, and after an ask in vain the address in its place, in turns, if that may be
     * asked for just as well: nobody else has it, and nothing of it is still to be revoked. Nobody knows which of the two Cronofy
     * wants where they differ; what it answers has to be the member's by either.
     *
     * @param attempts asks in vain
     */
    static Mailbox askedAs(Work work, User user, int attempts, Gate.Admission admission, Instant now) {
        if (admission.link().policy().calendarName() == null || !asksByAddress(attempts)) {
            return admission.mailbox();
        }
        MemberCandidate candidate = MemberCandidate.of(work, user, null, now);
        try {
            return candidate
                    .mailbox()
                    .filter(address -> mayBeAsked(work, candidate, admission.link(), address))
                    .orElse(admission.mailbox());
        } catch (Unreadable nobodyCanTell) {
            return admission.mailbox();
        }
    }

    private static boolean mayBeAsked(Work work, MemberCandidate candidate, Link link, Mailbox address) {
        String application = String.valueOf(link.application());
        boolean bears = candidate.memberships().stream()
                .filter(membership -> membership.link().id().equals(link.id()))
                .anyMatch(membership -> candidate.bears(membership, address));
        return bears
                && work.delegations().byMailbox(link.id().realm(), application, address).stream()
                        .noneMatch(row -> row.state() != Delegation.State.REVOKED)
                && !work.resources().anyOf(address)
                && !work.revocations().pendingFor(application, address);
    }

    /** Whether the next ask is by the address where a member has two names. */
    static boolean asksByAddress(int attempts) {
        return attempts % 2 == 1;
    }

    private boolean has(Work work, String userId, Mailbox mailbox, Link link) {
        return work.users()
                .byId(userId)
                .map(user -> MemberCandidate.of(work, user, null, clock.instant()))
                .filter(other -> other.mailbox().equals(Optional.of(mailbox))
                        || other.mailbox(link).equals(Optional.of(mailbox)))
                .isPresent();
    }
}
