package io.github.enterpriseconnect.core;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How members are treated when they are delegated. Nothing is left open here: what a link does not say itself
 * ({@link Stated}) has been filled in from the realm's defaults.
 *
 * @param optOut whether members may opt out
 * @param notice how a member learns of the delegation
 * @param patience how long a member who signs in may be shown that the calendar is being connected; zero for no such
 *     page
 */
public record Behaviour(boolean optOut, Notice notice, Duration patience) {
    /** The most that anybody is made to wait. */
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    /** Silent, without a way out. */
    public static final Behaviour SILENT = new Behaviour(false, Notice.NONE, Duration.ZERO);

    /** How a member learns of the delegation; the lower-case name is what the admin API shows. */
    public enum Notice {
        /** Not at all: it is silent. */
        NONE,
        /** By a mail from the realm once it is granted, and not again when it is renewed. */
        EMAIL,
        /** By a page at sign-in, once, before anything is asked for. */
        PAGE;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Behaviour {
        if (patience.isNegative() || patience.compareTo(LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException("a member waits from 0 to " + LONGEST_WAIT.toSeconds() + " seconds");
        }
    }

    /** Whether a member may be shown a page at sign-in. */
    public boolean asksForPage() {
        return notice == Notice.PAGE || !patience.isZero();
    }

    /**
     * What a link says itself; it follows the realm's default in whatever is null, now and whenever that changes.
     *
     * @param optOut see {@link Behaviour#optOut()}
     * @param notice see {@link Behaviour#notice()}
     * @param patience see {@link Behaviour#patience()}
     */
    public record Stated(
            @Nullable Boolean optOut,
            @Nullable Notice notice,
            @Nullable Duration patience) {
        public static final Stated NOTHING = new Stated(null, null, null);

        /** What holds, where these are the realm's defaults. */
        public Behaviour over(Behaviour defaults) {
            return new Behaviour(
                    Objects.requireNonNullElse(optOut, defaults.optOut()),
                    Objects.requireNonNullElse(notice, defaults.notice()),
                    Objects.requireNonNullElse(patience, defaults.patience()));
        }
    }
}
