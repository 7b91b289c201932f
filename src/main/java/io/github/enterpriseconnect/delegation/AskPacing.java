package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many members of a link may be asked for now: no more than whose codes can be redeemed while they are good, and
 * within that each link its share. Whoever has to wait stays where they are, since nothing is noted before.
 */
final class AskPacing {
    /** A request asks for so many at most; who has to wait waits for a full one. */
    private static final int FULL = 50;

    /** So many minutes' worth may be on its way, if nobody else wants any. */
    private static final int USUAL_MINUTES = 2;

    /** And so many in all, a half of what a code lives. */
    private static final int MOST_MINUTES = 5;

    private static final Duration LATER = Duration.ofSeconds(1);

    private final Transactions transactions;
    private final RequestBudget budget;
    private final InstantSource clock;

    AskPacing(Transactions transactions, RequestBudget budget, InstantSource clock) {
        this.transactions = transactions;
        this.budget = budget;
        this.clock = clock;
    }

    /** @param pause after which to come again; only if none may be asked for */
    record Admission(int members, Duration pause) {
        static final Admission ALL = new Admission(FULL, Duration.ZERO);
    }

    /** How it stands with the link; without an application, nothing is sent that would need room. */
    private record Present(Optional<Application> application, Map<LinkId, Integer> outstanding) {}

    /** @param purpose for whom; a backfill leaves a half of the room to those who sign in */
    Admission admit(LinkId link, int waiting, Purpose purpose) {
        Present present;
        try {
            present = transactions.inRealm(link.realm(), work -> present(work, link));
        } catch (Unreadable away) {
            return Admission.ALL;
        }
        if (present.application().isEmpty()) {
            return Admission.ALL;
        }
        int room = room(present.outstanding(), link, purpose);
        if (room < Math.min(waiting, FULL)) {
            return new Admission(0, LATER);
        }
        return budget.reserve(present.application().get(), purpose, 1) == 0
                ? new Admission(0, budget.untilNextSecond())
                : new Admission(FULL, Duration.ZERO);
    }

    /** How long it takes to ask for all who wait with a member of the link, and to redeem what has come for others. */
    Duration backlog(Work work, LinkId link) {
        Instant now = clock.instant();
        long outstanding = work.realm().applicationKey().stream()
                .flatMap(application -> work.answers().outstanding(application, now).values().stream())
                .mapToLong(Integer::longValue)
                .sum();
        long before = outstanding + work.waiting().count(link);
        return Duration.ofSeconds(
                before * Duration.ofMinutes(1).toSeconds() / budget.limits().perMinute());
    }

    private Present present(Work work, LinkId link) {
        Instant now = clock.instant();
        Optional<Application> application = work.realm()
                .application()
                .filter(present -> work.linkHealth().pause(link, now).isEmpty());
        return new Present(
                application,
                application
                        .map(present -> work.answers().outstanding(present.key(), now))
                        .orElse(Map.of()));
    }

    private int room(Map<LinkId, Integer> outstanding, LinkId link, Purpose purpose) {
        Map<LinkId, Integer> all = new HashMap<>(outstanding);
        int own = all.merge(link, 0, Integer::sum);
        int total = all.values().stream().mapToInt(Integer::intValue).sum();
        int usual = USUAL_MINUTES * budget.limits().perMinute();
        int share = Math.max(FULL, usual / all.size());
        int most = Math.max(share, own + usual - total);
        if (purpose == Purpose.BACKFILL) {
            return Math.min(most - own, budget.limits().perMinute() - total);
        }
        return Math.min(most - own, MOST_MINUTES * budget.limits().perMinute() - total);
    }
}
