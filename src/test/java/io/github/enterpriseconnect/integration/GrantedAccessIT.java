package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a customer has really granted, and how calendars stand at Cronofy: seen by administrators and applications. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrantedAccessIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String MIGRATION = "https://app.cronofy.com/enterprise_connect/authorizations";

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;

    GrantedAccessIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = newRealm(Map.of());
    }

    private ConnectedRealm newRealm(Map<String, ?> settings) {
        ConnectedRealm created =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(GrantedAccessIT.class), true);
        Map<String, Object> all = new HashMap<>(created.settings());
        all.putAll(settings);
        admin.put(created.api("settings"), all).expect(204);
        return created;
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    private static String address(String name) {
        return name + "@" + name + ".test";
    }

    /** A member of a new organization that is linked now; all of them are called the same. */
    private Member member(ConnectedRealm of, String name) {
        String organization = of.organization(name, name + ".test");
        of.link(organization, name + ".test");
        return of.member(organization, name, address(name));
    }

    private JsonNode link(Member member) {
        return member.realm().link(member.realm().organizationNamed(member.username()));
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asText).toList();
    }

    private static JsonNode token(Member member) {
        return member.token().expect(200).json();
    }

    @Test
    void less_than_was_asked_for_is_shown_at_the_link_asked_of_mailboxes_and_told_to_applications() {
        simulator.change(Switch.GRANTED_DELEGATED_SCOPE, "read_only");
        Member user = member(realm, "less");

        assertThat(link(user).get("delegatedScope").asText()).isEqualTo("read_only");
        assertThat(texts(link(user).get("missingScopes"))).containsExactly("create_event", "delete_event");

        user.connect();
        assertThat(cronofy.asks(address("less")).get(0).body()).contains("\"scope\":\"read_only\"");
        JsonNode token = token(user);
        assertThat(token.get("scope").asText()).isEqualTo("read_only");
        assertThat(token.get("missing_scopes").asText()).isEqualTo("create_event delete_event");
        assertThat(user.standing().get("scope").asText()).isEqualTo("read_only");
        assertThat(texts(user.standing().get("missingScopes"))).containsExactly("create_event", "delete_event");
    }

    @Test
    void all_that_was_asked_for_leaves_nothing_missing_however_it_is_written() {
        simulator.change(Switch.GRANTED_DELEGATED_SCOPE, "read_events create_event delete_event");
        simulator.change(Switch.TOKEN_SCOPE, Choice.ScopeForm.EXPANDED);
        Member user = member(realm, "all").connect();

        assertThat(cronofy.asks(address("all")).get(0).body())
                .contains("\"scope\":\"read_events create_event delete_event\"");
        assertThat(link(user).has("missingScopes")).isFalse();
        assertThat(token(user).has("missing_scopes")).isFalse();
        assertThat(user.standing().has("missingScopes")).isFalse();
    }

    @Test
    void a_mailbox_that_was_granted_less_without_a_word_is_shown_and_told() {
        simulator.change(Switch.GRANTED_SCOPES, Map.of(address("quiet"), "free_busy"));
        Member user = member(realm, "quiet").connect();

        assertThat(link(user).has("missingScopes")).isFalse();
        assertThat(token(user).get("missing_scopes").asText()).isEqualTo("create_event delete_event read_events");
    }

    @Test
    void status_provider_protocol_and_the_page_for_the_move_are_shown_and_decide_nothing() {
        simulator.change(Switch.AUTHORIZATION_STATUS, "on_hold");
        simulator.change(Switch.PROVIDER_PROTOCOL, "exchange_web_services");
        simulator.change(Switch.GRAPH_API_MIGRATION_URL, MIGRATION);
        Member user = member(realm, "protocol").connect();

        JsonNode account = link(user).get("account");
        assertThat(account.get("status").asText()).isEqualTo("on_hold");
        assertThat(account.get("providerName").asText()).isEqualTo("exchange");
        assertThat(account.get("providerProtocol").asText()).isEqualTo("exchange_web_services");
        assertThat(account.get("migrationUrl").asText()).isEqualTo(MIGRATION);
        assertThat(link(user).get("state").asText()).isEqualTo("active");
        assertThat(token(user).get("access_token").asText()).isNotEmpty();
    }

    @Test
    void a_page_that_is_not_cronofy_s_is_shown_to_nobody() {
        simulator.change(Switch.GRAPH_API_MIGRATION_URL, "https://cronofy.com.evil.example/move");
        Member user = member(realm, "evil");

        assertThat(link(user).get("account").has("migrationUrl")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Choice.ServiceAccountShape.class,
            names = {"FLAT", "FLAT_DOMAIN"})
    void a_service_account_that_is_described_flat_is_linked_by_its_domain(Choice.ServiceAccountShape shape) {
        simulator.change(Switch.SERVICE_ACCOUNT_USERINFO, shape);
        Member user = member(realm, "of-" + shape.written().replace('_', '-'));

        assertThat(link(user).get("state").asText()).isEqualTo("active");
        assertThat(link(user).get("delegatedScope").asText()).isEqualTo("read_write");
    }

    @ParameterizedTest
    @EnumSource(Choice.ScopeError.class)
    void busy_times_alone_are_refused_with_a_reason_of_their_own_where_the_policy_does_not_accept_them(
            Choice.ScopeError where) {
        String name = "no-busy-" + where.written().replace('_', '-');
        simulator.change(Switch.SCOPE_ERROR, where);
        simulator.change(Switch.FREE_BUSY_MAILBOXES, List.of(address(name)));
        Member user = member(realm, name);

        user.signIn();

        user.awaitState("refused");
        assertThat(user.standing().get("reason").asText()).isEqualTo("scope_not_granted");
        assertThat(user.standing().get("detail").asText()).contains("unable_to_grant_scope");
        assertThat(cronofy.asks(address(name))).hasSize(1);
        Answer refused = user.token().expect(404);
        assertThat(refused.json().get("error_description").asText()).isEqualTo("scope_not_granted");
    }

    @Test
    void busy_times_alone_are_asked_for_once_where_the_policy_accepts_them() {
        simulator.change(Switch.FREE_BUSY_MAILBOXES, List.of(address("busy")));
        Member user = member(realm, "busy");
        realm.setPolicy(realm.organizationNamed("busy"), Map.of("acceptFreeBusy", true));

        user.connect();

        assertThat(cronofy.asks(address("busy"))).hasSize(2);
        assertThat(cronofy.asks(address("busy")).get(1).body()).contains("\"scope\":\"free_busy\"");
        assertThat(texts(user.standing().get("missingScopes")))
                .containsExactly("create_event", "delete_event", "read_events");
        assertThat(token(user).get("scope").asText()).isEqualTo("free_busy");
        assertThat(user.standing().get("history").findValuesAsText("reason")).contains("scope_not_granted");
    }

    @Test
    void a_mailbox_that_permits_not_even_busy_times_is_asked_for_twice_and_no_more() {
        simulator.change(
                Switch.MAILBOX_ERRORS,
                Map.of(address("nothing"), new CallbackError("unable_to_grant_scope", null, "Not permitted")));
        Member user = member(realm, "nothing");
        realm.setPolicy(realm.organizationNamed("nothing"), Map.of("acceptFreeBusy", true));

        user.signIn();

        user.awaitState("refused");
        assertThat(user.standing().get("reason").asText()).isEqualTo("scope_not_granted");
        assertThat(cronofy.asks(address("nothing"))).hasSize(2);
    }

    @Test
    void whether_a_policy_accepts_busy_times_is_said_by_true_or_false() {
        Member user = member(realm, "policy");
        Answer wrong = admin.put(
                        realm.api("links/" + realm.organizationNamed("policy")),
                        Map.of("policy", Map.of("acceptFreeBusy", "yes")))
                .expect(400);

        assertThat(wrong.json().get("errorMessage").asText()).isEqualTo("acceptFreeBusy must be true or false.");
        assertThat(link(user).at("/policy/acceptFreeBusy").asBoolean(true)).isFalse();
    }

    @Test
    void what_comes_with_the_token_of_a_calendar_reaches_administrators_and_applications() {
        simulator.change(Switch.TOKEN_USERINFO, true);
        simulator.change(Switch.INITIAL_SYNC, List.of(address("syncing")));
        Member user = member(realm, "syncing").connect();

        JsonNode token = token(user);
        assertThat(token.get("profile_connected").asBoolean()).isTrue();
        assertThat(token.get("profile_initial_sync_required").asBoolean()).isTrue();
        assertThat(user.standing().get("profileInitialSyncRequired").asBoolean())
                .isTrue();
        assertThat(user.standing().has("profileSeenAt")).isTrue();
    }

    @Test
    void what_cronofy_does_not_say_is_absent() {
        Member user = member(realm, "unsaid").connect();

        assertThat(token(user).has("profile_connected")).isFalse();
        assertThat(token(user).has("profile_initial_sync_required")).isFalse();
        assertThat(user.standing().has("profileSeenAt")).isFalse();
        assertThat(simulator.requests("POST", "/v1/channels"))
                .noneMatch(request -> request.body().contains("/realms/" + realm.name() + "/"));
    }

    @Test
    void where_the_realm_wants_it_cronofy_tells_of_calendars_and_is_asked_what_has_become_of_them() {
        ConnectedRealm watching = newRealm(Map.of("watchProfiles", true, "signatureRequired", true));
        simulator.change(Switch.INITIAL_SYNC, List.of(address("watched")));
        Member user = member(watching, "watched").connect();
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        token(user).path("profile_initial_sync_required").asBoolean(false))
                .isTrue());

        simulator.change(Switch.INITIAL_SYNC, List.of());
        notify("watched", "profile_initial_sync_completed");
        assertThat(channels(watching)).hasSize(1);
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        token(user).path("profile_initial_sync_required").asBoolean(true))
                .isFalse());

        simulator.change(Switch.DISCONNECTED, List.of(address("watched")));
        notify("watched", "profile_disconnected");
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        token(user).get("profile_connected").asBoolean())
                .isFalse());
        assertThat(user.standing().get("profileConnected").asBoolean(true)).isFalse();
        assertThat(user.state()).isEqualTo("granted");

        URI channel = channels(watching).get(0);
        assertThat(cronofy.deliveries(channel)).extracting(Delivery::status).containsOnly(204);
        String body = "{\"notification\": {\"type\": \"profile_disconnected\"}}";
        assertThat(cronofy.callBack(channel, body).status()).isEqualTo(204);
        assertThat(cronofy.callBack(channel, body, "bm9uZQ==").status()).isEqualTo(404);
        assertThat(cronofy.callBack(channel, body, simulator.signature(body) + ",bm9uZQ==")
                        .status())
                .isEqualTo(204);
        assertThat(cronofy.callBack(channel, "x".repeat(16 * 1024 + 1)).status())
                .isEqualTo(413);
        URI forged = URI.create(channel.toString().replaceFirst("[^/]+$", "A".repeat(64)));
        assertThat(cronofy.callBack(forged, body).status()).isEqualTo(404);

        admin.delete(watching.api("users/" + user.id() + "/delegation")).expect(204);
        assertThat(cronofy.callBack(channel, body).status()).isEqualTo(404);
    }

    @Test
    void from_a_notification_on_nothing_is_said_of_a_calendar_until_somebody_has_looked() {
        ConnectedRealm watching = newRealm(Map.of("watchProfiles", true));
        Member user = member(watching, "doubted").connect();
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        token(user).path("profile_connected").asBoolean(false))
                .isTrue());

        int nobodyLooks = simulator.addFault(
                Fault.on("GET", "/v1/userinfo").status(503).times(0).build());
        simulator.change(Switch.DISCONNECTED, List.of(address("doubted")));
        notify("doubted", "profile_disconnected");
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        cronofy.deliveries(channels(watching).get(0)))
                .last()
                .satisfies(delivery -> assertThat(delivery.body()).contains("profile_disconnected"))
                .extracting(Delivery::status)
                .isEqualTo(204));
        assertThat(token(user).has("profile_connected")).isFalse();
        assertThat(user.standing().has("profileSeenAt")).isFalse();
        simulator.clearFault(nobodyLooks);

        await().atMost(LONG).untilAsserted(() -> assertThat(
                        token(user).path("profile_connected").asBoolean(true))
                .isFalse());
        assertThat(user.state()).isEqualTo("granted");
    }

    private String sub(String name) {
        return cronofy.grant(address(name)).orElseThrow().get("sub").asText();
    }

    private void notify(String name, String type) {
        assertThat(simulator.sendNotification(sub(name), type)).hasValue(1);
    }

    /** Where the notifications of this realm's members go, in the order in which they were asked for. */
    private List<URI> channels(ConnectedRealm of) {
        return simulator.requests("POST", "/v1/channels").stream()
                .map(request -> String.valueOf(request.parameter("callback_url")))
                .filter(url -> url.contains("/realms/" + of.name() + "/"))
                .distinct()
                .map(URI::create)
                .toList();
    }
}
