package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request as it reached the simulator.
 *
 * @param id counts up from 1, in the order of arrival
 * @param at the simulator's time of arrival
 * @param path the path as sent, not decoded
 * @param query the query as sent, not decoded; empty when there is none
 * @param headers by lower-case name
 * @param status what was answered; 0 while the answer is open, and for ever when the connection was dropped
 */
public record ReceivedRequest(
        long id,
        Instant at,
        String method,
        String path,
        String query,
        Map<String, String> headers,
        String body,
        int status) {

    /** One that no log has. */
    static ReceivedRequest unlogged(HttpExchange exchange, byte[] body) {
        return new ReceivedRequest(
                0,
                Instant.EPOCH,
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                Front.query(exchange),
                Front.headers(exchange),
                new String(body, StandardCharsets.UTF_8),
                0);
    }

    /** The value that a JSON body, a form body or the query gives to this name; null when none does, or JSON null. */
    public @Nullable String parameter(String name) {
        JsonNode value = members().get(name);
        if (value != null && value.isValueNode() && !value.isNull()) {
            return value.asText();
        }
        return first(query, name);
    }

    /** Every value that the query gives to this name. */
    List<String> queryValues(String name) {
        return values(query, name);
    }

    /**
     * The members of the body by the declared type (contract 0: JSON and form are both taken, parameters of the type
     * and Content-Encoding do not matter); none for any other type or for a text that is not what its type says.
     */
    ObjectNode members() {
        String type = headers.getOrDefault("content-type", "").toLowerCase(Locale.ROOT);
        if (type.startsWith("application/json")) {
            try {
                return Json.readObject(body);
            } catch (IllegalArgumentException e) {
                return Json.object();
            }
        }
        ObjectNode members = Json.object();
        if (type.startsWith("application/x-www-form-urlencoded")) {
            pairs(body).forEach(pair -> members.put(pair.name(), pair.value()));
        }
        return members;
    }

    /** The token of a Bearer header; null when there is none. */
    @Nullable String bearer() {
        String header = headers.getOrDefault("authorization", "");
        boolean bearer = header.regionMatches(true, 0, "Bearer ", 0, 7);
        return bearer ? header.substring(7).trim() : null;
    }

    ReceivedRequest answered(int answer) {
        return new ReceivedRequest(id, at, method, path, query, headers, body, answer);
    }

    private static @Nullable String first(String encoded, String name) {
        List<String> all = values(encoded, name);
        return all.isEmpty() ? null : all.get(0);
    }

    private static List<String> values(String encoded, String name) {
        return pairs(encoded).stream()
                .filter(pair -> pair.name().equals(name))
                .map(Pair::value)
                .toList();
    }

    private static List<Pair> pairs(String encoded) {
        List<Pair> pairs = new ArrayList<>();
        for (String pair : encoded.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                pairs.add(new Pair(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1))));
            }
        }
        return pairs;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private record Pair(String name, String value) {}
}
