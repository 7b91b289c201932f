package io.github.enterpriseconnect.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.core.SignIn;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.VerificationException;
import org.keycloak.events.Details;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.encode.AccessTokenContext;
import org.keycloak.protocol.oidc.encode.TokenContextEncoderProvider;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.managers.GrantTypeEndpointRestrictionValidator;
import org.keycloak.services.util.DPoPUtil;
import org.keycloak.services.util.MtlsHoKTokenUtil;
import org.keycloak.util.TokenUtil;

/**
 * The access token of a user that a client shows, found to be valid, live, at one with the session that it names, and
 * in the hands of whom it was made for. As Keycloak does it in {@code IdentityBrokerService#retrieveTokenV2} and {@code StandardTokenExchangeProvider}.
 */
record UserToken(
        UserModel user,
        @Nullable UserSessionModel session,
        AccessToken token,
        String grantType,
        String text,
        Actors actors) {
    private static final List<String> TYPES = List.of(TokenUtil.TOKEN_TYPE_BEARER, TokenUtil.TOKEN_TYPE_DPOP);

    /**
     * Verifies what a client shows; whether it is this client's to use is {@link #requireUsableBy}.
     *
     * @param client whoever shows the token, authenticated
     * @throws TokenRefused if the token is not good
     */
    static UserToken verify(KeycloakSession session, ClientModel client, TokenEntryPoint door, String text)
            throws TokenRefused {
        AuthenticationManager.AuthResult valid = AuthenticationManager.verifyIdentityToken(
                session,
                session.getContext().getRealm(),
                session.getContext().getUri(),
                session.getContext().getConnection(),
                true,
                true,
                null,
                false,
                text,
                session.getContext().getHttpRequest().getHttpHeaders(),
                verifier -> verifier.tokenType(TYPES).withChecks(GrantTypeEndpointRestrictionValidator.check(session)));
        try {
            if (valid == null) {
                throw new TokenRefused(
                        door.badToken(), "The user's token is malformed, expired, revoked, or its session has ended.");
            }
            return found(session, door, valid, text);
        } finally {
            // Verifying a token makes its client the context's.
            session.getContext().setClient(client);
        }
    }

    private static UserToken found(
            KeycloakSession session, TokenEntryPoint door, AuthenticationManager.AuthResult valid, String text)
            throws TokenRefused {
        AccessTokenContext context = session.getProvider(TokenContextEncoderProvider.class)
                .getTokenContextFromTokenId(valid.token().getId());
        UserToken found = new UserToken(
                valid.user(),
                valid.session(),
                valid.token(),
                String.valueOf(context.getGrantType()),
                text,
                actors(session, valid, text));
        if (found.ofServiceAccount()) {
            throw new TokenRefused(TokenError.ACCESS_DENIED, "The token is a service account's, not a person's.");
        }
        SessionClaims claims = new SessionClaims(session, valid);
        if (!claims.nameSession()) {
            throw new TokenRefused(
                    door.badToken(), "The token belongs to no session; use one from the user's own sign-in.");
        }
        Optional<String> disagreement = claims.disagreement();
        if (disagreement.isPresent()) {
            throw new TokenRefused(door.badToken(), disagreement.get());
        }
        return found;
    }

    /**
     * Goes on if the token names the client, and the client proves to hold what it is bound to.
     *
     * @throws TokenRefused otherwise
     */
    void requireUsableBy(KeycloakSession keycloak, ClientModel client, TokenEntryPoint door) throws TokenRefused {
        requireNames(client);
        requireProof(keycloak, client, door);
    }

    private void requireNames(ClientModel client) throws TokenRefused {
        if (!issuedTo(client) && !token.hasAudience(client.getClientId())) {
            throw new TokenRefused(
                    TokenError.UNAUTHORIZED_CLIENT,
                    "The token was neither issued to the client nor names it in its audience.");
        }
    }

    private void requireProof(KeycloakSession keycloak, ClientModel client, TokenEntryPoint door) throws TokenRefused {
        AccessToken.Confirmation bound = token.getConfirmation();
        if (bound == null) {
            return;
        }
        if (!issuedTo(client)) {
            throw new TokenRefused(
                    TokenError.UNAUTHORIZED_CLIENT,
                    "The token is bound to a key of another client; use one that was issued to this client.");
        }
        boolean certificate = bound.getCertThumbprint() == null
                || MtlsHoKTokenUtil.verifyTokenBindingWithClientCertificate(
                        token, keycloak.getContext().getHttpRequest(), keycloak);
        if (!certificate || (bound.getCertThumbprint() == null && bound.getKeyThumbprint() == null)) {
            throw new TokenRefused(
                    door.badToken(),
                    "The token is bound to a client certificate; send the request with that certificate.");
        }
        if (bound.getKeyThumbprint() != null) {
            try {
                DPoPUtil.validateBinding(token, door.proof(keycloak, text));
            } catch (VerificationException notProven) {
                throw new TokenRefused(
                        door.badToken(), "The token is bound to a key; send a DPoP proof: " + notProven.getMessage());
            }
        }
    }

    private boolean issuedTo(ClientModel client) {
        return client.getClientId().equals(token.getIssuedFor());
    }

    /** Whether a client got it for itself, whatever user its mappers may name. */
    private boolean ofServiceAccount() {
        return user.getServiceAccountClientLink() != null || OAuth2Constants.CLIENT_CREDENTIALS.equals(grantType);
    }

    /** Id of the session that the token belongs to; null if it belongs to none. */
    @Nullable String sessionId() {
        return token.getSessionId();
    }

    /** Who acts for the user, by the token as it is written, whatever Keycloak makes of its claims, and by the session. */
    private static Actors actors(KeycloakSession keycloak, AuthenticationManager.AuthResult valid, String text) {
        Actors claimed = Actors.claimed(
                claims(text).path(Actors.CLAIM), String.valueOf(valid.token().getIssuer()));
        return valid.session() == null ? claimed : claimed.in(valid.session(), keycloak);
    }

    private static JsonNode claims(String verified) {
        try {
            return new JWSInput(verified).readJsonContent(JsonNode.class);
        } catch (JWSInputException e) {
            throw new IllegalStateException("the token has been verified", e);
        }
    }

    boolean hasScope(String scope) {
        return token.getScope() != null
                && Arrays.asList(token.getScope().split(" ")).contains(scope);
    }

    SignIn signIn() {
        return new SignIn(session == null ? null : session.getNote(Details.IDENTITY_PROVIDER), null);
    }
}
