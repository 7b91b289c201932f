package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Keycloak's admin console and admin API have a host of their own, as is advised. */
@ExtendWith(ChromiumExtension.class)
class AdminHostIT {
    @Test
    void an_administrator_comes_from_the_admin_host_and_manages_an_organization_at_the_other(Chromium chromium) {
        try (Simulator simulator =
                        Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
                KeycloakServer server =
                        ConnectedRealm.extendedServer(simulator).adminApart().start()) {
            URI frontend = URI.create(server.baseUri().toString().replace("127.0.0.1", "localhost"));
            AdminClient admin = AdminClient.of(server);
            ConnectedRealm realm =
                    ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(AdminHostIT.class), true);
            String acme = realm.organization("acme", "acme.apart.test");

            try (Window window = chromium.window(Viewer.ENGLISH, server.baseUri(), frontend)) {
                window.open(URI.create(server.baseUri() + "/admin/master/console/#/" + realm.name() + "/clients"));
                window.signIn(KeycloakServer.ADMIN, KeycloakServer.ADMIN_PASSWORD);
                Page console = window.page().context().waitForPage(() -> window.find(
                                "a[href$='/enterprise-connect/console/']")
                        .first()
                        .click());
                try (Window page = window.at(console)) {
                    page.find("main th a").first().click();
                    assertThat(page.find("h1")).containsText("acme");
                    assertThat(console.url()).startsWith(frontend.toString());
                    page.press("Invite…");
                    page.press("Create invitation");
                    assertThat(page.find("dialog[open] input[readonly]").first().inputValue())
                            .startsWith(frontend + "/realms/" + realm.name());
                    page.assertNoTrouble();

                    page.open(URI.create(server.realm(realm.name())
                            + "/enterprise-connect/console?realm=" + realm.name() + "#/organizations/" + acme
                            + "/members?state=granted"));
                    assertThat(page.find("h1")).containsText("acme");
                    console.reload();
                    assertThat(page.find("h1")).containsText("acme");
                    assertThat(console.url()).startsWith(frontend.toString()).endsWith("?state=granted");
                }
            }
        }
    }
}
