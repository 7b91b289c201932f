package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.budget.RequestBudget;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.storage.AnsweredAsk;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whose code comes next: of each link the oldest first, and among links the one that has had least of late, so that a few
 * people do not stand behind thousands of another organization. A code that has waited for long goes before all that, and
 * one that a backfill has asked for behind all that.
 */
final class FairTurns {
    /** A part of a code's life that leaves time for everybody who may be before it. */
    static final Duration LONG = Duration.ofMinutes(3);

    private static final Duration LATELY = Duration.ofMinutes(1);

    /** Beyond so many of late, a link is a crowd. */
    private static final int CROWD = 50;

    private static final List<Purpose> IN_TURN = List.of(Purpose.REDEMPTION, Purpose.CROWD, Purpose.BACKFILL_CODE);

    private final Map<LinkId, Had> had = new ConcurrentHashMap<>();

    /** How many a link has had in a minute that began then, and in the one before. */
    private record Had(Instant since, int count, int before) {
        Had at(Instant now) {
            if (now.isBefore(since.plus(LATELY))) {
                return this;
            }
            return new Had(now, 0, now.isBefore(since.plus(LATELY.multipliedBy(2))) ? count : 0);
        }
    }

    /** @param purpose who need not wait for it: those of links that have few, then those of a crowd, then backfills */
    record Turn(AnsweredAsk ask, Purpose purpose) {}

    private record Place(Turn turn, int number) {}

    /** In the order in which they are to be redeemed. */
    List<Turn> order(Collection<AnsweredAsk> asks, Instant now) {
        had.replaceAll((link, of) -> of.at(now));
        had.values().removeIf(of -> of.count() + of.before() == 0);
        Map<LinkId, Integer> numbers = new HashMap<>();
        had.forEach((link, of) -> numbers.put(link, of.count() + of.before()));
        return asks.stream()
                .sorted(Comparator.comparing(AnsweredAsk::answeredAt))
                .map(ask -> place(ask, numbers, now))
                .sorted(Comparator.<Place, Purpose>comparing(
                                place -> place.turn().purpose())
                        .thenComparingInt(Place::number))
                .map(Place::turn)
                .toList();
    }

    /** Members who sign in do not count as a crowd for what a backfill has had. */
    private static Place place(AnsweredAsk ask, Map<LinkId, Integer> numbers, Instant now) {
        if (ask.answeredAt().isBefore(now.minus(LONG))) {
            return new Place(new Turn(ask, Purpose.REDEMPTION), 0);
        }
        if (ask.unhurried()) {
            return new Place(new Turn(ask, Purpose.BACKFILL_CODE), 0);
        }
        int number = numbers.merge(ask.link(), 1, Integer::sum);
        return new Place(new Turn(ask, number > CROWD ? Purpose.CROWD : Purpose.REDEMPTION), number);
    }

    /** Room for those who come first, and only if there is room for all of them, for the next. */
    int reserve(RequestBudget budget, Application application, List<Turn> codes) {
        int most = budget.limits().perSecond();
        int wanted = 0;
        int room = 0;
        for (Purpose purpose : IN_TURN) {
            int more = (int)
                    codes.stream().filter(code -> code.purpose() == purpose).count();
            if (more > 0 && room == wanted) {
                wanted += more;
                room = budget.reserve(application, purpose, Math.min(most, wanted));
            }
        }
        return room;
    }

    /** The link has had its turn. */
    void note(Turn turn, Instant now) {
        if (turn.ask().unhurried()) {
            return;
        }
        had.compute(turn.ask().link(), (same, of) -> {
            Had present = of == null ? new Had(now, 0, 0) : of.at(now);
            return new Had(present.since(), present.count() + 1, present.before());
        });
    }
}
