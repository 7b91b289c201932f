package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.LinkHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Sends the asks of one link and notes what failed. What Cronofy refuses is a member's own matter only where it accepts
 * others of the same link; everything else is the link's: its members wait, without an end, and one request at growing
 * intervals tells when it is over ({@link LinkHealth}).
 */
final class Asks {
    private static final Logger LOG = Logger.getLogger(Asks.class);

    /** So many who are refused by themselves, and nobody accepted, are no chance. */
    private static final int ENOUGH_REFUSED = 3;

    private static final Duration A_MOMENT = Duration.ofSeconds(1);

    private final Transactions transactions;
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Retries retries;
    private final InstantSource clock;

    Asks(
            Transactions transactions,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.retries = retries;
        this.clock = clock;
    }

    /** @param urgency how important it is where the allowance is short */
    record Way(LinkId link, Application application, Purpose urgency) {}

    /**
     * Sends asks, which have been committed.
     *
     * @param way through which link, with what application, and how important that is
     * @param troubled whether something was wrong with the link before
     */
    void send(Way way, List<PreparedAsks.Prepared> asks, boolean troubled) {
        LinkId link = way.link();
        try {
            ask(way, asks);
            LOG.debugf("asked for %d members of link %s", asks.size(), link.name());
            if (troubled) {
                recovered(link);
            }
        } catch (CronofyException.Refused refused) {
            boolean apart = ofResources(asks) && (asks.size() == 1 || !refused.requestFaulty());
            if (apart) {
                asks.forEach(one -> refusedItself(link, one));
            } else if (!refused.requestFaulty()) {
                linkFailed(link, asks, refused);
            } else if (asks.size() == 1) {
                refusedAlone(link, asks.get(0), refused);
            } else {
                sendOneByOne(way, troubled ? inTurn(asks) : asks, refused, troubled);
            }
        } catch (CronofyException e) {
            linkFailed(link, asks, e);
        }
    }

    /** A refusal of these is never the link's matter: Cronofy may accept its members all the same. */
    private static boolean ofResources(List<PreparedAsks.Prepared> asks) {
        return asks.stream().allMatch(one -> one.delegation().ofResource());
    }

    private void ask(Way way, List<PreparedAsks.Prepared> asks) throws CronofyException {
        CredentialOwner.OfLink serviceAccount = new CredentialOwner.OfLink(way.link());
        Credential credential = credentials.forWork(serviceAccount);
        try {
            ask(way, credential, asks);
        } catch (CronofyException.TokenNotRecognised rejected) {
            ask(way, credentials.afterRejection(serviceAccount, credential), asks);
        }
    }

    /** Not by another service account than what is noted, since an answer counts as granted through that. */
    private void ask(Way way, Credential credential, List<PreparedAsks.Prepared> asks) throws CronofyException {
        if (!asks.stream().allMatch(one -> one.through().equals(credential.subject()))) {
            throw CronofyException.NotDone.held("the service account has just been replaced", A_MOMENT);
        }
        cronofy.askDelegations(
                way.application(),
                credential.tokens().accessToken(),
                asks.stream().map(PreparedAsks.Prepared::ask).toList(),
                way.urgency());
    }

    /** Others come first at each time, so that a few whom Cronofy refuses do not stand for the whole link for ever. */
    private List<PreparedAsks.Prepared> inTurn(List<PreparedAsks.Prepared> asks) {
        List<PreparedAsks.Prepared> turned = new ArrayList<>(asks);
        Collections.rotate(turned, (int) (clock.instant().getEpochSecond() % asks.size()));
        return turned;
    }

    /**
     * Cronofy starts nothing of a batch of which it refuses one entry.
     *
     * @param troubled whether a few refusals are enough to tell that it is the link's matter still
     */
    private void sendOneByOne(
            Way way, List<PreparedAsks.Prepared> asks, CronofyException.Refused ofAll, boolean troubled) {
        LinkId link = way.link();
        List<PreparedAsks.Prepared> refused = new ArrayList<>();
        boolean accepted = false;
        boolean resources = ofResources(asks);
        for (int i = 0; i < asks.size(); i++) {
            if (troubled && !resources && !accepted && refused.size() == ENOUGH_REFUSED) {
                refused.addAll(asks.subList(i, asks.size()));
                break;
            }
            List<PreparedAsks.Prepared> one = List.of(asks.get(i));
            try {
                ask(way, one);
                accepted = true;
            } catch (CronofyException e) {
                if (e instanceof CronofyException.Refused again && (again.requestFaulty() || resources)) {
                    refused.add(asks.get(i));
                } else if (e.held()) {
                    linkFailed(link, one, e);
                } else {
                    linkFailed(link, asks.subList(i, asks.size()), e);
                    break;
                }
            }
        }
        if (accepted || resources) {
            refused.forEach(one -> refusedItself(link, one));
            if (accepted) {
                recovered(link);
            }
        } else if (refused.size() > 1) {
            linkFailed(link, refused, ofAll);
        } else {
            refused.forEach(one -> refusedAlone(link, one, ofAll));
        }
    }

