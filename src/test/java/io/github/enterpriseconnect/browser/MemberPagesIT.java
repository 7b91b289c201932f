package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.AuthorizationRequest;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Members meet the pages of a sign-in, and their own page in their account. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemberPagesIT {
    private static final String ASK = "/v1/service_account_authorizations";
    private static final String DOMAIN = "member-pages.test";

    private KeycloakServer server;
    private Simulator simulator;
    private Chromium chromium;
    private ConnectedRealm realm;
    private String organization = "";

    @BeforeAll
    void connect(KeycloakServer running, AdminClient admin, Simulator cronofy, Chromium browser) {
        server = running;
        simulator = cronofy;
        chromium = browser;
        realm = ConnectedRealm.create(server, admin, AdminClient.newRealmName(MemberPagesIT.class), true);
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of(
                                "displayName",
                                "Meetings",
                                "internationalizationEnabled",
                                true,
                                "supportedLocales",
                                List.of("en", "de", "fr", "es", "ja"),
                                "defaultLocale",
                                "en"))
                .expect(204);
        organization = realm.organization("Customer", DOMAIN);
        realm.link(organization, DOMAIN);
        admin.put(
                        realm.api("links/" + organization),
                        Map.of("policy", Map.of("notice", "page", "wait", 15, "optOut", true)))
                .expect(200);
    }

    private String member(String name) {
        return realm.member(organization, name, name + "@" + DOMAIN);
    }

    private Window window(Viewer viewer) {
        return chromium.window(viewer, server.baseUri(), URI.create("http://127.0.0.1:9"));
    }

    private AuthorizationRequest request(Map<String, String> parameters) {
        return realm.consumer().authorizationRequest(parameters);
    }

    /** Nothing listens at the application's address, so that going there is all that can be seen. */
    private static void awaitApplication(Window window, Runnable going) {
        window.page().waitForRequest(request -> request.url().startsWith("http://127.0.0.1:9/callback"), going);
    }

    private void awaitGranted(String user) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(realm.member(user).get("state").asText()).isEqualTo("granted"));
    }

    @Test
    void a_member_reads_the_notice_and_goes_on_by_the_keyboard() {
        String ada = member("ada");
        try (Window window = window(Viewer.ENGLISH)) {
            window.open(request(Map.of()).uri());
            window.signIn("ada", ConnectedRealm.PASSWORD);
            assertThat(window.find("#enterprise-connect-introduction")).isVisible();
            window.look("member-notice");
            window.tabTo("#enterprise-connect-continue");
            awaitApplication(window, () -> window.page().keyboard().press("Enter"));
        }
        awaitGranted(ada);
    }

    @Test
    void a_member_sees_the_progress_without_script_and_may_skip_it() {
        member("ben");
        simulator.addFault(
                Fault.on("POST", ASK).containing("ben@" + DOMAIN).hang().build());
        try (Window window = window(Viewer.ENGLISH.withoutScript())) {
            window.open(request(Map.of()).uri());
            window.signIn("ben", ConnectedRealm.PASSWORD);
            window.find("#enterprise-connect-continue").click();
            assertThat(window.find("#enterprise-connect-waiting")).isVisible();
            window.look("member-waiting", List.of(Look.LIGHT_DESKTOP, Look.LIGHT_PHONE));
            assertThat(window.find("#enterprise-connect-skip")).isFocused();
            awaitApplication(window, () -> window.page().keyboard().press("Enter"));
        } finally {
            simulator.clearFaults();
        }
    }

    @Test
    void a_member_finds_the_page_in_the_account_and_disconnects_there() {
        String cleo = member("cleo");
        try (Window window = window(Viewer.reading("de"))) {
            window.open(URI.create(server.realm(realm.name()) + "/account/applications"));
            window.signIn("cleo", ConnectedRealm.PASSWORD);
            window.find("#enterprise-connect-decline").click();
            window.find("text=Ihr verbundener Kalender").first().waitFor();
        }
        try (Window window = window(Viewer.reading("de"))) {
            window.open(realm.resource("account"));
            window.signIn("cleo", ConnectedRealm.PASSWORD);
            assertThat(window.find("[data-state=NOT_CONNECTED][data-why=OPTED_OUT]"))
                    .isVisible();
            window.look("member-account-opted-out", List.of(Look.LIGHT_DESKTOP, Look.DARK_PHONE));

            window.press("Erneut verbinden");
            window.find("[data-state=CONNECTED]").waitFor();
            window.look("member-account-connected");
            window.press("Trennen");
            window.look("member-account-disconnect");
            window.press("Trennen");
            window.find("[data-state=NOT_CONNECTED]").waitFor();
            window.press("Fertig");
            window.page().waitForURL(url -> url.contains("/realms/" + realm.name() + "/account"));
        }
        assertThat(realm.member(cleo).get("optedOut").asBoolean()).isTrue();
    }
}
