package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
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
 * holds is kept, not revoked ({@link SecondAuthorizations}).
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
    private final RevocationCalls calls;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;

    /** Orders that our tables could not take; the only ones that know of a live authorization. */
    private final Queue<Unwritten> unwritten = new ConcurrentLinkedQueue<>();

    private record Unwritten(RevocationOrder order, Revocation.Cause cause) {}

    private final WithheldOrders withheld;
    private final Alarms alarms = new Alarms();

    private final SecondAuthorizations second;

    public RevocationDispatcher(
            Transactions transactions,
            Cronofy cronofy,
            CredentialRefresher credentials,
            Worker worker,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.calls = new RevocationCalls(transactions, cronofy);
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
        this.withheld = new WithheldOrders(transactions, retries, clock);
        this.second = new SecondAuthorizations(transactions, credentials, worker, clock);
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
        work.dueRevocations()
                .settle(id, (realm, key) -> RevocationCalls.presentOrAnother(work, realm, key), clock.instant());
    }

    /** @return false if there is no room in the application's allowance: nobody else of it needs to try now */
    private boolean deliver(String id) {
        return transactions
                .claimInServer(work -> claim(work, id))
                .map(this::carryOut)
                .orElse(true);
    }

    /** @param holders who holds what it is about, so that it is not sent; empty if it is to be */
    private record Next(DueRevocations.Claimed claimed, List<Delegation> holders) {}

    private boolean carryOut(Next next) {
        if (next.holders().isEmpty()) {
            return send(next.claimed());
        }
        second.lookAfter(next.holders(), next.claimed().order());
        return true;
    }

    private boolean send(DueRevocations.Claimed claimed) {
        RevocationOrder order = claimed.order().orElseThrow();
        try {
            calls.revoke(claimed, order);
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

    private Optional<Next> claim(ServerWork work, String id) {
        Instant now = clock.instant();
        DueRevocations revocations = work.dueRevocations();
        Optional<DueRevocations.Claimed> due = revocations.claim(id, now, now.plus(CLAIM));
        if (due.isEmpty()) {
            return Optional.empty();
        }
        DueRevocations.Claimed claimed = due.get();
        if (revocations.held(claimed)) {
            LOG.logf(
                    RevocationOrder.named(claimed.subject()) ? Logger.Level.INFO : Logger.Level.WARN,
                    "%s is, or may be, still in use elsewhere and is not revoked",
                    claimed.subject());
            List<Delegation> holders = revocations.holders(claimed);
            revocations.end(claimed, Revocation.State.KEPT, now);
            return Optional.of(new Next(claimed, holders)).filter(next -> !holders.isEmpty());
        }
        Optional<Instant> awaited = revocations.awaited(claimed, now);
        if (awaited.isPresent()) {
            LOG.debugf("revoking %s waits for the answer to a member who may be granted it", claimed.subject());
            revocations.wait(id, awaited.get());
            return Optional.empty();
        }
        if (claimed.order().isEmpty()) {
            LOG.errorf("the order to revoke %s no longer opens; revoke it in Cronofy's dashboard", claimed.subject());
            revocations.end(claimed, Revocation.State.UNDELIVERABLE, now);
            return Optional.empty();
        }
        return Optional.of(new Next(claimed, List.of()));
    }
}
