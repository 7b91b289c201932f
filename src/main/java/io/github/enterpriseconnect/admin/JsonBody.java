package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** Request bodies, read by hand so that the answer to a wrong one says what to write. */
final class JsonBody {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonBody() {}

    /** A value that we keep as text, of which we know that it is JSON. */
    static JsonNode value(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was read from JSON is JSON", e);
        }
    }

    /** The body's JSON object; an empty one for an empty body. */
    static ObjectNode object(@Nullable String body) {
        if (body == null || body.isBlank()) {
            return JSON.createObjectNode();
        }
        try {
            JsonNode json = JSON.readTree(body);
            if (json instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException unreadable) {
            // Answered below; Jackson's message would quote the body, which may hold a secret.
        }
        throw RequestRefused.because("The body must be one JSON object.", Response.Status.BAD_REQUEST);
    }
}
