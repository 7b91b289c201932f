package io.github.enterpriseconnect.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.enterpriseconnect.core.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.http.HttpHost;
import org.apache.http.auth.AuthScope;
import org.apache.http.auth.UsernamePasswordCredentials;
import org.apache.http.impl.client.BasicCredentialsProvider;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a token is pushed to a receiver over HTTP, and what is made of its answer. */
class HttpPushTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CloseableHttpClient client = HttpClients.createDefault();
    private final HttpPush push = new HttpPush(() -> client, watchdog, new ObjectMapper());
    private final List<String> paths = new CopyOnWriteArrayList<>();
    private HttpServer server;

    interface Answering {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        server.stop(0);
        threads.shutdownNow();
        watchdog.shutdownNow();
        client.close();
    }

    private URI receiver(Answering answering) {
        server.createContext("/", exchange -> {
            try (exchange) {
                paths.add(exchange.getRequestURI().getPath());
                answering.answer(exchange);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/events");
    }

    private URI answers(int status, String body) {
        return receiver(exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        });
    }

    private Push.Answer send(URI address) {
        return push.send(address, Secret.of("Bearer canary"), "token", LONG);
    }

    @Test
    void a_token_is_posted_with_its_type_and_the_header() {
        List<String> seen = new CopyOnWriteArrayList<>();
        URI address = receiver(exchange -> {
            seen.add(exchange.getRequestMethod());
            seen.add(exchange.getRequestHeaders().getFirst("Content-Type"));
            seen.add(exchange.getRequestHeaders().getFirst("Accept"));
            seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
            seen.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
            exchange.sendResponseHeaders(202, -1);
        });

        assertThat(send(address)).isEqualTo(new Push.Answer(202, null, Duration.ZERO));
        assertThat(seen)
                .containsExactly("POST", "application/secevent+jwt", "application/json", "Bearer canary", "token");
    }

    @Test
    void a_redirect_is_not_followed() {
        URI address = receiver(exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(307, -1);
        });

        assertThat(send(address).problem()).isEqualTo("status_307");
        assertThat(paths).containsExactly("/events");
    }

    @ParameterizedTest
    @CsvSource({
        "invalid_request, invalid_request, true",
        "invalid_audience, invalid_audience, false",
        "invalid_key, invalid_key, false",
        "access_denied, access_denied, false",
        "something of its own, status_400, false"
    })
    void of_a_400_only_the_known_error_is_read(String written, String problem, boolean refused) {
        Push.Answer answer = send(answers(400, "{\"err\": \"" + written + "\", \"description\": \"canary\"}"));

        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(answer.refused()).isEqualTo(refused);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "null", "{\"err\": 1}"})
    void a_400_that_says_nothing_may_come_of_a_proxy_and_is_no_refusal(String body) {
        Push.Answer answer = send(answers(400, body));

        assertThat(answer.problem()).isEqualTo("status_400");
        assertThat(answer.refused()).isFalse();
    }

    @Test
    void a_wish_to_wait_is_heard_up_to_an_hour() {
        URI address = receiver(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "86400");
            exchange.sendResponseHeaders(503, -1);
        });

        assertThat(send(address).retryAfter()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void whoever_does_not_answer_is_left_at_the_deadline() {
        CountDownLatch never = new CountDownLatch(1);
        URI address = receiver(exchange -> never.await());

        assertThat(push.send(address, null, "token", Duration.ofMillis(300))).isEqualTo(Push.Answer.none("timeout"));
    }

    @Test
    void the_operator_s_proxy_gets_its_password_and_a_receiver_that_asks_gets_none() throws IOException {
        List<String> shown = new CopyOnWriteArrayList<>();
        URI proxy = receiver(exchange -> {
            exchange.getRequestBody().readAllBytes();
            String password = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
            shown.add(password + ", " + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders()
                    .set(password == null ? "Proxy-Authenticate" : "WWW-Authenticate", "Basic realm=\"any\"");
            exchange.sendResponseHeaders(password == null ? 407 : 401, -1);
        });
        BasicCredentialsProvider passwords = new BasicCredentialsProvider();
        passwords.setCredentials(AuthScope.ANY, new UsernamePasswordCredentials("proxy", "password"));
        try (CloseableHttpClient behindProxy = HttpClients.custom()
                .setProxy(new HttpHost(proxy.getHost(), proxy.getPort()))
                .setDefaultCredentialsProvider(passwords)
                .build()) {
            Push.Answer answer = new HttpPush(() -> behindProxy, watchdog, new ObjectMapper())
                    .send(URI.create("http://127.0.0.1:1/events"), Secret.of("Bearer canary"), "token", LONG);

            assertThat(answer.problem()).isEqualTo("status_401");
        }
        assertThat(shown).containsExactly("null, Bearer canary", "Basic cHJveHk6cGFzc3dvcmQ=, Bearer canary");
    }

    @Test
    void nobody_there_is_an_outage() {
        URI address = answers(202, "");
        server.stop(0);

        assertThat(send(address)).isEqualTo(Push.Answer.none("unreachable"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://0.0.0.0/"})
    void an_address_that_no_application_has_is_never_asked(String address) {
        assertThat(send(URI.create(address))).isEqualTo(Push.Answer.none("address_forbidden"));
    }
}
