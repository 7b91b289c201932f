package io.github.enterpriseconnect.simulator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One address behind which several simulators answer, each for an application of its own: a server that knows one
 * Cronofy can be shared by tests that must not meet there. A request goes to the simulator whose application or token
 * it carries, and to the newest when no one knows it.
 */
public final class SharedAddress implements AutoCloseable {
    private final HttpServer server;
    private final Background background = new Background();
    private final List<Simulator> newestFirst = new CopyOnWriteArrayList<>();

    private SharedAddress(HttpServer server) {
        this.server = server;
        server.createContext("/", this::handle);
        server.setExecutor(background);
    }

    /** Opens one on the loopback address. */
    public static SharedAddress open() {
        try {
            SharedAddress address =
                    new SharedAddress(Simulator.listenAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            address.server.start();
            return address;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI baseUri() {
        return Simulator.uriOf(server);
    }

    /** Adds a simulator that has nothing in common with the others but the address. */
    public Simulator add(String clientId, String clientSecret) {
        Simulator simulator = new Simulator(server, new Application(clientId, clientSecret));
        newestFirst.add(0, simulator);
        return simulator;
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        ReceivedRequest request = ReceivedRequest.unlogged(exchange, body);
        exchange.setStreams(new ByteArrayInputStream(body), null);
        for (Simulator simulator : newestFirst) {
            if (simulator.concerns(request)) {
                simulator.handle(exchange);
                return;
            }
        }
        newestFirst.get(0).handle(exchange);
    }

    @Override
    public void close() {
        newestFirst.forEach(Simulator::close);
        background.stop();
    }
}
