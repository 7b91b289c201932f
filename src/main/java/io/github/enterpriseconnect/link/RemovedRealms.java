package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.platform.Realm;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.RealmReturn;
import io.github.enterpriseconnect.storage.RemovedRealm;
import io.github.enterpriseconnect.storage.RemovedRealmStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Realms that are removed, and may be back in a moment: who imports a realm over itself removes it first. From the
 * removal on nobody is served; but what would be revoked is kept apart for a while. It goes on as before if that very
 * realm comes back: one of the same id, whose settings name the same application and whose own keys open what was
 * sealed. Whoever merely creates a realm of that id gets nothing and stops nothing.
 *
 * <p>Nothing irrevocable happens before the time is over. Only then counts as removed who is not there: organizations
 * and users that the realm has come back without, or all of it.
 */
public final class RemovedRealms {
    private static final Logger LOG = Logger.getLogger(RemovedRealms.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);
    private static final int AT_ONCE = 100;

    /** For so long a node looks for a key that cannot be read now, before what it sealed counts as somebody else's. */
    private static final Duration FOR_A_KEY = Duration.ofHours(1);

    private final Transactions transactions;
    private final LinkCache cache;
    private final Worker worker;
    private final Links links;
    private final Retries retries;
    private final Duration grace;
    private final InstantSource clock;
    private final Alarms alarms = new Alarms();

    /** Removals of which was said that another realm has their id. */
    private final Set<String> strangers = ConcurrentHashMap.newKeySet();

    /** Since when this node has looked for a key of a removal that may be the realm's. */
    private final Map<String, Instant> undecided = new ConcurrentHashMap<>();

    /** @param grace for how long what a removed realm leaves behind is kept; zero to end it at once */
    public RemovedRealms(
            Transactions transactions,
            LinkCache cache,
            Worker worker,
            Links links,
            Retries retries,
            Duration grace,
            InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.worker = worker;
        this.links = links;
        this.retries = retries;
        this.grace = grace;
        this.clock = clock;
    }

    /**
     * Takes back at once, before anybody is served, what came back while no server ran; and looks again and again: each
     * removal ever more rarely, and at once where somebody has told us of a reason.
     */
    public void start() {
        // Ends nothing: a key store may be there a moment later than the server.
        worker.attempt(() -> transactions
                .inServer(work -> work.removedRealm("").removedRealms().list())
                .forEach(removed -> look(removed, false)));
        worker.submitEvery(BETWEEN_LOOKS, this::look);
    }

    /** A realm is being removed: nobody is served from the commit of the caller's transaction on. */
    public void removed(Work work) {
        Instant now = clock.instant();
        Instant end = now.plus(grace);
        String realm = work.realm().id();
        int rows = work.storage().removedRealms().setApart(realm, now, end);
        if (rows > 0) {
            LOG.infof(
                    "realm %s is removed; what was linked in it is revoked after %s unless it comes back", realm, end);
            work.afterCommit(() -> changed(realm));
        }
    }

    /** A realm has been created, perhaps from a file, with users who may have been connected before. */
    public void created(Work work) {
        String realm = work.realm().id();
        if (work.storage().removedRealms().awaits(realm)) {
            work.afterCommit(() -> changed(realm));
            return;
        }
        long carriers = work.credentials().carriers();
        if (carriers > 0) {
            LOG.warnf(
                    "realm %s brings %d members who were connected elsewhere, but this database has no links of it:"
                            + " have its organizations linked again; the members are connected anew as they sign in",
                    work.realm().name(), carriers);
        }
    }

    /** What has just been committed may be what a removed realm of this id needs to be back. */
    public void changed(String realmId) {
        worker.submitOnce(new Changed(realmId), () -> {
            boolean awaited = transactions.inServer(
                    work -> work.removedRealm(realmId).removedRealms().awaits(realmId));
            if (awaited) {
                transactions.doInServer(
                        work -> work.removedRealm(realmId).removedRealms().lookSoon(realmId));
                look();
            }
        });
    }

    /** What is done once at a time. */
    private record Changed(String realm) {}

    private void look() {
        Instant now = clock.instant();
        transactions
                .inServer(work -> work.removedRealm("").removedRealms().due(now, AT_ONCE))
                .forEach(removed -> look(removed, true));
    }

    /** Each by itself: one that cannot be looked at now keeps no other from it. */
    private void look(RemovedRealm removed, boolean mayEnd) {
        try {
            lookAt(removed, mayEnd);
            alarms.ends(removed.id());
        } catch (RuntimeException e) {
            // Deliberately everything: directories and key stores fail in ways of their own.
            LOG.logf(
                    alarms.begins(removed.id(), Reason.UNAVAILABLE) ? Logger.Level.WARN : Logger.Level.DEBUG,
                    e,
                    "it cannot be told now whether realm %s is back",
                    removed.realm());
            worker.attempt(() -> transactions.doInServer(
                    server -> looked(server.removedRealm("").removedRealms(), removed, removed.looks() + 1)));
        }
    }

