package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Orders to revoke for which nothing can be done at present, as while the key that seals them or the secret to send them
 * with is away: each comes back ever more rarely, so that none stands in the way of another, and somebody is told once
 * of what is missing, however many wait for it.
 */
final class WithheldOrders {
    private static final Logger LOG = Logger.getLogger(WithheldOrders.class);

    private final Transactions transactions;
    private final Retries retries;
    private final InstantSource clock;
    private final Alarms alarms = new Alarms();

    WithheldOrders(Transactions transactions, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.retries = retries;
        this.clock = clock;
    }

    /**
     * Does what is to be done for an order; puts it off where that fails.
     *
     * @return whether the order has moved: done, or put off
     */
    boolean attempt(String id, Runnable work) {
        return problem(work).map(problem -> putOff(id, problem)).orElse(true);
    }

    /**
     * Does what is to be done for an order that no table knows yet.
     *
     * @return whether that was possible
     */
    boolean attempt(Runnable work) {
        return problem(work).isEmpty();
    }

    private Optional<Reason> problem(Runnable work) {
        try {
            work.run();
            return Optional.empty();
        } catch (RuntimeException e) {
            // Deliberately everything: whatever it is, the others are looked at now, and this one later.
            Reason problem = e instanceof Unreadable away ? away.reason() : Reason.UNAVAILABLE;
            tell(e, problem);
            return Optional.of(problem);
        }
    }

    private void tell(RuntimeException failure, Reason problem) {
        boolean known = failure instanceof Unreadable;
        String cause = known
                ? String.valueOf(failure.getMessage())
                : failure.getClass().getName();
        LOG.logf(
                alarms.begins(cause, problem) ? Logger.Level.WARN : Logger.Level.DEBUG,
                known ? null : failure,
                "orders to revoke wait, and are tried again: %s",
                failure.getMessage());
    }

    private boolean putOff(String id, Reason problem) {
        Instant now = clock.instant();
        try {
            transactions.doInServer(work -> work.dueRevocations()
                    .putOff(id, problem, attempts -> retries.afterOutage(now, attempts, Duration.ZERO)));
            return true;
        } catch (RuntimeException databaseAway) {
            // Deliberately everything: it is due as before, and the next round takes it up again.
            LOG.debugf("an order to revoke could not be put off: %s", databaseAway.getMessage());
            return false;
        }
    }

    /**
     * Tells that nothing waits any more, if somebody was told of something.
     *
     * @param moved whether every order that was due has moved
     */
    void lookWhetherOver(boolean moved) {
        if (moved
                && alarms.any()
                && !transactions.<Boolean>inServer(work -> work.dueRevocations().anyTroubled())) {
            alarms.endAll();
            LOG.warn("no order to revoke waits any more for something that is away");
        }
    }
}
