package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.AddressProofs;
import io.github.enterpriseconnect.candidate.NameOrigins;
import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.DirectoryRounds;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.ChangeStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Judges what Keycloak's transactions have done to users ({@link UserChanges}), right after their commit, in transactions
 * of its own: whatever stands in the way is tried again, by any node, and disturbs nobody but us. A change may be judged
 * twice, which changes nothing.
 */
public final class ChangeJudgement {
    private static final Logger LOG = Logger.getLogger(ChangeJudgement.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);

    /**
     * For so long a change is left to the node where it happened. The others may not have heard yet that what they have
     * cached of the user is no longer so.
     */
    static final Duration OWN = Duration.ofSeconds(10);

    private static final int BATCH = 100;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationTermination termination;
    private final Reconciler reconciler;
    private final RevocationDispatcher dispatcher;
    private final Retries retries;
    private final InstantSource clock;
    private final DirectoryRounds rounds;
    private final Alarms alarms = new Alarms();

    public ChangeJudgement(
            Transactions transactions,
            Worker worker,
            DelegationTermination termination,
            Reconciler reconciler,
            RevocationDispatcher dispatcher,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.termination = termination;
        this.reconciler = reconciler;
        this.dispatcher = dispatcher;
        this.retries = retries;
        this.clock = clock;
        this.rounds = new DirectoryRounds(worker, clock);
    }

    /** Begins to look for changes that a crash, a lost race or a full queue has left unjudged. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, () -> worker.submitOnce(ChangeJudgement.class, this::sweep));
    }

    private void sweep() {
        List<Change.Unjudged> unjudged =
                transactions.inServer(work -> work.due().unjudged(clock.instant(), BATCH));
        boolean moved = judge(unjudged);
        if (unjudged.size() == BATCH && moved) {
            worker.submitOnce(ChangeJudgement.class, this::sweep);
        }
    }

    /** Judges these, which have just been committed, in the background; if there is no room, the sweep finds them. */
    void judgeSoon(List<Change.Unjudged> unjudged) {
        if (!unjudged.isEmpty()) {
            worker.submit(() -> judgeTogether(unjudged));
        }
    }

    /**
     * Users of a directory are judged apart, since it may take its time: one that hangs keeps nobody else waiting.
     *
     * @return whether any has moved: judged, or put off
     */
    private boolean judge(List<Change.Unjudged> unjudged) {
        Map<Optional<DirectoryId>, List<Change.Unjudged>> byDirectory = byDirectory(unjudged);
        boolean moved = judgeTogether(byDirectory.getOrDefault(Optional.<DirectoryId>empty(), List.of()));
        for (Map.Entry<Optional<DirectoryId>, List<Change.Unjudged>> some : byDirectory.entrySet()) {
            List<Change.Unjudged> ofDirectory = some.getValue();
            if (some.getKey().isPresent() && !rounds.begin(some.getKey().get(), () -> judgeTogether(ofDirectory))) {
                moved |= ofDirectory.stream().filter(one -> settle(one, false)).count() > 0;
            }
        }
        return moved;
    }

    private boolean judgeTogether(List<Change.Unjudged> unjudged) {
        long moved = unjudged.stream().filter(this::judge).count();
        if (moved > 0) {
            dispatcher.deliverSoon();
        }
        return moved > 0;
    }

    private Map<Optional<DirectoryId>, List<Change.Unjudged>> byDirectory(List<Change.Unjudged> unjudged) {
        Map<String, Map<String, DirectoryId>> directories = new HashMap<>();
        unjudged.stream()
                .filter(one -> one.change() instanceof Change.UserChanged)
                .collect(Collectors.groupingBy(
                        Change.Unjudged::realm, Collectors.mapping(one -> userOf(one), Collectors.toSet())))
                .forEach((realm, users) -> directories.put(realm, directoriesOf(realm, users)));
        return unjudged.stream()
                .collect(Collectors.groupingBy(one -> Optional.ofNullable(
                        directories.getOrDefault(one.realm(), Map.of()).get(userOf(one)))));
    }

