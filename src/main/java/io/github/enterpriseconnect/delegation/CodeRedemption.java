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
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Redeems the code of an answer with the very URL it came to, and has what it brings stored ({@link ObtainedGrants}). What
 * came of it is known to this node alone until it is written ({@link UnwrittenOutcomes}). A code whose redemption a crash
 * or an outage has left behind is found again by a sweep; while its redeemer may still come, it is not sent once more.
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
    private final UnwrittenOutcomes unwritten;
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
        this.obtained = new ObtainedGrants(transactions, dispatcher, retries, clock);
        this.unwritten = new UnwrittenOutcomes(worker);
        this.clock = clock;
    }

    /** Begins to look for what was granted and could not be stored. */
    public void start() {
        unwritten.start();
    }

    /** Tries a last time to store what was granted and could not be stored; for the end of the server. */
    public void finish() {
        unwritten.writeAll();
    }

    /** Redeems the kept code of a delegation in the background. */
    public void redeemSoon(String realmId, String delegationId) {
        worker.submitOnce(new Redeeming(delegationId), () -> redeem(realmId, delegationId));
    }

    /** What is done once at a time. */
    private record Redeeming(String delegation) {}

    private record Redeemable(AnswerStore.Answer answer, Application application) {}

    private void redeem(String realmId, String delegationId) {
        if (unwritten.writeWaiting(delegationId)) {
            return;
        }
        Instant now = clock.instant();
        Optional<Redeemable> claimed;
        try {
            claimed = transactions.claimInRealm(realmId, work -> claim(work, delegationId, now));
        } catch (RuntimeException e) {
            // Deliberately everything: whatever stands in the way of this code must not stand in that of others.
            LOG.logf(
                    e instanceof Unreadable || e instanceof Transactions.RealmGone
                            ? Logger.Level.DEBUG
                            : Logger.Level.WARN,
                    "redeeming delegation %s waits: %s",
                    delegationId,
                    e.getMessage());
            // The claim may have been committed all the same, by a database that then went away.
            unwritten.write(
                    delegationId,
                    () -> transactions.doInServer(work -> claimLater(work.removedRealm(realmId), delegationId, now)),
                    () -> {});
            return;
        }
        claimed.ifPresent(this::redeem);
    }

    private void redeem(Redeemable claimed) {
        AnswerStore.Answer answer = claimed.answer();
        Delegation asked = answer.delegation();
        Application application = claimed.application();
        Runnable outcome;
        try {
            Cronofy.Grant grant = cronofy.exchange(
                    application,
                    Cronofy.CodeKind.DELEGATION,
                    answer.code(),
                    answer.callbackUrl().reveal());
            alarms.ends(application.key());
            outcome = () -> obtained.store(new ObtainedGrants.Obtained(asked, application, grant));
        } catch (CronofyException e) {
            if (e instanceof CronofyException.NotRenewable alone) {
                obtained.giveBack(asked, application, alone);
            }
            tell(asked, e);
            outcome = () -> afterFailure(answer, e);
        }
        unwritten.write(asked.id(), outcome, () -> hold(answer));
    }

    /** Not before the user can be looked up: what has been redeemed has to be stored. */
    private Optional<Redeemable> claim(Work work, String delegationId, Instant now) {
        Optional<Application> application = work.realm().application();
        if (application.isEmpty()) {
            claimLater(work.storage(), delegationId, now);
            return Optional.empty();
        }
        return work.answers().claim(delegationId, now, now.plus(LEASE)).map(answer -> {
            work.users().byId(answer.delegation().userId());
            return new Redeemable(answer, application.get());
        });
    }

    /** So that whatever has waited for long comes rarely, and none is always the first. */
    private void claimLater(Storage storage, String delegationId, Instant now) {
        storage.delegations().byId(delegationId).ifPresent(row -> {
            Instant since = Objects.requireNonNullElse(row.askedAt(), now);
            storage.answers().claimLater(row.id(), now, retries.afterOutageSince(since, now));
        });
    }

    private void hold(AnswerStore.Answer answer) {
        Instant until = clock.instant().plus(LEASE);
        transactions.doInRealm(
                answer.delegation().link().realm(), work -> work.answers().hold(answer, until));
    }

    private void tell(Delegation asked, CronofyException failure) {
        boolean alarm = !held(failure) && alarms.begins(asked.application(), failure.reason());
        LOG.logf(
                alarm ? Logger.Level.WARN : Logger.Level.DEBUG,
                "redeeming delegation %s failed: %s",
                asked.id(),
                failure.getMessage());
    }

    private static boolean held(CronofyException failure) {
        return failure instanceof CronofyException.NotDone notDone && notDone.held();
    }

    private void afterFailure(AnswerStore.Answer answer, CronofyException failure) {
        String realm = answer.delegation().link().realm();
        try {
            transactions.doInRealm(realm, work -> afterFailure(work.answers(), answer, failure));
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("the realm of delegation %s is gone", answer.delegation().id());
        }
    }

    /**
     * A code that was refused is good for nothing: another is asked for. One that was not used up is kept, and so is one
     * of which nobody knows: sent once more, it either brings the tokens or makes Cronofy end those that got lost.
     */
    private void afterFailure(AnswerStore answers, AnswerStore.Answer answer, CronofyException failure) {
        Instant now = clock.instant();
        int failures = answer.failures() + 1;
        Instant next = retries.afterOutage(now, failures, failure.retryAfter());
        if (held(failure)) {
            answers.redeemLater(answer, now.plus(failure.retryAfter()));
        } else if (keeps(failure, failures)) {
            answers.redeemAgain(answer, failure.reason(), now, next);
        } else {
            answers.spent(answer.delegation(), failure.reason(), now, next);
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
