package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How an invitation looks, how long it lives, and when it is over. */
class LinkInvitationIT extends LinkScenario {
    LinkInvitationIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @Test
    void looking_at_an_invitation_changes_nothing(Browser browser) {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        String before = invitations(acme).toString();

        for (int i = 0; i < 10; i++) {
            Page page = new Browser().open(invitation);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.headers().allValues("Referrer-Policy")).containsExactly("no-referrer");
            assertThat(page.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
        }

        assertThat(invitations(acme)).hasToString(before);
        assertThat(simulator.requests()).isEmpty();
        assertThat(ConnectedRealm.outcome(realm.authorize(browser, invitation, acme.domain())))
                .isEqualTo("awaitingApproval");
    }

    @Test
    void the_invitation_shows_who_asks_whom_for_what_and_escapes_it(Browser browser) {
        String name = "Acme <script>alert(1)</script> & 'Sons' {0}";
        String id = admin.post(
                        "/admin/realms/" + realm.name() + "/organizations",
                        Map.of(
                                "name",
                                name,
                                "alias",
                                "acme-sons",
                                "enabled",
                                true,
                                "domains",
                                List.of(Map.of("name", "acme-sons.test"))))
                .expect(201)
                .createdId();
        realm.approve(id, "acme-sons.test");

        Page page = browser.open(realm.invite(id));

        assertThat(page.text()).doesNotContain("<script>alert");
        assertThat(page.document().text())
                .contains("Connect the calendars of " + name)
                .contains(realm.name() + " asks for access to the calendars of " + name)
                .contains("your organization's Google Workspace");
        assertThat(page.document().select("#enterprise-connect-invitation dd").eachText())
                .containsExactly("service_account/accounts/manage", "read_write", "acme-sons.test");
    }

    @Test
    void pages_are_in_german_too() {
        Organization acme = organization();
        Browser german = new Browser("de");

        Page page = german.open(realm.invite(acme.id()));
        Page result = realm.authorize(german, realm.invite(acme.id()), acme.domain());

        assertThat(page.document().text())
                .contains("Kalender von " + acme.name() + " verbinden")
                .contains("Erbetener Zugriff");
        assertThat(result.document().text()).contains("Fast fertig").contains("genehmigen");
    }

    @Test
    void another_site_cannot_begin_an_invitation_but_shows_it_at_most() {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        String before = invitations(acme).toString();

        for (Map<String, String> foreign : List.of(
                Map.of("Sec-Fetch-Site", "cross-site"),
                Map.of("Sec-Fetch-Site", "same-site", "Origin", "null"),
                Map.of("Origin", "https://evil.example"))) {
            Answer answer = begin(invitation, foreign).expect(403);
            assertThat(answer.text()).contains("enterprise-connect-invitation");
            assertThat(answer.headers().map()).doesNotContainKeys("location", "set-cookie");
        }
        assertThat(invitations(acme)).hasToString(before);

        begin(invitation, Map.of("Sec-Fetch-Site", "same-origin", "Origin", "null"))
                .expect(303);
        begin(invitation, Map.of("Origin", server.baseUri().toString())).expect(303);
    }

    private static Answer begin(URI invitation, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(invitation);
        headers.forEach(request::header);
        return Answer.to(Answer.form(request, "POST", Map.of()));
    }

    @Test
    void a_withdrawn_invitation_is_over(Browser browser) {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        Page consent = realm.depart(browser, invitation);
        String id = invitations(acme).at("/0/id").asText();

        admin.delete(realm.api("links/" + acme.id() + "/invitations/" + id)).expect(204);

        assertOver(invitation);
        assertThat(ConnectedRealm.outcome(approve(browser, consent, acme))).isEqualTo("notYours");
        assertThat(exchanges()).isEmpty();
        assertThat(invitations(acme).at("/0/state").asText()).isEqualTo("withdrawn");
        admin.delete(realm.api("links/" + organization().id() + "/invitations/" + id))
                .expect(404);
    }