    private void lookAt(RemovedRealm removed, boolean mayEnd) {
        // First what has come back, however late it is: nothing of it has been revoked yet.
        Optional<RealmReturn.TakenBack> looked =
                transactions.inServer(server -> takeBack(server, removed.id(), mayEnd));
        if (looked.isEmpty()) {
            return;
        }
        RealmReturn.TakenBack taken = looked.get();
        if (!taken.links().isEmpty() || taken.delegations() > 0) {
            LOG.infof(
                    "realm %s is back: %d links and %d members of them go on as before",
                    removed.realm(), taken.links().size(), taken.delegations());
            taken.links().forEach(name -> cache.forget(new LinkId(removed.realm(), name)));
        }
        Instant now = clock.instant();
        boolean waits = taken.undecided() && waits(removed, now);
        if (mayEnd && !waits && !now.isBefore(removed.endsAt())) {
            forgetChanges(removed.id());
            List<LinkId> ended = transactions.inServer(server -> end(server, removed.id()));
            ended.forEach(links::unlinked);
            links.realmEnded();
            strangers.remove(removed.id());
            undecided.remove(removed.id());
            LOG.infof("what did not come back of realm %s has ended", removed.realm());
        }
    }

    /** The next look comes after a pause that grows to half an hour, but not later than what may end then. */
    private void looked(RemovedRealmStore store, RemovedRealm removed, int inVain) {
        Instant now = clock.instant();
        Optional<Instant> keyGivenUp =
                Optional.ofNullable(undecided.get(removed.id())).map(since -> since.plus(FOR_A_KEY));
        Instant next = Stream.concat(Stream.of(removed.endsAt()), keyGivenUp.stream())
                .filter(now::isBefore)
                .reduce(retries.afterProblem(now, inVain), (one, other) -> one.isBefore(other) ? one : other);
        store.looked(removed.id(), inVain, next);
    }

    /** There is nobody left of whom they could be judged. */
    private void forgetChanges(String id) {
        transactions
                .inServer(server -> server.removedRealm(id).changes().all())
                .forEach(change -> transactions.doInServer(
                        server -> server.removedRealm(id).changes().judged(change)));
    }

    /** Not for ever, so that nobody who creates a realm of that id stops the end by a key store that is not there. */
    private boolean waits(RemovedRealm removed, Instant now) {
        Instant since = undecided.computeIfAbsent(removed.id(), id -> {
            LOG.warnf(
                    "realm %s has the id of a removed one, and a key that may be that one's cannot be read now: what was"
                            + " linked is not revoked before %s; have the key providers of the realm see their keys",
                    removed.realm(), now.plus(FOR_A_KEY));
            return now;
        });
        return now.isBefore(since.plus(FOR_A_KEY));
    }

    /** Empty if there is nothing to look at any more, or another node has just done so. */
    private Optional<RealmReturn.TakenBack> takeBack(ServerWork server, String id, boolean due) {
        RemovedRealmStore removals = server.removedRealm("").removedRealms();
        return (due ? removals.lockDue(id, clock.instant()) : removals.lock(id)).map(removed -> {
            RealmReturn.TakenBack taken = takeBack(server, removed);
            boolean any = !taken.links().isEmpty() || taken.delegations() > 0;
            looked(removals, removed, any ? 1 : removed.looks() + 1);
            return taken;
        });
    }

    private RealmReturn.TakenBack takeBack(ServerWork server, RemovedRealm removed) {
        Optional<Work> there = server.realm(removed.realm());
        Optional<String> application = there.flatMap(work -> work.realm().applicationKey());
        if (there.isEmpty() || application.isEmpty()) {
            return RealmReturn.TakenBack.NOTHING;
        }
        Work work = there.get();
        Realm realm = work.realm();
        RealmReturn.TakenBack taken = work.storage()
                .realmReturn(removed)
                .takeBack(
                        application.get(),
                        name -> realm.has(new LinkId(realm.id(), name)),
                        work.users()::present,
                        clock.instant());
        boolean stranger = taken.links().isEmpty() && !removed.back() && !taken.undecided();
        if (stranger && strangers.add(removed.id())) {
            LOG.warnf(
                    "realm %s has the id of a removed one, but not its application and keys: what was linked in that one"
                            + " is revoked after %s",
                    realm.name(), removed.endsAt());
        }
        return taken;
    }

    /** @return links of a realm that is back, which are ended as if their organizations had been removed */
    private List<LinkId> end(ServerWork server, String id) {
        Optional<RemovedRealm> found = server.removedRealm("").removedRealms().lock(id);
        if (found.isEmpty()) {
            return List.of();
        }
        RemovedRealm removed = found.get();
        List<LinkId> ended = removed.back()
                ? server.realm(removed.realm())
                        .map(work -> endRest(work, removed))
                        .orElse(List.of())
                : List.of();
        server.removedRealm(id).removeRealm(clock.instant());
        server.removedRealm(id).removedRealms().forget(removed);
        return ended;
    }

    private List<LinkId> endRest(Work work, RemovedRealm removed) {
        List<LinkId> rest = work.storage().realmReturn(removed).takeBackRest(clock.instant()).stream()
                .map(name -> new LinkId(removed.realm(), name))
                .toList();
        rest.forEach(link -> links.remove(work, link));
        return rest;
    }
}
