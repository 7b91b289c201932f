package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.platform.DailyCheck;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.DirectoryRounds;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Retention;
import io.github.enterpriseconnect.storage.SweepStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Forgets what nobody needs any more: rows that have outlived their time ({@link Retention}), and whatever our tables hold
 * of people who are gone, also where nothing told us of it: users that a directory no longer has, removals by bulk or in
 * the database. Whoever is told of is forgotten at once ({@link ChangeJudgement}).
 */
public final class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final Duration BETWEEN_PURGES = Duration.ofHours(1);

    /** People without a right are looked for less often than rights are looked at. */
    private static final int ROUNDS_OF_RECONCILIATION = 10;

    private static final Duration CLAIM = Duration.ofMinutes(10);
    private static final int PAGE = 200;

    /** Nobody who is gone without a word is remembered for longer than a day where there are 100,000. */
    private static final int PEOPLE_AT_ONCE = 1_000;

    private final Transactions transactions;
    private final Worker worker;
    private final Duration every;
    private final InstantSource clock;
    private final DirectoryRounds rounds;
    private final DailyCheck noticesCheck;

    /** What of the tables each directory's people have still to be looked for in; this node's memory alone. */
    private final Map<DirectoryId, Stretch> behind = new ConcurrentHashMap<>();

    /** @param reconcileEvery how often rights are looked at */
    public Housekeeping(Transactions transactions, Worker worker, Duration reconcileEvery, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.every = reconcileEvery.multipliedBy(ROUNDS_OF_RECONCILIATION);
        this.clock = clock;
        this.rounds = new DirectoryRounds(worker, clock);
        this.noticesCheck = new DailyCheck(transactions, worker, SweepStore.Kind.NOTICES, clock);
    }

    public void start() {
        worker.submitEvery(BETWEEN_PURGES, this::purge);
        worker.submitEvery(every, this::lookForPeople);
        noticesCheck.start("", this::forgetLostNotices);
    }

    /** Each by itself, so that a table that cannot be purged now keeps no other from being so. */
    private void purge() {
        Arrays.stream(Retention.values()).forEach(retention -> worker.attempt(() -> purge(retention)));
    }

    /**
     * Each row in a transaction of its own: nobody, and no transaction of Keycloak's, waits for the whole, and one that
     * cannot be forgotten keeps no other from it.
     */
    private void purge(Retention retention) {
        Instant now = clock.instant();
        List<RuntimeException> failures = new ArrayList<>();
        List<String> rows;
        int failedBefore;
        do {
            failedBefore = failures.size();
            rows = transactions.inServer(work -> work.due().outlived(retention, now, PAGE));
            for (String row : rows) {
                try {
                    transactions.doInServer(work -> work.due().purge(retention, row, now));
                } catch (RuntimeException e) {
                    // Deliberately everything: one row that cannot be purged keeps no other, and is told at the end.
                    failures.add(e);
                }
            }
        } while (rows.size() == PAGE && failures.size() - failedBefore < PAGE);
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    /** What is left of removed realms waits for them, or for the end of its revocations. */
    private void lookForPeople() {
        transactions
                .inServer(work -> work.due().peopled().stream()
                        .filter(realm -> work.realm(realm).isPresent())
                        .toList())
                .forEach(realm -> worker.attempt(() -> lookForPeople(realm)));
    }

    /** One node at a time; what belongs to a realm that is gone is not for us to judge. */
    private void lookForPeople(String realm) {
        Instant now = clock.instant();
        boolean ours = transactions
                .claimInRealm(
                        realm,
                        work -> mayStillCome(work)
                                ? Optional.empty()
                                : sweep(work).claim(now, now.plus(CLAIM), now))
                .isPresent();
        if (!ours) {
            return;
        }
        Course course = lookAtPage(realm);
        while (course == Course.AT_ONCE) {
            LOG.debugf("people are gone from realm %s; the next ones are looked at", realm);
            course = lookAtPage(realm);
        }
        if (course == Course.LATER) {
            // A moment less, since the next round begins a little earlier at another node.
            Instant next = clock.instant().plus(every.dividedBy(2));
            transactions.doInRealm(realm, work -> sweep(work).progress(now, next));
        }
    }

    /** How it goes on after a page. */
    private enum Course {
        /** Somebody was forgotten, and with them perhaps many. */
        AT_ONCE,
        LATER,
        /** Another node has taken it on. */
        ELSEWHERE
    }

    /** The people after those of the last time, so that a round costs the same however many there are. */
    private Course lookAtPage(String realm) {
        String from = transactions.inRealm(realm, work -> sweep(work).reached());
        List<String> page = page(realm, new Stretch(from, ""));
        String reached = page.size() < PEOPLE_AT_ONCE ? "" : page.get(page.size() - 1);
        int forgotten = lookFor(realm, page, new Stretch(from, reached));
        Instant until = clock.instant().plus(CLAIM);
        if (!transactions.inRealm(realm, work -> sweep(work).turnPage(from, reached, until))) {
            return Course.ELSEWHERE;
        }
        return forgotten > 0 && !reached.isEmpty() ? Course.AT_ONCE : Course.LATER;
    }

    private List<String> page(String realm, Stretch stretch) {
        return transactions.inRealm(realm, work -> work.people().page(stretch.after(), stretch.upTo(), PEOPLE_AT_ONCE));
    }

    /** Users of a realm that is back after its removal, which an import brings in a second step. */
    private static boolean mayStillCome(Work work) {
        return work.storage().removedRealms().awaits(work.realm().id());
    }

    private static SweepStore sweep(Work work) {
        return work.sweeps(SweepStore.Kind.PEOPLE);
    }

    /**
     * Directories are asked for theirs apart, so that one that hangs keeps nobody else, and no other realm, waiting.
     *
     * @return how many of Keycloak's own were forgotten
     */
    private int lookFor(String realm, List<String> page, Stretch stretch) {
        Map<Optional<DirectoryId>, List<String>> byDirectory = withoutRight(realm, page);
        byDirectory.keySet().stream().flatMap(Optional::stream).forEach(directory -> {
            // Whatever it cannot be asked for now, it is asked for after what it is being asked for.
            behind.merge(directory, stretch, Stretch::and);
            if (!rounds.begin(directory, () -> lookForPeopleOf(directory))) {
                LOG.debugf("people of a directory of realm %s are looked for later", realm);
            }
        });
        return tell(realm, forgetGone(realm, byDirectory.getOrDefault(Optional.<DirectoryId>empty(), List.of())));
    }

    private Map<Optional<DirectoryId>, List<String>> withoutRight(String realm, List<String> page) {
        List<String> people = transactions.inRealm(realm, work -> work.people().withoutRight(page));
        return transactions.inRealm(realm, work -> work.users().byDirectory(people));
    }

    /** At the directory's own pace: nobody is passed over, however many pages the others have turned meanwhile. */
    private void lookForPeopleOf(DirectoryId directory) {
        Stretch stretch = behind.remove(directory);
        while (stretch != null) {
            List<String> page = page(directory.realm(), stretch);
            List<String> theirs = withoutRight(directory.realm(), page).getOrDefault(Optional.of(directory), List.of());
            tell(directory.realm(), forgetGone(directory.realm(), theirs));
            stretch = page.size() < PEOPLE_AT_ONCE
                    ? behind.remove(directory)
                    : new Stretch(page.get(page.size() - 1), stretch.upTo());
        }
    }

    private static int tell(String realm, int forgotten) {
        if (forgotten > 0) {
            LOG.infof("%d people who are gone from realm %s were forgotten", forgotten, realm);
        }
        return forgotten;
    }

    /**
     * Each by itself, and a page that cannot be looked up as one is by one.
     *
     * @return of how many people something was forgotten; of who is gone, a revocation may still need all there is
     */
    private int forgetGone(String realm, List<String> people) {
        Set<String> gone;
        try {
            gone = people.isEmpty()
                    ? Set.of()
                    : transactions.inRealm(realm, work -> work.users().gone(people));
        } catch (Transactions.RealmGone e) {
            throw e;
        } catch (RuntimeException e) {
            // Deliberately everything: one who cannot be looked up keeps nobody else from being forgotten.
            LOG.debugf(e, "%d people of realm %s could not be looked up", people.size(), realm);
            return people.size() == 1
                    ? 0
                    : people.stream()
                            .mapToInt(one -> forgetGone(realm, List.of(one)))
                            .sum();
        }
        AtomicInteger forgotten = new AtomicInteger();
        gone.forEach(one -> worker.attempt(() -> {
            if (transactions.inRealm(realm, work -> work.people().forget(one, clock.instant())) > 0) {
                forgotten.incrementAndGet();
            }
        }));
        return forgotten.get();
    }

    /** Notices that have outlived their delegations. */
    private Optional<String> forgetLostNotices(String after) {
        List<String> page =
                transactions.inServer(work -> work.removedRealm("").notices().page(after, PEOPLE_AT_ONCE));
        if (page.isEmpty()) {
            return Optional.empty();
        }
        transactions
                .inServer(work -> work.removedRealm("").notices().lost(page))
                .forEach(one -> transactions.doInServer(
                        work -> work.removedRealm("").notices().forget(one)));
        return Optional.of(page.get(page.size() - 1));
    }

    /**
     * People by their ids.
     *
     * @param after the last one before them; empty for the first
     * @param upTo the last of them; empty for the last of all
     */
    private record Stretch(String after, String upTo) {
        private static final Stretch ALL = new Stretch("", "");

        /** Both: what lies between is not left out, either. */
        Stretch and(Stretch next) {
            return !upTo.isEmpty() && upTo.equals(next.after) ? new Stretch(after, next.upTo) : ALL;
        }
    }
}
