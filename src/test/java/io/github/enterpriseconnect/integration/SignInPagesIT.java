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
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A member who signs in sees a page where the link's policy asks for one, and nowhere else. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignInPagesIT {
    private static final URI REDIRECT_URI = URI.create("http://127.0.0.1:9/callback");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;
    private final OidcClient second;
    private String watched = "";
    private int witnesses;

    SignInPagesIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SignInPagesIT.class), true);
        this.second = admin.createPublicClient(realm.name(), "second", REDIRECT_URI);
    }

    @BeforeAll
    void linkSomebodyElse() {
        watched = linked("bystanders", Map.of());
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

    /** A member of a link of their own with this policy. */
    private Member member(String name, Map<String, Object> policy) {
        return realm.member(linked(name, policy), name, address(name));
    }

    private AuthorizationRequest request() {
        return realm.consumer().authorizationRequest(Map.of());
    }

    private static Page enter(Browser browser, AuthorizationRequest request, String name) {
        return browser.enterCredentials(browser.open(request), name, ConnectedRealm.PASSWORD);
    }

    /** Nobody asked for the mailbox, not even while somebody who signed in later was served. */
    private void assertNeverAsked(String mailbox) {
        String name = "bystander-" + ++witnesses;
        realm.member(watched, name, name + "@bystanders.test").connect();
        assertThat(cronofy.asks(mailbox)).isEmpty();
    }

    private static boolean landed(Page page) {
        return page.uri().toString().startsWith(REDIRECT_URI.toString());
    }

    private static void assertNotice(Page page) {
        assertThat(page.document().select("#enterprise-connect-introduction"))
                .as("%s", page)
                .hasSize(1);
    }

    private static void assertWaiting(Page page) {
        assertThat(page.document().select("#enterprise-connect-waiting"))
                .as("%s", page)
                .hasSize(1);
    }

    /** Follows the page's own header until it leads somewhere else. */
    private static Page awaitEnd(Browser browser, Page waiting) {
        Page[] shown = {waiting};
        await().atMost(PATIENCE).until(() -> {
            shown[0] = browser.refresh(shown[0]);
            return shown[0].refresh().isEmpty();
        });
        return shown[0];
    }

    private static Page press(Browser browser, Page page, String button) {
        return browser.submit(page.forms().get(0).press("enterprise-connect-" + button));
    }

    private List<JsonNode> choices(String user) {
        JsonNode events = admin.get(
                        "/admin/realms/" + realm.name() + "/events?type=CUSTOM_REQUIRED_ACTION&user=" + user)
                .expect(200)
                .json();
        return StreamSupport.stream(events.spliterator(), false)
                .filter(event -> event.at("/details/choice").isTextual())
                .toList();
    }

    private JsonNode representation(String user) {
        return admin.get("/admin/realms/" + realm.name() + "/users/" + user)
                .expect(200)
                .json();
    }

    @Test
    void a_notice_says_what_is_connected_by_whom_and_nothing_is_asked_for_before_it_is_confirmed() {
        Member ada = member("ada", Map.of("notice", "page"));
        Browser browser = new Browser();
        AuthorizationRequest request = request();

        Page page = enter(browser, request, "ada");

        assertNotice(page);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.document().text()).contains("ada@ada.test", realm.name());
        assertThat(page.document().select("dd").eachText()).containsExactly("ada@ada.test", "ada");
        assertThat(page.document().select("#enterprise-connect-decline")).isEmpty();
        assertNeverAsked("ada@ada.test");
        assertThat(ada.standing().get("reason").asText()).isEqualTo("notice_not_seen");

        SignIn signIn = request.complete(press(browser, page, "continue"), List.of());

        assertThat(signIn.tokens().claims().get("sub").asText()).isEqualTo(ada.id());
        ada.awaitState("granted");
        assertThat(representation(ada.id()).get("requiredActions")).isEmpty();
        assertThat(choices(ada.id()))
                .extracting(event -> event.at("/details/choice").asText())
                .containsExactly("connect");
    }

    @Test
    void a_notice_is_shown_once() {
        Member bea = member("bea", Map.of("notice", "page"));
        Browser browser = new Browser();
        press(browser, enter(browser, request(), "bea"), "continue");
        bea.awaitState("granted");
        admin.delete(realm.api("users/" + bea.id() + "/delegation")).expect(204);

        assertThat(realm.signIn("bea").pages()).hasSize(2);

        bea.awaitState("granted");
        assertThat(cronofy.asks("bea@bea.test")).hasSize(2);
    }

    @Test
    void a_notice_that_is_loaded_again_is_still_there() {
        Member cleo = member("cleo", Map.of("notice", "page"));
        Browser browser = new Browser();
        Page page = enter(browser, request(), "cleo");

        Page again = browser.open(page.uri());

        assertNotice(again);
        assertNeverAsked("cleo@cleo.test");
        assertThat(landed(press(browser, again, "continue"))).isTrue();
        cleo.awaitState("granted");
    }

    @Test
    void a_member_may_decline_where_the_policy_permits_it() {
        Member dora = member("dora", Map.of("notice", "page", "optOut", true));
        Browser browser = new Browser();
        AuthorizationRequest request = request();

        Page page = enter(browser, request, "dora");
        SignIn signIn = request.complete(press(browser, page, "decline"), List.of());

        assertThat(signIn.error()).isEmpty();
        assertThat(dora.standing().get("reason").asText()).isEqualTo("opted_out");
        assertThat(choices(dora.id()))
                .extracting(event -> event.at("/details/choice").asText())
                .containsExactly("opt_out");
        assertThat(realm.signIn("dora").pages()).hasSize(2);
        assertNeverAsked("dora@dora.test");
    }

    @Test
    void nobody_is_shown_a_notice_or_connected_without_one_where_no_page_can_be_shown() {
        Member emil = member("emil", Map.of());
        Browser browser = new Browser();
        browser.signIn(second, "emil", ConnectedRealm.PASSWORD);
        emil.awaitState("granted");
        String organization = linked("elsa", Map.of("notice", "page"));
        Member elsa = realm.user("elsa", address("elsa"));
        Browser hers = new Browser();
        hers.signIn(second, "elsa", ConnectedRealm.PASSWORD);
        admin.addMember(realm.name(), organization, elsa.id());

        assertThat(hers.signInAgain(realm.consumer()).pages()).isEmpty();
        assertThat(hers.silentSignIn(realm.consumer()).error()).isEmpty();
        Tokens tokens = realm.consumer().directGrant("elsa", ConnectedRealm.PASSWORD);

        Answer refused = realm.token(tokens.accessToken()).expect(404);
        assertThat(refused.json().get("error").asText()).isEqualTo("not_delegated");
        assertThat(refused.json().get("error_description").asText()).contains("notice_not_seen");
        assertNeverAsked("elsa@elsa.test");
        Browser fresh = new Browser();
        assertNotice(enter(fresh, request(), "elsa"));
    }

    @Test
    void an_administrator_who_impersonates_a_member_sees_no_notice() {
        Member fay = member("fay", Map.of("notice", "page", "wait", 5));
        Answer impersonation = admin.post(
                        "/admin/realms/" + realm.name() + "/users/" + fay.id() + "/impersonation", Map.of())
                .expect(200);
        Browser browser = new Browser();
        browser.take(impersonation, server.realm(realm.name()));

        assertThat(browser.signInAgain(realm.consumer()).pages()).isEmpty();

        assertNeverAsked("fay@fay.test");
    }

    @Test
    void other_required_actions_come_first() {
        Member gus = member("gus", Map.of("notice", "page"));
        JsonNode user = representation(gus.id());
        Map<String, Object> changed = new HashMap<>();
        user.properties().forEach(property -> changed.put(property.getKey(), property.getValue()));
        changed.put("requiredActions", List.of("UPDATE_PASSWORD"));
        admin.put("/admin/realms/" + realm.name() + "/users/" + gus.id(), changed)
                .expect(204);
        Browser browser = new Browser();

        Page update = enter(browser, request(), "gus");
        Page notice = browser.submit(update.formAskingFor("password-new")
                .with("password-new", "other")
                .with("password-confirm", "other"));

        assertNotice(notice);
        assertThat(landed(press(browser, notice, "continue"))).isTrue();
        gus.awaitState("granted");
    }

    @Test
    void a_member_who_has_been_connected_already_is_told_nothing_new() {
        String organization = linked("hana", Map.of());
        Member hana = realm.member(organization, "hana", address("hana"));
        realm.signIn("hana");
        hana.awaitState("granted");

        realm.setPolicy(organization, Map.of("notice", "page", "wait", 5));

        assertThat(realm.signIn("hana").pages()).hasSize(2);
        assertThat(hana.standing().has("reason")).isFalse();
    }

    @Test
    void a_waiting_member_sees_the_progress_until_the_calendar_is_connected() {
        Member ivo = member("ivo", Map.of("wait", 15));
        simulator.addFault(
                AtCronofy.onAsk("ivo@ivo.test").after(Duration.ofSeconds(2)).build());
        Browser browser = new Browser();
        AuthorizationRequest request = request();

        Page page = enter(browser, request, "ivo");

        assertWaiting(page);
        assertThat(page.headers().firstValue("Refresh").orElseThrow()).startsWith("2; url=http");
        assertThat(page.document().select("[role=status] progress").attr("max")).isEqualTo("15");
        assertThat(page.document().select("meta[http-equiv=refresh]")).isEmpty();
        SignIn signIn = request.complete(awaitEnd(browser, page), List.of());
        assertThat(signIn.tokens().accessToken()).isNotEmpty();
        assertThat(ivo.state()).isEqualTo("granted");
        assertThat(representation(ivo.id()).get("requiredActions")).isEmpty();
    }

    @Test
    void a_waiting_member_may_go_on() {
        Member jana = member("jana", Map.of("wait", 15));
        simulator.addFault(AtCronofy.onAsk("jana@jana.test").hang().build());
        Browser browser = new Browser();

        Page page = enter(browser, request(), "jana");
        assertWaiting(page);
        Page landing = press(browser, page, "skip");

        assertThat(landed(landing)).as("%s", landing).isTrue();
        simulator.clearFaults();
        jana.awaitState("granted");
    }

    @Test
    void nobody_waits_longer_than_the_policy_says() {
        Member kim = member("kim", Map.of("wait", 2));
        simulator.addFault(AtCronofy.onAsk("kim@kim.test").hang().build());
        Browser browser = new Browser();
        AuthorizationRequest request = request();

        Page page = enter(browser, request, "kim");
        assertWaiting(page);
        SignIn signIn = request.complete(awaitEnd(browser, page), List.of());

        assertThat(signIn.error()).isEmpty();
        assertThat(kim.state()).as("while Cronofy still hangs").isEqualTo("asked");
        // Who has waited once does not wait again.
        assertThat(realm.signIn("kim").pages()).hasSize(2);
    }

    @Test
    void a_refusal_ends_the_waiting() {
        Member lea = member("lea", Map.of("wait", 15));
        simulator.change(Switch.MAILBOX_ERRORS, Map.of("lea@lea.test", CallbackError.ACCOUNT_NOT_FOUND));
        Browser browser = new Browser();
        AuthorizationRequest request = request();

        Page page = enter(browser, request, "lea");
        assertWaiting(page);
        SignIn signIn = request.complete(awaitEnd(browser, page), List.of());

        assertThat(signIn.error()).isEmpty();
        assertThat(lea.state()).isEqualTo("refused");
        // In its cooldown a mailbox is not asked for, and nobody waits for it.
        assertThat(realm.signIn("lea").pages()).hasSize(2);
    }

    @Test
    void after_a_notice_a_member_waits_where_the_policy_says_so() {
        Member mia = member("mia", Map.of("notice", "page", "wait", 15));
        simulator.addFault(
                AtCronofy.onAsk("mia@mia.test").after(Duration.ofSeconds(2)).build());
        Browser browser = new Browser();
        AuthorizationRequest request = request();

        Page waiting = press(browser, enter(browser, request, "mia"), "continue");

        assertWaiting(waiting);
        SignIn signIn = request.complete(awaitEnd(browser, waiting), List.of());
        assertThat(signIn.error()).isEmpty();
        assertThat(mia.state()).isEqualTo("granted");
    }

    @Test
    void nobody_waits_where_no_page_can_be_shown() {
        String organization = linked("nina", Map.of("wait", 15));
        Member nina = realm.user("nina", address("nina"));
        Browser browser = new Browser();
        browser.signIn(second, "nina", ConnectedRealm.PASSWORD);
        admin.addMember(realm.name(), organization, nina.id());
        Member direct = realm.member(organization, "olaf", "olaf@nina.test");

        assertThat(browser.silentSignIn(realm.consumer()).error()).isEmpty();
        realm.consumer().directGrant("olaf", ConnectedRealm.PASSWORD);

        nina.awaitState("granted");
        direct.awaitState("granted");
    }

    @Test
    void a_sign_in_ends_well_when_the_action_is_switched_off_while_a_page_is_shown() {
        ConnectedRealm off =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SignInPagesIT.class), false);
        off.link("realm", "pia.test");
        admin.put(off.api("links/realm"), Map.of("policy", Map.of("notice", "page")))
                .expect(200);
        Member pia = off.user("pia", address("pia"));
        Browser browser = new Browser();
        AuthorizationRequest request = off.consumer().authorizationRequest(Map.of());
        Page page = enter(browser, request, "pia");
        assertNotice(page);

        admin.put(off.api("settings"), Map.of("enabled", false, "clientId", simulator.clientId(), "dataCenter", "de"))
                .expect(204);
        SignIn signIn = request.complete(browser.open(page.uri()), List.of());

        assertThat(signIn.tokens().claims().get("sub").asText()).isEqualTo(pia.id());
        assertThat(off.signIn("pia").pages()).hasSize(1);
    }

    @RepeatedTest(4)
    void a_double_click_on_continue_costs_nobody_the_sign_in(RepetitionInfo repetition) {
        String name = "double-" + repetition.getCurrentRepetition();
        Member user = member(name, Map.of("notice", "page"));
        Browser browser = new Browser();
        AuthorizationRequest request = request();
        Page notice = enter(browser, request, name);
        assertNotice(notice);

        List<Page> answers = browser.submitTwice(notice.forms().get(0).press("enterprise-connect-continue"));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isLessThan(500));
        assertThat(answers)
                .extracting(answer -> answer.headers().firstValue("Location").orElse(""))
                .as("%s", answers)
                .anySatisfy(location ->
                        assertThat(location).startsWith(REDIRECT_URI.toString()).contains("code="));
        user.awaitState("granted");
    }

    @Test
    void pages_speak_the_member_s_language_and_escape_what_others_have_written() {
        ConnectedRealm hostile =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SignInPagesIT.class), true);
        hostile.display("Calendars <b>Inc</b>");
        hostile.speak("en", "de");
        String organization = admin.post(
                        "/admin/realms/" + hostile.name() + "/organizations",
                        Map.of(
                                "name",
                                "<script>alert(1)</script>",
                                "alias",
                                "hostile",
                                "enabled",
                                true,
                                "domains",
                                List.of(Map.of("name", "hostile.test"))))
                .expect(201)
                .createdId();
        hostile.link(organization, "hostile.test");
        admin.put(hostile.api("links/" + organization), Map.of("policy", Map.of("notice", "page")))
                .expect(200);
        hostile.member(organization, "quin", "quin@hostile.test");
        Browser browser = new Browser("de");

        Page page = enter(browser, hostile.consumer().authorizationRequest(Map.of()), "quin");

        assertNotice(page);
        assertThat(page.document().select("h1").text()).isEqualTo("Ihr Kalender wird verbunden");
        assertThat(page.document().select("dd").eachText()).contains("<script>alert(1)</script>");
        assertThat(page.text()).doesNotContain("<script>alert(1)");
        assertThat(page.document().select("#enterprise-connect-introduction b")).isEmpty();
    }

    private boolean asksForPages(ConnectedRealm which) {
        return admin.get("/admin/realms/" + which.name())
                .expect(200)
                .json()
                .at("/attributes/enterprise-connect.pages")
                .asBoolean();
    }

    @Test
    void a_realm_whose_attributes_were_replaced_finds_its_pages_again() {
        ConnectedRealm replaced =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SignInPagesIT.class), false);
        replaced.link("realm", "sven.test");
        admin.put(replaced.api("links/realm"), Map.of("policy", Map.of("notice", "page")))
                .expect(200);
        assertThat(asksForPages(replaced)).isTrue();
        replaced.user("sven", address("sven"));
        admin.put("/admin/realms/" + replaced.name(), Map.of("attributes", Map.of()))
                .expect(204);
        assertThat(asksForPages(replaced)).isFalse();

        replaced.consumer().directGrant("sven", ConnectedRealm.PASSWORD);

        await().atMost(PATIENCE).until(() -> asksForPages(replaced));
        assertThat(cronofy.asks(address("sven"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"keycloak", "keycloak.v2", "base"})
    void pages_work_under_any_login_theme(String theme) {
        ConnectedRealm themed =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SignInPagesIT.class), false);
        admin.put("/admin/realms/" + themed.name(), Map.of("loginTheme", theme)).expect(204);
        themed.link("realm", "rosa.test");
        admin.put(themed.api("links/realm"), Map.of("policy", Map.of("notice", "page", "wait", 15, "optOut", true)))
                .expect(200);
        Member rosa = themed.user("rosa", address("rosa"));
        simulator.addFault(AtCronofy.onAsk("rosa@rosa.test")
                .after(Duration.ofSeconds(2))
                .times(1)
                .build());
        Browser browser = new Browser();
        AuthorizationRequest request = themed.consumer().authorizationRequest(Map.of());
        Page notice = enter(browser, request, "rosa");
        assertNotice(notice);
        assertThat(notice.document().select("button").eachText())
                .containsExactly("Continue", "Do not connect my calendar");

        Page waiting = press(browser, notice, "continue");
        assertWaiting(waiting);
        request.complete(awaitEnd(browser, waiting), List.of());
        Page account = browser.open(themed.consumer().authorizationRequest(Map.of("kc_action", "enterprise-connect")));

        assertThat(account.document().select("#enterprise-connect-account").attr("data-state"))
                .as("%s", account)
                .isEqualTo("CONNECTED");
        Page confirmation = press(browser, account, "disconnect");
        assertThat(confirmation.document().select("button").eachText()).contains("Disconnect", "Stay connected");
        for (Page page : List.of(notice, waiting, account, confirmation)) {
            assertThat(page.text()).doesNotContain("enterpriseConnectAccount", "${");
            assertThat(page.document()
                            .select("#enterprise-connect-account [onclick], #enterprise-connect-account script"))
                    .isEmpty();
        }
        assertThat(rosa.state()).isEqualTo("granted");
    }
}