    private void recovered(LinkId link) {
        boolean wasSick =
                transactions.inRealm(link.realm(), work -> work.linkHealth().recover(link, clock.instant()));
        if (wasSick) {
            LOG.warnf("members of link %s can be asked for again", link.name());
        }
    }

    private void refusedItself(LinkId link, PreparedAsks.Prepared one) {
        LOG.infof(
                "Cronofy refuses the mailbox of delegation %s", one.delegation().id());
        transactions.doInRealm(link.realm(), work -> refusedItself(work, one.delegation()));
    }

    private void refusedItself(Work work, Delegation asked) {
        Instant now = clock.instant();
        Refusal.until(retries.afterRefusal(now, asked.attempts()), Reason.REFUSED_BY_CRONOFY)
                .record(work, asked, now);
    }

    /** Whether it is the member's matter or the link's is known only once others have been asked for. */
    private void refusedAlone(LinkId link, PreparedAsks.Prepared one, CronofyException.Refused refused) {
        boolean everybody = transactions.inRealm(link.realm(), work -> {
            boolean others = work.linkHealth().refuseOne(one.delegation(), clock.instant());
            if (!others) {
                refusedItself(work, one.delegation());
            }
            return others;
        });
        if (everybody) {
            linkFailed(link, List.of(one), refused);
        }
    }

    private void linkFailed(LinkId link, List<PreparedAsks.Prepared> asks, CronofyException failure) {
        if (failure instanceof CronofyException.GrantGone) {
            transactions.doInRealm(link.realm(), work -> {
                Instant now = clock.instant();
                if (work.links().get(link).state() == Link.State.ACTIVE) {
                    // Somebody has authorized it anew; nobody would look at these members once more.
                    wait(work, asks, known(work, link), retries.afterOutage(now, 1, Duration.ZERO));
                } else {
                    asks.forEach(
                            one -> Refusal.until(now, Reason.LINK_NOT_ACTIVE).record(work, one.delegation(), now));
                }
            });
        } else if (failure.held()) {
            LOG.debugf("asking for %d members of link %s waits: %s", asks.size(), link.name(), failure.getMessage());
            transactions.doInRealm(
                    link.realm(),
                    work -> wait(work, asks, known(work, link), clock.instant().plus(failure.retryAfter())));
        } else {
            boolean alarm = transactions.inRealm(link.realm(), work -> fail(work, link, asks, failure));
            LOG.logf(
                    alarm ? Logger.Level.WARN : Logger.Level.DEBUG,
                    "nobody of link %s can be asked for; its members wait: %s",
                    link.name(),
                    failure.getMessage());
        }
    }

    /** What is known to be wrong, though nobody has tried now. */
    private static Reason known(Work work, LinkId link) {
        Link.Problem problem = work.links().get(link).problem();
        return problem == null ? Reason.UNAVAILABLE : problem.reason();
    }

    private boolean fail(Work work, LinkId link, List<PreparedAsks.Prepared> asks, CronofyException failure) {
        Instant now = clock.instant();
        boolean passes =
                failure instanceof CronofyException.Unavailable || failure instanceof CronofyException.Misconfigured;
        LinkHealth.Failure noted = work.linkHealth()
                .fail(
                        link,
                        failure.reason(),
                        now,
                        failures -> passes
                                ? retries.afterOutage(now, failures, failure.retryAfter())
                                : retries.afterProblem(now, failures));
        wait(work, asks, failure.reason(), noted.next());
        if (failure instanceof CronofyException.Refused) {
            work.linkHealth().waitInstead(link, now, noted.next()).forEach(row -> work.credentials()
                    .show(row.userId(), Delegation.State.ASKED, link.name()));
        }
        return noted.alarm();
    }

    private void wait(Work work, List<PreparedAsks.Prepared> asks, Reason reason, Instant next) {
        Instant now = clock.instant();
        asks.forEach(one -> work.delegations().takeBack(one.delegation(), reason, now, next));
    }
}
