package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A standard OAuth library needs to know of nothing but {@code requested_issuer}. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NimbusExchangeIT {
    private static final ClientID CLIENT = new ClientID("calendar-app");
    private static final Secret SECRET = new Secret(ConnectedRealm.CONSUMER_SECRET);
    private static final String MAILBOX = "maria@nimbus.test";

    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final URI tokenEndpoint;
    private final Simulator simulator;
    private final BearerAccessToken accessToken;

    NimbusExchangeIT(KeycloakServer server, AdminClient admin, Simulator simulator) throws Exception {
        this.admin = admin;
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(NimbusExchangeIT.class), true);
        String organization = realm.organization("nimbus", "nimbus.test");
        realm.link(organization, "nimbus.test");
        String maria = realm.member(organization, "maria", MAILBOX).id();
        this.simulator = simulator;
        this.accessToken = new BearerAccessToken(
                realm.consumer().directGrant("maria", ConnectedRealm.PASSWORD).accessToken());
        this.tokenEndpoint = OIDCProviderMetadata.resolve(new Issuer(server.realm(realm.name())))
                .getTokenEndpointURI();
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() ->
                        assertThat(realm.member(maria).get("state").asText()).isEqualTo("granted"));
    }

    static List<ClientAuthentication> authentications() {
        return List.of(new ClientSecretBasic(CLIENT, SECRET), new ClientSecretPost(CLIENT, SECRET));
    }

    private TokenResponse exchange(ClientAuthentication authentication, AccessToken subject) throws Exception {
        TokenRequest request = new TokenRequest.Builder(
                        tokenEndpoint, authentication, new TokenExchangeGrant(subject, TokenTypeURI.ACCESS_TOKEN))
                .customParameter("requested_issuer", "enterprise-connect")
                .build();
        return TokenResponse.parse(request.toHTTPRequest().send());
    }

    @ParameterizedTest
    @MethodSource("authentications")
    void the_library_exchanges_a_users_token_and_reads_the_answer(ClientAuthentication authentication)
            throws Exception {
        AccessTokenResponse answer = exchange(authentication, accessToken).toSuccessResponse();

        AccessToken token = answer.getTokens().getAccessToken();
        assertThat(token.getType()).isEqualTo(AccessTokenType.BEARER);
        assertThat(token.getIssuedTokenType()).isEqualTo(TokenTypeURI.ACCESS_TOKEN);
        assertThat(token.getLifetime()).isPositive();
        assertThat(token.getScope()).isEqualTo(new Scope("read_write"));
        assertThat(answer.getTokens().getRefreshToken()).isNull();
        assertThat(answer.getCustomParameters())
                .containsEntry("mailbox", MAILBOX)
                .containsEntry("api_url", simulator.baseUri().toString())
                .containsOnlyKeys("sub", "mailbox", "api_url");
        Answer calendars = Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars"))
                .header("Authorization", token.toAuthorizationHeader()));
        assertThat(calendars.expect(200).json().get("calendars").findValuesAsText("profile_name"))
                .containsExactly(MAILBOX);
    }

    /** Libraries read errors from the status 400 alone. */
    @Test
    void the_library_reads_why_there_is_no_token() throws Exception {
        admin.put(realm.api("suspension"), null).expect(204);
        ErrorObject suspended;
        try {
            suspended = exchange(authentications().get(0), accessToken)
                    .toErrorResponse()
                    .getErrorObject();
        } finally {
            admin.delete(realm.api("suspension")).expect(204);
        }
        String stranger = realm.user("stranger", "stranger@elsewhere.test").id();
        ErrorObject unlinked = exchange(
                        authentications().get(0),
                        new BearerAccessToken(realm.consumer()
                                .directGrant("stranger", ConnectedRealm.PASSWORD)
                                .accessToken()))
                .toErrorResponse()
                .getErrorObject();

        assertThat(realm.member(stranger).get("state").asText()).isEqualTo("none");
        assertThat(List.of(suspended, unlinked))
                .allSatisfy(error -> assertThat(error.getHTTPStatusCode()).isEqualTo(400));
        assertThat(List.of(suspended.getCode(), unlinked.getCode())).containsExactly("access_denied", "not_delegated");
    }

    @Test
    void the_library_reads_a_refusal() throws Exception {
        TokenErrorResponse answer = exchange(authentications().get(0), new BearerAccessToken("garbage"))
                .toErrorResponse();

        ErrorObject error = answer.getErrorObject();
        assertThat(error.getCode()).isEqualTo("invalid_grant");
        assertThat(error.getDescription()).isNotBlank();
        assertThat(error.getHTTPStatusCode()).isEqualTo(400);
    }
}
