package io.github.enterpriseconnect.revocation;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /** @param reconcileEvery how often rights are looked at */
    public Housekeeping(Transactions transactions, Worker worker, Duration reconcileEvery, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.every = reconcileEvery.multipliedBy(ROUNDS_OF_RECONCILIATION);
        this.clock = clock;
        this.rounds = new DirectoryRounds(worker);
    }

    public void start() {
        worker.submitEvery(BETWEEN_PURGES, this::purge);
        worker.submitEvery(every, this::lookForPeople);
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
        while (lookAtPage(realm)) {
            LOG.debugf("people are gone from realm %s; the next ones are looked at", realm);
        }
        // A moment less, since the next round begins a little earlier at another node.
        Instant next = clock.instant().plus(every.dividedBy(2));
        transactions.doInRealm(realm, work -> sweep(work).progress(now, next));
    }

    /**
     * The people after those of the last time, so that a round costs the same however many there are.
     *
     * @return whether to go on at once: somebody is gone, and with them perhaps many
     */
    private boolean lookAtPage(String realm) {
        List<String> page = transactions.inRealm(
                realm, work -> work.people().page(sweep(work).reached(), PEOPLE_AT_ONCE));
        List<String> withoutRight =
                transactions.inRealm(realm, work -> work.people().withoutRight(page));
        boolean gone = lookFor(realm, withoutRight);
        boolean more = page.size() == PEOPLE_AT_ONCE;
        transactions.doInRealm(realm, work -> sweep(work).turnPage(more ? page.get(page.size() - 1) : ""));
        return gone && more;
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
     * @return whether anybody of Keycloak's own is gone
     */
    private boolean lookFor(String realm, List<String> people) {
        Map<Optional<DirectoryId>, List<String>> byDirectory =
                new HashMap<>(transactions.inRealm(realm, work -> work.users().byDirectory(people)));
        List<String> ofKeycloak = byDirectory.remove(Optional.<DirectoryId>empty());
        byDirectory.forEach((directory, some) -> {
            if (!rounds.begin(directory.orElseThrow(), () -> forgetGone(realm, some))) {
                LOG.debugf("%d people of a directory of realm %s are looked for in a later round", some.size(), realm);
            }
        });
        return ofKeycloak != null && forgetGone(realm, ofKeycloak);
    }

    /**
     * Each by itself, and a page that cannot be looked up as one is by one.
     *
     * @return whether anybody is gone
     */
    private boolean forgetGone(String realm, List<String> people) {
        Set<String> gone;
        try {
            gone = transactions.inRealm(realm, work -> work.users().gone(people));
        } catch (Transactions.RealmGone e) {
            throw e;
        } catch (RuntimeException e) {
            // Deliberately everything: one who cannot be looked up keeps nobody else from being forgotten.
            LOG.debugf(e, "%d people of realm %s could not be looked up", people.size(), realm);
            return people.size() > 1
                    && people.stream()
                                    .filter(one -> forgetGone(realm, List.of(one)))
                                    .count()
                            > 0;
        }
        gone.forEach(one -> worker.attempt(
                () -> transactions.doInRealm(realm, work -> work.people().forget(one, clock.instant()))));
        if (!gone.isEmpty()) {
            LOG.infof("%d people who are gone from realm %s were forgotten", gone.size(), realm);
        }
        return !gone.isEmpty();
    }
}
