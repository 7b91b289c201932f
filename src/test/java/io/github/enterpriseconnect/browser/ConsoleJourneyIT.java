package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What administrators do on the console page, from Keycloak's own console to a linked organization. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleJourneyIT {
    private static final String PASSWORD = "password";

    private final MailServer mail = MailServer.start();
    private KeycloakServer server;
    private AdminClient admin;
    private Simulator simulator;
    private Chromium chromium;

    @BeforeAll
    void connect(KeycloakServer running, AdminClient administrator, Simulator cronofy, Chromium browser) {
        server = running;
        admin = administrator;
        simulator = cronofy;
        chromium = browser;
    }

    @AfterAll
    void stop() {
        mail.close();
    }

    @Test
    void an_administrator_goes_from_keycloaks_console_to_a_linked_organization() {
        String realm = AdminClient.newRealmName(ConsoleJourneyIT.class);
        admin.createRealm(realm, Map.of("organizationsEnabled", true, "displayName", "Meetings"));
        String acme = admin.createOrganization(realm, "acme", "acme.journey.test");
        new RealmAdministrators(server, admin, realm).create("boss", "realm-admin");
        mail.serve(admin, realm);

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(stock(realm, "authentication/required-actions"));
            window.signIn("boss", PASSWORD);
            Locator row = window.find("tr").filter(new Locator.FilterOptions().setHasText("Enterprise Connect"));
            row.locator("label.pf-v5-c-switch").first().click();
            await().atMost(Window.PATIENCE).until(() -> isEnabled(realm));
            window.open(stock(realm, "clients"));
            Page console = window.page().context().waitForPage(() -> window.find(
                            "a[href$='/enterprise-connect/console/']")
                    .first()
                    .click());
            try (Window page = window.at(console)) {
                heading(page, "Organizations");
                page.look("console-organizations-before");
                page.find("a[href='#/settings']").first().click();
                heading(page, "Settings");
                page.field("Data centre").selectOption("de");
                page.field("Client id").fill(simulator.clientId());
                page.field("Client secret").fill("wrong");
                page.press("Test connection");
                assertThat(page.find("main")).containsText("The test did not succeed.");
                page.field("Client secret").fill(simulator.clientSecret());
                page.press("Test connection");
                assertThat(page.find("main")).containsText("Cronofy accepts this client id and secret.");
                page.look("console-settings");
                page.press("Save");
                assertThat(page.find("body")).containsText("The settings are saved.");

                page.find("a[href='#/organizations']").first().click();
                page.find("a")
                        .filter(new Locator.FilterOptions().setHasText("acme"))
                        .first()
                        .click();
                heading(page, "acme");
                page.look("console-organization-unlinked");
                page.press("Invite…");
                page.page().getByLabel("By e-mail").check();
                page.field("E-mail address").fill("it@acme.journey.test");
                page.look("console-invite");
                page.press("Create invitation");
                assertThat(page.find("dialog[open]")).containsText("The invitation was sent to it@acme.journey.test.");
                page.look("console-invited");
                page.find("dialog[open] footer button").last().click();

                authorize(mail.link("it@acme.journey.test"), "acme.journey.test", "awaitingApproval");

                page.page().reload();
                assertThat(page.find("main")).containsText("Awaiting approval");
                page.look("console-organization-awaiting");
                page.find("a[href='#/organizations']").first().click();
                assertThat(page.find("main")).containsText("acme.journey.test (not approved)");
                page.look("console-organizations-awaiting", List.of(Look.LIGHT_DESKTOP), List.of());
                page.open(URI.create(page.page().url().replaceFirst("#.*", "#/organizations/" + acme + "/domains")));
                page.press("Approve acme.journey.test");
                assertThat(page.find("body")).containsText("acme.journey.test is approved.");
                assertThat(page.find("main")).containsText("Active");
                page.look("console-domains");
                for (String tab : List.of("members", "preview", "policy", "invitations", "revocations")) {
                    page.open(URI.create(page.page().url().replaceFirst("#.*", "#/organizations/" + acme + "/" + tab)));
                    assertThat(page.find("main [aria-current=page]").first()).isVisible();
                    assertThat(page.find("main .pf-v5-c-spinner")).hasCount(0);
                    page.look("console-" + tab);
                }
                page.assertNoTrouble();
            }
        }
        assertThat(admin.get("/admin/realms/" + realm + "/enterprise-connect/links/" + acme)
                        .json()
                        .get("state")
                        .asText())
                .isEqualTo("active");
    }

    @Test
    void an_administrator_links_an_organization_with_the_keyboard_alone() {
        ConnectedRealm realm = realm();
        String domain = "acme.keyboard.test";
        String acme = realm.organization("acme", domain);
        new RealmAdministrators(server, admin, realm.name()).create("boss", "realm-admin");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(realm.resource("console/"));
            choose(window, "button.pf-m-primary");
            window.find("#username").waitFor();
            window.signIn("boss", PASSWORD);
            heading(window, "Organizations");
            choose(window, "main th a");
            heading(window, "acme");
            Page invitation =
                    window.page().context().waitForPage(() -> choose(window, "main button:has-text('Link now')"));
            Window tab = window.at(invitation);
            tab.find("#enterprise-connect-continue").waitFor();
            choose(tab, "#enterprise-connect-continue");
            tab.page().waitForURL(url -> url.startsWith(simulator.baseUri().toString()));
            tab.tabTo("[name=domain]");
            tab.page().keyboard().press("Control+A");
            tab.page().keyboard().type(domain);
            choose(tab, "button[value=approve]");
            assertThat(tab.find("#enterprise-connect-result")).hasAttribute("data-outcome", "awaitingApproval");
            tab.page().close();

            window.page().keyboard().press("Escape");
            choose(window, "main button:has-text('Refresh')");
            assertThat(window.find("main")).containsText("Awaiting approval");
            choose(window, "main a:has-text('Go to the domains')");
            choose(window, "main button:has-text('Approve')");
            assertThat(window.find("main")).containsText("Active");
        }
        assertThat(realm.link(acme).get("state").asText()).isEqualTo("active");
    }

    @Test
    void an_administrator_connects_all_members_and_sees_how_far_that_has_come() {
        ConnectedRealm realm = realm();
        String domain = "acme.backfill.test";
        String acme = realm.organization("acme", domain);
        List.of("anna", "ben", "carl").forEach(name -> realm.member(acme, name, name + "@" + domain));
        realm.link(acme, domain);
        new RealmAdministrators(server, admin, realm.name()).create("boss", "realm-admin");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(URI.create(realm.resource("console/") + "#/organizations/" + acme));
            window.find("button.pf-m-primary").first().click();
            window.signIn("boss", PASSWORD);
            window.press("Connect all now");
            assertThat(window.find("main")).containsText("3 of 3 members looked at");
            assertThat(window.find("main")).containsText("Finished");
            assertThat(window.find("main")).containsText(Pattern.compile("Connected\\s*3"));
            assertThat(window.find("main [role=progressbar]")).hasAttribute("aria-valuenow", "100");
            window.look("console-backfill");
            window.press("Look at all again");
            assertThat(window.find("main")).containsText("Connected already.");
            window.assertNoTrouble();
        }
    }

    /** Without a mouse. */
    private static void choose(Window window, String selector) {
        window.find(selector).first().waitFor();
        window.tabTo(selector);
        window.page().keyboard().press("Enter");
    }

    @Test
    void an_administrator_of_an_organization_sees_that_one_alone() {
        ConnectedRealm realm = realm();
        String mine = realm.organization("mine", "mine.journey.test");
        realm.organization("theirs", "theirs.journey.test");
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm.name());
        administrators.create("organizer", "query-organizations");
        administrators.permitOrganization("view", mine, "organizer");
        administrators.permitOrganization("manage", mine, "organizer");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(realm.resource("console/"));
            window.press("Sign in as an administrator of the realm " + realm.name());
            window.signIn("organizer", PASSWORD);
            heading(window, "Organizations");
            assertThat(window.find("main")).containsText("mine");
            assertThat(window.text()).doesNotContain("theirs", "Settings");
            window.look("console-organization-administrator");
        }
    }

    @Test
    void an_administrator_of_single_members_is_offered_what_they_may_do_for_those() {
        ConnectedRealm realm = realm();
        String domain = "single.journey.test";
        String acme = realm.organization("acme", domain);
        realm.link(acme, domain);
        String seen = realm.member(acme, "seen", "seen@" + domain).id();
        String managed = realm.member(acme, "managed", "managed@" + domain).id();
        for (String user : List.of(seen, managed)) {
            admin.put(realm.api("users/" + user + "/delegation"), null).expect(202);
            await().atMost(Window.PATIENCE)
                    .until(() -> realm.member(user).get("state").asText().equals("granted"));
        }
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm.name());
        administrators.create("helper", "query-organizations", "query-users");
        administrators.permitOrganization("view", acme, "helper");
        administrators.permitUser("view", seen, "helper");
        administrators.permitUser("view", managed, "helper");
        administrators.permitUser("manage", managed, "helper");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(realm.resource("console/#/organizations/" + acme + "/members"));
            window.press("Sign in as an administrator of the realm " + realm.name());
            window.signIn("helper", PASSWORD);
            assertThat(row(window, "managed@" + domain).locator("button")).hasCount(1);
            assertThat(row(window, "seen@" + domain).locator("button")).hasCount(0);
            row(window, "managed@" + domain).locator("a").click();
            heading(window, "managed");
            assertThat(window.find("main .pf-v5-c-switch")).hasCount(1);
            window.press("Revoke…");
            window.find("dialog[open] footer button").first().click();
            await().atMost(Window.PATIENCE)
                    .until(() -> realm.member(managed).get("state").asText().equals("revoked"));
            window.open(realm.resource("console/#/organizations/" + acme + "/members/" + seen));
            heading(window, "seen");
            assertThat(window.find("main button")).hasText("Refresh");
            assertThat(window.find("main .pf-v5-c-switch")).hasCount(0);
        }
    }

    private static Locator row(Window window, String text) {
        return window.find("main tbody tr").filter(new Locator.FilterOptions().setHasText(text));
    }

    @Test
    void a_domain_that_arrives_meanwhile_is_kept_when_another_is_approved() {
        ConnectedRealm realm = realm();
        String acme = realm.organization("acme", "first.journey.test", "second.journey.test");
        domains(realm, acme, Map.of("first.journey.test", false));
        new RealmAdministrators(server, admin, realm.name()).create("boss", "realm-admin");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(realm.resource("console/#/organizations/" + acme + "/domains"));
            window.press("Sign in as an administrator of the realm " + realm.name());
            window.signIn("boss", PASSWORD);
            assertThat(window.find("main")).containsText("first.journey.test");
            domains(realm, acme, Map.of("first.journey.test", false, "second.journey.test", false));
            window.press("Approve first.journey.test");
            assertThat(window.find("body")).containsText("first.journey.test is approved.");
            assertThat(window.find("main")).containsText("second.journey.test");
        }
        assertThat(realm.link(acme).get("domains").valueStream())
                .extracting(domain -> domain.get("name").asText() + " "
                        + domain.get("approved").asBoolean())
                .containsExactlyInAnyOrder("first.journey.test true", "second.journey.test false");
    }

    private void domains(ConnectedRealm realm, String link, Map<String, Boolean> approvals) {
        admin.put(
                        realm.api("links/" + link),
                        Map.of(
                                "domains",
                                approvals.entrySet().stream()
                                        .map(entry -> Map.of("name", entry.getKey(), "approved", entry.getValue()))
                                        .toList()))
                .expect(200);
    }

    @Test
    void who_was_signed_out_meanwhile_is_led_back_and_asked_before_anything_typed_is_lost() {
        ConnectedRealm realm = realm();
        String acme = realm.organization("acme", "acme.expired.test");
        new RealmAdministrators(server, admin, realm.name()).create("boss", "realm-admin");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(realm.resource("console/#/settings"));
            signInToConsole(window, realm);
            heading(window, "Settings");
            window.field("Client id").first().fill("typed");
            signOutEverybody(realm);
            window.press("Save");
            assertThat(window.find("main [role=alert]")).containsText("Your session has ended.");
            window.assertTrouble("401 (Unauthorized)");
            window.look("console-expired");
            window.page().onceDialog(Dialog::dismiss);
            window.press("Sign in again");
            assertThat(window.field("Client id").first()).hasValue("typed");
            window.page().onceDialog(Dialog::accept);
            window.press("Sign in again");
            signInToConsole(window, realm);
            heading(window, "Settings");

            window.open(realm.resource("console/#/organizations/" + acme));
            heading(window, "acme");
            signOutEverybody(realm);
            window.find("main label.pf-v5-c-switch").first().click();
            assertThat(window.find(".pf-m-toast")).containsText("Your session has ended.");
            window.press("Sign in again");
            signInToConsole(window, realm);
            heading(window, "acme");
        }
    }

    private void signOutEverybody(ConnectedRealm realm) {
        admin.post("/admin/realms/" + realm.name() + "/logout-all", Map.of()).expect(200);
    }

    private static void signInToConsole(Window window, ConnectedRealm realm) {
        heading(window, "Sign in to Enterprise Connect");
        window.press("Sign in as an administrator of the realm " + realm.name());
        window.signIn("boss", PASSWORD);
    }

    @Test
    void an_administrator_of_the_server_chooses_the_realm() {
        ConnectedRealm realm = realm();
        realm.organization("acme", "acme.server.test");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(URI.create(server.realm("master") + "/enterprise-connect/console/"));
            window.signIn(KeycloakServer.ADMIN, KeycloakServer.ADMIN_PASSWORD);
            heading(window, "Choose a realm");
            window.find(".ec-search input").fill(realm.name());
            assertThat(window.find("main tbody tr")).hasCount(1);
            assertThat(window.find("main tbody a")).hasText(realm.name());
            window.look("console-realms");
            window.open(realm.resource("console/"));
            heading(window, "Organizations");
            assertThat(window.find("main")).containsText("acme");
            assertThat(window.page()).hasURL(Pattern.compile(".*/realms/master/.*realm=" + realm.name() + ".*"));
        }
    }

    @Test
    void who_may_not_see_it_is_told_and_can_sign_in_as_somebody_else() {
        ConnectedRealm realm = realm();
        realm.user("visitor", "visitor@journey.test");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(realm.resource("console/"));
            heading(window, "Sign in to Enterprise Connect");
            window.look("console-sign-in");
            window.press("Sign in as an administrator of the realm " + realm.name());
            window.signIn("visitor", ConnectedRealm.PASSWORD);
            heading(window, "You may not see Enterprise Connect of the realm " + realm.name());
            window.assertTrouble("403 (Forbidden)");
            window.look("console-denied");
        }
    }

    @Test
    void who_administers_one_realm_from_master_chooses_among_that_alone() {
        ConnectedRealm realm = realm();
        String boss = "boss-of-" + realm.name();
        RealmAdministrators.inMaster(server, admin, realm.name()).create(boss, "manage-organizations");

        try (Window window = window(Viewer.ENGLISH)) {
            window.open(URI.create(server.realm("master") + "/enterprise-connect/console/"));
            window.signIn(boss, PASSWORD);
            heading(window, "Choose a realm");
            assertThat(window.find("main tbody a")).hasText(realm.name());
            window.find(".ec-search input").fill("no such realm");
            assertThat(window.find("main")).containsText("No realm was found that you administer");
            window.find(".ec-search input").fill("");
            window.find("main tbody a").click();
            heading(window, "Organizations");
        }
    }

    private ConnectedRealm realm() {
        return ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ConsoleJourneyIT.class), true);
    }

    private boolean isEnabled(String realm) {
        return admin.get("/admin/realms/" + realm + "/enterprise-connect/status")
                .expect(200)
                .json()
                .get("enabled")
                .asBoolean();
    }

    /** The customer's IT, in a browser of its own. */
    private void authorize(URI invitation, String domain, String outcome) {
        try (Window window = window(Viewer.ENGLISH)) {
            window.open(invitation);
            window.find("#enterprise-connect-continue").click();
            window.find("[name=domain]").fill(domain);
            window.find("button[value=approve]").click();
            assertThat(window.find("#enterprise-connect-result")).hasAttribute("data-outcome", outcome);
        }
    }

    private static void heading(Window window, String title) {
        assertThat(window.page()
                        .getByRole(
                                AriaRole.HEADING,
                                new Page.GetByRoleOptions().setName(title).setLevel(1)))
                .isVisible();
    }

    private URI stock(String realm, String place) {
        return URI.create(server.baseUri() + "/admin/" + realm + "/console/#/" + realm + "/" + place);
    }

    private Window window(Viewer viewer) {
        return chromium.window(viewer, server.baseUri(), simulator.baseUri());
    }
}
