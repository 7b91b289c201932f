package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Cookie;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links from the invitation to their end, as the simulator and the admin API see them. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LinkIT {
    private static final String CLIENT_ID = "link-application";
    private static final String SECRET = "planted-link-secret";
    private static final Duration SWEEPS = Duration.ofSeconds(60);

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final ConnectedRealm realm;
    private final RealmAdministrators administrators;
    private int organizations;

    LinkIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(LinkIT.class), true);
        this.administrators = new RealmAdministrators(server, admin, realm.name());
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of(
                                "adminEventsEnabled",
                                true,
                                "adminEventsDetailsEnabled",
                                true,
                                "internationalizationEnabled",
                                true,
                                "supportedLocales",
                                List.of("en", "de"),
                                "defaultLocale",
                                "en"))
                .expect(204);
    }

    @BeforeEach
    void use_an_application_of_our_own() {
        simulator.addApplication(CLIENT_ID, SECRET);
        admin.put(realm.api("settings"), settings()).expect(204);
        simulator.clearRequests();
    }

    @AfterEach
    void mend_the_simulator() {
        simulator.clearFaults();
        simulator.change(Switch.AUTHORIZE, Switch.AUTHORIZE.initial());
        simulator.change(Switch.AUTHORIZE_ERROR_DESCRIPTION, Switch.AUTHORIZE_ERROR_DESCRIPTION.initial());
        simulator.change(Switch.CODE_SECONDS, Switch.CODE_SECONDS.initial());
        simulator.change(Switch.REAUTHORIZATION, Switch.REAUTHORIZATION.initial());
    }

    @Test
    void an_organization_is_linked_by_an_invitation(Browser browser) {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());
        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("unlinked");

        Page result = realm.authorize(browser, realm.invite(acme.id()), acme.domain());

        assertThat(result.status()).isEqualTo(200);
        assertThat(ConnectedRealm.outcome(result)).isEqualTo("linked");
        JsonNode link = realm.link(acme.id());
        assertThat(link.get("id").asText()).isEqualTo(acme.id());
        assertThat(link.get("name").asText()).isEqualTo(acme.name());
        assertThat(link.get("state").asText()).isEqualTo("active");
        assertThat(link.get("scope").asText()).isEqualTo("service_account/accounts/manage");
        assertThat(link.get("delegatedScope").asText()).isEqualTo("read_write");
        assertThat(link.get("domains")).hasToString("[{\"name\":\"" + acme.domain() + "\",\"approved\":true}]");
        assertThat(simulator.isLive(link.get("serviceAccount").asText())).isTrue();
        ReceivedRequest exchange = onlyExchange();
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.parameter("client_id")).isEqualTo(CLIENT_ID);
        assertThat(exchange.parameter("client_secret")).isEqualTo(SECRET);
        assertThat(exchange.parameter("redirect_uri"))
                .isEqualTo(realm.resource("callback/link").toString());
        assertThat(exchange.query()).isEmpty();
    }

    @Test
    void a_realm_without_organizations_has_the_one_link_realm(Browser browser) {
        ConnectedRealm single =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(LinkIT.class), false);
        admin.put(single.api("settings"), settings()).expect(204);

        Page result = single.authorize(browser, single.invite("realm"), "link-realm.test");

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("awaitingApproval");
        single.approve("realm", "link-realm.test");
        JsonNode links = admin.get(single.api("links")).expect(200).json();
        assertThat(links).hasSize(1);
        assertThat(links.at("/0/id").asText()).isEqualTo("realm");
        assertThat(links.at("/0/state").asText()).isEqualTo("active");
        admin.get(realm.api("links/realm")).expect(404);
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
    void the_button_leaves_for_cronofy_with_a_cookie_for_this_round_trip(Browser browser) {
        Organization acme = organization();

        Page consent = realm.depart(browser, realm.invite(acme.id()));

        Map<String, String> query = query(consent.uri());
        assertThat(consent.uri().toString()).startsWith(simulator.baseUri() + "/enterprise_connect/oauth/authorize?");
        assertThat(query)
                .containsOnlyKeys("response_type", "client_id", "redirect_uri", "scope", "delegated_scope", "state")
                .containsEntry("response_type", "code")
                .containsEntry("client_id", CLIENT_ID)
                .containsEntry("redirect_uri", realm.resource("callback/link").toString())
                .containsEntry("scope", "service_account/accounts/manage")
                .containsEntry("delegated_scope", "read_write");
        assertThat(query.get("state")).hasSizeGreaterThanOrEqualTo(32);
        Cookie cookie = roundTripCookie(browser);
        assertThat(cookie.httpOnly()).isTrue();
        assertThat(cookie.sameSite()).isEqualTo("Lax");
        assertThat(cookie.expiresAt()).isNull();
        assertThat(cookie.path()).isEqualTo("/realms/" + realm.name() + "/enterprise-connect/callback/link");
        assertThat(cookie.value()).isNotEqualTo(query.get("state")).hasSizeGreaterThanOrEqualTo(32);
        assertThat(simulator.requests("GET", "/enterprise_connect").get(0).headers())
                .doesNotContainKey("cookie");
    }

    @Test
    void another_browser_cannot_finish_and_the_first_one_still_can(Browser first, Browser other) {
        Organization acme = organization();
        Page consent = realm.depart(first, realm.invite(acme.id()));

        Page stranger = approve(other, consent, acme);

        assertThat(ConnectedRealm.outcome(stranger)).isEqualTo("notYours");
        assertThat(stranger.status()).isEqualTo(400);
        assertThat(exchanges()).isEmpty();
        assertThat(invitations(acme).at("/0/state").asText()).isEqualTo("open");
        assertThat(ConnectedRealm.outcome(approve(first, consent, acme))).isEqualTo("awaitingApproval");
        onlyExchange();
    }

    @Test
    void a_browser_with_a_round_trip_of_its_own_cannot_finish_another_one(Browser first, Browser other) {
        Organization acme = organization();
        Organization evil = organization();
        Page consent = realm.depart(first, realm.invite(acme.id()));
        realm.depart(other, realm.invite(evil.id()));

        assertThat(ConnectedRealm.outcome(approve(other, consent, acme))).isEqualTo("notYours");

        assertThat(exchanges()).isEmpty();
        assertUntouched(acme);
        assertUntouched(evil);
    }

    @Test
    void an_unknown_state_changes_nothing(Browser browser) {
        Organization acme = organization();
        Page consent = realm.depart(browser, realm.invite(acme.id()));
        String state = query(consent.uri()).getOrDefault("state", "");
        String tampered = (state.startsWith("A") ? "B" : "A") + state.substring(1);

        for (String query : List.of("code=x&state=" + tampered, "code=x&state=", "code=x", "", "error=access_denied")) {
            Page page = browser.open(realm.resource("callback/link?" + query));
            assertThat(ConnectedRealm.outcome(page)).isEqualTo("notYours");
            assertThat(page.headers().allValues("Referrer-Policy")).containsExactly("no-referrer");
        }

        assertThat(exchanges()).isEmpty();
        assertThat(ConnectedRealm.outcome(approve(browser, consent, acme))).isEqualTo("awaitingApproval");
    }

    @Test
    void a_finished_callback_is_worth_nothing_the_second_time(Browser browser) {
        Organization acme = organization();
        realm.authorize(browser, realm.invite(acme.id()), acme.domain());
        String before = realm.link(acme.id()).toString();
        URI callback = browser.history().get(browser.history().size() - 1);
        assertThat(callback.getQuery()).contains("code=");

        assertThat(ConnectedRealm.outcome(browser.open(callback))).isEqualTo("notYours");

        onlyExchange();
        assertThat(realm.link(acme.id())).hasToString(before);
    }

    @Test
    void declining_changes_nothing_and_the_invitation_can_be_used_again(Browser browser) {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());

        Page result = browser.submit(
                realm.depart(browser, invitation).formAskingFor("domain").press("Decline"));

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("declined");
        assertThat(result.document().text()).contains("Nothing was connected");
        assertUntouched(acme);
        assertThat(exchanges()).isEmpty();
        assertThat(ConnectedRealm.outcome(realm.authorize(browser, invitation, acme.domain())))
                .isEqualTo("awaitingApproval");
    }

    @ParameterizedTest
    @CsvSource({
        "DECLINE, declined, 400, Nothing was connected",
        "INVALID_REQUEST, invalidRequest, 400, Cronofy could not read the request",
        "UNAUTHORIZED_CLIENT, unauthorizedClient, 400, This site may not ask for access yet",
        "UNSUPPORTED_RESPONSE_TYPE, unsupportedResponseType, 400, Cronofy does not offer this kind of request",
        "INVALID_SCOPE, invalidScope, 400, This site asked for access that does not exist",
        "SERVER_ERROR, serverError, 503, Something went wrong at Cronofy",
        "TEMPORARILY_UNAVAILABLE, temporarilyUnavailable, 503, Please try again later"
    })
    void an_error_of_cronofy_ends_on_a_page_and_the_invitation_can_be_used_again(
            Choice.Consent error, String outcome, int status, String title) {
        Browser browser = new Browser();
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        simulator.change(Switch.AUTHORIZE, error);
        simulator.change(Switch.AUTHORIZE_ERROR_DESCRIPTION, "described <b>by</b> Cronofy");

        Page result = realm.depart(browser, invitation);

        assertThat(ConnectedRealm.outcome(result)).isEqualTo(outcome);
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.document().text()).contains(title).doesNotContain("enterpriseConnectResult");
        assertThat(result.text()).doesNotContain("described");
        assertThat(exchanges()).isEmpty();
        assertUntouched(acme);
        simulator.change(Switch.AUTHORIZE, Choice.Consent.PAGE);
        assertThat(ConnectedRealm.outcome(realm.authorize(browser, invitation, acme.domain())))
                .isEqualTo("awaitingApproval");
    }

    @Test
    void an_expired_code_asks_to_start_again(Browser browser) {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        simulator.change(Switch.CODE_SECONDS, 0);

        Page result = realm.authorize(browser, invitation, acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("codeGone");
        assertUntouched(acme);
        simulator.change(Switch.CODE_SECONDS, Switch.CODE_SECONDS.initial());
        assertThat(ConnectedRealm.outcome(realm.authorize(browser, invitation, acme.domain())))
                .isEqualTo("awaitingApproval");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/oauth/token", "/v1/userinfo"})
    void a_fault_of_cronofy_asks_to_come_back_later(String path) {
        Browser browser = new Browser();
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        simulator.addFault(Fault.on("", path).status(500).build());

        Page result = realm.authorize(browser, invitation, acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("temporarilyUnavailable");
        assertThat(result.status()).isEqualTo(503);
        assertUntouched(acme);
        simulator.clearFaults();
        assertThat(ConnectedRealm.outcome(realm.authorize(browser, invitation, acme.domain())))
                .isEqualTo("awaitingApproval");
    }

    @Test
    void a_secret_that_cronofy_does_not_know_is_called_a_misconfiguration(Browser browser) {
        Organization acme = organization();
        URI invitation = realm.invite(acme.id());
        simulator.addApplication(CLIENT_ID, "rotated at Cronofy");

        Page result = realm.authorize(browser, invitation, acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("misconfigured");
        assertThat(onlyExchange().status()).isEqualTo(400);
        assertUntouched(acme);
        simulator.addApplication(CLIENT_ID, SECRET);
        assertThat(ConnectedRealm.outcome(realm.authorize(browser, invitation, acme.domain())))
                .isEqualTo("awaitingApproval");
    }

    @Test
    void a_domain_that_nobody_approved_waits_for_approval(Browser browser) {
        Organization acme = organization();

        Page result = realm.authorize(browser, realm.invite(acme.id()), acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("awaitingApproval");
        JsonNode link = realm.link(acme.id());
        assertThat(link.get("state").asText()).isEqualTo("awaiting_approval");
        assertThat(link.get("domains")).hasToString("[{\"name\":\"" + acme.domain() + "\",\"approved\":false}]");
        assertThat(realm.approve(acme.id(), acme.domain()).get("state").asText())
                .isEqualTo("active");
        assertThat(admin.put(realm.api("links/" + acme.id()), Map.of("domains", List.of()))
                        .expect(200)
                        .json()
                        .get("state")
                        .asText())
                .isEqualTo("awaiting_approval");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"domains\": {}}",
                "{\"domains\": [\"acme.test\"]}",
                "{\"domains\": [{\"name\": \"acme.test\"}]}",
                "{\"domains\": [{\"name\": \"me@acme.test\", \"approved\": true}]}",
                "{\"domains\": [{\"name\": \"*.acme.test\", \"approved\": true}]}",
                "{\"domains\": [{\"name\": \"a.test\", \"approved\": true}, {\"name\": \"A.test\", \"approved\": true}]}",
                "{\"domains\": [], \"state\": \"active\"}"
            })
    void wrong_domains_are_refused_with_what_to_write(String body) {
        Organization acme = organization();

        assertThat(admin.put(realm.api("links/" + acme.id()), body)
                        .expect(400)
                        .json()
                        .get("errorMessage")
                        .asText())
                .startsWith("Write {\"domains\": [{\"name\": \"customer.example\", \"approved\": true}]}");
        assertUntouched(acme);
    }

    @Test
    void an_invitation_never_replaces_a_link_by_another_service_account(Browser browser) {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        JsonNode before = realm.link(acme.id());
        List<String> live = simulator.liveSubs();

        Page result = realm.authorize(browser, realm.invite(acme.id()), "other-" + acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("otherServiceAccount");
        assertThat(result.status()).isEqualTo(409);
        assertThat(realm.link(acme.id())).isEqualTo(before);
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(revocations()).hasSize(1));
        await().untilAsserted(() -> assertThat(live).containsAll(simulator.liveSubs()));
        assertThat(simulator.isLive(before.get("serviceAccount").asText())).isTrue();
    }

    @Test
    void authorizing_the_same_service_account_again_replaces_its_tokens(Browser browser) {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        JsonNode before = realm.link(acme.id());
        URI invitation = realm.invite(acme.id());
        assertThat(browser.open(invitation).document().text()).contains("connected already");
        simulator.change(Switch.REAUTHORIZATION, Choice.Reauthorization.REPLACE);

        Page result = realm.authorize(browser, invitation, acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("linked");
        JsonNode after = realm.link(acme.id());
        assertThat(after.get("serviceAccount")).isEqualTo(before.get("serviceAccount"));
        assertThat(after.get("state").asText()).isEqualTo("active");
        assertThat(after.get("linkedAt")).isNotEqualTo(before.get("linkedAt"));
        assertThat(simulator.isLive(after.get("serviceAccount").asText())).isTrue();
        assertThat(revocations()).isEmpty();
        String maria = realm.member(acme.id(), acme.name() + "-maria", "maria@" + acme.domain());
        realm.signIn(acme.name() + "-maria");
        await().atMost(SWEEPS)
                .untilAsserted(() ->
                        assertThat(realm.member(maria).get("state").asText()).isEqualTo("granted"));
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

        Answer answer = admin.post(realm.api("links/" + acme.id() + "/invitations"), body.isEmpty() ? null : body)
                .expect(201);

        Instant expiresAt = Instant.parse(answer.json().get("expiresAt").asText());
        assertThat(expiresAt).isCloseTo(Instant.now().plusSeconds(seconds), within(30, ChronoUnit.SECONDS));
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @Test
    void unlinking_revokes_the_service_account_once() {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();

        admin.delete(realm.api("links/" + acme.id())).expect(204);
        admin.delete(realm.api("links/" + acme.id())).expect(204);

        JsonNode link = realm.link(acme.id());
        assertThat(link.get("state").asText()).isEqualTo("unlinked");
        assertThat(link.has("serviceAccount")).isFalse();
        assertThat(link.has("scope")).isFalse();
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
        assertThat(revocations()).hasSize(1);
        assertThat(revocations().get(0).parameter("client_secret")).isEqualTo(SECRET);
    }

    @Test
    void a_revocation_that_cronofy_cannot_take_is_delivered_later() {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();
        simulator.addFault(
                Fault.on("POST", "/oauth/token/revoke").status(503).times(1).build());

        admin.delete(realm.api("links/" + acme.id())).expect(204);

        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("unlinked");
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
        assertThat(revocations()).extracting(ReceivedRequest::status).containsExactly(503, 200);
    }

    @Test
    void a_service_account_that_another_link_holds_is_not_revoked(Browser browser) {
        Organization first = organization();
        Organization second = organization();
        realm.link(first.id(), first.domain());
        String serviceAccount = realm.link(first.id()).get("serviceAccount").asText();
        realm.authorize(browser, realm.invite(second.id()), first.domain());
        assertThat(realm.link(second.id()).get("serviceAccount").asText()).isEqualTo(serviceAccount);

        admin.delete(realm.api("links/" + first.id())).expect(204);

        await().atMost(SWEEPS).until(() -> server.logText()
                .contains(serviceAccount + " is still in use elsewhere and is not revoked"));
        assertThat(revocations()).isEmpty();
        assertThat(simulator.isLive(serviceAccount)).isTrue();
        admin.delete(realm.api("links/" + second.id())).expect(204);
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
        assertThat(revocations()).hasSize(1);
    }

    @Test
    void who_may_only_see_organizations_sees_the_links_and_changes_nothing() {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        JsonNode before = realm.link(acme.id());
        AdminClient viewer = administrators.create("link-viewer", "view-organizations", "query-organizations");

        ObjectNode withoutWhatIsTheRealms = before.deepCopy();
        withoutWhatIsTheRealms
                .putObject("policy")
                .put("proof", "keycloak")
                .put("optOut", false)
                .put("notice", "none")
                .put("wait", 0)
                .putArray("inherited")
                .add("notice")
                .add("optOut")
                .add("wait");
        withoutWhatIsTheRealms.putObject("access").put("manage", false);
        assertThat(viewer.get(realm.api("links/" + acme.id())).expect(200).json())
                .isEqualTo(withoutWhatIsTheRealms);
        viewer.put(realm.api("links/" + acme.id()), Map.of("domains", List.of()))
                .expect(403);
        viewer.delete(realm.api("links/" + acme.id())).expect(403);
        viewer.post(realm.api("links/" + acme.id() + "/invitations"), null).expect(403);
        viewer.get(realm.api("links/" + acme.id() + "/invitations")).expect(403);

        assertThat(realm.link(acme.id())).isEqualTo(before);
        assertThat(invitations(acme)).hasSize(1);
    }

    @Test
    void who_manages_organizations_links_and_unlinks_but_approves_no_domain(Browser browser) {
        Organization acme = organization();
        AdminClient manager = administrators.create("link-manager", "manage-organizations");

        URI invitation = URI.create(manager.post(realm.api("links/" + acme.id() + "/invitations"), null)
                .expect(201)
                .json()
                .get("url")
                .asText());
        realm.authorize(browser, invitation, acme.domain());
        manager.put(
                        realm.api("links/" + acme.id()),
                        Map.of("domains", List.of(Map.of("name", acme.domain(), "approved", true))))
                .expect(403);
        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("awaiting_approval");
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();
        manager.delete(realm.api("links/" + acme.id())).expect(204);

        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("unlinked");
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));
    }

    @Test
    void unknown_foreign_and_hidden_organizations_are_one_and_the_same_404() {
        String other = AdminClient.newRealmName(LinkIT.class);
        admin.createRealm(other, Map.of("organizationsEnabled", true));
        String foreign = admin.createOrganization(other, "foreign", "foreign-link.test");
        Organization hidden = organization();
        AdminClient helpdesk = administrators.create("link-helpdesk", "view-users");

        Answer expected = admin.get(realm.api("links/00000000-0000-0000-0000-000000000000"));

        List<Answer> same = List.of(
                admin.get(realm.api("links/" + foreign)),
                admin.delete(realm.api("links/" + foreign)),
                admin.post(realm.api("links/" + foreign + "/invitations"), null),
                admin.put(realm.api("links/" + foreign), Map.of("domains", List.of())),
                admin.get(realm.api("links/realm")),
                helpdesk.get(realm.api("links/" + hidden.id())),
                helpdesk.delete(realm.api("links/" + hidden.id())));
        assertThat(expected.status()).isEqualTo(404);
        assertThat(same).allSatisfy(answer -> {
            assertThat(answer.status()).as(answer.request()).isEqualTo(404);
            assertThat(answer.text()).as(answer.request()).isEqualTo(expected.text());
        });
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

    @Test
    void what_happens_to_a_link_is_an_admin_event_without_secrets(Browser browser) {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());
        URI invitation = realm.invite(acme.id());
        realm.authorize(browser, invitation, acme.domain());
        realm.invite(acme.id());
        String withdrawn = invitations(acme).at("/0/id").asText();
        admin.delete(realm.api("links/" + acme.id() + "/invitations/" + withdrawn))
                .expect(204);
        String serviceAccount = realm.link(acme.id()).get("serviceAccount").asText();
        admin.delete(realm.api("links/" + acme.id())).expect(204);
        await().atMost(SWEEPS).until(() -> !simulator.isLive(serviceAccount));

        Answer events = admin.get("/admin/realms/" + realm.name()
                        + "/admin-events?resourcePath=enterprise-connect/links/" + acme.id() + "*")
                .expect(200);

        assertThat(events.json())
                .allSatisfy(
                        event -> assertThat(event.get("resourceType").asText()).isEqualTo("ENTERPRISE_CONNECT_LINK"));
        assertThat(events.json().findValuesAsText("operationType"))
                .containsExactlyInAnyOrder("UPDATE", "CREATE", "CREATE", "DELETE", "DELETE");
        assertThat(events.text()).doesNotContain(ticket(invitation)).doesNotContain(SECRET);
    }

    private record Organization(String id, String name, String domain) {}

    /** An organization that no other test knows, with one domain. */
    private Organization organization() {
        organizations++;
        String name = "link" + organizations;
        String domain = name + ".link.test";
        return new Organization(realm.organization(name, domain), name, domain);
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(realm.settings());
        settings.put("clientId", CLIENT_ID);
        settings.put("clientSecret", SECRET);
        return settings;
    }

    private static Page approve(Browser browser, Page consent, Organization organization) {
        return browser.submit(consent.formAskingFor("domain")
                .with("domain", organization.domain())
                .press("approve"));
    }

    private JsonNode invitations(Organization organization) {
        return admin.get(realm.api("links/" + organization.id() + "/invitations"))
                .expect(200)
                .json();
    }

    private void assertUntouched(Organization organization) {
        JsonNode link = realm.link(organization.id());
        assertThat(link.get("state").asText()).isEqualTo("unlinked");
        assertThat(link.get("domains")).isEmpty();
        assertThat(link.has("serviceAccount")).isFalse();
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

    private static Cookie roundTripCookie(Browser browser) {
        List<Cookie> cookies = browser.cookies().stream()
                .filter(cookie -> cookie.name().startsWith("KC_ENTERPRISE_CONNECT_"))
                .toList();
        assertThat(cookies).hasSize(1);
        return cookies.get(0);
    }

    private List<ReceivedRequest> exchanges() {
        return simulator.requests("POST", "/oauth/token").stream()
                .filter(request ->
                        CLIENT_ID.equals(request.parameter("client_id")) && request.parameter("redirect_uri") != null)
                .toList();
    }

    private ReceivedRequest onlyExchange() {
        assertThat(exchanges()).hasSize(1);
        return exchanges().get(0);
    }

    private List<ReceivedRequest> revocations() {
        return simulator.requests("POST", "/oauth/token/revoke").stream()
                .filter(request -> CLIENT_ID.equals(request.parameter("client_id")))
                .toList();
    }

    private static String ticket(URI invitation) {
        return invitation.getPath().substring(invitation.getPath().lastIndexOf('/') + 1);
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : uri.getRawQuery().split("&", -1)) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }
}
