package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Looks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Looks at people who were claimed. Keycloak's own are read in one transaction, with one statement of ours for each, and
 * noted with one for all; each of a directory, which may take its time, is read and noted by itself. Each whose right has
 * ended is ended in a transaction of its own.
 */
final class Examination {
    private static final Logger LOG = Logger.getLogger(Examination.class);

    /** Even Keycloak's own may depend on what takes its time, such as whether a directory has the same address. */
    private static final Duration LONGEST_TOGETHER = Duration.ofSeconds(20);

    /** With less of the claim left, nobody else is begun with. */
    private static final Duration LAST_MOMENT = Duration.ofMinutes(1);

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationTermination termination;
    private final RevocationDispatcher dispatcher;
    private final Verdicts verdicts;
    private final Pace pace;
    private final InstantSource clock;

    Examination(
            Transactions transactions,
            Worker worker,
            DelegationTermination termination,
            RevocationDispatcher dispatcher,
            Verdicts verdicts,
            Pace pace,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.termination = termination;
        this.dispatcher = dispatcher;
        this.verdicts = verdicts;
        this.pace = pace;
        this.clock = clock;
    }

    /**
     * Keycloak's own people together, for as long as that takes no long time; those of a directory, and whoever is left,
     * one by one. Nobody is taken for looked at before that was read.
     */
    void of(Claimed claimed) {
        List<Verdict> found = new ArrayList<>();
        try {
            if (claimed.origin().keycloak()) {
                found.addAll(together(claimed));
            }
            List<Looks.Due> people = claimed.people();
            oneByOne(claimed, people.subList(found.size(), people.size()), found);
        } catch (Transactions.RealmGone gone) {
            transactions.doInServer(work -> work.looks()
                    .putOff(claimed.ids(), claimed.until(), clock.instant().plus(pace.inUse())));
            throw gone;
        }
        alarm(claimed, found);
    }

    /** The first of them; nobody if it fails, for then it says nothing of anybody. */
    private List<Verdict> together(Claimed claimed) {
        Instant stop = clock.instant().plus(LONGEST_TOGETHER);
        List<Verdict> found;
        try {
            found = transactions.inRealm(claimed.origin().realm(), work -> claimed.people().stream()
                    .takeWhile(due -> clock.instant().isBefore(stop))
                    .map(due -> verdicts.on(work, due))
                    .toList());
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: what fails with one of them says nothing of the others.
            LOG.warnf(
                    "delegations of realm %s are examined one by one: %s",
                    claimed.origin().realm(), e.getMessage());
            return List.of();
        }
        follow(claimed, found);
        return found;
    }

    /** Each is noted before the next is read; for whom the claim leaves no time, they could not be read. */
    private void oneByOne(Claimed claimed, List<Looks.Due> people, List<Verdict> found) {
        Instant stop = claimed.until().minus(LAST_MOMENT);
        for (int i = 0; i < people.size(); i++) {
            if (!clock.instant().isBefore(stop)) {
                List<Looks.Due> late = people.subList(i, people.size());
                transactions.doInServer(work -> failed(work, late, claimed.until()));
                return;
            }
            alone(claimed, people.get(i)).ifPresent(found::add);
        }
    }

    private Optional<Verdict> alone(Claimed claimed, Looks.Due one) {
        Verdict found;
        try {
            found = transactions.inRealm(claimed.origin().realm(), work -> verdicts.on(work, one));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: whoever cannot be judged comes back later, and the others go on.
            transactions.doInServer(work -> failed(work, List.of(one), claimed.until()));
            worker.attempt(() -> {
                throw e;
            });
            return Optional.empty();
        }
        worker.attempt(() -> follow(claimed, List.of(found)));
        return Optional.of(found);
    }

    private void follow(Claimed claimed, List<Verdict> all) {
        List<Looks.Due> ended = people(all, Verdict.Outcome.ENDED);
        List<Looks.Due> doubtful = people(all, Verdict.Outcome.DOUBTFUL);
        ended.forEach(due -> worker.attempt(() -> change(claimed, due, this::end)));
        people(all, Verdict.Outcome.OPENS_AGAIN)
                .forEach(due -> worker.attempt(() -> change(claimed, due, this::restore)));
        transactions.doInServer(work -> {
            Instant next = clock.instant().plus(pace.idle());
            set(work, all, claimed.until());
            List<Looks.Due> looked = new ArrayList<>(people(all, Verdict.Outcome.STANDS));
            looked.addAll(people(all, Verdict.Outcome.LEFT));
            work.looks().looked(Claimed.ids(looked), claimed.until(), next);
            work.looks().none(Claimed.ids(people(all, Verdict.Outcome.OVER)), claimed.until());
            failed(work, people(all, Verdict.Outcome.UNREAD), claimed.until());
            work.looks()
                    .looked(
                            Claimed.ids(doubtful),
                            claimed.until(),
                            clock.instant().plus(pace.inUse()));
        });
        if (!ended.isEmpty()) {
            dispatcher.deliverSoon();
        }
    }

