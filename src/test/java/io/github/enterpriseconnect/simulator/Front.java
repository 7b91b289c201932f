package io.github.enterpriseconnect.simulator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What every request passes: the log, the faults, the rate limit, then whoever serves its path. */
final class Front implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(Front.class.getName());

    private final SimulatorClock clock;
    private final RequestLog log;
    private final Faults faults;
    private final RateLimit rateLimit;
    private final Routes routes;
    private final Background background;

    Front(
            SimulatorClock clock,
            RequestLog log,
            Faults faults,
            RateLimit rateLimit,
            Routes routes,
            Background background) {
        this.clock = clock;
        this.log = log;
        this.faults = faults;
        this.rateLimit = rateLimit;
        this.routes = routes;
        this.background = background;
    }

    /** Returns at once where it has to wait: nobody's thread is held by a delay or a hanging request. */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        ReceivedRequest request = received(exchange);
        Runnable resume = () -> background.execute(() -> work(exchange, request, null));
        Optional<Fault> fault = faults.meet(request, resume);
        if (fault.isEmpty()) {
            work(exchange, request, null);
        } else if (!fault.get().hang()) {
            meet(exchange, request, fault.get());
        }
    }

    private void meet(HttpExchange exchange, ReceivedRequest request, Fault fault) {
        if (fault.afterEffect()) {
            work(exchange, request, fault);
        } else {
            later(fault, () -> {
                if (fault.drop() || fault.status() != 0) {
                    spoil(exchange, request, fault);
                } else {
                    work(exchange, request, null);
                }
            });
        }
    }

    private void work(HttpExchange exchange, ReceivedRequest request, @Nullable Fault fault) {
        CompletableFuture<Answer> unused = served(request).whenComplete((answer, defect) -> {
            Answer ordinary = defect == null ? answer : refusal(request, defect);
            if (fault == null) {
                send(exchange, request, ordinary);
            } else {
                later(fault, () -> {
                    if (fault.drop() || fault.status() != 0) {
                        spoil(exchange, request, fault);
                    } else {
                        send(exchange, request, ordinary);
                    }
                });
            }
        });
    }

    private CompletableFuture<Answer> served(ReceivedRequest request) {
        try {
            Optional<Answer> tooMany = rateLimit.refuse(request);
            return tooMany.isPresent() ? CompletableFuture.completedFuture(tooMany.get()) : routes.serve(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Answer refusal(ReceivedRequest request, Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        if (cause instanceof Refused refused) {
            return refused.answer();
        }
        LOG.log(System.Logger.Level.ERROR, "defect of the simulator at " + request.path(), cause);
        return Answer.json(500, Json.object().put("message", "defect of the simulator: " + cause));
    }

    private void later(Fault fault, Runnable task) {
        if (fault.delay().isZero()) {
            task.run();
        } else {
            background.execute(fault.delay(), task);
        }
    }

    private void spoil(HttpExchange exchange, ReceivedRequest request, Fault fault) {
        if (fault.drop()) {
            exchange.close();
            return;
        }
        Answer answer = Answer.empty(fault.status());
        if (fault.body() != null) {
            answer = fault.body().isTextual()
                    ? new Answer(fault.status(), Map.of(), fault.body().asText())
                    : Answer.json(fault.status(), fault.body());
        }
        for (Map.Entry<String, String> header : fault.headers().entrySet()) {
            answer = answer.with(header.getKey(), header.getValue());
        }
        send(exchange, request, answer);
    }

    private void send(HttpExchange exchange, ReceivedRequest request, Answer answer) {
        log.answered(request.id(), answer.status());
        deliver(exchange, answer);
    }

    /** A client that has gone away is its own affair. */
    static void deliver(HttpExchange exchange, Answer answer) {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        try (exchange) {
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the client has gone", e);
        }
    }

    private ReceivedRequest received(HttpExchange exchange) throws IOException {
        String body = body(exchange);
        return log.arrived(
                clock.instant(),
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                query(exchange),
                headers(exchange),
                body);
    }

    static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    static String query(HttpExchange exchange) {
        return Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
    }

    static Map<String, String> headers(HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        for (Map.Entry<String, List<String>> header :
                exchange.getRequestHeaders().entrySet()) {
            headers.put(header.getKey().toLowerCase(Locale.ROOT), String.join(", ", header.getValue()));
        }
        return Map.copyOf(headers);
    }
}
