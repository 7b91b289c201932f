package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;

/** What goes back over the wire. */
record Answer(int status, Map<String, String> headers, String body) {
    private static final String JSON = "application/json; charset=utf-8";

    static Answer empty(int status) {
        return new Answer(status, Map.of(), "");
    }

    static Answer json(int status, JsonNode body) {
        return new Answer(status, Map.of("Content-Type", JSON), Json.write(body));
    }

    /** An answer of the token endpoints: never stored on the way (contract 2.1). */
    static Answer uncached(int status, ObjectNode body) {
        return new Answer(
                status,
                Map.of("Content-Type", JSON, "Cache-Control", "no-store", "Pragma", "no-cache"),
                Json.write(body));
    }

    static Answer html(int status, String page) {
        Map<String, String> headers = Map.of(
                "Content-Type", "text/html; charset=utf-8",
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
                "Cache-Control", "no-store",
                "Referrer-Policy", "no-referrer",
                "X-Content-Type-Options", "nosniff");
        return new Answer(status, headers, page);
    }

    static Answer redirect(String location) {
        return new Answer(302, Map.of("Location", location, "Cache-Control", "no-store"), "");
    }

    Answer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, Map.copyOf(more), body);
    }
}
