package io.github.enterpriseconnect.revocation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.RetrySchedule;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.RevocationStore;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Delivers the outbox of revocations to Cronofy, by any node, until Cronofy has accepted each. Cronofy revokes per account,
 * and a service account takes all its members along: what another live link or delegation of the application holds is
 * kept, not revoked.
 */
public final class Revoking {
    private static final Logger LOG = Logger.getLogger(Revoking.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofSeconds(60);
    private static final int BATCH = 100;
    private static final int SETTLED = 500;
    private static final Duration BETWEEN_PURGES = Duration.ofHours(1);
    private static final Duration PURGED_AFTER = Duration.ofDays(90);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final BackgroundWorker worker;
    private final RetrySchedule retries;
    private final ObjectMapper json;
    private final InstantSource clock;
    private final AtomicInteger wishes = new AtomicInteger();
    private final AtomicBoolean delivering = new AtomicBoolean();

    public Revoking(
            Transactions transactions,
            Cronofy cronofy,
            BackgroundWorker worker,
            RetrySchedule retries,
            ObjectMapper json,
            InstantSource clock) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.retries = retries;
        this.json = json;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::deliverAsWished);
        worker.submitEvery(BETWEEN_PURGES, this::purge);
    }

    /** Delivers what is due, in the background, now rather than at the next sweep. */
    public void deliverSoon() {
        if (wishes.getAndIncrement() == 0 && !worker.submit(this::deliverAsWished)) {
            wishes.set(0);
        }
    }

    /** On one thread of this node at a time, so that a slow Cronofy leaves the others to other work. */
    private void deliverAsWished() {
        if (!delivering.compareAndSet(false, true)) {
            return;
        }
        try {
            int seen;
            do {
                seen = wishes.get();
                deliver();
            } while (!wishes.compareAndSet(seen, 0));
        } finally {
            delivering.set(false);
        }
    }

    /** One page of the realm's revocations, newest first; null filters match all. */
    public List<Revocation> list(
            KeycloakSession session,
            RealmModel realm,
            @Nullable LinkId link,
            Revocation.@Nullable State state,
            int first,
            int max) {
        return outbox(session).list(realm.getId(), link == null ? null : link.name(), state, first, max);
    }

    /** How many of the realm's revocations, or of one link's, are in which state. */
    public Map<Revocation.State, Long> count(KeycloakSession session, RealmModel realm, @Nullable LinkId link) {
        return outbox(session).count(realm.getId(), link == null ? null : link.name());
    }

    private void deliver() {
        List<String> due = transactions.inServer(session -> outbox(session).due(clock.instant(), BATCH));
        due.forEach(id -> worker.attempt(() -> deliver(id)));
        List<String> uncovered =
                transactions.inServer(session -> outbox(session).uncovered(SETTLED));
        if (!uncovered.isEmpty()) {
            transactions.doInServer(session -> uncovered.forEach(id -> settle(session, id)));
        }
        if (due.size() == BATCH || uncovered.size() == SETTLED) {
            deliverSoon();
        }
    }

    /** What becomes of a member's revocation once it is known what has become of the service account's. */
    private void settle(KeycloakSession session, String id) {
        outbox(session).settle(id, application -> Storage.application(session, json, application), clock.instant());
    }

    private void deliver(String id) {
        Optional<RevocationStore.Claimed> claimed =
                transactions.claimInServer(session -> claim(session, id, clock.instant()));
        if (claimed.isEmpty()) {
            return;
        }
        RevocationOrder order = claimed.get().order().orElseThrow();
        Application application = present(claimed.get(), order.application());
        try {
            cronofy.revoke(application, order.refreshToken(), order.subject());
            transactions.doInServer(
                    session -> outbox(session).end(claimed.get(), Revocation.State.DELIVERED, clock.instant()));
            LOG.infof("revoked %s at Cronofy", order.subject());
        } catch (CronofyException e) {
            LOG.warnf("revoking %s failed and is tried again: %s", order.subject(), e.getMessage());
            Instant next = retries.next(clock.instant(), claimed.get().attempts() + 1, e.retryAfter());
            transactions.doInServer(session -> outbox(session).fail(id, next));
        }
    }

    private Optional<RevocationStore.Claimed> claim(KeycloakSession session, String id, Instant now) {
        RevocationStore outbox = outbox(session);
        Optional<RevocationStore.Claimed> claimed = outbox.claim(id, now, now.plus(CLAIM));
        if (claimed.isEmpty()) {
            return claimed;
        }
        if (Storage.held(session, claimed.get().application(), claimed.get().subject())) {
            LOG.infof(
                    "%s is still in use elsewhere and is not revoked",
                    claimed.get().subject());
            outbox.end(claimed.get(), Revocation.State.KEPT, now);
            return Optional.empty();
        }
        if (claimed.get().order().isEmpty()) {
            LOG.errorf(
                    "the order to revoke %s no longer opens; revoke it in Cronofy's dashboard",
                    claimed.get().subject());
            outbox.end(claimed.get(), Revocation.State.UNDELIVERABLE, now);
            return Optional.empty();
        }
        return claimed;
    }

    /** The application with the secret that the realm has now, which may have been replaced since the order. */
    private Application present(RevocationStore.Claimed claimed, Application ordered) {
        return transactions.inServer(session -> {
            RealmModel realm = session.realms().getRealm(claimed.realm());
            if (realm == null) {
                return ordered;
            }
            session.getContext().setRealm(realm);
            return RealmSettings.application(session, realm)
                    .filter(present -> present.key().equals(ordered.key()))
                    .orElse(ordered);
        });
    }

    private void purge() {
        transactions.doInServer(session -> outbox(session).purge(clock.instant().minus(PURGED_AFTER)));
    }

    private RevocationStore outbox(KeycloakSession session) {
        return Storage.outbox(session, json);
    }
}
