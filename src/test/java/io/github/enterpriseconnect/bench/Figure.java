package io.github.enterpriseconnect.bench;

import java.util.Locale;

/** Everything that is measured, by the name in lower case that the results bear, with what is wanted of it. */
public enum Figure {
    /** SQL statements that a sign-in of a delegated member takes more than one without us. */
    LOGIN_STATEMENTS(0, Better.LOWER),
    /** Requests to Cronofy that such a sign-in takes. */
    LOGIN_REQUESTS(0, Better.LOWER),
    LOGIN_LINKED_P50_RATIO(1.01, Better.LOWER),
    LOGIN_LINKED_P99_RATIO(1.05, Better.LOWER),
    LOGIN_LINKED_THROUGHPUT_RATIO(0.99, Better.HIGHER),
    GRANT_LINKED_P50_RATIO(1.03, Better.LOWER),
    SIGN_IN_CPU_SHARE(0.03, Better.LOWER),
    LOGIN_FIRST_P50_RATIO(1.03, Better.LOWER),
    LOGIN_OUTAGE_P99_RATIO(1.05, Better.LOWER),
    TOKEN_STATEMENTS(1, Better.LOWER),
    TOKEN_VS_BROKER_THROUGHPUT(0.5, Better.HIGHER),
    TOKEN_VS_BROKER_CPU(2.2, Better.LOWER),
    TOKEN_VS_USERINFO_P95(1.5, Better.LOWER),
    EXCHANGE_VS_EXCHANGE_THROUGHPUT(2, Better.HIGHER),
    /** Refreshes at Cronofy while 200 callers of three nodes ask for the same expired token. */
    REFRESH_SINGLEFLIGHT(1, Better.LOWER),
    BUDGET_EXCEEDED(0, Better.LOWER),
    BUDGET_USED(0.95, Better.HIGHER),
    AWAITED_DURING_FLOOD(2, Better.LOWER),
    FAIRNESS(2, Better.LOWER),
    /** SQL statements a minute of two idle nodes with 100,000 delegated; the target is the same with hundreds. */
    IDLE_STATEMENTS(0, Better.LOWER),
    MEMBERS_100K_LOGIN_RATIO(1.05, Better.LOWER),
    MEMBERS_100K_HEAP_RATIO(1.10, Better.LOWER);

    /** Which values meet a target. */
    public enum Better {
        LOWER,
        HIGHER
    }

    private final double target;
    private final Better better;

    Figure(double target, Better better) {
        this.target = target;
        this.better = better;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    double target() {
        return target;
    }

    Better better() {
        return better;
    }
}
