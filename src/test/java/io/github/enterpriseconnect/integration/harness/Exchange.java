package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Flow;

/** A request and what came of it. */
public record Exchange(
        String method, URI uri, String contentType, String sent, int status, HttpHeaders headers, String received) {

    static Exchange of(HttpRequest request, HttpResponse<String> response) {
        return new Exchange(
                request.method(),
                request.uri(),
                request.headers().firstValue("Content-Type").orElse("").replaceFirst(" *;.*", ""),
                request.bodyPublisher().map(Exchange::text).orElse(""),
                response.statusCode(),
                response.headers(),
                response.body());
    }

    /** What a publisher publishes; those of this harness do so as often as they are asked to. */
    private static String text(HttpRequest.BodyPublisher publisher) {
        HttpResponse.BodySubscriber<String> text = HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8);
        publisher.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                text.onSubscribe(subscription);
            }

            @Override
            public void onNext(ByteBuffer buffer) {
                text.onNext(List.of(buffer));
            }

            @Override
            public void onError(Throwable failure) {
                text.onError(failure);
            }

            @Override
            public void onComplete() {
                text.onComplete();
            }
        });
        return text.getBody().toCompletableFuture().join();
    }

    /** What was sent, if it is a form. */
    Map<String, String> form() {
        return contentType.equals("application/x-www-form-urlencoded") ? pairs(sent) : Map.of();
    }

    Map<String, String> query() {
        return pairs(Objects.requireNonNullElse(uri.getRawQuery(), ""));
    }

    boolean accepted() {
        return status < 400;
    }

    private static Map<String, String> pairs(String encoded) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : encoded.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            if (!parts[0].isEmpty()) {
                pairs.put(
                        URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                        parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return pairs;
    }

    @Override
    public String toString() {
        return method + " " + uri + " was answered with " + status + ": " + received;
    }
}
