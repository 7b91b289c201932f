package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.SeenProfile;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.credential.CredentialRefresher;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Watches the calendars of granted members, in the realms that want it: has Cronofy open a channel of notifications for
 * each, and looks at how the calendar stands then, and whenever a notification has come. All of that after everybody else
 * who has something to ask. Each realm has its turn in every round, and in all of them those come first of whom a
 * notification has told. What is seen is shown and told; it ends nobody's right.
 */
public final class ProfileWatch {
    private static final Logger LOG = Logger.getLogger(ProfileWatch.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);

    /** Of one realm, and as many of those who were called for. */
    private static final int ROUND = 100;

    private final Transactions transactions;
    private final Worker worker;
    private final ProfileLook look;
    private final InstantSource clock;

    public ProfileWatch(
            Transactions transactions,
            Tickets tickets,
            CredentialRefresher credentials,
            Cronofy cronofy,
            Worker worker,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.look = new ProfileLook(transactions, tickets, credentials, cronofy, retries, clock);
        this.clock = clock;
    }

    public void start() {
        new WatchedMembers(transactions, worker, clock).start();
        worker.submitEvery(BETWEEN_ROUNDS, this::lookSoon);
    }

    /**
     * What came with a grant is noted, and if the realm wants it the calendar is watched from now on.
     *
     * @param delegation its id
     */
    static void granted(Work work, String delegation, String subject, Cronofy.Grant grant, Instant now) {
        ProfileState state = grant.profile();
        work.profiles()
                .begin(
                        delegation,
                        subject,
                        grant.profileId(),
                        new SeenProfile(state, now, now.plus(ProfileLook.counts(state))));
        if (WatchedMembers.wanted(work)) {
            work.watches().begin(delegation, subject, now);
        }
    }

    /** Looks at whom something has happened to, in the background. */
    void lookSoon() {
        worker.submitOnce(ProfileWatch.class, this::lookAtDue);
    }

    /** The turn of a realm in a round; over once others of it would fare no better. */
    private static final class Turn {
        private final String realm;
        private boolean over;

        Turn(String realm) {
            this.realm = realm;
        }
    }

    private void lookAtDue() {
        Instant now = clock.instant();
        List<Turn> turns = transactions.inServer(work -> work.watches().realms(now, ROUND)).stream()
                .filter(this::open)
                .map(Turn::new)
                .toList();
        AtomicInteger more = new AtomicInteger();
        Stream.of(true, false)
                .forEach(called -> turns.forEach(turn -> worker.attempt(() -> {
                    if (lookAtDue(turn, called, now)) {
                        more.incrementAndGet();
                    }
                })));
        if (more.get() > 0) {
            lookSoon();
        }
    }

    /** Whether anybody of the realm may be looked at now; if not, they are due as before. */
    private boolean open(String realm) {
        try {
            return transactions.inRealm(realm, work -> !WatchedMembers.wanted(work) || open(work));
        } catch (Transactions.RealmGone gone) {
            LOG.debugf("realm %s is gone", realm);
            return false;
        }
    }

    /** Whether members' tokens may be used: the realm is switched on, and nobody has stopped that they are served. */
    static boolean open(Work work) {
        Suspensions suspensions = work.suspensions().all();
        return work.realm().enabled() && !suspensions.realm() && !suspensions.anyUnknown();
    }

    /** @return whether there may be more, and nothing that stays due is in their way */
    private boolean lookAtDue(Turn turn, boolean called, Instant now) {
        List<String> due = turn.over
                ? List.of()
                : transactions.inServer(work -> work.watches().due(turn.realm, called, now, ROUND));
        AtomicInteger moved = new AtomicInteger();
        due.forEach(delegation -> worker.attempt(() -> {
            if (turn.over) {
                return;
            }
            if (look.at(turn.realm, delegation)) {
                moved.incrementAndGet();
            } else {
                turn.over = true;
            }
        }));
        return due.size() == ROUND && moved.get() > 0 && !turn.over;
    }
}
