package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.entry;
import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract section 3. */
class DelegatedAccessTest {
    private static final String PATH = "/v1/service_account_authorizations";

    private final Wire wire = new Wire();
    private final Receiver receiver = new Receiver();
    private final GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

    @AfterEach
    void stop() {
        receiver.close();
        wire.close();
    }

    @Test
    void a_single_request_is_accepted_and_answered_by_callback() {
        HttpResponse<String> accepted = ask(entry("joe@example.com", receiver.url(), "read_write"));

        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(accepted.body()).isEmpty();
        Receiver.Call call = receiver.take();
        assertThat(call.method()).isEqualTo("POST");
        assertThat(call.uri()).isEqualTo("/callback?ticket=a%2Fb");
        assertThat(call.contentType()).isEqualTo("application/json; charset=utf-8");
        assertThat(call.authorization().path("code").asText()).matches("[A-Za-z0-9_-]{32}");
        assertThat(call.authorization().path("state").asText()).isEqualTo("state of joe@example.com");
        assertThat(call.authorization().has("error")).isFalse();
    }

    @Test
    void every_entry_of_a_batch_has_its_own_callback() {
        String entries = IntStream.rangeClosed(1, 50)
                .mapToObj(i -> entry("user" + i + "@example.com", receiver.url(), "read_write"))
                .collect(Collectors.joining(","));

        assertThat(ask("{\"service_account_authorizations\": [" + entries + "]}")
                        .statusCode())
                .isEqualTo(202);
        Set<String> states = IntStream.rangeClosed(1, 50)
                .mapToObj(i -> receiver.take().authorization().path("state").asText())
                .collect(Collectors.toSet());

        assertThat(states).hasSize(50);
    }

    @ParameterizedTest
    @CsvSource({
        "BOTH, unable_to_grant_scope, unable_to_grant_scope",
        "ERROR, unable_to_grant_scope, ''",
        "ERROR_KEY, access_denied, unable_to_grant_scope"
    })
    void that_a_scope_cannot_be_granted_stands_where_the_switch_says(
            Choice.ScopeError where, String error, String errorKey) {
        wire.simulator.change(Switch.SCOPE_ERROR, where);
        wire.simulator.change(Switch.FREE_BUSY_MAILBOXES, List.of("joe@example.com"));

        ask(entry("joe@example.com", receiver.url(), "read_write"));

        JsonNode refusal = receiver.take().authorization();
        assertThat(refusal.path("error").asText()).isEqualTo(error);
        assertThat(refusal.path("error_key").asText()).isEqualTo(errorKey);
    }

    @Test
    void a_mailbox_may_be_granted_less_than_was_asked_for() {
        wire.simulator.change(Switch.GRANTED_SCOPES, Map.of("joe@example.com", "free_busy"));

        assertThat(wire.delegate(link.accessToken(), "joe@example.com", "read_write")
                        .path("scope")
                        .asText())
                .isEqualTo("free_busy");
        assertThat(wire.delegate(link.accessToken(), "jane@example.com", "read_write")
                        .path("scope")
                        .asText())
                .isEqualTo("read_write");
    }

    @Test
    void the_answer_to_a_code_may_tell_how_the_profile_stands() {
        assertThat(wire.delegate(link.accessToken(), "joe@example.com", "read_write")
                        .path("linking_profile")
                        .has("profile_connected"))
                .isFalse();

        wire.simulator.change(Switch.TOKEN_PROFILE_STATE, true);
        wire.simulator.change(Switch.INITIAL_SYNC, List.of("joe@example.com"));
        JsonNode profile = wire.delegate(link.accessToken(), "joe@example.com", "read_write")
                .path("linking_profile");
        assertThat(profile.path("profile_connected").asBoolean()).isTrue();
        assertThat(profile.path("profile_initial_sync_required").asBoolean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 51})
    void a_batch_holds_one_to_fifty_entries(int size) {
        String entries = IntStream.range(0, size)
                .mapToObj(i -> entry("user" + i + "@example.com", receiver.url(), "read_write"))
                .collect(Collectors.joining(","));

        HttpResponse<String> answer = ask("{\"service_account_authorizations\": [" + entries + "]}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(json(answer.body())
                        .at("/errors/service_account_authorizations/0/key")
                        .asText())
                .isEqualTo("errors.invalid_length");
    }

    @Test
    void a_missing_member_is_named_in_the_documented_shape() {
        HttpResponse<String> answer = ask("{\"email\": \"joe@example.com\", \"scope\": \"read_write\"}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"errors\":{\"callback_url\":[{\"key\":\"errors.required\",\"description\":\"required\"}]}}");
    }

    @Test
    void one_bad_entry_stops_the_whole_batch() {
        String good = entry("joe@example.com", receiver.url(), "read_write");

        HttpResponse<String> answer = ask("{\"service_account_authorizations\": [" + good + ", {}]}");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(wire.simulator.deliveries()).isEmpty();
    }

