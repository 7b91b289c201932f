package io.github.enterpriseconnect.link;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Examinations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Looks at links again and again: whether the realm still has what their policies name, which an administrator has to
 * hear of once; and whether tokens open again whose key was lost, so that nobody has to authorize the link anew. The
 * latter is tried ever more rarely, unless somebody has changed the keys.
 */
public final class LinkExamination {
    private static final Logger LOG = Logger.getLogger(LinkExamination.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(10);
    private static final Duration REMEMBERED = Duration.ofHours(2);
    private static final int EXAMINED_AT_ONCE = 500;
    private static final int MOST_REMEMBERED = 10_000;
    private static final String FIRST = "";

    private final Transactions transactions;
    private final LinkCache cache;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;
    private final AtomicReference<String> examinedUpTo = new AtomicReference<>(FIRST);
    private final Cache<LinkId, Looked> keysLookedFor;
    private final Alarms alarms = new Alarms();

    /** Realms of the present cycle through all links, of which some link could be looked at, or could not. */
    private final Set<String> well = ConcurrentHashMap.newKeySet();

    private final Set<String> failed = ConcurrentHashMap.newKeySet();

    /** That a link's key was looked for so often in vain. */
    private record Looked(int times, Instant next) {}

    public LinkExamination(
            Transactions transactions, LinkCache cache, Worker worker, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
        this.keysLookedFor = Caffeine.newBuilder()
                .expireAfterWrite(REMEMBERED)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST_REMEMBERED)
                .build();
    }

    public void start() {
        worker.submitEvery(BETWEEN_ROUNDS, this::examine);
    }

    /** The realm's keys may be others by now: those that were lost are looked for in the next round. */
    public void keysChanged(String realmId) {
        keysLookedFor.asMap().keySet().removeIf(link -> link.realm().equals(realmId));
    }

    private void examine() {
        List<Examinations.LinkToExamine> links =
                transactions.inServer(work -> work.examinations().links(examinedUpTo.get(), EXAMINED_AT_ONCE));
        examinedUpTo.set(
                links.size() < EXAMINED_AT_ONCE
                        ? FIRST
                        : links.get(links.size() - 1).row());
        links.forEach(link -> (examined(link) ? well : failed).add(link.link().realm()));
        if (links.size() < EXAMINED_AT_ONCE) {
            // Not before all have been looked at: the one that fails may be on another page.
            well.removeAll(failed);
            well.forEach(alarms::ends);
            well.clear();
            failed.clear();
        }
    }

    /** Whether nothing stood in the way; of a link whose key is not looked for now, that cannot be told. */
    private boolean examined(Examinations.LinkToExamine found) {
        LinkId link = found.link();
        boolean forKey = found.keyLost() && dueForKey(link);
        if (found.keyLost() && !forKey && !found.policy() && !found.directoryChanged()) {
            return false;
        }
        try {
            if (found.policy() || forKey) {
                transactions.doInRealm(link.realm(), work -> examine(work, link, forKey));
            }
            if (found.directoryChanged()) {
                transactions
                        .inRealm(link.realm(), work -> work.linkRecovery().directoriesOver(link, clock.instant()))
                        .forEach(directory -> LOG.infof(
                                "nobody of link %s is withheld any more for how directory %s is set up",
                                link.name(), directory));
            }
            return true;
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("link %s is without its realm", link.name());
            return true;
        } catch (RuntimeException e) {
            // Deliberately everything: one link that cannot be looked at keeps no other from it.
            LOG.logf(
                    alarms.begins(link.realm(), Reason.UNAVAILABLE) ? Logger.Level.WARN : Logger.Level.DEBUG,
                    e,
                    "a link of realm %s cannot be looked at",
                    link.realm());
            return false;
        }
    }

    /** By a pause that grows to half an hour. */
    private boolean dueForKey(LinkId link) {
        Instant now = clock.instant();
        Looked looked = keysLookedFor.getIfPresent(link);
        if (looked != null && now.isBefore(looked.next())) {
            return false;
        }
        int times = looked == null ? 1 : looked.times() + 1;
        keysLookedFor.put(link, new Looked(times, retries.afterProblem(now, times)));
        return true;
    }

    private void noteWriters(Work work, String attribute) {
        work.writtenAttributes()
                .note(
                        attribute,
                        work.realm().usersWrite(attribute),
                        () -> work.realm().formerlyWritten(attribute),
                        clock.instant());
    }

    private void examine(Work work, LinkId id, boolean forKey) {
        Link link = work.links().get(id);
        String attribute = link.policy().calendarName();
        if (attribute != null) {
            noteWriters(work, attribute);
        }
        if (link.state() == Link.State.UNLINKED) {
            // Whoever authorizes it next asks for members by what the attribute holds then.
            return;
        }
        Reason problem = !link.policy().understood()
                ? Reason.VALUE_UNKNOWN
                : work.realm().resolves(link.policy()) ? null : Reason.RULE_UNRESOLVED;
        if (work.linkRecovery().notePolicy(id, problem, clock.instant())) {
            if (problem == null) {
                LOG.infof("the policy of link %s can be answered again", id.name());
            } else {
                LOG.warnf(
                        "the policy of link %s cannot be answered for everybody (%s); members who depend on it are"
                                + " withheld, and nobody is ended, until it can, or until the policy is saved without",
                        id.name(), problem.id());
            }
        }
        if (link.state() == Link.State.ACTIVE && link.policy().backfill() == Policy.Backfill.CONTINUOUS) {
            work.backfills().keepContinuous(id, clock.instant());
        }
        if (forKey && work.linkRecovery().keyFound(id)) {
            LOG.infof("the tokens of link %s open again", id.name());
            work.linkHealth().authorized(id, clock.instant());
            if (work.links().get(id).state() == Link.State.ACTIVE) {
                work.tell(CalendarEvent.ofLink(CalendarEvent.Kind.AUTHORIZED, id, null, clock.instant()));
            }
            work.afterCommit(() -> cache.forget(id));
        }
    }
}
