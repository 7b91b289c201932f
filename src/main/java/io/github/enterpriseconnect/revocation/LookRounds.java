package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Looks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Claims whoever is due, page by page, for this node alone, and has the people of each origin, Keycloak's own or a directory's,
 * looked at by a task of their own. While that is under way, nobody else of the origin is looked for, so that one that
 * hangs holds up its own people, and nobody else; for no longer than the claim, since it may never end. After a page the next
 * is claimed once it is done, or nearly, and never sooner than some hundred people a second.
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

    /** Fewer than the threads of idle work, so that directories that hang leave some to everybody else. */
    private static final int MOST_DIRECTORIES = 4;

    private final Transactions transactions;
    private final Worker worker;
    private final Examination examination;
    private final Pace pace;
    private final InstantSource clock;
    private final AtomicReference<Chain> chain = new AtomicReference<>(Chain.RESTING);

    /** Whose people are being looked at, and until when they are claimed. */
    private final Map<Looks.Origin, Instant> underWay = new ConcurrentHashMap<>();

    LookRounds(Transactions transactions, Worker worker, Examination examination, Pace pace, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.examination = examination;
        this.pace = pace;
        this.clock = clock;
    }

    /** One page follows the other; there is one chain of them on a node. */
    private enum Chain {
        RESTING,
        GOING,
        /** Somebody may have become due after the page was read. */
        ONCE_MORE
    }

    /**
     * What follows from looking for people once.
     *
     * @param more whether others may be due
     */
    private record Page(List<Claimed> claimed, boolean more) {}

    void start() {
        worker.submitEvery(pace.betweenRounds(), this::begin);
    }

    /** Looks for people who are due; if that is under way, it goes on for a page at least. */
    void begin() {
        Chain before = chain.getAndUpdate(was -> was == Chain.RESTING ? Chain.GOING : Chain.ONCE_MORE);
        if (before == Chain.RESTING && !worker.submit(this::page)) {
            chain.set(Chain.RESTING);
        }
    }

    private void page() {
        chain.set(Chain.GOING);
        Optional<Page> claimed = Optional.empty();
        try {
            claimed = Optional.of(claimPage());
        } finally {
            if (claimed.isEmpty()) {
                goOn(false);
            }
        }
        claimed.ifPresent(this::lookAt);
    }

    private void goOn(boolean more) {
        Chain before = chain.getAndUpdate(was -> more || was == Chain.ONCE_MORE ? Chain.GOING : Chain.RESTING);
        if (more || before == Chain.ONCE_MORE) {
            worker.submitLater(BETWEEN_PAGES, this::page, () -> chain.set(Chain.RESTING));
        }
    }

    private Page claimPage() {
        Instant now = clock.instant();
        Instant until = now.plus(CLAIM);
        boolean moreToAdopt = transactions.inServer(work -> work.looks().adopt(now, pace.idle(), PAGE)) == PAGE;
        underWay.values().removeIf(end -> !end.isAfter(now));
        int room = MOST_DIRECTORIES - directories();
        Looks.Busy busy = new Looks.Busy(Set.copyOf(underWay.keySet()), room <= 0);
        List<Looks.Due> due = transactions.inServer(work -> work.looks().due(now, busy, PAGE));
        boolean more = moreToAdopt || due.size() == PAGE;
        List<Looks.Due> apart = due.stream().filter(Looks.Due::apart).toList();
        List<Claimed> begun = byOrigin(due, room, until);
        if (!claim(Stream.concat(apart.stream(), begun.stream().flatMap(one -> one.people().stream())), now, until)) {
            return new Page(List.of(), more);
        }
        putOff(apart, until, pace.inUse());
        begun.forEach(one -> underWay.put(one.origin(), until));
        return new Page(begun, more);
    }

    private int directories() {
        return (int)
                underWay.keySet().stream().filter(origin -> !origin.keycloak()).count();
    }

    /** Keycloak's own first, and of as many directories as there is room for. */
    private static List<Claimed> byOrigin(List<Looks.Due> due, int room, Instant until) {
        Map<Looks.Origin, List<Looks.Due>> byOrigin = due.stream()
                .filter(one -> !one.apart())
                .collect(Collectors.groupingBy(Looks.Due::origin, LinkedHashMap::new, Collectors.toList()));
        List<Claimed> all = byOrigin.entrySet().stream()
                .map(one -> new Claimed(one.getKey(), one.getValue(), until))
                .toList();
        return Stream.concat(
                        all.stream().filter(one -> one.origin().keycloak()),
                        all.stream().filter(one -> !one.origin().keycloak()).limit(Math.max(room, 0)))
                .toList();
    }

    /** Another node may have been faster; with some of them, all are left to the next round, since nobody knows with whom. */
    private boolean claim(Stream<Looks.Due> due, Instant now, Instant until) {
        List<String> ids = Claimed.ids(due.toList());
        return !ids.isEmpty()
                && transactions
                        .claimInServer(work -> Optional.of(until)
                                .filter(untilThen -> work.looks().claim(ids, now, untilThen)))
                        .isPresent();
    }

    private void lookAt(Page page) {
        if (page.claimed().isEmpty()) {
            goOn(page.more());
            return;
        }
        PageProgress progress = new PageProgress(page.claimed().size(), () -> goOn(page.more()));
        worker.submitLater(PATIENCE, progress::go, progress::go);
        page.claimed().forEach(one -> lookAt(one, progress));
    }

    /** Those of the origin who were left out meanwhile are looked for at once. */
    private void lookAt(Claimed claimed, PageProgress progress) {
        boolean accepted = worker.submit(() -> {
            try {
                examination.of(claimed);
            } finally {
                underWay.remove(claimed.origin(), claimed.until());
                if (!progress.done()) {
                    begin();
                }
            }
        });
        if (!accepted) {
            underWay.remove(claimed.origin(), claimed.until());
        }
    }

    private void putOff(List<Looks.Due> people, Instant claimed, Duration pause) {
        if (!people.isEmpty()) {
            transactions.doInServer(work -> work.looks()
                    .putOff(Claimed.ids(people), claimed, clock.instant().plus(pause)));
        }
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

        /** Whether it was waited for. */
        boolean done() {
            boolean waitedFor = !gone.get();
            if (open.decrementAndGet() == 0) {
                go();
            }
            return waitedFor;
        }

        void go() {
            if (gone.compareAndSet(false, true)) {
                next.run();
            }
        }
    }
}
