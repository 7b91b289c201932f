package io.github.enterpriseconnect.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Budget;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps stored tokens usable: one refresh per credential across all nodes, stored before it is used, with nothing remote
 * inside a transaction. Whoever comes while another refreshes waits a little and reads again.
 */
public final class TokenKeeper {
    private static final Logger LOG = Logger.getLogger(TokenKeeper.class);

    /** Longer than any call to Cronofy may take, so that a claim outlives its call but not a killed node. */
    private static final Duration LEASE = Duration.ofSeconds(20);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    /** Up to twice as long, by chance, so that those who were turned away together do not come back together. */
    private static final Duration COME_BACK = Duration.ofSeconds(2);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final BackgroundWorker worker;
    private final InstantSource clock;
    private final Waiting waiting;
    private final DoubleSupplier jitter;
    private final Semaphore awaiting;
    private final Cache<TokenHolder, CronofyException> failures = Caffeine.newBuilder()
            .expireAfterWrite(AFTER_FAILURE)
            .maximumSize(10_000)
            .build();
    private final Set<TokenHolder> behind = ConcurrentHashMap.newKeySet();

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
    public TokenKeeper(
            Transactions transactions,
            Cronofy cronofy,
            BackgroundWorker worker,
            InstantSource clock,
            Waiting waiting,
            DoubleSupplier jitter,
            int mostWaiting) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.worker = worker;
        this.clock = clock;
        this.waiting = waiting;
        this.jitter = jitter;
        this.awaiting = new Semaphore(mostWaiting);
    }

    /**
     * A credential whose access token works.
     *
     * @param refreshed whether this call, or one that it waited for, had to refresh
     */
    public record Usable(Credential credential, boolean refreshed) {}

    /**
     * The credential for a request that an application waits for. A stale one is handed out at once and refreshed behind.
     *
     * @param patience how long to wait for another's refresh
     * @throws CronofyException.GrantGone it ended; the holder's state says so already
     * @throws CronofyException.Unavailable it could not be refreshed now, too many wait, or it failed just before
     */
    public Usable forRequest(TokenHolder holder, Credential stored, Duration patience) throws CronofyException {
        Tokens.Freshness freshness = stored.tokens().freshness(clock.instant());
        if (freshness == Tokens.Freshness.STALE) {
            refreshBehind(holder);
        }
        if (freshness != Tokens.Freshness.EXPIRED) {
            return new Usable(stored, false);
        }
        if (!awaiting.tryAcquire()) {
            throw new CronofyException.Unavailable("too many requests wait for refreshes", COME_BACK.plusMillis((long)
                    (COME_BACK.toMillis() * jitter.getAsDouble())));
        }
        try {
            return new Usable(refreshed(holder, Budget.Purpose.AWAITED_REFRESH, patience), true);
        } finally {
            awaiting.release();
        }
    }

    /** The credential for background work, refreshed first unless it is fresh. */
    public Credential forWork(TokenHolder holder) throws CronofyException {
        Optional<Credential> stored = transactions.inRealm(holder.realm(), holder::current);
        if (stored.filter(credential -> fresh(credential.tokens())).isPresent()) {
            return stored.get();
        }
        return refreshed(holder, Budget.Purpose.SIGN_IN, LEASE);
    }

    /** The credential after Cronofy did not recognise this access token: somebody may have refreshed it meanwhile. */
    public Credential afterRejection(TokenHolder holder, Credential rejected) throws CronofyException {
        Optional<Credential> renewed = refresh(holder, Budget.Purpose.SIGN_IN, rejected);
        if (renewed.isEmpty()) {
            throw new CronofyException.Unavailable("another refresh is under way", Duration.ofSeconds(2));
        }
        return renewed.get();
    }

    private Credential refreshed(TokenHolder holder, Budget.Purpose purpose, Duration patience)
            throws CronofyException {
        Instant deadline = clock.instant().plus(patience);
        while (true) {
            CronofyException failure = failures.getIfPresent(holder);
            if (failure != null) {
                throw new CronofyException.Unavailable(
                        "the refresh failed a moment ago: " + failure.getMessage(), AFTER_FAILURE);
            }
            Optional<Credential> renewed = refresh(holder, purpose, null);
            if (renewed.isPresent()) {
                return renewed.get();
            }
            if (!clock.instant().isBefore(deadline)) {
                throw new CronofyException.Unavailable("another refresh takes long", Duration.ofSeconds(2));
            }
            waiting.pause(BETWEEN_LOOKS);
            if (Thread.currentThread().isInterrupted()) {
                throw new CronofyException.Unavailable("the server stops", Duration.ofSeconds(10));
            }
        }
    }

    private void refreshBehind(TokenHolder holder) {
        if (failures.getIfPresent(holder) != null || !behind.add(holder)) {
            return;
        }
        boolean accepted = worker.submit(() -> {
            try {
                refresh(holder, Budget.Purpose.REFRESH, null);
            } catch (CronofyException e) {
                LOG.debugf("refresh ahead of time failed: %s", e.getMessage());
            } finally {
                behind.remove(holder);
            }
        });
        if (!accepted) {
            behind.remove(holder);
        }
    }

    /** What came of the attempt to claim a refresh. */
    private sealed interface Claim {
        /** There is no need: the stored credential can be used. */
        record Usable(Credential credential) implements Claim {}

        /** The caller is to refresh this credential with this application. */
        record Mine(Credential stored, Application application) implements Claim {}

        /** Somebody else is refreshing. */
        record Busy() implements Claim {}

        /** There is no credential any more, or none that opens. */
        record Gone() implements Claim {}

        /** The realm has no application that could refresh it. */
        record NoApplication() implements Claim {}
    }

    /**
     * Refreshes once across all nodes.
     *
     * @param rejected the credential that must not come back, even if it looks fresh; null if its time decides
     * @return empty while another refreshes
     */
    private Optional<Credential> refresh(TokenHolder holder, Budget.Purpose purpose, @Nullable Credential rejected)
            throws CronofyException {
        Claim claim = transactions
                .claimInRealm(holder.realm(), work -> Optional.of(claim(work, holder, rejected)))
                .orElseGet(Claim.Busy::new);
        if (claim instanceof Claim.Usable usable) {
            return Optional.of(usable.credential());
        }
        if (claim instanceof Claim.Mine mine) {
            return Optional.of(refresh(holder, purpose, mine.stored(), mine.application()));
        }
        if (claim instanceof Claim.Gone) {
            throw new CronofyException.GrantGone("there is no credential any more");
        }
        if (claim instanceof Claim.NoApplication) {
            throw new CronofyException.Misconfigured("the realm has no Cronofy application with a client secret");
        }
        return Optional.empty();
    }

    private Claim claim(Work work, TokenHolder holder, @Nullable Credential rejected) {
        Optional<Credential> stored = holder.current(work);
        if (stored.isEmpty()) {
            holder.end(work, Reason.CREDENTIAL_UNREADABLE, clock.instant());
            return new Claim.Gone();
        }
        boolean usable =
                rejected == null ? fresh(stored.get().tokens()) : !stored.get().equals(rejected);
        if (usable) {
            return new Claim.Usable(stored.get());
        }
        Optional<Application> application = RealmSettings.application(work.session(), work.realm())
                .filter(present -> present.key().equals(stored.get().application()));
        if (application.isEmpty()) {
            return new Claim.NoApplication();
        }
        Instant now = clock.instant();
        return holder.lease(work, now, now.plus(LEASE))
                ? new Claim.Mine(stored.get(), application.get())
                : new Claim.Busy();
    }

    private Credential refresh(TokenHolder holder, Budget.Purpose purpose, Credential stored, Application application)
            throws CronofyException {
        Tokens tokens;
        try {
            tokens = cronofy.refresh(application, stored.tokens(), purpose);
        } catch (CronofyException.GrantGone gone) {
            LOG.infof("Cronofy no longer honours %s of realm %s", stored.subject(), holder.realm());
            transactions.doInRealm(holder.realm(), work -> {
                if (holder.current(work).equals(Optional.of(stored))) {
                    holder.end(work, Reason.AUTHORIZATION_GONE, clock.instant());
                } else {
                    holder.release(work);
                }
            });
            throw gone;
        } catch (CronofyException e) {
            failures.put(holder, e);
            LOG.warnf("refresh of %s of realm %s failed: %s", stored.subject(), holder.realm(), e.getMessage());
            transactions.doInRealm(holder.realm(), work -> holder.failed(work, e.reason(), clock.instant()));
            throw e;
        }
        Credential renewed = stored.with(tokens);
        boolean kept = transactions.inRealm(holder.realm(), work -> keep(work, holder, stored, renewed, application));
        if (!kept) {
            throw new CronofyException.GrantGone("the right ended while its tokens were refreshed");
        }
        return renewed;
    }

    /** What can no longer be kept is revoked by its newest token, since the one in an earlier order may be dead. */
    private boolean keep(
            Work work, TokenHolder holder, Credential stored, Credential renewed, Application application) {
        if (holder.current(work).equals(Optional.of(stored)) && holder.renew(work, renewed, application)) {
            return true;
        }
        work.storage()
                .revocations()
                .add(
                        new RevocationOrder(
                                application, renewed.subject(), renewed.tokens().refreshToken()),
                        holder.cause(work),
                        clock.instant());
        return false;
    }

    private boolean fresh(Tokens tokens) {
        return tokens.freshness(clock.instant()) == Tokens.Freshness.FRESH;
    }
}
