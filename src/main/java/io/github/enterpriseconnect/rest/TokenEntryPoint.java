package io.github.enterpriseconnect.rest;

import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.VerificationException;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.dpop.DPoP;
import org.keycloak.services.util.DPoPUtil;

/** A way for applications to ask for a token; what they may have is the same at each. */
enum TokenEntryPoint {
    /** {@code POST token} of the realm resource. */
    OWN(EventType.IDENTITY_PROVIDER_RETRIEVE_TOKEN, TokenError.INVALID_TOKEN, null) {
        @Override
        DPoP proof(KeycloakSession session, String token) throws VerificationException {
            return new DPoPUtil.Validator(session)
                    .request(session.getContext().getHttpRequest())
                    .uriInfo(session.getContext().getUri())
                    .accessToken(token)
                    .validate();
        }
    },

    /** Token exchange at Keycloak's token endpoint (RFC 8693), which has validated a proof before it comes to us. */
    EXCHANGE(EventType.TOKEN_EXCHANGE, TokenError.INVALID_GRANT, OAuth2Constants.ACCESS_TOKEN_TYPE) {
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
