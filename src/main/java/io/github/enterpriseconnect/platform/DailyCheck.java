package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.storage.SweepStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks through all of a table for what should not be there: what a node of an older version has left during a rolling
 * upgrade, or a statement in the database. Whenever a server starts, and once a day by one of all nodes, page by page,
 * since that reads everything.
 */
public final class DailyCheck {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofHours(1);
    private static final Duration CLAIM = Duration.ofMinutes(10);

    private final Transactions transactions;
    private final Worker worker;
    private final SweepStore.Kind kind;
    private final InstantSource clock;

    public DailyCheck(Transactions transactions, Worker worker, SweepStore.Kind kind, InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.kind = kind;
        this.clock = clock;
    }

    /**
     * Begins.
     *
     * @param page looks at what comes after the place that it is given, and tells how far it came; empty at the end
     */
    public <P> void start(P beginning, Function<P, Optional<P>> page) {
        // Whether or not another node has just done so: what it has found nothing of may have happened since.
        worker.submit(() -> {
            claimed();
            look(beginning, page);
        });
        worker.submitEvery(BETWEEN_ATTEMPTS, () -> {
            if (claimed()) {
                look(beginning, page);
            }
        });
    }

    private boolean claimed() {
        Instant now = clock.instant();
        return transactions
                .claimInServer(work -> work.sweeps(kind).claim(now, now.plus(CLAIM), now))
                .isPresent();
    }

    private <P> void look(P beginning, Function<P, Optional<P>> page) {
        Optional<P> reached = Optional.of(beginning);
        while (reached.isPresent()) {
            reached = page.apply(reached.get());
            Instant now = clock.instant();
            Instant next = now.plus(reached.isPresent() ? CLAIM : DAY);
            transactions.doInServer(work -> work.sweeps(kind).progress(now, next));
        }
    }
}
