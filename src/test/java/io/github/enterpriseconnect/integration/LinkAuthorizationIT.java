package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Cookie;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The round trip of an invitation to Cronofy and back, and what can come of it. */
class LinkAuthorizationIT extends LinkScenario {
    LinkAuthorizationIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
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
        assertThat(exchange.parameter("client_id")).isEqualTo(clientId);
        assertThat(exchange.parameter("client_secret")).isEqualTo(SECRET);
        assertThat(exchange.parameter("redirect_uri"))
                .isEqualTo(realm.resource("callback/link").toString());
        assertThat(exchange.query()).isEmpty();
    }

    @Test
    void a_realm_without_organizations_has_the_one_link_realm(Browser browser) {
        ConnectedRealm single =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(getClass()), false);
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
    void the_button_leaves_for_cronofy_with_a_cookie_for_this_round_trip(Browser browser) {
        Organization acme = organization();

        Page consent = realm.depart(browser, realm.invite(acme.id()));

        Map<String, String> query = query(consent.uri());
        assertThat(consent.uri().toString()).startsWith(simulator.baseUri() + "/enterprise_connect/oauth/authorize?");
        assertThat(query)
                .containsOnlyKeys("response_type", "client_id", "redirect_uri", "scope", "delegated_scope", "state")
                .containsEntry("response_type", "code")
                .containsEntry("client_id", clientId)
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
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(live).containsAll(simulator.liveSubs()));
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
        String maria = realm.member(acme.id(), acme.name() + "-maria", "maria@" + acme.domain())
                .id();
        realm.signIn(acme.name() + "-maria");
        await().atMost(SWEEPS)
                .untilAsserted(() ->
                        assertThat(realm.member(maria).get("state").asText()).isEqualTo("granted"));
    }

    private static Cookie roundTripCookie(Browser browser) {
        List<Cookie> cookies = browser.cookies().stream()
                .filter(cookie -> cookie.name().startsWith("KC_ENTERPRISE_CONNECT_"))
                .toList();
        assertThat(cookies).hasSize(1);
        return cookies.get(0);
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
