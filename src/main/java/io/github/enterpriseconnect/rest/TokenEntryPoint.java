package io.github.enterpriseconnect.rest;

import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.TokenVerifier;
import org.keycloak.common.Profile;
import org.keycloak.common.VerificationException;
import org.keycloak.events.EventType;
import org.keycloak.http.HttpRequest;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.dpop.DPoP;
import org.keycloak.services.util.DPoPUtil;

/** A way for applications to ask for a token; what they may have is the same at each. */
enum TokenEntryPoint {
    /** {@code POST token} of the realm resource. */
    OWN(EventType.IDENTITY_PROVIDER_RETRIEVE_TOKEN, TokenError.INVALID_TOKEN, null) {
        @Override
        Response.Status status(TokenError error) {
            return error.status();
        }

        // One that this status must come with (RFC 9110 section 15.5.2), for each way to do better.
        @Override
        List<String> challenges(TokenError error, KeycloakSession session) {
            List<String> challenges = new ArrayList<>();
            if (error == TokenError.INVALID_CLIENT) {
                challenges.add(
                        "Basic realm=" + quoted(session.getContext().getRealm().getName()));
            } else if (error == TokenError.INVALID_TOKEN) {
                challenges.add("Bearer error=" + quoted(error.id()));
                if (Profile.isFeatureEnabled(Profile.Feature.DPOP)) {
                    challenges.add("DPoP error=" + quoted(error.id()) + ", algs="
                            + quoted(String.join(" ", DPoPUtil.getDPoPSupportedAlgorithms(session))));
                }
            }
            return challenges;
        }

        // A proof as a resource is shown it, which names the token (ath), or as libraries make them for requests for a
        // token, which names none. Keycloak checks its key's signature, htm, htu, iat, and that its jti was never
        // seen. One that names another token is good for neither.
        @Override
        DPoP proof(KeycloakSession session, String token) throws VerificationException {
            HttpRequest request = session.getContext().getHttpRequest();
            DPoPUtil.Validator validator = new DPoPUtil.Validator(session)
                    .request(request)
                    .uriInfo(session.getContext().getUri());
            return (namesToken(request) ? validator.accessToken(token) : validator).validate();
        }

        // Read before it is verified: it only says what else has to be right.
        private static boolean namesToken(HttpRequest request) {
            String proof = request.getHttpHeaders().getHeaderString(DPoPUtil.DPOP_SCHEME);
            try {
                return proof == null
                        || TokenVerifier.create(proof, DPoP.class).getToken().getAccessTokenHash() != null;
            } catch (VerificationException unreadable) {
                // Refused by the validation.
                return true;
            }
        }
    },

    /** Token exchange at Keycloak's token endpoint (RFC 8693), which has validated a proof before it comes to us. */
    EXCHANGE(EventType.TOKEN_EXCHANGE, TokenError.INVALID_GRANT, OAuth2Constants.ACCESS_TOKEN_TYPE) {
        // By RFC 6749 section 5.2; OAuth libraries read the code of an error from no other status.
        @Override
        Response.Status status(TokenError error) {
            return error == TokenError.INVALID_CLIENT ? Response.Status.UNAUTHORIZED : Response.Status.BAD_REQUEST;
        }

        // Clients are authenticated by Keycloak, before it comes to us.
        @Override
        List<String> challenges(TokenError error, KeycloakSession session) {
            return List.of();
        }

        @Override
        DPoP proof(KeycloakSession session, String token) throws VerificationException {
            DPoP proof = session.getAttribute(DPoPUtil.DPOP_SESSION_ATTRIBUTE, DPoP.class);
            if (proof == null) {
                throw new VerificationException("DPoP proof is missing");
            }
            return proof;
        }
    };

    private final EventType event;
    private final TokenError badToken;
    private final @Nullable String issuedTokenType;

    TokenEntryPoint(EventType event, TokenError badToken, @Nullable String issuedTokenType) {
        this.event = event;
        this.badToken = badToken;
        this.issuedTokenType = issuedTokenType;
    }

    /**
     * The proof that whoever sent this request has the key that a token is bound to (RFC 9449).
     *
     * @throws VerificationException if there is none, or none that is good for this request
     */
    abstract DPoP proof(KeycloakSession session, String token) throws VerificationException;

    /** By which an error is answered. */
    abstract Response.Status status(TokenError error);

    /** What an error is answered with in {@code WWW-Authenticate}, one a header. */
    abstract List<String> challenges(TokenError error, KeycloakSession session);

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** What each request is in Keycloak's events. */
    EventType event() {
        return event;
    }

    /** What is answered to a user's token that is no good. */
    TokenError badToken() {
        return badToken;
    }

    /** Null where the answer does not say it. */
    @Nullable String issuedTokenType() {
        return issuedTokenType;
    }
}
