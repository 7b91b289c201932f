package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Taking single members out and in, whoever asks for it. */
public final class Participation {
    private final DelegationTermination termination;
    private final RevocationDispatcher dispatcher;
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    public Participation(
            DelegationTermination termination,
            RevocationDispatcher dispatcher,
            RecentSignIns recentSignIns,
            InstantSource clock) {
        this.termination = termination;
        this.dispatcher = dispatcher;
        this.recentSignIns = recentSignIns;
        this.clock = clock;
    }

    /**
     * Takes the user out of every link that permits it until they opt in again, and ends and revokes what they have
     * through these.
     *
     * @return false if no link of the user permits it, and nothing has changed
     */
    boolean optOut(Work work, User user) {
        Set<LinkId> permitting = permittingOptOut(work, user);
        if (permitting.isEmpty()) {
            return false;
        }
        work.members().optOut(user.id(), clock.instant());
        end(work, user, Reason.OPTED_OUT, permitting::contains);
        return true;
    }

    boolean mayOptOut(Work work, User user) {
        return !permittingOptOut(work, user).isEmpty();
    }

    private Set<LinkId> permittingOptOut(Work work, User user) {
        return MemberCandidate.of(work, user, null, clock.instant()).memberships().stream()
                .map(Candidate.Membership::link)
                .filter(link -> work.behaviour(link).optOut())
                .map(Link::id)
                .collect(Collectors.toSet());
    }

    /** Lets the user be delegated again at the next sign-in. */
    void optIn(Work work, User user) {
        work.members().optIn(user.id());
        work.afterCommit(() -> recentSignIns.forget(user.id()));
    }

    /** Ends and revokes what the user has through these links. */
    void end(Work work, User user, Reason reason, Predicate<LinkId> through) {
        work.delegations().liveOfUsers(work.realm().id(), List.of(user.id())).stream()
                .filter(delegation -> through.test(delegation.link()))
                .forEach(delegation -> termination.end(work, delegation, reason));
        work.afterCommit(dispatcher::deliverSoon);
    }
}
