package io.github.enterpriseconnect.platform;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who asks one directory, who waits for the turn, and how it has answered. Guarded by {@code Directories}. */
final class AskedDirectory {
    /** After so long without an answer a directory hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Whoever stands behind others, or is the last of a crew, waits for the turn for so long at most. */
    static final Duration MOMENT = Duration.ofMillis(500);

    /** One who asks and one who finds out whether it is that question alone that takes its time. */
    private static final int MOST_WHILE_SILENT = 2;

    /** After so long one more may find out whether it is well again, and more rarely the longer it lasts. */
    private static final Duration FIRST_PROBE = Duration.ofMinutes(1);

    private static final Duration LONGEST_BETWEEN_PROBES = Duration.ofHours(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    private final Map<Thread, Asker> underWay = new HashMap<>();

    /** In the order in which they came. */
    private final Map<Thread, Asker> waiting = new LinkedHashMap<>();

    private Instant answeredAt = Instant.MIN;
    private Instant restsUntil = Instant.MIN;

    /** Some have waited in vain: until then nobody else stands behind them. */
    private Instant crowdedUntil = Instant.MIN;

    /**
     * Somebody who asks, or who waits for the turn.
     *
     * @param crew null for a request
     */
    record Asker(Instant since, @Nullable String crew) {
        boolean longerThan(Duration age, Instant now) {
            return !since.plus(age).isAfter(now);
        }
    }

    enum Turn {
        YES,
        WAIT,
        NO
    }

    /**
     * The others of a crew.
     *
     * @param asking who asks any directory
     * @param waiting how many wait for any
     */
    record Others(List<Asker> asking, long waiting) {
        static Others of(Stream<AskedDirectory> all, Thread asker, String crew) {
            List<AskedDirectory> everywhere = all.toList();
            return new Others(
                    everywhere.stream()
                            .flatMap(one -> others(one.underWay, asker, crew))
                            .toList(),
                    everywhere.stream()
                            .flatMap(one -> others(one.waiting, asker, crew))
                            .count());
        }

        private static Stream<Asker> others(Map<Thread, Asker> among, Thread asker, String crew) {
            return among.entrySet().stream()
                    .filter(one -> !one.getKey().equals(asker)
                            && crew.equals(one.getValue().crew()))
                    .map(Map.Entry::getValue);
        }
    }

    boolean askedBy(Thread asker) {
        return underWay.containsKey(asker);
    }

    boolean idle() {
        return underWay.isEmpty() && waiting.isEmpty();
    }

    boolean rests(Instant now) {
        return now.isBefore(restsUntil);
    }

    boolean silentFor(Duration age, Instant now) {
        return unanswered().anyMatch(one -> one.longerThan(age, now));
    }

    /** Since when the first waits of those who wait for an answer. */
    Optional<Instant> silentSince() {
        return unanswered().map(Asker::since).min(Comparator.naturalOrder());
    }

    /** Whoever has asked before the last answer, and got none, may be stuck for ever, and says nothing of today. */
    private Stream<Asker> unanswered() {
        return underWay.values().stream().filter(one -> !answeredAt.isAfter(one.since()));
    }

    Turn forRequest(Instant now) {
        return closed(now) ? Turn.NO : Turn.YES;
    }

    Turn forCrew(Thread asker, Crew crew, Others others, Instant now) {
        if (closed(now) || rests(now)) {
            return Turn.NO;
        }
        boolean probe = probeDue(now);
        Optional<Asker> before = probe ? Optional.empty() : before(crew.name(), now);
        boolean first = first(crew.name()).filter(one -> !one.equals(asker)).isEmpty();
        // Somebody of each crew stays with those who are in no directory; a probe leaves room for another directory,
        // too.
        boolean room = others.asking().size() + (probe ? 2 : 1) < crew.size();
        if (before.isEmpty() && first && room) {
            return Turn.YES;
        }
        boolean inNobodysWay = first && others.asking().size() + others.waiting() + 1 < crew.size();
        Duration most = inNobodysWay ? PATIENCE : now.isBefore(crowdedUntil) ? Duration.ZERO : MOMENT;
        List<Asker> awaited = before.map(List::of).orElse(room ? List.of() : others.asking());
        boolean inVain = !awaited.isEmpty() && awaited.stream().allMatch(one -> one.longerThan(most, now));
        if (inVain) {
            return Turn.NO;
        }
        if (!waiting.getOrDefault(asker, new Asker(now, null)).longerThan(most, now)) {
            return Turn.WAIT;
        }
        if (!most.isZero()) {
            crowdedUntil = now.plus(PATIENCE);
        }
        return Turn.NO;
    }

    /** Whether as many wait for it in vain as may, and it is not time to find out whether it is well again. */
    private boolean closed(Instant now) {
        return silentFor(PATIENCE, now) && unanswered().count() >= MOST_WHILE_SILENT && !probeDue(now);
    }

    private boolean probeDue(Instant now) {
        Optional<Asker> newest = unanswered().max(Comparator.comparing(Asker::since));
        if (newest.isEmpty()) {
            return false;
        }
        Duration lasted =
                Duration.between(silentSince().orElse(now), newest.get().since());
        Duration pause = shorter(lasted, LONGEST_BETWEEN_PROBES);
        return newest.get().longerThan(pause.compareTo(FIRST_PROBE) < 0 ? FIRST_PROBE : pause, now);
    }

    /** The question of the crew that is to be answered first. */
    private Optional<Asker> before(String crew, Instant now) {
        return underWay.values().stream()
                .filter(one -> crew.equals(one.crew()))
                .filter(one -> !(one.longerThan(PATIENCE, now) && answeredAt.isAfter(one.since())))
                .findFirst();
    }

    private Optional<Thread> first(String crew) {
        return waiting.entrySet().stream()
                .filter(one -> crew.equals(one.getValue().crew()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    void begin(Thread thread, Asker asker) {
        waiting.remove(thread);
        underWay.put(thread, asker);
    }

    void await(Thread thread, Asker asker) {
        waiting.putIfAbsent(thread, asker);
    }

    void leave(Thread thread) {
        waiting.remove(thread);
    }

    /**
     * What failed after a long time may do so once more: it is asked again after as long a rest, unless others have been
     * answered meanwhile.
     *
     * @return for how long it was silent, if it has failed; zero else
     */
    Duration end(Thread thread, boolean answered, Instant now) {
        Asker question = underWay.remove(thread);
        if (answered) {
            answeredAt = now;
            restsUntil = Instant.MIN;
        } else if (question != null && question.longerThan(MOMENT, now) && !answeredAt.isAfter(question.since())) {
            Duration took = Duration.between(question.since(), now);
            restsUntil = now.plus(shorter(took, LONGEST_REST));
            return took;
        }
        return Duration.ZERO;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
