package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.DueRevocations;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/**
 * Delivers the outbox of revocations to Cronofy, by any node, until Cronofy has accepted each. Cronofy revokes per
 * account, and a service account takes all its members along: what another live link or delegation of the application
 * holds is kept, not revoked.
 */
public final class RevocationDispatcher {
    private static final Logger LOG = Logger.getLogger(RevocationDispatcher.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofSeconds(60);
    private static final Duration UNTIL_THERE_IS_ROOM = Duration.ofSeconds(1);
    private static final int BATCH = 100;
    private static final int SETTLED = 500;

    /** What Cronofy still refuses by then, and after as many tries, an administrator has to end. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofDays(7);

    private static final int GIVEN_UP_AFTER_TRIES = 20;

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;

    /** Orders that our tables could not take; the only ones that know of a live authorization. */
    private final Queue<Unwritten> unwritten = new ConcurrentLinkedQueue<>();

    private record Unwritten(RevocationOrder order, Revocation.Cause cause) {}

    private final WithheldOrders withheld;
    private final Alarms alarms = new Alarms();

    public RevocationDispatcher(
            Transactions transactions, Cronofy cronofy, Worker worker, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
        this.withheld = new WithheldOrders(transactions, retries, clock);
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::deliverSoon);
    }

    /**
     * Delivers what is due, in the background, now rather than at the next sweep: on one thread of this node at a time,
     * so that a slow Cronofy leaves the others to other work.
     */
    public void deliverSoon() {
        worker.submitOnce(RevocationDispatcher.class, this::deliver);
    }

    /**
     * Orders the revocation of what Cronofy has just issued and nobody can store. While our tables are away the order is
     * kept in the memory of this node and written later.
     */
    public void order(RevocationOrder order, Revocation.Cause cause) {
        unwritten.add(new Unwritten(order, cause));
        writeOrders();
    }

    /** Tries a last time to write orders that could not be written; for the end of the server. */
    public void finish() {
        writeOrders();
    }

    private synchronized void writeOrders() {
        unwritten.removeIf(one -> withheld.attempt(() ->
                transactions.doInServer(work -> work.revocations().add(one.order(), one.cause(), clock.instant()))));
    }

    private void deliver() {
        writeOrders();
        Instant now = clock.instant();
        List<DueRevocations.Due> due =
                transactions.inServer(work -> work.dueRevocations().due(now, BATCH));
        Set<String> withoutRoom = new HashSet<>();
        long sent = due.stream()
                .filter(one -> !withoutRoom.contains(one.application()))
                .filter(one -> withheld.attempt(one.id(), () -> {
                    if (!deliver(one.id())) {
                        withoutRoom.add(one.application());
                    }
                }))
                .count();
        List<String> uncovered =
                transactions.inServer(work -> work.dueRevocations().uncovered(now, SETTLED));
        long settled = uncovered.stream()
                .filter(id -> withheld.attempt(id, () -> transactions.doInServer(work -> settle(work, id))))
                .count();
        withheld.lookWhetherOver(unwritten.isEmpty() && sent == due.size() && settled == uncovered.size());
        if (!withoutRoom.isEmpty()) {
            worker.submitLater(UNTIL_THERE_IS_ROOM, this::deliverSoon, () -> {});
        } else if ((due.size() == BATCH && sent > 0) || (uncovered.size() == SETTLED && settled > 0)) {
            deliverSoon();
        }
    }

    /** What becomes of a member's revocation once it is known what has become of the service account's. */
    private void settle(ServerWork work, String id) {
        work.dueRevocations().settle(id, (realm, key) -> presentOrAnother(work, realm, key), clock.instant());
    }

    /** @throws RuntimeException the realm's secret cannot be read now, and there is no other */
    private static Optional<Application> presentOrAnother(ServerWork work, String realm, String key) {
        try {
            return present(work, realm, key)
                    .or(() -> work.applications(key).stream().findFirst());
        } catch (RuntimeException away) {
            // Vaults fail in ways of their own; but nothing can be asked of a database that has failed.
            if (DatabaseFailure.behind(away)) {
                throw away;
            }
            return Optional.of(work.applications(key).stream().findFirst().orElseThrow(() -> away));
        }
    }

    /** @return false if there is no room in the application's allowance: nobody else of it needs to try now */
    private boolean deliver(String id) {
        return transactions
                .claimInServer(work -> claim(work, id))
                .map(this::send)
                .orElse(true);
    }

