package io.github.enterpriseconnect.integration.harness;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Callers who all ask at once. Whoever is told to ask again later does, after the time that the answer names and again,
 * until the answer is 200. Any other answer is an error.
 */
public final class Crowd implements AutoCloseable {
    private static final Set<Integer> LATER = Set.of(409, 503);
    private static final String UNTOLD = "1";

    private final ExecutorService threads;
    private final List<CompletableFuture<Answer>> callers;
    private final AtomicInteger sentAway = new AtomicInteger();

    private Crowd(int size, IntFunction<Answer> request) {
        threads = Executors.newFixedThreadPool(size);
        callers = IntStream.range(0, size)
                .mapToObj(caller -> ask(caller, request, threads))
                .toList();
    }

    /**
     * Lets so many ask.
     *
     * @param request how a caller, by its number, asks once
     */
    public static Crowd asking(int size, IntFunction<Answer> request) {
        return new Crowd(size, request);
    }

    private CompletableFuture<Answer> ask(int caller, IntFunction<Answer> request, Executor when) {
        return CompletableFuture.supplyAsync(() -> request.apply(caller), when).thenCompose(answer -> {
            if (answer.status() == 200) {
                return CompletableFuture.completedFuture(answer);
            }
            if (!LATER.contains(answer.status())) {
                return CompletableFuture.failedFuture(
                        new AssertionError("not to be had later: " + answer.status() + " " + answer.text()));
            }
            sentAway.incrementAndGet();
            long seconds =
                    Long.parseLong(answer.headers().firstValue("Retry-After").orElse(UNTOLD));
            return ask(caller, request, CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS, threads));
        });
    }

    /** How often somebody was told to ask again later. */
    public int sentAway() {
        return sentAway.get();
    }

    /** How many have what they came for. */
    public long served() {
        return callers.stream().filter(CompletableFuture::isDone).count();
    }

    /** Waits for all, and gives what each got in the end. */
    public List<Answer> answers() {
        try {
            return callers.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            if (e.getCause() instanceof AssertionError refused) {
                throw refused;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
