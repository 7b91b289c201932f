package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Calls applications back (contract 3.1, 5.6): signed, on threads of its own, again after anything but a 2xx. Waiting
 * between attempts is real time and doubles; the end of the attempts is the simulator's time.
 */
final class Callbacks {
    private static final int KEPT = 20_000;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    private final SimulatorClock clock;
    private final Switches switches;
    private final Background background;
    private final Registry registry;
    private final Deque<Delivery> deliveries = new ArrayDeque<>();
    private final AtomicInteger era = new AtomicInteger();

    Callbacks(SimulatorClock clock, Switches switches, Background background, Registry registry) {
        this.clock = clock;
        this.switches = switches;
        this.background = background;
        this.registry = registry;
    }

    /** Done when each letter was tried once. */
    CompletableFuture<Void> deliverAll(List<Letter> letters) {
        Choice.Order order = switches.get(Switch.CALLBACK_ORDER);
        if (order == Choice.Order.PARALLEL) {
            return CompletableFuture.allOf(letters.stream().map(this::deliver).toArray(CompletableFuture<?>[]::new));
        }
        List<Letter> queue = new ArrayList<>(letters);
        if (order == Choice.Order.REVERSED) {
            Collections.reverse(queue);
        }
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        for (Letter letter : queue) {
            done = done.thenCompose(nothing -> deliver(letter));
        }
        return done;
    }

    /** Tries in the background. */
    void send(Letter letter) {
        CompletableFuture<Void> unused = deliver(letter);
    }

    /** Every attempt so far, oldest first. */
    List<Delivery> deliveries() {
        synchronized (deliveries) {
            return List.copyOf(deliveries);
        }
    }

    /** Forgets what was delivered and gives up what is under way. */
    void reset() {
        era.incrementAndGet();
        synchronized (deliveries) {
            deliveries.clear();
        }
    }

    private CompletableFuture<Void> deliver(Letter letter) {
        int begun = era.get();
        Duration delay = Duration.ofMillis(switches.get(Switch.CALLBACK_DELAY_MILLIS));
        Executor later = task -> background.execute(delay, task);
        return CompletableFuture.supplyAsync(() -> letter.body.get(), later).thenCompose(body -> {
            Attempt first = new Attempt(letter, Json.write(body), begun, clock.instant(), 1);
            return CompletableFuture.allOf(IntStream.range(0, switches.get(Switch.CALLBACK_COPIES))
                    .mapToObj(copy -> attempt(first))
                    .toArray(CompletableFuture<?>[]::new));
        });
    }

    private CompletableFuture<Void> attempt(Attempt attempt) {
        if (attempt.era != era.get()) {
            return CompletableFuture.completedFuture(null);
        }
        return http.sendAsync(request(attempt), HttpResponse.BodyHandlers.discarding())
                .handle((response, failure) -> {
                    int status = response == null ? 0 : response.statusCode();
                    if (attempt.era == era.get()) {
                        record(attempt, status);
                        if (status / 100 != 2 && attempt.letter.sender.goesOnAfter(status)) {
                            tryAgain(attempt);
                        }
                    }
                    return null;
                });
    }

    private void start(Attempt attempt) {
        CompletableFuture<Void> unused = attempt(attempt);
    }

    private HttpRequest request(Attempt attempt) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(attempt.letter.url))
                .timeout(Duration.ofMillis(switches.get(Switch.CALLBACK_TIMEOUT_MILLIS)))
                .header("Content-Type", switches.get(Switch.CALLBACK_CONTENT_TYPE))
                .POST(HttpRequest.BodyPublishers.ofString(attempt.body));
        Choice.Signing signing = switches.get(Switch.CALLBACK_SIGNATURE);
        if (signing != Choice.Signing.ABSENT) {
            Application application = registry.present(attempt.letter.application);
            Application signer = signing == Choice.Signing.VALID
                    ? application
                    : new Application(application.clientId(), "not " + application.secret());
            String old = signing == Choice.Signing.VALID ? switches.get(Switch.OLD_SECRET) : "";
            request.header("Cronofy-HMAC-SHA256", signer.signature(attempt.body.getBytes(StandardCharsets.UTF_8), old));
        }
        return request.build();
    }

    private void tryAgain(Attempt attempt) {
        Duration span = Duration.ofHours(switches.get(Switch.CALLBACK_RETRY_HOURS));
        if (!clock.instant().isBefore(attempt.since.plus(span))) {
            attempt.letter.sender.givesUp();
            return;
        }
        long wait = Math.min(
                switches.get(Switch.CALLBACK_RETRY_MAX_MILLIS),
                (long) switches.get(Switch.CALLBACK_RETRY_MILLIS) << Math.min(attempt.number - 1, 20));
        background.execute(Duration.ofMillis(wait), () -> start(attempt.next()));
    }

    private void record(Attempt attempt, int status) {
        synchronized (deliveries) {
            deliveries.add(new Delivery(clock.instant(), attempt.letter.url, attempt.body, attempt.number, status));
            if (deliveries.size() > KEPT) {
                deliveries.remove();
            }
        }
    }

    /** Hears what becomes of a letter. */
    interface Sender {
        /** One that goes on as long as it may. */
        Sender PERSISTENT = new Sender() {};

        /** Whether it is tried again after this answer, which is no 2xx. */
        default boolean goesOnAfter(int status) {
            return true;
        }

        /** There is no further attempt. */
        default void givesUp() {}
    }

    /** What is to be said to whom; the body is made when it is due. */
    record Letter(Application application, String url, Supplier<ObjectNode> body, Sender sender) {
        Letter(Application application, String url, Supplier<ObjectNode> body) {
            this(application, url, body, Sender.PERSISTENT);
        }
    }

    private record Attempt(Letter letter, String body, int era, Instant since, int number) {
        private Attempt next() {
            return new Attempt(letter, body, era, since, number + 1);
        }
    }
}
