package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request that is answered by an error; ends the work on it wherever it stands. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    Refused(Answer answer) {
        super("answered " + answer.status(), null, false, false);
        this.answer = answer;
    }

    Answer answer() {
        return answer;
    }

    /** RFC 6749 form, the only one the token endpoints know (contract 2.3). */
    static Refused oauth(int status, String error, String description, Switches switches) {
        ObjectNode body = Json.object().put("error", error);
        if (switches.get(Switch.OAUTH_ERROR_DESCRIPTION)) {
            body.put("error_description", description);
        }
        return new Refused(Answer.uncached(status, body));
    }

    /** 401, 402, 403, 404, 423: bodies are unknown (contract 6), so empty unless the switch fills them. */
    static Refused status(int status, String message, Switches switches) {
        return new Refused(withStatus(status, message, switches));
    }

    static Answer withStatus(int status, String message, Switches switches) {
        Answer plain = switches.get(Switch.ERROR_BODIES)
                ? Answer.json(status, Json.object().put("message", message))
                : Answer.empty(status);
        return status == 401 && switches.get(Switch.WWW_AUTHENTICATE)
                ? plain.with("WWW-Authenticate", "Bearer realm=\"Cronofy\"")
                : plain;
    }

    /** 422 in the documented shape (contract 3, 6); the keys besides {@code errors.required} are invented. */
    static Refused unprocessable(String field, String key, String description) {
        ObjectNode body = Json.object();
        body.putObject("errors").putArray(field).addObject().put("key", key).put("description", description);
        return new Refused(Answer.json(422, body));
    }

    static Refused required(String field) {
        return unprocessable(field, "errors.required", "required");
    }
}
