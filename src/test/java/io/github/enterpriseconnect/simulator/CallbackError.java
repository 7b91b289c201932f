package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * The failure that a delegation callback carries (contract 3.1). Cronofy's list of values is unknown: all three members
 * are free text. Only {@code unable_to_grant_scope} is documented; the keys below are invented.
 */
public record CallbackError(
        String error, @Nullable String errorKey, @Nullable String errorDescription) {

    public static final CallbackError SCOPE_NOT_GRANTED =
            new CallbackError("unable_to_grant_scope", "unable_to_grant_scope", "The scope cannot be granted");
    public static final CallbackError ACCOUNT_NOT_FOUND =
            new CallbackError("access_denied", "errors.account_not_found", "The account was not found");
    public static final CallbackError MAILBOX_UNAVAILABLE =
            new CallbackError("access_denied", "errors.mailbox_unavailable", "The account has no mailbox");
    public static final CallbackError SERVICE_ACCOUNT_UNAUTHORIZED = new CallbackError(
            "access_denied", "errors.service_account_unauthorized", "The service account is no longer authorized");

    ObjectNode json() {
        ObjectNode json = Json.object().put("error", error);
        if (errorKey != null) {
            json.put("error_key", errorKey);
        }
        if (errorDescription != null) {
            json.put("error_description", errorDescription);
        }
        return json;
    }

    static CallbackError from(JsonNode json) {
        String error = json.path("error").asText();
        if (error.isEmpty()) {
            throw new IllegalArgumentException(
                    "write {\"error\": \"access_denied\", \"error_key\": \"…\", \"error_description\": \"…\"}"
                            + " with at least error");
        }
        return new CallbackError(error, text(json, "error_key"), text(json, "error_description"));
    }

    private static @Nullable String text(JsonNode json, String name) {
        return json.path(name).isTextual() ? json.path(name).asText() : null;
    }
}
