package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.integration.harness.RefusingMailServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Invitations that the realm sends by mail. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InvitationMailIT {
    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final MailServer mail = MailServer.start();
    private final ConnectedRealm realm;
    private int receivers;

    InvitationMailIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.realm = newRealm();
        mail.serve(admin, realm.name());
        realm.display("Meetings <b>Inc</b>");
        realm.speak("de", "en", "fr", "es", "ja");
    }

    @AfterAll
    void stop() {
        mail.close();
    }

    @Test
    void whoever_gets_the_mail_links_the_organization_with_it() {
        String organization = realm.organization("acme", "acme.invitation.test");
        realm.approve(organization, "acme.invitation.test");
        String receiver = receiver();

        JsonNode invited = invite(realm, organization, Map.of("email", receiver, "language", "en"));

        assertThat(invited.get("sent").asBoolean()).isTrue();
        assertThat(invited.has("problem")).isFalse();
        assertThat(mail.link(receiver)).isEqualTo(URI.create(invited.get("url").asText()));
        assertThat(mail.plainText(receiver)).contains(invited.get("url").asText());
        realm.authorize(new Browser(), mail.link(receiver), "acme.invitation.test");
        assertThat(realm.link(organization).get("state").asText()).isEqualTo("active");
    }

    @Test
    void the_mail_says_who_asks_whom_for_what_and_until_when() {
        String organization = realm.organization("globex", "globex.invitation.test");
        AdminClient manager = new FineGrainedAdministrators(server, admin, realm.name())
                .create("inviting", "view-realm", "query-organizations", "manage-organizations");
        String receiver = receiver();

        manager.post(realm.api("links/" + organization + "/invitations"), Map.of("email", receiver, "language", "en"))
                .expect(201);

        assertThat(mail.subject(receiver)).isEqualTo("Invitation to connect the calendars of globex");
        assertThat(List.of(mail.text(receiver), mail.plainText(receiver))).allSatisfy(text -> assertThat(text)
                .contains("inviting Test invites you to connect the calendars of globex with Meetings <b>Inc</b>.")
                .contains("This invitation can be used once, until ")
                .contains(" UTC."));
    }

    @ParameterizedTest
    @CsvSource({
        "en, Open the invitation",
        "de, Einladung öffnen",
        "fr, Ouvrir l'invitation",
        "es, Abrir la invitación",
        "ja, 招待を開く"
    })
    void the_mail_is_in_the_receivers_language_whatever_the_administrators_is(String language, String expected) {
        String organization = realm.organization("language-" + language);
        String receiver = receiver();

        invite(realm, organization, Map.of("email", receiver, "language", language));

        assertThat(mail.text(receiver)).contains(expected).doesNotContain("enterpriseConnect", "{0}");
        assertThat(mail.document(receiver).select("html").attr("lang")).isEqualTo(language);
        assertThat(mail.document(receiver).select("a").text()).isEqualTo(expected);
    }

    @Test
    void without_a_language_the_mail_is_in_the_realms() {
        String organization = realm.organization("preset");
        String receiver = receiver();

        invite(realm, organization, Map.of("email", receiver));

        assertThat(mail.text(receiver)).contains("Einladung öffnen");
    }

    @Test
    void an_invitation_by_mail_lives_a_week_unless_told_otherwise() {
        String organization = realm.organization("lifetime");
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);

        JsonNode preset = invite(realm, organization, Map.of("email", receiver()));
        JsonNode given = invite(realm, organization, Map.of("email", receiver(), "expiresIn", 3600));

        assertThat(Instant.parse(preset.get("expiresAt").asText()))
                .isBetween(before.plus(Duration.ofDays(7)), Instant.now().plus(Duration.ofDays(7)));
        assertThat(Instant.parse(given.get("expiresAt").asText()))
                .isBetween(before.plus(Duration.ofHours(1)), Instant.now().plus(Duration.ofHours(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Evil\r\nBcc: victim@evil.test\r\n\r\nbody",
                "<script>alert(1)</script><a href=\"https://evil.test\">here</a>",
                "{0} '' '{1} ${link} <#list>",
                "a\u2028b\u202Ec\u2066d\u0000e",
            })
    void a_hostile_name_is_harmless_text(String name) {
        ConnectedRealm hostile = newRealm();
        mail.serve(admin, hostile.name());
        admin.put("/admin/realms/" + hostile.name(), Map.of("displayName", name.replace("\u0000", "")))
                .expect(204);
        String receiver = receiver();
        String organization = hostile.organization("plain");

        invite(hostile, organization, Map.of("email", receiver));

        assertThat(mail.headers(receiver)).doesNotContain("Bcc").doesNotHaveDuplicates();
        assertThat(mail.mails("victim@evil.test")).isZero();
        assertThat(mail.document(receiver).select("script")).isEmpty();
        assertThat(mail.document(receiver).select("a").eachAttr("href"))
                .allSatisfy(link -> assertThat(link).startsWith(server.baseUri().toString()));
        assertThat(mail.text(receiver) + mail.plainText(receiver))
                .doesNotContain("\u2028", "\u202E", "\u2066")
                .doesNotContain("\nBcc:");
    }

    @Test
    void a_hostile_name_of_the_realm_stays_within_the_subject() {
        ConnectedRealm hostile = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(InvitationMailIT.class), false);
        mail.serve(admin, hostile.name());
        admin.put("/admin/realms/" + hostile.name(), Map.of("displayName", "Evil\r\nBcc: victim@evil.test\r\n\r\nbody"))
                .expect(204);
        String receiver = receiver();

        invite(hostile, "realm", Map.of("email", receiver));

        assertThat(mail.subject(receiver))
                .isEqualTo("Invitation to connect the calendars of Evil Bcc: victim@evil.test body");
        assertThat(List.of(mail.text(receiver), mail.plainText(receiver))).allSatisfy(text -> assertThat(text)
                .contains("connect your organization's calendars with Evil Bcc: victim@evil.test body."));
        assertThat(mail.headers(receiver)).doesNotContain("Bcc").doesNotHaveDuplicates();
        assertThat(mail.mails("victim@evil.test")).isZero();
    }

    @Test
    void a_hostile_name_of_the_administrator_is_harmless_text() {
        AdminClient manager =
                new RealmAdministrators(server, admin, realm.name()).create("hostile-administrator", "manage-realm");
        permitAnyName();
        JsonNode user = admin.get("/admin/realms/" + realm.name() + "/users?exact=true&username=hostile-administrator")
                .expect(200)
                .json()
                .get(0);
        admin.put(
                        "/admin/realms/" + realm.name() + "/users/"
                                + user.get("id").asText(),
                        ((ObjectNode) user)
                                .put("firstName", "Eve\r\nBcc: victim@evil.test\r\n\r\n<a href=\"https://evil.test\">")
                                .put("lastName", "\u202Ehere</a><script>alert(1)</script> {0} ${x}"))
                .expect(204);
        String organization = realm.organization("invited-by-eve");
        String receiver = receiver();

        manager.post(realm.api("links/" + organization + "/invitations"), Map.of("email", receiver, "language", "en"))
                .expect(201);

        String eve =
                "Eve Bcc: victim@evil.test <a href=\"https://evil.test\"> here</a><script>alert(1)</script> {0} $ {x}";
        assertThat(List.of(mail.text(receiver), mail.plainText(receiver)))
                .allSatisfy(text -> assertThat(text).contains(eve + " invites you"));
        assertThat(mail.document(receiver).select("script")).isEmpty();
        assertThat(mail.document(receiver).select("a").eachAttr("href"))
                .containsExactly(mail.link(receiver).toString());
        assertThat(mail.headers(receiver)).doesNotContain("Bcc").doesNotHaveDuplicates();
        assertThat(mail.mails("victim@evil.test")).isZero();
    }

    @Test
    void the_name_of_an_organization_cannot_break_out_of_the_subject() {
        String name = "Acme <b> {0} 'quoted' & more";
        String organization = admin.post(
                        "/admin/realms/" + realm.name() + "/organizations",
                        Map.of("name", name.replace("$ {", "${"), "alias", "quoted", "enabled", true))
                .expect(201)
                .createdId();
        String receiver = receiver();

        invite(realm, organization, Map.of("email", receiver, "language", "en"));

        assertThat(mail.subject(receiver)).isEqualTo("Invitation to connect the calendars of " + name);
        assertThat(mail.text(receiver)).contains("calendars of " + name);
        assertThat(mail.plainText(receiver)).contains("calendars of " + name);
    }

    @Test
    void a_mail_server_that_is_down_is_told_and_the_invitation_holds() {
        ConnectedRealm down = newRealm();
        MailServer gone = MailServer.start();
        gone.serve(admin, down.name());
        gone.close();
        String organization = down.organization("down", "down.invitation.test");

        JsonNode invited = invite(down, organization, Map.of("email", receiver()));

        assertThat(invited.get("sent").asBoolean()).isFalse();
        assertThat(invited.get("problem").asText())
                .startsWith("The realm's mail server could not be reached.")
                .contains("Realm settings › Email")
                .doesNotContain("127.0.0.1");
        down.approve(organization, "down.invitation.test");
        down.authorize(new Browser(), URI.create(invited.get("url").asText()), "down.invitation.test");
        assertThat(down.link(organization).get("state").asText()).isEqualTo("active");
    }

    @Test
    void what_a_mail_server_says_when_it_refuses_stays_with_the_server() {
        ConnectedRealm refused = newRealm();
        String organization = refused.organization("refused");
        String receiver = receiver();

        try (RefusingMailServer refusing = RefusingMailServer.start()) {
            refusing.serve(admin, refused.name());
            JsonNode invited = invite(refused, organization, Map.of("email", receiver));

            assertThat(invited.get("sent").asBoolean()).isFalse();
            assertThat(invited.get("problem").asText())
                    .startsWith("The realm's mail server did not take the mail")
                    .contains("Realm settings › Email")
                    .doesNotContain(receiver, RefusingMailServer.INTERNAL);
        }
    }

    @Test
    void an_invitation_that_was_sent_can_be_withdrawn() {
        String organization = realm.organization("withdrawn");
        String receiver = receiver();
        JsonNode invited = invite(realm, organization, Map.of("email", receiver));
        assertThat(new Browser().open(mail.link(receiver)).status()).isEqualTo(200);

        admin.delete(realm.api("links/" + organization + "/invitations/"
                        + invited.get("id").asText()))
                .expect(204);

        assertThat(new Browser().open(mail.link(receiver)).status()).isEqualTo(404);
        assertThat(admin.get(realm.api("links/" + organization + "/invitations"))
                        .expect(200)
                        .json()
                        .at("/0/state")
                        .asText())
                .isEqualTo("withdrawn");
    }

    @Test
    void without_a_mail_server_nobody_is_invited_by_mail() {
        ConnectedRealm without = newRealm();
        String organization = without.organization("without");

        Answer answer = admin.post(without.api("links/" + organization + "/invitations"), Map.of("email", receiver()));

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.json().get("errorMessage").asText()).contains("Realm settings › Email");
        assertThat(admin.get(without.api("links/" + organization + "/invitations"))
                        .expect(200)
                        .json())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"email\": \"it\"} | plain address",
                "{\"email\": null} | plain address",
                "{\"email\": \"it@customer.test, other@customer.test\"} | plain address",
                "{\"email\": \"it@customer.test\\r\\nBcc: victim@evil.test\"} | plain address",
                "{\"email\": \"IT <it@customer.test>\"} | plain address",
                "{\"email\": \"it@customer.test\", \"language\": \"it\"} | de, en, es, fr, ja",
                "{\"email\": \"it@customer.test\", \"language\": 7} | de, en, es, fr, ja",
                "{\"language\": \"de\"} | write \"email\" too",
                "{\"email\": \"it@customer.test\", \"expiresIn\": 1} | expiresIn",
                "{\"to\": \"it@customer.test\"} | may be left out",
            })
    void what_cannot_be_sent_is_refused_with_what_to_write(String body, String expected) {
        String organization = realm.organization(receiver().replace("@", "-"));

        Answer answer = admin.post(realm.api("links/" + organization + "/invitations"), body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errorMessage").asText()).contains(expected);
        assertThat(mail.mails("it@customer.test")).isZero();
    }

    /** As names may be that come from a directory or an import; Keycloak's own forms refuse the worst. */
    private void permitAnyName() {
        String path = "/admin/realms/" + realm.name() + "/users/profile";
        JsonNode profile = admin.get(path).expect(200).json();
        profile.get("attributes").forEach(attribute -> {
            if (List.of("firstName", "lastName").contains(attribute.get("name").asText())) {
                ((ObjectNode) attribute).remove("validations");
            }
        });
        admin.put(path, profile).expect(200);
    }

    private ConnectedRealm newRealm() {
        return ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(InvitationMailIT.class), true);
    }

    private String receiver() {
        receivers++;
        return "it" + receivers + "@receiver.test";
    }

    private JsonNode invite(ConnectedRealm home, String organization, Map<String, Object> invitation) {
        return admin.post(home.api("links/" + organization + "/invitations"), invitation)
                .expect(201)
                .json();
    }
}
