package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.platform.Work;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Makes the name that Cronofy has answered with a member's calendar name, because an administrator says that it is theirs. Only
 * where an administrator's word counts, and only a name that the gate would let through.
 */
final class Adoption {
    private final DelegationQueue queue;
    private final InstantSource clock;

    Adoption(DelegationQueue queue, InstantSource clock) {
        this.queue = queue;
        this.clock = clock;
    }

    /**
     * Writes the name into the attribute that the link takes calendar names from, and has the member asked for by it.
     *
     * @param seen the name that the administrator has seen; empty for whatever there is
     */
    void adopt(Work work, User user, Optional<String> seen) throws NotPermitted {
        FoundName found = work.members()
                .foundName(user.id())
                .orElseThrow(() -> new NotPermitted("Cronofy has not answered with another name for this user."));
        if (seen.isPresent() && !seen.get().equals(found.name())) {
            throw new NotPermitted("Cronofy has answered with another name since; read the user again.");
        }
        try {
            adopt(work, user, found);
        } catch (Unreadable now) {
            throw new NotPermitted("Nobody can tell now whether somebody else has the name: "
                    + now.reason().id() + "; ask again later.");
        }
    }

    private void adopt(Work work, User user, FoundName found) throws NotPermitted {
        Candidate candidate = MemberCandidate.of(work, user, null, clock.instant());
        Candidate.Membership membership = candidate.memberships().stream()
                .filter(one -> one.link().id().name().equals(found.link()))
                .findFirst()
                .orElseThrow(() -> new NotPermitted("The user is no longer a member of the organization."));
        Policy policy = membership.link().policy();
        String attribute = policy.calendarName();
        if (attribute == null) {
            throw new NotPermitted("The link takes calendar names from no attribute; set its policy.calendarName to"
                    + " the user attribute that the name is to be written to first.");
        }
        if (policy.proof() == Policy.Proof.OWNER) {
            throw new NotPermitted("The link's policy has proof owner, so that no administrator can say which name is"
                    + " whose; have a directory or a trusted identity provider say it in attribute " + attribute + ".");
        }
        if (work.realm().usersWrite(attribute)) {
            throw new NotPermitted("Users may write attribute " + attribute
                    + " themselves; in Realm settings, User profile, let nobody but administrators edit it first.");
        }
        Mailbox name = found.mailbox()
                .filter(mailbox -> membership.covers(mailbox.domain()))
                .orElseThrow(() -> new NotPermitted("The name is no plain address in an approved domain of the link"
                        + " and its organization; approve its domain first."));
        if (!stillSo(candidate, membership.link(), found)) {
            throw new NotPermitted("The user's address or calendar name, or the link's authorization, has changed since"
                    + " Cronofy answered with this name; have the user asked for again first.");
        }
        if (user.heldElsewhere(name, attribute, Search.AFRESH)) {
            throw new NotPermitted("Somebody else has this name as e-mail address or in attribute " + attribute + ".");
        }
        if (!work.users().write(user.id(), attribute, name.address())) {
            throw new NotPermitted("The user's directory says itself what attribute " + attribute
                    + " holds, or keeps its users to itself; have it say the name.");
        }
        work.members().nameCame(user.id(), NameOrigin.ofOthers(attribute, name.address(), clock.instant()));
        work.members().forgetFoundName(user.id(), found.link());
        queue.keep(work, membership.link().id(), user.id(), Optional.empty());
    }

    /** Whether another ask would bring the name, but for the attribute that it is to be written to; or an administrator doubts it. */
    private static boolean stillSo(Candidate candidate, Link link, FoundName found) {
        Optional<Mailbox> address = candidate.mailbox();
        return found.circumstances().equals(Circumstances.OVER)
                || candidate
                        .mailbox(link)
                        .filter(asked -> found.circumstances().equals(Circumstances.of(link, asked, address))
                                || found.circumstances().equals(Circumstances.withoutNames(link, asked, address)))
                        .isPresent();
    }
}
