package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.simulator.Simulator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What our pages are sent with. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageSecurityIT {
    private final AdminClient admin;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;
    private int users;

    PageSecurityIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.cronofy = new AtCronofy(simulator);
        this.admin = admin;
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(PageSecurityIT.class), false);
    }

    @BeforeAll
    void askForPages() {
        realm.link("realm", "frames.test");
        admin.put(realm.api("links/realm"), Map.of("policy", Map.of("notice", "page", "wait", 15)))
                .expect(200);
        cronofy.simulator().addFault(AtCronofy.onAsk("@frames.test").hang().build());
    }

    @AfterAll
    void calm() {
        cronofy.calm();
    }

    private Page enter(Browser browser, String user, Map<String, String> parameters) {
        return browser.enterCredentials(
                browser.open(realm.consumer().authorizationRequest(parameters)), user, ConnectedRealm.PASSWORD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frame-src 'self'; frame-ancestors 'self'; object-src 'none'; | SAMEORIGIN"
                        + " | frame-src 'self'; object-src 'none'; frame-ancestors 'none'",
                "Frame-Ancestors https://portal.test; img-src 'self' | ALLOW-FROM https://portal.test"
                        + " | img-src 'self'; frame-ancestors 'none'",
                "'' | '' | frame-ancestors 'none'",
            })
    void they_show_in_no_frame_whatever_the_realm_says(String policy, String frameOptions, String expected) {
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of(
                                "browserSecurityHeaders",
                                Map.of("contentSecurityPolicy", policy, "xFrameOptions", frameOptions)))
                .expect(204);

        Page invitation = new Browser().open(realm.invite("realm"));
        Page result = new Browser().open(realm.resource("callback/link"));
        String user = "user-" + ++users;
        realm.user(user, user + "@frames.test");
        Page account = enter(new Browser(), user, Map.of("kc_action", "enterprise-connect"));
        Browser browser = new Browser();
        Page notice = enter(browser, user, Map.of());
        Page waiting = browser.submit(notice.forms().get(0).press("enterprise-connect-continue"));

        assertThat(List.of(invitation.status(), result.status())).containsExactly(200, 400);
        assertThat(account.document().select("#enterprise-connect-account")).hasSize(1);
        assertThat(notice.document().select("#enterprise-connect-introduction")).hasSize(1);
        assertThat(waiting.document().select("#enterprise-connect-waiting")).hasSize(1);
        assertThat(List.of(invitation, result, account, notice, waiting)).allSatisfy(page -> {
            assertThat(page.headers().allValues("Content-Security-Policy")).containsExactly(expected);
            assertThat(page.headers().allValues("X-Frame-Options")).containsExactly("DENY");
            assertThat(page.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        });
    }

    @Test
    void what_comes_with_a_callback_is_not_put_into_the_page() {
        String hostile = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";

        Page page = new Browser()
                .open(realm.resource(
                        "callback/link?error=" + hostile + "&error_description=" + hostile + "&state=" + hostile));

        assertThat(page.text()).doesNotContain("alert(1)");
    }
}