    @Test
    void a_used_invitation_is_over(Browser browser) {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        realm.authorize(browser, invitation, acme.domain());

        assertOver(invitation);
        assertThat(ConnectedRealm.outcome(browser.open(realm.resource("invitation/no-such-ticket"))))
                .isEqualTo("invitationOver");
    }

    @Test
    void the_list_of_invitations_shows_their_states_and_no_address(Browser browser) {
        Organization acme = organization();
        URI used = realm.invite(acme.id());
        realm.authorize(browser, used, acme.domain());
        URI withdrawn = realm.invite(acme.id());
        admin.delete(realm.api("links/" + acme.id() + "/invitations/"
                        + invitations(acme).at("/0/id").asText()))
                .expect(204);
        URI open = realm.invite(acme.id());

        JsonNode list = invitations(acme);

        assertThat(list.findValuesAsText("state")).containsExactly("open", "withdrawn", "used");
        assertThat(list.findValuesAsText("usedAt")).hasSize(1);
        for (URI invitation : List.of(used, withdrawn, open)) {
            assertThat(list.toString()).doesNotContain(ticket(invitation));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"expiresIn\": 59}",
                "{\"expiresIn\": 604801}",
                "{\"expiresIn\": -1}",
                "{\"expiresIn\": \"3600\"}",
                "{\"expiresIn\": 3600.5}",
                "{\"expiresIn\": null}",
                "{\"expiresIn\": 1e30}",
                "{\"expires\": 3600}"
            })
    void an_invitation_lives_no_shorter_and_no_longer_than_it_may(String body) {
        Organization acme = organization();

        assertThat(admin.post(realm.api("links/" + acme.id() + "/invitations"), body)
                        .expect(400)
                        .json()
                        .get("errorMessage")
                        .asText())
                .startsWith("Write {\"expiresIn\": seconds");
        assertThat(invitations(acme)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', 3600", "'{\"expiresIn\": 60}', 60", "'{\"expiresIn\": 604800}', 604800"})
    void an_invitation_lives_as_long_as_it_says(String body, long seconds) {
        Organization acme = organization();
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);

        Answer answer = admin.post(realm.api("links/" + acme.id() + "/invitations"), body.isEmpty() ? null : body)
                .expect(201);

        Instant expiresAt = Instant.parse(answer.json().get("expiresAt").asText());
        assertThat(expiresAt)
                .isBetween(before.plusSeconds(seconds), Instant.now().plusSeconds(seconds));
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @Test
    void the_public_url_is_the_base_of_invitation_and_callback(Browser browser) {
        Organization acme = organization();
        String publicUrl = "http://localhost:" + server.baseUri().getPort();
        Map<String, Object> settings = settings();
        settings.put("publicUrl", publicUrl + "/");
        admin.put(realm.api("settings"), settings).expect(204);

        URI invitation = realm.invite(acme.id());
        Page result = realm.authorize(browser, invitation, acme.domain());

        String base = publicUrl + "/realms/" + realm.name() + "/enterprise-connect/";
        assertThat(invitation.toString()).startsWith(base + "invitation/");
        assertThat(ConnectedRealm.outcome(result)).isEqualTo("awaitingApproval");
        assertThat(onlyExchange().parameter("redirect_uri")).isEqualTo(base + "callback/link");
    }

    private static void assertOver(URI invitation) {
        Browser browser = new Browser();
        Page shown = browser.open(invitation);
        assertThat(shown.status()).isEqualTo(404);
        assertThat(ConnectedRealm.outcome(shown)).isEqualTo("invitationOver");
        Answer posted = Answer.to(Answer.form(HttpRequest.newBuilder(invitation), "POST", Map.of()));
        assertThat(posted.status()).isEqualTo(404);
        assertThat(posted.headers().allValues("Set-Cookie")).noneMatch(cookie -> cookie.contains("ENTERPRISE"));
    }
}
