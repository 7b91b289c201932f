package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What members see and choose on their own pages. Each is a transaction of its own, since a page is shown within a
 * sign-in whose commit must not fail because of us.
 */
public final class MemberSelfService {
    private static final Duration BETWEEN_ASKS = Duration.ofMinutes(1);

    private final Transactions transactions;
    private final DelegationQueue queue;
    private final Participation participation;
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    public MemberSelfService(
            Transactions transactions,
            DelegationQueue queue,
            Participation participation,
            RecentSignIns recentSignIns,
            InstantSource clock) {
        this.transactions = transactions;
        this.queue = queue;
        this.participation = participation;
        this.recentSignIns = recentSignIns;
        this.clock = clock;
    }

    /**
     * What came of a wish to be connected.
     *
     * @param optedIn whether the member had been out until now; that is taken back even where the gate says no for
     *     another reason, so that the member learns it and is connected once it is gone
     * @param decision what the gate says; the member is asked for only if that is yes
     */
    public record Connecting(boolean optedIn, Gate.Decision decision) {}

    /** Where the user stands who has come in this way. */
    public Standing standing(Work joined, User user, SignIn signIn) {
        return transactions.readBeside(joined, work -> Standing.of(work, user, signIn, clock.instant()));
    }

    /** Whether the user may opt out. */
    public boolean mayOptOut(Work joined, User user) {
        return transactions.readBeside(joined, work -> participation.mayOptOut(work, user));
    }

    /**
     * Does what members themselves can do to be connected: takes back their opting out, counts a notice page as read,
     * and has them asked for, even if the mailbox was refused, but not a moment ago.
     */
    public Connecting connect(String realmId, String userId, SignIn signIn) {
        Connecting connecting = transactions.inRealm(realmId, work -> connect(work, user(work, userId), signIn));
        if (!connecting.decision().allowed()) {
            recentSignIns.forget(userId);
        }
        return connecting;
    }

    private Connecting connect(Work work, User user, SignIn signIn) {
        Instant now = clock.instant();
        boolean optedOut = work.members().optedOut(user.id()).isPresent();
        work.members().optIn(user.id());
        work.delegations().ofUser(work.realm().id(), user.id()).stream()
                .filter(delegation -> delegation.askedAt() == null
                        || delegation.askedAt().plus(BETWEEN_ASKS).isBefore(now))
                .forEach(delegation -> work.delegations().endCooldown(delegation.id(), now));
        Gate.Decision decision = Gate.decide(MemberCandidate.of(work, user, signIn, now), Gate.Question.ASK);
        if (decision.failed() == Check.NOTICE_SEEN && decision.link() != null) {
            work.members().notice(user.id(), decision.link().id().name());
            decision = Gate.decide(MemberCandidate.of(work, user, signIn, now), Gate.Question.ASK);
        }
        decision.admission()
                .ifPresent(admission -> queue.keep(work, admission.link().id(), user.id(), Optional.of(signIn)));
        return new Connecting(optedOut, decision);
    }

    /**
     * Takes the member out of every link that permits it, and ends and revokes what they have through these.
     *
     * @return false if no link of the user permits it, and nothing has changed
     */
    public boolean disconnect(String realmId, String userId) {
        return transactions.inRealm(realmId, work -> participation.optOut(work, user(work, userId)));
    }

    private static User user(Work work, String userId) {
        return work.users().byId(userId).orElseThrow(() -> new IllegalStateException("the user is gone"));
    }
}
