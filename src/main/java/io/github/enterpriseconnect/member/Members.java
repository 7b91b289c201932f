package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.platform.Work;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** What administrators ask of a single member, and do for one; within the transaction of their request. */
public final class Members {
    private final DelegationQueue queue;
    private final Participation participation;
    private final Adoption adoption;
    private final InstantSource clock;

    public Members(DelegationQueue queue, Participation participation, InstantSource clock) {
        this.queue = queue;
        this.participation = participation;
        this.adoption = new Adoption(queue, clock);
        this.clock = clock;
    }

    /** Where the user stands; the last sign-in that was asked for counts. */
    public Standing standing(Work work, User user) {
        return Standing.of(work, user, null, clock.instant());
    }

    /** The latest token that was obtained through the link as it is linked now. */
    public Optional<TokenUse> latestUse(Work work, Link link) {
        return Optional.ofNullable(link.linkedAt())
                .flatMap(since -> work.uses().latest(link.id().name(), since));
    }

    /**
     * Has the user asked for at once, even if the mailbox was refused not long ago.
     *
     * @throws NotPermitted the gate says no, or nobody can tell now
     */
    public void ask(Work work, User user) throws NotPermitted {
        work.delegations().ofUser(work.realm().id(), user.id()).forEach(delegation -> work.delegations()
                .endCooldown(delegation.id(), clock.instant()));
        work.members().doubtFoundName(user.id());
        Gate.Decision decision = Gate.decide(MemberCandidate.of(work, user, null, clock.instant()), Gate.Question.ASK);
        LinkId link = decision.admission()
                .orElseThrow(() -> new NotPermitted(
                        decision.withheld()
                                ? "Nobody can tell now whether the user can be delegated: " + why(decision)
                                        + "; ask again later."
                                : "The user cannot be delegated: " + why(decision) + "."))
                .link()
                .id();
        queue.keep(work, link, user.id(), Optional.empty());
    }

    /** The name that Cronofy has answered with in place of the user's, if the latest answer bore one. */
    public Optional<FoundName> foundName(Work work, User user) {
        return work.members().foundName(user.id());
    }

    /** How many members of a link were answered for by other names that differ in the same way, the most first. */
    public Map<FoundName.Pattern, Long> foundNames(Work work, LinkId link) {
        return work.members().foundNames(link);
    }

    /**
     * Makes the name that Cronofy has answered with the user's calendar name, and has the user asked for by it.
     *
     * @param seen the name that the administrator has seen; empty for whatever there is
     * @throws NotPermitted there is none, or it must not be theirs by an administrator's word
     */
    public void adopt(Work work, User user, Optional<String> seen) throws NotPermitted {
        adoption.adopt(work, user, seen);
    }

    private static String why(Gate.Decision decision) {
        return decision.reason() == null ? "unknown" : decision.reason().id();
    }

    /** Ends and revokes what the user has; the next sign-in asks again. */
    public void end(Work work, User user) {
        participation.end(work, user, Reason.ENDED_BY_ADMINISTRATOR, link -> true);
    }

    /**
     * Takes the user out of every link that permits it until they opt in again, and ends and revokes what they have
     * through these.
     *
     * @throws NotPermitted no link of the user permits it
     */
    public void optOut(Work work, User user) throws NotPermitted {
        if (!participation.optOut(work, user)) {
            throw new NotPermitted("The policy of the user's link does not let members opt out; set its optOut first.");
        }
    }

    /** Lets the user be delegated again at the next sign-in. */
    public void optIn(Work work, User user) {
        participation.optIn(work, user);
    }
}
