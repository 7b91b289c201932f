package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.Switch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract section 5. */
class ReadsTest {
    private final Wire wire = new Wire();
    private final GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
    private final String joe = wire.delegate(link.accessToken(), "joe@example.com", "read_write")
            .path("access_token")
            .asText();

    @AfterEach
    void stop() {
        wire.close();
    }

    @Test
    void userinfo_of_a_mailbox_has_dotted_keys_and_its_profile() {
        JsonNode info = read("/v1/userinfo", joe);

        assertThat(info.path("email").asText()).isEqualTo("joe@example.com");
        assertThat(info.path("cronofy.type").asText()).isEqualTo("account");
        JsonNode data = info.path("cronofy.data");
        assertThat(data.at("/authorization/status").asText()).isEqualTo("active");
        assertThat(data.at("/authorization/scope").asText()).isEqualTo("read_write");
        assertThat(data.at("/profiles/0/profile_connected").asBoolean()).isTrue();
        assertThat(data.at("/profiles/0").has("profile_relink_url")).isFalse();
        assertThat(data.at("/profiles/0/profile_calendars/0/calendar_primary").asBoolean())
                .isTrue();
        assertThat(data.path("conferencing_profiles").isArray()).isTrue();
    }

    @Test
    void userinfo_of_a_service_account_names_its_domain() {
        JsonNode info = read("/v1/userinfo", link.accessToken());

        assertThat(info.path("sub").asText()).isEqualTo(link.sub());
        assertThat(info.path("email").asText()).isEqualTo("service-account@example.com");
        assertThat(info.path("cronofy.type").asText()).isEqualTo("service_account");
        JsonNode data = info.path("cronofy.data");
        assertThat(data.at("/service_account/domain").asText()).isEqualTo("example.com");
        assertThat(data.at("/authorization/delegated_scope").asText()).isEqualTo("read_write free_busy");

        wire.simulator.change(Switch.SERVICE_ACCOUNT_USERINFO, Choice.ServiceAccountShape.FLAT);
        assertThat(read("/v1/userinfo", link.accessToken())
                        .path("cronofy.service_account.domain")
                        .asText())
                .isEqualTo("example.com");
    }

    @Test
    void a_service_account_s_protocol_and_page_for_the_move_are_told_where_switches_say_so() {
        JsonNode plain = read("/v1/userinfo", link.accessToken()).at("/cronofy.data/service_account");
        assertThat(plain.has("provider_protocol")).isFalse();
        assertThat(plain.has("graph_api_migration_url")).isFalse();

        wire.simulator.change(Switch.PROVIDER_PROTOCOL, "exchange_web_services");
        wire.simulator.change(Switch.GRAPH_API_MIGRATION_URL, "https://app.cronofy.com/move");
        JsonNode told = read("/v1/userinfo", link.accessToken()).at("/cronofy.data/service_account");
        assertThat(told.path("provider_protocol").asText()).isEqualTo("exchange_web_services");
        assertThat(told.path("graph_api_migration_url").asText()).isEqualTo("https://app.cronofy.com/move");
    }

    @Test
    void domain_and_address_of_a_service_account_may_be_flat_beside_the_rest() {
        wire.simulator.change(Switch.SERVICE_ACCOUNT_USERINFO, Choice.ServiceAccountShape.FLAT_DOMAIN);

        JsonNode info = read("/v1/userinfo", link.accessToken());

        assertThat(info.path("cronofy.service_account.domain").asText()).isEqualTo("example.com");
        assertThat(info.path("cronofy.service_account.email").asText()).isEqualTo("service-account@example.com");
        assertThat(info.has("email")).isFalse();
        assertThat(info.at("/cronofy.data/service_account").has("domain")).isFalse();
        assertThat(info.at("/cronofy.data/authorization/status").asText()).isEqualTo("active");
    }

    @Test
    void a_disconnected_profile_shows_in_userinfo_and_locks_its_events() {
        wire.simulator.change(Switch.DISCONNECTED, List.of("joe@example.com"));

        JsonNode profile = read("/v1/userinfo", joe).at("/cronofy.data/profiles/0");

        assertThat(profile.path("profile_connected").asBoolean()).isFalse();
        assertThat(profile.path("profile_relink_url").asText()).startsWith("https://");
        assertThat(wire.get("/v1/events?tzid=UTC", joe).statusCode()).isEqualTo(423);
    }

