package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.KeycloakCandidate;
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
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.revocation.Revoking;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.storage.DelegationStore;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.keycloak.models.UserModel;
import org.keycloak.storage.StorageUnavailableException;

/**
 * Turns the code of an answer into a stored credential: redeems it with the very URL it came to, compares the mailbox, asks
 * the gate whether the right has ended meanwhile, and stores. Whatever does not fit is dropped, and revoked unless it is in use. A code whose redemption
 * a crash or an outage has left behind is found again by a sweep.
 */
public final class Redemption {
    private static final Logger LOG = Logger.getLogger(Redemption.class);
    private static final Duration LEASE = Duration.ofSeconds(60);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final BackgroundWorker worker;
    private final Revoking revoking;
    private final RetrySchedule outages;
    private final RetrySchedule refusals;
    private final InstantSource clock;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    public Redemption(
            Transactions transactions,
            Cronofy cronofy,
            BackgroundWorker worker,
            Revoking revoking,
            RetrySchedule outages,
            RetrySchedule refusals,
            InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.revoking = revoking;
        this.outages = outages;
        this.refusals = refusals;
        this.clock = clock;
    }

    /** Redeems the kept code of a delegation in the background, unless that is under way on this node. */
    void redeemSoon(String realmId, String delegationId) {
        if (!underWay.add(delegationId)) {
            return;
        }
        boolean accepted = worker.submit(() -> {
            try {
                redeem(realmId, delegationId);
            } finally {
                underWay.remove(delegationId);
            }
        });
        if (!accepted) {
            underWay.remove(delegationId);
        }
    }

    private record Redeemable(DelegationStore.Answer answer, Application application) {}

