package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;

/**
 * Looks at every delegation again and again, and ends those whose right has ended without anybody telling us: users
 * that a directory no longer has, changes by bulk or in the database; and takes up again those whose tokens were lost with
 * a key that is back. Whose tokens are in use is looked at sooner than others ({@link Pace}).
 */
public final class Reconciler {
    private final Transactions transactions;
    private final Worker worker;
    private final Pace pace;
    private final InstantSource clock;
    private final Verdicts verdicts;
    private final LookRounds rounds;

    public Reconciler(
            Transactions transactions,
            Worker worker,
            DelegationTermination termination,
            RevocationDispatcher dispatcher,
            LinkSnapshots snapshots,
            Pace pace,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.pace = pace;
        this.clock = clock;
        this.verdicts = new Verdicts(snapshots, clock);
        this.rounds = new LookRounds(
                transactions,
                worker,
                new Examination(transactions, worker, termination, dispatcher, verdicts, pace, clock),
                pace,
                clock);
    }

    public void start() {
        rounds.start();
    }

    /** Something changed that may concern every member of the link: they are looked at now. */
    public void examineSoon(LinkId link) {
        worker.submitOnce(new Examining(link), () -> {
            transactions.doInServer(work -> work.looks().soon(link));
            rounds.begin();
        });
    }

    /** A directory or a key of the realm may be back, or set up otherwise: whom nobody could look at is looked at now. */
    public void componentsChanged(String realmId) {
        worker.submitOnce(new ExaminingTroubled(realmId), () -> {
            transactions.doInServer(work -> work.looks().troubledSoon(realmId));
            rounds.begin();
        });
    }

    /** What is done once at a time. */
    private record Examining(LinkId link) {}

    /** As {@link Examining}. */
    private record ExaminingTroubled(String realm) {}

    /** Tokens of these users were fetched not long ago. Whoever is claimed now is looked at anyway. */
    public void inUse(Work work, Collection<String> users) {
        Instant now = clock.instant();
        Instant latest = now.plus(longer(pace.inUse(), LookRounds.LONGEST_CLAIM));
        work.storage().looks().inUse(work.realm().id(), users, now.plus(pace.inUse()), latest, pace.sooner());
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Why the delegation has ended by what Keycloak says now; empty if it stands, is withheld, or nobody can tell. */
    public Optional<Reason> ended(Work work, Delegation delegation) {
        try {
            return verdicts.ended(work, delegation);
        } catch (Unreadable away) {
            return Optional.empty();
        }
    }
}
