package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.oauth2.sdk.auth.Secret;
import io.github.enterpriseconnect.example.Configuration;
import io.github.enterpriseconnect.example.ExampleApp;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Cookie;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Ports;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What users of {@code docker/example-app} see, whatever Enterprise Connect answers. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExampleAppIT {
    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
    private static final Instant NOW = Instant.parse("2026-06-01T06:00:00Z");

    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;
    private final URI baseUrl;
    private final ExampleApp app;
    private final ExampleApp unlisted;
    private final URI unlistedUrl;
    private final Log log = new Log();

    /** What the application has logged, at every level. */
    private static final class Log extends Handler {
        private final Logger logger = Logger.getLogger("io.github.enterpriseconnect.example");
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        Log() {
            logger.setLevel(Level.ALL);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(new SimpleFormatter().format(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    ExampleAppIT(KeycloakServer server, AdminClient admin, Simulator simulator) throws IOException {
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ExampleAppIT.class), true);
        this.baseUrl = URI.create("http://127.0.0.1:" + Ports.free());
        this.app = start(server, "example-app", baseUrl);
        admin.put(realm.api("settings"), settings()).expect(204);
        this.unlistedUrl = URI.create("http://127.0.0.1:" + Ports.free());
        this.unlisted = start(server, "unlisted-app", unlistedUrl);
    }

    private ExampleApp start(KeycloakServer server, String clientId, URI url) throws IOException {
        admin.createConfidentialClient(realm.name(), clientId, clientId + "-secret", URI.create(url + "/*"));
        return ExampleApp.start(
                new Configuration(
                        url,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), url.getPort()),
                        server.realm(realm.name()),
                        clientId,
                        new Secret(clientId + "-secret"),
                        ZONE),
                Clock.fixed(NOW, ZONE));
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put(
                "consumers",
                List.of(
                        Map.of("clientId", "calendar-app", "rights", List.of("member")),
                        Map.of("clientId", "example-app", "rights", List.of("member"))));
        return settings;
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @AfterAll
    void stop() {
        app.close();
        unlisted.close();
        log.close();
    }

    private static String address(String name) {
        return name + "@" + name + "-example.test";
    }

    private String organization(String name) {
        String organization = realm.organization(name, name + "-example.test");
        realm.link(organization, name + "-example.test");
        return organization;
    }

    private Member member(String organization, String name) {
        return realm.member(organization, name, address(name));
    }

    /** A member whose calendar is connected. */
    private Member granted(String name) {
        return member(organization(name), name).connect();
    }

    /** A member whose calendar is connected, and whose token has expired. */
    private Member expired(String name) {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Member user = granted(name);
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        user.awaitAge(Duration.ofSeconds(1));
        return user;
    }

    private Page signIn(Browser browser, String name) {
        return signIn(browser, baseUrl, name);
    }

    private static Page signIn(Browser browser, URI url, String name) {
        Page login = browser.open(browser.open(url.resolve("/")).link("Sign in"));
        return browser.enterCredentials(login, name, ConnectedRealm.PASSWORD);
    }

    /** The access token of the member's calendar. */
    private String calendarToken(String name) {
        return realm.token(realm.consumer()
                        .directGrant(name, ConnectedRealm.PASSWORD)
                        .accessToken())
                .expect(200)
                .json()
                .get("access_token")
                .asText();
    }

    private void putEvent(String token, String summary, String start, String end) {
        String calendar = atCronofy(token, "/v1/calendars")
                .json()
                .at("/calendars/0/calendar_id")
                .asText();
        String event = Answer.write(Map.of("event_id", summary, "summary", summary, "start", start, "end", end));
        Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars/" + calendar + "/events"))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(event)))
                .expect(202);
    }

    private Answer atCronofy(String token, String path) {
        return Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + path))
                        .header("Authorization", "Bearer " + token))
                .expect(200);
    }

    private static void assertSays(Page page, int status, String sentence) {
        assertThat(page.status()).as("%s", page).isEqualTo(status);
        assertThat(page.document().select("[role=alert]").text()).contains(sentence);
        assertThat(page.document().select("h1")).hasSize(1);
        assertThat(page.document().select("html").attr("lang")).isEqualTo("en");
    }

    @Test
    void a_user_signs_in_and_sees_the_events_of_the_day(Browser browser) {
        granted("maria");
        String token = calendarToken("maria");
        putEvent(token, "Lunch", "2026-06-01T10:00:00Z", "2026-06-01T11:00:00Z");
        putEvent(token, "Breakfast", "2026-06-01T06:30:00Z", "2026-06-01T07:00:00Z");
        putEvent(token, "Tomorrow", "2026-06-02T10:00:00Z", "2026-06-02T11:00:00Z");

        Page day = signIn(browser, "maria");

        assertThat(day.status()).as("%s", day).isEqualTo(200);
        assertThat(day.uri()).isEqualTo(baseUrl.resolve("/"));
        assertThat(day.document().select("th[scope=row]").eachText()).containsExactly("Breakfast", "Lunch");
        assertThat(day.document().select("tbody td:first-child").eachText())
                .containsExactly("08:30 – 09:00", "12:00 – 13:00");
        assertThat(day.document().select("main").text()).contains("maria Test").contains(address("maria"));
        assertThat(day.document().select("caption").text()).isEqualTo("Monday, 1 June 2026");
        Cookie session = browser.cookies().stream()
                .filter(cookie -> cookie.name().equals("session"))
                .findFirst()
                .orElseThrow();
        assertThat(session.httpOnly()).isTrue();
        assertThat(session.sameSite()).isEqualTo("Lax");
        assertThat(day.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(log.lines)
                .noneMatch(line -> line.contains(token)
                        || line.contains("example-app-secret")
                        || line.contains(session.value())
                        || line.contains("eyJ"));
    }

    @Test
    void what_an_event_says_is_shown_and_not_run(Browser browser) {
        granted("mallory");
        String hostile = "<script>alert(1)</script><b title=\"x\">'Tom & Jerry'</b>";
        putEvent(calendarToken("mallory"), hostile, "2026-06-01T10:00:00Z", "2026-06-01T11:00:00Z");

        Page day = signIn(browser, "mallory");

        assertThat(day.document().select("th[scope=row]").text()).isEqualTo(hostile);
        assertThat(day.document().select("script, b")).isEmpty();
        assertThat(day.headers().firstValue("Content-Security-Policy").orElse(""))
                .startsWith("default-src 'none'");
    }

    @Test
    void who_signs_out_is_signed_out_everywhere(Browser browser) {
        granted("otto");
        Page day = signIn(browser, "otto");

        Page after = browser.submit(day.forms().get(0).press("Sign out"));

        assertThat(after.uri()).isEqualTo(baseUrl.resolve("/"));
        assertThat(after.link("Sign in")).isEqualTo(baseUrl.resolve("/sign-in"));
        assertThat(browser.open(after.link("Sign in")).status()).isEqualTo(200);
        assertThat(browser.history()).last().asString().contains("/protocol/openid-connect/auth");
    }

    @Test
    void a_calendar_that_is_being_connected_is_worth_another_try(Browser browser) {
        Member user = member(organization("petra"), "petra");
        simulator.addFault(AtCronofy.onAsk(address("petra")).hang().build());

        Page pending = signIn(browser, "petra");

        assertSays(pending, 503, "Your calendar is being connected.");
        assertThat(pending.headers().firstValue("Retry-After")).contains("5");
        simulator.clearFaults();
        user.awaitState("granted");
        assertThat(browser.open(pending.link("Try again")).status()).isEqualTo(200);
    }

    @Test
    void whoever_may_not_is_told_to_ask_the_administrator(Browser browser) {
        String organization = organization("dora");
        Member user = member(organization, "dora");
        realm.consumer().directGrant("dora", ConnectedRealm.PASSWORD);
        user.awaitState("granted");
        admin.put(realm.api("links/" + organization + "/suspension"), "{}").expect(204);

        assertSays(signIn(browser, "dora"), 403, "You may not use your calendar here.");
    }

    @Test
    void whose_organization_is_not_linked_is_told_so(Browser browser) {
        realm.user("nobody", "nobody@nobody-example.test");

        assertSays(signIn(browser, "nobody"), 403, "Your organization has not connected your calendar.");
    }

    @Test
    void a_calendar_that_has_to_be_connected_anew_is_worth_another_try(Browser browser) {
        Member user = expired("gone");
        assertThat(simulator.revokeBySub(
                        cronofy.grant(address("gone")).orElseThrow().get("sub").asText()))
                .isTrue();

        Page page = signIn(browser, "gone");

        assertSays(page, 503, "Your calendar has to be connected anew.");
        user.awaitState("granted");
        assertThat(browser.open(page.link("Try again")).status()).isEqualTo(200);
    }

    @Test
    void an_outage_of_cronofy_is_worth_another_try(Browser browser) {
        expired("outage");
        simulator.addFault(AtCronofy.onToken("\"grant_type\":\"refresh_token\"")
                .status(500)
                .build());

        Page page = signIn(browser, "outage");

        assertSays(page, 503, "Your calendar cannot be reached at the moment.");
        assertThat(page.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void events_that_cannot_be_read_are_worth_another_try(Browser browser) {
        granted("events");
        simulator.addFault(Fault.on("GET", "/v1/events").status(500).build());

        assertSays(signIn(browser, "events"), 503, "Your calendar cannot be reached at the moment.");
    }

    @Test
    void a_client_that_is_no_consumer_is_for_its_operator_to_set_up(Browser browser) {
        granted("operator");

        assertSays(
                signIn(browser, unlistedUrl, "operator"),
                403,
                "This application is not set up correctly. Please tell its operator: unauthorized_client.");
    }

    @Test
    void whose_session_has_ended_signs_in_again(Browser browser) {
        Member user = granted("ended");
        signIn(browser, "ended");
        admin.post("/admin/realms/" + realm.name() + "/users/" + user.id() + "/logout", Map.of())
                .expect(204);

        Page page = browser.open(baseUrl.resolve("/"));

        assertSays(page, 403, "Your sign-in has ended.");
        assertThat(browser.enterCredentials(browser.open(page.link("Sign in")), "ended", ConnectedRealm.PASSWORD)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_sign_in_that_was_not_begun_here_is_refused(Browser browser) {
        Page page = browser.open(baseUrl.resolve("/callback?code=stolen&state=guessed"));

        assertSays(page, 403, "This sign-in was not begun here.");
        browser.open(baseUrl.resolve("/sign-in"));
        assertSays(
                browser.open(baseUrl.resolve("/callback?code=stolen&state=guessed")),
                403,
                "This sign-in was not begun here.");
    }

    @Test
    void a_user_who_declines_to_sign_in_is_not_signed_in(Browser browser) {
        URI login = browser.open(baseUrl.resolve("/sign-in")).uri();
        String state = Pattern.compile("[?&]state=([^&]+)")
                .matcher(String.valueOf(browser.history().get(1)))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        assertThat(login.getPath()).contains("openid-connect/auth");

        assertSays(
                browser.open(baseUrl.resolve("/callback?error=access_denied&state=" + state)),
                403,
                "You have not been signed in.");
    }
}
