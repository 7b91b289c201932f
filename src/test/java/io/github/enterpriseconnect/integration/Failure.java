package io.github.enterpriseconnect.integration;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.enterpriseconnect.simulator.Fault;
import java.util.Locale;

/** Everything that Cronofy may answer other than it should. */
enum Failure {
    INVALID_GRANT(400, error("invalid_grant")),
    INVALID_CLIENT_400(400, error("invalid_client")),
    INVALID_CLIENT_401(401, error("invalid_client")),
    INVALID_REQUEST(400, error("invalid_request")),
    UNSUPPORTED_GRANT_TYPE(400, error("unsupported_grant_type")),
    UNREADABLE_400(400, "<html>"),
    EMPTY_401(401, ""),
    STATUS_402(402, ""),
    STATUS_403(403, ""),
    STATUS_404(404, ""),
    STATUS_410(410, ""),
    STATUS_422(422, "{\"errors\":{\"email\":[{\"key\":\"errors.invalid\",\"description\":\"is invalid\"}]}}"),
    STATUS_423(423, ""),
    STATUS_500(500, "<html>"),
    STATUS_502(502, ""),
    STATUS_503(503, ""),
    STATUS_504(504, ""),
    REDIRECT(302, ""),
    UNREADABLE_200(200, "<html>"),
    EMPTY_200(200, "{}"),
    CONNECTION_LOST(0, ""),
    NO_ANSWER_IN_TIME(0, "");

    private final int status;
    private final String body;

    Failure(int status, String body) {
        this.status = status;
        this.body = body;
    }

    private static String error(String code) {
        return "{\"error\":\"" + code + "\"}";
    }

    /** Happens to the next of these requests. */
    Fault once(Fault.Builder requests) {
        return always(requests.times(1));
    }

    /** Happens to these requests until the fault is cleared. */
    Fault always(Fault.Builder fault) {
        if (this == CONNECTION_LOST) {
            return fault.drop().build();
        }
        if (this == NO_ANSWER_IN_TIME) {
            return fault.hang().build();
        }
        if (this == REDIRECT) {
            fault.header("Location", "http://127.0.0.1:9/");
        }
        if (!body.isEmpty()) {
            fault.body(JsonNodeFactory.instance.textNode(body));
        }
        return fault.status(status).build();
    }

    /** Something that can be part of a name, a domain or an address. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
