package io.github.enterpriseconnect.revocation;

import java.time.Duration;
import java.time.Instant;

/**
 * How soon people are looked at again.
 *
 * @param inUse whoever's token was fetched since the last look
 * @param idle everybody else; never sooner than the former
 */
public record Pace(Duration inUse, Duration idle) {
    private static final Duration LONGEST_BETWEEN_ROUNDS = Duration.ofSeconds(10);
    private static final int SHORTEST_PAUSE = 8;
    private static final int MOST_DOUBLINGS = 20;

    /** So many of these pass until {@link Housekeeping} looks for people. */
    private static final int ROUNDS_OF_HOUSEKEEPING = 10;

    public Pace {
        if (idle.compareTo(inUse) < 0) {
            idle = inUse;
        }
    }

    /** How often it is asked whether anybody is due. */
    Duration betweenRounds() {
        return inUse.compareTo(LONGEST_BETWEEN_ROUNDS) < 0 ? inUse : LONGEST_BETWEEN_ROUNDS;
    }

    /** By which {@link Housekeeping} measures its rounds: as often as who is in use is looked at, people are looked for. */
    public Duration housekeeping() {
        return inUse.dividedBy(ROUNDS_OF_HOUSEKEEPING);
    }

    /** How much sooner who is in use is looked at than who is not. */
    Duration sooner() {
        return idle.minus(inUse);
    }

    /** When to try again what has failed so often in a row: after a pause that grows. */
    Instant afterFailure(Instant now, int failures) {
        Duration pause = inUse.dividedBy(SHORTEST_PAUSE).multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        return now.plus(pause.compareTo(idle) < 0 ? pause : idle);
    }
}