    private static String userOf(Change.Unjudged unjudged) {
        return unjudged.change() instanceof Change.UserChanged changed ? changed.userId() : "";
    }

    /** Of those who are in one; of nobody where the realm is gone. */
    private Map<String, DirectoryId> directoriesOf(String realm, Set<String> users) {
        Map<String, DirectoryId> found = new HashMap<>();
        transactions
                .inServer(server -> server.realm(realm)
                        .map(work -> work.users().byDirectory(users))
                        .orElse(Map.of()))
                .forEach((directory, some) -> directory.ifPresent(id -> some.forEach(user -> found.put(user, id))));
        return found;
    }

    private boolean judge(Change.Unjudged unjudged) {
        boolean judged;
        try {
            judged = transactions.inServer(work -> judge(work, unjudged));
        } catch (RuntimeException e) {
            // Deliberately everything: whatever it is, this change is looked at again later, and the others now.
            tell(unjudged, e);
            judged = false;
        }
        return settle(unjudged, judged);
    }

    /** Whether it has moved. */
    private boolean settle(Change.Unjudged unjudged, boolean judged) {
        try {
            if (judged) {
                inRealm(unjudged, changes -> changes.judged(unjudged.id()));
            } else {
                Instant next = retries.afterOutage(clock.instant(), unjudged.attempts() + 1, Duration.ZERO);
                inRealm(unjudged, changes -> changes.postpone(unjudged.id(), next));
            }
        } catch (RuntimeException e) {
            // As above.
            tell(unjudged, e);
            return false;
        }
        if (judged && unjudged.attempts() > 0) {
            alarms.ends(unjudged.realm());
        }
        return true;
    }

    private void tell(Change.Unjudged unjudged, RuntimeException failure) {
        Reason problem = failure instanceof Unreadable away ? away.reason() : Reason.UNAVAILABLE;
        LOG.logf(
                alarms.begins(unjudged.realm(), problem) ? Logger.Level.WARN : Logger.Level.DEBUG,
                failure instanceof Unreadable ? null : failure,
                "what was changed in realm %s cannot be judged yet: %s",
                unjudged.realm(),
                failure.getMessage());
    }

    private void inRealm(Change.Unjudged unjudged, Consumer<ChangeStore> deed) {
        transactions.doInServer(
                work -> deed.accept(work.removedRealm(unjudged.realm()).changes()));
    }

    /** Whether it has been judged; a realm that is gone may come back, by an import of its own file. */
    private boolean judge(ServerWork server, Change.Unjudged unjudged) {
        Optional<Work> work = server.realm(unjudged.realm());
        if (work.isEmpty()) {
            return false;
        }
        if (unjudged.change() instanceof Change.UserRemoved removed) {
            removed(work.get(), removed);
        } else if (unjudged.change() instanceof Change.UserChanged changed) {
            changed(work.get(), changed);
        }
        return true;
    }

    private void removed(Work work, Change.UserRemoved removed) {
        Optional<Credential> carried = DelegationTermination.carried(work, removed.userId(), removed.carried());
        live(work, removed.userId())
                .forEach(delegation -> termination.end(work, delegation, Reason.USER_REMOVED, carried));
        work.people().forget(removed.userId(), clock.instant());
    }

    private void changed(Work work, Change.UserChanged changed) {
        // What users could write themselves ends nothing.
        work.users().byId(changed.userId()).ifPresent(user -> NameOrigins.update(work, user, null, clock.instant()));
        live(work, changed.userId())
                .forEach(delegation -> reconciler.ended(work, delegation).ifPresent(reason -> {
                    termination.end(work, delegation, reason);
                    termination.askAnew(work, delegation, reason);
                }));
        work.users()
                .byId(changed.userId())
                .ifPresent(user -> AddressProofs.update(work, user, changed, clock.instant()));
    }

    /** What is only asked for is refused by its answer, which then is revoked. */
    private static List<Delegation> live(Work work, String userId) {
        return work.delegations().liveOfUsers(work.realm().id(), List.of(userId)).stream()
                .filter(Delegation::live)
                .toList();
    }
}
