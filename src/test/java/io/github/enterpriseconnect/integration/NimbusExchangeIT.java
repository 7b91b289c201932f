package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The Nimbus OAuth SDK, of which also {@code docs/applications.md} has an example. */
class NimbusExchangeIT extends OAuthLibraryScenario {
    NimbusExchangeIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    private static HTTPResponse send(URI tokenEndpoint, ClientAuthentication authentication, Task task)
            throws Exception {
        TokenRequest.Builder request = new TokenRequest.Builder(
                        tokenEndpoint,
                        authentication,
                        new TokenExchangeGrant(new BearerAccessToken(task.userToken()), TokenTypeURI.ACCESS_TOKEN))
                .customParameter("requested_issuer", "enterprise-connect");
        task.besides().forEach((name, value) -> request.customParameter(name, value));
        return request.build().toHTTPRequest().send();
    }

    @Override
    Told exchange(Task task) throws Exception {
        HTTPResponse answer = send(
                task.tokenEndpoint(),
                new ClientSecretBasic(new ClientID(task.clientId()), new Secret(task.clientSecret())),
                task);
        String retryAfter = Objects.requireNonNullElse(answer.getHeaderValue("Retry-After"), "");
        if (!answer.indicatesSuccess()) {
            ErrorObject error = TokenErrorResponse.parse(answer).getErrorObject();
            return new Told(Map.of("error", error.getCode(), "error_description", error.getDescription()), retryAfter);
        }
        AccessTokenResponse success = AccessTokenResponse.parse(answer);
        AccessToken token = success.getTokens().getAccessToken();
        Map<String, String> members = new HashMap<>();
        success.getCustomParameters().forEach((name, value) -> members.put(name, String.valueOf(value)));
        members.put("access_token", token.getValue());
        members.put("scope", token.getScope().toString());
        members.put("expires_in", String.valueOf(token.getLifetime()));
        return new Told(members, retryAfter);
    }

    @Override
    boolean tellsWhenToComeBack() {
        return true;
    }

    /** Keycloak's own. */
    @Override
    String codeOfAnUnknownClient() {
        return "unauthorized_client";
    }

    @Override
    List<String> toldBesides() {
        return List.of("scope", "expires_in", "sub", "mailbox", "api_url");
    }

    @Test
    void the_token_has_its_type_its_lifetime_and_its_scope_and_nothing_else_comes_with_it() throws Exception {
        Task task = task(maria(), Map.of());
        URI discovered = OIDCProviderMetadata.resolve(new Issuer(task.issuer())).getTokenEndpointURI();

        AccessTokenResponse answer = AccessTokenResponse.parse(send(
                discovered,
                new ClientSecretPost(new ClientID(task.clientId()), new Secret(task.clientSecret())),
                task));

        AccessToken token = answer.getTokens().getAccessToken();
        assertThat(token.getType()).isEqualTo(AccessTokenType.BEARER);
        assertThat(token.getIssuedTokenType()).isEqualTo(TokenTypeURI.ACCESS_TOKEN);
        assertThat(token.getLifetime()).isPositive();
        assertThat(token.getScope()).isEqualTo(new Scope("read_write"));
        assertThat(answer.getTokens().getRefreshToken()).isNull();
        assertThat(answer.getCustomParameters())
                .containsEntry("mailbox", maria().address())
                .containsOnlyKeys("sub", "mailbox", "api_url");
    }
}