    @Test
    void single_and_collection_members_do_not_mix_but_a_stray_state_is_tolerated() {
        String good = entry("joe@example.com", receiver.url(), "read_write");
        String batch = "\"service_account_authorizations\": [" + good + "]";

        assertThat(ask("{\"scope\": \"read_write\", " + batch + "}").statusCode())
                .isEqualTo(422);
        assertThat(ask("{\"state\": \"stray\", " + batch + "}").statusCode()).isEqualTo(202);
        assertThat(receiver.take().authorization().path("state").asText()).isEqualTo("state of joe@example.com");
    }

    @Test
    void a_scope_that_is_an_array_is_refused() {
        String body = entry("joe@example.com", receiver.url(), "x").replace("\"x\"", "[\"read_write\"]");

        assertThat(ask(body).statusCode()).isEqualTo(422);
    }

    @Test
    void a_state_beside_the_collection_comes_back_with_each_entry_that_has_none() {
        String mine = entry("jane@example.com", receiver.url(), "read_write");
        String none = "{\"email\": \"joe@example.com\", \"callback_url\": \"" + receiver.url()
                + "\", \"scope\": \"read_write\"}";
        wire.simulator.change(Switch.CALLBACK_ORDER, Choice.Order.IN_ORDER);
        String batch = "{\"state\": \"common\", \"service_account_authorizations\": [" + none + ", " + mine + "]}";

        ask(batch);

        assertThat(state()).isEqualTo("common");
        assertThat(state()).isEqualTo("state of jane@example.com");

        wire.simulator.change(Switch.BULK_STATE, Choice.BulkState.IGNORED);
        ask(batch);

        assertThat(receiver.take().authorization().has("state")).isFalse();
        assertThat(state()).isEqualTo("state of jane@example.com");
    }

    private String state() {
        return receiver.take().authorization().path("state").asText();
    }

    @Test
    void a_state_beside_the_collection_may_be_refused() {
        String batch =
                "\"service_account_authorizations\": [" + entry("joe@example.com", receiver.url(), "read_write") + "]}";
        assertThat(ask("{\"state\": 1, " + batch).statusCode()).isEqualTo(422);

        wire.simulator.change(Switch.BULK_STATE, Choice.BulkState.UNPROCESSABLE);

        assertThat(ask("{\"state\": \"common\", " + batch).statusCode()).isEqualTo(422);
        assertThat(ask("{" + batch).statusCode()).isEqualTo(202);
    }

    @Test
    void a_null_state_is_no_state() {
        ask("{\"email\":\"joe@example.com\",\"callback_url\":\"" + receiver.url()
                + "\",\"scope\":\"read_write\",\"state\":null}");

        assertThat(receiver.take().authorization().has("state")).isFalse();
    }

    @Test
    void a_mailbox_twice_in_one_batch_is_refused_unless_switched() {
        String twice = entry("joe@example.com", receiver.url(), "read_write");
        String batch = "{\"service_account_authorizations\": [" + twice + "," + twice + "]}";
        assertThat(ask(batch).statusCode()).isEqualTo(422);

        wire.simulator.change(Switch.DUPLICATE_MAILBOX, Choice.Refusal.NONE);

        assertThat(ask(batch).statusCode()).isEqualTo(202);
        assertThat(receiver.take().body()).isNotEqualTo(receiver.take().body());
    }

    @ParameterizedTest
    @CsvSource({
        "joe@elsewhere.test, read_write, access_denied",
        "joe@example.com, event_reminders, unable_to_grant_scope"
    })
    void what_cannot_be_granted_is_refused_by_callback(String mailbox, String scope, String error) {
        assertThat(ask(entry(mailbox, receiver.url(), scope)).statusCode()).isEqualTo(202);

        JsonNode authorization = receiver.take().authorization();
        assertThat(authorization.path("error").asText()).isEqualTo(error);
        assertThat(authorization.path("error_key").asText()).isNotEmpty();
        assertThat(authorization.path("error_description").asText()).isNotEmpty();
        assertThat(authorization.path("state").asText()).isEqualTo("state of " + mailbox);
        assertThat(authorization.has("code")).isFalse();
    }

