package io.github.enterpriseconnect.bench;

import java.time.Duration;

/** How much is measured: in a few minutes ({@code -Dbench.quick}), or in at most forty. */
enum Effort {
    QUICK(20, 12, 4, 200, Duration.ofSeconds(25)),
    WHOLE(40, 25, 15, 600, Duration.ofSeconds(70));

    /** Who sign in again and again. */
    static final int PEOPLE = 20;

    /** Who ask at once, where they are several. */
    static final int CALLERS = 4;

    /** First sign-ins before those that count. */
    static final int WARM_UP = 20;

    private final int rounds;
    private final int each;
    private final int eachFirst;
    private final int eachToken;
    private final Duration idle;

    Effort(int rounds, int each, int eachFirst, int eachToken, Duration idle) {
        this.rounds = rounds;
        this.each = each;
        this.eachFirst = eachFirst;
        this.eachToken = eachToken;
        this.idle = idle;
    }

    static Effort asked() {
        String quick = System.getProperty("bench.quick", "false");
        return quick.isEmpty() || Boolean.parseBoolean(quick) ? QUICK : WHOLE;
    }

    int rounds() {
        return rounds;
    }

    /** Requests of a kind in a round. */
    int each() {
        return each;
    }

    /** First sign-ins of a kind in a round; each needs a user of its own. */
    int eachFirst() {
        return eachFirst;
    }

    /** Requests for tokens of a kind in a round; each takes about a millisecond. */
    int eachToken() {
        return eachToken;
    }

    /** For how long to look at what idle servers do by themselves. */
    Duration idle() {
        return idle;
    }
}