    @Test
    void before_the_first_sync_there_is_nothing_to_see() {
        wire.simulator.change(Switch.INITIAL_SYNC, List.of("*"));

        assertThat(read("/v1/userinfo", joe)
                        .at("/cronofy.data/profiles/0/profile_initial_sync_required")
                        .asBoolean())
                .isTrue();
        assertThat(read("/v1/calendars", joe).path("calendars")).isEmpty();
        assertThat(read("/v1/events?tzid=UTC", joe).path("events")).isEmpty();
    }

    @Test
    void account_and_profiles_name_the_mailbox() {
        assertThat(read("/v1/account", joe).at("/account/email").asText()).isEqualTo("joe@example.com");
        assertThat(read("/v1/account", link.accessToken())
                        .at("/account/account_id")
                        .asText())
                .isEqualTo(link.sub());
        assertThat(read("/v1/profiles", joe).at("/profiles/0/profile_name").asText())
                .isEqualTo("joe@example.com");
    }

    @Test
    void resources_are_the_domains_rooms() {
        JsonNode resources = read("/v1/resources?include_details=capacity+location", link.accessToken())
                .path("resources");

        assertThat(resources).hasSize(3);
        assertThat(resources.at("/0/email").asText()).isEqualTo("room1@example.com");
        assertThat(resources.at("/0/capacity").isInt()).isTrue();
        assertThat(resources.at("/0/location").isObject()).isTrue();
        assertThat(wire.get("/v1/resources", joe).statusCode()).isEqualTo(403);
    }

    @Test
    void details_of_resources_are_given_left_out_or_refused() {
        String detailed = "/v1/resources?include_details=capacity%20location";

        wire.simulator.change(Switch.RESOURCE_DETAILS, Choice.ResourceDetails.LEFT_OUT);
        assertThat(read(detailed, link.accessToken()).at("/resources/0").has("capacity"))
                .isFalse();
        wire.simulator.change(Switch.RESOURCE_DETAILS, Choice.ResourceDetails.REFUSED);
        assertThat(wire.get(detailed, link.accessToken()).statusCode()).isEqualTo(422);
        assertThat(read("/v1/resources", link.accessToken()).path("resources")).hasSize(3);
    }

