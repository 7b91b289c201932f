package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Looks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Claims whoever is due, page by page, for this node alone, and has each directory's people looked at by a task of its own:
 * one that hangs holds up its own people, and nobody else. Who cannot be looked at here now is given back. After a page
 * the next is claimed once nearly all of it is done, and never sooner than some hundred people a second.
 */
final class LookRounds {
    private static final int PAGE = 100;

    /** At most a page in this time. */
    private static final Duration BETWEEN_PAGES = Duration.ofMillis(500);

    /** For so long the next page waits for the slowest directory of this one. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** After a crash, other nodes take on after so long. */
    private static final Duration CLAIM = Duration.ofMinutes(5);

    /** By any clock: those of the nodes may differ by a little. */
    static final Duration LONGEST_CLAIM = CLAIM.plusMinutes(1);

    /** Until a directory that this node is asking is asked again; many may wait for it. */
    private static final Duration WHILE_ASKED = Duration.ofMinutes(1);

    /** Fewer than the threads of idle work, so that directories that hang leave some to everybody else. */
    private static final int MOST_DIRECTORIES = 4;

    private final Transactions transactions;
    private final Worker worker;
    private final Examination examination;
    private final Pace pace;
    private final InstantSource clock;
    private final Set<Claimed.Origin> underWay = ConcurrentHashMap.newKeySet();

    LookRounds(Transactions transactions, Worker worker, Examination examination, Pace pace, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.examination = examination;
        this.pace = pace;
        this.clock = clock;
    }

    void start() {
        worker.submitEvery(pace.betweenRounds(), this::begin);
    }

    /** Looks for people who are due; a round that is under way goes on. */
    void begin() {
        worker.submitOnce(LookRounds.class, this::claimPage);
    }

    private void claimPage() {
        Instant now = clock.instant();
        boolean moreToAdopt = transactions.inServer(work -> work.looks().adopt(now, pace.idle(), PAGE)) == PAGE;
        List<Looks.Due> due = transactions.inServer(work -> work.looks().due(now, PAGE));
        boolean more = moreToAdopt || due.size() == PAGE;
        Instant until = now.plus(CLAIM);
        if (due.isEmpty() || !claim(due, now, until)) {
            next(more);
            return;
        }
        List<Looks.Due> apart = due.stream().filter(Looks.Due::apart).toList();
        putOff(apart, until, pace.inUse());
        Map<Claimed.Origin, List<Looks.Due>> byOrigin = due.stream()
                .filter(one -> !one.apart())
                .collect(Collectors.groupingBy(Claimed.Origin::of, LinkedHashMap::new, Collectors.toList()));
        PageProgress progress = new PageProgress(byOrigin.size(), () -> next(more));
        byOrigin.entrySet().stream()
                .sorted(Comparator.comparing(one -> !one.getKey().keycloak()))
                .forEach(one -> lookAt(new Claimed(one.getKey(), one.getValue(), until), progress));
        worker.submitLater(PATIENCE, progress::go, () -> {});
    }

    /** Another node may have been faster; with some of them, all are left to the next round, since nobody knows with whom. */
    private boolean claim(List<Looks.Due> due, Instant now, Instant until) {
        List<String> ids = Claimed.ids(due);
        return transactions
                .claimInServer(work ->
                        Optional.of(until).filter(untilThen -> work.looks().claim(ids, now, untilThen)))
                .isPresent();
    }

    private void next(boolean more) {
        if (more) {
            worker.submitLater(BETWEEN_PAGES, this::begin, () -> {});
        }
    }

    private void lookAt(Claimed claimed, PageProgress progress) {
        if (!mayBegin(claimed.origin())) {
            putOff(claimed.people(), claimed.until(), shorter(WHILE_ASKED, pace.inUse()));
            progress.done();
            return;
        }
        boolean accepted = worker.submit(() -> {
            try {
                examination.of(claimed);
            } finally {
                underWay.remove(claimed.origin());
                progress.done();
            }
        });
        if (!accepted) {
            underWay.remove(claimed.origin());
        }
    }

    private boolean mayBegin(Claimed.Origin origin) {
        if (!origin.keycloak()
                && underWay.stream().filter(one -> !one.keycloak()).count() >= MOST_DIRECTORIES) {
            return false;
        }
        return underWay.add(origin);
    }

    private void putOff(List<Looks.Due> people, Instant claimed, Duration pause) {
        if (!people.isEmpty()) {
            transactions.doInServer(work -> work.looks()
                    .putOff(Claimed.ids(people), claimed, clock.instant().plus(pause)));
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Goes on once: when all of a page is done, or when nobody waits for the rest any longer. */
    private static final class PageProgress {
        private final AtomicInteger open;
        private final AtomicBoolean gone = new AtomicBoolean();
        private final Runnable next;

        PageProgress(int tasks, Runnable next) {
            this.open = new AtomicInteger(tasks);
            this.next = next;
        }

        void done() {
            if (open.decrementAndGet() == 0) {
                go();
            }
        }

        void go() {
            if (gone.compareAndSet(false, true)) {
                next.run();
            }
        }
    }
}
