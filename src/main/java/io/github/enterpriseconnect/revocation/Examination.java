package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Looks;
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
 * Looks at people who were claimed: reads all of them in one transaction, with one statement of ours for each, ends each
 * whose right has ended in a transaction of its own, and notes the rest with one statement for all.
 */
final class Examination {
    private static final Logger LOG = Logger.getLogger(Examination.class);

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

    /** Those of a page whose transaction fails are looked at one by one: nobody is taken for looked at before that was read. */
    void of(Claimed claimed) {
        List<Verdict> found;
        try {
            found = transactions.inRealm(claimed.origin().realm(), work -> claimed.people().stream()
                    .map(due -> verdicts.on(work, due))
                    .toList());
        } catch (Transactions.RealmGone gone) {
            transactions.doInServer(work -> work.looks()
                    .putOff(claimed.ids(), claimed.until(), clock.instant().plus(pace.inUse())));
            throw gone;
        } catch (RuntimeException e) {
            if (claimed.people().size() == 1) {
                transactions.doInServer(work -> failed(work, claimed.people(), claimed.until()));
                throw e;
            }
            LOG.warnf(
                    "delegations of realm %s are examined one by one: %s",
                    claimed.origin().realm(), e.getMessage());
            claimed.people().forEach(one -> worker.attempt(() -> oneOf(claimed, one)));
            return;
        }
        follow(claimed, found);
    }

    /** Whom another node may have claimed by now is left to it. */
    private void oneOf(Claimed claimed, Looks.Due one) {
        if (clock.instant().isBefore(claimed.until())) {
            of(claimed.only(one));
        }
    }

    private void follow(Claimed claimed, List<Verdict> all) {
        List<Looks.Due> ended = people(all, Verdict.Outcome.ENDED);
        List<Looks.Due> doubtful = people(all, Verdict.Outcome.DOUBTFUL);
        ended.forEach(due -> worker.attempt(() -> change(claimed, due, this::end)));
        people(all, Verdict.Outcome.OPENS_AGAIN)
                .forEach(due -> worker.attempt(() -> change(claimed, due, this::restore)));
        alarm(
                claimed,
                all.stream()
                        .filter(verdict -> verdict.outcome() == Verdict.Outcome.DOUBTFUL)
                        .toList());
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
    private void alarm(Claimed claimed, List<Verdict> doubtful) {
        Map<LinkId, Set<String>> directories = new HashMap<>();
        doubtful.forEach(verdict -> verdict.directory().ifPresent(directory -> directories
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
            transactions.doInServer(work -> failed(work, List.of(due), claimed.until()));
            throw e;
        }
    }

    /** Whoever is read otherwise now is looked at again soon, since one of the two was wrong. */
    private void end(Work work, Claimed claimed, Delegation delegation) {
        Optional<Reason> ended = verdicts.ended(work, delegation);
        ended.ifPresent(reason -> {
            termination.end(work, delegation, reason);
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
            work.linkRecovery().keyFound(delegation, clock.instant());
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
