package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * An operator's backup and restore: {@code kc.sh export} and, while nothing serves, {@code kc.sh import} of that file,
 * which removes the realm first. The grace period has passed whenever the server is there again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealmImportIT {
    private static final int MEMBERS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final AtCronofy cronofy = new AtCronofy(simulator);
    private final KeycloakServer server = ConnectedRealm.extendedServer(simulator)
            .options(
                    "--spi-enterprise-connect--default--realm-removal-grace=1",
                    "--spi-enterprise-connect--default--reconcile-every=1",
                    "--spi-enterprise-connect--default--reconcile-idle-every=1")
            .start();
    private final AdminClient admin = AdminClient.of(server);
    private final ConnectedRealm realm =
            ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(RealmImportIT.class), true);
    private final String acme = realm.linked("acme", "acme.test", Map.of());
    private final String globex = realm.linked("globex", "globex.test", Map.of());
    private final List<Member> members = new ArrayList<>();
    private final Member hank = realm.member(globex, "hank", "hank@globex.test");
    private final Path file = server.files().resolve("realm.json");

    @BeforeAll
    void connect_everybody() {
        for (int i = 0; i < MEMBERS; i++) {
            String name = "member-" + i;
            members.add(realm.member(acme, name, name + "@acme.test"));
        }
        members.forEach(Member::signIn);
        hank.connect();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(granted(acme)).isEqualTo(MEMBERS));
    }

    @AfterAll
    void stop() {
        server.close();
        simulator.close();
    }

    @Test
    @Order(1)
    void a_realm_that_is_imported_over_itself_goes_on_as_before_and_cronofy_hears_nothing() {
        JsonNode link = withoutLastUse(realm.link(acme));
        List<String> tokens = members.stream().map(RealmImportIT::served).toList();
        int requests = simulator.requests().size();

        server.stop();
        server.tool("export", "--realm=" + realm.name(), "--file=" + file);
        server.tool("import", "--file=" + file);
        server.restart();

        assertThat(members).extracting(RealmImportIT::served).isEqualTo(tokens);
        assertThat(served(hank)).isNotEmpty();
        assertThat(withoutLastUse(realm.link(acme))).isEqualTo(link);
        assertThat(granted(acme)).isEqualTo(MEMBERS);
        assertThat(realm.admin()
                        .get(realm.api("revocations"))
                        .expect(200)
                        .json()
                        .get("revocations"))
                .isEmpty();
        assertThat(simulator.requests()).hasSize(requests);
    }

    @Test
    @Order(2)
    void an_organization_that_is_not_in_the_file_is_revoked_and_the_others_are_served() throws IOException {
        List<String> tokens =
                members.stream().limit(5).map(RealmImportIT::served).toList();

        server.stop();
        change(content -> content.withArray("organizations").forEach(organization -> {
            if ("globex".equals(organization.get("alias").asText())) {
                ((ObjectNode) organization).removeAll().put("name", "other").put("alias", "other");
            }
        }));
        server.tool("import", "--file=" + file);
        assertThat(cronofy.live("globex.test"))
                .as("nothing is sent by the tool")
                .isTrue();
        server.restart();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.live("globex.test")).isFalse());
        assertThat(hank.token().status()).isNotEqualTo(200);
        assertThat(cronofy.live("acme.test")).isTrue();
        assertThat(members.stream().limit(5).map(RealmImportIT::served)).isEqualTo(tokens);
        assertThat(granted(acme)).isEqualTo(MEMBERS);
    }

    /** The same file in a database that knows nothing of the realm. */
    @Test
    @Order(3)
    void another_database_says_that_the_organizations_have_to_be_linked_again() {
        admin.deleteRealm(realm.name());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.live("acme.test")).isFalse());
        server.stop();

        server.tool("import", "--file=" + file);
        server.restart();

        assertThat(server.logText())
                .containsOnlyOnce(
                        "realm " + realm.name() + " brings " + (MEMBERS + 1) + " members who were connected elsewhere");
        Member first = members.get(0);
        assertThat(first.token().status()).isNotEqualTo(200);
        realm.link(acme, "acme.test");
        first.connect();
        assertThat(served(first)).isNotEmpty();
    }

    private static JsonNode withoutLastUse(JsonNode link) {
        return ((ObjectNode) link).without("lastUse");
    }

    private static String served(Member member) {
        return member.token().expect(200).json().get("access_token").asText();
    }

    private int granted(String link) {
        return admin.get(realm.api("links/" + link + "/delegations?max=1&counts=true"))
                .expect(200)
                .json()
                .at("/states/granted")
                .asInt();
    }

    private void change(Consumer<ObjectNode> change) throws IOException {
        ObjectNode content = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(content);
        Files.writeString(file, JSON.writeValueAsString(content));
    }
}
