package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.platform.StatelessFactory;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.keycloak.OAuth2Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.TokenExchangeContext;
import org.keycloak.protocol.oidc.TokenExchangeProvider;
import org.keycloak.protocol.oidc.TokenExchangeProviderFactory;

/**
 * Token exchange at Keycloak's own token endpoint (RFC 8693), so that any OAuth library can fetch a token: the user's
 * access token for one of {@code requested_issuer=enterprise-connect}. Leaves every other exchange to Keycloak.
 */
public final class TokenExchange implements TokenExchangeProvider {
    private static final List<String> UNSUPPORTED = List.of(
            OAuth2Constants.REQUESTED_SUBJECT,
            OAuth2Constants.SUBJECT_ISSUER,
            OAuth2Constants.ACTOR_TOKEN,
            OAuth2Constants.ACTOR_TOKEN_TYPE,
            OAuth2Constants.AUDIENCE,
            OAuth2Constants.RESOURCE);

    private TokenExchange() {}

    /** Stands before Keycloak's own providers, one of which would refuse a {@code requested_issuer}. */
    public static final class Factory implements TokenExchangeProviderFactory, StatelessFactory<TokenExchangeProvider> {
        private static final int BEFORE_KEYCLOAKS_OWN = 1_000;

        @Override
        public String getId() {
            return EnterpriseConnect.ID;
        }

        @Override
        public int order() {
            return BEFORE_KEYCLOAKS_OWN;
        }

        @Override
        public TokenExchangeProvider create(KeycloakSession session) {
            return new TokenExchange();
        }
    }

    @Override
    public boolean supports(TokenExchangeContext context) {
        return EnterpriseConnect.ID.equals(context.getFormParams().getFirst(OAuth2Constants.REQUESTED_ISSUER));
    }

    @Override
    public Response exchange(TokenExchangeContext context) {
        TokenRequest request = new TokenRequest(
                context.getSession(),
                TokenEntryPoint.EXCHANGE,
                context.getEvent(),
                context.getClient(),
                Consumer.Right.MEMBER);
        return context.getCors().add(Response.fromResponse(exchange(request, context.getFormParams())));
    }

    private static Response exchange(TokenRequest request, MultivaluedMap<String, String> form) {
        for (String parameter : UNSUPPORTED) {
            if (form.containsKey(parameter)) {
                return request.refuse("The parameter " + parameter + " is not supported with this requested_issuer.");
            }
        }
        if (form.containsKey(TokenEndpoint.REJECTED)) {
            return request.refuse(
                    "Report a rejected_token at the own door, POST enterprise-connect/token of the realm.");
        }
        String subjectToken = form.getFirst(OAuth2Constants.SUBJECT_TOKEN);
        if (subjectToken == null || subjectToken.isBlank()) {
            return request.refuse("Send the user's access token as subject_token.");
        }
        if (!OAuth2Constants.ACCESS_TOKEN_TYPE.equals(form.getFirst(OAuth2Constants.SUBJECT_TOKEN_TYPE))) {
            return request.refuse("subject_token_type must be " + OAuth2Constants.ACCESS_TOKEN_TYPE + ".");
        }
        String requested = form.getFirst(OAuth2Constants.REQUESTED_TOKEN_TYPE);
        if (requested != null && !OAuth2Constants.ACCESS_TOKEN_TYPE.equals(requested)) {
            return request.refuse("requested_token_type must be " + OAuth2Constants.ACCESS_TOKEN_TYPE + ".");
        }
        return request.present(subjectToken);
    }

    @Override
    public void close() {}
}
