package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a server answered to one request. Redirects are answers like any other. */
public record Answer(String request, int status, HttpHeaders headers, String text) {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TIMEOUT)
            .build();

    /** Sends a request and waits for the answer, but not for ever. One of our API must be as its description has it. */
    public static Answer to(HttpRequest.Builder builder) {
        return to(builder, TIMEOUT);
    }

    /** As {@link #to(HttpRequest.Builder)}, with more patience. */
    static Answer to(HttpRequest.Builder builder, Duration patience) {
        HttpRequest request = builder.timeout(patience).build();
        try {
            HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
            OpenApi.document().check(Exchange.of(request, response));
            return new Answer(
                    request.method() + " " + request.uri(), response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri() + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + request.uri(), e);
        }
    }

    /** A form as the body of a request, of the type {@code application/x-www-form-urlencoded}. */
    public static HttpRequest.Builder form(HttpRequest.Builder request, String method, Map<String, String> fields) {
        BodyPublisher body = BodyPublishers.ofString(encode(fields));
        return request.header("Content-Type", "application/x-www-form-urlencoded")
                .method(method, body);
    }

    /** A form as it is sent. */
    public static String encode(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> URLEncoder.encode(field.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** The parameters of a query as they are sent; null for none. */
    public static Map<String, String> decode(@Nullable String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query != null) {
            for (String parameter : query.split("&", -1)) {
                String[] pair = parameter.split("=", 2);
                parameters.put(
                        URLDecoder.decode(pair[0], StandardCharsets.UTF_8),
                        pair.length == 1 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    /** A value as JSON. */
    public static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public JsonNode json() {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("No JSON came from " + request + ", but " + status + ": " + text, e);
        }
    }

    /** This answer, if it has the status; an {@link AssertionError} with the whole of it otherwise. */
    public Answer expect(int expected) {
        if (status != expected) {
            throw new AssertionError("Expected " + expected + " from " + request + ", but got " + status + ": " + text);
        }
        return this;
    }

    /** The id of what this request has created. */
    public String createdId() {
        String path = location().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    public URI location() {
        return URI.create(headers.firstValue("Location")
                .orElseThrow(() ->
                        new AssertionError("No location came from " + request + ", but " + status + ": " + text)));
    }
}