    private static List<Looks.Due> people(List<Verdict> all, Verdict.Outcome outcome) {
        return all.stream()
                .filter(verdict -> verdict.outcome() == outcome)
                .map(Verdict::due)
                .toList();
    }

    /** Once of each link and directory, however many are withheld; until none has been seen for two rounds. */
    private void alarm(Claimed claimed, List<Verdict> all) {
        Map<LinkId, Set<String>> directories = new HashMap<>();
        all.stream()
                .filter(verdict -> verdict.outcome() == Verdict.Outcome.DOUBTFUL)
                .forEach(verdict -> verdict.directory().ifPresent(directory -> directories
                        .computeIfAbsent(verdict.due().delegation().link(), link -> new TreeSet<>())
                        .add(directory)));
        Instant now = clock.instant();
        Instant until = now.plus(pace.inUse().multipliedBy(2)).plus(pace.betweenRounds());
        directories.forEach((link, changed) -> worker.attempt(() -> transactions
                .inRealm(claimed.origin().realm(), work -> changed.stream()
                        .filter(directory -> work.linkRecovery().noteDirectory(link, directory, now, until))
                        .toList())
                .forEach(directory -> Denials.warn(link, directory))));
    }

    /** Rows of one version, seen to stand by one set-up. */
    private record Seen(Optional<String> source, int version) {}

    /** By which set-up these stand, where that is another than is known of them. */
    private static void set(ServerWork work, List<Verdict> all, Instant claimed) {
        Map<Seen, List<String>> changed = new HashMap<>();
        all.stream()
                .filter(found -> found.outcome() == Verdict.Outcome.STANDS || found.outcome() == Verdict.Outcome.OVER)
                .filter(found -> !found.source()
                        .equals(Optional.ofNullable(found.due().delegation().source())))
                .forEach(found -> changed.computeIfAbsent(
                                new Seen(found.source(), found.due().version()), seen -> new ArrayList<>())
                        .add(found.due().delegation().id()));
        changed.forEach((seen, ids) -> work.examinations().standBy(seen.source(), ids, seen.version(), claimed));
    }

    private void failed(ServerWork work, List<Looks.Due> people, Instant claimed) {
        Map<Integer, List<Looks.Due>> byFailures =
                people.stream().collect(Collectors.groupingBy(due -> due.failures() + 1));
        byFailures.forEach((failures, some) -> work.looks()
                .failed(Claimed.ids(some), claimed, pace.afterFailure(clock.instant(), failures), failures));
    }

    /** A change of one delegation. */
    private interface Deed {
        void on(Work work, Claimed claimed, Delegation delegation);
    }

    /** Each by itself, so that nobody waits for a row while a directory is asked for the next user. */
    private void change(Claimed claimed, Looks.Due due, Deed deed) {
        try {
            transactions.doInRealm(claimed.origin().realm(), work -> deed.on(work, claimed, due.delegation()));
        } catch (Unreadable now) {
            LOG.debugf(
                    "delegation %s could not be changed: %s", due.delegation().id(), now.getMessage());
            transactions.doInServer(work -> failed(work, List.of(due), claimed.until()));
        } catch (RuntimeException e) {
            // Deliberately everything: the row is put off before the failure is told.
            transactions.doInServer(work -> failed(work, List.of(due), claimed.until()));
            throw e;
        }
    }

    /** Whoever is read otherwise now is looked at again soon, since one of the two was wrong. */
    private void end(Work work, Claimed claimed, Delegation delegation) {
        Optional<Reason> ended = verdicts.ended(work, delegation);
        ended.ifPresent(reason -> {
            termination.end(work, delegation, reason);
            termination.askAnew(work, delegation, reason);
            if (reason == Reason.USER_REMOVED) {
                work.people().forget(delegation.userId(), clock.instant());
            }
        });
        Looks looks = work.storage().looks();
        List<String> ids = List.of(delegation.id());
        if (ended.isEmpty()) {
            looks.looked(ids, claimed.until(), clock.instant().plus(pace.inUse()));
        } else if (work.delegations()
                .byId(delegation.id())
                .filter(Delegation::denied)
                .isPresent()) {
            looks.looked(ids, claimed.until(), clock.instant().plus(pace.idle()));
        } else {
            looks.none(ids, claimed.until());
        }
    }

    private void restore(Work work, Claimed claimed, Delegation delegation) {
        if (Verdicts.opens(work, delegation)) {
            LOG.infof("the tokens of delegation %s open again", delegation.id());
            if (work.linkRecovery().keyFound(delegation, clock.instant())) {
                work.tell(CalendarEvent.ofMember(
                        CalendarEvent.Kind.CONNECTED, delegation.link(), delegation.userId(), null, clock.instant()));
            }
            work.credentials()
                    .show(
                            delegation.userId(),
                            Delegation.State.GRANTED,
                            delegation.link().name());
        }
        work.storage()
                .looks()
                .looked(
                        List.of(delegation.id()),
                        claimed.until(),
                        clock.instant().plus(pace.idle()));
    }
}
