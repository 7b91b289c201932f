package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.oauth2.client.OAuth2AuthorizationContext;
import org.springframework.security.oauth2.client.TokenExchangeOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.RestClientTokenExchangeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.RestClient;

/** Spring Security's client of token exchange. */
class SpringExchangeIT extends OAuthLibraryScenario {
    SpringExchangeIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    private static RestClientTokenExchangeTokenResponseClient tokenExchange() {
        var exchange = new RestClientTokenExchangeTokenResponseClient();
        exchange.setParametersCustomizer(parameters -> {
            parameters.set("requested_issuer", "enterprise-connect");
            // Of a resource server, whose token of the user is a Jwt, Spring would say that it is of another type.
            parameters.set("subject_token_type", "urn:ietf:params:oauth:token-type:access_token");
        });
        return exchange;
    }

    /** Sees {@code Retry-After}, which the exception has not. */
    private static RestClient watching(AtomicReference<String> retryAfter) {
        return RestClient.builder()
                .messageConverters(converters -> {
                    converters.clear();
                    converters.add(new FormHttpMessageConverter());
                    converters.add(new OAuth2AccessTokenResponseHttpMessageConverter());
                })
                .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
                .requestInterceptor((request, body, execution) -> {
                    var response = execution.execute(request, body);
                    retryAfter.set(String.valueOf(response.getHeaders().getFirst("Retry-After")));
                    return response;
                })
                .build();
    }

    private static ClientRegistration registration(Task task) {
        ClientRegistration.Builder registration = ClientRegistration.withRegistrationId("calendar")
                .clientId(task.clientId())
                .clientSecret(task.clientSecret())
                .authorizationGrantType(AuthorizationGrantType.TOKEN_EXCHANGE)
                .tokenUri(task.tokenEndpoint().toString());
        String scope = task.besides().get("scope");
        return scope == null ? registration.build() : registration.scope(scope).build();
    }

    private static OAuth2AccessToken userToken(Task task) {
        return new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, task.userToken(), null, null);
    }

    @Override
    Told exchange(Task task) {
        MultiValueMap<String, String> besides = new LinkedMultiValueMap<>();
        task.besides().forEach((name, value) -> {
            if (!name.equals("scope")) {
                besides.add(name, value);
            }
        });
        RestClientTokenExchangeTokenResponseClient exchange = tokenExchange();
        exchange.addParametersConverter(grant -> besides);
        try {
            OAuth2AccessTokenResponse answer =
                    exchange.getTokenResponse(new TokenExchangeGrantRequest(registration(task), userToken(task), null));
            Map<String, String> members = new HashMap<>();
            answer.getAdditionalParameters().forEach((name, value) -> members.put(name, String.valueOf(value)));
            members.put("access_token", answer.getAccessToken().getTokenValue());
            members.put("scope", String.join(" ", answer.getAccessToken().getScopes()));
            members.put("expires_in", String.valueOf(answer.getAccessToken().getExpiresAt()));
            return new Told(members, "");
        } catch (OAuth2AuthorizationException refused) {
            OAuth2Error error = refused.getError();
            return new Told(
                    Map.of(
                            "error",
                            error.getErrorCode(),
                            "error_description",
                            Objects.requireNonNullElse(error.getDescription(), "")),
                    "");
        }
    }

    @Override
    boolean tellsWhenToComeBack() {
        return false;
    }

    /** It reads the errors of answers with the status 400 alone. */
    @Override
    String codeOfAnUnknownClient() {
        return "invalid_token_response";
    }

    @Override
    List<String> toldBesides() {
        return List.of("scope", "expires_in", "sub", "mailbox", "api_url");
    }

    /** As a resource server has it: the user's token is a {@link Jwt}. */
    @Test
    void the_manager_of_authorized_clients_gets_the_token_and_nothing_besides() {
        Task task = task(maria(), Map.of());
        Jwt jwt = Jwt.withTokenValue(task.userToken())
                .header("alg", "RS256")
                .subject(maria().id())
                .issuedAt(Instant.now())
                .build();
        var provider = new TokenExchangeOAuth2AuthorizedClientProvider();
        provider.setAccessTokenResponseClient(tokenExchange());

        var authorized = provider.authorize(OAuth2AuthorizationContext.withClientRegistration(registration(task))
                .principal(new TestingAuthenticationToken(jwt, null))
                .build());

        assertThat(Objects.requireNonNull(authorized).getAccessToken().getTokenValue())
                .isEqualTo(exchange(task).member("access_token"));
    }

    @Test
    void an_interceptor_sees_when_to_ask_again() {
        AtomicReference<String> retryAfter = new AtomicReference<>();
        RestClientTokenExchangeTokenResponseClient exchange = tokenExchange();
        exchange.setRestClient(watching(retryAfter));

        Task task = task(Refusal.DELEGATION_PENDING);

        assertThatThrownBy(() -> exchange.getTokenResponse(
                        new TokenExchangeGrantRequest(registration(task), userToken(task), null)))
                .isInstanceOf(OAuth2AuthorizationException.class);

        assertThat(retryAfter.get()).matches("[1-9][0-9]*");
    }
}
