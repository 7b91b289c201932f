package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.LinkId;
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
 * people do not stand behind thousands of another organization. A code that has waited for long goes before all that.
 */
final class FairTurns {
    /** A part of a code's life that leaves time for everybody who may be before it. */
    static final Duration LONG = Duration.ofMinutes(3);

    private static final Duration LATELY = Duration.ofMinutes(1);

    /** Beyond so many of late, a link is a crowd. */
    private static final int CROWD = 50;

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

    /** @param crowd whether the link has many, so that those who have few need not wait for it */
    record Turn(AnsweredAsk ask, boolean crowd) {}

    private record Place(Turn turn, int number) {}

    /** In the order in which they are to be redeemed. */
    List<Turn> order(Collection<AnsweredAsk> asks, Instant now) {
        had.replaceAll((link, of) -> of.at(now));
        had.values().removeIf(of -> of.count() + of.before() == 0);
        Map<LinkId, Integer> numbers = new HashMap<>();
        had.forEach((link, of) -> numbers.put(link, of.count() + of.before()));
        return asks.stream()
                .sorted(Comparator.comparing(AnsweredAsk::answeredAt))
                .map(ask -> place(ask, numbers.merge(ask.link(), 1, Integer::sum), now))
                .sorted(Comparator.comparingInt(Place::number))
                .map(Place::turn)
                .toList();
    }

    private static Place place(AnsweredAsk ask, int number, Instant now) {
        boolean waitsLong = ask.answeredAt().isBefore(now.minus(LONG));
        return new Place(new Turn(ask, !waitsLong && number > CROWD), waitsLong ? 0 : number);
    }

    /** The link has had its turn. */
    void note(LinkId link, Instant now) {
        had.compute(link, (same, of) -> {
            Had present = of == null ? new Had(now, 0, 0) : of.at(now);
            return new Had(present.since(), present.count() + 1, present.before());
        });
    }
}
