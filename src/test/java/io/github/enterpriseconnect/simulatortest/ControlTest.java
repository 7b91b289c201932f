package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The control API, and what the same verbs do in process. */
class ControlTest {
    private final Wire wire = new Wire();

    @AfterEach
    void stop() {
        wire.close();
    }

    @Test
    void the_log_holds_what_came_and_nothing_of_the_control_api() {
        wire.oauth("/oauth/token?x=1", "grant_type", "refresh_token", "refresh_token", "r&r");
        control("GET", "clock", "");

        JsonNode logged = json(control("GET", "requests?method=post&path=/oauth", "")
                        .body())
                .path("requests");
        ReceivedRequest request =
                wire.simulator.requests("POST", "/oauth/token").get(0);

        assertThat(logged).hasSize(1);
        assertThat(logged.at("/0/status").asInt()).isEqualTo(400);
        assertThat(logged.at("/0/headers/content-type").asText()).isEqualTo("application/x-www-form-urlencoded");
        assertThat(wire.simulator.requests()).containsExactly(request);
        assertThat(request.parameter("refresh_token")).isEqualTo("r&r");
        assertThat(request.parameter("x")).isEqualTo("1");
        assertThat(request.parameter("y")).isNull();
        assertThat(control("DELETE", "requests", "").statusCode()).isEqualTo(204);
        assertThat(wire.simulator.requests()).isEmpty();
    }

