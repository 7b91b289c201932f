package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.DelegationStore;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Asks Cronofy for members: has the asks prepared and committed, and only then sends one request for up to fifty of
 * them. A failure is noted with the time of the next attempt.
 */
public final class DelegationRequests {
    private static final Logger LOG = Logger.getLogger(DelegationRequests.class);
    private static final int MOST_FAILURES_IN_A_ROW = 3;

    private final Transactions transactions;
    private final AskPreparation preparation;
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Retries retries;
    private final InstantSource clock;

    public DelegationRequests(
            Transactions transactions,
            AskPreparation preparation,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.preparation = preparation;
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.retries = retries;
        this.clock = clock;
    }

    /**
     * Asks for those of the members whom the gate lets through now.
     *
     * @param members at most fifty users' ids, each with the sign-in that it is about; without, the last one counts
     * @return members whom the gate lets through by another link than this one
     */
    Map<LinkId, Map<String, Optional<SignIn>>> ask(LinkId link, Map<String, Optional<SignIn>> members) {
        AskPreparation.Batch batch = prepare(link, members);
        if (batch.application().isPresent() && !batch.prepared().isEmpty()) {
            send(link, batch.application().get(), batch.prepared());
        }
        return batch.elsewhere();
    }

    private AskPreparation.Batch prepare(LinkId link, Map<String, Optional<SignIn>> members) {
        try {
            return transactions.inRealm(link.realm(), work -> preparation.prepare(work, link, members));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: one on whom nobody can decide, such as by a directory that fails in a way of its
            // own,
            // must not keep the others of the batch from being asked for.
            if (members.size() == 1) {
                members.forEach((userId, signIn) -> comeBack(link, userId, signIn));
                throw e;
            }
            LOG.warnf("members of link %s are prepared one by one: %s", link.name(), e.getMessage());
            return prepareOneByOne(link, members);
        }
    }

    /** Gives up where it is not about single members, such as with a database that is away; they come back by their rows. */
    private AskPreparation.Batch prepareOneByOne(LinkId link, Map<String, Optional<SignIn>> members) {
        AskPreparation.Batch all = AskPreparation.Batch.EMPTY;
        int failedInARow = 0;
        for (Map.Entry<String, Optional<SignIn>> member : members.entrySet()) {
            try {
                all = all.and(transactions.inRealm(
                        link.realm(),
                        work -> preparation.prepare(work, link, Map.of(member.getKey(), member.getValue()))));
                failedInARow = 0;
            } catch (Transactions.RealmGone gone) {
                throw gone;
            } catch (RuntimeException e) {
                // Deliberately everything, as above.
                LOG.warnf(e, "user %s could not be prepared for link %s", member.getKey(), link.name());
                failedInARow++;
                if (failedInARow == MOST_FAILURES_IN_A_ROW) {
                    return all;
                }
                comeBack(link, member.getKey(), member.getValue());
            }
        }
        return all;
    }

    private void comeBack(LinkId link, String userId, Optional<SignIn> signIn) {
        transactions.doInRealm(
                link.realm(),
                work -> preparation.comeBack(work, new WaitingMember(link, userId, signIn), Reason.UNAVAILABLE));
    }

    private void send(LinkId link, Application application, List<AskPreparation.Prepared> asks) {
        try {
            CredentialOwner.OfLink serviceAccount = new CredentialOwner.OfLink(link);
            Credential credential = credentials.forWork(serviceAccount);
            try {
                ask(application, credential, asks);
            } catch (CronofyException.TokenNotRecognised rejected) {
                ask(application, credentials.afterRejection(serviceAccount, credential), asks);
            }
            LOG.debugf("asked for %d members of link %s", asks.size(), link.name());
        } catch (CronofyException.Refused refused) {
            if (refused.requestFaulty() && asks.size() > 1) {
                asks.forEach(one -> send(link, application, List.of(one)));
            } else {
                failed(link, asks, refused);
            }
        } catch (CronofyException e) {
            failed(link, asks, e);
        }
    }

    private void ask(Application application, Credential credential, List<AskPreparation.Prepared> asks)
            throws CronofyException {
        cronofy.askDelegations(
                application,
                credential.tokens().accessToken(),
                asks.stream().map(AskPreparation.Prepared::ask).toList());
    }

    private void failed(LinkId link, List<AskPreparation.Prepared> asks, CronofyException failure) {
        LOG.warnf("asking for %d members of link %s failed: %s", asks.size(), link.name(), failure.getMessage());
        transactions.doInRealm(link.realm(), work -> asks.forEach(one -> failed(work, one.delegation(), failure)));
    }

    private void failed(Work work, Delegation asked, CronofyException failure) {
        DelegationStore delegations = work.delegations();
        Instant now = clock.instant();
        if (failure instanceof CronofyException.GrantGone) {
            Refusal.until(now, Reason.LINK_NOT_ACTIVE).record(work, asked, now);
        } else if (failure instanceof CronofyException.Refused) {
            Refusal.until(retries.afterRefusal(now, asked.attempts()), failure.reason())
                    .record(work, asked, now);
        } else if (failure instanceof CronofyException.NotDone) {
            delegations.takeBack(asked, now, now.plus(failure.retryAfter()));
        } else {
            delegations.stayUnanswered(
                    asked, failure.reason(), now, retries.afterOutage(now, asked.attempts(), failure.retryAfter()));
        }
    }
}
