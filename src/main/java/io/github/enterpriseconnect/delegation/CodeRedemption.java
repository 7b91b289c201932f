package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Candidate;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.DirectorySilent;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.AnswerStore;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Turns the code of an answer into a stored credential: redeems it with the very URL it came to, compares the mailbox,
 * asks the gate whether the right has ended meanwhile, and stores. Whatever does not fit is dropped, and revoked unless
 * it is in use. A code whose redemption a crash or an outage has left behind is found again by a sweep.
 */
public final class CodeRedemption {
    private static final Logger LOG = Logger.getLogger(CodeRedemption.class);
    private static final Duration LEASE = Duration.ofSeconds(60);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final Worker worker;
    private final RevocationDispatcher dispatcher;
    private final Retries retries;
    private final InstantSource clock;

    public CodeRedemption(
            Transactions transactions,
            Cronofy cronofy,
            Worker worker,
            RevocationDispatcher dispatcher,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.dispatcher = dispatcher;
        this.retries = retries;
        this.clock = clock;
    }

    /** Redeems the kept code of a delegation in the background. */
    public void redeemSoon(String realmId, String delegationId) {
        worker.submitOnce(new Redeeming(delegationId), () -> redeem(realmId, delegationId));
    }

    /** What is done once at a time. */
    private record Redeeming(String delegation) {}

    private record Redeemable(AnswerStore.Answer answer, Application application) {}

    private void redeem(String realmId, String delegationId) {
        Optional<Redeemable> claimed;
        try {
            claimed = transactions.claimInRealm(realmId, work -> claim(work, delegationId));
        } catch (DirectorySilent silent) {
            LOG.debugf("redeeming delegation %s waits for the user's directory", delegationId);
            Instant next = retries.afterOutage(clock.instant(), 1, Duration.ZERO);
            transactions.doInRealm(realmId, work -> redeemLater(work, delegationId, next));
            return;
        }
        if (claimed.isEmpty()) {
            return;
        }
        Delegation delegation = claimed.get().answer().delegation();
        try {
            Application application = claimed.get().application();
            Cronofy.Grant grant = cronofy.exchange(
                    application,
                    Cronofy.CodeKind.DELEGATION,
                    claimed.get().answer().code(),
                    claimed.get().answer().callbackUrl().reveal());
            if (grant.subject() == null) {
                throw new CronofyException.Unavailable("POST /oauth/token answered without sub", Duration.ZERO);
            }
            store(delegation, application, grant, grant.subject());
        } catch (CronofyException e) {
            LOG.warnf("redeeming delegation %s failed: %s", delegation.id(), e.getMessage());
            transactions.doInRealm(realmId, work -> afterFailure(work, delegation, e));
        }
    }

    /** Not before the user can be looked up: what has been redeemed has to be stored. */
    private Optional<Redeemable> claim(Work work, String delegationId) {
        Instant now = clock.instant();
        return work.realm().application().flatMap(application -> work.answers()
                .claim(delegationId, now, now.plus(LEASE))
                .map(answer -> {
                    work.users().byId(answer.delegation().userId());
                    return new Redeemable(answer, application);
                }));
    }

    private static void redeemLater(Work work, String delegationId, Instant next) {
        work.delegations().byId(delegationId).ifPresent(delegation -> work.answers()
                .redeemLater(delegation, next));
    }

    /**
     * A code that was not used up is kept for another try. One that was sent without a known outcome is good for
     * nothing: asking anew is safe, sending it again is not.
     */
    private void afterFailure(Work work, Delegation asked, CronofyException failure) {
        AnswerStore answers = work.answers();
        Instant now = clock.instant();
        boolean kept = failure instanceof CronofyException.Misconfigured
                || (failure instanceof CronofyException.Unavailable unavailable && !unavailable.sent());
        Instant next = retries.afterOutage(now, asked.attempts(), failure.retryAfter());
        if (kept) {
            answers.redeemLater(asked, next);
        } else {
            answers.spent(asked, failure.reason(), now, next);
        }
    }

