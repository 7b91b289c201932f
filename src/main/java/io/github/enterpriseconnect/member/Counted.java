package io.github.enterpriseconnect.member;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * What is known so far of all members of a link.
 *
 * @param counts by the reason's name, and under {@value #ALLOWED}
 * @param counted how many members that are
 * @param at when it has ended; while it runs, when it has begun
 */
public record Counted(Map<String, Integer> counts, long counted, State state, Instant at) {
    static final String ALLOWED = "allowed";

    /** How far a count has come. */
    public enum State {
        RUNNING,
        FINISHED,
        /** Somebody could not be looked up, and those after them were not; or there was no room, or nothing went on. */
        FAILED;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
