package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong with the requests it matches. Start with {@link #on}.
 *
 * @param method null for any
 * @param path what the path begins with
 * @param contains what the body has to contain; empty for anything
 * @param status what to answer; 0 for the ordinary answer
 * @param body sent with the status; a JSON string goes out as it is, so that nonsense can be sent; null for none
 * @param delay waits before the work begins, or before the answer with {@code afterEffect}
 * @param drop closes the connection without an answer
 * @param hang takes the request and does nothing until the fault is cleared
 * @param afterEffect the work is done first, only its answer is lost, late or replaced
 * @param times how many requests it meets; 0 for no end
 */
public record Fault(
        @Nullable String method,
        String path,
        String contains,
        int status,
        @Nullable JsonNode body,
        Map<String, String> headers,
        Duration delay,
        boolean drop,
        boolean hang,
        boolean afterEffect,
        int times) {

    private static final List<String> MEMBERS = List.of(
            "method",
            "path",
            "contains",
            "status",
            "body",
            "headers",
            "delayMillis",
            "drop",
            "hang",
            "afterEffect",
            "times");

    private static final List<String> NUMBERS = List.of("status", "delayMillis", "times");
    private static final List<String> FLAGS = List.of("drop", "hang", "afterEffect");

    public Fault {
        headers = Map.copyOf(headers);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("path: write what the path begins with, such as \"/oauth/token\"");
        }
        if (status != 0 && (status < 200 || status > 599)) {
            throw new IllegalArgumentException("status: write a number from 200 to 599");
        }
        if (times < 0 || delay.isNegative()) {
            throw new IllegalArgumentException("times and delayMillis: write a number from 0");
        }
        if (status == 0 && delay.isZero() && !drop && !hang) {
            throw new IllegalArgumentException(
                    "nothing goes wrong: write at least one of status, delayMillis, drop, hang");
        }
    }

    /** A fault for requests of this method (empty: any) whose path begins like this. */
    public static Builder on(String method, String path) {
        return new Builder(method, path);
    }

    boolean matches(ReceivedRequest request) {
        return (method == null || method.equalsIgnoreCase(request.method()))
                && request.path().startsWith(path)
                && request.body().contains(contains);
    }

    static Fault from(JsonNode json) {
        json.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) {
                throw new IllegalArgumentException(
                        "a fault has no member " + name + ": write one of " + String.join(", ", MEMBERS));
            }
            JsonNode value = json.get(name);
            if (NUMBERS.contains(name) && !value.isIntegralNumber()) {
                throw new IllegalArgumentException(name + ": write a whole number instead of " + value);
            }
            if (FLAGS.contains(name) && !value.isBoolean()) {
                throw new IllegalArgumentException(name + ": write true or false instead of " + value);
            }
        });
        Builder builder = on(json.path("method").asText(), json.path("path").asText())
                .containing(json.path("contains").asText())
                .status(json.path("status").asInt())
                .after(Duration.ofMillis(json.path("delayMillis").asLong()))
                .times(json.path("times").asInt());
        if (json.has("body")) {
            builder.body(json.get("body"));
        }
        json.path("headers")
                .properties()
                .forEach(header ->
                        builder.header(header.getKey(), header.getValue().asText()));
        if (json.path("drop").asBoolean()) {
            builder.drop();
        }
        if (json.path("hang").asBoolean()) {
            builder.hang();
        }
        if (json.path("afterEffect").asBoolean()) {
            builder.afterEffect();
        }
        return builder.build();
    }

    JsonNode json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("method", method == null ? "" : method);
        json.put("path", path);
        json.put("contains", contains);
        json.put("status", status);
        if (body != null) {
            json.put("body", body);
        }
        json.put("headers", headers);
        json.put("delayMillis", delay.toMillis());
        json.put("drop", drop);
        json.put("hang", hang);
        json.put("afterEffect", afterEffect);
        json.put("times", times);
        return Json.tree(json);
    }

    /** Collects what goes wrong. */
    public static final class Builder {
        private final String method;
        private final String path;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private String contains = "";
        private int status;
        private @Nullable JsonNode body;
        private Duration delay = Duration.ZERO;
        private boolean drop;
        private boolean hang;
        private boolean afterEffect;
        private int times;

        private Builder(String method, String path) {
            this.method = method;
            this.path = path;
        }

        /** Only requests whose body has this text. */
        public Builder containing(String text) {
            contains = text;
            return this;
        }

        /** Answers this status. */
        public Builder status(int answer) {
            status = answer;
            return this;
        }

        /** Answers this body; a JSON string goes out as it is. */
        public Builder body(JsonNode answer) {
            body = answer;
            return this;
        }

        /** Answers this header. */
        public Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /** Waits first. */
        public Builder after(Duration wait) {
            delay = wait;
            return this;
        }

        /** Closes the connection without an answer. */
        public Builder drop() {
            drop = true;
            return this;
        }

        /** Does nothing at all until the fault is cleared. */
        public Builder hang() {
            hang = true;
            return this;
        }

        /** Does the work first, so that only the answer suffers. */
        public Builder afterEffect() {
            afterEffect = true;
            return this;
        }

        /** Ends after so many requests. */
        public Builder times(int requests) {
            times = requests;
            return this;
        }

        public Fault build() {
            return new Fault(
                    method.isEmpty() ? null : method,
                    path,
                    contains,
                    status,
                    body,
                    headers,
                    delay,
                    drop,
                    hang,
                    afterEffect,
                    times);
        }
    }
}
