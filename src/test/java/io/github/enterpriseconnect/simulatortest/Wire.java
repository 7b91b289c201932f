package io.github.enterpriseconnect.simulatortest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A client that knows nothing but HTTP, and the application it speaks for. */
final class Wire implements AutoCloseable {
    static final String CLIENT = "the-client";
    static final String SECRET = "the-secret";
    static final String REDIRECT = "http://localhost/callback?a=b";

    /** How long is waited for what is to come; it comes much earlier, unless the machine has much else to do. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    final Simulator simulator = Simulator.start(0, CLIENT, SECRET);

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        try {
            return http.send(request(method, path, body, headers), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    CompletableFuture<HttpResponse<String>> sendLater(String method, String path, String body, String... headers) {
        return http.sendAsync(request(method, path, body, headers), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String bearer) {
        return send("GET", path, "", "Authorization", "Bearer " + bearer);
    }

    HttpResponse<String> post(String path, String bearer, String json) {
        return send("POST", path, json, "Authorization", "Bearer " + bearer, "Content-Type", "application/json");
    }

    /** A form with the application's credentials. */
    HttpResponse<String> oauth(String path, String... pairs) {
        return form(path, CLIENT, SECRET, pairs);
    }

    HttpResponse<String> form(String path, String client, String secret, String... pairs) {
        Map<String, String> form = new TreeMap<>(Map.of("client_id", client, "client_secret", secret));
        for (int i = 0; i < pairs.length; i += 2) {
            form.put(pairs[i], pairs[i + 1]);
        }
        return send("POST", path, encoded(form), "Content-Type", "application/x-www-form-urlencoded");
    }

    HttpResponse<String> exchange(String code, String url) {
        return oauth("/oauth/token", "grant_type", "authorization_code", "code", code, "redirect_uri", url);
    }

    HttpResponse<String> refresh(String refreshToken) {
        return oauth("/oauth/token", "grant_type", "refresh_token", "refresh_token", refreshToken);
    }

    /** The delegated tokens of a mailbox by the whole walk. */
    JsonNode delegate(String serviceAccountToken, String mailbox, String scope) {
        try (Receiver receiver = new Receiver()) {
            HttpResponse<String> accepted = post(
                    "/v1/service_account_authorizations", serviceAccountToken, entry(mailbox, receiver.url(), scope));
            if (accepted.statusCode() != 202) {
                throw new AssertionError(accepted.statusCode() + " " + accepted.body());
            }
            String code = receiver.take().authorization().path("code").asText();
            return json(oauth(
                            "/oauth/token",
                            "grant_type",
                            "authorization_code",
                            "code",
                            code,
                            "callback_url",
                            receiver.url())
                    .body());
        }
    }

    static String entry(String mailbox, String url, String scope) {
        return """
                {"email": "%s", "callback_url": "%s", "scope": "%s", "state": "state of %s"}""".formatted(mailbox, url, scope, mailbox);
    }

    /** The authorize URL of this application with these parameters in place of the usual ones; empty leaves one out. */
    static String authorize(String... changes) {
        Map<String, String> parameters = new TreeMap<>(Map.of(
                "response_type", "code",
                "client_id", CLIENT,
                "redirect_uri", REDIRECT,
                "scope", "service_account/accounts/manage",
                "delegated_scope", "read_write",
                "state", "s&t=1"));
        for (int i = 0; i < changes.length; i += 2) {
            parameters.put(changes[i], changes[i + 1]);
        }
        parameters.values().removeIf(String::isEmpty);
        return "/enterprise_connect/oauth/authorize?" + encoded(parameters);
    }

    /** What a redirect brings back. */
    static Map<String, String> redirected(HttpResponse<String> response) {
        String location = response.headers().firstValue("location").orElseThrow();
        Map<String, String> parameters = new TreeMap<>();
        for (String pair : URI.create(location).getRawQuery().split("&", -1)) {
            int equals = pair.indexOf('=');
            parameters.put(
                    pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return parameters;
    }

    /** The code that a redirect brings back. */
    static String code(HttpResponse<String> response) {
        return Objects.requireNonNull(redirected(response).get("code"), "no code came back");
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    @Override
    public void close() {
        simulator.close();
    }

    private HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(simulator.baseUri() + path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        return headers.length == 0 ? request.build() : request.headers(headers).build();
    }

    private static String encoded(Map<String, String> pairs) {
        return pairs.entrySet().stream()
                .map(pair -> pair.getKey() + "=" + URLEncoder.encode(pair.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
