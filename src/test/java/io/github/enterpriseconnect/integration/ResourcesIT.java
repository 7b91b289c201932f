package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rooms and shared mailboxes: listed, delegated, their tokens fetched, and ended. */
class ResourcesIT extends LinkScenario {
    private final String consumer = ConnectedRealm.CONSUMER;

    ResourcesIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Override
    Map<String, Object> settings() {
        Map<String, Object> settings = super.settings();
        settings.put("scope", "service_account/accounts/manage service_account/resources/manage");
        settings.put("consumers", List.of(Map.of("clientId", consumer, "rights", List.of("resource"))));
        return settings;
    }

    @AfterEach
    void haveTheUsualRooms() {
        simulator.change(Switch.RESOURCE_COUNT, Switch.RESOURCE_COUNT.initial());
        simulator.change(Switch.MAILBOX_ERRORS, Map.of());
    }

    private Organization linked() {
        Organization organization = organization();
        realm.link(organization.id(), organization.domain());
        return organization;
    }

    private String resources(Organization organization) {
        return realm.api("links/" + organization.id() + "/resources");
    }

    private JsonNode page(Organization organization) {
        return admin.get(resources(organization)).expect(200).json();
    }

    private void awaitList(Organization organization, int size) {
        admin.post(resources(organization) + "/list", Map.of()).expect(202);
        await().atMost(SWEEPS).until(() -> page(organization).get("resources").size() == size);
    }

    private String id(Organization organization, String mailbox) {
        return StreamSupport.stream(page(organization).get("resources").spliterator(), false)
                .filter(resource -> resource.get("mailbox").asText().equals(mailbox))
                .map(resource -> resource.get("id").asText())
                .findFirst()
                .orElseThrow();
    }

    private void awaitState(Organization organization, String id, String state) {
        await().atMost(SWEEPS).until(() -> admin.get(resources(organization) + "/" + id)
                .expect(200)
                .json()
                .get("state")
                .asText()
                .equals(state));
    }

    private Answer token(Map<String, String> form) {
        return Answer.to(Answer.form(
                HttpRequest.newBuilder(realm.resource("token")),
                "POST",
                realm.consumer().authenticated(form)));
    }

    private Answer token(String mailbox) {
        return token(Map.of("resource", "mailto:" + mailbox));
    }

    private void assertRefused(Answer answer, int status, String error) {
        assertThat(answer.expect(status).json().get("error").asText()).isEqualTo(error);
    }

    @Test
    void a_room_is_listed_delegated_on_demand_its_token_served_and_revoked() {
        Organization acme = linked();
        String room = "room1@" + acme.domain();
        awaitList(acme, 3);
        JsonNode first = page(acme).at("/resources/0");
        assertThat(first.get("name").asText()).isEqualTo("Room 1");
        assertThat(first.get("capacity").asInt()).isEqualTo(4);
        assertThat(first.at("/location/buildingName").asText()).isEqualTo("Main building");
        assertThat(page(acme).at("/list/available").asBoolean()).isTrue();
        assertRefused(token(room), 404, "not_delegated");

        String id = id(acme, room);
        admin.put(resources(acme) + "/" + id + "/delegation", Map.of()).expect(200);
        awaitState(acme, id, "granted");

        JsonNode token = token(room).expect(200).json();
        assertThat(token.get("mailbox").asText()).isEqualTo(room);
        assertThat(simulator.liveSubs()).contains(token.get("sub").asText());
        assertThat(admin.get(realm.api("links/" + acme.id() + "/delegations"))
                        .expect(200)
                        .json()
                        .get("total")
                        .asInt())
                .isZero();
        assertThat(server.logText()).doesNotContain(room);

        admin.delete(resources(acme) + "/" + id + "/delegation").expect(204);
        assertRefused(token(room), 404, "not_delegated");
        await().atMost(SWEEPS)
                .until(() -> !simulator.liveSubs().contains(token.get("sub").asText()));
    }

    @Test
    void all_that_is_listed_is_delegated_where_an_administrator_wants_that_and_ends_with_the_link() {
        Organization acme = linked();
        awaitList(acme, 3);

        admin.put(resources(acme), Map.of("delegation", "all")).expect(200);

        await().atMost(SWEEPS).until(() -> page(acme).at("/states/granted").asInt() == 3);
        realm.unlink(acme.id());
        assertRefused(token("room1@" + acme.domain()), 404, "not_delegated");
        await().atMost(SWEEPS).until(() -> page(acme).get("resources").isEmpty());
    }

    @Test
    void a_shared_mailbox_is_named_by_an_administrator_of_the_realm_alone() {
        Organization acme = linked();
        String shared = "info@" + acme.domain();
        Map<String, String> body = Map.of("mailbox", shared, "name", "Information desk");
        AdminClient organizer = administrators.create("organizer-" + acme.name(), "manage-organizations");
        organizer.post(resources(acme), body).expect(403);
        admin.post(resources(acme), Map.of("mailbox", "info@nowhere.test")).expect(400);
        realm.member(acme.id(), "zoe-" + acme.name(), "zoe@" + acme.domain());
        admin.post(resources(acme), Map.of("mailbox", "zoe@" + acme.domain())).expect(409);

        String id =
                admin.post(resources(acme), body).expect(201).json().get("id").asText();

        awaitState(acme, id, "granted");
        token(shared).expect(200);
        admin.delete(resources(acme) + "/" + id).expect(204);
        assertRefused(token(shared), 404, "not_delegated");
        admin.get(resources(acme) + "/" + id).expect(404);
    }

    @Test
    void a_request_that_is_none_for_a_resource_is_told_what_to_send() {
        Organization acme = linked();

        assertRefused(token(Map.of("resource", "room1@" + acme.domain())), 400, "invalid_request");
        assertRefused(token(Map.of("resource", "mailto:room1@" + acme.domain(), "user", "x")), 400, "invalid_request");
        assertRefused(token("nothing@" + acme.domain()), 404, "not_delegated");
        admin.put(resources(acme), Map.of("delegation", "some")).expect(400);
        admin.put(resources(acme), Map.of()).expect(400);
        admin.get(resources(acme) + "/unknown").expect(404);
    }
}