    @Test
    void switches_refuse_at_once_what_usually_comes_by_callback() {
        wire.simulator.change(Switch.SCOPE_BEYOND_GRANTED, Choice.Refusal.FORBIDDEN);
        wire.simulator.change(Switch.FOREIGN_MAILBOX, Choice.Refusal.UNPROCESSABLE);

        assertThat(ask(entry("joe@example.com", receiver.url(), "event_reminders"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(ask(entry("joe@elsewhere.test", receiver.url(), "read_write"))
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void a_free_busy_mailbox_grants_free_busy_alone() {
        wire.simulator.change(Switch.FREE_BUSY_MAILBOXES, List.of("joe@example.com"));

        ask(entry("joe@example.com", receiver.url(), "read_events"));
        assertThat(receiver.take().authorization().path("error").asText()).isEqualTo("unable_to_grant_scope");
        ask(entry("joe@example.com", receiver.url(), "free_busy"));
        assertThat(receiver.take().authorization().has("code")).isTrue();
    }

    @Test
    void an_error_can_be_set_for_a_mailbox_and_its_state_left_out() {
        wire.simulator.change(
                Switch.MAILBOX_ERRORS, Map.of("joe@example.com", new CallbackError("server_error", null, null)));
        wire.simulator.change(Switch.CALLBACK_ERROR_STATE, false);

        ask(entry("joe@example.com", receiver.url(), "read_write"));

        assertThat(receiver.take().body()).isEqualTo("{\"authorization\":{\"error\":\"server_error\"}}");
    }

    @Test
    void the_code_of_a_wrong_mailbox_belongs_to_another() {
        wire.simulator.change(Switch.WRONG_MAILBOXES, Map.of("joe@example.com", "jane@example.com"));

        JsonNode tokens = wire.delegate(link.accessToken(), "joe@example.com", "read_write");

        assertThat(tokens.at("/linking_profile/profile_name").asText()).isEqualTo("jane@example.com");
    }

    @ParameterizedTest
    @CsvSource({
        "address, joe@example.com",
        "principal, j.doe@corp.example",
        "other, calendar-of-joe@example.com",
    })
    void a_profile_is_called_as_the_switch_says_and_is_one_account_by_both_names(String profileName, String expected) {
        wire.simulator.change(Switch.PRINCIPAL_NAMES, Map.of("joe@example.com", "j.doe@corp.example"));
        wire.simulator.change(Switch.PROFILE_NAME, Choice.ProfileName.valueOf(profileName.toUpperCase(Locale.ROOT)));

        JsonNode byAddress = wire.delegate(link.accessToken(), "joe@example.com", "read_write");
        JsonNode byPrincipal = wire.delegate(link.accessToken(), "J.Doe@corp.example", "read_write");

        assertThat(byAddress.at("/linking_profile/profile_name").asText()).isEqualTo(expected);
        assertThat(byPrincipal.at("/linking_profile/profile_name").asText()).isEqualTo(expected);
        assertThat(byPrincipal.path("sub")).isEqualTo(byAddress.path("sub"));
    }

    @ParameterizedTest
    @CsvSource({
        "EITHER, joe@example.com, true",
        "EITHER, joe@corp.example, true",
        "ADDRESS, joe@example.com, true",
        "ADDRESS, joe@corp.example, false",
        "PRINCIPAL, joe@example.com, false",
        "PRINCIPAL, joe@corp.example, true",
    })
    void a_mailbox_is_asked_for_by_the_name_that_the_switch_wants(
            Choice.AskedName wanted, String asked, boolean granted) {
        wire.simulator.change(Switch.PRINCIPAL_DOMAIN, "corp.example");
        wire.simulator.change(Switch.ASKED_NAME, wanted);

        ask(entry(asked, receiver.url(), "read_write"));

        assertThat(receiver.take().authorization().has("code")).isEqualTo(granted);
    }

    @Test
    void the_token_decides_who_may_ask() {
        String body = entry("joe@example.com", receiver.url(), "read_write");
        GrantedTokens user = wire.simulator.grantMailbox("joe@example.com");

        HttpResponse<String> unknown = wire.post(PATH, "unknown", body);
        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(unknown.headers().firstValue("www-authenticate")).hasValue("Bearer realm=\"Cronofy\"");
        assertThat(unknown.body()).isEmpty();
        assertThat(wire.post(PATH, user.accessToken(), body).statusCode()).isEqualTo(403);
    }

    @Test
    void a_resource_needs_the_scope_for_resources() {
        String room = entry("room1@example.com", receiver.url(), "read_write");
        assertThat(ask(room).statusCode()).isEqualTo(202);

        wire.simulator.change(Switch.AUTHORIZE, Choice.Consent.APPROVE);
        String code = Wire.code(wire.send("GET", Wire.authorize(), ""));
        wire.exchange(code, Wire.REDIRECT);

        assertThat(ask(room).statusCode()).isEqualTo(403);
    }

    @Test
    void a_plan_without_the_feature_is_told_so() {
        wire.simulator.change(Switch.ENTERPRISE_CONNECT, false);

        assertThat(ask(entry("joe@example.com", receiver.url(), "read_write")).statusCode())
                .isEqualTo(402);
    }

    @Test
    void a_service_account_that_is_gone_when_the_callback_is_due_refuses() {
        wire.simulator.change(Switch.CALLBACK_DELAY_MILLIS, 200);
        ask(entry("joe@example.com", receiver.url(), "read_write"));

        wire.simulator.revokeBySub(link.sub());

        assertThat(receiver.take().authorization().path("error_key").asText())
                .isEqualTo("errors.service_account_unauthorized");
    }

    private HttpResponse<String> ask(String body) {
        return wire.post(PATH, link.accessToken(), body);
    }
}
