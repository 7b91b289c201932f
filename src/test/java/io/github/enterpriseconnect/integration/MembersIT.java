package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications read who of their organizations has a calendar, over HTTP; what they are told of whom is seen in {@code RosterTest}. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MembersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final Applications applications;
    private final String acme;
    private final String beta;
    private final String maria;
    private final String max;

    MembersIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(MembersIT.class), true);
        this.applications = new Applications(server, admin, realm, "maria");
        this.acme = realm.linked("acme", "acme-members.test", Map.of());
        this.beta = realm.linked("beta", "beta-members.test", Map.of());
        this.maria = realm.member(acme, "maria", "maria@acme-members.test").id();
        this.max = realm.member(beta, "max", "max@beta-members.test").id();
    }

    @BeforeAll
    void delegate() {
        granted("maria", maria);
        granted("max", max);
    }

    private void granted(String name, String id) {
        realm.signIn(name);
        await().atMost(PATIENCE)
                .until(() -> "granted".equals(realm.member(id).get("state").asText()));
    }

    /** A client with this right, for these organizations or all. */
    private Application reader(String clientId, String right, @Nullable List<String> organizations) {
        Map<String, Object> consumer = new HashMap<>(Map.of("clientId", clientId, "rights", List.of(right)));
        if (organizations != null) {
            consumer.put("links", organizations);
        }
        applications.list(consumer);
        applications.create(clientId, Map.of(), Map.of());
        return basic(clientId);
    }

    private Application basic(String clientId) {
        return Application.withBasic(applications.realmUri(), clientId, Applications.SECRET);
    }

    private static Answer members(Application application, String query) {
        return application.get(URI.create(application.realm() + "/enterprise-connect/members" + query));
    }

    /** As docs/applications.md shows it. */
    private static final class Copy {
        private final Application application;
        private final Map<String, JsonNode> entries = new HashMap<>();
        private String since = "";

        Copy(Application application) {
            this.application = application;
        }

        Copy update() {
            String query = since.isEmpty() ? "?max=1" : "?max=1&changedSince=" + since;
            while (!query.isEmpty()) {
                JsonNode page = members(application, query).expect(200).json();
                page.get("members").forEach(entry -> entries.put(entry.get("id").asText(), entry));
                since = page.path("changedSince").asText();
                query = page.has("next") ? "?max=1&after=" + page.get("next").asText() : "";
            }
            return this;
        }

        List<String> of(String user) {
            return entries.values().stream()
                    .filter(entry -> entry.get("user").asText().equals(user))
                    .map(entry -> entry.get("state").asText() + " "
                            + entry.path("reason").asText())
                    .toList();
        }
    }

    @Test
    void a_copy_is_kept_in_step_with_who_comes_and_who_goes() {
        String nina = realm.member(acme, "nina", "nina@acme-members.test").id();
        granted("nina", nina);
        Copy copy = new Copy(reader("in-step", "directory", List.of(acme))).update();
        assertThat(copy.of(maria)).containsExactly("granted ");
        assertThat(copy.of(nina)).containsExactly("granted ");
        assertThat(copy.of(max)).isEmpty();
        assertThat(copy.entries.values()).allSatisfy(entry -> {
            assertThat(entry.get("organization").asText()).isEqualTo(acme);
            assertThat(entry.toString()).doesNotContain("@");
            assertThat(Instant.parse(entry.get("since").asText())).isBefore(Instant.now());
        });

        String otto = realm.member(acme, "otto", "otto@acme-members.test").id();
        granted("otto", otto);
        admin.delete("/admin/realms/" + realm.name() + "/users/" + nina).expect(204);

        await().atMost(PATIENCE).untilAsserted(() -> {
            copy.update();
            assertThat(copy.of(nina)).containsExactly("revoked user_removed");
        });
        assertThat(copy.of(otto)).containsExactly("granted ");
    }

    @Test
    void a_client_is_told_of_its_own_organizations_alone() {
        Application betas = reader("betas", "directory", List.of(beta));
        Application nobodys = reader("nobodys", "directory", List.of());
        Application all = reader("of-all", "directory", null);

        assertThat(new Copy(all).update().of(max)).hasSize(1);
        assertThat(new Copy(betas).update().of(maria)).isEmpty();
        assertThat(members(betas, "?organization=" + acme).expect(200).json().get("members"))
                .isEmpty();
        assertThat(members(all, "?organization=" + beta).expect(200).json().get("members"))
                .hasSize(1);
        assertThat(new Copy(nobodys).update().entries).isEmpty();
        String next = members(all, "?max=1").expect(200).json().get("next").asText();
        assertRefused(members(betas, "?after=" + next), 400, "invalid_request", "begin anew");
    }

    @Test
    void whoever_is_not_meant_to_read_is_told_so() {
        Application reader = reader("reader", "directory", null);
        Application fetcher = reader("fetcher", "member", null);
        applications.list(Map.of("clientId", "everybody", "rights", List.of("directory")));
        applications.create("everybody", Map.of("publicClient", true), Map.of());

        assertRefused(members(fetcher, ""), 403, "unauthorized_client", "the right directory");
        Answer wrong = members(Application.withBasic(applications.realmUri(), "reader", "wrong"), "");
        assertRefused(wrong, 401, "invalid_client", "authentication");
        assertThat(wrong.headers().allValues("WWW-Authenticate"))
                .singleElement()
                .asString()
                .startsWith("Basic realm=");
        Answer nobody = Application.without(applications.realmUri(), "everybody")
                .post(URI.create(applications.realmUri() + "/enterprise-connect/members"), Map.of(), Map.of());
        assertRefused(nobody, 403, "unauthorized_client", "confidential");
        assertRefused(
                TokenDoor.OWN.ask(reader, applications.token(applications.calendarApp()), Map.of()),
                403,
                "unauthorized_client",
                "the right member");

        admin.put(realm.api("consumers/reader/suspension"), null).expect(204);
        assertRefused(members(reader, ""), 403, "access_denied", "consumer_suspended");
        admin.delete(realm.api("consumers/reader/suspension")).expect(204);
        members(reader, "").expect(200);
    }

    @ParameterizedTest
    @CsvSource({
        "?max=0, max must be",
        "?max=501, max must be",
        "?max=many, max must be",
        "?changedSince=yesterday, changedSince must be",
        "?changedSince=2020-01-01T00:00:00Z, longer ago",
        "?changedSince=9999-01-01T00:00:00Z, in the future",
        "?after=x, begin anew",
        "?after=MQ&organization=x, after alone"
    })
    void a_request_that_cannot_be_understood_is_told_what_to_send(String query, String told) {
        Application calendarApp =
                Application.withBasic(applications.realmUri(), "calendar-app", ConnectedRealm.CONSUMER_SECRET);
        applications.list(Map.of("clientId", "asking-" + query.hashCode(), "rights", List.of("directory")));
        applications.create("asking-" + query.hashCode(), Map.of(), Map.of());

        assertRefused(members(basic("asking-" + query.hashCode()), query), 400, "invalid_request", told);
        assertThat(members(calendarApp, query).status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"after", "changedSince", "max", "organization"})
    void what_belongs_into_the_url_is_refused_in_a_form(String parameter) {
        Application form = reader("by-form-" + parameter, "directory", null);

        Answer answer = form.post(
                URI.create(applications.realmUri() + "/enterprise-connect/members"), Map.of(parameter, "1"), Map.of());

        assertRefused(answer, 400, "invalid_request", "Send " + parameter + " in the URL");
    }

    @Test
    void a_position_of_another_realm_is_none() {
        String position = members(reader("of-this-realm", "directory", null), "?max=1")
                .expect(200)
                .json()
                .get("next")
                .asText();
        String other = realm.name() + "-other";
        admin.createRealm(other, Map.of("organizationsEnabled", true));
        admin.createConfidentialClient(
                other, "calendar-app", ConnectedRealm.CONSUMER_SECRET, URI.create("http://127.0.0.1:9/callback"));
        admin.put("/admin/realms/" + other + "/enterprise-connect/settings", realm.settings())
                .expect(204);
        Application there = Application.withBasic(
                URI.create(applications.realmUri() + "-other"), "calendar-app", ConnectedRealm.CONSUMER_SECRET);

        assertThat(members(there, "").expect(200).json().get("members")).isEmpty();
        assertRefused(members(there, "?after=" + position), 400, "invalid_request", "in this realm");
    }

    @Test
    void a_client_that_has_no_secret_reads_by_an_assertion_in_a_form() throws JOSEException {
        ECKey key = new ECKeyGenerator(Curve.P_256)
                .keyID("key")
                .keyUse(KeyUse.SIGNATURE)
                .generate();
        applications.list(Map.of("clientId", "by-key", "rights", List.of("directory"), "links", List.of(beta)));
        applications.create(
                "by-key",
                Map.of("clientAuthenticatorType", "client-jwt"),
                Map.of("use.jwks.string", "true", "jwks.string", "{\"keys\":[" + key.toPublicJWK() + "]}"));
        Application byKey = Application.withPrivateKeyJwt(applications.realmUri(), "by-key", key);

        JsonNode page = byKey.post(
                        URI.create(applications.realmUri() + "/enterprise-connect/members?max=7"), Map.of(), Map.of())
                .expect(200)
                .json();

        assertThat(page.get("members"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.get("user").asText()).isEqualTo(max));
    }

    private static void assertRefused(Answer answer, int status, String error, String description) {
        JsonNode json = answer.expect(status).json();
        assertThat(json.get("error").asText()).isEqualTo(error);
        assertThat(json.get("error_description").asText()).contains(description);
    }
}
