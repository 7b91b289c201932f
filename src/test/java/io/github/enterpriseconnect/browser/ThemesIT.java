package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our pages under any login theme, and Keycloak's own pages under ours. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ThemesIT {
    private KeycloakServer server;
    private AdminClient admin;
    private Simulator simulator;
    private Chromium chromium;
    private ConnectedRealm realm;

    @BeforeAll
    void connect(KeycloakServer running, AdminClient administrator, Simulator cronofy, Chromium browser) {
        server = running;
        admin = administrator;
        simulator = cronofy;
        chromium = browser;
        realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ThemesIT.class), false);
        set(Map.of("displayName", "Meetings", "registrationAllowed", true, "resetPasswordAllowed", true));
    }

    @Test
    void under_our_theme_keycloaks_pages_and_ours_look_alike() {
        set(Map.of("loginTheme", "enterprise-connect"));

        try (Window window = window()) {
            window.open(realm.consumer().authorizationRequest(Map.of()).uri());
            window.look("theme-sign-in");
            window.find("a[href*=registration]").click();
            window.look("theme-register");
            window.open(realm.invite("realm"));
            window.look("theme-invitation");
            window.open(realm.resource("callback/link"));
            window.look("theme-result");

            assertThat(window.find("body")).hasCSS("background-color", "rgb(15, 76, 74)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"keycloak", "base"})
    void our_pages_work_under_other_themes(String theme) {
        set(Map.of("loginTheme", theme));

        try (Window window = window()) {
            window.open(realm.invite("realm"));
            window.glance("theme-" + theme + "-invitation");
            window.find("#enterprise-connect-continue").click();
            window.find("[name=domain]").fill("theme-" + theme + ".test");
            window.find("button[value=approve]").click();

            assertThat(window.find("#enterprise-connect-result")).hasAttribute("data-outcome", "awaitingApproval");
            window.glance("theme-" + theme + "-result");
        }
        admin.delete(realm.api("links/realm")).expect(204);
    }

    @Test
    void mails_under_our_theme_are_whole_documents() {
        set(Map.of("emailTheme", "enterprise-connect"));
        try (MailServer mail = MailServer.start()) {
            mail.serve(admin, realm.name());
            admin.post(realm.api("links/realm/invitations"), Map.of("email", "it@theme.test"))
                    .expect(201);
            Document document = mail.document("it@theme.test");

            assertThat(document.title()).isEqualTo("Invitation to connect the calendars of Meetings");
            assertThat(document.select("main p")).hasSizeGreaterThan(3);
            try (Window window = window()) {
                window.page().setContent(document.outerHtml());
                window.look("theme-mail");
            }
        }
    }

    private void set(Map<String, Object> settings) {
        admin.put("/admin/realms/" + realm.name(), settings).expect(204);
    }

    private Window window() {
        return chromium.window(Viewer.ENGLISH, server.baseUri(), simulator.baseUri());
    }
}
