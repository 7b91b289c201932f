package io.github.enterpriseconnect.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Database;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.ManyOrganizations;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Whether administrators of ten thousand organizations can work, and what it takes; run by the profile {@code scale}.
 * The figures are printed, not asserted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyOrganizationsTrial {
    private static final int ORGANIZATIONS = Integer.getInteger("organizations", 10_000);
    private static final int MEMBERS = Integer.getInteger("members", 100_000);
    private static final int MOST = 100;
    private static final int ROUNDS = 11;
    private static final Pattern LISTS = Pattern.compile("/(links|delegations|revocations|users)(\\?|$)");
    private static final Pattern BOUNDED = Pattern.compile("[?&]max=([1-9]\\d?|100)(&|$)");

    private Simulator simulator;
    private Database database;
    private KeycloakServer server;
    private AdminClient admin;
    private ManyOrganizations many;

    @BeforeAll
    void seed() {
        simulator = Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
        database = Database.start();
        server = ConnectedRealm.server(simulator)
                .options(database.options())
                .jvmOptions("-Xmx512m", "-XX:TieredStopAtLevel=4")
                .start();
        admin = AdminClient.of(server).patient(Duration.ofMinutes(5));
        long start = System.nanoTime();
        many = ManyOrganizations.of(ORGANIZATIONS, MEMBERS, server, admin, simulator, database);
        System.out.printf(
                "%d organizations and %d members seeded in %d ms%n", ORGANIZATIONS, MEMBERS, milliseconds(start));
    }

    @AfterAll
    void stop() {
        server.close();
        database.close();
        simulator.close();
    }

    @Test
    void no_answer_holds_more_than_one_page() {
        String member = many.realm()
                .admin()
                .get("/admin/realms/" + many.realm().name() + "/users?username=member-4711&exact=true")
                .expect(200)
                .json()
                .at("/0/id")
                .asText();
        for (String path : List.of(
                "status",
                "settings",
                "links?max=11",
                "links?max=100",
                "links?first=" + (ORGANIZATIONS - 50) + "&max=100",
                "links?search=company-77&max=100",
                "links/" + many.first(),
                "links/" + many.first() + "/invitations",
                "links/" + many.first() + "/delegations?max=100",
                "links/" + many.first() + "/delegations?preview=true&max=100",
                "revocations?max=100",
                "users/" + member)) {
            ask(path);
            long start = System.nanoTime();
            Answer answer = ask(path);
            System.out.printf(
                    "%s: %d ms, %d bytes, longest list %d%n",
                    path, milliseconds(start), answer.text().length(), longestList(answer.json()));
            assertThat(longestList(answer.json())).as(path).isLessThanOrEqualTo(MOST);
        }
        for (String path : List.of("links", "links/" + many.first() + "/delegations", "revocations")) {
            assertThat(admin.get(many.realm().api(path + "?max=" + (MOST + 1))).status())
                    .as(path)
                    .isEqualTo(400);
        }
    }

    /** From the address to the first row, with somebody signed in; what an administrator then does most. */
    @Test
    void the_console_page_shows_its_first_content_soon_and_asks_for_a_page_at_a_time() {
        String realm = many.realm().name();
        new RealmAdministrators(server, admin, realm).create("boss", "realm-admin");
        URI console = many.realm().resource("console/");
        List<String> asked = new ArrayList<>();
        try (Chromium chromium = Chromium.start();
                Window window = chromium.window(Viewer.ENGLISH, server.baseUri())) {
            window.page().onRequest(request -> asked.add(request.url()));
            window.open(console);
            window.find("button.pf-m-primary").click();
            window.signIn("boss", "password");
            Locator row = window.find("main tbody tr");
            row.first().waitFor();
            print("console page, signed in, first row", () -> {
                window.open(console);
                row.first().waitFor();
            });
            Locator range = window.find(".ec-range");
            print("next page", () -> {
                String before = range.first().innerText();
                window.page().getByLabel("Next page").first().click();
                await().atMost(Window.PATIENCE)
                        .until(() -> !range.first().innerText().equals(before));
            });
            print("one organization's members, first row", () -> {
                window.page().navigate("about:blank");
                window.open(URI.create(console + "#/organizations/" + many.first() + "/members"));
                row.first().waitFor();
            });
            assertThat(row.count()).isEqualTo(MEMBERS / ORGANIZATIONS);
            window.assertNoTrouble();
        }
        assertThat(asked)
                .filteredOn(url -> url.contains("/admin/realms/" + realm + "/"))
                .isNotEmpty()
                .allMatch(
                        url -> LISTS.matcher(url).find() == BOUNDED.matcher(url).find(), "asks for one page");
    }

    private static void print(String what, Runnable act) {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            act.run();
            times.add(milliseconds(start));
        }
        long first = times.get(0);
        times.sort(null);
        System.out.printf(
                "%s: first %d ms, median of %d %d ms, longest %d ms%n",
                what, first, ROUNDS, times.get(ROUNDS / 2), times.get(ROUNDS - 1));
    }

    private Answer ask(String path) {
        return admin.get(many.realm().api(path)).expect(200);
    }

    private static int longestList(JsonNode json) {
        int longest = json.isArray() ? json.size() : 0;
        for (JsonNode child : json) {
            longest = Math.max(longest, longestList(child));
        }
        return longest;
    }

    private static long milliseconds(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }
}
