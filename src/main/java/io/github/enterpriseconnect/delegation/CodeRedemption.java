package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.AnswerStore;
import io.github.enterpriseconnect.storage.AnsweredAsk;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;

/**
 * Redeems the code of an answer with the very URL it came to, and has what it brings stored ({@link ObtainedGrants}). What
 * came of it is known to this node alone until it is written ({@link UnwrittenOutcomes}). A code whose redemption a crash
 * or an outage has left behind is found again by a sweep; while its redeemer may still come, it is not sent once more.
 */
public final class CodeRedemption {
    private static final Logger LOG = Logger.getLogger(CodeRedemption.class);
    private static final Duration LEASE = Duration.ofSeconds(60);

    /** It is sent by then or not by this claim, so that the answer comes well before the claim ends. */
    private static final Duration SENT_WITHIN = LEASE.dividedBy(2);

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
    private final FailedRedemptions failed;
    private final UnwrittenOutcomes unwritten;
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
        this.obtained = new ObtainedGrants(transactions, dispatcher, retries, clock);
        this.failed = new FailedRedemptions(transactions, retries, clock);
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

    /** Redeems the codes that are kept, in the background, as many as there is room for. */
    public void redeemSoon() {
        worker.submitOnce(CodeRedemption.class, this::redeemDue);
    }

    private record Redeemable(AnswerStore.Answer answer, Application application, boolean lookedUp) {}

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

    /** Empty if the realm has none, or nobody can tell, and then its codes wait, or die. */
    private Optional<Application> application(String realm, List<AnsweredAsk> codes) {
        Instant now = clock.instant();
        Optional<Application> application;
        try {
            application = transactions.inRealm(realm, work -> work.realm().application());
        } catch (Unreadable | Transactions.RealmGone away) {
            LOG.debugf("redeeming %d codes of realm %s waits: %s", codes.size(), realm, away.getMessage());
            application = Optional.empty();
        }
        if (application.isEmpty()) {
            codes.forEach(code ->
                    transactions.doInServer(work -> claimLater(work.removedRealm(realm), code.delegation(), now)));
        }
        return application;
    }

    /** @return whether there was room for all */
    private boolean redeem(Application application, List<AnsweredAsk> some) {
        List<FairTurns.Turn> codes = turns.order(some, clock.instant());
        int room = turns.reserve(budget, application, codes);
        for (FairTurns.Turn code : codes) {
            if (room == 0) {
                return false;
            }
            if (begin(code, application)) {
                room--;
            }
        }
        return true;
    }

    /** @return whether a request is to be sent for it */
    private boolean begin(FairTurns.Turn turn, Application application) {
        AnsweredAsk ask = turn.ask();
        String delegationId = ask.delegation();
        String realmId = ask.link().realm();
        if (unwritten.writeWaiting(delegationId)) {
            return false;
        }
        Instant now = clock.instant();
        Optional<Redeemable> claimed;
        try {
            claimed = transactions.claimInRealm(realmId, work -> claim(work, delegationId, application, now));
        } catch (RuntimeException e) {
            // Deliberately everything: what stands in the way of this code must not stand in that of others. The claim
            // may have been committed all the same, by a database that then went away.
            tell(delegationId, e);
            comeBack(realmId, delegationId, now);
            return false;
        }
        claimed.ifPresent(code -> {
            turns.note(turn, now);
            if (worker.submit(() -> redeem(code))) {
                return;
            }
            if (code.lookedUp()) {
                redeem(code);
            } else {
                // Not here, where all others would wait with it for a directory.
                comeBack(realmId, delegationId, now);
            }
        });
        return claimed.isPresent();
    }

    private void redeem(Redeemable claimed) {
        AnswerStore.Answer answer = claimed.answer();
        Delegation asked = answer.delegation();
        if ((!claimed.lookedUp() && !lookUp(asked))
                || !clock.instant().isBefore(answer.claimedAt().plus(SENT_WITHIN))) {
            comeBack(asked.link().realm(), asked.id(), answer.claimedAt());
            return;
        }
        Application application = claimed.application();
        Runnable outcome;
        try {
            Cronofy.Grant grant = cronofy.exchange(
                    application,
                    Cronofy.CodeKind.DELEGATION,
                    answer.code(),
                    answer.callbackUrl().reveal());
            alarms.ends(application.key());
            outcome = () -> obtained.store(new Obtained(asked, application, grant, answer.claimedAt()));
        } catch (CronofyException e) {
            if (e instanceof CronofyException.NotRenewable alone) {
                obtained.giveBack(asked, application, alone);
            }
            tell(asked, e);
            outcome = () -> failed.note(answer, e);
        }
        unwritten.write(asked.id(), outcome, () -> hold(answer));
    }

    /** @return whether what is redeemed can be stored */
    private boolean lookUp(Delegation asked) {
        try {
            obtained.lookUp(asked);
            return true;
        } catch (RuntimeException e) {
            // Deliberately everything, as above.
            tell(asked.id(), e);
            return false;
        }
    }

    private static void tell(String delegation, RuntimeException failure) {
        boolean away = failure instanceof Unreadable || failure instanceof Transactions.RealmGone;
        LOG.logf(
                away ? Level.DEBUG : Level.WARN, "redeeming delegation %s waits: %s", delegation, failure.getMessage());
    }

    /** Nothing was sent by this claim. */
    private void comeBack(String realm, String delegation, Instant claimedAt) {
        unwritten.write(
                delegation,
                () -> transactions.doInServer(work -> claimLater(work.removedRealm(realm), delegation, claimedAt)),
                () -> {});
    }

    private Optional<Redeemable> claim(Work work, String delegationId, Application application, Instant now) {
        Optional<AnswerStore.Answer> claimed = work.answers().claim(delegationId, now, now.plus(LEASE));
        if (claimed.filter(answer -> tooOld(answer, now)).isPresent()) {
            AnswerStore.Answer old = claimed.get();
            Delegation asked = old.delegation();
            LOG.debugf("the code of delegation %s is too old to be sent", asked.id());
            Instant next = old.failures() == 0 ? now : retries.afterSilence(now, asked.attempts());
            work.answers().spent(asked, Reason.UNAVAILABLE, now, next);
            return Optional.empty();
        }
        return claimed.map(
                answer -> new Redeemable(answer, application, obtained.lookUpHere(work, answer.delegation())));
    }

    /** One that may have been used up is sent all the same: Cronofy ends then what it stood for. */
    private static boolean tooOld(AnswerStore.Answer answer, Instant now) {
        return !answer.doubtful() && !now.isBefore(answer.answeredAt().plus(TOO_OLD));
    }

    /** So that whatever has waited for long comes rarely, and none is always the first. */
    private void claimLater(Storage storage, String delegationId, Instant claimedAt) {
        Instant now = clock.instant();
        storage.answers().byId(delegationId).ifPresent(row -> {
            Instant since = Objects.requireNonNullElse(row.askedAt(), now);
            storage.answers().claimLater(row.id(), claimedAt, retries.afterOutageSince(since, now));
        });
    }

    private void hold(AnswerStore.Answer answer) {
        Instant until = clock.instant().plus(LEASE);
        transactions.doInRealm(
                answer.delegation().link().realm(), work -> work.answers().hold(answer, until));
    }

    private void tell(Delegation asked, CronofyException failure) {
        boolean alarm = !failure.held() && alarms.begins(asked.application(), failure.reason());
        LOG.logf(
                alarm ? Level.WARN : Level.DEBUG,
                "redeeming delegation %s failed: %s",
                asked.id(),
                failure.getMessage());
    }
}
