package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Members are told of their delegation by mail where the link's policy asks for it. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NoticeIT {
    private static final Duration LONG = Duration.ofMinutes(3);

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final MailServer mail = MailServer.start();
    private final ConnectedRealm realm;

    NoticeIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = newRealm();
        mail.serve(admin, realm.name());
        realm.display("Calendars <b>Inc</b>");
        realm.speak("en", "de");
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @AfterAll
    void stop() {
        mail.close();
    }

    private ConnectedRealm newRealm() {
        return ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(NoticeIT.class), true);
    }

    private static String address(String name) {
        return name + "@" + name + ".test";
    }

    private String linked(ConnectedRealm home, String name, Map<String, Object> policy) {
        String organization = home.organization(name, name + ".test");
        home.link(organization, name + ".test");
        admin.put(home.api("links/" + organization), Map.of("policy", policy)).expect(200);
        return organization;
    }

    private static Tokens signIn(ConnectedRealm home, String name) {
        return home.consumer().directGrant(name, ConnectedRealm.PASSWORD);
    }

    private void awaitMails(String name, int count) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(mail.mails(address(name))).isEqualTo(count));
    }

    /** A member of a link of their own who has signed in and is delegated. */
    private Member delegated(String name, Map<String, Object> policy) {
        return realm.member(linked(realm, name, policy), name, address(name)).connect();
    }

    @Test
    void a_member_is_told_who_connected_which_calendar_to_what() {
        delegated("told", Map.of("notice", "email"));

        awaitMails("told", 1);
        assertThat(mail.subject(address("told"))).isEqualTo("Your calendar is connected");
        assertThat(mail.text(address("told")))
                .contains(
                        "On behalf of told, the calendar of told@told.test has been connected with Calendars <b>Inc</b>")
                .contains("If you have questions");
    }

    @Test
    void a_member_is_told_in_their_own_language_and_of_the_way_out() {
        String organization = linked(realm, "deutsch", Map.of("notice", "email", "optOut", true));
        Member user = realm.member(organization, "deutsch", address("deutsch"));
        String path = "/admin/realms/" + realm.name() + "/users/" + user.id();
        ObjectNode representation = (ObjectNode) admin.get(path).expect(200).json();
        representation.withObject("attributes").putArray("locale").add("de");
        admin.put(path, representation).expect(204);

        signIn(realm, "deutsch");

        awaitMails("deutsch", 1);
        assertThat(mail.subject(address("deutsch"))).isEqualTo("Ihr Kalender ist verbunden");
        assertThat(mail.text(address("deutsch"))).contains("Ihr Kalender kann ausgenommen werden");
    }

    @Test
    void a_member_is_not_told_again_of_what_is_renewed_but_of_what_is_new() {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Member user = delegated("renewed", Map.of("notice", "email"));
        awaitMails("renewed", 1);
        simulator.revokeBySub(
                cronofy.grant(address("renewed")).orElseThrow().get("sub").asText());
        await().atMost(LONG).untilAsserted(() -> assertThat(
                        realm.token(signIn(realm, "renewed").accessToken()).status())
                .isEqualTo(409));
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.asks(address("renewed")))
                .hasSize(2));
        user.awaitState("granted");

        admin.delete(realm.api("users/" + user.id() + "/delegation")).expect(204);
        signIn(realm, "renewed");
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.asks(address("renewed")))
                .hasSize(3));

        awaitMails("renewed", 2);
    }

    @Test
    void a_notice_waits_for_a_mail_server_that_is_down_and_nothing_else_does() {
        ConnectedRealm home = newRealm();
        MailServer gone = MailServer.start();
        gone.serve(admin, home.name());
        gone.close();
        Member user = home.member(linked(home, "patient", Map.of("notice", "email")), "patient", address("patient"));

        Tokens tokens = signIn(home, "patient");
        user.awaitState("granted");
        home.token(tokens.accessToken()).expect(200);

        mail.serve(admin, home.name());
        awaitMails("patient", 1);
    }

    @Test
    void a_notice_is_not_promised_without_a_mail_server() {
        ConnectedRealm home = newRealm();
        String organization = home.organization("mailless", "mailless.test");

        Answer answer = admin.put(home.api("links/" + organization), Map.of("policy", Map.of("notice", "email")));

        assertThat(answer.expect(400).json().get("errorMessage").asText())
                .isEqualTo("notice can be email once the realm has a mail server; set one in Realm settings, Email.");
        assertThat(home.link(organization).at("/policy/notice").asText()).isEqualTo("none");
    }
}
