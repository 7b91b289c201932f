package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.AnswerStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Redeems the code of an answer with the very URL it came to, and has what it brings stored ({@link ObtainedGrants}). A
 * code whose redemption a crash or an outage has left behind is found again by a sweep.
 */
public final class CodeRedemption {
    private static final Logger LOG = Logger.getLogger(CodeRedemption.class);
    private static final Duration LEASE = Duration.ofSeconds(60);

    /** So often a code is sent whose outcome nobody knows; another ask is the better way then. */
    private static final int MOST_UNKNOWN = 5;

    /** Some hours: no code lives for longer, even if what is wrong is put right. */
    private static final int MOST_MISCONFIGURED = 40;

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final Worker worker;
    private final Retries retries;
    private final ObtainedGrants obtained;
    private final InstantSource clock;
    private final Alarms alarms = new Alarms();

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
        this.retries = retries;
        this.obtained = new ObtainedGrants(transactions, worker, dispatcher, retries, clock);
        this.clock = clock;
    }

    /** Begins to look for what was granted and could not be stored. */
    public void start() {
        obtained.start();
    }

    /** Tries a last time to store what was granted and could not be stored; for the end of the server. */
    public void finish() {
        obtained.storeWaiting();
    }

    /** Redeems the kept code of a delegation in the background. */
    public void redeemSoon(String realmId, String delegationId) {
        worker.submitOnce(new Redeeming(delegationId), () -> redeem(realmId, delegationId));
    }

    /** What is done once at a time. */
    private record Redeeming(String delegation) {}

    private record Redeemable(AnswerStore.Answer answer, Application application) {}

    private void redeem(String realmId, String delegationId) {
        if (obtained.storeWaiting(delegationId)) {
            return;
        }
        Optional<Redeemable> claimed;
        try {
            claimed = transactions.claimInRealm(realmId, work -> claim(work, delegationId));
        } catch (Unreadable now) {
            LOG.debugf("redeeming delegation %s waits: %s", delegationId, now.getMessage());
            Instant next = retries.afterOutage(clock.instant(), 1, Duration.ZERO);
            transactions.doInRealm(realmId, work -> redeemLater(work, delegationId, next));
            return;
        }
        if (claimed.isEmpty()) {
            return;
        }
        AnswerStore.Answer answer = claimed.get().answer();
        Application application = claimed.get().application();
        Cronofy.Grant grant;
        try {
            grant = cronofy.exchange(
                    application,
                    Cronofy.CodeKind.DELEGATION,
                    answer.code(),
                    answer.callbackUrl().reveal());
        } catch (CronofyException e) {
            if (e instanceof CronofyException.NotRenewable alone) {
                obtained.giveBack(answer.delegation(), application, alone);
            }
            transactions.doInRealm(realmId, work -> afterFailure(work, answer, e));
            return;
        }
        alarms.ends(application.key());
        obtained.store(new ObtainedGrants.Obtained(answer.delegation(), application, grant));
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
     * A code that was refused is good for nothing: another is asked for. One that was not used up is kept, and so is one
     * of which nobody knows: sent once more, it either brings the tokens or makes Cronofy end those that got lost.
     */
    private void afterFailure(Work work, AnswerStore.Answer answer, CronofyException failure) {
        Delegation asked = answer.delegation();
        Instant now = clock.instant();
        if (failure instanceof CronofyException.NotDone notDone && notDone.held()) {
            LOG.debugf("redeeming delegation %s waits: %s", asked.id(), failure.getMessage());
            work.answers().redeemLater(asked, now.plus(failure.retryAfter()));
            return;
        }
        int failures = answer.failures() + 1;
        LOG.logf(
                alarms.begins(asked.application(), failure.reason()) ? Logger.Level.WARN : Logger.Level.DEBUG,
                "redeeming delegation %s failed: %s",
                asked.id(),
                failure.getMessage());
        Instant next = retries.afterOutage(now, failures, failure.retryAfter());
        if (keeps(failure, failures)) {
            work.answers().redeemAgain(asked, failure.reason(), now, next);
        } else {
            work.answers().spent(asked, failure.reason(), now, next);
        }
    }

    private static boolean keeps(CronofyException failure, int failures) {
        if (failure instanceof CronofyException.NotDone) {
            return true;
        }
        if (failure instanceof CronofyException.Misconfigured) {
            return failures < MOST_MISCONFIGURED;
        }
        return failure instanceof CronofyException.Unavailable
                && !(failure instanceof CronofyException.NotRenewable)
                && failures < MOST_UNKNOWN;
    }
}
