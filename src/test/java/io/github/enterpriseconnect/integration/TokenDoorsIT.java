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
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How the doors for tokens are used, the right to ask for somebody who is away, and what is left of each use. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenDoorsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<String, String> NO_HEADERS = Map.of();

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final ConnectedRealm realm;
    private final Applications applications;
    private String organization = "";
    private String maria = "";
    private Application backend = Application.without(URI.create("http://127.0.0.1"), "none");

    TokenDoorsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(TokenDoorsIT.class), true);
        this.applications = new Applications(server, admin, realm, "maria");
    }

    @BeforeAll
    void delegateMaria() {
        organization = realm.organization("doors", "doors.test");
        realm.link(organization, "doors.test");
        maria = realm.member(organization, "maria", "maria@doors.test")
                .connect()
                .id();
        applications.list(Map.of("clientId", "backend", "rights", List.of("offline")));
        backend = applications.create("backend", Map.of(), Map.of());
    }

    private Answer absent(Application application, String user) {
        return application.post(TokenDoor.OWN.uri(application), Map.of("user", user), NO_HEADERS);
    }

    private static void assertRefused(Answer answer, int status, String error) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("error").asText()).isEqualTo(error);
        assertThat(answer.json().get("error_description").asText()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({
        "requested_subject, maria",
        "subject_issuer, other",
        "actor_token, abc",
        "actor_token_type, urn:ietf:params:oauth:token-type:access_token",
        "audience, calendar-app",
        "resource, https://api.cronofy.com",
        "rejected_token, abc",
        "subject_token_type, urn:ietf:params:oauth:token-type:id_token",
        "subject_token_type, ''",
        "subject_token, ''",
        "requested_token_type, urn:ietf:params:oauth:token-type:refresh_token"
    })
    void an_exchange_with_what_is_not_supported_says_so(String parameter, String value) {
        Application app = applications.calendarApp();
        Map<String, String> form = new HashMap<>(TokenDoor.EXCHANGE.form(applications.token(app)));
        form.put(parameter, value);

        Answer answer = app.post(app.tokenEndpoint(), form, NO_HEADERS);

        assertRefused(answer, 400, "invalid_request");
        assertThat(answer.json().get("error_description").asText()).contains(parameter);
    }

    @Test
    void an_exchange_takes_the_optional_parameters_that_libraries_send() {
        Application app = applications.calendarApp();
        Map<String, String> form = new HashMap<>(TokenDoor.EXCHANGE.form(applications.token(app)));
        form.put("scope", "read_write");
        form.put("requested_token_type", TokenDoor.ACCESS_TOKEN);

        Answer answer = app.post(app.tokenEndpoint(), form, NO_HEADERS);

        assertThat(answer.expect(200).json().get("scope").asText()).isEqualTo("read_write");
    }

    @ParameterizedTest
    @EnumSource(TokenDoor.class)
    void a_token_that_permits_more_than_the_application_asks_for_is_not_given(TokenDoor door) {
        Application app = applications.calendarApp();
        Map<String, String> form = new HashMap<>(door.form(applications.token(app)));
        form.put("scope", "read_write create_calendar");

        Answer enough = app.post(door.uri(app), form, NO_HEADERS);
        form.put("scope", "free_busy");
        Answer less = app.post(door.uri(app), form, NO_HEADERS);

        assertThat(enough.expect(200).json().get("scope").asText()).isEqualTo("read_write");
        assertRefused(less, 400, "invalid_scope");
    }

    /** The codes and the time to wait are the same at both; the status is not. */
    @Test
    void a_delegation_on_its_way_says_at_both_doors_when_to_ask_again() {
        Member pending = realm.member(organization, "pia", "pia@doors.test");
        simulator.change(Switch.CALLBACK_DROPPED, List.of("pia@doors.test"));

        assertComesBack(pending, 409, "delegation_pending");
    }

    @Test
    void a_token_that_cannot_be_refreshed_now_says_at_both_doors_when_to_ask_again() {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Member rosa = realm.member(organization, "rosa", "rosa@doors.test").connect();
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        rosa.awaitAge(Duration.ofSeconds(1));
        simulator.addFault(AtCronofy.onToken("\"grant_type\":\"refresh_token\"")
                .status(503)
                .build());
        try {
            assertComesBack(rosa, 503, "temporarily_unavailable");
        } finally {
            simulator.clearFaults();
        }
    }

    private void assertComesBack(Member member, int status, String error) {
        Application app = applications.calendarApp();
        String token = app.signIn(member.username(), ConnectedRealm.PASSWORD, "openid", NO_HEADERS)
                .accessToken();
        for (TokenDoor door : TokenDoor.values()) {
            Answer answer = door.ask(app, token, NO_HEADERS);

            assertRefused(answer, door == TokenDoor.OWN ? status : 400, error);
            assertThat(Integer.parseInt(
                            answer.headers().firstValue("Retry-After").orElse("0")))
                    .as(answer.text())
                    .isPositive();
        }
    }

    @Test
    void the_least_scope_of_those_who_are_away_is_kept_to_as_well() {
        Answer answer =
                backend.post(TokenDoor.OWN.uri(backend), Map.of("user", maria, "scope", "free_busy"), NO_HEADERS);

        assertRefused(answer, 400, "invalid_scope");
    }

    @Test
    void other_exchanges_are_left_to_keycloak() {
        Application app = applications.calendarApp();
        Map<String, String> form = new HashMap<>(TokenDoor.EXCHANGE.form(applications.token(app)));
        form.remove("requested_issuer");

        Answer own = app.post(app.tokenEndpoint(), form, NO_HEADERS);
        form.put("requested_issuer", "google");
        Answer elsewhere = app.post(app.tokenEndpoint(), form, NO_HEADERS);

        assertThat(own.expect(400).text()).contains("Standard token exchange is not enabled");
        assertThat(elsewhere.expect(400).text()).contains("requested_issuer");
    }

    @Test
    void a_request_that_shows_a_token_and_names_a_user_is_invalid() {
        Application app = applications.calendarApp();

        Answer answer =
                app.post(TokenDoor.OWN.uri(app), Map.of("token", applications.token(app), "user", maria), NO_HEADERS);

        assertRefused(answer, 400, "invalid_request");
    }

    @Test
    void a_report_that_names_no_token_is_invalid_and_says_what_to_send() {
        Application app = applications.calendarApp();

        Answer answer = app.post(
                TokenDoor.OWN.uri(app), Map.of("token", applications.token(app), "rejected_token", " "), NO_HEADERS);

        assertRefused(answer, 400, "invalid_request");
        assertThat(answer.json().get("error_description").asText()).contains("rejected_token, once");
    }

    @Test
    void another_token_than_the_stored_one_is_reported_in_vain_for_who_is_there_and_who_is_away() {
        Application app = applications.calendarApp();
        String stored =
                absent(backend, maria).expect(200).json().get("access_token").asText();

        Answer present = app.post(
                TokenDoor.OWN.uri(app),
                Map.of("token", applications.token(app), "rejected_token", "another"),
                NO_HEADERS);
        Answer away = backend.post(
                TokenDoor.OWN.uri(backend), Map.of("user", maria, "rejected_token", "another"), NO_HEADERS);

        assertThat(present.expect(200).json().get("access_token").asText()).isEqualTo(stored);
        assertThat(away.expect(200).json().get("access_token").asText()).isEqualTo(stored);
    }

    @Test
    void a_request_for_a_resource_is_not_answered_with_a_person_s_token() {
        Application app = applications.calendarApp();

        Answer answer = app.post(
                TokenDoor.OWN.uri(app),
                Map.of("token", applications.token(app), "resource", "mailto:room@doors.test"),
                NO_HEADERS);

        assertRefused(answer, 400, "invalid_request");
    }

    @Test
    void what_an_administrator_ended_does_not_come_back_for_those_who_are_away() {
        Member nina = realm.member(organization, "nina", "nina@doors.test").connect();
        admin.delete(realm.api("users/" + nina.id() + "/delegation")).expect(204);

        assertRefused(absent(backend, nina.id()), 404, "not_delegated");

        assertThat(nina.state()).isEqualTo("revoked");
    }

    @Test
    void the_last_use_goes_with_the_user_even_if_nothing_was_left_to_revoke() {
        Member olga = realm.member(organization, "olga", "olga@doors.test").connect();
        absent(backend, olga.id()).expect(200);
        await().atMost(PATIENCE).until(() -> olga.standing().get("uses").size() == 1);
        admin.delete(realm.api("users/" + olga.id() + "/delegation")).expect(204);

        admin.delete("/admin/realms/" + realm.name() + "/users/" + olga.id()).expect(204);
        admin.post(
                        "/admin/realms/" + realm.name() + "/partialImport",
                        Map.of(
                                "ifResourceExists",
                                "FAIL",
                                "users",
                                List.of(Map.of("id", olga.id(), "username", "olga"))))
                .expect(200);

        assertThat(olga.standing().get("uses")).isEmpty();
    }

    @Test
    void a_client_with_the_right_gets_the_token_of_a_member_who_is_away_and_it_is_logged() {
        Answer answer = absent(backend, maria);

        assertThat(answer.expect(200).json().get("mailbox").asText()).isEqualTo("maria@doors.test");
        String realmId = realmId();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(server.logText())
                .contains("client backend of realm " + realmId + " got a token of user " + maria
                        + ", who is not present"));
    }

    private String realmId() {
        return admin.get("/admin/realms/" + realm.name()).json().get("id").asText();
    }

    @Test
    void a_client_without_the_right_gets_nothing_of_a_member_who_is_away() {
        assertRefused(absent(applications.calendarApp(), maria), 403, "unauthorized_client");
    }

    @Test
    void a_client_that_may_ask_for_the_absent_alone_cannot_show_their_tokens() {
        for (TokenDoor door : TokenDoor.values()) {
            assertRefused(
                    door.ask(backend, applications.token(backend), NO_HEADERS),
                    door == TokenDoor.OWN ? 403 : 400,
                    "unauthorized_client");
        }
    }

    @Test
    void somebody_unknown_or_never_delegated_has_no_token_and_is_not_asked_for() {
        String ivo = realm.member(organization, "ivo", "ivo@doors.test").id();

        assertRefused(absent(backend, "9e107d9d-372b-4c5f-8c8e-000000000000"), 404, "not_delegated");
        assertRefused(absent(backend, ivo), 404, "not_delegated");
        assertThat(realm.member(ivo).get("state").asText()).isEqualTo("none");
    }

    @Test
    void a_suspended_client_gets_nothing_of_those_who_are_away() {
        admin.put(realm.api("consumers/backend/suspension"), null).expect(204);
        try {
            assertRefused(absent(backend, maria), 403, "access_denied");
        } finally {
            admin.delete(realm.api("consumers/backend/suspension")).expect(204);
        }
    }

    @Test
    void a_client_that_requires_consent_needs_it_for_the_absent_too() {
        applications.list(Map.of("clientId", "asking", "rights", List.of("member", "offline")));
        Application asking = applications.create("asking", Map.of("consentRequired", true), Map.of());
        applications.offerConsent("asking");

        assertRefused(absent(asking, maria), 403, "access_denied");
        applications.consented(asking, "openid enterprise-connect");
        absent(asking, maria).expect(200);
        applications.consentWithdrawn(asking);
        assertRefused(absent(asking, maria), 403, "access_denied");
    }

    @ParameterizedTest
    @EnumSource(TokenDoor.class)
    void each_request_is_an_event_of_the_door_s_type_without_a_secret(TokenDoor door) {
        storeEvents("IDENTITY_PROVIDER_RETRIEVE_TOKEN", "TOKEN_EXCHANGE");
        Application app = applications.consumer("eventful-" + door.name().toLowerCase(Locale.ROOT), Map.of(), Map.of());
        String shown = applications.token(app);

        String token = door.ask(app, shown, NO_HEADERS)
                .expect(200)
                .json()
                .get("access_token")
                .asText();
        door.ask(app, "garbage", NO_HEADERS);

        String type = door == TokenDoor.OWN ? "IDENTITY_PROVIDER_RETRIEVE_TOKEN" : "TOKEN_EXCHANGE";
        JsonNode events = admin.get("/admin/realms/" + realm.name() + "/events?client=" + app.clientId() + "&type="
                        + type + "&type=" + type + "_ERROR")
                .expect(200)
                .json();
        assertThat(events).hasSize(2);
        JsonNode success = event(events, type);
        assertThat(success.get("userId").asText()).isEqualTo(maria);
        assertThat(success.path("sessionId").asText()).isNotBlank();
        assertThat(success.at("/details/identity_provider").asText()).isEqualTo("enterprise-connect");
        assertThat(success.at("/details/link").asText()).isEqualTo(organization);
        assertThat(success.at("/details/source").asText()).isEqualTo("stored");
        assertThat(success.at("/details/right").asText()).isEqualTo("member");
        assertThat(event(events, type + "_ERROR").get("error").asText())
                .isEqualTo(door == TokenDoor.OWN ? "invalid_token" : "invalid_grant");
        assertThat(events.toString()).doesNotContain(token, shown, "maria@doors.test");
    }

    /** Keycloak stores the events of its own doors by default, but not those of its brokering. */
    private void storeEvents(String... types) {
        List<String> stored = new ArrayList<>();
        for (String type : types) {
            stored.addAll(List.of(type, type + "_ERROR"));
        }
        admin.put(
                        "/admin/realms/" + realm.name() + "/events/config",
                        Map.of("eventsEnabled", true, "enabledEventTypes", stored))
                .expect(204);
    }

    private static JsonNode event(JsonNode events, String type) {
        for (JsonNode event : events) {
            if (event.get("type").asText().equals(type)) {
                return event;
            }
        }
        throw new AssertionError("no event " + type + " in " + events);
    }

    @Test
    void the_last_use_is_shown_of_the_member_and_of_the_link() {
        Instant before = Instant.now().minusSeconds(60);
        absent(backend, maria).expect(200);
        TokenDoor.OWN
                .ask(applications.calendarApp(), applications.token(applications.calendarApp()), NO_HEADERS)
                .expect(200);

        await().atMost(PATIENCE).untilAsserted(() -> {
            List<String> uses = new ArrayList<>();
            for (JsonNode use : realm.member(maria).get("uses")) {
                uses.add(use.get("clientId").asText() + " " + use.get("right").asText());
                assertThat(Instant.parse(use.get("lastAt").asText())).isBetween(before, Instant.now());
            }
            assertThat(uses).contains("backend offline", "calendar-app member");
        });
        JsonNode lastUse = realm.link(organization).get("lastUse");
        assertThat(Instant.parse(lastUse.get("lastAt").asText())).isBetween(before, Instant.now());
        assertThat(lastUse.get("clientId").asText()).isNotBlank();
    }

    @Test
    void the_scope_of_consent_comes_back_when_it_is_removed() {
        String scope = scopeId();

        admin.delete("/admin/realms/" + realm.name() + "/client-scopes/" + scope)
                .expect(204);

        assertThat(scopeId()).isNotEmpty().isNotEqualTo(scope);
    }

    private String scopeId() {
        for (JsonNode scope :
                admin.get("/admin/realms/" + realm.name() + "/client-scopes").json()) {
            if (scope.get("name").asText().equals("enterprise-connect")) {
                return scope.get("id").asText();
            }
        }
        return "";
    }
}
