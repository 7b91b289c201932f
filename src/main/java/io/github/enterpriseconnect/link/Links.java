package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.candidate.LinkCache;
import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.DelegationTermination;
import io.github.enterpriseconnect.revocation.Reconciler;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Links: their approved domains, and their end: what an unlinked service account leaves behind is revoked at
 * Cronofy and removed from its members.
 */
public final class Links {
    private static final Logger LOG = Logger.getLogger(Links.class);

    /** Few, since each is written before the next is looked at, and all that are open are compared then. */
    private static final int FORGOTTEN_AT_ONCE = 50;

    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(60);
    private static final int SWEPT = 100;

    /** For so long a transaction that found the link as it was may still ask for a member. */
    private static final Duration STRAGGLERS = Duration.ofMinutes(10);

    private final Transactions transactions;
    private final LinkCache cache;
    private final Worker worker;
    private final RevocationDispatcher dispatcher;
    private final DelegationTermination termination;
    private final Reconciler reconciler;
    private final InstantSource clock;
    private final Set<LinkId> forgetting = ConcurrentHashMap.newKeySet();
    private final LinkRound removals = new LinkRound(SWEPT);
    private final LinkRound remainders = new LinkRound(SWEPT);
    private final Alarms alarms = new Alarms();
    private final LeftBehind leftBehind;
    private volatile boolean troubled;

    public Links(
            Transactions transactions,
            LinkCache cache,
            Worker worker,
            RevocationDispatcher dispatcher,
            DelegationTermination termination,
            Reconciler reconciler,
            InstantSource clock) {
        this.transactions = transactions;
        this.cache = cache;
        this.worker = worker;
        this.dispatcher = dispatcher;
        this.termination = termination;
        this.reconciler = reconciler;
        this.clock = clock;
        this.leftBehind = new LeftBehind(transactions, worker, clock);
    }

    /** Begins to look for members that a crash has left behind after their link was removed. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
        leftBehind.start();
    }

    /** Replaces the link's domains; then tell {@link #changed}. */
    public Link approve(Work work, LinkId id, List<LinkDomain> domains) {
        Link.State before = work.links().get(id).state();
        Link approved = work.links().approve(id, domains);
        if (before == Link.State.AWAITING_APPROVAL && approved.state() == Link.State.ACTIVE) {
            work.tell(CalendarEvent.ofLink(CalendarEvent.Kind.AUTHORIZED, id, null, clock.instant()));
        } else if (before == Link.State.ACTIVE && approved.state() == Link.State.AWAITING_APPROVAL) {
            work.tell(
                    CalendarEvent.ofLink(CalendarEvent.Kind.WITHHELD, id, Reason.DOMAIN_NOT_APPROVED, clock.instant()));
        }
        return approved;
    }

    /** Replaces the link's policy; then tell {@link #changed}. */
    public void setPolicy(Work work, LinkId id, Policy policy) {
        work.links().setPolicy(id, policy);
        work.linkRecovery().acceptSources(id, work.realm().directories());
        if (policy.behaviour().over(Behaviour.SILENT).asksForPage()) {
            work.realm().notePage();
        }
    }

    /**
     * What follows once a change of the link, or of its organization, has been committed: its members are looked at
     * again.
     */
    public void changed(LinkId id) {
        cache.forget(id);
        reconciler.examineSoon(id);
    }

    /**
     * Ends a link: nobody gets a token through it from the commit on. Cronofy learns of it by the outbox, and the
     * members' stored credentials are removed in batches; tell {@link #unlinked} once it has been committed.
     */
    public void unlink(Work work, LinkId id) {
        tellOfEnd(work, id);
        work.links().unlink(id, Reason.UNLINKED, clock.instant());
        work.invitations().withdrawAll(id);
    }

    /**
     * What follows once the removal of the link's organization has been committed, and a {@link
     * Change.OrganizationRemoved} with it: as {@link #unlink}, but nothing of the link stays.
     */
    public void organizationRemoved(LinkId id) {
        cache.forget(id);
        worker.submitOnce(id, () -> removeAndForgetMembers(id));
    }

    private void removeAndForgetMembers(LinkId id) {
        List<Change.Unjudged> removals = transactions.inServer(
                work -> work.removedRealm(id.realm()).changes().organizationRemoved(id));
        if (!removals.isEmpty()) {
            transactions.doInServer(work -> work.realm(id.realm()).ifPresent(realm -> remove(realm, id)));
            removals.forEach(removal -> transactions.doInServer(
                    work -> work.removedRealm(id.realm()).changes().judged(removal.id())));
            cache.forget(id);
            dispatcher.deliverSoon();
        }
        forgetMembers(id);
    }

    private void tellOfEnd(Work work, LinkId id) {
        if (work.links().get(id).linked()) {
            work.tell(CalendarEvent.ofLink(CalendarEvent.Kind.ENDED, id, Reason.UNLINKED, clock.instant()));
        }
    }

