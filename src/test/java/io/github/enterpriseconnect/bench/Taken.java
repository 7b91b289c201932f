package io.github.enterpriseconnect.bench;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** What the rounds of several kinds took, by the kind's name. */
record Taken(Map<String, List<Round>> rounds) {
    /** How many times as much the one takes as the other. */
    Ratio ratio(String one, String other, ToDoubleFunction<List<Round>> statistic) {
        return Ratio.of(of(one), of(other), statistic);
    }

    private List<Round> of(String kind) {
        return Objects.requireNonNull(rounds.get(kind), kind);
    }
}
