package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.RevocationStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
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
    private static final int BATCH = 100;
    private static final int SETTLED = 500;
    private static final Duration BETWEEN_PURGES = Duration.ofHours(1);
    private static final Duration PURGED_AFTER = Duration.ofDays(90);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;

    public RevocationDispatcher(
            Transactions transactions, Cronofy cronofy, Worker worker, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::deliverSoon);
        worker.submitEvery(BETWEEN_PURGES, this::purge);
    }

    /**
     * Delivers what is due, in the background, now rather than at the next sweep: on one thread of this node at a time,
     * so that a slow Cronofy leaves the others to other work.
     */
    public void deliverSoon() {
        worker.submitOnce(RevocationDispatcher.class, this::deliver);
    }

    private void deliver() {
        List<String> due = transactions.inServer(work -> work.revocations().due(clock.instant(), BATCH));
        due.forEach(id -> worker.attempt(() -> deliver(id)));
        List<String> uncovered =
                transactions.inServer(work -> work.revocations().uncovered(SETTLED));
        uncovered.forEach(id -> worker.attempt(() -> transactions.doInServer(work -> settle(work, id))));
        if (due.size() == BATCH || uncovered.size() == SETTLED) {
            deliverSoon();
        }
    }

    /** What becomes of a member's revocation once it is known what has become of the service account's. */
    private void settle(ServerWork work, String id) {
        work.revocations()
                .settle(id, (realm, key) -> present(work, realm, key).or(() -> work.application(key)), clock.instant());
    }

    private void deliver(String id) {
        Optional<RevocationStore.Claimed> claimed;
        try {
            claimed = transactions.claimInServer(work -> claim(work, id));
        } catch (Unreadable away) {
            LOG.warnf("revocation %s waits: %s", id, away.getMessage());
            Instant next = retries.afterOutage(clock.instant(), 1, Duration.ZERO);
            transactions.doInServer(work -> work.revocations().fail(id, next));
            return;
        }
        if (claimed.isEmpty()) {
            return;
        }
        RevocationOrder order = claimed.get().order().orElseThrow();
        Application application = present(claimed.get(), order.application());
        try {
            cronofy.revoke(application, order.refreshToken(), order.subject());
            transactions.doInServer(
                    work -> work.revocations().end(claimed.get(), Revocation.State.DELIVERED, clock.instant()));
            LOG.infof("revoked %s at Cronofy", order.subject());
        } catch (CronofyException e) {
            LOG.warnf("revoking %s failed and is tried again: %s", order.subject(), e.getMessage());
            Instant next = retries.afterOutage(clock.instant(), claimed.get().attempts() + 1, e.retryAfter());
            transactions.doInServer(work -> work.revocations().fail(id, next));
        }
    }

    private Optional<RevocationStore.Claimed> claim(ServerWork work, String id) {
        Instant now = clock.instant();
        RevocationStore revocations = work.revocations();
        Optional<RevocationStore.Claimed> claimed = revocations.claim(id, now, now.plus(CLAIM));
        if (claimed.isEmpty()) {
            return claimed;
        }
        if (revocations.held(claimed.get())) {
            LOG.infof(
                    "%s is still in use elsewhere and is not revoked",
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
    private Application present(RevocationStore.Claimed claimed, Application ordered) {
        return transactions.inServer(
                work -> present(work, claimed.realm(), ordered.key()).orElse(ordered));
    }

    private static Optional<Application> present(ServerWork work, String realm, String key) {
        return work.realm(realm)
                .flatMap(inRealm -> inRealm.realm().application())
                .filter(present -> present.key().equals(key));
    }

    private void purge() {
        transactions.doInServer(work -> work.revocations().purge(clock.instant().minus(PURGED_AFTER)));
    }
}
