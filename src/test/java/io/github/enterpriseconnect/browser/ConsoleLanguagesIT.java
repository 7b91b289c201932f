package io.github.enterpriseconnect.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every place of the console page in every language that it speaks, and in two that are made up. */
@ExtendWith({KeycloakExtension.class, ChromiumExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleLanguagesIT {
    /** How the page shows a text that it does not have. */
    private static final Pattern MISSING = Pattern.compile(
            "\\b(nav|link|links|settings|members?|revocations|invitations?|policy|domains|state|reason|check|tab|step)"
                    + "\\.[a-z]\\w*");

    private KeycloakServer server;
    private Chromium chromium;
    private ConnectedRealm realm;
    private String organization;
    private String member;

    @BeforeAll
    void connect(KeycloakServer running, AdminClient admin, Simulator simulator, Chromium browser) {
        server = running;
        chromium = browser;
        realm = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(ConsoleLanguagesIT.class), true);
        realm.speak("en", "de", "fr", "es", "ja", "ar", "sv");
        for (GeneratedLanguage language : GeneratedLanguage.values()) {
            language.teach(admin, realm.name());
        }
        new RealmAdministrators(server, admin, realm.name()).create("boss", "realm-admin");
        organization = realm.organization("acme", "acme.languages.test");
        realm.link(organization, "acme.languages.test");
        realm.member(organization, "outsider", "outsider@elsewhere.languages.test");
        Member gone =
                realm.member(organization, "gone", "gone@acme.languages.test").connect();
        member = realm.member(organization, "maria", "maria@acme.languages.test")
                .connect()
                .id();
        admin.delete(realm.api("users/" + gone.id() + "/delegation")).expect(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "fr", "es", "ja"})
    void every_place_is_told_in_the_reader_s_language(String language) {
        walk(language, List.of(Look.LIGHT_PHONE), List.of());
    }

    @ParameterizedTest
    @EnumSource
    void every_place_takes_texts_of_every_length_and_direction(GeneratedLanguage language) {
        List<Look> looks = List.of(Look.LIGHT_DESKTOP, Look.DARK_PHONE);
        walk(language.tag(), looks, looks);
    }

    private void walk(String language, List<Look> looks, List<Look> closely) {
        String ofOrganization = "organizations/" + organization;
        try (Window window = chromium.window(Viewer.reading(language), server.baseUri())) {
            window.open(realm.resource("console/"));
            Locator choice = window.find("button.pf-m-primary");
            choice.click();
            window.signIn("boss", "password");
            for (String place : List.of(
                    "organizations",
                    ofOrganization,
                    ofOrganization + "/domains",
                    ofOrganization + "/members",
                    ofOrganization + "/members/" + member,
                    ofOrganization + "/preview",
                    ofOrganization + "/policy",
                    ofOrganization + "/invitations",
                    "revocations",
                    "settings")) {
                assertThat(window.find("main h1")).isVisible();
                window.open(URI.create(realm.resource("console/") + "#/" + place));
                assertThat(window.find("main h1")).isVisible();
                assertThat(window.find("main [aria-busy], main .pf-v5-c-spinner"))
                        .hasCount(0);
                assertThat(window.find("html")).hasAttribute("lang", language);
                assertThat(window.find("html"))
                        .hasAttribute("dir", language.equals(GeneratedLanguage.RIGHT_TO_LEFT.tag()) ? "rtl" : "ltr");
                String name =
                        place.replace(organization, "").replace(member, "one").replaceAll("/+", "-");
                window.look("console-" + name + "-" + language, looks, closely);
                assertThat(window.text()).as(place).doesNotContainPattern(MISSING);
            }
        }
    }
}
