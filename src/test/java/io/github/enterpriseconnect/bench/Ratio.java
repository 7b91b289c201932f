package io.github.enterpriseconnect.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How many times as much one kind takes as another.
 *
 * @param low where its interval of 95 % begins
 * @param high where it ends
 */
record Ratio(double value, double low, double high) {
    private static final int DRAWS = 2_000;
    private static final double TAIL = 0.025;

    /**
     * The ratio of a statistic of all rounds, and its interval by drawing as many rounds again and again, both kinds'
     * together (bootstrap), since what disturbs a round disturbs both.
     */
    static Ratio of(List<Round> one, List<Round> other, ToDoubleFunction<List<Round>> statistic) {
        Random random = new Random(1);
        int rounds = one.size();
        double[] drawn = IntStream.range(0, DRAWS)
                .mapToDouble(draw -> {
                    int[] chosen = random.ints(rounds, 0, rounds).toArray();
                    return statistic.applyAsDouble(chosen(one, chosen))
                            / statistic.applyAsDouble(chosen(other, chosen));
                })
                .sorted()
                .toArray();
        return new Ratio(
                statistic.applyAsDouble(one) / statistic.applyAsDouble(other),
                drawn[(int) (TAIL * DRAWS)],
                drawn[(int) ((1 - TAIL) * DRAWS) - 1]);
    }

    private static List<Round> chosen(List<Round> all, int[] numbers) {
        return Arrays.stream(numbers).mapToObj(all::get).toList();
    }

    /** How far from 1 the interval reaches. */
    double noise() {
        return Math.max(Math.abs(1 - low), Math.abs(high - 1));
    }
}
