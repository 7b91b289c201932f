package io.github.enterpriseconnect.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One kind's turn in a round.
 *
 * @param latencies of its requests, in milliseconds
 * @param seconds from the first request to the last answer
 * @param cpuSeconds that the server has used meanwhile; not a number where kinds took turns request by request, since to ask
 *     for it takes longer than most requests
 */
record Round(List<Double> latencies, double seconds, double cpuSeconds) {
    Round {
        latencies = List.copyOf(latencies);
    }

    /** The latency in milliseconds that this part of all requests stays within. */
    static ToDoubleFunction<List<Round>> latency(double part) {
        return rounds -> {
            double[] sorted = rounds.stream()
                    .flatMap(round -> round.latencies.stream())
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
        };
    }

    /** Requests a second. */
    static double throughput(List<Round> rounds) {
        return requests(rounds) / rounds.stream().mapToDouble(Round::seconds).sum();
    }

    /** The server's CPU time of one request, in seconds. */
    static double cpu(List<Round> rounds) {
        return rounds.stream().mapToDouble(Round::cpuSeconds).sum() / requests(rounds);
    }

    private static double requests(List<Round> rounds) {
        return rounds.stream().mapToInt(round -> round.latencies.size()).sum();
    }
}
