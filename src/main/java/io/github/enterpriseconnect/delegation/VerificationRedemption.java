package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.Verification.Result;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.VerificationClaim;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Redeems the code of a mailbox that proves a link, and orders what it brings to be revoked in the transaction that writes
 * the result down: nothing of it is stored or served. Cronofy's account of a mailbox is one and the same for everybody: what
 * a living delegation holds is kept, and its tokens renewed, and what a member is about to be granted is waited for, which
 * whoever delivers revocations sees to.
 */
final class VerificationRedemption {
    private static final Logger LOG = Logger.getLogger(VerificationRedemption.class);
    private static final Duration A_MOMENT = Duration.ofSeconds(1);
    private static final Duration LEASE = Duration.ofSeconds(60);

    private static final int MOST_REDEMPTIONS = 5;

    private final Transactions transactions;
    private final VerificationCalls calls;
    private final RevocationDispatcher dispatcher;
    private final Retries retries;
    private final InstantSource clock;
    private final UnwrittenOutcomes unwritten;

    VerificationRedemption(
            Transactions transactions,
            VerificationCalls calls,
            RevocationDispatcher dispatcher,
            Worker worker,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.calls = calls;
        this.dispatcher = dispatcher;
        this.retries = retries;
        this.clock = clock;
        this.unwritten = new UnwrittenOutcomes(worker);
    }

    void start() {
        unwritten.start();
    }

    void finish() {
        unwritten.writeAll();
    }

    static Duration pause(CronofyException failure) {
        return failure.retryAfter().compareTo(A_MOMENT) > 0 ? failure.retryAfter() : A_MOMENT;
    }

    /** Writes down that it has come to nothing. */
    void fail(Work work, VerificationClaim claimed, Reason reason) {
        work.verifications().fail(claimed, reason, clock.instant());
        LOG.infof("the verification of link %s failed: %s", claimed.link().name(), reason.id());
        if (claimed.doubtful() || claimed.askedAnew()) {
            tellLost(claimed);
        }
    }

    /** What cannot be revoked from here, since nobody knows whose account it is. */
    static void tellLost(VerificationClaim claimed) {
        LOG.errorf(
                "what the mailbox for link %s was opened with got lost and may be alive; revoke it in Cronofy's dashboard",
                claimed.link().name());
    }

    void redeem(VerificationClaim claimed) {
        if (unwritten.writeWaiting(claimed.run())) {
            return;
        }
        Optional<Application> application;
        try {
            application = transactions.inRealm(claimed.link().realm(), work -> {
                Optional<Application> present = VerificationRules.application(work, claimed);
                if (present.isPresent() && claimed.doubtful()) {
                    // What it has brought is alive, whatever has come up since, and is to be revoked.
                    return present;
                }
                Optional<Reason> objection = present.isEmpty()
                        ? Optional.of(Reason.NOT_ENABLED)
                        : VerificationRules.objection(work, claimed);
                objection.ifPresent(reason -> fail(work, claimed, reason));
                return present.filter(unused -> objection.isEmpty());
            });
        } catch (Unreadable secret) {
            transactions.doInRealm(claimed.link().realm(), work -> work.verifications()
                    .again(
                            claimed,
                            Reason.MISCONFIGURED,
                            retries.afterOutage(clock.instant(), claimed.attempts() + 1, Duration.ZERO)));
            return;
        }
        application.ifPresent(present -> redeem(claimed, present));
    }

    private void redeem(VerificationClaim claimed, Application application) {
        Runnable outcome;
        try {
            Cronofy.Grant grant = calls.exchange(claimed, application);
            outcome = () -> record(claimed, application, grant);
        } catch (CronofyException e) {
            if (e instanceof CronofyException.NotRenewable alone) {
                dispatcher.order(order(claimed, application, alone.subject(), alone.accessToken()), cause(claimed));
            }
            LOG.infof(
                    "the mailbox for link %s could not be opened: %s",
                    claimed.link().name(), e.getMessage());
            outcome = () -> transactions.doInRealm(claimed.link().realm(), work -> notRedeemed(work, claimed, e));
        }
        unwritten.write(claimed.run(), outcome, () -> hold(claimed));
        dispatcher.deliverSoon();
    }

    /** Nobody else sends the code while what came of it is known here alone. */
    private void hold(VerificationClaim claimed) {
        Instant until = clock.instant().plus(LEASE);
        transactions.doInRealm(
                claimed.link().realm(), work -> work.verifications().hold(claimed, until));
    }

    /**
     * A code of which nobody knows whether it was used up is sent once more. If it was, what it brought is alive at Cronofy
     * and nobody knows whose account it is: then the mailbox is asked for once more, which tells, and all of it is revoked.
     */
    private void notRedeemed(Work work, VerificationClaim claimed, CronofyException failure) {
        Instant now = clock.instant();
        boolean passes = failure instanceof CronofyException.Unavailable
                && !(failure instanceof CronofyException.NotRenewable)
                && claimed.attempts() + 1 < MOST_REDEMPTIONS;
        if (failure.held()) {
            work.verifications().wait(claimed, now.plus(pause(failure)));
        } else if (passes) {
            Instant next = retries.afterOutage(now, claimed.attempts() + 1, failure.retryAfter());
            work.verifications().again(claimed, Reason.UNAVAILABLE, next);
        } else if (claimed.doubtful() && !claimed.askedAnew()) {
            LOG.warnf(
                    "what the mailbox for link %s was opened with got lost; it is asked for once more, to be revoked",
                    claimed.link().name());
            VerificationCalls.Callback callback =
                    calls.callback(work, work.links().get(claimed.link()));
            work.verifications().askAnew(claimed, callback.ticketHash(), callback.url(), now);
        } else {
            boolean codeGone = failure.reason() == Reason.AUTHORIZATION_GONE;
            fail(work, claimed, codeGone ? Reason.UNAVAILABLE : failure.reason());
        }
    }

    /** The result, and with it the end of what was granted: whoever could write the one has written the other. */
    private void record(VerificationClaim claimed, Application application, Cronofy.Grant grant) {
        boolean opened = Mailbox.parse(grant.profileName()).equals(Optional.of(claimed.mailbox()));
        RevocationOrder order =
                order(claimed, application, grant.subject(), grant.tokens().refreshToken());
        try {
            transactions.doInRealm(claimed.link().realm(), work -> {
                Instant now = clock.instant();
                Result result = opened ? Result.PROVEN : Result.FAILED;
                work.verifications().opened(claimed, result, opened ? null : Reason.WRONG_PROFILE, now);
                LOG.infof("the verification of link %s: %s", claimed.link().name(), result.id());
                work.revocations().add(order, cause(claimed), now);
            });
        } catch (Transactions.RealmGone gone) {
            transactions.doInServer(work -> work.revocations().add(order, cause(claimed), clock.instant()));
        }
    }

    private static RevocationOrder order(
            VerificationClaim claimed, Application application, @Nullable String subject, Secret token) {
        return new RevocationOrder(
                application, subject == null ? RevocationOrder.unnamed(claimed.run()) : subject, token);
    }

    private static Revocation.Cause cause(VerificationClaim claimed) {
        return new Revocation.Cause(
                claimed.link().realm(), claimed.link().name(), null, claimed.mailbox(), Reason.VERIFICATION);
    }
}
