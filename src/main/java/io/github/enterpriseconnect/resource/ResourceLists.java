package io.github.enterpriseconnect.resource;

import io.github.enterpriseconnect.candidate.ResourceGate;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.DailyCheck;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.ServiceAccountLooks;
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.SweepStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Keeps what Cronofy lists of the resources of each link whose service account may list them: once a day, by one node, after
 * everybody else who has something to ask of Cronofy. What could not be read changes nothing.
 */
public final class ResourceLists {
    private static final Logger LOG = Logger.getLogger(ResourceLists.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);
    private static final Duration CLAIM = Duration.ofMinutes(5);
    private static final Duration LATER = Duration.ofMinutes(10);
    private static final Duration AFTER_OUTAGE = Duration.ofMinutes(30);
    private static final Duration WHILE_LINK_RESTS = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int PAGE = 500;
    private static final int ROUND = 20;

    private final Transactions transactions;
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Worker worker;
    private final ListedResources listed;
    private final InstantSource clock;

    public ResourceLists(
            Transactions transactions,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Worker worker,
            DelegationTermination termination,
            RevocationDispatcher dispatcher,
            InstantSource clock) {
        this.transactions = transactions;
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.worker = worker;
        this.listed = new ListedResources(transactions, termination.resources(), dispatcher);
        this.clock = clock;
    }

    public void start() {
        // Links that an older version has authorized.
        new DailyCheck(transactions, worker, SweepStore.Kind.RESOURCE_LISTS, clock).start("", this::enlist);
        worker.submitEvery(BETWEEN_ROUNDS, this::readDue);
    }

    private Optional<String> enlist(String after) {
        List<ServiceAccountLooks.Linked> page =
                transactions.inServer(work -> work.serviceAccountLooks().linked(after, PAGE));
        Map<String, List<LinkId>> byRealm = page.stream()
                .filter(ServiceAccountLooks.Linked::listsResources)
                .map(ServiceAccountLooks.Linked::link)
                .collect(Collectors.groupingBy(LinkId::realm, LinkedHashMap::new, Collectors.toList()));
        byRealm.forEach((realm, links) -> worker.attempt(() -> enlist(realm, links)));
        return page.size() < PAGE
                ? Optional.empty()
                : Optional.of(page.get(page.size() - 1).row());
    }

    private void enlist(String realm, List<LinkId> links) {
        try {
            transactions.doInRealm(
                    realm, work -> links.forEach(link -> work.resourceLists().keep(link, clock.instant())));
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("realm %s is gone", realm);
        }
    }

    private void readDue() {
        List<LinkId> due = transactions.inServer(work -> work.resourceLists().due(clock.instant(), ROUND));
        due.forEach(link -> worker.attempt(() -> read(link)));
    }

    /** Reads the list soon, rather than at the next round. */
    public void readSoon(LinkId link) {
        worker.submitOnce(new Reading(link), () -> read(link));
    }

    /** What is done once at a time on a node. */
    private record Reading(LinkId link) {}

    private void read(LinkId id) {
        Instant now = clock.instant();
        try {
            Optional<Application> application = transactions.claimInRealm(id.realm(), work -> claim(work, id, now));
            if (application.isPresent()) {
                listed.keep(id, ask(id, application.get()), now, next(id, now));
            }
        } catch (Unreadable away) {
            LOG.debugf("resources of link %s wait: %s", id.name(), away.getMessage());
            transactions.doInServer(work -> work.resourceLists().later(id, now.plus(LATER)));
        } catch (Transactions.RealmGone gone) {
            transactions.doInServer(work -> forget(work.removedRealm(id.realm()), id));
        } catch (CronofyException failure) {
            LOG.debugf("resources of link %s cannot be listed: %s", id.name(), failure.getMessage());
            boolean passes = failure instanceof CronofyException.Unavailable;
            transactions.doInServer(work -> {
                if (failure.held()) {
                    work.resourceLists().later(id, now.plus(failure.retryAfter()));
                } else {
                    work.resourceLists().fail(id, failure.reason(), passes ? now.plus(AFTER_OUTAGE) : next(id, now));
                }
            });
            // Whoever has an address of theirs by now does not wait for Cronofy; where this comes soon again, for
            // directories.
            listed.review(id, !passes, now);
        }
    }

    /** Not for all links at the same time of the day. */
    private static Instant next(LinkId link, Instant now) {
        return now.plus(DAY).minus(Duration.ofMinutes(Math.floorMod(link.hashCode(), 60)));
    }

    private void forget(Storage left, LinkId id) {
        boolean mayReturn = left.removedRealms().awaits(id.realm());
        if (!mayReturn) {
            end(left, id);
        }
    }

    /** By an older version, which knows of no resources. */
    private void end(Storage storage, LinkId id) {
        Instant now = clock.instant();
        if (!storage.resources().of(id, 1).isEmpty()) {
            storage.changes().add(new Change.LinkEnded(id), now, now);
        }
        storage.resourceLists().remove(id);
    }

    /** Empty if nothing is to be asked for. */
    private Optional<Application> claim(Work work, LinkId id, Instant now) {
        if (!work.resourceLists().claim(id, now, now.plus(CLAIM))) {
            return Optional.empty();
        }
        Link link = work.links().get(id);
        if (!link.linked()) {
            end(work.storage(), id);
            return Optional.empty();
        }
        work.resourceGrants().askAnew(id, String.valueOf(link.serviceAccount()), now);
        boolean rests = link.state() != Link.State.ACTIVE
                || !work.realm().enabled()
                || ResourceGate.suspension(work, link).isPresent();
        Optional<Application> application = rests
                ? Optional.empty()
                : work.realm().application().filter(present -> present.key().equals(link.application()));
        if (application.isEmpty()) {
            work.resourceLists().later(id, now.plus(WHILE_LINK_RESTS));
        }
        return application;
    }

    /** Empty for a link that may not list any; those that were named are looked at all the same. */
    private Optional<List<Resource.Listed>> ask(LinkId link, Application application) throws CronofyException {
        boolean lists = transactions.inRealm(
                link.realm(), work -> work.links().get(link).listsResources());
        if (!lists) {
            return Optional.empty();
        }
        CredentialOwner.OfLink owner = new CredentialOwner.OfLink(link);
        Credential credential = credentials.forWork(owner, Purpose.LOOK);
        try {
            return Optional.of(ask(application, credential));
        } catch (CronofyException.TokenNotRecognised rejected) {
            return Optional.of(ask(application, credentials.afterRejection(owner, credential)));
        }
    }

    private List<Resource.Listed> ask(Application application, Credential credential) throws CronofyException {
        try {
            return cronofy.resources(application, credential.tokens().accessToken(), true, Purpose.LOOK);
        } catch (CronofyException.Refused refused) {
            if (!refused.requestFaulty()) {
                throw refused;
            }
            return cronofy.resources(application, credential.tokens().accessToken(), false, Purpose.LOOK);
        }
    }
}
