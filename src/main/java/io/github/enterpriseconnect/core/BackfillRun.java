package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All members of a link are looked at, one after the other, and those whom the gate lets through are asked for without a
 * sign-in of theirs.
 *
 * @param run tells one run of a link from the next
 * @param endedAt null while it goes on, or may
 * @param nextAt when to go on, or to begin anew by the link's policy; null if neither is planned
 * @param reached up to which member everybody has been looked at, in the words of who lists them; empty at the beginning
 * @param total how many members there were when it began; null while nobody has counted them
 * @param looked how many have been looked at
 * @param asked how many of them were asked for
 * @param passedOver how many were not, by the reason; with {@code asked} it makes {@code looked}
 * @param waitsFor why it cannot go on at the moment; null if it can
 * @param failures how often in a row that was so
 * @param words what a newer version has written of state and reason
 */
public record BackfillRun(
        LinkId link,
        String run,
        State state,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Instant nextAt,
        String reached,
        @Nullable Long total,
        long looked,
        long asked,
        Map<String, Long> passedOver,
        @Nullable Reason waitsFor,
        int failures,
        Words words) {

    /** Life of a run; the lower-case name is what APIs show. */
    public enum State {
        RUNNING,
        /** It goes on where it was when somebody resumes it. */
        PAUSED,
        /** Everybody has been looked at. */
        FINISHED,
        /** An administrator has ended it. */
        CANCELLED,
        /** A newer version has written it: nobody here acts on it. Shown as it is written. */
        UNKNOWN;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public BackfillRun {
        passedOver = Map.copyOf(passedOver);
    }

    /** The state as APIs show it. */
    public String stateWord() {
        return words.state(state.id());
    }

    /** Why it cannot go on at the moment, as APIs show it; null if it can. */
    public @Nullable String waitsForWord() {
        return words.reason(waitsFor);
    }
}