    @Test
    void switches_are_merged_and_null_brings_the_default_back() {
        wire.simulator.change(Switch.CODE_SECONDS, 5);

        HttpResponse<String> answer = control("PATCH", "switches", """
                {"refresh": "rotate_and_invalidate", "codeSeconds": null, "disconnected": ["*"],
                 "mailboxErrors": {"a@b.c": {"error": "access_denied"}}, "wrongMailboxes": {"a@b.c": "d@b.c"}}""");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(control("GET", "switches", "").body())).isEqualTo(json(answer.body()));
        assertThat(json(answer.body()).path("refresh").asText()).isEqualTo("rotate_and_invalidate");
        assertThat(wire.simulator.value(Switch.REFRESH)).isEqualTo(Choice.Refresh.ROTATE_AND_INVALIDATE);
        assertThat(wire.simulator.value(Switch.CODE_SECONDS)).isEqualTo(600);
        assertThat(wire.simulator.value(Switch.DISCONNECTED)).isEqualTo(List.of("*"));
        assertThat(wire.simulator.value(Switch.WRONG_MAILBOXES)).isEqualTo(Map.of("a@b.c", "d@b.c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PATCH | switches | {\"refresh\": \"never\"} | one of keep, rotate, rotate_and_invalidate",
                "PATCH | switches | {\"codeSeconds\": \"1\"} | a whole number from 0",
                "PATCH | switches | {\"rateLimit\": 1} | true or false",
                "PATCH | switches | {\"redirectUris\": \"x\"} | an array of strings",
                "PATCH | switches | {\"mailboxErrors\": {\"a\": 1}} | an object by mailbox",
                "PATCH | switches | {\"nonsense\": 1} | there is no switch nonsense: write one of authorize",
                "PATCH | switches | [1] | no JSON object",
                "POST | faults | {\"path\": \"/v1\"} | at least one of status",
                "POST | faults | {\"pth\": \"/v1\"} | write one of method, path",
                "POST | faults | {\"path\": \"v1\", \"status\": 500} | what the path begins with",
                "POST | faults | {\"path\": \"/v1\", \"drop\": 1} | drop: write true or false instead of 1",
                "POST | faults | {\"path\": \"/v1\", \"status\": \"x\"} | status: write a whole number",
                "DELETE | faults/9 | '' | there is no fault 9",
                "POST | clock | {\"advanceSeconds\": -1} | whole number from 0",
                "POST | revocations | {\"sub\": \"acc_x\"} | write a sub from GET state",
                "POST | revocations | {} | write {\"sub\"",
                "POST | grants | {} | write {\"domain\"",
            })
    void a_wrong_value_is_answered_by_what_to_write_instead(String method, String path, String body, String message) {
        HttpResponse<String> answer = control(method, path, body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer.body()).path("message").asText()).contains(message);
        assertThat(wire.simulator.value(Switch.REFRESH)).isEqualTo(Choice.Refresh.KEEP);
    }

    @Test
    void a_wrong_value_is_refused_in_process_too() {
        assertThatThrownBy(() -> wire.simulator.change(Switch.INVALID_CLIENT_STATUS, 403))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write 400 or 401");
    }

    @Test
    void a_fault_is_set_listed_and_cleared() {
        String fault = "{\"method\":\"GET\",\"path\":\"/v1/account\",\"status\":410,\"body\":{\"a\":1},\"times\":3}";
        HttpResponse<String> added = control("POST", "faults", fault);
        HttpResponse<String> met = wire.get("/v1/account", "x");

        JsonNode listed = json(control("GET", "faults", "").body()).at("/faults/0");

        assertThat(added.statusCode()).isEqualTo(201);
        assertThat(met.statusCode()).isEqualTo(410);
        assertThat(met.body()).isEqualTo("{\"a\":1}");
        assertThat(listed.path("id")).isEqualTo(json(added.body()).path("id"));
        assertThat(listed.path("met").asInt()).isEqualTo(1);
        assertThat(control("DELETE", "faults/" + listed.path("id").asInt(), "").statusCode())
                .isEqualTo(204);
        assertThat(wire.get("/v1/account", "x").statusCode()).isEqualTo(401);
    }

    @Test
    void the_clock_goes_forward() {
        JsonNode tokens =
                json(control("POST", "grants", "{\"domain\": \"acme.test\"}").body());
        String token = tokens.path("access_token").asText();
        assertThat(wire.get("/v1/userinfo", token).statusCode()).isEqualTo(200);

        JsonNode clock =
                json(control("POST", "clock", "{\"advanceSeconds\": 1800}").body());

        assertThat(clock.path("aheadSeconds").asInt()).isEqualTo(1800);
        assertThat(wire.get("/v1/userinfo", token).statusCode()).isEqualTo(401);
    }

    @Test
    void the_state_tells_who_authorized_what_without_secrets() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
        JsonNode joe = wire.delegate(link.accessToken(), "joe@example.com", "read_write");

        String state = control("GET", "state", "").body();

        assertThat(state)
                .doesNotContain(link.accessToken(), link.refreshToken())
                .doesNotContain(joe.path("access_token").asText(), Wire.SECRET);
        JsonNode grants = json(state).path("grants");
        assertThat(grants.at("/0/kind").asText()).isEqualTo("service_account");
        assertThat(grants.at("/0/domain").asText()).isEqualTo("example.com");
        assertThat(grants.at("/1/mailbox").asText()).isEqualTo("joe@example.com");
        assertThat(grants.at("/1/parent").asText()).isEqualTo(link.sub());
        assertThat(grants.at("/1/live").asBoolean()).isTrue();
    }

    @Test
    void the_customer_withdraws_at_his_side() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

        assertThat(control("POST", "revocations", "{\"sub\": \"" + link.sub() + "\"}")
                        .statusCode())
                .isEqualTo(204);

        assertThat(wire.simulator.isLive(link.sub())).isFalse();
        assertThat(wire.refresh(link.refreshToken()).statusCode()).isEqualTo(400);
    }

    @Test
    void all_access_tokens_can_be_made_to_expire_at_once() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

        control("POST", "expirations", "");

        assertThat(wire.get("/v1/userinfo", link.accessToken()).statusCode()).isEqualTo(401);
        assertThat(wire.refresh(link.refreshToken()).statusCode()).isEqualTo(200);
    }

    @Test
    void a_notification_goes_to_the_accounts_channels() {
        GrantedTokens joe = wire.simulator.grantMailbox("joe@example.com");
        try (Receiver receiver = new Receiver()) {
            wire.post("/v1/channels", joe.accessToken(), "{\"callback_url\":\"" + receiver.url() + "\"}");
            receiver.take();

            HttpResponse<String> sent = control(
                    "POST", "notifications", "{\"sub\":\"" + joe.sub() + "\",\"type\":\"profile_disconnected\"}");

            assertThat(json(sent.body()).path("channels").asInt()).isEqualTo(1);
            assertThat(receiver.take().body()).contains("\"type\":\"profile_disconnected\"");
        }
        await().atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(
                        json(control("GET", "callbacks", "").body()).path("callbacks"))
                .hasSize(2));
    }

    @Test
    void a_reset_forgets_everything() {
        GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
        control("POST", "applications", "{\"clientId\": \"other\", \"clientSecret\": \"s\"}");
        control("POST", "clock", "{\"advanceSeconds\": 60}");
        control("PATCH", "switches", "{\"rateLimit\": true}");
        wire.get("/v1/userinfo", link.accessToken());

        assertThat(control("POST", "reset", "").statusCode()).isEqualTo(204);

        assertThat(wire.simulator.requests()).isEmpty();
        assertThat(wire.simulator.liveSubs()).isEmpty();
        assertThat(wire.simulator.value(Switch.RATE_LIMIT)).isFalse();
        assertThat(json(control("GET", "clock", "").body()).path("aheadSeconds").asInt())
                .isZero();
        assertThat(json(wire.form("/oauth/token", "other", "s", "grant_type", "refresh_token", "refresh_token", "x")
                                .body())
                        .path("error")
                        .asText())
                .isEqualTo("invalid_client");
    }

    @Test
    void what_is_not_there_is_not_found() {
        assertThat(control("GET", "nonsense", "").statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> control(String method, String path, String body) {
        return wire.send(method, "/_simulator/" + path, body);
    }
}
