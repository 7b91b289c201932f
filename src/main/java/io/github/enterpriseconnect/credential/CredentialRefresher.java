package io.github.enterpriseconnect.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Keeps stored tokens usable: one refresh per credential across all nodes, stored before it is used, with nothing
 * remote inside a transaction. Whoever comes while another refreshes waits a little and reads again.
 */
public final class CredentialRefresher {
    private static final Logger LOG = Logger.getLogger(CredentialRefresher.class);

    /** Longer than any call to Cronofy may take, so that a claim outlives its call but not a killed node. */
    private static final Duration LEASE = Duration.ofSeconds(20);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    /** An application for which no token will do, as at a wrong data centre, has each user's refreshed no more often. */
    private static final Duration BETWEEN_REPORTS = Duration.ofMinutes(1);

    /** Up to twice as long, by chance, so that those who were turned away together do not come back together. */
    private static final Duration COME_BACK = Duration.ofSeconds(2);

    private final Transactions transactions;
    private final Worker worker;
    private final InstantSource clock;
    private final Waiting waiting;
    private final DoubleSupplier jitter;
    private final Semaphore awaiting;
    private final RenewedCredentials renewals;
    private final ClaimedRefresh claimed;
    private final Cache<CredentialOwner, CronofyException> failures;

    /** When this node last handed out another token in place of one that was rejected. */
    private final Cache<CredentialOwner, Instant> replaced;

    /** How a thread waits; another implementation in tests. */
    public interface Waiting {
        void pause(Duration pause);
    }

    /**
     * Keeps tokens by these means.
     *
     * @param jitter numbers in [0, 1)
     * @param mostWaiting how many requests at most may wait for refreshes at once
     */
    public CredentialRefresher(
            Transactions transactions,
            Cronofy cronofy,
            Worker worker,
            InstantSource clock,
            Waiting waiting,
            DoubleSupplier jitter,
            int mostWaiting) {
        this.transactions = transactions;
        this.worker = worker;
        this.clock = clock;
        this.waiting = waiting;
        this.jitter = jitter;
        this.awaiting = new Semaphore(mostWaiting);
        this.renewals = new RenewedCredentials(transactions, worker, clock);
        this.failures = remembering(AFTER_FAILURE);
        this.replaced = remembering(BETWEEN_REPORTS);
        this.claimed = new ClaimedRefresh(transactions, cronofy, renewals, clock, failures::put);
    }

    private <T> Cache<CredentialOwner, T> remembering(Duration howLong) {
        return Caffeine.newBuilder()
                .expireAfterWrite(howLong)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(10_000)
                .build();
    }

    /**
     * A credential whose access token works.
     *
     * @param refreshed whether this call, or one that it waited for, had to refresh
     */
    public record Usable(Credential credential, boolean refreshed) {}

    /** Begins to look for renewed tokens that could not be stored. */
    public void start() {
        renewals.start();
    }

    /** Tries a last time to store renewed tokens that could not be stored; for the end of the server. */
    public void finish() {
        renewals.storeAll();
    }

    /**
     * The credential for a request that an application waits for. A stale one is handed out at once and refreshed in
     * the background.
     *
     * @param patience how long to wait for another's refresh
     * @throws CronofyException.GrantGone it ended; the owner's state says so already
     * @throws CronofyException.Unavailable it could not be refreshed now, too many wait, or it failed just before
     */
    public Usable forRequest(CredentialOwner owner, Credential stored, Duration patience) throws CronofyException {
        Optional<Usable> atOnce = atOnce(owner, stored);
        if (atOnce.isPresent()) {
            return atOnce.get();
        }
        return new Usable(
                awaited(owner, credential -> fresh(credential.tokens()), Purpose.AWAITED_REFRESH, patience), true);
    }

    /**
     * As {@link #forRequest}, for an application to which Cronofy has said that it does not know an access token. What is
     * stored is handed out, past all caches, unless it is that very token: then it is refreshed, however fresh it looks,
     * which happens once whoever says so and how often, since what is stored afterwards is another. If that is rejected as
     * well, another refresh is of no use, and costs everybody: each node sends one in a minute at most.
     *
     * @param stored what the caller has found
     * @param rejected the access token that Cronofy does not know
     * @throws RejectedAgain it came in place of a rejected one just before
     */
    public Usable insteadOf(Secret rejected, CredentialOwner owner, Credential stored, Duration patience)
            throws CronofyException, RejectedAgain {
        Predicate<Credential> another =
                credential -> !credential.tokens().accessToken().equals(rejected) && !expired(credential);
        // First this, so that who reports the former token meanwhile finds the new one stored.
        Instant last = replaced.getIfPresent(owner);
        Optional<Credential> current = ClaimedRefresh.opened(() -> transactions.inRealm(owner.realm(), owner::current));
        if (current.filter(another).isPresent()) {
            return new Usable(current.get(), !current.get().equals(stored));
        }
        boolean expired = current.filter(this::expired).isPresent();
        if (last != null && !expired) {
            throw new RejectedAgain(Duration.between(clock.instant(), last.plus(BETWEEN_REPORTS)));
        }
        Credential usable =
                awaited(owner, another, expired ? Purpose.AWAITED_REFRESH : Purpose.REPORTED_REFRESH, patience);
        if (!expired) {
            replaced.put(owner, clock.instant());
        }
        return new Usable(usable, !usable.equals(stored));
    }

