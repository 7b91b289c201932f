package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Cookie;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Walks all the ways on a server that logs whatever it can, and then looks for the secrets that were met on them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LeakIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String CREDENTIAL = "enterprise-connect.credential";
    private static final Pattern MEMBER = Pattern.compile(
            "\"(code|access_token|refresh_token)\":\"([^\"]{16,})\"|/callback/delegation/([A-Za-z0-9_-]{16,})");
    /** At DEBUG, Keycloak's transactions name the address of the request that they belong to, whosoever it is. */
    private static final Pattern REQUEST_OF_TRANSACTION = Pattern.compile(
            "(?<=DEBUG \\[org\\.keycloak\\.transaction\\.JtaTransactionWrapper\\][^\\n]{1,400})HTTP (GET|POST) \\S+");

    private static final Pattern STATE = Pattern.compile("(?:^|&)state=([^&]+)");

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final AtCronofy cronofy = new AtCronofy(simulator);
    private final KeycloakServer server = ConnectedRealm.extendedServer(simulator)
            .options("--log-level=info,io.github.enterpriseconnect:trace,org.keycloak:trace,"
                    + "org.apache.http.wire:info,org.apache.http.headers:info,org.hibernate.orm.jdbc.bind:info")
            .start();
    private final AdminClient admin = AdminClient.of(server);
    private final ConnectedRealm realm =
            ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(LeakIT.class), true);
    /** Secrets by what they are. */
    private final Map<String, String> secrets = new LinkedHashMap<>();

    private String organization = "";
    private Member member;
    private Member other;

    @AfterAll
    void stop() {
        server.close();
        simulator.close();
    }

    @BeforeAll
    void walkAllTheWays() {
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of("adminEventsEnabled", true, "adminEventsDetailsEnabled", true))
                .expect(204);
        secrets.put(ConnectedRealm.APPLICATION_SECRET, "client secret");
        sendWrongSettings();

        organization = realm.organization("leak", "leak.test");
        realm.approve(organization, "leak.test");
        decline();
        approve(organization, "leak.test");

        member = realm.member(organization, "mona", "mona@leak.test");
        other = realm.member(organization, "otto", "otto@leak.test");
        simulator.change(Switch.REFRESH, Choice.Refresh.ROTATE);
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Tokens monas = signIn("mona");
        member.awaitState("granted");
        Instant expired = Instant.now().plusSeconds(1);
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        await().atMost(LONG).until(() -> Instant.now().isAfter(expired));
        remember(realm.token(monas.accessToken()).expect(200));

        simulator.change(
                Switch.MAILBOX_ERRORS,
                Map.of("otto@leak.test", new CallbackError("access_denied", "errors.none", "No mailbox")));
        signIn("otto");
        other.awaitState("refused");

        String gone = realm.organization("gone", "gone.test");
        realm.approve(gone, "gone.test");
        approve(gone, "gone.test");
        Member paula = realm.member(gone, "paula", "paula@gone.test");
        remember(realm.token(signIn("paula").accessToken()));
        paula.awaitState("granted");
        remember(realm.token(signIn("paula").accessToken()).expect(200));
        admin.delete(realm.api("links/" + gone)).expect(204);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(cronofy.live("gone.test")).isFalse());

        realm.token("garbage").expect(401);
        simulator.requests().forEach(this::remember);
        simulator.deliveries().forEach(this::remember);
        assertThat(secrets.values())
                .contains(
                        "client secret",
                        "invitation",
                        "cookie",
                        "state",
                        "code",
                        "access_token",
                        "refresh_token",
                        "ticket",
                        "bearer");
    }

    private void sendWrongSettings() {
        String planted = "planted-in-wrong-settings";
        Map<String, Object> wrong = new HashMap<>(realm.settings());
        wrong.put("clientSecret", planted);
        assertThat(admin.post(realm.api("settings/test"), wrong).expect(200).text())
                .contains("false")
                .doesNotContain(planted);
        wrong.put("dataCenter", "mars");
        assertThat(admin.put(realm.api("settings"), wrong).expect(400).text()).doesNotContain(planted);
        secrets.put(planted, "wrong client secret");
    }

    private void decline() {
        Browser browser = new Browser();
        URI invitation = invite(organization);
        Page consent = realm.depart(browser, invitation);
        rememberCookies(browser);
        Page end = browser.submit(consent.formAskingFor("domain").press("decline"));
        assertThat(ConnectedRealm.outcome(end)).isEqualTo("declined");
    }

    private void approve(String link, String domain) {
        Browser browser = new Browser();
        Page consent = realm.depart(browser, invite(link));
        rememberCookies(browser);
        Page end = browser.submit(
                consent.formAskingFor("domain").with("domain", domain).press("approve"));
        assertThat(ConnectedRealm.outcome(end)).isEqualTo("linked");
        browser.history().stream()
                .map(URI::getRawQuery)
                .filter(Objects::nonNull)
                .forEach(query -> {
                    Matcher code = Pattern.compile("(?:^|&)code=([^&]{16,})").matcher(query);
                    if (code.find()) {
                        secrets.put(code.group(1), "code");
                    }
                });
    }

    private URI invite(String link) {
        URI invitation = realm.invite(link);
        String path = invitation.getPath();
        secrets.put(path.substring(path.lastIndexOf('/') + 1), "invitation");
        return invitation;
    }

    private void rememberCookies(Browser browser) {
        browser.cookies().stream()
                .filter(cookie -> cookie.path().contains("enterprise-connect"))
                .map(Cookie::value)
                .forEach(value -> secrets.put(value, "cookie"));
    }

    private void remember(Answer answer) {
        rememberMembers(answer.text());
    }

    private void remember(Delivery delivery) {
        rememberMembers(delivery.url() + " " + delivery.body());
    }

    private void remember(ReceivedRequest request) {
        rememberMembers(request.body());
        Matcher state = STATE.matcher(request.query());
        if (state.find()) {
            secrets.put(state.group(1), "state");
        }
        String bearer = request.headers().getOrDefault("authorization", "");
        if (bearer.startsWith("Bearer ")) {
            secrets.put(bearer.substring("Bearer ".length()), "bearer");
        }
    }

    private void rememberMembers(String text) {
        Matcher matcher = MEMBER.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                secrets.put(matcher.group(2), matcher.group(1));
            } else {
                secrets.put(matcher.group(3), "ticket");
            }
        }
    }

    private Tokens signIn(String username) {
        return realm.signIn(username).tokens();
    }

    /** What of the secrets is in a text, each with the beginning of its line. */
    private List<String> found(String text) {
        List<String> found = new ArrayList<>();
        text.lines()
                .forEach(line -> secrets.forEach((secret, kind) -> {
                    if (line.contains(secret)) {
                        found.add(kind + ": " + line.substring(0, Math.min(line.length(), 400)));
                    }
                }));
        return found;
    }

    @Test
    @Order(1)
    void no_answer_of_the_admin_api_holds_a_secret() {
        String base = "/admin/realms/" + realm.name() + "/";
        for (String path : List.of(
                "",
                "users/" + member.id(),
                "users/" + other.id(),
                "users?briefRepresentation=false",
                "users/profile",
                "enterprise-connect/users/" + member.id(),
                "enterprise-connect/users/" + other.id(),
                "enterprise-connect/links",
                "enterprise-connect/links/" + organization,
                "enterprise-connect/links/" + organization + "/invitations",
                "enterprise-connect/settings",
                "components",
                "organizations?briefRepresentation=false",
                "authentication/required-actions",
                "events?max=1000",
                "admin-events?max=1000")) {
            String text = admin.get(base + path).expect(200).text();
            assertThat(found(text)).as(path).isEmpty();
            assertThat(text).as(path).doesNotContain(CREDENTIAL + "\":[");
        }
        String export = admin.post(base + "partial-export?exportClients=true&exportGroupsAndRoles=true", "{}")
                .expect(200)
                .text();
        assertThat(export).contains(ConnectedRealm.APPLICATION_ID);
        assertThat(found(export)).isEmpty();
    }

    @Test
    @Order(2)
    void no_line_of_the_log_holds_a_secret() {
        assertThat(server.logText()).contains("TRACE [org.keycloak", "DEBUG [io.github.enterpriseconnect");
        assertThat(found(REQUEST_OF_TRANSACTION.matcher(server.logText()).replaceAll("")))
                .isEmpty();
    }

    @Test
    @Order(3)
    void nothing_lies_in_the_database_in_clear_and_a_copied_credential_is_worthless() throws Exception {
        server.stop();
        String sealed;
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {databaseDriver()}, ClassLoader.getPlatformClassLoader());
                Connection database = open(loader)) {
            List<String> credentials = column(
                    database,
                    "select coalesce(\"VALUE\", long_value) from user_attribute where name = '" + CREDENTIAL
                            + "' and user_id = '" + member.id() + "'");
            assertThat(credentials).hasSize(1);
            sealed = credentials.get(0);
            assertThat(found(String.join("\n", column(database, "script")))).isEmpty();
        }
        assertThat(sealed).matches("[\\w-]+\\.[\\w-]*\\.[\\w-]+\\.[\\w-]+\\.[\\w-]+");
        String header = new String(
                Base64.getUrlDecoder().decode(sealed.substring(0, sealed.indexOf('.'))), StandardCharsets.UTF_8);
        assertThat(header).contains("\"alg\":\"dir\"").contains("\"kid\":");

        server.restart();
        assertThat(realm.token(signIn("mona").accessToken())
                        .expect(200)
                        .json()
                        .get("mailbox")
                        .asText())
                .isEqualTo("mona@leak.test");
        copy(sealed);
    }

    private void copy(String sealed) {
        admin.post(
                        "/admin/realms/" + realm.name() + "/partialImport",
                        Map.of(
                                "ifResourceExists",
                                "OVERWRITE",
                                "users",
                                List.of(Map.of(
                                        "username",
                                        "otto",
                                        "email",
                                        "otto@leak.test",
                                        "emailVerified",
                                        true,
                                        "enabled",
                                        true,
                                        "firstName",
                                        "Otto",
                                        "lastName",
                                        "Test",
                                        "credentials",
                                        List.of(Map.of("type", "password", "value", ConnectedRealm.PASSWORD)),
                                        "attributes",
                                        Map.of(CREDENTIAL, List.of(sealed))))))
                .expect(200);
        String thief = admin.get("/admin/realms/" + realm.name() + "/users?username=otto")
                .expect(200)
                .json()
                .at("/0/id")
                .asText();
        admin.addMember(realm.name(), organization, thief);
        Answer answer = realm.token(signIn("otto").accessToken());
        assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
        assertThat(answer.json().has("access_token")).isFalse();
        assertThat(realm.member(thief).get("state").asText()).isNotEqualTo("granted");
    }

    private URL databaseDriver() throws IOException {
        try (var files = Files.walk(home().resolve("lib"))) {
            Path jar = files.filter(file -> file.getFileName().toString().startsWith("com.h2database.h2"))
                    .findFirst()
                    .orElseThrow();
            return jar.toUri().toURL();
        }
    }

    private Path home() {
        return Objects.requireNonNull(server.log().getParent());
    }

    private Connection open(ClassLoader loader) throws ReflectiveOperationException, SQLException {
        Driver driver = Class.forName("org.h2.Driver", true, loader)
                .asSubclass(Driver.class)
                .getDeclaredConstructor()
                .newInstance();
        return driver.connect(
                "jdbc:h2:file:" + home().resolve("data/h2/keycloakdb") + ";IFEXISTS=TRUE", new Properties());
    }

    private static List<String> column(Connection database, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }
}
