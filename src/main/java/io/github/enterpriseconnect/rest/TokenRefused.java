package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.token.AccessTokenRefused;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.idm.OAuth2ErrorRepresentation;

/** An application gets no token; the message tells its developer why. */
final class TokenRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final TokenError error;
    private final transient @Nullable Duration retryAfter;

    TokenRefused(TokenError error, String description) {
        this(error, description, null);
    }

    TokenRefused(TokenError error, String description, @Nullable Duration retryAfter) {
        super(description);
        this.error = error;
        this.retryAfter = retryAfter;
    }

    static TokenRefused of(AccessTokenRefused refused) {
        TokenError error =
                switch (refused.code()) {
                    case INVALID_SCOPE -> TokenError.INVALID_SCOPE;
                    case ACCESS_DENIED -> TokenError.ACCESS_DENIED;
                    case NOT_DELEGATED -> TokenError.NOT_DELEGATED;
                    case DELEGATION_PENDING -> TokenError.DELEGATION_PENDING;
                    case REAUTHORIZATION_REQUIRED -> TokenError.REAUTHORIZATION_REQUIRED;
                    case TEMPORARILY_UNAVAILABLE -> TokenError.TEMPORARILY_UNAVAILABLE;
                };
        return new TokenRefused(error, String.valueOf(refused.getMessage()), refused.retryAfter());
    }

    TokenError error() {
        return error;
    }

    /** As this door says it, to the request that this session is for. */
    Response response(TokenEntryPoint door, KeycloakSession session) {
        Response.ResponseBuilder response = Response.status(door.status(error))
                .entity(new OAuth2ErrorRepresentation(error.id(), getMessage()))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache");
        door.challenges(error, session).forEach(challenge -> response.header(HttpHeaders.WWW_AUTHENTICATE, challenge));
        if (retryAfter != null) {
            response.header("Retry-After", retryAfter.toSeconds());
        }
        return response.build();
    }
}