    /** The token that an application reports has come in place of another that it had reported just before. */
    public static final class RejectedAgain extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Duration retryAfter;

        private RejectedAgain(Duration retryAfter) {
            super("a token that has come in place of a rejected one is rejected as well");
            this.retryAfter = retryAfter;
        }

        /** After what time another report is heeded. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    private Credential awaited(CredentialOwner owner, Predicate<Credential> usable, Purpose purpose, Duration patience)
            throws CronofyException {
        if (!awaiting.tryAcquire()) {
            throw CronofyException.NotDone.held("too many requests wait for refreshes", COME_BACK.plusMillis((long)
                    (COME_BACK.toMillis() * jitter.getAsDouble())));
        }
        try {
            return refreshed(usable, owner, purpose, patience);
        } finally {
            awaiting.release();
        }
    }

    /**
     * As {@link #forRequest}, for who cannot wait.
     *
     * @return empty if it has to be refreshed first
     */
    public Optional<Usable> atOnce(CredentialOwner owner, Credential stored) {
        if (stored.tokens().freshness(clock.instant()) == Tokens.Freshness.STALE) {
            refreshInBackground(owner);
        }
        return expired(stored) ? Optional.empty() : Optional.of(new Usable(stored, false));
    }

    /** The credential for background work that members wait for, refreshed first unless it is fresh. */
    public Credential forWork(CredentialOwner owner) throws CronofyException {
        return forWork(owner, Purpose.SIGN_IN);
    }

    /**
     * The credential for background work, refreshed first unless it is fresh.
     *
     * @param urgency how important the work is where the allowance is short
     */
    public Credential forWork(CredentialOwner owner, Purpose urgency) throws CronofyException {
        Optional<Credential> stored = ClaimedRefresh.opened(() -> transactions.inRealm(owner.realm(), owner::current));
        if (stored.filter(credential -> fresh(credential.tokens())).isPresent()) {
            return stored.get();
        }
        return refreshed(credential -> fresh(credential.tokens()), owner, urgency, LEASE);
    }

    /** As {@link #afterRejection(CredentialOwner, Credential, Purpose)}, for work that members wait for. */
    public Credential afterRejection(CredentialOwner owner, Credential rejected) throws CronofyException {
        return afterRejection(owner, rejected, Purpose.SIGN_IN);
    }

    /**
     * The credential after Cronofy did not recognise this access token: somebody may have refreshed it meanwhile.
     *
     * @param urgency how important the work is where the allowance is short
     */
    public Credential afterRejection(CredentialOwner owner, Credential rejected, Purpose urgency)
            throws CronofyException {
        Optional<Credential> renewed = claimed.refresh(owner, urgency, rejected);
        if (renewed.isEmpty()) {
            throw CronofyException.NotDone.held("another refresh is under way", Duration.ofSeconds(2));
        }
        return renewed.get();
    }

    /**
     * Refreshes a credential, however fresh it looks, to learn whether Cronofy still honours it; nobody waits for that.
     *
     * @return false while another refreshes it
     * @throws CronofyException.GrantGone Cronofy does not; the owner's state says so already
     */
    public boolean prove(CredentialOwner owner, Credential stored) throws CronofyException {
        return claimed.refresh(owner, Purpose.BACKFILL, stored).isPresent();
    }

    private Credential refreshed(
            Predicate<Credential> usable, CredentialOwner owner, Purpose purpose, Duration patience)
            throws CronofyException {
        Instant deadline = clock.instant().plus(patience);
        while (true) {
            CronofyException failure = failures.getIfPresent(owner);
            if (failure != null) {
                throw CronofyException.NotDone.held(
                        "the refresh failed a moment ago: " + failure.getMessage(), AFTER_FAILURE);
            }
            Optional<Credential> renewed = claimed.refreshUnless(usable, owner, purpose);
            if (renewed.isPresent()) {
                return renewed.get();
            }
            if (!clock.instant().isBefore(deadline)) {
                throw CronofyException.NotDone.held("another refresh takes long", Duration.ofSeconds(2));
            }
            waiting.pause(BETWEEN_LOOKS);
            if (Thread.currentThread().isInterrupted()) {
                throw CronofyException.NotDone.held("the server stops", Duration.ofSeconds(10));
            }
        }
    }

    private void refreshInBackground(CredentialOwner owner) {
        if (failures.getIfPresent(owner) != null) {
            return;
        }
        worker.submitOnce(owner, () -> {
            if (failures.getIfPresent(owner) != null) {
                return;
            }
            try {
                claimed.refresh(owner, Purpose.REFRESH, null);
            } catch (CronofyException e) {
                LOG.debugf("refresh ahead of time failed: %s", e.getMessage());
            }
        });
    }

    private boolean expired(Credential credential) {
        return credential.tokens().freshness(clock.instant()) == Tokens.Freshness.EXPIRED;
    }

    private boolean fresh(Tokens tokens) {
        return tokens.freshness(clock.instant()) == Tokens.Freshness.FRESH;
    }
}
