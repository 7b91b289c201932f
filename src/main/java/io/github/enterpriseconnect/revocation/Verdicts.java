package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.candidate.MemberLook;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.Looks;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Looks whether rights have ended, by what Keycloak, its directories and our tables say now; changes nothing
 * but what is remembered of whom a link denies, and of calendar names.
 */
final class Verdicts {
    private static final Logger LOG = Logger.getLogger(Verdicts.class);

    /** No client asks, and none has this name. */
    private static final String NO_CLIENT = " ";

    private final LinkSnapshots snapshots;
    private final InstantSource clock;

    Verdicts(LinkSnapshots snapshots, InstantSource clock) {
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /**
     * Looks past the user cache, with one statement of ours.
     *
     * @throws RuntimeException the database has failed, and with it all that was read before
     */
    Verdict on(Work work, Looks.Due due) {
        Delegation delegation = due.delegation();
        if (!delegation.live() && !delegation.denied()) {
            return Verdict.of(due, Verdict.Outcome.OVER);
        }
        try {
            Optional<User> user = work.users().uncached(delegation.userId());
            Verdict found = delegation.live() ? lookAtLive(work, due, user) : lookAtDenied(work, due, user);
            if (found.outcome() == Verdict.Outcome.ENDED) {
                // What the user cache knows of them would have them delegated again.
                work.users().forgetCached(delegation.userId());
            }
            return found;
        } catch (RuntimeException e) {
            // Directories fail in ways of their own; one that cannot be asked says nothing about its users.
            if (DatabaseFailure.behind(e)) {
                throw e;
            }
            LOG.debugf(e, "delegation %s could not be examined", delegation.id());
            return Verdict.of(due, Verdict.Outcome.UNREAD);
        }
    }

    private MemberLook look(Work work, User user) {
        return MemberLook.at(work, user, null, NO_CLIENT, snapshots, clock.instant());
    }

    private Verdict lookAtLive(Work work, Looks.Due due, Optional<User> found) {
        Delegation delegation = due.delegation();
        if (found.isEmpty()) {
            return Verdict.of(due, ofLink(work, delegation) ? Verdict.Outcome.LEFT : Verdict.Outcome.ENDED);
        }
        User user = found.get();
        MemberLook look = look(work, user);
        MemberCandidate candidate = look.candidate();
        look.noteNames(clock.instant());
        Optional<Reason> loss = Gate.ended(candidate, delegation);
        if (loss.isPresent()) {
            if (doubtful(work, delegation, user, loss.get())) {
                return new Verdict(due, Verdict.Outcome.DOUBTFUL, Optional.ofNullable(delegation.source()));
            }
            return Verdict.of(due, ofLink(work, delegation) ? Verdict.Outcome.LEFT : Verdict.Outcome.ENDED);
        }
        if (keyLost(delegation)) {
            return Verdict.of(due, opens(work, delegation) ? Verdict.Outcome.OPENS_AGAIN : Verdict.Outcome.UNREAD);
        }
        return Gate.decide(candidate, Gate.Question.USE).withheld()
                ? Verdict.of(due, Verdict.Outcome.UNREAD)
                : new Verdict(due, Verdict.Outcome.STANDS, user.source());
    }

    /** Whoever was denied stays so; it is only asked whether the directory still can tell. */
    private Verdict lookAtDenied(Work work, Looks.Due due, Optional<User> user) {
        if (user.isEmpty()) {
            return Verdict.of(due, Verdict.Outcome.OVER);
        }
        MemberCandidate candidate = look(work, user.get()).candidate();
        Denials.note(work, user.get(), candidate);
        Gate.Decision decision = Gate.decide(candidate, Gate.Question.USE);
        if (!decision.withheld()) {
            boolean over = decision.allowed() || user.get().source().isEmpty();
            return Verdict.of(due, over ? Verdict.Outcome.OVER : Verdict.Outcome.LEFT);
        }
        return decision.reason() == Reason.DIRECTORY_CHANGED
                ? new Verdict(due, Verdict.Outcome.DOUBTFUL, user.get().source())
                : Verdict.of(due, Verdict.Outcome.UNREAD);
    }

    /**
     * Why the delegation has ended by what Keycloak says now; empty if it stands, is withheld, or is doubtful.
     *
     * @throws Unreadable nobody can tell
     */
    Optional<Reason> ended(Work work, Delegation delegation) {
        Optional<User> user = work.users().byId(delegation.userId());
        Optional<Reason> reason = user.isEmpty()
                ? Optional.of(Reason.USER_REMOVED)
                : Gate.ended(MemberCandidate.of(work, user.get(), null, clock.instant()), delegation)
                        .filter(loss -> !doubtful(work, delegation, user.get(), loss));
        return reason.filter(why -> !ofLink(work, delegation));
    }

    private static boolean doubtful(Work work, Delegation delegation, User user, Reason loss) {
        return delegation.doubtful(
                user, loss, work.links().get(delegation.link()).policy());
    }

    /**
     * Whether it is left to the end of its link, which has ended or is about to since its organization is gone: the service
     * account takes it along.
     */
    private static boolean ofLink(Work work, Delegation delegation) {
        return !work.links().get(delegation.link()).linked()
                || !work.changes().organizationRemoved(delegation.link()).isEmpty();
    }

    private static boolean keyLost(Delegation delegation) {
        return delegation.state() == Delegation.State.REVOKED && delegation.reason() == Reason.CREDENTIAL_UNREADABLE;
    }

    /** Whether the tokens that were lost with their key can be read again. */
    static boolean opens(Work work, Delegation delegation) {
        try {
            return work.credentials()
                    .found(delegation.userId())
                    .filter(credential -> credential.subject().equals(delegation.subject())
                            && credential.application().equals(delegation.application())
                            && credential.mailbox().equals(delegation.mailbox().address()))
                    .isPresent();
        } catch (Unreadable away) {
            return false;
        }
    }
}
