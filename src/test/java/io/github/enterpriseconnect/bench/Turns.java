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
 * Kinds of request that take turns, in random order round by round, so that whatever else happens on the machine meets
 * all alike.
 */
final class Turns {
    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    /**
     * @param server whose CPU time counts
     * @param request does one, by its number, which no other of the kind has
     */
    private record Kind(KeycloakServer server, IntConsumer request, AtomicInteger number) {
        void once() {
            request.accept(number.getAndIncrement());
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
                Collections.shuffle(order, random);
                for (String name : order) {
                    taken.computeIfAbsent(name, key -> new ArrayList<>()).add(turn(name, each, callers, threads));
                }
            }
        } finally {
            threads.shutdownNow();
        }
        return new Taken(taken);
    }

    private Round turn(String name, int each, int callers, ExecutorService threads) {
        Kind kind = Objects.requireNonNull(kinds.get(name));
        Double[] latencies = new Double[each];
        AtomicInteger next = new AtomicInteger();
        Duration cpu = kind.server().cpuTime();
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int caller = 0; caller < callers; caller++) {
            running.add(threads.submit(() -> {
                for (int i = next.getAndIncrement(); i < each; i = next.getAndIncrement()) {
                    long begun = System.nanoTime();
                    kind.once();
                    latencies[i] = (System.nanoTime() - begun) / 1e6;
                }
            }));
        }
        running.forEach(Turns::await);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Round(
                List.of(latencies), seconds, kind.server().cpuTime().minus(cpu).toNanos() / 1e9);
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
