package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jwt.JWTClaimsSet;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.EventReceiver;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An application is told what happens to calendars, in a way that it can verify, and nothing of it is lost. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotificationIT {
    private static final Duration SURELY = Duration.ofMinutes(5);
    private static final String DOMAIN = "notified.test";
    private static final String HEADER = "Bearer canary-of-the-receiver";
    private static final String EVENTS = "https://enterpriseconnect.github.io/events/calendar-";

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final EventReceiver receiver = new EventReceiver();
    private KeycloakServer server;
    private AdminClient admin;
    private ConnectedRealm realm;
    private String organization;
    private URI issuer;

    NotificationIT() throws IOException {}

    @BeforeAll
    void start() {
        server = ConnectedRealm.extendedServer(simulator)
                .options(
                        "--spi-enterprise-connect--default--reconcile-every=3600",
                        // What H2 has committed is to survive a kill, as it does with other databases.
                        "--db-url-properties=;WRITE_DELAY=0")
                .start();
        admin = AdminClient.of(server);
        realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(NotificationIT.class), true);
        issuer = server.realm(realm.name());
        organization = realm.organization("notified", DOMAIN);
        realm.link(organization, DOMAIN);
        admin.put(realm.api("settings"), settings(receiver.address(), HEADER)).expect(204);
    }

    @AfterAll
    void stop() {
        receiver.close();
        server.close();
        simulator.close();
    }

    @BeforeEach
    void anew() {
        receiver.release();
        receiver.answer(202, null);
        receiver.received().clear();
    }

    private Map<String, Object> settings(URI address, String authorization) {
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put(
                "consumers",
                List.of(Map.of(
                        "clientId",
                        ConnectedRealm.CONSUMER,
                        "rights",
                        List.of("member"),
                        "notifications",
                        Map.of("url", address.toString(), "authorization", authorization))));
        return settings;
    }

    private Member connected(String name) {
        Member member = realm.member(organization, name, name + "@" + DOMAIN);
        return member.connect().awaitState("granted");
    }

    private List<String> told(String user) {
        return receiver.accepted(issuer).stream()
                .filter(claims -> user.equals(EventReceiver.user(claims)))
                .map(claims -> EventReceiver.event(claims).substring(EVENTS.length()))
                .toList();
    }

    private void remove(Member member) {
        admin.delete("/admin/realms/" + realm.name() + "/users/" + member.id()).expect(204);
    }

    @Test
    void an_application_is_told_of_a_calendar_that_is_connected_and_of_its_end_and_can_verify_both() throws Exception {
        Member maria = connected("maria");
        await().atMost(SURELY).until(() -> told(maria.id()).equals(List.of("connected")));
        remove(maria);
        await().atMost(SURELY).until(() -> told(maria.id()).equals(List.of("connected", "ended")));

        EventReceiver.Received request = receiver.received().get(0);
        assertThat(request.authorization()).isEqualTo(HEADER);
        assertThat(request.contentType()).isEqualTo("application/secevent+jwt");
        assertThat(request.accept()).isEqualTo("application/json");
        JWTClaimsSet ended = receiver.accepted(issuer).get(1);
        assertThat(ended.getIssuer()).isEqualTo(issuer.toString());
        assertThat(ended.getAudience()).containsExactly(ConnectedRealm.CONSUMER);
        assertThat(ended.getJSONObjectClaim("sub_id"))
                .containsEntry("format", "iss_sub")
                .containsEntry("iss", issuer.toString());
        assertThat(ended.getJSONObjectClaim("events"))
                .isEqualTo(Map.of(
                        EVENTS + "ended", Map.of("link", organization, "state", "revoked", "reason", "user_removed")));
        assertThat(ended.toString()).doesNotContain("@", DOMAIN, "acc_");
    }

    @Test
    void what_happens_is_among_the_user_events() {
        Member tom = connected("tom");

        await().atMost(SURELY).untilAsserted(() -> assertThat(StreamSupport.stream(
                        admin.get("/admin/realms/" + realm.name() + "/events?type=CUSTOM_REQUIRED_ACTION&user="
                                        + tom.id())
                                .expect(200)
                                .json()
                                .spliterator(),
                        false))
                .anySatisfy(event -> {
                    JsonNode details = event.get("details");
                    assertThat(details.path("calendar").asText()).isEqualTo("connected");
                    assertThat(details.path("link").asText()).isEqualTo(organization);
                    assertThat(details.path("custom_required_action").asText()).isEqualTo("enterprise-connect");
                }));
    }

    @Test
    void nothing_is_lost_and_the_order_is_kept_when_the_server_is_killed_between_commit_and_answer() {
        List<Member> members = IntStream.range(0, 6)
                .mapToObj(number -> connected("leaver-" + number))
                .toList();
        members.forEach(
                member -> await().atMost(SURELY).until(() -> told(member.id()).equals(List.of("connected"))));
        receiver.hold();
        List<String> ids = new ArrayList<>();
        members.forEach(member -> {
            remove(member);
            ids.add(member.id());
        });
        await().atMost(SURELY).until(() -> receiver.received().stream().anyMatch(request -> request.status() == 0));

        server.kill();
        receiver.release();
        server.restart();

        ids.forEach(id -> await().atMost(SURELY)
                .untilAsserted(() ->
                        assertThat(told(id).stream().distinct().toList()).isEqualTo(List.of("connected", "ended"))));
        await().atMost(SURELY)
                .until(() -> admin.get(realm.api("notifications"))
                                .expect(200)
                                .json()
                                .get("total")
                                .asInt()
                        == 0);
    }

    @Test
    void what_the_application_refuses_is_listed_and_sent_again_when_it_is_replayed() {
        Member kim = realm.member(organization, "kim", "kim@" + DOMAIN);
        receiver.answer(400, "invalid_request");
        kim.connect().awaitState("granted");
        JsonNode[] page = new JsonNode[1];
        await().atMost(SURELY).until(() -> {
            page[0] = admin.get(realm.api("notifications?client=" + ConnectedRealm.CONSUMER))
                    .expect(200)
                    .json();
            return page[0].path("states").path("undeliverable").asInt() == 1;
        });
        JsonNode refused = page[0].get("notifications").get(0);
        assertThat(refused.get("problem").asText()).isEqualTo("invalid_request");
        assertThat(refused.get("subject").asText()).isEqualTo(kim.id());

        receiver.answer(202, null);
        admin.post(realm.api("notifications/" + refused.get("id").asText() + "/replay"), null)
                .expect(204);

        await().atMost(SURELY).until(() -> told(kim.id()).equals(List.of("connected")));
        admin.post(realm.api("notifications/" + refused.get("id").asText() + "/replay"), null)
                .expect(404);
        assertThat(admin.post(realm.api("notifications/replay?client=" + ConnectedRealm.CONSUMER), null)
                        .expect(200)
                        .json()
                        .get("replayed")
                        .asInt())
                .isZero();
        admin.post(realm.api("notifications/replay"), null).expect(400);
    }

    @Test
    void the_address_can_be_tried_and_only_status_and_error_of_the_answer_are_told() {
        String test = realm.api("consumers/" + ConnectedRealm.CONSUMER + "/notifications/test");

        assertThat(admin.post(test, null).expect(200).json().toString()).isEqualTo("{\"ok\":true,\"status\":202}");
        receiver.answer(400, "invalid_issuer");
        assertThat(admin.post(test, null).expect(200).json().toString())
                .isEqualTo("{\"ok\":false,\"status\":400,\"problem\":\"invalid_issuer\"}");
        receiver.answer(400, "canary of the receiver");
        assertThat(admin.post(test, null).expect(200).text()).doesNotContain("canary");
        receiver.answer(200, null);
        assertThat(admin.post(test, null).expect(200).json().get("ok").asBoolean())
                .isFalse();
        admin.post(realm.api("consumers/nobody/notifications/test"), null).expect(404);
    }

    @Test
    void a_header_that_comes_in_clear_with_the_component_is_sealed_and_used() {
        JsonNode component = StreamSupport.stream(admin.components(realm.name()).spliterator(), false)
                .filter(one -> one.path("providerId").asText().equals("enterprise-connect"))
                .findFirst()
                .orElseThrow();
        ((ObjectNode) component.get("config"))
                .putArray("consumerAuthorizations")
                .add("{\"" + ConnectedRealm.CONSUMER + "\": \"Bearer another canary\"}");
        admin.put(
                        "/admin/realms/" + realm.name() + "/components/"
                                + component.get("id").asText(),
                        component)
                .expect(204);
        receiver.received().clear();
        admin.post(realm.api("consumers/" + ConnectedRealm.CONSUMER + "/notifications/test"), null)
                .expect(200);

        assertThat(receiver.received())
                .extracting(EventReceiver.Received::authorization)
                .containsExactly("Bearer another canary");
        assertThat(admin.components(realm.name()).toString()).doesNotContain("canary");
        admin.put(realm.api("settings"), settings(receiver.address(), HEADER)).expect(204);
    }

    @Test
    void the_authorization_does_not_follow_an_address_that_the_components_api_changes() throws IOException {
        JsonNode component = StreamSupport.stream(admin.components(realm.name()).spliterator(), false)
                .filter(one -> one.path("providerId").asText().equals("enterprise-connect"))
                .findFirst()
                .orElseThrow();
        String path = "/admin/realms/" + realm.name() + "/components/"
                + component.get("id").asText();
        ObjectNode config = (ObjectNode) component.get("config");
        try (EventReceiver elsewhere = new EventReceiver()) {
            String consumer = config.path("consumers").path(0).asText();
            assertThat(consumer).contains(receiver.address().toString());
            config.putArray("consumers")
                    .add(consumer.replace(
                            receiver.address().toString(), elsewhere.address().toString()));
            admin.put(path, component).expect(204);

            admin.post(realm.api("consumers/" + ConnectedRealm.CONSUMER + "/notifications/test"), null)
                    .expect(409);
            assertThat(elsewhere.received()).isEmpty();
        } finally {
            admin.put(realm.api("settings"), settings(receiver.address(), HEADER))
                    .expect(204);
        }
    }

    @Test
    void the_authorization_is_shown_nowhere_and_a_mask_keeps_it() {
        // Defaults are written out by the first of them.
        admin.put(
                        realm.api("settings"),
                        admin.get(realm.api("settings")).expect(200).json())
                .expect(204);
        Answer shown = admin.get(realm.api("settings")).expect(200);
        String components = admin.components(realm.name()).toString();
        String exported = admin.post("/admin/realms/" + realm.name() + "/partial-export", null)
                .expect(200)
                .text();

        assertThat(List.of(shown.text(), components, exported)).allSatisfy(text -> assertThat(text)
                .contains(receiver.address().toString(), "**********")
                .doesNotContain("canary"));
        assertThat(shown.json().at("/consumers/0/notifications/issuer").asText())
                .isEqualTo(issuer.toString());
        admin.putIfMatch(
                        realm.api("settings"),
                        shown.json(),
                        shown.headers().firstValue("ETag").orElseThrow())
                .expect(204);
        assertThat(admin.get(realm.api("settings")).expect(200).headers().firstValue("ETag"))
                .isEqualTo(shown.headers().firstValue("ETag"));
        receiver.received().clear();
        admin.post(realm.api("consumers/" + ConnectedRealm.CONSUMER + "/notifications/test"), null)
                .expect(200);
        assertThat(receiver.received())
                .extracting(EventReceiver.Received::authorization)
                .containsExactly(HEADER);

        Map<String, Object> elsewhere = settings(URI.create("https://elsewhere.example.com/events"), "**********");
        assertThat(admin.put(realm.api("settings"), elsewhere).expect(400).text())
                .contains("write their authorization again");
        Map<String, Object> unencrypted = settings(URI.create("http://elsewhere.example.com/events"), HEADER);
        assertThat(admin.put(realm.api("settings"), unencrypted).expect(400).text())
                .contains("https://calendar.example.com/events")
                .doesNotContain("canary");
    }
}