    @Test
    void rooms_come_go_and_are_renamed() {
        wire.simulator.change(Switch.RESOURCE_COUNT, 1);
        wire.simulator.change(Switch.RESOURCE_NAMES, Map.of("room1@example.com", "Aquarium"));

        JsonNode resources = read("/v1/resources", link.accessToken()).path("resources");

        assertThat(resources).hasSize(1);
        assertThat(resources.at("/0/name").asText()).isEqualTo("Aquarium");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/calendars", "/v1/events?tzid=UTC", "/v1/free_busy?tzid=UTC", "/v1/profiles"})
    void a_service_account_reads_no_calendars(String path) {
        assertThat(wire.get(path, link.accessToken()).statusCode()).isEqualTo(403);
        assertThat(wire.get(path, "unknown").statusCode()).isEqualTo(401);
        assertThat(wire.get(path, joe).statusCode()).isEqualTo(200);
    }

    @Test
    void events_are_paged_by_absolute_urls() {
        wire.simulator.change(Switch.EVENTS_PER_PAGE, 2);

        JsonNode first = read("/v1/events?tzid=Etc%2FUTC", joe);
        String next = first.at("/pages/next_page").asText();
        JsonNode second =
                read(next.substring(wire.simulator.baseUri().toString().length()), joe);

        assertThat(next).startsWith(wire.simulator.baseUri().toString());
        assertThat(first.path("events")).hasSize(2);
        assertThat(second.path("events")).hasSize(1);
        assertThat(second.at("/pages/next_page").isNull()).isTrue();
    }

    @Test
    void events_need_a_time_zone_and_keep_to_their_range() {
        assertThat(wire.get("/v1/events", joe).statusCode()).isEqualTo(422);
        assertThat(read("/v1/events?tzid=UTC&from=1999-01-01&to=2000-01-01", joe)
                        .path("events"))
                .isEmpty();
        assertThat(read("/v1/free_busy?tzid=UTC", joe)
                        .at("/free_busy/0/free_busy_status")
                        .asText())
                .isEqualTo("busy");
    }

    @Test
    void too_small_a_scope_is_forbidden() {
        String reader = wire.delegate(link.accessToken(), "jane@example.com", "free_busy")
                .path("access_token")
                .asText();

        assertThat(wire.get("/v1/events?tzid=UTC", reader).statusCode()).isEqualTo(403);
        assertThat(wire.get("/v1/free_busy?tzid=UTC", reader).statusCode()).isEqualTo(200);
    }

    @Test
    void an_event_is_written_and_deleted() {
        String path = "/v1/calendars/" + calendar() + "/events";
        String event = "{\"event_id\":\"e1\",\"summary\":\"S\",\"start\":\"2026-01-01\",\"end\":\"2026-01-02\"}";

        assertThat(wire.post(path, joe, event).statusCode()).isEqualTo(202);
        assertThat(read("/v1/events?tzid=UTC", joe).path("events")).hasSize(3);
        assertThat(read("/v1/events?tzid=UTC&include_managed=true", joe).path("events"))
                .hasSize(4);
        assertThat(wire.send(
                                "DELETE",
                                path,
                                "{\"event_id\":\"e1\"}",
                                "Authorization",
                                "Bearer " + joe,
                                "Content-Type",
                                "application/json")
                        .statusCode())
                .isEqualTo(202);
        assertThat(read("/v1/events?tzid=UTC&only_managed=true", joe).path("events"))
                .isEmpty();
        assertThat(wire.post("/v1/calendars/cal_x_y/events", joe, event).statusCode())
                .isEqualTo(404);
    }

    @Test
    void permissions_are_accepted_at_once_for_enterprise_connect() {
        String body = "{\"permissions\":[{\"calendar_id\":\"%s\",\"permission_level\":\"unrestricted\"}]}"
                .formatted(calendar());

        assertThat(json(wire.post("/v1/permissions", joe, body).body())
                        .at("/permissions_request/accepted")
                        .asBoolean())
                .isTrue();
        assertThat(read("/v1/calendars", joe)
                        .at("/calendars/0/permission_level")
                        .asText())
                .isEqualTo("unrestricted");
    }

    @Test
    void a_channel_is_verified_once_and_hears_of_changes() {
        try (Receiver receiver = new Receiver()) {
            String body = "{\"callback_url\":\"" + receiver.url() + "\"}";
            JsonNode channel = json(wire.post("/v1/channels", joe, body).body()).path("channel");
            Receiver.Call verification = receiver.take();
            assertThat(json(wire.post("/v1/channels", joe, body).body()).path("channel"))
                    .isEqualTo(channel);
            String event = "{\"event_id\":\"e1\",\"start\":\"2026-01-01\",\"end\":\"2026-01-02\"}";
            wire.post("/v1/calendars/" + calendar() + "/events", joe, event);

            JsonNode change = json(receiver.take().body());

            assertThat(json(verification.body()).at("/notification/type").asText())
                    .isEqualTo("verification");
            assertThat(verification.signature()).isEqualTo(wire.simulator.signature(verification.body()));
            assertThat(change.at("/notification/type").asText()).isEqualTo("change");
            assertThat(change.at("/notification/changes_since").asText()).endsWith("Z");
            assertThat(change.path("channel")).isEqualTo(channel);
            String path = "/v1/channels/" + channel.path("channel_id").asText();
            assertThat(wire.send("DELETE", path, "{}", "Authorization", "Bearer " + joe)
                            .statusCode())
                    .isEqualTo(202);
            assertThat(read("/v1/channels", joe).path("channels")).isEmpty();
        }
    }

    private String calendar() {
        return read("/v1/calendars", joe).at("/calendars/0/calendar_id").asText();
    }

    private JsonNode read(String path, String bearer) {
        return json(wire.get(path, bearer).body());
    }
}
