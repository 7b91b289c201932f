package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What members see at sign-in where the policy asks for it, and on the page of their own. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemberPagesIT {
    private static final Map<String, String> ACTION = Map.of("kc_action", "enterprise-connect");

    private KeycloakServer server;
    private AdminClient admin;
    private Simulator simulator;
    private Chromium chromium;
    private ConnectedRealm realm;
    private OidcClient portal;

    @BeforeAll
    void connect(KeycloakServer running, AdminClient administrator, Simulator cronofy, Chromium browser) {
        server = running;
        admin = administrator;
        simulator = cronofy;
        chromium = browser;
        realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(MemberPagesIT.class), true);
        realm.display("Meetings");
        realm.speak("en", "de", "fr", "es", "ja", "ar", "sv");
        GeneratedLanguage.LONG.teach(admin, realm.name());
        GeneratedLanguage.RIGHT_TO_LEFT.teach(admin, realm.name());
        // Any address that answers with something to show; of an empty answer Chromium makes a page of its own.
        portal = admin.createPublicClient(realm.name(), "portal", realm.resource("console/icon.svg"));
    }

    @Test
    void a_notice_is_confirmed_with_the_keyboard_alone() {
        Member ada = member("ada", Map.of("notice", "page", "optOut", true, "wait", 15));

        try (Window window = window(Viewer.ENGLISH)) {
            signIn(window, "ada", Map.of());
            assertThat(window.find("#enterprise-connect-introduction")).containsText("ada@ada.member-page.test");
            window.look("member-notice");
            window.tabTo("#enterprise-connect-continue");
            window.page().keyboard().press("Enter");
            awaitPortal(window);
        }
        ada.awaitState("granted");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sign_in_waits_with_and_without_script_until_the_calendar_is_connected(boolean script) {
        String name = script ? "bob" : "ben";
        Member user = member(name, Map.of("wait", 15));
        String mailbox = address(name);
        int hanging = simulator.addFault(Fault.on("POST", "/v1/service_account_authorizations")
                .containing(mailbox)
                .hang()
                .build());

        try (Window window = window(script ? Viewer.ENGLISH : Viewer.ENGLISH.withoutScript())) {
            signIn(window, name, Map.of());
            assertThat(window.find("#enterprise-connect-waiting")).isVisible();
            if (script) {
                window.whileStill(() -> window.look("member-waiting"));
            }
            simulator.clearFault(hanging);
            awaitPortal(window);
        }
        user.awaitState("granted");
    }

    @Test
    void a_member_disconnects_and_connects_again_on_the_page_of_their_own() {
        Member cleo = member("cleo", Map.of("optOut", true));

        try (Window window = window(Viewer.ENGLISH)) {
            signIn(window, "cleo", Map.of());
            awaitPortal(window);
            cleo.awaitState("granted");
            window.open(portal.authorizationRequest(ACTION).uri());
            assertThat(window.find("#enterprise-connect-account")).hasAttribute("data-state", "CONNECTED");
            window.look("member-connected");
            window.find("#enterprise-connect-disconnect").click();
            window.look("member-disconnect");
            window.find("#enterprise-connect-confirm").click();
            assertThat(window.find("#enterprise-connect-account")).hasAttribute("data-state", "NOT_CONNECTED");
            window.look("member-disconnected");
            window.find("#enterprise-connect-connect").click();
            assertThat(window.find("#enterprise-connect-account")).isVisible();
            window.find("#enterprise-connect-done").click();
            awaitPortal(window);
            assertThat(window.page().url()).contains("kc_action_status=success");
        }
        cleo.awaitState("granted");
    }

    @Test
    void a_member_finds_the_page_in_keycloaks_account_console() {
        Member dora = member("dora", Map.of("notice", "page", "optOut", true));

        try (Window window = window(Viewer.reading("de"))) {
            window.open(URI.create(server.realm(realm.name()) + "/account/applications"));
            window.signIn("dora", ConnectedRealm.PASSWORD);
            window.find("#enterprise-connect-decline").click();
            assertThat(window.find("text=Ihr verbundener Kalender").first()).isVisible();
        }
        try (Window window = window(Viewer.reading("de"))) {
            window.open(realm.resource("account"));
            window.signIn("dora", ConnectedRealm.PASSWORD);
            assertThat(window.find("#enterprise-connect-account")).hasAttribute("data-why", "OPTED_OUT");
            window.look("member-opted-out");
            window.press("Erneut verbinden");
            assertThat(window.find("#enterprise-connect-account[data-state=CONNECTED]"))
                    .isVisible();
            window.press("Fertig");
            window.page().waitForURL(url -> url.contains("/realms/" + realm.name() + "/account"));
        }
        dora.awaitState("granted");
    }

    @ParameterizedTest
    @EnumSource
    void the_pages_take_texts_of_every_length_and_direction(GeneratedLanguage language) {
        String name = "g" + language.tag();
        member(name, Map.of("notice", "page", "optOut", true));
        String shown = language == GeneratedLanguage.LONG ? "long" : "right-to-left";

        try (Window window = window(Viewer.reading(language.tag()))) {
            signIn(window, name, Map.of());
            assertThat(window.find("#enterprise-connect-introduction")).isVisible();
            window.look("member-notice-" + shown);
            window.find("#enterprise-connect-decline").click();
            awaitPortal(window);
            window.open(portal.authorizationRequest(ACTION).uri());
            window.look("member-account-" + shown);
        }
    }

    private static String address(String name) {
        return name + "@" + name + ".member-page.test";
    }

    private Member member(String name, Map<String, Object> policy) {
        String domain = name + ".member-page.test";
        return realm.member(realm.linked(name, domain, policy), name, address(name));
    }

    private void signIn(Window window, String name, Map<String, String> parameters) {
        URI request = portal.authorizationRequest(parameters).uri();
        window.open(request);
        window.signIn(name, ConnectedRealm.PASSWORD);
    }

    private void awaitPortal(Window window) {
        window.page().waitForURL(url -> url.startsWith(portal.redirectUri().toString()));
    }

    private Window window(Viewer viewer) {
        return chromium.window(viewer, server.baseUri(), simulator.baseUri());
    }
}
