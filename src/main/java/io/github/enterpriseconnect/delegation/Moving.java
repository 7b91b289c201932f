package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Replacement;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.RevocationDispatcher;
import io.github.enterpriseconnect.storage.LinkHealth;
import io.github.enterpriseconnect.storage.ReplacementStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Moves the members of a link to the service account that has taken the place of another: some at a time, by one node at
 * a time, as fast as everybody else leaves room for, while each goes on with what they have until the new is stored. Once
 * nobody uses the former service account, it is revoked; but where somebody uses an account at Cronofy that may end with
 * it, an administrator decides. How far it has come is written down with each step, so that any node goes on after a crash.
 */
final class Moving {
    private static final Logger LOG = Logger.getLogger(Moving.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration A_MOMENT = Duration.ofMillis(50);

    /** Longer than a step takes. */
    private static final Duration LEASE = ReplacementStore.LONGEST_CLAIM;

    private static final Duration WHILE_LINK_RESTS = Duration.ofSeconds(30);
    private static final Duration SHORTEST_REST = Duration.ofSeconds(5);

    /** So often somebody looks whether what is kept is still of use to anybody. */
    private static final Duration WHILE_KEPT = Duration.ofHours(1);

    /** A request asks for so many. */
    private static final int FULL = 50;

    private static final int SWEPT = 100;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationRequests requests;
    private final RevocationDispatcher dispatcher;
    private final FallenMembers fallen;
    private final Retries retries;
    private final InstantSource clock;

    /** Those of which this node does the next step in a moment. */
    private final Set<LinkId> later = ConcurrentHashMap.newKeySet();

    Moving(
            Transactions transactions,
            Worker worker,
            DelegationRequests requests,
            CredentialRefresher credentials,
            RevocationDispatcher dispatcher,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.requests = requests;
        this.dispatcher = dispatcher;
        this.fallen = new FallenMembers(transactions, requests, credentials);
        this.retries = retries;
        this.clock = clock;
    }

    /** Begins to look for what is to be gone on with. */
    void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    private void sweep() {
        transactions.inServer(work -> work.due().replacements(clock.instant(), SWEPT)).stream()
                .filter(link -> !later.contains(link))
                .forEach(this::goOn);
    }

    /** What is done once at a time on a node. */
    private record Step(LinkId link) {}

    /** Does the next step soon, rather than at the next sweep. */
    void goOn(LinkId link) {
        worker.submitOnce(new Step(link), () -> step(link));
    }

    private void goOnLater(LinkId link, Duration pause) {
        if (later.add(link)) {
            // Without room, the next sweep finds it.
            worker.submitLater(
                    pause,
                    () -> {
                        later.remove(link);
                        goOn(link);
                    },
                    () -> later.remove(link));
        }
    }

    private void step(LinkId link) {
        AskPacing.Admission admission = requests.admitBackfill(link);
        if (admission.members() == 0) {
            goOnLater(link, admission.pause());
            return;
        }
        boolean goesOn = transactions
                .claimInRealm(link.realm(), work -> claim(work, link))
                .filter(this::step)
                .isPresent();
        if (goesOn) {
            goOnLater(link, A_MOMENT);
        }
    }

    /** @return whether the next step may follow at once */
    private boolean step(Replacement claimed) {
        return switch (claimed.state()) {
            case MOVING -> move(claimed);
            case KEPT -> settleNow(claimed);
            case CHECKING -> check(claimed);
            case FINISHED, UNKNOWN -> false;
        };
    }

    private Optional<Replacement> claim(Work work, LinkId id) {
        Instant now = clock.instant();
        Optional<Replacement> claimed = work.replacements().claim(id, now, now.plus(LEASE));
        if (claimed.isEmpty()) {
            return claimed;
        }
        // Not before the claim, which waits for whoever lets the two exchange their places.
        Link link = work.links().get(id);
        if (!link.linked()) {
            // By an older version, which knows nothing of the service account that was set aside.
            work.replacements().endWith(id, Reason.UNLINKED, now);
            return Optional.empty();
        }
        if (!claimed.get().successor().equals(link.serviceAccount())) {
            rest(work, claimed.get(), Reason.LINK_NOT_ACTIVE, now.plus(WHILE_LINK_RESTS));
            return Optional.empty();
        }
        if (claimed.get().state() == Replacement.State.KEPT) {
            // Only our tables are asked.
            return claimed;
        }
        Optional<LinkHealth.Pause> pause = work.linkHealth().pause(id, now);
        if (pause.isPresent()) {
            rest(work, claimed.get(), pause.get().reason(), pause.get().until());
            return Optional.empty();
        }
        Optional<Reason> hindrance = hindrance(work, link);
        hindrance.ifPresent(reason -> rest(work, claimed.get(), reason, now.plus(WHILE_LINK_RESTS)));
        return hindrance.isPresent() ? Optional.empty() : claimed;
    }

    private static Optional<Reason> hindrance(Work work, Link link) {
        if (link.state() != Link.State.ACTIVE) {
            return Optional.of(Reason.LINK_NOT_ACTIVE);
        }
        try {
            boolean there = work.realm()
                    .application()
                    .filter(present -> present.key().equals(link.application()))
                    .isPresent();
            return there ? Optional.empty() : Optional.of(Reason.NOT_ENABLED);
        } catch (Unreadable secret) {
            return Optional.of(Reason.MISCONFIGURED);
        }
    }

    private static void rest(Work work, Replacement claimed, Reason reason, Instant until) {
        work.replacements().goOn(claimed, claimed.reached(), reason, claimed.failures(), until);
    }

    /** Whose turn it is. */
    private record Batch(List<Delegation> members, String reached) {}

    private boolean move(Replacement claimed) {
        String realm = claimed.link().realm();
        Batch batch = transactions.inRealm(realm, work -> batch(work, claimed));
        if (batch.members().isEmpty()) {
            return settleNow(claimed);
        }
        Instant until = clock.instant().plus(LEASE);
        boolean ours = transactions.inRealm(realm, work -> work.replacements().renew(claimed, until));
        if (!ours) {
            return false;
        }
        requests.move(claimed, batch.members());
        transactions.doInRealm(
                realm, work -> work.replacements().goOn(claimed, batch.reached(), null, 0, clock.instant()));
        return true;
    }

    private boolean settleNow(Replacement claimed) {
        transactions.doInRealm(claimed.link().realm(), work -> settle(work, claimed));
        dispatcher.deliverSoon();
        return false;
    }

    private Batch batch(Work work, Replacement claimed) {
        List<Delegation> members = new ArrayList<>(work.moves().due(claimed, clock.instant(), FULL));
        String reached = claimed.reached();
        if (members.size() < FULL) {
            List<Delegation> next = work.moves().next(claimed, FULL - members.size());
            members.addAll(next);
            reached = next.isEmpty() ? reached : next.get(next.size() - 1).id();
        }
        return new Batch(members, reached);
    }

    /** Nobody is to be asked for at the moment: it is over, or somebody's answer is awaited, or their next try. */
    private void settle(Work work, Replacement claimed) {
        Instant now = clock.instant();
        if (work.formerGrants().anyRemaining(claimed)) {
            goOnWaiting(work, claimed, now);
            return;
        }
        long concerned = work.formerGrants().concerned(claimed);
        if (concerned > 0 && work.formerGrants().anyRemaining(claimed)) {
            // Somebody was granted between the two questions.
            goOnWaiting(work, claimed, now);
            return;
        }
        if (concerned == 0) {
            work.replacements().revokeAndFinish(claimed, now);
            LOG.infof("all members of link %s have moved to %s", claimed.link().name(), claimed.successor());
            return;
        }
        work.replacements().keep(claimed, now.plus(WHILE_KEPT));
        LOG.logf(
                claimed.state() == Replacement.State.KEPT ? Logger.Level.DEBUG : Logger.Level.WARN,
                "all members of link %s have moved to %s, but %d use what may end with %s: that stays authorized until an"
                        + " administrator decides",
                claimed.link().name(),
                claimed.successor(),
                concerned,
                claimed.former());
    }

    private void goOnWaiting(Work work, Replacement claimed, Instant now) {
        if (claimed.state() == Replacement.State.KEPT) {
            work.replacements().moveOn(claimed, now);
            return;
        }
        int failures = claimed.failures() + 1;
        Instant latest = retries.afterOutage(now, failures, Duration.ZERO);
        Instant next = work.moves()
                .nextDue(claimed)
                .filter(due -> due.isBefore(latest))
                .orElse(latest);
        Instant earliest = now.plus(SHORTEST_REST);
        work.replacements().goOn(claimed, "", null, failures, next.isBefore(earliest) ? earliest : next);
    }

    private boolean check(Replacement claimed) {
        FallenMembers.Step step = fallen.look(claimed);
        return transactions.inRealm(claimed.link().realm(), work -> {
            Instant now = clock.instant();
            switch (step.kind()) {
                case WAIT -> {
                    Instant next = retries.afterOutage(now, claimed.failures() + 1, Duration.ZERO);
                    work.replacements().goOn(claimed, step.reached(), step.waitsFor(), claimed.failures() + 1, next);
                }
                case GO_ON -> work.replacements().goOn(claimed, step.reached(), null, 0, now);
                case STAYED -> {
                    work.replacements().finish(claimed, true, now);
                    LOG.warnf("service account %s stays authorized at Cronofy", claimed.former());
                }
                case END -> work.replacements().finish(claimed, false, now);
            }
            return step.kind() == FallenMembers.Kind.GO_ON;
        });
    }
}
