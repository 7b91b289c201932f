package io.github.enterpriseconnect.rest;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.AuthenticatedClientSessionModel;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserSessionModel;
import org.keycloak.protocol.oidc.TokenManager;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.services.util.DefaultClientSessionContext;

/**
 * Whether a token says the same of its user as the session that it names. Keycloak signs whatever a client's mappers
 * write, and they may write {@code azp}, {@code sid}, {@code sub} and {@code aud}; Keycloak itself takes the user from
 * the session and compares that with nothing. A token whose mappers wrote somebody else's session and subject alike
 * cannot be told from that person's own; the realm's status warns of who may choose mappers.
 */
final class SessionClaims {
    private final KeycloakSession keycloak;
    private final ClientModel issuedTo;
    private final AccessToken token;
    private final UserSessionModel session;

    /** Of a token that Keycloak has found valid; the context's client is the one that {@code azp} names. */
    SessionClaims(KeycloakSession keycloak, AuthenticationManager.AuthResult valid) {
        this.keycloak = keycloak;
        this.issuedTo = valid.client();
        this.token = valid.token();
        this.session = valid.session();
    }

    /** Whether the token names a session at all. Of one that does not, Keycloak takes the user from other claims. */
    boolean nameSession() {
        return token.getSessionId() != null;
    }

    /** What disagrees, and what to do about it; empty if nothing does. */
    Optional<String> disagreement() {
        String subject = token.getSubject();
        if (subject == null) {
            return Optional.of("The token names no user; give its client the client scope basic, and switch"
                    + " \"Add to lightweight access token\" on in the mapper of sub.");
        }
        if (session.getUser().getId().equals(subject)) {
            return Optional.empty();
        }
        AuthenticatedClientSessionModel clientSession = session.getAuthenticatedClientSessionByClient(issuedTo.getId());
        if (clientSession == null) {
            return Optional.of("The client that the token was issued to takes no part in the session that it names.");
        }
        return subject.equals(subjectOf(clientSession))
                ? Optional.empty()
                : Optional.of("The token's subject is not the user whose session it names.");
    }

    /**
     * The subject that Keycloak would write at present for this client and the session's user, which is not the user's
     * id where the client has pairwise subjects or another mapper for it. As {@code TokenManager} makes access tokens.
     */
    private @Nullable String subjectOf(AuthenticatedClientSessionModel clientSession) {
        AccessToken ours = new AccessToken();
        if (session.getPersistenceState() == UserSessionModel.SessionPersistenceState.TRANSIENT) {
            ours.subject(session.getUser().getId());
        }
        return new TokenManager()
                .transformAccessToken(
                        keycloak,
                        ours,
                        session,
                        DefaultClientSessionContext.fromClientSessionAndScopeParameter(
                                clientSession, token.getScope(), keycloak))
                .getSubject();
    }
}
