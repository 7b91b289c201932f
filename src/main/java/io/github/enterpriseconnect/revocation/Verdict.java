package io.github.enterpriseconnect.revocation;

import io.github.enterpriseconnect.storage.Looks;
import java.util.Optional;

/**
 * What was seen of somebody.
 *
 * @param source how the directory is set up by which somebody stands, or that leaves it in doubt
 */
record Verdict(Looks.Due due, Outcome outcome, Optional<String> source) {
    /** What becomes of somebody who was looked at. */
    enum Outcome {
        /** All was read, and nothing is missing: how the directory is set up now is good. */
        STANDS,
        /** Nothing has ended; something may withhold the right. */
        LEFT,
        /** The right has ended. */
        ENDED,
        /** The tokens were lost with their key, and both are there again. */
        OPENS_AGAIN,
        /** Nobody could tell. */
        UNREAD,
        /** Nobody can tell as long as the directory is set up otherwise than before. */
        DOUBTFUL,
        /** There is nothing to look at. */
        OVER
    }

    /** Id of the directory that {@link #source} is about. */
    Optional<String> directory() {
        return source.map(Denials::directory);
    }

    static Verdict of(Looks.Due due, Outcome outcome) {
        return new Verdict(due, outcome, Optional.empty());
    }
}
