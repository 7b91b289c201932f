package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.Realm;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.RealmReturn;
import io.github.enterpriseconnect.storage.RemovedRealm;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    /** For so long a node looks for a key that cannot be read now, before what it sealed counts as somebody else's. */
    private static final Duration FOR_A_KEY = Duration.ofHours(1);

    private final Transactions transactions;
    private final LinkCache cache;
    private final Worker worker;
    private final Links links;
    private final Duration grace;
    private final InstantSource clock;

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
            Duration grace,
            InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.worker = worker;
        this.links = links;
        this.grace = grace;
        this.clock = clock;
    }

    /** Takes back at once, before anybody is served, what came back while no server ran; and looks again and again. */
    public void start() {
        // Ends nothing: a key store may be there a moment later than the server.
        worker.attempt(() -> look(false));
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
            work.afterCommit(this::lookSoon);
        }
    }

    /** A realm has been created, perhaps from a file, with users who may have been connected before. */
    public void created(Work work) {
        if (work.storage().removedRealms().awaits(work.realm().id())) {
            work.afterCommit(this::lookSoon);
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

    private void lookSoon() {
        worker.submitOnce(RemovedRealms.class, this::look);
    }

    private void look() {
        look(true);
    }

    private void look(boolean mayEnd) {
        transactions
                .inServer(work -> work.removedRealm("").removedRealms().list())
                .forEach(removed -> worker.attempt(() -> look(removed, mayEnd)));
    }

    private void look(RemovedRealm removed, boolean mayEnd) {
        // First what has come back, however late it is: nothing of it has been revoked yet.
        RealmReturn.TakenBack taken = transactions.inServer(server -> takeBack(server, removed.id()));
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

    private RealmReturn.TakenBack takeBack(ServerWork server, String id) {
        Optional<RemovedRealm> removed = server.removedRealm("").removedRealms().lock(id);
        Optional<Work> there = removed.flatMap(kept -> server.realm(kept.realm()));
        Optional<String> application = there.flatMap(work -> work.realm().applicationKey());
        if (removed.isEmpty() || there.isEmpty() || application.isEmpty()) {
            return RealmReturn.TakenBack.NOTHING;
        }
        Work work = there.get();
        Realm realm = work.realm();
        RealmReturn.TakenBack taken = work.storage()
                .realmReturn(removed.get())
                .takeBack(application.get(), name -> realm.has(new LinkId(realm.id(), name)), work.users()::present);
        boolean stranger = taken.links().isEmpty() && !removed.get().back() && !taken.undecided();
        if (stranger && strangers.add(id)) {
            LOG.warnf(
                    "realm %s has the id of a removed one, but not its application and keys: what was linked in that one"
                            + " is revoked after %s",
                    realm.name(), removed.get().endsAt());
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
        List<LinkId> rest = work.storage().realmReturn(removed).takeBackRest().stream()
                .map(name -> new LinkId(removed.realm(), name))
                .toList();
        rest.forEach(link -> links.remove(work, link));
        return rest;
    }
}
