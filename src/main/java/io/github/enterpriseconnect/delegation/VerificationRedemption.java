package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
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
import io.github.enterpriseconnect.storage.VerificationStore.Claimed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Redeems the code of a mailbox that proves a link, and orders what it brings to be revoked in the transaction that writes
 * the result down: nothing of it is stored or served. Cronofy's account of a mailbox is one and the same for everybody: what
 * a living delegation holds is kept, which whoever delivers revocations sees to.
 */
final class VerificationRedemption {
    private static final Logger LOG = Logger.getLogger(VerificationRedemption.class);
    private static final Duration A_MOMENT = Duration.ofSeconds(1);

    /** So long an ask for a member is likely to be answered, whose right would be the same as what is revoked here. */
    private static final Duration MEMBERS_ANSWER = Duration.ofMinutes(2);

    private static final int MOST_REDEMPTIONS = 5;

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final RevocationDispatcher dispatcher;
    private final Retries retries;
    private final InstantSource clock;
    private final UnwrittenOutcomes unwritten;

    VerificationRedemption(
            Transactions transactions,
            Cronofy cronofy,
            RevocationDispatcher dispatcher,
            Worker worker,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
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

    /** The application that the mailbox was asked for with; empty if the realm has another one, or none. */
    static Optional<Application> application(Work work, Claimed claimed) {
        return work.realm().application().filter(present -> present.key().equals(claimed.application()));
    }

    static Duration pause(CronofyException failure) {
        return failure.retryAfter().compareTo(A_MOMENT) > 0 ? failure.retryAfter() : A_MOMENT;
    }

    /** Writes the result down. */
    void end(Work work, Claimed claimed, Result result, @Nullable Reason reason) {
        work.verifications().end(claimed, result, reason, null, clock.instant());
        LOG.infof(
                "the verification of link %s: %s%s",
                claimed.link().name(), result.id(), reason == null ? "" : ", " + reason.id());
    }

    void redeem(Claimed claimed) {
        if (unwritten.writeWaiting(claimed.run())) {
            return;
        }
        Optional<Application> application;
        try {
            application = transactions.inRealm(claimed.link().realm(), work -> application(work, claimed));
        } catch (Unreadable secret) {
            transactions.doInRealm(claimed.link().realm(), work -> work.verifications()
                    .again(
                            claimed,
                            Reason.MISCONFIGURED,
                            retries.afterOutage(clock.instant(), claimed.attempts() + 1, Duration.ZERO)));
            return;
        }
        if (application.isEmpty()) {
            transactions.doInRealm(
                    claimed.link().realm(), work -> end(work, claimed, Result.FAILED, Reason.NOT_ENABLED));
            return;
        }
        redeem(claimed, application.get());
    }

    private void redeem(Claimed claimed, Application application) {
        Runnable outcome;
        try {
            Secret code = claimed.code();
            if (code == null) {
                throw new CronofyException.GrantGone("there is no code");
            }
            Cronofy.Grant grant = cronofy.exchange(
                    application,
                    Cronofy.CodeKind.DELEGATION,
                    code,
                    claimed.callbackUrl().reveal());
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
        unwritten.write(claimed.run(), outcome, () -> {});
        dispatcher.deliverSoon();
    }

    /**
     * A code of which nobody knows whether it was used up is sent once more: it either brings the tokens or makes Cronofy end
     * those that got lost.
     */
    private void notRedeemed(Work work, Claimed claimed, CronofyException failure) {
        Instant now = clock.instant();
        boolean passes = failure instanceof CronofyException.Unavailable
                && !(failure instanceof CronofyException.NotRenewable)
                && claimed.attempts() + 1 < MOST_REDEMPTIONS;
        if (failure.held()) {
            work.verifications().wait(claimed, now.plus(pause(failure)));
        } else if (passes) {
            Instant next = retries.afterOutage(now, claimed.attempts() + 1, failure.retryAfter());
            work.verifications().again(claimed, Reason.UNAVAILABLE, next);
        } else {
            boolean codeGone = failure.reason() == Reason.AUTHORIZATION_GONE;
            end(work, claimed, Result.FAILED, codeGone ? Reason.UNAVAILABLE : failure.reason());
        }
    }

    /** The result, and with it the end of what was granted: whoever could write the one has written the other. */
    private void record(Claimed claimed, Application application, Cronofy.Grant grant) {
        boolean opened = Mailbox.parse(grant.profileName()).equals(Optional.of(claimed.mailbox()));
        RevocationOrder order =
                order(claimed, application, grant.subject(), grant.tokens().refreshToken());
        try {
            transactions.doInRealm(claimed.link().realm(), work -> {
                end(work, claimed, opened ? Result.PROVEN : Result.FAILED, opened ? null : Reason.WRONG_PROFILE);
                Instant now = clock.instant();
                work.revocations().addLater(order, cause(claimed), now, due(work, claimed, now));
            });
        } catch (Transactions.RealmGone gone) {
            transactions.doInServer(work -> work.revocations().add(order, cause(claimed), clock.instant()));
        }
    }

    /** A member who is being asked for may be granted the very same at this moment; it is kept for them then. */
    private static Instant due(Work work, Claimed claimed, Instant now) {
        boolean asked = work.delegations()
                .byMailbox(claimed.link().realm(), claimed.application(), claimed.mailbox())
                .filter(row -> row.state() == Delegation.State.ASKED)
                .isPresent();
        return asked ? now.plus(MEMBERS_ANSWER) : now;
    }

    private static RevocationOrder order(
            Claimed claimed, Application application, @Nullable String subject, Secret token) {
        return new RevocationOrder(
                application, subject == null ? RevocationOrder.unnamed(claimed.run()) : subject, token);
    }

    private static Revocation.Cause cause(Claimed claimed) {
        return new Revocation.Cause(
                claimed.link().realm(), claimed.link().name(), null, claimed.mailbox(), Reason.VERIFICATION);
    }
}
