package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Looks after members whose account at Cronofy somebody has authorized once more, and what came of that was not kept: a
 * mailbox that proved a link by another of its names, the answer to a move that was dropped. Nobody knows whether it has
 * ended the tokens in use. They are renewed at once, so that it is found out here, and not by whoever uses them; and
 * whoever has lost theirs is asked for anew.
 */
final class SecondAuthorizations {
    private static final Logger LOG = Logger.getLogger(SecondAuthorizations.class);

    private final Transactions transactions;
    private final CredentialRefresher credentials;
    private final Worker worker;
    private final InstantSource clock;

    SecondAuthorizations(
            Transactions transactions, CredentialRefresher credentials, Worker worker, InstantSource clock) {
        this.transactions = transactions;
        this.credentials = credentials;
        this.worker = worker;
        this.clock = clock;
    }

    /** What is done once at a time on a node. */
    private record Renewal(String delegation) {}

    /**
     * Renews their tokens in the background.
     *
     * @param holders delegations that hold the account
     * @param dropped the order of what was not kept; empty if it no longer opens
     */
    void lookAfter(List<Delegation> holders, Optional<RevocationOrder> dropped) {
        holders.forEach(holder -> worker.submitOnce(new Renewal(holder.id()), () -> renew(holder, dropped)));
    }

    private void renew(Delegation holder, Optional<RevocationOrder> dropped) {
        CredentialOwner owner = new CredentialOwner.OfMember(holder.link().realm(), holder.id(), holder.userId());
        try {
            Optional<Credential> stored = transactions
                    .inRealm(owner.realm(), owner::current)
                    .filter(own -> dropped.filter(
                                    order -> own.tokens().refreshToken().equals(order.refreshToken()))
                            .isEmpty());
            if (stored.isPresent()) {
                Credential unused = credentials.afterRejection(owner, stored.get());
            }
        } catch (CronofyException.GrantGone ended) {
            LOG.infof("delegation %s has lost its tokens to another authorization and is asked for anew", holder.id());
            Instant now = clock.instant();
            transactions.doInRealm(owner.realm(), work -> work.waiting()
                    .put(new WaitingMember(holder.link(), holder.userId(), Optional.empty()), now, now));
        } catch (CronofyException | Unreadable | Transactions.RealmGone not) {
            LOG.debugf("the tokens of delegation %s were not renewed: %s", holder.id(), not.getMessage());
        }
    }
}
