package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.DailyCheck;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.ServiceAccountLooks;
import io.github.enterpriseconnect.storage.SweepStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Asks Cronofy once a day how each service account stands and what it was granted, in the realms that want it, after
 * everybody else who has something to ask. What is told is shown; it ends nobody's right.
 */
public final class ServiceAccountWatch {
    private static final Logger LOG = Logger.getLogger(ServiceAccountWatch.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);
    private static final Duration CLAIM = Duration.ofMinutes(5);
    private static final Duration LATER = Duration.ofMinutes(10);

    /** While the realm is switched off, or an administrator has stopped it, its tokens are not used. */
    private static final Duration WHILE_STOPPED = Duration.ofHours(1);

    /** Shorter than a day, so that whoever was seen late one day is seen the next day all the same. */
    private static final Duration FRESH = Duration.ofHours(20);

    private static final int PAGE = 500;
    private static final int ROUND = 50;

    private final Transactions transactions;
    private final LinkCache cache;
    private final CredentialRefresher credentials;
    private final Cronofy cronofy;
    private final Worker worker;
    private final InstantSource clock;

    public ServiceAccountWatch(
            Transactions transactions,
            LinkCache cache,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Worker worker,
            InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.credentials = credentials;
        this.cronofy = cronofy;
        this.worker = worker;
        this.clock = clock;
    }

    public void start() {
        new DailyCheck(transactions, worker, SweepStore.Kind.SERVICE_ACCOUNTS, clock).start("", this::enlist);
        worker.submitEvery(BETWEEN_ROUNDS, this::lookAtDue);
    }

    /** Of each realm that wants it, all links; of all others none. */
    private Optional<String> enlist(String after) {
        List<ServiceAccountLooks.Linked> page =
                transactions.inServer(work -> work.serviceAccountLooks().linked(after, PAGE));
        Map<String, List<String>> byRealm = new LinkedHashMap<>();
        page.forEach(one -> byRealm.computeIfAbsent(one.link().realm(), realm -> new ArrayList<>())
                .add(one.row()));
        byRealm.forEach((realm, rows) -> worker.attempt(() -> enlist(realm, rows)));
        return page.size() < PAGE
                ? Optional.empty()
                : Optional.of(page.get(page.size() - 1).row());
    }

    private void enlist(String realm, List<String> rows) {
        Instant now = clock.instant();
        try {
            transactions.doInRealm(realm, work -> {
                if (wanted(work)) {
                    work.storage().serviceAccountLooks().soon(rows, now.minus(FRESH), now);
                }
            });
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("realm %s is gone", realm);
        }
    }

    private static boolean wanted(Work work) {
        return work.realm()
                .settings()
                .filter(settings -> settings.watching().serviceAccounts())
                .isPresent();
    }

    private void lookAtDue() {
        Set<String> full = new HashSet<>();
        boolean more = true;
        while (more) {
            more = lookAtDue(full);
        }
    }

    /**
     * Looks at a page of those that are due.
     *
     * @param full keys of applications of which no other would fare better now
     * @return whether there may be more behind these, which have moved
     */
    private boolean lookAtDue(Set<String> full) {
        Instant now = clock.instant();
        AtomicInteger moved = new AtomicInteger();
        List<ServiceAccountLooks.Due> page =
                transactions.inServer(work -> work.serviceAccountLooks().due(now, ROUND));
        page.forEach(due -> worker.attempt(() -> {
            String application = String.valueOf(due.application());
            if (full.contains(application)) {
                later(due.link());
            } else if (!lookAt(due.link())) {
                full.add(application);
            }
            moved.incrementAndGet();
        }));
        return page.size() == ROUND && moved.get() > 0;
    }

    private void later(LinkId link) {
        Instant next = clock.instant().plus(LATER);
        transactions.doInServer(work -> work.serviceAccountLooks().later(link, next));
    }

    /** @return false if others of the application would fare no better now */
    private boolean lookAt(LinkId link) {
        Instant now = clock.instant();
        Optional<Application> application;
        try {
            application = transactions.claimInRealm(link.realm(), work -> claim(work, link, now));
        } catch (Unreadable | Transactions.RealmGone away) {
            LOG.debugf("link %s is not looked at: %s", link.name(), away.getMessage());
            later(link);
            return true;
        }
        if (application.isEmpty()) {
            return true;
        }
        try {
            Cronofy.ServiceAccount account = ask(link, application.get());
            transactions.doInRealm(link.realm(), work -> see(work, link, account));
            return true;
        } catch (CronofyException failure) {
            LOG.debugf("how link %s stands cannot be told: %s", link.name(), failure.getMessage());
            if (failure.held()) {
                later(link);
            } else {
                transactions.doInServer(work -> work.serviceAccountLooks().asked(link, now));
            }
            return !failure.everybodys();
        }
    }

    private Optional<Application> claim(Work work, LinkId id, Instant now) {
        ServiceAccountLooks looks = work.storage().serviceAccountLooks();
        Link link = work.links().get(id);
        Optional<Application> application = wanted(work) ? work.realm().application() : Optional.empty();
        boolean useful = link.linked()
                && application
                        .filter(one -> one.key().equals(link.application()))
                        .isPresent();
        if (!useful) {
            looks.none(id);
            return Optional.empty();
        }
        Suspensions suspensions = work.suspensions().all();
        if (!work.realm().enabled() || suspensions.realm() || suspensions.link(id.name()) || suspensions.anyUnknown()) {
            looks.later(id, now.plus(WHILE_STOPPED));
            return Optional.empty();
        }
        return looks.claim(id, now, now.plus(CLAIM)) ? application : Optional.empty();
    }

    private Cronofy.ServiceAccount ask(LinkId link, Application application) throws CronofyException {
        CredentialOwner.OfLink owner = new CredentialOwner.OfLink(link);
        Credential credential = credentials.forWork(owner, Purpose.LOOK);
        try {
            return cronofy.serviceAccount(application, credential.tokens().accessToken(), Purpose.LOOK);
        } catch (CronofyException.TokenNotRecognised rejected) {
            Credential renewed = credentials.afterRejection(owner, credential, Purpose.LOOK);
            return cronofy.serviceAccount(application, renewed.tokens().accessToken(), Purpose.LOOK);
        }
    }

    private void see(Work work, LinkId id, Cronofy.ServiceAccount account) {
        work.storage().serviceAccountLooks().asked(id, clock.instant());
        Link before = work.links().get(id);
        Optional<Link> seen = work.links().see(id, account, clock.instant());
        boolean news = seen.filter(link -> !Objects.equals(link.delegatedScope(), before.delegatedScope())
                        || !condition(link).equals(condition(before)))
                .isPresent();
        if (news) {
            LOG.infof(
                    "service account %s of link %s stands otherwise than before at Cronofy",
                    account.subject(), id.name());
            work.afterCommit(() -> cache.forget(id));
        }
    }

    private static Condition condition(Link link) {
        return link.seen() == null ? Condition.UNKNOWN : link.seen().condition();
    }
}
