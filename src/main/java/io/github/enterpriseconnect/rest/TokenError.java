package io.github.enterpriseconnect.rest;

import jakarta.ws.rs.core.Response;
import java.util.Locale;

/**
 * What an application can be told instead of getting a token; the lower-case name is the OAuth error code. The status is the
 * one of our own door.
 */
enum TokenError {
    /** The request itself is wrong (RFC 6749 section 5.2). */
    INVALID_REQUEST(Response.Status.BAD_REQUEST),
    /** What there is permits more than was asked for (RFC 6749 section 5.2). */
    INVALID_SCOPE(Response.Status.BAD_REQUEST),
    /** The client could not be authenticated (RFC 6749 section 5.2). */
    INVALID_CLIENT(Response.Status.UNAUTHORIZED),
    /** The user's token is no good at our own door (RFC 6750 section 3.1). */
    INVALID_TOKEN(Response.Status.UNAUTHORIZED),
    /** The user's token is no good at Keycloak's token endpoint (RFC 6749 section 5.2). */
    INVALID_GRANT(Response.Status.BAD_REQUEST),
    /** The client has no right to such tokens. */
    UNAUTHORIZED_CLIENT(Response.Status.FORBIDDEN),
    /** The client has, but not to this one. */
    ACCESS_DENIED(Response.Status.FORBIDDEN),
    NOT_DELEGATED(Response.Status.NOT_FOUND),
    DELEGATION_PENDING(Response.Status.CONFLICT),
    REAUTHORIZATION_REQUIRED(Response.Status.CONFLICT),
    TEMPORARILY_UNAVAILABLE(Response.Status.SERVICE_UNAVAILABLE);

    private final Response.Status status;

    TokenError(Response.Status status) {
        this.status = status;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    Response.Status status() {
        return status;
    }
}
