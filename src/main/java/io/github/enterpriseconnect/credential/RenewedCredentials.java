package io.github.enterpriseconnect.credential;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.RevocationStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Tokens that Cronofy has just issued in exchange for others, which may be dead by now: stored, or revoked where nobody
 * is left to store them for. While our tables cannot be written they are kept in the memory of this node and tried
 * again.
 */
final class RenewedCredentials {
    private static final Logger LOG = Logger.getLogger(RenewedCredentials.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(5);
    private static final Duration HELD = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final Worker worker;
    private final InstantSource clock;
    private final Map<CredentialOwner, Renewal> unstored = new ConcurrentHashMap<>();

    RenewedCredentials(Transactions transactions, Worker worker, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.clock = clock;
    }

    /**
     * A refresh that has succeeded.
     *
     * @param stored what was refreshed
     */
    record Renewal(Credential stored, Credential renewed, Application application) {}

    /** Begins to look for renewals that could not be stored. */
    void start() {
        worker.submitEvery(BETWEEN_TRIES, this::storeAll);
    }

    /** Tries once more to store what could not be stored. */
    void storeAll() {
        unstored.keySet().forEach(owner -> worker.attempt(() -> tryAgain(owner)));
    }

    /**
     * Stores a renewal.
     *
     * @return the credential, which can be used now
     * @throws CronofyException.GrantGone the right has ended meanwhile; the tokens are revoked
     * @throws CronofyException.Unavailable our tables cannot be written now; it is tried again in the background
     */
    Credential store(CredentialOwner owner, Renewal renewal) throws CronofyException {
        boolean kept;
        try {
            kept = keepOrRevoke(owner, renewal);
        } catch (RuntimeException e) {
            // Deliberately everything: whatever keeps us from writing, nobody gets these tokens again.
            if (unstored.putIfAbsent(owner, renewal) == null) {
                LOG.warnf(
                        e,
                        "renewed tokens of %s could not be stored; they are kept and tried again",
                        renewal.renewed().subject());
            }
            hold(owner);
            throw new CronofyException.Unavailable("renewed tokens could not be stored", BETWEEN_TRIES, e);
        }
        unstored.remove(owner, renewal);
        if (!kept) {
            throw new CronofyException.GrantGone("the right ended while its tokens were refreshed");
        }
        return renewal.renewed();
    }

    /**
     * Stores the renewal of this owner that waits: refreshing the former tokens once more would ruin it.
     *
     * @return empty if none waits, or if nobody wants it any more; what is stored counts then
     * @throws CronofyException.Unavailable our tables cannot be written now either
     */
    Optional<Credential> storeWaiting(CredentialOwner owner) throws CronofyException {
        Renewal renewal = unstored.get(owner);
        if (renewal == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(store(owner, renewal));
        } catch (CronofyException.GrantGone unwanted) {
            return Optional.empty();
        }
    }

    /** So that no other node sends the former tokens meanwhile, where the claim at least can be written. */
    private void hold(CredentialOwner owner) {
        Instant now = clock.instant();
        try {
            transactions.doInRealm(owner.realm(), work -> owner.claim(work).hold(now, now.plus(HELD)));
        } catch (RuntimeException e) {
            // Of what is away somebody has heard already.
            LOG.debugf("renewed tokens could not be held: %s", e.getMessage());
        }
    }

    private void tryAgain(CredentialOwner owner) {
        try {
            storeWaiting(owner);
        } catch (CronofyException e) {
            LOG.debugf("%s", e.getMessage());
        }
    }

    private boolean keepOrRevoke(CredentialOwner owner, Renewal renewal) {
        try {
            return transactions.inRealm(owner.realm(), work -> keep(work, owner, renewal));
        } catch (Transactions.RealmGone gone) {
            if (transactions.inServer(
                    work -> work.removedRealm(owner.realm()).removedRealms().awaits(owner.realm()))) {
                // It may be back in a moment, and what it brings along of these tokens no longer works then.
                throw gone;
            }
            transactions.doInServer(work -> revoke(
                    work.revocations(),
                    renewal,
                    new Revocation.Cause(owner.realm(), null, null, null, Reason.REALM_REMOVED)));
            return false;
        }
    }

    /** What can no longer be kept is revoked by its newest token, since the one in an earlier order may be dead. */
    private boolean keep(Work work, CredentialOwner owner, Renewal renewal) {
        Optional<Credential> current = owner.current(work);
        if (current.equals(Optional.of(renewal.renewed()))) {
            // Stored before, by a commit of which nobody heard, or by whoever was faster.
            return true;
        }
        boolean kept = current.equals(Optional.of(renewal.stored()))
                && owner.renew(work, renewal.renewed(), renewal.application());
        if (!kept) {
            revoke(work.revocations(), renewal, owner.cause(work));
        }
        return kept;
    }

    private void revoke(RevocationStore revocations, Renewal renewal, Revocation.Cause cause) {
        revocations.add(
                new RevocationOrder(
                        renewal.application(),
                        renewal.renewed().subject(),
                        renewal.renewed().tokens().refreshToken()),
                cause,
                clock.instant());
    }
}