    private void store(Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        boolean dropped = transactions.inRealm(asked.link().realm(), work -> {
            Optional<Objection> objection = objection(work, asked, application, grant, subject);
            if (objection.isEmpty() && grant(work, asked, application, grant, subject)) {
                return false;
            }
            drop(work, asked, application, grant, subject, objection.orElse(Objection.byGate(Reason.USER_REMOVED)));
            return true;
        });
        if (dropped) {
            dispatcher.deliverSoon();
        }
    }

    /** @param atOnce whether another sign-in may ask again at once, since it is Keycloak's matter, not Cronofy's */
    private record Objection(Reason reason, boolean atOnce) {
        static Objection byGate(Reason reason) {
            return new Objection(reason, true);
        }
    }

    private boolean grant(Work work, Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        Link link = work.links().get(asked.link());
        boolean granted = work.delegations().grant(asked, subject, link.serviceAccount(), clock.instant());
        Credential credential = new Credential(
                application.key(), subject, asked.link().name(), asked.mailbox().address(), grant.tokens());
        if (!granted) {
            return false;
        }
        if (!work.credentials().store(asked.userId(), credential)) {
            work.delegations().end(asked.id(), Reason.USER_REMOVED, clock.instant());
            return false;
        }
        if (work.behaviour(link).notice() == Behaviour.Notice.EMAIL) {
            work.notices().order(asked.id(), clock.instant());
        }
        LOG.infof("delegation %s is granted", asked.id());
        return true;
    }

    /**
     * What has ended the right since the ask, or is wrong with the answer. What only withholds it for now does so at
     * every use, and is no reason to lose it.
     */
    private Optional<Objection> objection(
            Work work, Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        if (!Mailbox.parse(grant.profileName()).equals(Optional.of(asked.mailbox()))) {
            return Optional.of(new Objection(Reason.WRONG_PROFILE, false));
        }
        if (!work.delegations().isCurrent(asked)) {
            return Optional.of(Objection.byGate(
                    work.delegations().byId(asked.id()).map(Delegation::reason).orElse(Reason.MAILBOX_CHANGED)));
        }
        Optional<User> user = work.users().byId(asked.userId());
        if (user.isEmpty()) {
            return Optional.of(Objection.byGate(Reason.USER_REMOVED));
        }
        if (!asked.application().equals(work.links().get(asked.link()).application())) {
            return Optional.of(Objection.byGate(Reason.NOT_LINKED));
        }
        Candidate candidate = MemberCandidate.of(work, user.get(), null, clock.instant());
        Optional<Reason> ended = Gate.ended(candidate, asked);
        if (ended.isPresent()) {
            return ended.map(Objection::byGate);
        }
        boolean elsewhere = Gate.decide(candidate, Gate.Question.ASK)
                .admission()
                .filter(admission -> !admission.link().id().equals(asked.link()))
                .isPresent();
        if (elsewhere) {
            return Optional.of(Objection.byGate(Reason.MAILBOX_CHANGED));
        }
        boolean free = work.revocations().makeWay(application.key(), subject, clock.instant());
        return free ? Optional.empty() : Optional.of(Objection.byGate(Reason.UNAVAILABLE));
    }

    private void drop(
            Work work,
            Delegation asked,
            Application application,
            Cronofy.Grant grant,
            String subject,
            Objection objection) {
        LOG.warnf(
                "the answer to delegation %s was dropped: %s",
                asked.id(), objection.reason().id());
        Instant now = clock.instant();
        Instant next = objection.atOnce() ? now : retries.afterRefusal(now, asked.attempts());
        if (work.delegations().refuse(asked, objection.reason(), null, now, next)) {
            work.credentials()
                    .remove(
                            asked.userId(),
                            Delegation.State.REFUSED,
                            asked.link().name());
        }
        work.answers().forget(asked);
        work.revocations()
                .add(
                        new RevocationOrder(application, subject, grant.tokens().refreshToken()),
                        Revocation.Cause.of(asked, objection.reason()),
                        now);
    }
}
