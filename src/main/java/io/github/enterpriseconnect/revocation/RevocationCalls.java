package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.storage.DatabaseFailure;
import io.github.enterpriseconnect.storage.DueRevocations;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Sends revocations to Cronofy, with whichever secret of the application it accepts. */
final class RevocationCalls {
    private static final Logger LOG = Logger.getLogger(RevocationCalls.class);

    private final Transactions transactions;
    private final Cronofy cronofy;

    RevocationCalls(Transactions transactions, Cronofy cronofy) {
        this.transactions = transactions;
        this.cronofy = cronofy;
    }

    /** With the secret that should be right, or else with any by which another link of the application is kept. */
    void revoke(DueRevocations.Claimed claimed, RevocationOrder order) throws CronofyException {
        Application application = present(claimed, order.application());
        try {
            cronofy.revoke(application, order.refreshToken(), order.subject());
        } catch (CronofyException refused) {
            if (!anotherMayDo(refused) || !revokedByAnother(application, order)) {
                throw refused;
            }
        }
    }

    private static boolean anotherMayDo(CronofyException refused) {
        return refused instanceof CronofyException.Misconfigured || refused.secretRefused();
    }

    private boolean revokedByAnother(Application refused, RevocationOrder order) throws CronofyException {
        List<Application> others = transactions.inServer(work -> work.applications(refused.key()));
        for (Application other : others) {
            if (!other.secrets().equals(refused.secrets())) {
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

    /** @throws RuntimeException the realm's secret cannot be read now, and there is no other */
    static Optional<Application> presentOrAnother(ServerWork work, String realm, String key) {
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

    /** @throws RuntimeException the realm has a secret that cannot be read now */
    private static Optional<Application> present(ServerWork work, String realm, String key) {
        return work.realm(realm)
                .flatMap(inRealm -> inRealm.realm().application())
                .filter(present -> present.key().equals(key));
    }
}
