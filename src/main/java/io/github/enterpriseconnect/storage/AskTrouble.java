package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** The columns of {@code EC_LINK} that say why its service account cannot ask for members. */
@Embeddable
@NullUnmarked
class AskTrouble {
    @Column(name = "ASK_PROBLEM")
    private String problem;

    @Column(name = "ASK_PROBLEM_SINCE")
    private Long problemSince;

    @Column(name = "ASK_FAILURES")
    private int failures;

    @Column(name = "ASK_REFUSALS")
    private int refusals;

    @Column(name = "ASKS_AFTER")
    private long asksAfter;

    /** Null if there is none. */
    Link.Problem problem() {
        return Names.problem(problem, problemSince);
    }

    /** Why, if {@link #pausedAt}. */
    Reason reason() {
        return Names.reason(problem);
    }

    boolean pausedAt(Instant now) {
        return problem != null && asksAfter > now.toEpochMilli();
    }

    Instant asksAfter() {
        return Instant.ofEpochMilli(asksAfter);
    }

    int failures() {
        return failures;
    }

    boolean any() {
        return problem != null || refusals > 0;
    }

    /** Tells whether it is another problem than before. */
    boolean fail(Reason reason, Instant now, Instant next) {
        boolean changed = !reason.name().equals(problem);
        if (changed) {
            problem = reason.name();
            problemSince = now.toEpochMilli();
        }
        failures++;
        asksAfter = next.toEpochMilli();
        return changed;
    }

    /** Tells whether somebody had been refused before, and nobody accepted since. */
    boolean refuseOne() {
        refusals++;
        return refusals > 1;
    }

    void end() {
        problem = null;
        problemSince = null;
        failures = 0;
        refusals = 0;
        asksAfter = 0;
    }
}
