package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Kinds of request that take turns, in random order, so that whatever else happens on the machine meets all alike: one
 * request after the other where one caller asks, else a round's requests of a kind after those of another.
 */
final class Turns {
    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    /**
     * @param server whose CPU time counts
     * @param request does one, by its number, which no other of the kind has
     */
    private record Kind(KeycloakServer server, IntConsumer request, AtomicInteger number) {
        /** How long it took, in milliseconds. */
        double once() {
            long begun = System.nanoTime();
            request.accept(number.getAndIncrement());
            return (System.nanoTime() - begun) / 1e6;
        }
    }

    Turns add(String name, KeycloakServer server, IntConsumer request) {
        kinds.put(name, new Kind(server, request, new AtomicInteger()));
        return this;
    }

    /**
     * Lets each kind do so many requests in each round, and gives what the rounds took.
     *
     * @param callers who ask at once
     */
    Taken run(int rounds, int each, int callers) {
        Map<String, List<Round>> taken = new LinkedHashMap<>();
        List<String> order = new ArrayList<>(kinds.keySet());
        Random random = new Random(rounds);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            for (int round = 0; round < rounds; round++) {
                Map<String, Round> turns =
                        callers == 1 ? oneByOne(order, each, random) : together(order, each, callers, random, threads);
                turns.forEach((name, turn) ->
                        taken.computeIfAbsent(name, key -> new ArrayList<>()).add(turn));
            }
        } finally {
            threads.shutdownNow();
        }
        return new Taken(taken);
    }

    private Map<String, Round> oneByOne(List<String> order, int each, Random random) {
        Map<String, List<Double>> latencies = new LinkedHashMap<>();
        for (int i = 0; i < each; i++) {
            Collections.shuffle(order, random);
            for (String name : order) {
                latencies
                        .computeIfAbsent(name, key -> new ArrayList<>())
                        .add(kind(name).once());
            }
        }
        Map<String, Round> rounds = new LinkedHashMap<>();
        latencies.forEach((name, taken) -> rounds.put(
                name,
                new Round(taken, taken.stream().mapToDouble(Double::doubleValue).sum() / 1e3, Double.NaN)));
        return rounds;
    }

    private Map<String, Round> together(
            List<String> order, int each, int callers, Random random, ExecutorService threads) {
        Map<String, Round> rounds = new LinkedHashMap<>();
        Collections.shuffle(order, random);
        order.forEach(name -> rounds.put(name, turn(kind(name), each, callers, threads)));
        return rounds;
    }

    private static Round turn(Kind kind, int each, int callers, ExecutorService threads) {
        Double[] latencies = new Double[each];
        AtomicInteger next = new AtomicInteger();
        Duration cpu = kind.server().cpuTime();
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int caller = 0; caller < callers; caller++) {
            running.add(threads.submit(() -> {
                for (int i = next.getAndIncrement(); i < each; i = next.getAndIncrement()) {
                    latencies[i] = kind.once();
                }
            }));
        }
        running.forEach(Turns::await);
        return new Round(
                List.of(latencies),
                (System.nanoTime() - start) / 1e9,
                kind.server().cpuTime().minus(cpu).toNanos() / 1e9);
    }

    private Kind kind(String name) {
        return Objects.requireNonNull(kinds.get(name), name);
    }

    private static void await(Future<?> running) {
        try {
            running.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a request failed", e.getCause());
        }
    }
}