    /** Removes the link, in the caller's transaction; then tell {@link #unlinked}. */
    void remove(Work work, LinkId id) {
        tellOfEnd(work, id);
        work.links().remove(id, clock.instant());
        work.suspensions().remove(Suspensions.Subject.link(id.name()));
        work.invitations().withdrawAll(id);
    }

    /** What follows once the transaction that ended the link has been committed. */
    public void unlinked(LinkId id) {
        cache.forget(id);
        dispatcher.deliverSoon();
        worker.submitOnce(id, () -> forgetMembers(id));
    }

    /** Whether it was this thread that did it. */
    private boolean forgetMembers(LinkId id) {
        boolean mine = forgetting.add(id);
        if (mine) {
            try {
                forgetAll(id);
            } finally {
                forgetting.remove(id);
            }
        }
        return mine;
    }

    /** Who was left behind; once nobody is, and nobody who decided before the end can come any more, that is over. */
    private void forgetRest(LinkId id) {
        if (!forgetMembers(id)) {
            return;
        }
        Instant before = clock.instant().minus(STRAGGLERS);
        List<String> over = transactions.inServer(server -> {
            Storage left = server.removedRealm(id.realm());
            boolean done = left.links().get(id).linked()
                    || (left.delegations().liveOf(id, 1).isEmpty()
                            && left.resources().of(id, 1).isEmpty());
            return done ? left.changes().ended(id, before) : List.of();
        });
        over.forEach(change -> transactions.doInServer(
                server -> server.removedRealm(id.realm()).changes().judged(change)));
    }

    private void forgetAll(LinkId id) {
        int forgotten;
        do {
            forgotten = forgetSome(id);
            if (forgotten > 0) {
                LOG.debugf("%d members of removed link %s were forgotten", forgotten, id.name());
            }
        } while (forgotten == FORGOTTEN_AT_ONCE);
        dispatcher.deliverSoon();
    }

    /** One who cannot be forgotten now moves back, and keeps nobody else from being forgotten. */
    private int forgetSome(LinkId id) {
        try {
            return transactions.inServer(work -> forgetBatch(work, id, FORGOTTEN_AT_ONCE));
        } catch (RuntimeException e) {
            // Deliberately everything: directories and vaults fail in ways of their own.
            LOG.debugf("members of removed link %s are forgotten one by one: %s", id.name(), e.getMessage());
        }
        int forgotten = 0;
        for (int i = 0; i < FORGOTTEN_AT_ONCE; i++) {
            try {
                int one = transactions.inServer(work -> forgetBatch(work, id, 1));
                if (one == 0) {
                    return 0;
                }
                forgotten += one;
            } catch (RuntimeException e) {
                // As above.
                tell(id, e);
                transactions.doInServer(work -> work.examinations().moveBack(id, clock.instant()));
            }
        }
        return forgotten == 0 ? 0 : FORGOTTEN_AT_ONCE;
    }

    private int forgetBatch(ServerWork server, LinkId id, int most) {
        Optional<Work> found = server.realm(id.realm());
        if (found.isEmpty()) {
            Storage left = server.removedRealm(id.realm());
            List<Delegation> batch = left.delegations().liveOf(id, most);
            batch.forEach(delegation -> termination.endWithRealm(left, delegation));
            return batch.size() + termination.resources().endWithRealm(left, id, most - batch.size());
        }
        Work work = found.get();
        if (work.links().get(id).linked()) {
            return 0;
        }
        List<Delegation> batch = work.delegations().liveOf(id, most);
        batch.forEach(delegation -> termination.endWithLink(work, delegation));
        return batch.size() + termination.resources().endWithLink(work, id, most - batch.size());
    }

    private void sweep() {
        if (removals.atBeginning() && remainders.atBeginning()) {
            if (!troubled) {
                alarms.endAll();
            }
            troubled = false;
        }
        // One after the other: a realm of many links that ends takes one thread, not all.
        removals.next(last -> transactions.inServer(work -> work.due().organizationsRemoved(last, SWEPT)))
                .forEach(link -> attempt(link, () -> removeAndForgetMembers(link)));
        remainders
                .next(last -> transactions.inServer(work -> work.due().ended(last, SWEPT)))
                .forEach(link -> attempt(link, () -> forgetRest(link)));
    }

    private void attempt(LinkId link, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            // Deliberately everything: whatever keeps this link from ending keeps no other from it.
            tell(link, e);
        }
    }

    /** Once of each realm and cause, however many links and members suffer from it. */
    private void tell(LinkId link, RuntimeException failure) {
        troubled = true;
        Reason problem = failure instanceof Unreadable away ? away.reason() : Reason.UNAVAILABLE;
        LOG.logf(
                alarms.begins(link.realm(), problem) ? Logger.Level.WARN : Logger.Level.DEBUG,
                failure instanceof Unreadable ? null : failure,
                "removed links of realm %s cannot be ended yet: %s",
                link.realm(),
                failure.getMessage());
    }

    /** What follows once what was left of a removed realm has been ended: its members' delegations, in batches. */
    void realmEnded() {
        dispatcher.deliverSoon();
        remainders.beginAnew();
        worker.submit(this::sweep);
    }
}
