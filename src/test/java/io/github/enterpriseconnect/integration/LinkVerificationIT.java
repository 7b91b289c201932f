package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A link proven by one real mailbox, by administrators and by whoever has just authorized it. */
class LinkVerificationIT extends LinkScenario {
    LinkVerificationIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
    }

    @AfterEach
    void letMailboxesOpen() {
        simulator.change(Switch.MAILBOX_ERRORS, Map.of());
        simulator.change(Switch.WRONG_MAILBOXES, Map.of());
        simulator.change(Switch.CALLBACK_DROPPED, List.of());
    }

    private Organization linked() {
        Organization organization = organization();
        realm.link(organization.id(), organization.domain());
        simulator.clearRequests();
        return organization;
    }

    private String verification(Organization organization) {
        return realm.api("links/" + organization.id() + "/verification");
    }

    private Answer verify(Organization organization, String mailbox) {
        return admin.post(verification(organization), Map.of("mailbox", mailbox));
    }

    private JsonNode awaitResult(Organization organization, String result) {
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(admin.get(verification(organization))
                        .expect(200)
                        .json()
                        .get("result")
                        .asText())
                .isEqualTo(result));
        return realm.link(organization.id()).get("verified");
    }

    /** Which account a mailbox has at Cronofy. */
    private List<String> liveAccounts() {
        return simulator.liveSubs().stream()
                .filter(sub -> sub.startsWith("acc_"))
                .toList();
    }

    private List<String> outcomes(Organization organization) {
        return admin.get(realm.api("revocations?link=" + organization.id()))
                .expect(200)
                .json()
                .findValuesAsText("state");
    }

    private void assertRefused(Answer answer, int status, String message) {
        assertThat(answer.expect(status).json().get("errorMessage").asText()).contains(message);
    }

    @Test
    void a_mailbox_of_nobody_s_proves_the_link_and_is_given_back() {
        Organization acme = linked();
        assertThat(realm.link(acme.id()).at("/verified/result").asText()).isEqualTo("none");
        List<String> before = liveAccounts();

        JsonNode begun = verify(acme, "probe@" + acme.domain()).expect(202).json();

        assertThat(begun.get("result").asText()).isIn("pending", "proven");
        JsonNode verified = awaitResult(acme, "proven");
        assertThat(verified.get("mailbox").asText()).isEqualTo("p\u2026@" + acme.domain());
        assertThat(verified.has("reason")).isFalse();
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(outcomes(acme)).containsExactly("delivered"));
        assertThat(liveAccounts()).isEqualTo(before);
        assertThat(admin.get(realm.api("links/" + acme.id() + "/delegations"))
                        .expect(200)
                        .json()
                        .toString())
                .doesNotContain("probe@");
        assertThat(server.logText()).doesNotContain("probe@" + acme.domain());
    }

    @Test
    void what_a_member_holds_is_not_opened_again_or_else_only_forgotten_and_their_token_goes_on() {
        Organization acme = linked();
        Member maria = realm.member(acme.id(), "maria-" + acme.name(), "maria@" + acme.domain());
        maria.connect();
        assertRefused(verify(acme, maria.address()), 409, "name another mailbox");

        simulator.change(Switch.WRONG_MAILBOXES, Map.of("alias@" + acme.domain(), maria.address()));
        verify(acme, "alias@" + acme.domain()).expect(202);

        awaitResult(acme, "failed");
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(outcomes(acme)).containsExactly("kept"));
        assertThat(revocations()).isEmpty();
        maria.token().expect(200);
    }

    @Test
    void where_opening_a_mailbox_again_ends_its_tokens_no_member_is_left_with_dead_ones() {
        simulator.change(Switch.REAUTHORIZATION, Choice.Reauthorization.REPLACE);
        Organization acme = linked();
        Member maria = realm.member(acme.id(), "maria-" + acme.name(), "maria@" + acme.domain());
        maria.connect();
        assertRefused(verify(acme, maria.address()), 409, "name another mailbox");
        assertThat(calendars(maria).status()).isEqualTo(200);

        simulator.change(Switch.WRONG_MAILBOXES, Map.of("alias@" + acme.domain(), maria.address()));
        verify(acme, "alias@" + acme.domain()).expect(202);
        awaitResult(acme, "failed");

        // Nobody has asked for her token, and she has not signed in.
        await().atMost(SWEEPS).until(() -> asks(maria) == 2);
        maria.awaitState("granted");
        assertThat(calendars(maria).status()).isEqualTo(200);
    }

    private long asks(Member member) {
        return simulator.requests("POST", "/v1/service_account_authorizations").stream()
                .filter(request -> request.body().contains("\"" + member.address() + "\""))
                .count();
    }

    /** The calendars that Cronofy shows to whoever has the token that is served for the member. */
    private Answer calendars(Member member) {
        String token = member.token().expect(200).json().get("access_token").asText();
        return Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars"))
                .header("Authorization", "Bearer " + token)
                .GET());
    }

    @Test
    void a_refusal_says_why_and_what_to_do_and_nobody_else_suffers() {
        Organization acme = linked();
        simulator.change(Switch.MAILBOX_ERRORS, Map.of("blocked@" + acme.domain(), CallbackError.MAILBOX_UNAVAILABLE));

        verify(acme, "blocked@" + acme.domain()).expect(202);

        JsonNode failed = awaitResult(acme, "failed");
        assertThat(failed.get("reason").asText()).isEqualTo("refused_by_cronofy");
        assertThat(failed.get("detail").asText()).contains("The account has no mailbox");
        assertThat(failed.get("advice").asText()).contains("24 hours").contains("application access policy");
        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("active");
        assertThat(realm.link(acme.id()).has("problem")).isFalse();
        realm.member(acme.id(), "john-" + acme.name(), "john@" + acme.domain()).connect();

        simulator.change(Switch.WRONG_MAILBOXES, Map.of("alias@" + acme.domain(), "main@" + acme.domain()));
        verify(acme, "alias@" + acme.domain()).expect(202);
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(
                        realm.link(acme.id()).at("/verified/reason").asText())
                .isEqualTo("wrong_profile"));
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(outcomes(acme)).containsExactly("delivered"));
    }

    @Test
    void what_cannot_be_verified_is_refused_with_what_to_write_or_to_do() {
        Organization acme = linked();
        assertRefused(verify(acme, "probe@other.test"), 400, "Approved: " + acme.domain());
        assertRefused(verify(acme, "probe@sub." + acme.domain()), 400, "approved");
        for (String body :
                List.of("{}", "{\"mailbox\": 5}", "{\"mailbox\": \"no address\"}", "{\"address\": \"a@b.test\"}")) {
            assertRefused(admin.post(verification(acme), body), 400, "Write {\"mailbox\": ");
        }
        assertRefused(verify(organization(), "probe@x.test"), 409, "not active");
        admin.put(realm.api("links/" + acme.id() + "/suspension"), null).expect(204);
        assertRefused(verify(acme, "probe@" + acme.domain()), 409, "suspended");
        admin.delete(realm.api("links/" + acme.id() + "/suspension")).expect(204);

        AdminClient viewer = administrators.create("viewer-" + acme.name(), "view-realm", "view-organizations");
        viewer.post(verification(acme), Map.of("mailbox", "probe@" + acme.domain()))
                .expect(403);
        assertThat(viewer.get(verification(acme))
                        .expect(200)
                        .json()
                        .get("result")
                        .asText())
                .isEqualTo("none");
        assertThat(simulator.requests("POST", "/v1/service_account_authorizations"))
                .isEmpty();
    }

    @Test
    void one_at_a_time_and_five_an_hour_and_not_while_the_mailbox_is_being_revoked() {
        Organization acme = linked();
        simulator.change(Switch.CALLBACK_DROPPED, List.of("silent@" + acme.domain()));
        verify(acme, "silent@" + acme.domain()).expect(202);
        assertRefused(verify(acme, "probe@" + acme.domain()), 409, "under way");

        Organization other = linked();
        int fault = simulator.addFault(
                Fault.on("POST", "/oauth/token/revoke").status(503).build());
        verify(other, "probe@" + other.domain()).expect(202);
        awaitResult(other, "proven");
        assertRefused(verify(other, "probe@" + other.domain()), 409, "being revoked");
        simulator.clearFault(fault);
        await().atMost(SWEEPS).untilAsserted(() -> assertThat(outcomes(other)).containsExactly("delivered"));
        for (int i = 2; i <= 5; i++) {
            verify(other, "probe" + i + "@" + other.domain()).expect(202);
            awaitResult(other, "proven");
        }
        Answer full = verify(other, "probe6@" + other.domain());
        assertRefused(full, 429, "too often");
        assertThat(full.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 3600L);
    }

    @Test
    void whoever_has_just_authorized_the_link_names_one_mailbox_once_in_the_same_browser(Browser browser) {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());
        Page result = realm.authorize(browser, realm.invite(acme.id()), acme.domain());
        assertThat(ConnectedRealm.outcome(result)).isEqualTo("linked");
        assertThat(result.document().select("#enterprise-connect-verification").text())
                .contains(acme.domain());

        Page refused = browser.submit(result.formAskingFor("mailbox").with("mailbox", "probe@other.test"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.document()
                        .select("#enterprise-connect-verification-problem")
                        .attr("data-problem"))
                .isEqualTo("domain");
        Page stranger =
                new Browser().submit(refused.formAskingFor("mailbox").with("mailbox", "probe@" + acme.domain()));
        assertThat(stranger.status()).isEqualTo(404);
        assertThat(realm.link(acme.id()).at("/verified/result").asText()).isEqualTo("none");

        Page[] shown = {browser.submit(refused.formAskingFor("mailbox").with("mailbox", "probe@" + acme.domain()))};
        await().atMost(SWEEPS).until(() -> {
            shown[0] = shown[0].refresh().isPresent() ? browser.refresh(shown[0]) : shown[0];
            return "proven"
                    .equals(shown[0].document()
                            .select("#enterprise-connect-verified")
                            .attr("data-result"));
        });
        assertThat(shown[0].headers().firstValue("Cache-Control").orElse("")).contains("no-store");
        assertThat(realm.link(acme.id()).at("/verified/result").asText()).isEqualTo("proven");
        assertThat(new Browser().open(shown[0].uri()).status()).isEqualTo(404);

        simulator.clearRequests();
        Page again = browser.submit(result.formAskingFor("mailbox").with("mailbox", "second@" + acme.domain()));
        assertThat(again.document().select("#enterprise-connect-verified").attr("data-result"))
                .isEqualTo("proven");
        assertThat(simulator.requests("POST", "/v1/service_account_authorizations"))
                .isEmpty();
    }

    @Test
    void looking_begins_nothing_and_neither_does_another_site(Browser browser) {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());
        Page result = realm.authorize(browser, realm.invite(acme.id()), acme.domain());
        URI action = result.formAskingFor("mailbox").action();
        String state = result.formAskingFor("mailbox").fields().get("state");
        simulator.clearRequests();

        Page looked = browser.open(URI.create(action + "?state=" + state));
        assertThat(looked.status()).isEqualTo(200);
        String cookies = String.join(
                "; ",
                browser.cookies().stream()
                        .map(cookie -> cookie.name() + "=" + cookie.value())
                        .toList());
        Answer foreign = Answer.to(Answer.form(
                HttpRequest.newBuilder(action).header("Cookie", cookies).header("Sec-Fetch-Site", "cross-site"),
                "POST",
                Map.of("state", state, "mailbox", "probe@" + acme.domain())));

        assertThat(foreign.status()).isEqualTo(404);
        assertThat(simulator.requests("POST", "/v1/service_account_authorizations"))
                .isEmpty();
        assertThat(realm.link(acme.id()).at("/verified/result").asText()).isEqualTo("none");
    }

    @Test
    void where_the_domain_is_not_approved_no_mailbox_is_asked_for(Browser browser) {
        Organization acme = organization();

        Page result = realm.authorize(browser, realm.invite(acme.id()), acme.domain());

        assertThat(ConnectedRealm.outcome(result)).isEqualTo("awaitingApproval");
        assertThat(result.document().select("#enterprise-connect-verification")).isEmpty();
    }

    @Test
    void the_page_before_says_how_to_limit_the_access_before_connecting(Browser browser) {
        Page page = browser.open(realm.invite(organization().id()));

        assertThat(page.document().text())
                .contains("before you continue")
                .contains("Connect by Microsoft Graph, not by EWS")
                .contains("Microsoft asks twice")
                .contains("EWS is for your own Exchange Server only");
    }
}
