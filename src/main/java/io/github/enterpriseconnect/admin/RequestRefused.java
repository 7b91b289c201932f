package io.github.enterpriseconnect.admin;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.services.ErrorResponse;
import org.keycloak.services.ErrorResponseException;

/**
 * How an administrator is told that a request is refused: as Keycloak's admin API tells it, but in UTF-8 and saying so.
 * Clients such as {@code kcadm} take what says nothing for ISO 8859-1, and messages repeat names that people have written.
 */
final class RequestRefused {
    private static final MediaType TYPE = MediaType.APPLICATION_JSON_TYPE.withCharset("utf-8");

    private RequestRefused() {}

    /** @param message what is wrong, and what to write or do instead */
    static ErrorResponseException because(String message, Response.Status status) {
        return new ErrorResponseException(
                Response.fromResponse(ErrorResponse.error(message, status).getResponse())
                        .type(TYPE)
                        .build());
    }
}
