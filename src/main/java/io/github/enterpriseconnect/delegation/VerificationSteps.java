package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.VerificationClaim;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What happens of a verification after it has begun: the mailbox is asked for, its code is redeemed ({@link
 * VerificationRedemption}), and where no answer comes, that is the result.
 */
public final class VerificationSteps {
    private static final Logger LOG = Logger.getLogger(VerificationSteps.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(10);
    private static final Duration LEASE = Duration.ofSeconds(60);

    /** A result is there by then. */
    static final Duration ANSWER_WITHIN = Duration.ofMinutes(15);

    /** So long an answer counts that comes too late. */
    private static final Duration LATE_ANSWERS = Duration.ofHours(24);

    private static final Duration UNTIL_THE_KEY_IS_BACK = Duration.ofMinutes(1);
    private static final int SWEPT = 100;

    private final Transactions transactions;
    private final VerificationCalls calls;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;
    private final VerificationRedemption redemption;

    public VerificationSteps(
            Transactions transactions,
            VerificationCalls calls,
            RevocationDispatcher dispatcher,
            Worker worker,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.calls = calls;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
        this.redemption = new VerificationRedemption(transactions, calls, dispatcher, worker, retries, clock);
    }

    void start() {
        redemption.start();
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    void finish() {
        redemption.finish();
    }

    private void sweep() {
        transactions
                .inServer(work -> work.due().verifications(clock.instant(), SWEPT))
                .forEach(this::goOnSoon);
    }

    /** What is done once at a time on a node. */
    private record Step(LinkId link) {}

    /** Does what is due of the link's verification, in the background. */
    void goOnSoon(LinkId link) {
        worker.submitOnce(new Step(link), () -> step(link));
    }

    private void step(LinkId link) {
        Instant now = clock.instant();
        try {
            transactions
                    .claimInRealm(
                            link.realm(), work -> work.verifications().claim(link, ANSWER_WITHIN, now, now.plus(LEASE)))
                    .ifPresent(this::step);
        } catch (Unreadable key) {
            LOG.debugf("the verification of link %s waits: %s", link.name(), key.getMessage());
            transactions.doInRealm(
                    link.realm(), work -> work.verifications().putOff(link, now, now.plus(UNTIL_THE_KEY_IS_BACK)));
        } catch (Transactions.RealmGone away) {
            LOG.debugf("the verification of link %s waits: %s", link.name(), away.getMessage());
        }
    }

    private void step(VerificationClaim claimed) {
        switch (claimed.step()) {
            case ASK -> ask(claimed);
            case REDEEM -> redemption.redeem(claimed);
            case EXPIRE -> expire(claimed);
            case FORGET ->
                transactions.doInRealm(
                        claimed.link().realm(), work -> work.verifications().forget(claimed));
        }
    }

    /** With which application, and for what, the mailbox is asked for. */
    private record Way(Application application, String scope) {}

    private void ask(VerificationClaim claimed) {
        Optional<Way> way = transactions.inRealm(claimed.link().realm(), work -> way(work, claimed));
        if (way.isEmpty()) {
            return;
        }
        try {
            calls.ask(claimed, way.get().application(), way.get().scope());
        } catch (CronofyException e) {
            LOG.infof(
                    "the mailbox for link %s could not be asked for: %s",
                    claimed.link().name(), e.getMessage());
            transactions.doInRealm(claimed.link().realm(), work -> notAsked(work, claimed, e));
            return;
        }
        transactions.doInRealm(claimed.link().realm(), work -> work.verifications()
                .sent(claimed, claimed.startedAt().plus(ANSWER_WITHIN)));
    }

    /** Empty if it cannot be asked for, which is written down. */
    private Optional<Way> way(Work work, VerificationClaim claimed) {
        Optional<Reason> objection = VerificationRules.objection(work, claimed);
        if (objection.isPresent()) {
            fail(work, claimed, objection.get());
            return Optional.empty();
        }
        Link link = work.links().get(claimed.link());
        boolean stands = link.state() == Link.State.ACTIVE
                && claimed.serviceAccount().equals(link.serviceAccount())
                && link.approvedDomains().contains(claimed.mailbox().domain());
        if (!stands) {
            fail(work, claimed, Reason.LINK_NOT_ACTIVE);
            return Optional.empty();
        }
        try {
            Optional<Application> application = VerificationRules.application(work, claimed);
            if (application.isEmpty()) {
                fail(work, claimed, Reason.NOT_ENABLED);
            }
            return application.map(present -> new Way(present, WantedScope.of(work, link)));
        } catch (Unreadable secret) {
            again(work, claimed, Reason.MISCONFIGURED, Duration.ZERO);
            return Optional.empty();
        }
    }

    private void notAsked(Work work, VerificationClaim claimed, CronofyException failure) {
        if (failure.held()) {
            work.verifications()
                    .wait(claimed, later(claimed, clock.instant().plus(VerificationRedemption.pause(failure))));
        } else if (failure instanceof CronofyException.Unavailable
                || failure instanceof CronofyException.TokenNotRecognised) {
            again(work, claimed, Reason.UNAVAILABLE, failure.retryAfter());
        } else {
            fail(work, claimed, failure.reason());
        }
    }

    private void again(Work work, VerificationClaim claimed, Reason reason, Duration retryAfter) {
        Instant next = retries.afterOutage(clock.instant(), claimed.attempts() + 1, retryAfter);
        work.verifications().again(claimed, reason, later(claimed, next));
    }

    /** Not after the time by which there is to be a result. */
    private static Instant later(VerificationClaim claimed, Instant next) {
        Instant end = claimed.startedAt().plus(ANSWER_WITHIN);
        return next.isBefore(end) ? next : end;
    }

    private void fail(Work work, VerificationClaim claimed, Reason reason) {
        redemption.fail(work, claimed, reason);
    }

    private void expire(VerificationClaim claimed) {
        Instant now = clock.instant();
        Reason reason = claimed.asked() ? Reason.NO_ANSWER : Reason.UNAVAILABLE;
        LOG.infof("the verification of link %s: %s", claimed.link().name(), reason.id());
        transactions.doInRealm(claimed.link().realm(), work -> work.verifications()
                .expire(claimed, reason, now, now.plus(LATE_ANSWERS)));
        if (claimed.askedAnew()) {
            VerificationRedemption.tellLost(claimed);
        }
    }
}
