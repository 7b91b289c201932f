package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A customer's IT administrator, who has no account in Keycloak, links the organization from a mail. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InvitationPageIT {
    private static final String RECEIVER = "it@customer.test";

    private final MailServer mail = MailServer.start();
    private KeycloakServer server;
    private AdminClient admin;
    private Simulator simulator;
    private Chromium chromium;
    private ConnectedRealm realm;
    private int organizations;

    @BeforeAll
    void connect(KeycloakServer running, AdminClient administrator, Simulator cronofy, Chromium browser) {
        server = running;
        admin = administrator;
        simulator = cronofy;
        chromium = browser;
        realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(InvitationPageIT.class), true);
        mail.serve(admin, realm.name());
        realm.display("Meetings");
        realm.speak("en", "de", "fr", "es", "ja", "ar", "sv");
        GeneratedLanguage.LONG.teach(admin, realm.name());
        GeneratedLanguage.RIGHT_TO_LEFT.teach(admin, realm.name());
    }

    @AfterAll
    void stop() {
        mail.close();
    }

    @Test
    void from_the_mail_to_linked_with_the_keyboard_alone() {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());
        admin.post(realm.api("links/" + acme.id() + "/invitations"), Map.of("email", RECEIVER, "language", "en"))
                .expect(201);

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(mail.link(RECEIVER));
            assertThat(window.text())
                    .contains(acme.name(), acme.domain(), "Meetings", "service_account/accounts/manage");
            window.tabTo("summary");
            window.page().keyboard().press("Enter");
            assertThat(window.find("details").first()).hasAttribute("open", "");
            window.look("invitation");
            window.tabTo("#enterprise-connect-continue");
            window.page().keyboard().press("Enter");

            window.page().waitForURL(url -> url.startsWith(simulator.baseUri().toString()));
            window.tabTo("[name=domain]");
            window.page().keyboard().press("Control+A");
            window.page().keyboard().type(acme.domain());
            window.tabTo("button[value=approve]");
            window.page().keyboard().press("Enter");

            assertThat(window.find("#enterprise-connect-result")).hasAttribute("data-outcome", "linked");
            window.look("invitation-linked");
        }

        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("active");
    }

    @Test
    void an_invitation_needs_no_script() {
        Organization acme = organization();

        try (Window window = window(Viewer.ENGLISH.withoutScript())) {
            window.open(realm.invite(acme.id()));
            window.look("invitation-without-script");
            window.find("#enterprise-connect-continue").click();
            window.find("[name=domain]").fill(acme.domain());
            window.find("button[value=approve]").click();

            assertThat(window.find("#enterprise-connect-result")).hasAttribute("data-outcome", "awaitingApproval");
        }
    }

    @Test
    void an_invitation_that_is_over_says_so() {
        try (Window window = window(Viewer.ENGLISH)) {
            int status = window.open(realm.resource("invitation/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));

            assertThat(status).isEqualTo(404);
            window.look("invitation-over");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "fr", "es", "ja"})
    void the_page_speaks_the_readers_language(String language) {
        Organization acme = organization();
        String english = englishTitle(acme);

        try (Window window = window(Viewer.reading(language))) {
            window.open(realm.invite(acme.id()));

            assertThat(window.find("html")).hasAttribute("lang", language);
            assertThat(window.text()).contains(acme.name()).doesNotContain(english);
            window.look("invitation-" + language);
        }
    }

    @Test
    void texts_of_every_length_have_room_and_all_are_translated() {
        Organization acme = organization();
        realm.approve(acme.id(), acme.domain());

        try (Window window = window(Viewer.reading(GeneratedLanguage.LONG.tag()))) {
            window.open(realm.invite(acme.id()));
            window.find("summary").all().forEach(Locator::click);

            assertThat(window.texts(
                            "#kc-page-title, #enterprise-connect-invitation :is(p, h2, dt, summary, details li)"))
                    .hasSizeGreaterThan(15)
                    .allSatisfy(text -> assertThat(text).startsWith("⟦").endsWith("⟧"));
            window.look("invitation-long");
        }
    }

    @Test
    void the_page_runs_from_right_to_left_where_people_read_so() {
        Organization acme = organization();

        try (Window window = window(Viewer.reading(GeneratedLanguage.RIGHT_TO_LEFT.tag()))) {
            window.open(realm.invite(acme.id()));

            assertThat(window.find("html")).hasAttribute("dir", "rtl");
            window.look("invitation-right-to-left");
        }
    }

    private static String englishTitle(Organization organization) {
        return "Connect the calendars of " + organization.name();
    }

    private record Organization(String id, String name, String domain) {}

    private Organization organization() {
        organizations++;
        String name = "acme" + organizations;
        String domain = name + ".invitation-page.test";
        return new Organization(realm.organization(name, domain), name, domain);
    }

    private Window window(Viewer viewer) {
        return chromium.window(viewer, server.baseUri(), simulator.baseUri());
    }
}
