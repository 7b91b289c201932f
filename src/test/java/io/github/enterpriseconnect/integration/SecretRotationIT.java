package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client secret is replaced while members live, by the steps of docs/operations.md. */
class SecretRotationIT extends LinkScenario {
    private static final String NEXT = "planted-next-secret";
    private static final String MASK = "**********";

    private final AtCronofy cronofy;

    SecretRotationIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        super(server, admin, simulator);
        this.cronofy = new AtCronofy(simulator);
    }

    @AfterEach
    void endTheRotation() {
        simulator.change(Switch.OLD_SECRET, "");
        simulator.change(Switch.ACCEPTED_SECRETS, Choice.Secrets.BOTH);
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        simulator.change(Switch.CALLBACK_DROPPED, List.of());
        simulator.addApplication(clientId, SECRET);
        Map<String, Object> settings = settings();
        settings.put("nextClientSecret", "");
        admin.put(realm.api("settings"), settings).expect(204);
    }

    private Map<String, Object> rotating() {
        Map<String, Object> settings = settings();
        settings.put("nextClientSecret", NEXT);
        settings.put("signatureRequired", true);
        return settings;
    }

    private JsonNode test() {
        return admin.post(realm.api("settings/test"), null).expect(200).json();
    }

    private JsonNode shown() {
        return admin.get(realm.api("settings")).expect(200).json();
    }

    private boolean warned() {
        return admin.get(realm.api("status"))
                .expect(200)
                .json()
                .get("warnings")
                .findValuesAsText("code")
                .contains("client_secret_rotating");
    }

    @Test
    void no_right_ends_while_the_secret_is_replaced_step_by_step() {
        Organization acme = organization();
        realm.link(acme.id(), acme.domain());
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        List<Member> members = new ArrayList<>(List.of(connect(acme, "maria"), connect(acme, "john")));
        assertServed(members);

        // Step 2: Cronofy knows of the next secret not yet.
        admin.put(realm.api("settings"), rotating()).expect(204);
        assertThat(shown().get("nextClientSecret").asText()).isEqualTo(MASK);
        assertThat(warned()).isTrue();
        assertThat(test().at("/clientSecret/ok").asBoolean()).isTrue();
        assertThat(test().at("/nextClientSecret/ok").asBoolean()).isFalse();
        assertThat(admin.post(realm.api("settings/rotation"), null)
                        .expect(409)
                        .json()
                        .get("errorMessage")
                        .asText())
                .contains("cannot take over")
                .doesNotContain(NEXT);
        members.add(connect(acme, "jane"));
        assertServed(members);

        // Both are active, and Cronofy signs with both.
        simulator.addApplication(clientId, NEXT);
        simulator.change(Switch.OLD_SECRET, SECRET);
        assertThat(test().at("/nextClientSecret/ok").asBoolean()).isTrue();
        members.add(connect(acme, "jack"));
        assertServed(members);

        // Step 4: only the next one is accepted, while callbacks may still come that the old one has signed.
        simulator.change(Switch.ACCEPTED_SECRETS, Choice.Secrets.NEW);
        assertThat(test().get("ok").asBoolean()).isTrue();
        assertThat(test().at("/clientSecret/ok").asBoolean()).isFalse();
        members.add(connect(acme, "judy"));
        assertServed(members);
        assertThat(callback(acme, "signed-by-old", SECRET)).isEqualTo(204);
        assertThat(callback(acme, "signed-by-next", NEXT)).isEqualTo(204);
        assertThat(callback(acme, "signed-by-nobody", "a third one")).isEqualTo(404);

        // Step 5, and the old one is gone.
        simulator.change(Switch.OLD_SECRET, "");
        admin.post(realm.api("settings/rotation"), null).expect(204);
        Answer events = admin.get("/admin/realms/" + realm.name()
                        + "/admin-events?resourcePath=enterprise-connect/settings/rotation")
                .expect(200);
        assertThat(events.json().findValuesAsText("operationType")).containsExactly("UPDATE");
        assertThat(events.text()).doesNotContain(NEXT).doesNotContain(SECRET);
        admin.post(realm.api("settings/rotation"), null).expect(409);
        assertThat(shown().has("nextClientSecret")).isFalse();
        assertThat(shown().get("clientSecret").asText()).isEqualTo(MASK);
        assertThat(warned()).isFalse();
        assertThat(test().get("ok").asBoolean()).isTrue();
        assertThat(callback(acme, "signed-by-former", SECRET)).isEqualTo(404);
        members.add(connect(acme, "june"));
        assertServed(members);

        assertThat(revocations()).isEmpty();
        assertThat(realm.link(acme.id()).get("state").asText()).isEqualTo("active");
        assertThat(realm.link(acme.id()).has("problem")).isFalse();
        realm.unlink(acme.id());
        await().atMost(SWEEPS)
                .untilAsserted(() -> assertThat(cronofy.live(acme.domain())).isFalse());
        assertThat(server.logText()).doesNotContain(NEXT);
    }

    private Member connect(Organization organization, String name) {
        return realm.member(organization.id(), name + "-" + organization.name(), name + "@" + organization.domain())
                .connect();
    }

    /** Their tokens live for a second: each is refreshed. */
    private void assertServed(List<Member> members) {
        assertThat(members).allSatisfy(member -> {
            await().atMost(SWEEPS).untilAsserted(() -> member.token().expect(200));
            assertThat(member.state()).isEqualTo("granted");
        });
    }

    /** What is answered to a callback that this secret has signed. */
    private int callback(Organization organization, String name, String secret) {
        String address = name + "@" + organization.domain();
        simulator.change(Switch.CALLBACK_DROPPED, List.of(address));
        Member member = realm.member(organization.id(), name + "-" + organization.name(), address);
        member.signIn();
        await().atMost(SWEEPS).until(() -> !cronofy.asks(address).isEmpty());
        URI url = cronofy.callbackUrl(address);
        String body = "{\"authorization\":{\"error\":\"access_denied\"}}";
        Answer answer = cronofy.callBack(url, body, "x," + signature(body, secret));
        return answer.status();
    }

    private static String signature(String body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void the_next_secret_stays_masked_is_kept_by_saves_and_goes_when_it_is_emptied() {
        admin.post(realm.api("settings/rotation"), null).expect(409);
        admin.put(realm.api("settings"), rotating()).expect(204);

        admin.put(realm.api("settings"), shown()).expect(204);
        admin.put(realm.api("settings"), settings()).expect(204);
        assertThat(shown().get("nextClientSecret").asText()).isEqualTo(MASK);
        simulator.addApplication(clientId, NEXT);
        assertThat(test().at("/nextClientSecret/ok").asBoolean()).isTrue();
        assertThat(test().at("/clientSecret/ok").asBoolean()).isFalse();

        Map<String, Object> emptied = settings();
        emptied.put("nextClientSecret", "");
        admin.put(realm.api("settings"), emptied).expect(204);
        assertThat(shown().has("nextClientSecret")).isFalse();
        assertThat(test().get("ok").asBoolean()).isFalse();
        assertThat(test().has("nextClientSecret")).isFalse();
    }

    @Test
    void whoever_writes_the_new_secret_as_the_client_secret_has_finished_the_rotation() {
        admin.put(realm.api("settings"), rotating()).expect(204);
        simulator.addApplication(clientId, NEXT);

        Map<String, Object> finished = settings();
        finished.put("clientSecret", NEXT);
        admin.put(realm.api("settings"), finished).expect(204);

        assertThat(shown().has("nextClientSecret")).isFalse();
        assertThat(test().get("ok").asBoolean()).isTrue();
    }

    @Test
    void a_vault_reference_reads_as_it_was_written_and_is_named_by_a_warning_while_the_vault_lacks_it() {
        Map<String, Object> settings = settings();
        settings.put("nextClientSecret", "${vault.next}");
        admin.put(realm.api("settings"), settings).expect(204);

        assertThat(shown().get("nextClientSecret").asText()).isEqualTo("${vault.next}");
        JsonNode status = admin.get(realm.api("status")).expect(200).json();
        assertThat(status.get("configured").asBoolean()).isTrue();
        assertThat(status.get("warnings"))
                .filteredOn(warning -> Objects.equals(warning.get("code").asText(), "client_secret_withheld"))
                .singleElement()
                .satisfies(
                        warning -> assertThat(warning.at("/names/0").asText()).isEqualTo("nextClientSecret"));
        assertThat(test().get("ok").asBoolean()).isTrue();
        admin.post(realm.api("settings/rotation"), null).expect(409);
    }

    @Test
    void who_may_not_manage_the_realm_finishes_no_rotation() {
        AdminClient viewer = administrators.create("rotation-viewer", "view-realm");

        viewer.post(realm.api("settings/rotation"), null).expect(403);
    }
}
