package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.AnswerStore;
import io.github.enterpriseconnect.storage.AnsweredAsk;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** So many are looked at for each round; what is left stands in the next. */
    private static final int ROUND = 1_000;

    /** A code that is about to end would not arrive in time. */
    private static final Duration TOO_OLD = AnswerStore.CODE_LIVES.minusSeconds(10);

    private static final Duration A_MOMENT = Duration.ofMillis(10);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final RequestBudget budget;
    private final Worker worker;
    private final Retries retries;
    private final ObtainedGrants obtained;
    private final InstantSource clock;
    private final Alarms alarms = new Alarms();
    private final FairTurns turns = new FairTurns();

    public CodeRedemption(
            Transactions transactions,
            Cronofy cronofy,
            RequestBudget budget,
            Worker worker,
            RevocationDispatcher dispatcher,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.budget = budget;
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

    /** Redeems the codes that are kept, in the background, as many as there is room for. */
    public void redeemSoon() {
        worker.submitOnce(CodeRedemption.class, this::redeemDue);
    }

    private record Redeemable(AnswerStore.Answer answer, Application application) {}

    private void redeemDue() {
        Instant now = clock.instant();
        List<AnsweredAsk> due =
                transactions.inServer(work -> work.due().asks().unredeemed(now, now.minus(FairTurns.LONG), ROUND));
        Map<String, List<AnsweredAsk>> byRealm = new LinkedHashMap<>();
        due.forEach(ask -> byRealm.computeIfAbsent(ask.link().realm(), realm -> new ArrayList<>())
                .add(ask));
        Map<Application, List<AnsweredAsk>> byApplication = new LinkedHashMap<>();
        byRealm.forEach(
                (realm, some) -> worker.attempt(() -> application(realm, some).ifPresent(application -> byApplication
                        .computeIfAbsent(application, key -> new ArrayList<>())
                        .addAll(some))));
        boolean left = false;
        for (Map.Entry<Application, List<AnsweredAsk>> some : byApplication.entrySet()) {
            left |= !redeem(some.getKey(), some.getValue());
        }
        if (left) {
            worker.submitLater(budget.untilNextSecond().plus(A_MOMENT), this::redeemSoon, () -> {});
        }
    }

    /** Empty if the realm has none, and then its codes wait, or die. */
    private Optional<Application> application(String realm, List<AnsweredAsk> codes) {
        try {
            return transactions.inRealm(realm, work -> work.realm().application());
        } catch (Unreadable now) {
            LOG.debugf("redeeming %d codes of realm %s waits: %s", codes.size(), realm, now.getMessage());
            Instant next = retries.afterOutage(clock.instant(), 1, Duration.ZERO);
            codes.forEach(code -> transactions.doInRealm(realm, work -> redeemLater(work, code.delegation(), next)));
            return Optional.empty();
        }
    }

    /** @return whether there was room for all */
    private boolean redeem(Application application, List<AnsweredAsk> some) {
        List<FairTurns.Turn> codes = turns.order(some, clock.instant());
        int crowd = (int) codes.stream().filter(FairTurns.Turn::crowd).count();
        int most = budget.limits().perSecond();
        int room = budget.reserve(application, Purpose.REDEMPTION, Math.min(most, codes.size() - crowd));
        if (room == codes.size() - crowd) {
            room = budget.reserve(application, Purpose.CROWD, Math.min(most, codes.size()));
        }
        for (FairTurns.Turn code : codes) {
            if (room == 0) {
                return false;
            }
            if (begin(code.ask(), application)) {
                room--;
            }
        }
        return true;
    }

    /** @return whether a request is to be sent for it */
    private boolean begin(AnsweredAsk ask, Application application) {
        String realmId = ask.link().realm();
        if (obtained.storeWaiting(ask.delegation())) {
            return false;
        }
        Optional<Redeemable> claimed;
        try {
            claimed = transactions.claimInRealm(realmId, work -> claim(work, ask.delegation(), application));
        } catch (Unreadable now) {
            LOG.debugf("redeeming delegation %s waits: %s", ask.delegation(), now.getMessage());
            Instant next = retries.afterOutage(clock.instant(), 1, Duration.ZERO);
            transactions.doInRealm(realmId, work -> redeemLater(work, ask.delegation(), next));
            return false;
        }
        claimed.ifPresent(code -> {
            turns.note(ask.link(), clock.instant());
            Runnable redeeming = () -> redeem(realmId, code);
            if (!worker.submit(redeeming)) {
                redeeming.run();
            }
        });
        return claimed.isPresent();
    }

    private void redeem(String realmId, Redeemable claimed) {
        AnswerStore.Answer answer = claimed.answer();
        Application application = claimed.application();
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
    private Optional<Redeemable> claim(Work work, String delegationId, Application application) {
        Instant now = clock.instant();
        Optional<AnswerStore.Answer> claimed = work.answers().claim(delegationId, now, now.plus(LEASE));
        if (claimed.filter(answer -> tooOld(answer, now)).isPresent()) {
            AnswerStore.Answer old = claimed.get();
            Delegation asked = old.delegation();
            LOG.debugf("the code of delegation %s is too old to be sent", asked.id());
            Instant next = old.failures() == 0 ? now : retries.afterSilence(now, asked.attempts());
            work.answers().spent(asked, Reason.UNAVAILABLE, now, next);
            return Optional.empty();
        }
        return claimed.map(answer -> {
            work.users().byId(answer.delegation().userId());
            return new Redeemable(answer, application);
        });
    }

    /** One that may have been used up is sent all the same: Cronofy ends then what it stood for. */
    private static boolean tooOld(AnswerStore.Answer answer, Instant now) {
        return !answer.doubtful() && !now.isBefore(answer.answeredAt().plus(TOO_OLD));
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
        if (failure instanceof CronofyException.Unavailable && !(failure instanceof CronofyException.NotDone)) {
            work.answers().doubt(asked);
        }
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
            return true;
        }
        return failure instanceof CronofyException.Unavailable
                && !(failure instanceof CronofyException.NotRenewable)
                && failures < MOST_UNKNOWN;
    }
}