    private boolean send(DueRevocations.Claimed claimed) {
        RevocationOrder order = claimed.order().orElseThrow();
        try {
            revoke(present(claimed, order.application()), order);
            transactions.doInServer(
                    work -> work.dueRevocations().end(claimed, Revocation.State.DELIVERED, clock.instant()));
            LOG.infof("revoked %s at Cronofy", order.subject());
            if (alarms.ends(claimed.application())) {
                LOG.warnf("revocations of application %s are accepted again", claimed.application());
            }
        } catch (CronofyException e) {
            if (e.held()) {
                LOG.debugf("revoking %s waits: %s", order.subject(), e.getMessage());
                Instant next = clock.instant().plus(e.retryAfter());
                transactions.doInServer(work -> work.dueRevocations().wait(claimed.id(), next));
                return false;
            }
            failed(claimed, e);
        }
        return true;
    }

    /** With the secret that should be right, or else with any by which another link of the application is kept. */
    private void revoke(Application application, RevocationOrder order) throws CronofyException {
        try {
            cronofy.revoke(application, order.refreshToken(), order.subject());
        } catch (CronofyException.Misconfigured refused) {
            if (!revokedByAnother(application, order)) {
                throw refused;
            }
        }
    }

    private boolean revokedByAnother(Application refused, RevocationOrder order) throws CronofyException {
        List<Application> others = transactions.inServer(work -> work.applications(refused.key()));
        for (Application other : others) {
            if (!other.equals(refused)) {
                try {
                    cronofy.revoke(other, order.refreshToken(), order.subject());
                    return true;
                } catch (CronofyException.Misconfigured again) {
                    LOG.debugf("another secret of application %s is refused, too", refused.key());
                }
            }
        }
        return false;
    }

    private void failed(DueRevocations.Claimed claimed, CronofyException failure) {
        Instant now = clock.instant();
        int attempts = claimed.attempts() + 1;
        boolean passes = failure instanceof CronofyException.Unavailable;
        Instant next =
                passes ? retries.afterOutage(now, attempts, failure.retryAfter()) : retries.afterProblem(now, attempts);
        // An outage ends some time, however long it has lasted, and the right must not outlive it.
        boolean givenUp = !passes
                && attempts >= GIVEN_UP_AFTER_TRIES
                && now.isAfter(claimed.createdAt().plus(GIVEN_UP_AFTER));
        transactions.doInServer(work -> {
            work.dueRevocations().fail(claimed.id(), failure.reason(), next);
            if (givenUp) {
                work.dueRevocations().end(claimed, Revocation.State.UNDELIVERABLE, now);
            }
        });
        if (givenUp) {
            LOG.errorf(
                    "Cronofy refuses the revocation of %s, a week after it was ordered; revoke it in Cronofy's dashboard: %s",
                    claimed.subject(), failure.getMessage());
        } else {
            boolean alarm = alarms.begins(claimed.application(), failure.reason());
            LOG.logf(
                    alarm ? Logger.Level.WARN : Logger.Level.DEBUG,
                    "revoking %s failed and is tried again: %s",
                    claimed.subject(),
                    failure.getMessage());
        }
    }

    private Optional<DueRevocations.Claimed> claim(ServerWork work, String id) {
        Instant now = clock.instant();
        DueRevocations revocations = work.dueRevocations();
        Optional<DueRevocations.Claimed> claimed = revocations.claim(id, now, now.plus(CLAIM));
        if (claimed.isEmpty()) {
            return claimed;
        }
        if (revocations.held(claimed.get())) {
            LOG.logf(
                    RevocationOrder.named(claimed.get().subject()) ? Logger.Level.INFO : Logger.Level.WARN,
                    "%s is, or may be, still in use elsewhere and is not revoked",
                    claimed.get().subject());
            revocations.end(claimed.get(), Revocation.State.KEPT, now);
            return Optional.empty();
        }
        if (claimed.get().order().isEmpty()) {
            LOG.errorf(
                    "the order to revoke %s no longer opens; revoke it in Cronofy's dashboard",
                    claimed.get().subject());
            revocations.end(claimed.get(), Revocation.State.UNDELIVERABLE, now);
            return Optional.empty();
        }
        return claimed;
    }

    /** The application with the secret that the realm has now, which may have been replaced since the order. */
    private Application present(DueRevocations.Claimed claimed, Application ordered) {
        try {
            return transactions.inServer(
                    work -> present(work, claimed.realm(), ordered.key()).orElse(ordered));
        } catch (RuntimeException away) {
            // Deliberately everything: vaults fail in ways of their own.
            LOG.debugf("revoking %s with the secret of its order: %s", claimed.subject(), away.getMessage());
            return ordered;
        }
    }

    /** @throws RuntimeException the realm has a secret that cannot be read now */
    private static Optional<Application> present(ServerWork work, String realm, String key) {
        return work.realm(realm)
                .flatMap(inRealm -> inRealm.realm().application())
                .filter(present -> present.key().equals(key));
    }
}
