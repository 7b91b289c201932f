package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.AuthorizationRequest;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.SignIn;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Users see whether their calendar is connected, and connect or disconnect it, where applications or their account lead
 * them.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccountPageIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<String, String> ACTION = Map.of("kc_action", "enterprise-connect");

    private final AdminClient admin;
    private final KeycloakServer server;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;

    AccountPageIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(AccountPageIT.class), true);
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    private static String address(String name) {
        return name + "@" + name + ".test";
    }

    private String linked(String name, Map<String, Object> policy) {
        return realm.linked(name, name + ".test", policy);
    }

    private Member member(String name, Map<String, Object> policy) {
        return realm.member(linked(name, policy), name, address(name));
    }

    private Member delegated(String name, Map<String, Object> policy) {
        return member(name, policy).connect();
    }

    /** A browser at the page to which an application has sent somebody. */
    private final class Visitor {
        private final Browser browser;
        private final AuthorizationRequest request;
        private Page page;

        Visitor(String name) {
            this(name, "en", ACTION);
        }

        Visitor(String name, String language, Map<String, String> parameters) {
            browser = new Browser(language);
            request = realm.consumer().authorizationRequest(parameters);
            page = browser.enterCredentials(browser.open(request), name, ConnectedRealm.PASSWORD);
        }

        Visitor assertState(String state) {
            assertThat(page.document().select("#enterprise-connect-account").attr("data-state"))
                    .as("%s", page)
                    .isEqualTo(state);
            return this;
        }

        Visitor assertWhy(String why) {
            assertThat(page.document().select("#enterprise-connect-account").attr("data-why"))
                    .as("%s", page)
                    .isEqualTo(why);
            return this;
        }

        Visitor press(String button) {
            page = browser.submit(page.forms().get(0).press("enterprise-connect-" + button));
            return this;
        }

        /** The waiting page, which is to come now, and what follows. */
        Visitor awaitEnd() {
            assertThat(page.document().select("#enterprise-connect-waiting"))
                    .as("%s", page)
                    .hasSize(1);
            await().atMost(PATIENCE).until(() -> {
                page = browser.refresh(page);
                return page.refresh().isEmpty();
            });
            return this;
        }

        List<String> buttons() {
            return page.document().select("form button").eachText();
        }

        String text() {
            return page.document().text();
        }

        SignIn end() {
            return request.complete(page, List.of());
        }

        String status() {
            return String.valueOf(end().parameters().get("kc_action_status"));
        }
    }

    private List<String> choices(String user) {
        JsonNode events = admin.get(
                        "/admin/realms/" + realm.name() + "/events?type=CUSTOM_REQUIRED_ACTION&user=" + user)
                .expect(200)
                .json();
        return StreamSupport.stream(events.spliterator(), false)
                .map(event -> event.at("/details/choice").asText())
                .filter(choice -> !choice.isEmpty())
                .toList();
    }

    private JsonNode client(String clientId) {
        return admin.get("/admin/realms/" + realm.name() + "/clients?clientId=" + clientId)
                .expect(200)
                .json()
                .get(0);
    }

    @Test
    void a_connected_user_sees_by_whom_since_when_and_who_uses_it() {
        Member ada = delegated("ada", Map.of());
        realm.token(realm.consumer().directGrant("ada", ConnectedRealm.PASSWORD).accessToken())
                .expect(200);
        await().atMost(PATIENCE).until(() -> !ada.standing().get("uses").isEmpty());

        Visitor visitor = new Visitor("ada").assertState("CONNECTED");

        assertThat(visitor.text()).contains("Your calendar is connected.", "ada@ada.test", "Connected by ada");
        assertThat(visitor.page.document().select("dd time").eachAttr("datetime"))
                .containsExactly(
                        ada.standing().get("grantedAt").asText(),
                        ada.standing().at("/uses/0/lastAt").asText());
        assertThat(visitor.page.document().select("dt").eachText()).contains("calendar-app");
        assertThat(visitor.buttons()).containsExactly("Done");
        assertThat(visitor.press("done").status()).isEqualTo("success");
    }

    @Test
    void a_page_speaks_the_user_s_language_with_its_dates() {
        ConnectedRealm german =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(AccountPageIT.class), false);
        german.speak("en", "de");
        german.link("realm", "greta.test");
        Member greta = german.user("greta", address("greta"));
        german.consumer().directGrant("greta", ConnectedRealm.PASSWORD);
        await().atMost(PATIENCE).until(() -> greta.state().equals("granted"));
        Browser browser = new Browser("de");

        Page page = browser.enterCredentials(
                browser.open(german.consumer().authorizationRequest(ACTION)), "greta", ConnectedRealm.PASSWORD);

        assertThat(page.document().text()).contains("Ihr Kalender ist verbunden.");
        // Between the date and the time the versions of Java differ.
        assertThat(page.document().select("dd time").text())
                .containsPattern("^\\d{1,2}\\. \\p{L}+ \\d{4}\\b")
                .contains("UTC");
    }

    @Test
    void a_user_disconnects_after_confirming_and_connects_again() {
        Member ben = delegated("ben", Map.of("optOut", true));
        Visitor visitor = new Visitor("ben").assertState("CONNECTED");

        visitor.press("disconnect");
        assertThat(visitor.text()).contains("Disconnect your calendar?");
        visitor.press("keep").assertState("CONNECTED");
        assertThat(ben.state()).isEqualTo("granted");
        visitor.press("disconnect")
                .press("confirm")
                .assertState("NOT_CONNECTED")
                .assertWhy("OPTED_OUT");

        assertThat(ben.standing().get("optedOut").asBoolean()).isTrue();
        await().atMost(PATIENCE).until(() -> !cronofy.live(address("ben")));
        assertThat(visitor.buttons()).containsExactly("Connect again", "Done");
        visitor.press("connect").awaitEnd();
        assertThat(visitor.press("done").status()).isEqualTo("success");
        assertThat(ben.standing().get("optedOut").asBoolean()).isFalse();
        ben.awaitState("granted");
        assertThat(choices(ben.id())).containsExactlyInAnyOrder("opt_out", "opt_in");
    }

    @RepeatedTest(4)
    void a_double_click_disconnects_once_and_fails_nowhere(RepetitionInfo repetition) {
        String name = "double-" + repetition.getCurrentRepetition();
        Member user = delegated(name, Map.of("optOut", true));
        Visitor visitor = new Visitor(name).press("disconnect");

        List<Page> answers =
                visitor.browser.submitTwice(visitor.page.forms().get(0).press("enterprise-connect-confirm"));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isLessThan(500));
        visitor.page = visitor.browser.open(visitor.page.uri());
        visitor.assertState("NOT_CONNECTED").assertWhy("OPTED_OUT");
        assertThat(user.standing().get("optedOut").asBoolean()).isTrue();
        await().atMost(PATIENCE).until(() -> !cronofy.live(address(name)));
    }

    @Test
    void a_user_who_disconnects_while_the_answer_is_redeemed_stays_disconnected() {
        Member lou = member("lou", Map.of("optOut", true));
        // Answers that are not believed are sent again, so that this one comes when there is but one step left.
        simulator.change(Switch.CALLBACK_RETRY_MAX_MILLIS, 500);
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        realm.consumer().directGrant("lou", ConnectedRealm.PASSWORD);
        await().atMost(PATIENCE).until(() -> !cronofy.asks(address("lou")).isEmpty());
        Visitor visitor = new Visitor("lou").assertState("UNDER_WAY").press("disconnect");
        simulator.addFault(AtCronofy.onToken("authorization_code")
                .after(Duration.ofSeconds(5))
                .afterEffect()
                .times(1)
                .build());
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);
        await().atMost(PATIENCE).until(() -> cronofy.live(address("lou")));

        visitor.press("confirm").assertState("NOT_CONNECTED").assertWhy("OPTED_OUT");

        await().atMost(PATIENCE).until(() -> !cronofy.live(address("lou")));
        assertThat(lou.state()).isNotEqualTo("granted");
    }

    @Test
    void a_user_who_opts_in_and_still_cannot_be_connected_learns_why_and_leaves_a_trace() {
        Member max = delegated("max", Map.of("optOut", true));
        Visitor visitor =
                new Visitor("max").press("disconnect").press("confirm").assertWhy("OPTED_OUT");
        JsonNode user = admin.get("/admin/realms/" + realm.name() + "/users/" + max.id())
                .expect(200)
                .json();
        Map<String, Object> changed = new HashMap<>();
        user.properties().forEach(property -> changed.put(property.getKey(), property.getValue()));
        changed.put("emailVerified", false);
        admin.put("/admin/realms/" + realm.name() + "/users/" + max.id(), changed)
                .expect(204);

        visitor.press("connect").assertState("NOT_CONNECTED");

        assertThat(max.standing().get("optedOut").asBoolean()).isFalse();
        assertThat(max.standing().get("reason").asText()).isEqualTo("email_not_verified");
        assertThat(visitor.page.document().select("#enterprise-connect-account").attr("data-why"))
                .isNotEqualTo("OPTED_OUT");
        assertThat(choices(max.id())).containsExactlyInAnyOrder("opt_out", "opt_in");
    }

    @Test
    void a_user_connects_now_and_sees_how_it_goes() {
        Member cleo = member("cleo", Map.of("notice", "page"));
        simulator.addFault(
                AtCronofy.onAsk(address("cleo")).after(Duration.ofSeconds(2)).build());
        Visitor visitor = new Visitor("cleo").assertState("NOT_CONNECTED");
        assertThat(cronofy.asks(address("cleo"))).isEmpty();

        visitor.press("connect").awaitEnd().assertState("CONNECTED");

        assertThat(visitor.buttons()).containsExactly("Done");
        assertThat(visitor.press("done").status()).isEqualTo("success");
        assertThat(choices(cleo.id())).containsExactly("connect");
        cleo.awaitState("granted");
    }

    @Test
    void a_user_who_does_not_want_to_wait_sees_that_it_is_under_way() {
        member("dora", Map.of("notice", "page"));
        simulator.addFault(AtCronofy.onAsk(address("dora")).hang().build());
        Visitor visitor = new Visitor("dora").press("connect");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.asks(address("dora"))).hasSize(1));

        visitor.press("skip").assertState("UNDER_WAY");

        assertThat(visitor.press("done").status()).isEqualTo("success");
    }

    @Test
    void a_user_who_was_refused_learns_why_and_cannot_ask_again_at_once() {
        Member emil = member("emil", Map.of());
        simulator.change(Switch.MAILBOX_ERRORS, Map.of(address("emil"), CallbackError.ACCOUNT_NOT_FOUND));
        realm.consumer().directGrant("emil", ConnectedRealm.PASSWORD);
        emil.awaitState("refused");
        Visitor visitor = new Visitor("emil").assertState("NOT_CONNECTED").assertWhy("REFUSED");

        visitor.press("connect").assertState("NOT_CONNECTED").assertWhy("REFUSED");

        assertThat(cronofy.asks(address("emil"))).hasSize(1);
    }

    @Test
    void a_user_who_cancels_has_changed_nothing() {
        Member fay = member("fay", Map.of("notice", "page"));
        Visitor visitor = new Visitor("fay").assertState("NOT_CONNECTED");

        assertThat(visitor.press("cancel-aia").status()).isEqualTo("cancelled");

        assertThat(fay.state()).isEqualTo("none");
    }

    @Test
    void what_administrators_have_decided_holds() {
        String organization = linked("gus", Map.of());
        Member gus = realm.member(organization, "gus", address("gus"));
        realm.consumer().directGrant("gus", ConnectedRealm.PASSWORD);
        gus.awaitState("granted");
        Visitor visitor = new Visitor("gus").assertState("CONNECTED");
        assertThat(visitor.buttons()).doesNotContain("Disconnect");
        admin.put(realm.api("links/" + organization + "/suspension"), Map.of()).expect(204);

        assertThat(new Visitor("gus")
                        .assertState("PAUSED")
                        .assertWhy("NOT_OFFERED")
                        .buttons())
                .containsExactly("Done");
        Member outsider = realm.user("hal", address("hal"));
        assertThat(new Visitor("hal")
                        .assertState("NOT_CONNECTED")
                        .assertWhy("NOT_OFFERED")
                        .buttons())
                .containsExactly("Done");
        assertThat(outsider.state()).isEqualTo("none");
    }

    @Test
    void a_user_cannot_disconnect_by_a_forged_form_where_the_policy_does_not_permit_it() {
        Member ida = delegated("ida", Map.of());
        Visitor visitor = new Visitor("ida").assertState("CONNECTED");
        URI action = visitor.page.forms().get(0).action();
        String cookies = String.join(
                "; ",
                visitor.browser.cookies().stream()
                        .map(cookie -> cookie.name() + "=" + cookie.value())
                        .toList());

        Answer.to(Answer.form(
                HttpRequest.newBuilder(action).header("Cookie", cookies), "POST", Map.of("confirm", "true")));

        assertThat(ida.standing().get("optedOut").asBoolean()).isFalse();
        assertThat(ida.state()).isEqualTo("granted");
    }

    @Test
    void a_realm_that_is_switched_off_says_that_the_page_cannot_be_shown() {
        ConnectedRealm off =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(AccountPageIT.class), false);
        off.user("jan", address("jan"));
        admin.put(off.api("settings"), Map.of("enabled", false, "clientId", simulator.clientId(), "dataCenter", "de"))
                .expect(204);

        SignIn signIn =
                new Browser().signIn(off.consumer().authorizationRequest(ACTION), "jan", ConnectedRealm.PASSWORD);

        assertThat(signIn.parameters().get("kc_action_status")).isEqualTo("error");
        Answer.to(HttpRequest.newBuilder(off.resource("account")).GET()).expect(404);
    }

    @Test
    void the_account_console_lists_the_page_which_leads_there_and_back() {
        Member kim = delegated("kim", Map.of());
        OidcClient accountConsole =
                admin.createPublicClient(realm.name(), "account-reader", URI.create("http://127.0.0.1:9/callback"));
        Browser browser = new Browser();
        SignIn signIn = browser.signIn(accountConsole, "kim", ConnectedRealm.PASSWORD);
        JsonNode applications = Answer.to(HttpRequest.newBuilder(
                                URI.create(server.realm(realm.name()) + "/account/applications"))
                        .header("Accept", "application/json")
                        .header("Authorization", "Bearer " + signIn.tokens().accessToken())
                        .GET())
                .expect(200)
                .json();
        JsonNode ours = StreamSupport.stream(applications.spliterator(), false)
                .filter(application -> application.get("clientId").asText().equals("enterprise-connect-account"))
                .findFirst()
                .orElseThrow();
        String name = ours.get("clientName").asText();
        JsonNode texts = Answer.to(HttpRequest.newBuilder(
                                URI.create(server.baseUri() + "/resources/" + realm.name() + "/account/en"))
                        .GET())
                .expect(200)
                .json();
        assertThat(texts)
                .filteredOn(text -> name.equals("${" + text.get("key").asText() + "}"))
                .extracting(text -> text.get("value").asText())
                .containsExactly("Your connected calendar");

        Page page = browser.open(URI.create(ours.get("effectiveUrl").asText()));

        assertThat(page.document().select("#enterprise-connect-account").attr("data-state"))
                .as("%s", page)
                .isEqualTo("CONNECTED");
        assertThat(page.text()).contains("kim@kim.test");
        Page end = browser.submit(page.forms().get(0).press("enterprise-connect-done"));
        assertThat(end.uri().getPath()).isEqualTo("/realms/" + realm.name() + "/account");
        assertThat(browser.history()).anySatisfy(uri -> assertThat(uri.toString())
                .contains("/enterprise-connect/account/done?")
                .contains("kc_action_status=success")
                .contains("code="));
        assertThat(kim.state()).isEqualTo("granted");
    }

    @Test
    void the_way_to_the_page_cannot_be_used_for_anything_else() {
        JsonNode client = client("enterprise-connect-account");

        assertThat(client.get("publicClient").asBoolean()).isTrue();
        assertThat(client.get("fullScopeAllowed").asBoolean()).isFalse();
        assertThat(client.get("directAccessGrantsEnabled").asBoolean()).isFalse();
        assertThat(client.get("implicitFlowEnabled").asBoolean()).isFalse();
        assertThat(client.get("serviceAccountsEnabled").asBoolean()).isFalse();
        assertThat(client.at("/attributes/pkce.code.challenge.method").asText()).isEqualTo("S256");
        assertThat(client.get("defaultClientScopes")).isEmpty();
        assertThat(client.get("optionalClientScopes")).isEmpty();
        assertThat(client.get("webOrigins")).isEmpty();
        assertThat(client.get("redirectUris"))
                .extracting(JsonNode::asText)
                .containsExactly("/realms/" + realm.name() + "/enterprise-connect/account/done");
        URI away = Answer.to(HttpRequest.newBuilder(realm.resource("account")).GET())
                .expect(303)
                .location();
        assertThat(away.getPath()).isEqualTo("/realms/" + realm.name() + "/protocol/openid-connect/auth");
        assertThat(away.getRawQuery())
                .contains("code_challenge_method=S256", "kc_action=enterprise-connect", "response_mode=query");
        assertThat(Answer.to(HttpRequest.newBuilder(realm.resource("account")).GET())
                        .location())
                .isNotEqualTo(away);
    }

    @Test
    void a_client_that_was_removed_comes_back() {
        admin.delete("/admin/realms/" + realm.name() + "/clients/"
                        + client("enterprise-connect-account").get("id").asText())
                .expect(204);

        assertThat(client("enterprise-connect-account").get("enabled").asBoolean())
                .isTrue();
    }

    @Test
    void everybody_sees_their_own_state_alone() {
        delegated("lea", Map.of());
        member("mia", Map.of("notice", "page"));
        Browser browser = new Browser();
        browser.signIn(realm.consumer(), "lea", ConnectedRealm.PASSWORD);
        Page hers = browser.open(realm.consumer().authorizationRequest(ACTION));

        Visitor other = new Visitor("mia").assertState("NOT_CONNECTED");

        assertThat(hers.text()).contains("lea@lea.test");
        assertThat(other.text()).doesNotContain("lea@lea.test");
        Page stolen = other.browser.open(hers.uri());
        assertThat(stolen.text()).doesNotContain("lea@lea.test");
    }

    @Test
    void an_administrator_who_impersonates_a_user_sees_nothing() {
        Member nina = delegated("nina", Map.of());
        Browser browser = new Browser();
        browser.take(
                admin.post("/admin/realms/" + realm.name() + "/users/" + nina.id() + "/impersonation", Map.of())
                        .expect(200),
                server.realm(realm.name()));
        AuthorizationRequest request = realm.consumer().authorizationRequest(ACTION);

        Page page = browser.open(request);

        // Keycloak asks whoever does not know the password for it; only then is the user there.
        assertThat(page.formAskingFor("password").inputs()).isNotEmpty();
        assertThat(page.text()).doesNotContain("nina@nina.test");
    }

    @Test
    void names_of_applications_are_text() {
        Member olga = delegated("olga", Map.of());
        JsonNode application = client("calendar-app");
        Map<String, Object> renamed = new HashMap<>();
        application.properties().forEach(property -> renamed.put(property.getKey(), property.getValue()));
        renamed.put("name", "<script>alert(2)</script>");
        String path = "/admin/realms/" + realm.name() + "/clients/"
                + application.get("id").asText();
        admin.put(path, renamed).expect(204);
        realm.token(realm.consumer()
                        .directGrant("olga", ConnectedRealm.PASSWORD)
                        .accessToken())
                .expect(200);
        await().atMost(PATIENCE).until(() -> !olga.standing().get("uses").isEmpty());

        Visitor visitor = new Visitor("olga").assertState("CONNECTED");

        assertThat(visitor.page.document().select("dt").eachText()).contains("<script>alert(2)</script>");
        assertThat(visitor.page.text()).doesNotContain("<script>alert(2)");
        renamed.put("name", "");
        admin.put(path, renamed).expect(204);
    }
}
