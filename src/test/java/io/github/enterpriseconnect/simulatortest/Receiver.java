package io.github.enterpriseconnect.simulatortest;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the simulator calls back. */
final class Receiver implements AutoCloseable {
    private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger failure = new AtomicInteger(500);
    private final AtomicReference<Consumer<JsonNode>> before = new AtomicReference<>(body -> {});
    private final HttpServer server;

    Receiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::called);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/callback?ticket=a%2Fb";
    }

    /** Answers 500 to so many calls first. */
    Receiver failing(int times) {
        failures.set(times);
        return this;
    }

    /** Answers all calls from now on with this status, which is none of success. */
    void refuse(int status) {
        failure.set(status);
        failures.set(Integer.MAX_VALUE);
    }

    /** Answers all calls from now on well. */
    void accept() {
        failures.set(0);
    }

    /** Does this with the body before it answers. */
    Receiver first(Consumer<JsonNode> work) {
        before.set(work);
        return this;
    }

    int received() {
        return calls.size();
    }

    Call take() {
        try {
            return Objects.requireNonNull(
                    calls.poll(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS), "nobody called back");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void called(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        before.get().accept(Wire.json(body));
        calls.add(new Call(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                exchange.getRequestHeaders().getFirst("Cronofy-HMAC-SHA256"),
                body));
        exchange.sendResponseHeaders(failures.getAndDecrement() > 0 ? failure.get() : 204, -1);
        exchange.close();
    }

    /** One call. */
    record Call(
            String method,
            String uri,
            String contentType,
            @Nullable String signature,
            String body) {
        JsonNode authorization() {
            return Wire.json(body).path("authorization");
        }
    }
}
