package io.github.enterpriseconnect.admin;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.services.ErrorResponseException;

/**
 * Errors as Keycloak's admin API has them, which say besides that they are in UTF-8: clients such as {@code kcadm} take what
 * says nothing for ISO 8859-1, and messages repeat names that people have written.
 */
final class ErrorResponse {
    private static final MediaType TYPE = MediaType.APPLICATION_JSON_TYPE.withCharset("utf-8");

    private ErrorResponse() {}

    /** @param message what is wrong, and what to write or do instead */
    static ErrorResponseException error(String message, Response.Status status) {
        return new ErrorResponseException(
                Response.fromResponse(org.keycloak.services.ErrorResponse.error(message, status)
                                .getResponse())
                        .type(TYPE)
                        .build());
    }
}
