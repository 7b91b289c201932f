package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.REDIRECT;
import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract section 2. */
class TokenEndpointTest {
    private final Wire wire = new Wire();

    @BeforeEach
    void approveAtOnce() {
        wire.simulator.change(Switch.AUTHORIZE, Choice.Consent.APPROVE);
    }

    @AfterEach
    void stop() {
        wire.close();
    }

    @Test
    void a_service_accounts_code_brings_its_tokens() {
        HttpResponse<String> answer = wire.exchange(code(), REDIRECT);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json; charset=utf-8");
        assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("pragma")).hasValue("no-cache");
        JsonNode tokens = json(answer.body());
        assertThat(tokens.path("token_type").asText()).isEqualTo("bearer");
        assertThat(tokens.path("expires_in").asInt()).isEqualTo(1800);
        assertThat(tokens.path("access_token").asText()).hasSize(32);
        assertThat(tokens.path("refresh_token").asText()).hasSize(32);
        assertThat(tokens.path("scope").asText()).isEqualTo("service_account/accounts/manage");
        assertThat(tokens.path("service_account_id").asText()).matches("ser_[0-9a-f]{24}");
        assertThat(tokens.path("sub")).isEqualTo(tokens.path("service_account_id"));
        assertThat(tokens.has("account_id") || tokens.has("linking_profile")).isFalse();
    }

    @Test
    void of_two_secrets_those_authenticate_that_the_switch_names_and_both_sign() {
        wire.simulator.change(Switch.OLD_SECRET, "the-former-secret");

        wire.simulator.change(Switch.ACCEPTED_SECRETS, Choice.Secrets.BOTH);
        assertThat(errorBy("the-secret")).isEqualTo("invalid_grant");
        assertThat(errorBy("the-former-secret")).isEqualTo("invalid_grant");
        wire.simulator.change(Switch.ACCEPTED_SECRETS, Choice.Secrets.OLD);
        assertThat(errorBy("the-secret")).isEqualTo("invalid_client");
        assertThat(errorBy("the-former-secret")).isEqualTo("invalid_grant");
        wire.simulator.change(Switch.ACCEPTED_SECRETS, Choice.Secrets.NEW);
        assertThat(errorBy("the-secret")).isEqualTo("invalid_grant");
        assertThat(errorBy("the-former-secret")).isEqualTo("invalid_client");
        assertThat(wire.simulator.signature("{}").split(",", -1)).hasSize(2);
    }

    @Test
    void a_secret_that_was_replaced_signs_no_more() {
        String before = wire.simulator.signature("{}");

        wire.simulator.addApplication("the-client", "another-secret");

        assertThat(wire.simulator.signature("{}")).isNotEqualTo(before);
        assertThat(errorBy("another-secret")).isEqualTo("invalid_grant");
        assertThat(errorBy("the-secret")).isEqualTo("invalid_client");
    }

    private String errorBy(String secret) {
        String body = """
                {"client_id": "the-client", "client_secret": "%s", "grant_type": "refresh_token",
                 "refresh_token": "none"}""".formatted(secret);
        return json(wire.send("POST", "/oauth/token", body, "content-type", "application/json")
                        .body())
                .path("error")
                .asText();
    }

    @Test
    void a_json_body_is_read_whatever_the_headers_say_besides() {
        String body = """
                {"client_id": "the-client", "client_secret": "the-secret", "grant_type": "authorization_code",
                 "code": "%s", "callback_url": "%s", "refresh_token": "left over", "unknown": {"a": [1]}}""".formatted(code(), REDIRECT);

        HttpResponse<String> answer = wire.send(
                "POST",
                "/oauth/token",
                body,
                "Authorization",
                "Bearer undefined",
                "Content-Type",
                "application/json; charset=utf-8",
                "Content-Encoding",
                "gzip;q=1.0,deflate;q=0.6");

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void a_delegated_code_brings_account_and_profile() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

        JsonNode tokens = wire.delegate(link.accessToken(), "joe@example.com", "read_only");

        assertThat(tokens.path("expires_in").asInt()).isEqualTo(10_800);
        assertThat(tokens.path("scope").asText()).isEqualTo("read_only");
        assertThat(tokens.path("sub").asText()).matches("acc_[0-9a-f]{24}");
        assertThat(tokens.path("account_id")).isEqualTo(tokens.path("sub"));
        assertThat(tokens.at("/linking_profile/profile_name").asText()).isEqualTo("joe@example.com");
        assertThat(tokens.at("/linking_profile/provider_name").asText()).isEqualTo("exchange");
        assertThat(tokens.at("/linking_profile/provider_service").asText()).isEqualTo("office365");
        assertThat(tokens.at("/linking_profile/profile_id").asText()).startsWith("pro_");
    }

    @Test
    void the_same_mailbox_and_domain_keep_their_identifiers() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
        JsonNode first = wire.delegate(link.accessToken(), "joe@example.com", "read_write");
        wire.simulator.reset();
        GrantedTokens again = wire.simulator.grantServiceAccount("example.com");
        JsonNode second = wire.delegate(again.accessToken(), "Joe@example.com", "read_write");

        assertThat(again.sub()).isEqualTo(link.sub());
        assertThat(second.path("sub")).isEqualTo(first.path("sub"));
    }

    @Test
    void a_code_works_once() {
        String code = code();
        wire.exchange(code, REDIRECT);

        assertOAuthError(wire.exchange(code, REDIRECT), 400, "invalid_grant");
    }

    @Test
    void a_code_expires() {
        String code = code();
        wire.simulator.advanceClock(Duration.ofSeconds(601));

        assertOAuthError(wire.exchange(code, REDIRECT), 400, "invalid_grant");
    }

    @Test
    void a_code_is_bound_to_its_url_to_the_letter() {
        String code = code();

        assertOAuthError(wire.exchange(code, REDIRECT + "&"), 400, "invalid_grant");
        assertThat(wire.exchange(code, REDIRECT).statusCode()).isEqualTo(200);
    }

    @Test
    void a_code_is_bound_to_its_application() {
        wire.simulator.addApplication("other", "other-secret");

        HttpResponse<String> answer = wire.form(
                "/oauth/token",
                "other",
                "other-secret",
                "grant_type",
                "authorization_code",
                "code",
                code(),
                "redirect_uri",
                REDIRECT);

        assertOAuthError(answer, 400, "invalid_grant");
    }

    @ParameterizedTest
    @CsvSource({
        "the-client, wrong, invalid_client",
        "nobody, the-secret, invalid_client",
        "the-client, '', invalid_request"
    })
    void a_wrong_client_is_refused(String client, String secret, String error) {
        HttpResponse<String> answer =
                wire.form("/oauth/token", client, secret, "grant_type", "refresh_token", "refresh_token", "x");

        assertOAuthError(answer, 400, error);
    }

    @Test
    void a_switch_answers_a_wrong_client_with401() {
        wire.simulator.change(Switch.INVALID_CLIENT_STATUS, 401);

        assertOAuthError(
                wire.form("/oauth/token", "nobody", "x", "grant_type", "refresh_token", "refresh_token", "x"),
                401,
                "invalid_client");
    }

    @Test
    void other_mistakes_have_their_errors_of_the_rfc() {
        assertOAuthError(wire.oauth("/oauth/token", "grant_type", "password"), 400, "unsupported_grant_type");
        assertOAuthError(wire.oauth("/oauth/token"), 400, "invalid_request");
        assertOAuthError(wire.oauth("/oauth/token", "grant_type", "refresh_token"), 400, "invalid_request");
        assertOAuthError(wire.refresh("unknown"), 400, "invalid_grant");
    }

    @Test
    void an_access_token_expires_and_a_refresh_brings_a_new_one() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
        wire.simulator.advanceClock(Duration.ofMinutes(30));
        assertThat(wire.get("/v1/userinfo", link.accessToken()).statusCode()).isEqualTo(401);

        JsonNode refreshed = json(wire.refresh(link.refreshToken()).body());

        assertThat(refreshed.path("refresh_token").asText()).isEqualTo(link.refreshToken());
        assertThat(refreshed.has("sub") || refreshed.has("service_account_id")).isFalse();
        assertThat(wire.get("/v1/userinfo", refreshed.path("access_token").asText())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void rotation_leaves_the_old_refresh_token_good() {
        wire.simulator.change(Switch.REFRESH, Choice.Refresh.ROTATE);
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

        JsonNode refreshed = json(wire.refresh(link.refreshToken()).body());

        assertThat(refreshed.path("refresh_token").asText()).hasSize(32).isNotEqualTo(link.refreshToken());
        assertThat(wire.refresh(link.refreshToken()).statusCode()).isEqualTo(200);
        assertThat(wire.refresh(refreshed.path("refresh_token").asText()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void strict_rotation_ends_the_old_refresh_token_after_its_grace() {
        wire.simulator.change(Switch.REFRESH, Choice.Refresh.ROTATE_AND_INVALIDATE);
        wire.simulator.change(Switch.REFRESH_GRACE_SECONDS, 3600);
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
        JsonNode refreshed = json(wire.refresh(link.refreshToken()).body());
        assertThat(wire.refresh(link.refreshToken()).statusCode()).isEqualTo(200);

        wire.simulator.advanceClock(Duration.ofHours(1));

        assertOAuthError(wire.refresh(link.refreshToken()), 400, "invalid_grant");
        assertThat(wire.refresh(refreshed.path("refresh_token").asText()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_switch_lets_a_refresh_end_the_access_token_before() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
        wire.refresh(link.refreshToken());
        assertThat(wire.get("/v1/userinfo", link.accessToken()).statusCode()).isEqualTo(200);

        wire.simulator.change(Switch.REFRESH_KILLS_ACCESS_TOKEN, true);
        wire.refresh(link.refreshToken());

        assertThat(wire.get("/v1/userinfo", link.accessToken()).statusCode()).isEqualTo(401);
    }

    @Test
    void a_switch_hands_the_same_access_token_out_while_it_lasts() {
        wire.simulator.change(Switch.REFRESH_REUSES_ACCESS_TOKEN_SECONDS, 600);
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

        JsonNode early = json(wire.refresh(link.refreshToken()).body());
        wire.simulator.advanceClock(Duration.ofSeconds(1300));
        JsonNode late = json(wire.refresh(link.refreshToken()).body());

        assertThat(early.path("access_token").asText()).isEqualTo(link.accessToken());
        assertThat(late.path("access_token").asText()).isNotEqualTo(link.accessToken());
    }

    @Test
    void an_idle_refresh_token_can_expire() {
        wire.simulator.change(Switch.REFRESH_IDLE_SECONDS, 3600);
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

        wire.simulator.advanceClock(Duration.ofHours(1));

        assertOAuthError(wire.refresh(link.refreshToken()), 400, "invalid_grant");
    }

    @Test
    void authorizing_again_leaves_or_replaces_the_tokens_before() {
        GrantedTokens first = wire.simulator.grantServiceAccount("example.com");
        GrantedTokens second = wire.simulator.grantServiceAccount("example.com");
        assertThat(second.sub()).isEqualTo(first.sub());
        assertThat(wire.refresh(first.refreshToken()).statusCode()).isEqualTo(200);

        wire.simulator.change(Switch.REAUTHORIZATION, Choice.Reauthorization.REPLACE);
        wire.simulator.grantServiceAccount("example.com");

        assertOAuthError(wire.refresh(first.refreshToken()), 400, "invalid_grant");
    }

    private String code() {
        return Wire.code(wire.send("GET", Wire.authorize(), ""));
    }

    private static void assertOAuthError(HttpResponse<String> answer, int status, String error) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer.body()).path("error").asText()).isEqualTo(error);
    }
}