    private void redeem(String realmId, String delegationId) {
        Optional<Redeemable> claimed;
        try {
            claimed = transactions.claimInRealm(realmId, work -> claim(work, delegationId));
        } catch (StorageUnavailableException directorySilent) {
            LOG.debugf("redeeming delegation %s waits for the user's directory", delegationId);
            Instant next = outages.next(clock.instant(), 1, Duration.ZERO);
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
        return RealmSettings.application(work.session(), work.realm()).flatMap(application -> work.storage()
                .delegations()
                .claimAnswer(delegationId, now, now.plus(LEASE))
                .map(answer -> {
                    work.session()
                            .users()
                            .getUserById(work.realm(), answer.delegation().userId());
                    return new Redeemable(answer, application);
                }));
    }

    private static void redeemLater(Work work, String delegationId, Instant next) {
        DelegationStore delegations = work.storage().delegations();
        delegations.byId(delegationId).ifPresent(delegation -> delegations.redeemLater(delegation, next));
    }

    /**
     * A code that was not used up is kept for another try. One that was sent without a known outcome is good for nothing:
     * asking anew is safe, sending it again is not.
     */
    private void afterFailure(Work work, Delegation asked, CronofyException failure) {
        DelegationStore delegations = work.storage().delegations();
        Instant now = clock.instant();
        boolean kept = failure instanceof CronofyException.Misconfigured
                || (failure instanceof CronofyException.Unavailable unavailable && !unavailable.sent());
        Instant next = outages.next(now, asked.attempts(), failure.retryAfter());
        if (kept) {
            delegations.redeemLater(asked, next);
        } else {
            delegations.codeSpent(asked, failure.reason(), now, next);
        }
    }

    private void store(Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        boolean dropped = transactions.inRealm(asked.link().realm(), work -> {
            Optional<Refusal> refusal = refusal(work, asked, application, grant, subject);
            if (refusal.isEmpty() && grant(work, asked, application, grant, subject)) {
                return false;
            }
            drop(work, asked, application, grant, subject, refusal.orElse(Refusal.byGate(Reason.USER_REMOVED)));
            return true;
        });
        if (dropped) {
            revoking.deliverSoon();
        }
    }

    /** @param atOnce whether another sign-in may ask again at once, since it is Keycloak's matter, not Cronofy's */
    private record Refusal(Reason reason, boolean atOnce) {
        static Refusal byGate(Reason reason) {
            return new Refusal(reason, true);
        }
    }

    private boolean grant(Work work, Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        Link link = work.storage().links().get(asked.link());
        boolean granted = work.storage().delegations().grant(asked, subject, link.serviceAccount(), clock.instant());
        Credential credential = new Credential(
                application.key(), subject, asked.link().name(), asked.mailbox().address(), grant.tokens());
        if (!granted) {
            return false;
        }
        if (!work.storage().credentials().store(asked.userId(), credential)) {
            work.storage().delegations().end(asked.id(), Reason.USER_REMOVED, clock.instant());
            return false;
        }
        Behaviour behaviour = link.policy().behaviour().over(BehaviourDefaults.of(work.realm()));
        if (behaviour.notice() == Behaviour.Notice.EMAIL) {
            work.storage().notices().order(asked.id(), clock.instant());
        }
        LOG.infof("delegation %s is granted", asked.id());
        return true;
    }

    /**
     * What has ended the right since the ask, or is wrong with the answer. What only withholds it for now does so at every
     * use, and is no reason to lose it.
     */
    private Optional<Refusal> refusal(
            Work work, Delegation asked, Application application, Cronofy.Grant grant, String subject) {
        if (!Mailbox.parse(grant.profileName()).equals(Optional.of(asked.mailbox()))) {
            return Optional.of(new Refusal(Reason.WRONG_PROFILE, false));
        }
        if (!work.storage().delegations().isCurrent(asked)) {
            return Optional.of(Refusal.byGate(work.storage()
                    .delegations()
                    .byId(asked.id())
                    .map(Delegation::reason)
                    .orElse(Reason.MAILBOX_CHANGED)));
        }
        UserModel user = work.session().users().getUserById(work.realm(), asked.userId());
        if (user == null) {
            return Optional.of(Refusal.byGate(Reason.USER_REMOVED));
        }
        if (!asked.application().equals(work.storage().links().get(asked.link()).application())) {
            return Optional.of(Refusal.byGate(Reason.NOT_LINKED));
        }
        Candidate candidate = KeycloakCandidate.of(work, user, null, clock.instant());
        Optional<Reason> ended = Gate.ended(candidate, asked);
        if (ended.isPresent()) {
            return ended.map(Refusal::byGate);
        }
        boolean elsewhere = Gate.decide(candidate, Gate.Question.ASK)
                .admission()
                .filter(admission -> !admission.link().id().equals(asked.link()))
                .isPresent();
        if (elsewhere) {
            return Optional.of(Refusal.byGate(Reason.MAILBOX_CHANGED));
        }
        boolean free = work.storage().revocations().makeWay(application.key(), subject, clock.instant());
        return free ? Optional.empty() : Optional.of(Refusal.byGate(Reason.UNAVAILABLE));
    }

    private void drop(
            Work work,
            Delegation asked,
            Application application,
            Cronofy.Grant grant,
            String subject,
            Refusal refusal) {
        LOG.warnf(
                "the answer to delegation %s was dropped: %s",
                asked.id(), refusal.reason().id());
        Instant now = clock.instant();
        Instant next = refusal.atOnce() ? now : refusals.next(now, asked.attempts(), Duration.ZERO);
        if (work.storage().delegations().refuse(asked, refusal.reason(), null, now, next)) {
            work.storage()
                    .credentials()
                    .remove(
                            asked.userId(),
                            Delegation.State.REFUSED,
                            asked.link().name());
        }
        work.storage().delegations().forgetAnswer(asked);
        work.storage()
                .revocations()
                .add(
                        new RevocationOrder(application, subject, grant.tokens().refreshToken()),
                        Revocation.Cause.of(asked, refusal.reason()),
                        now);
    }
}
