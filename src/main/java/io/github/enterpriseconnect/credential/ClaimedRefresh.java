package io.github.enterpriseconnect.credential;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.RefreshClaim;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One refresh per credential across all nodes: claimed in the row, sent with no transaction open, and stored before it
 * is used. Whoever loses a race uses what the winner has stored.
 */
final class ClaimedRefresh {
    private static final Logger LOG = Logger.getLogger(ClaimedRefresh.class);

    /** Longer than any call to Cronofy may take, so that a claim outlives its call but not a killed node. */
    private static final Duration LEASE = Duration.ofSeconds(20);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    /** Where there is no room for these, there may be room for others all the same. */
    private static final Set<Purpose> YIELDING = EnumSet.of(Purpose.LOOK, Purpose.REPORTED_REFRESH);

    private final Transactions transactions;
    private final Cronofy cronofy;
    private final RenewedCredentials renewals;
    private final InstantSource clock;
    private final BiConsumer<CredentialOwner, CronofyException> failures;
    private final Alarms alarms = new Alarms();

    /** @param failures hears of each refresh that was sent in vain */
    ClaimedRefresh(
            Transactions transactions,
            Cronofy cronofy,
            RenewedCredentials renewals,
            InstantSource clock,
            BiConsumer<CredentialOwner, CronofyException> failures) {
        this.transactions = transactions;
        this.cronofy = cronofy;
        this.renewals = renewals;
        this.clock = clock;
        this.failures = failures;
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
    Optional<Credential> refresh(CredentialOwner owner, Purpose purpose, @Nullable Credential rejected)
            throws CronofyException {
        return refreshUnless(
                stored -> rejected == null ? fresh(stored.tokens()) : !stored.equals(rejected), owner, purpose);
    }

    /**
     * Refreshes once across all nodes, unless what is stored will do.
     *
     * @return empty while another refreshes
     */
    Optional<Credential> refreshUnless(Predicate<Credential> usable, CredentialOwner owner, Purpose purpose)
            throws CronofyException {
        Optional<Credential> waiting = renewals.storeWaiting(owner).filter(usable);
        if (waiting.isPresent()) {
            return waiting;
        }
        Claim claim = opened(() -> transactions
                .claimInRealm(owner.realm(), work -> Optional.of(claim(work, owner, usable)))
                .orElseGet(Claim.Busy::new));
        if (claim instanceof Claim.Usable found) {
            return Optional.of(found.credential());
        }
        if (claim instanceof Claim.Mine mine) {
            return Optional.of(refresh(owner, purpose, mine.stored(), mine.application()));
        }
        if (claim instanceof Claim.Gone) {
            throw new CronofyException.GrantGone("there is no credential any more");
        }
        if (claim instanceof Claim.NoApplication) {
            throw new CronofyException.Misconfigured("the realm has no Cronofy application with a client secret");
        }
        return Optional.empty();
    }

    /** While the key is away nobody can tell what is stored: nothing was tried, and nothing has ended. */
    static <T> T opened(Supplier<T> read) throws CronofyException {
        try {
            return read.get();
        } catch (Unreadable away) {
            throw CronofyException.NotDone.held(String.valueOf(away.getMessage()), AFTER_FAILURE);
        }
    }

    private Claim claim(Work work, CredentialOwner owner, Predicate<Credential> usable) {
        Optional<Credential> stored = owner.current(work);
        if (stored.isEmpty()) {
            owner.end(work, Reason.CREDENTIAL_UNREADABLE, clock.instant());
            return new Claim.Gone();
        }
        if (usable.test(stored.get())) {
            return new Claim.Usable(stored.get());
        }
        Optional<Application> application = work.realm().application().filter(present -> present.key()
                .equals(stored.get().application()));
        if (application.isEmpty()) {
            return new Claim.NoApplication();
        }
        Instant now = clock.instant();
        return owner.claim(work).take(now, now.plus(LEASE))
                ? new Claim.Mine(stored.get(), application.get())
                : new Claim.Busy();
    }

    private Credential refresh(CredentialOwner owner, Purpose purpose, Credential stored, Application application)
            throws CronofyException {
        Tokens tokens;
        try {
            tokens = cronofy.refresh(application, stored.tokens(), purpose);
        } catch (CronofyException.GrantGone gone) {
            boolean settled = transactions.inRealm(owner.realm(), work -> settleGone(work, owner, stored));
            if (!settled) {
                throw CronofyException.NotDone.held("another node may hold renewed tokens", AFTER_FAILURE);
            }
            return successor(owner, stored, gone);
        } catch (CronofyException e) {
            // What there was no room for after everybody else has not been tried: others have room all the same.
            if (!YIELDING.contains(purpose) || !e.held()) {
                failures.accept(owner, e);
            }
            boolean done = !(e instanceof CronofyException.NotDone);
            boolean alarm = transactions.inRealm(owner.realm(), work -> {
                owner.claim(work).giveBack(done && e instanceof CronofyException.Unavailable);
                return !e.held() && owner.failed(work, e.reason(), clock.instant());
            });
            boolean loud = alarm && alarms.begins(stored.application() + " " + owner.suffers(), e.reason());
            LOG.logf(
                    loud ? Logger.Level.WARN : Logger.Level.DEBUG,
                    "refresh of %s of realm %s failed: %s",
                    stored.subject(),
                    owner.realm(),
                    e.getMessage());
            throw e;
        }
        alarms.ends(stored.application() + " " + owner.suffers());
        Credential renewed;
        try {
            renewed = renewals.store(owner, new RenewedCredentials.Renewal(stored, stored.with(tokens), application));
        } catch (CronofyException.GrantGone unwanted) {
            return successor(owner, stored, unwanted);
        }
        if (renewed.tokens().freshness(clock.instant()) == Tokens.Freshness.EXPIRED) {
            CronofyException useless =
                    new CronofyException.Unavailable("Cronofy renewed without an access token", AFTER_FAILURE);
            failures.accept(owner, useless);
            throw useless;
        }
        return renewed;
    }

    /** What somebody has stored meanwhile in place of what is gone: the owner's right has not ended then. */
    private Credential successor(CredentialOwner owner, Credential former, CronofyException.GrantGone gone)
            throws CronofyException {
        Optional<Credential> current;
        try {
            current = opened(() -> transactions.inRealm(owner.realm(), owner::current));
        } catch (Transactions.RealmGone removed) {
            throw gone;
        }
        if (current.isEmpty() || current.get().equals(former)) {
            throw gone;
        }
        if (current.get().tokens().freshness(clock.instant()) == Tokens.Freshness.EXPIRED) {
            throw CronofyException.NotDone.held("other tokens have been stored meanwhile", AFTER_FAILURE);
        }
        return current.get();
    }

    /**
     * What follows when Cronofy does not honour a refresh token: the end, unless the winner of a lost race has stored
     * another meanwhile, or may still hold one that could not be stored.
     *
     * @return false if that cannot be said yet
     */
    private boolean settleGone(Work work, CredentialOwner owner, Credential stored) {
        Instant now = clock.instant();
        RefreshClaim claim = owner.claim(work);
        if (!owner.current(work).equals(Optional.of(stored))) {
            claim.giveBack(false);
            return true;
        }
        if (claim.waitForHolder(now)) {
            LOG.infof(
                    "Cronofy does not honour %s of realm %s; another node may hold its renewed tokens",
                    stored.subject(), owner.realm());
            return false;
        }
        LOG.infof("Cronofy no longer honours %s of realm %s", stored.subject(), owner.realm());
        owner.end(work, Reason.AUTHORIZATION_GONE, now);
        return true;
    }

    private boolean fresh(Tokens tokens) {
        return tokens.freshness(clock.instant()) == Tokens.Freshness.FRESH;
    }
}
