package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the console page is served with and signs in by; the page itself is tested in a browser. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String CLIENT_ID = "enterprise-connect-console";
    private static final Pattern IMPORT = Pattern.compile("(?m)^import .* from \"\\./([^\"]+)\";$");
    private static final Set<String> ROLES = Set.of(
            "manage-realm",
            "view-realm",
            "manage-organizations",
            "view-organizations",
            "query-organizations",
            "manage-users",
            "view-users",
            "query-users");

    private KeycloakServer server;
    private AdminClient admin;
    private Simulator simulator;
    private ConnectedRealm realm;

    @BeforeAll
    void connect(KeycloakServer running, AdminClient administrator, Simulator cronofy) {
        server = running;
        admin = administrator;
        simulator = cronofy;
        realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ConsoleIT.class), true);
    }

    private Answer get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(realm.resource(path));
        return Answer.to(headers.length == 0 ? request : request.headers(headers));
    }

    private String header(Answer answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void the_page_runs_and_loads_only_what_is_the_server_s_and_refuses_frames() {
        Answer page = get("console/").expect(200);

        assertThat(header(page, "Content-Security-Policy").split("; "))
                .contains(
                        "default-src 'none'",
                        "script-src 'self'",
                        "style-src 'self'",
                        "connect-src 'self' " + server.baseUri(),
                        "form-action 'none'",
                        "frame-ancestors 'none'",
                        "base-uri 'none'");
        assertThat(header(page, "X-Frame-Options")).isEqualTo("DENY");
        assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(header(page, "Cache-Control")).isEqualTo("no-store");
        assertThat(page.text()).doesNotContain("style=", "<style", "onclick");
        assertThat(page.text().split("<script")).hasSize(2);
        assertThat(page.text()).containsPattern("<script type=\"module\" src=\"[^\"]+/console/console.js\"></script>");
    }

    @Test
    void the_page_has_one_address_with_a_slash_at_its_end() {
        Answer answer = get("console");

        assertThat(answer.status()).isEqualTo(303);
        assertThat(header(answer, "Location"))
                .isEqualTo(realm.resource("console/").toString());
    }

    @Test
    void there_is_no_page_where_Enterprise_Connect_was_never_switched_on() {
        String untouched = AdminClient.newRealmName(ConsoleIT.class);
        admin.createRealm(untouched, Map.of());

        Answer answer =
                Answer.to(HttpRequest.newBuilder(URI.create(server.realm(untouched) + "/enterprise-connect/console/")));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(admin.get("/admin/realms/" + untouched + "/clients?clientId=" + CLIENT_ID)
                        .json())
                .isEmpty();
    }

    @Test
    void every_module_that_the_page_is_made_of_is_served_as_a_script() {
        Deque<String> next = new ArrayDeque<>(List.of("console.js"));
        Set<String> served = new HashSet<>();

        while (!next.isEmpty()) {
            String module = next.remove();
            if (served.add(module)) {
                Answer answer = get("console/" + module).expect(200);
                assertThat(header(answer, "Content-Type")).as(module).startsWith("text/javascript");
                IMPORT.matcher(answer.text())
                        .results()
                        .map(found -> found.group(1))
                        .forEach(next::add);
            }
        }

        assertThat(served).hasSizeGreaterThan(1);
    }

    @Test
    void a_file_is_sent_again_only_once_it_has_changed() {
        Answer first = get("console/icon.svg").expect(200);
        String tag = header(first, "ETag");

        assertThat(header(first, "Content-Type")).startsWith("image/svg+xml");
        assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");
        assertThat(get("console/icon.svg", "If-None-Match", tag).status()).isEqualTo(304);
        assertThat(get("console/icon.svg", "If-None-Match", "\"other\"").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "console/none.js",
                "console/..%2Fconsole%2Ficon.svg",
                "console/%2e%2e",
                "console/ICON.svg",
                "console/icon.svg%00",
                "console/beans.xml",
                "console/icon.svg/more"
            })
    void nothing_but_the_page_s_own_files_is_served(String path) {
        assertThat(get(path).status()).isIn(400, 404);
    }

    @Test
    void texts_are_in_the_language_with_the_realm_s_own_wording_and_fall_back_to_English() throws IOException {
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of("internationalizationEnabled", true, "supportedLocales", List.of("en", "de")))
                .expect(204);
        admin.post(
                        "/admin/realms/" + realm.name() + "/localization/de",
                        Map.of("enterpriseConnectConsole.title", "Unser Kalender"))
                .expect(204);

        assertThat(get("console/texts/de").expect(200).json().get("title").asText())
                .isEqualTo("Unser Kalender");
        assertThat(get("console/texts/de-AT").expect(200).json().get("title").asText())
                .isEqualTo("Unser Kalender");
        admin.post(
                        "/admin/realms/" + realm.name() + "/localization/xx",
                        Map.of("enterpriseConnectConsole.title", "Made up"))
                .expect(204);
        assertThat(get("console/texts/xx").expect(200).json().get("title").asText())
                .as("a language that neither realm nor theme speaks")
                .isEqualTo("Enterprise Connect");
        assertThat(get("console/texts/de").json().properties())
                .as("none of Keycloak's own")
                .hasSize(ownTexts());
        assertThat(get("console/", "Accept-Language", "de").text())
                .contains("lang=\"de\"")
                .contains("<title>Unser Kalender</title>");
    }

    private static int ownTexts() throws IOException {
        Properties english = new Properties();
        try (Reader bundle = new InputStreamReader(
                Objects.requireNonNull(ConsoleIT.class.getResourceAsStream(
                        "/enterprise-connect/console/texts/messages_en.properties")),
                StandardCharsets.UTF_8)) {
            english.load(bundle);
        }
        return english.size();
    }

    @Test
    void the_client_is_public_with_one_address_and_no_more_rights_than_the_page_needs() {
        JsonNode client = client(realm.name());

        assertThat(client.get("publicClient").asBoolean()).isTrue();
        assertThat(client.get("standardFlowEnabled").asBoolean()).isTrue();
        assertThat(client.get("directAccessGrantsEnabled").asBoolean()).isFalse();
        assertThat(client.get("implicitFlowEnabled").asBoolean()).isFalse();
        assertThat(client.get("serviceAccountsEnabled").asBoolean()).isFalse();
        assertThat(client.get("fullScopeAllowed").asBoolean()).isFalse();
        assertThat(client.get("redirectUris"))
                .extracting(JsonNode::asText)
                .containsExactly("/realms/" + realm.name() + "/enterprise-connect/console/");
        assertThat(client.at("/attributes/pkce.code.challenge.method").asText()).isEqualTo("S256");
        assertThat(client.get("defaultClientScopes"))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrder("basic", "profile");
        assertThat(client.get("optionalClientScopes")).isEmpty();
        assertThat(roles(realm.name(), "realm-management")).isEqualTo(ROLES);
        assertThat(roles("master", realm.name() + "-realm")).isEqualTo(ROLES);
    }

    private JsonNode client(String realmName) {
        return admin.get("/admin/realms/" + realmName + "/clients?clientId=" + CLIENT_ID)
                .expect(200)
                .json()
                .get(0);
    }

    private Set<String> roles(String realmName, String management) {
        JsonNode mapped = admin.get("/admin/realms/" + realmName + "/clients/"
                        + client(realmName).get("id").asText() + "/scope-mappings")
                .expect(200)
                .json();
        assertThat(mapped.path("realmMappings")).isEmpty();
        return mapped.at("/clientMappings/" + management + "/mappings")
                .valueStream()
                .map(role -> role.get("name").asText())
                .collect(Collectors.toSet());
    }

    @Test
    void the_clients_follow_a_realm_that_is_renamed() {
        String before = AdminClient.newRealmName(ConsoleIT.class);
        ConnectedRealm.create(server, admin, simulator, before, true);
        String after = AdminClient.newRealmName(ConsoleIT.class);

        admin.put("/admin/realms/" + before, Map.of("realm", after)).expect(204);

        for (String page : List.of("console", "account")) {
            JsonNode client = admin.get("/admin/realms/" + after + "/clients?clientId=enterprise-connect-" + page)
                    .expect(200)
                    .json()
                    .get(0);
            assertThat(client.get("baseUrl").asText()).startsWith("/realms/" + after + "/enterprise-connect/" + page);
            assertThat(client.get("redirectUris"))
                    .extracting(JsonNode::asText)
                    .allMatch(address -> address.startsWith("/realms/" + after + "/enterprise-connect/" + page));
        }
        assertThat(roles("master", after + "-realm")).isEqualTo(ROLES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"own", "master"})
    void the_client_comes_back_when_it_is_removed(String where) {
        String realmName = where.equals("own") ? realm.name() : where;

        admin.delete("/admin/realms/" + realmName + "/clients/"
                        + client(realmName).get("id").asText())
                .expect(204);

        assertThat(client(realmName)).isNotNull();
        assertThat(roles(realmName, where.equals("own") ? "realm-management" : realm.name() + "-realm"))
                .isEqualTo(ROLES);
    }

    @Test
    void an_administrator_who_signed_in_by_the_client_is_known_to_the_admin_api() {
        new RealmAdministrators(server, admin, realm.name()).create("by-console", "view-realm", "view-organizations");
        URI page = realm.resource("console/");
        OidcClient console = new OidcClient(server.realm(realm.name()), CLIENT_ID, null, page);

        Tokens tokens = new Browser().signIn(console, "by-console", "password").tokens();
        AdminClient signedIn = AdminClient.as(server, () -> tokens);

        JsonNode status = signedIn.get(realm.api("status")).expect(200).json();
        assertThat(status.at("/access/viewRealm").asBoolean()).isTrue();
        assertThat(status.at("/access/manageRealm").asBoolean()).isFalse();
        assertThat(status.get("enabled").asBoolean()).isTrue();
        assertThat(status.get("configured").asBoolean()).isTrue();
        assertThat(status.get("organizations").asBoolean()).isTrue();
        assertThat(status.get("mail").asBoolean()).isFalse();
        assertThat(signedIn.get(realm.api("links")).status()).isEqualTo(200);
        assertThat(signedIn.get("/admin/realms/" + realm.name() + "/clients").status())
                .isEqualTo(403);
    }

    @Test
    void who_administers_nothing_is_not_told_how_it_stands() {
        AdminClient nobody = new RealmAdministrators(server, admin, realm.name()).create("nobody");

        assertThat(nobody.get(realm.api("status")).status()).isEqualTo(403);
    }

    @Test
    void a_link_tells_who_may_manage_it() {
        String seen = realm.organization("seen", "seen-console.test");
        String managed = realm.organization("managed", "managed-console.test");
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm.name());
        AdminClient restricted = administrators.create("restricted", "query-organizations");
        administrators.permitOrganization("view", seen, "restricted");
        administrators.permitOrganization("view", managed, "restricted");
        administrators.permitOrganization("manage", managed, "restricted");

        assertThat(restricted
                        .get(realm.api("links/" + seen))
                        .json()
                        .at("/access/manage")
                        .asBoolean(true))
                .isFalse();
        assertThat(restricted
                        .get(realm.api("links/" + managed))
                        .json()
                        .at("/access/manage")
                        .asBoolean())
                .isTrue();
        JsonNode status = restricted.get(realm.api("status")).expect(200).json();
        assertThat(status.at("/access/queryOrganizations").asBoolean()).isTrue();
        assertThat(status.at("/access/viewRealm").asBoolean(true)).isFalse();
        assertThat(status.at("/access/queryUsers").asBoolean(true)).isFalse();
        assertThat(admin.get(realm.api("links/" + seen))
                        .json()
                        .at("/access/manage")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void a_member_tells_who_may_manage_them_alone_and_in_every_list() {
        String domain = "members-console.test";
        String organization = realm.organization("members", domain);
        realm.link(organization, domain);
        String seen = realm.member(organization, "seen", "seen@" + domain).id();
        String managed =
                realm.member(organization, "managed", "managed@" + domain).id();
        for (String user : List.of(seen, managed)) {
            admin.put(realm.api("users/" + user + "/delegation"), null).expect(202);
        }
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, realm.name());
        AdminClient helper = administrators.create("helper", "query-organizations", "query-users");
        administrators.permitOrganization("view", organization, "helper");
        administrators.permitUser("view", seen, "helper");
        administrators.permitUser("view", managed, "helper");
        administrators.permitUser("manage", managed, "helper");
        Map<String, Boolean> expected = Map.of(seen, false, managed, true);

        JsonNode status = helper.get(realm.api("status")).expect(200).json();
        assertThat(status.at("/access/manageUsers").asBoolean(true)).isFalse();
        expected.forEach((user, manage) -> assertThat(helper.get(realm.api("users/" + user))
                        .expect(200)
                        .json()
                        .at("/access/manage")
                        .asBoolean(!manage))
                .isEqualTo(manage));
        String delegations = realm.api("links/" + organization + "/delegations");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(manageable(helper, delegations)).isEqualTo(expected));
        assertThat(manageable(helper, delegations + "?preview")).isEqualTo(expected);
        assertThat(manageable(admin, delegations)).isEqualTo(Map.of(seen, true, managed, true));
    }

    private static Map<String, Boolean> manageable(AdminClient caller, String path) {
        return caller.get(path)
                .expect(200)
                .json()
                .get("members")
                .valueStream()
                .collect(Collectors.toMap(member -> member.get("user").asText(), member -> member.at("/access/manage")
                        .asBoolean()));
    }

    /** A page of an administrator of few has no gaps that would tell of the others. */
    @Test
    void an_administrator_of_one_organization_finds_it_on_the_first_page() {
        ConnectedRealm crowded =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ConsoleIT.class), true);
        for (int i = 0; i < 12; i++) {
            crowded.organization("a" + i, "a" + i + "-crowded.test");
        }
        String own = crowded.organization("own", "own-crowded.test");
        FineGrainedAdministrators administrators = new FineGrainedAdministrators(server, admin, crowded.name());
        AdminClient restricted = administrators.create("restricted", "query-organizations");
        administrators.permitOrganization("view", own, "restricted");

        JsonNode page = restricted.get(crowded.api("links?max=10")).expect(200).json();

        assertThat(page).extracting(link -> link.get("id").asText()).containsExactly(own);
    }

    @Test
    void a_link_tells_what_is_wrong_with_its_service_account_until_it_is_well_again() {
        String organization = realm.organization("ill", "ill-console.test");
        realm.link(organization, "ill-console.test");
        String user = realm.member(organization, "ill", "ill@ill-console.test").id();
        String serviceAccount = realm.link(organization).get("serviceAccount").asText();
        assertThat(realm.link(organization).has("problem")).isFalse();
        Instant expired = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        simulator.expireAccessTokens();
        simulator.addFault(AtCronofy.onToken("refresh_token").status(503).build());

        admin.put(realm.api("users/" + user + "/delegation"), null).expect(202);

        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode problem = realm.link(organization).path("problem");
            assertThat(problem.path("reason").asText()).isEqualTo("unavailable");
            assertThat(Instant.parse(problem.path("since").asText())).isAfterOrEqualTo(expired);
        });
        simulator.clearFaults();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(realm.link(organization).has("problem")).isFalse());
        assertThat(realm.link(organization).get("serviceAccount").asText()).isEqualTo(serviceAccount);
    }
}
