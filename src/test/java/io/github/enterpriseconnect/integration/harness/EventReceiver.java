package io.github.enterpriseconnect.integration.harness;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An application that receives security event tokens, and believes none that the realm's published keys do not verify. */
public final class EventReceiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile int status = 202;
    private volatile @Nullable String error;
    private volatile @Nullable CountDownLatch hold;

    /** One request, and what it was answered; 0 while it is held. */
    public record Received(
            @Nullable String authorization,
            @Nullable String contentType,
            @Nullable String accept,
            String token,
            int status,
            Instant at) {}

    public EventReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/events", this::receive);
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/events");
    }

    /** From now on it answers so. */
    public void answer(int newStatus, @Nullable String newError) {
        status = newStatus;
        error = newError;
    }

    /** From now on it takes requests and answers none. */
    public void hold() {
        hold = new CountDownLatch(1);
    }

    public void release() {
        CountDownLatch held = hold;
        hold = null;
        if (held != null) {
            held.countDown();
        }
    }

    public List<Received> received() {
        return received;
    }

    /** What was accepted, verified by the realm's keys, in its order. */
    public List<JWTClaimsSet> accepted(URI realm) {
        JWKSet keys;
        try {
            keys = JWKSet.load(new URI(realm + "/protocol/openid-connect/certs").toURL());
        } catch (IOException | ParseException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return received.stream()
                .filter(one -> one.status() == 202)
                .map(one -> verified(keys, one.token()))
                .toList();
    }

    private static JWTClaimsSet verified(JWKSet keys, String token) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWK key = keys.getKeyByKeyId(jwt.getHeader().getKeyID());
            boolean genuine = jwt.verify(new DefaultJWSVerifierFactory()
                    .createJWSVerifier(jwt.getHeader(), key.toRSAKey().toRSAPublicKey()));
            if (!genuine || !"secevent+jwt".equals(jwt.getHeader().getType().getType())) {
                throw new AssertionError("not the realm's: " + jwt.getHeader());
            }
            return jwt.getJWTClaimsSet();
        } catch (ParseException | JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The kind of the one event that a token bears. */
    public static String event(JWTClaimsSet claims) {
        try {
            return Map.copyOf(claims.getJSONObjectClaim("events"))
                    .keySet()
                    .iterator()
                    .next();
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The Keycloak user whom it is about; null if it is about something else. */
    public static @Nullable String user(JWTClaimsSet claims) {
        try {
            return (String) claims.getJSONObjectClaim("sub_id").get("sub");
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private void receive(HttpExchange exchange) {
        try (exchange) {
            String token = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
            CountDownLatch held = hold;
            int answered = held == null ? status : 0;
            received.add(new Received(
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    exchange.getRequestHeaders().getFirst("Accept"),
                    token,
                    answered,
                    Instant.now()));
            if (held != null) {
                held.await();
            }
            byte[] body =
                    error == null ? new byte[0] : ("{\"err\": \"" + error + "\"}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answered == 0 ? 503 : answered, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException gone) {
            // Whoever asked is not there any more.
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }
}
