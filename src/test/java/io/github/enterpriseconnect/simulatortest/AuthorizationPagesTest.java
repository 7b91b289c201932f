package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.REDIRECT;
import static io.github.enterpriseconnect.simulatortest.Wire.authorize;
import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static io.github.enterpriseconnect.simulatortest.Wire.redirected;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract section 1. */
class AuthorizationPagesTest {
    private final Wire wire = new Wire();

    @AfterEach
    void stop() {
        wire.close();
    }

    @Test
    void the_page_lists_what_is_asked_for_and_offers_both_decisions() {
        HttpResponse<String> page = wire.send("GET", authorize(), "");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.body())
                .contains("service_account/accounts/manage", "read_write", "value=\"approve\"", "value=\"decline\"")
                .contains("name=\"domain\" value=\"example.com\"", "<label for=\"domain\">", "lang=\"en\"");
    }

    @Test
    void approving_brings_a_code_and_the_unaltered_state_back() {
        HttpResponse<String> answer = decide("decision=approve&domain=Acme.Test");

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("location").orElseThrow()).startsWith(REDIRECT + "&code=");
        Map<String, String> back = redirected(answer);
        assertThat(back.get("code")).matches("[A-Za-z0-9_-]{32}");
        assertThat(back).containsEntry("state", "s&t=1").doesNotContainKey("error");
    }

    @Test
    void the_approved_domain_and_address_are_those_of_the_service_account() {
        String code = Wire.code(decide("decision=approve&domain=Acme.Test&email=ACME%5Csvc"));
        JsonNode tokens = json(wire.exchange(code, REDIRECT).body());

        JsonNode info = json(
                wire.get("/v1/userinfo", tokens.path("access_token").asText()).body());

        assertThat(info.at("/cronofy.data/service_account/domain").asText()).isEqualTo("acme.test");
        assertThat(info.path("email").asText()).isEqualTo("ACME\\svc");
    }

    @Test
    void an_administrator_may_grant_less_than_is_asked_for() {
        wire.simulator.change(Switch.GRANTED_DELEGATED_SCOPE, "read_only");

        JsonNode tokens = json(wire.exchange(Wire.code(decide("decision=approve&domain=acme.test")), Wire.REDIRECT)
                .body());
        JsonNode info = json(
                wire.get("/v1/userinfo", tokens.path("access_token").asText()).body());

        assertThat(info.at("/cronofy.data/authorization/delegated_scope").asText())
                .isEqualTo("read_only");
    }

    @Test
    void declining_brings_access_denied_back() {
        Map<String, String> back = redirected(decide("decision=decline&domain=acme.test"));

        assertThat(back).containsEntry("error", "access_denied").containsEntry("state", "s&t=1");
        assertThat(back).doesNotContainKey("code");
    }

    @Test
    void without_a_state_none_comes_back() {
        wire.simulator.change(Switch.AUTHORIZE, Choice.Consent.APPROVE);

        assertThat(redirected(wire.send("GET", authorize("state", ""), ""))).doesNotContainKey("state");
    }

    @ParameterizedTest
    @CsvSource({
        "response_type, token, unsupported_response_type",
        "response_type, '', invalid_request",
        "scope, '', invalid_request",
        "delegated_scope, '', invalid_request",
        "scope, read_write, invalid_scope",
        "delegated_scope, 'read_events,create_event', invalid_scope"
    })
    void what_the_application_asked_wrongly_is_told_to_it(String parameter, String value, String error) {
        HttpResponse<String> answer = wire.send("GET", authorize(parameter, value), "");

        assertThat(redirected(answer)).containsEntry("error", error).containsEntry("state", "s&t=1");
    }

    @ParameterizedTest
    @CsvSource({
        "client_id, <script>",
        "client_id, ''",
        "redirect_uri, ''",
        "redirect_uri, /relative",
        "redirect_uri, javascript:alert(1)",
        "redirect_uri, https://a.test/#fragment"
    })
    void an_application_that_cannot_be_trusted_is_not_redirected_to(String parameter, String value) {
        HttpResponse<String> answer = wire.send("GET", authorize(parameter, value), "");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("location")).isEmpty();
        assertThat(answer.body()).contains("<h1>").doesNotContain("<script>");
    }

    @Test
    void everything_from_outside_is_escaped() {
        HttpResponse<String> page = wire.send("GET", authorize("state", "\"><script>alert('x')</script>&"), "");

        assertThat(page.body())
                .doesNotContain("<script>")
                .contains("value=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\"");
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PAGE", "APPROVE", "DECLINE"},
            mode = EnumSource.Mode.EXCLUDE)
    void a_switch_answers_any_error_of_the_rfc(Choice.Consent error) {
        wire.simulator.change(Switch.AUTHORIZE, error);
        wire.simulator.change(Switch.AUTHORIZE_ERROR_DESCRIPTION, "so be it");

        assertThat(redirected(wire.send("GET", authorize(), "")))
                .containsEntry("error", error.name().toLowerCase(Locale.ROOT))
                .containsEntry("error_description", "so be it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://app.example.com/back", "https://app.example.com.evil.test/back"})
    void a_registered_wildcard_stands_for_the_subdomain_only(String redirectUri) {
        wire.simulator.change(Switch.REDIRECT_URIS, List.of("https://*.example.com/back"));

        HttpResponse<String> answer = wire.send("GET", authorize("redirect_uri", redirectUri), "");

        assertThat(answer.statusCode()).isEqualTo(redirectUri.contains("evil") ? 400 : 200);
    }

    @Test
    void legacy_path_and_scopes_are_still_taken() {
        String old = authorize("scope", "service_account/manage_accounts")
                .replace("/enterprise_connect/", "/service_accounts/");

        assertThat(wire.send("GET", old, "").body()).contains("service_account/accounts/manage");
    }

    @Test
    void verification_is_accepted_from_whoever_has_the_secret() {
        String body = "{\"redirect_uris\":[\"https://example.com/back\"]}";

        assertThat(wire.post("/v1/application_verification", Wire.SECRET, body).statusCode())
                .isEqualTo(202);
        assertThat(wire.post("/v1/application_verification", "wrong", body).statusCode())
                .isEqualTo(401);
    }

    /** The form as a browser sends it: to the same URL, which keeps the query. */
    private HttpResponse<String> decide(String form) {
        return wire.send("POST", authorize(), form, "Content-Type", "application/x-www-form-urlencoded");
    }
}
