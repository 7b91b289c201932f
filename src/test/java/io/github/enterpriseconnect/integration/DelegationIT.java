package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.CallbackError;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of an ask: Cronofy's answers of every kind, and the credential where they leave it. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DelegationIT {
    private static final Duration LONG = Duration.ofMinutes(3);

    private static final String CREDENTIAL = "enterprise-connect.credential";

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;

    DelegationIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = newRealm();
    }

    private ConnectedRealm newRealm() {
        ConnectedRealm created =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(DelegationIT.class), true);
        return created;
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    /** An organization that is linked for its one domain. */
    private String linked(String name) {
        String organization = realm.organization(name, name + ".test");
        realm.link(organization, name + ".test");
        return organization;
    }

    /** A member of a new linked organization; user name and organization are called the same. */
    private Member member(String name) {
        return realm.member(linked(name), name, address(name));
    }

    private static String address(String name) {
        return name + "@" + name + ".test";
    }

    private Tokens signIn(String username) {
        return realm.consumer().directGrant(username, ConnectedRealm.PASSWORD);
    }

    private static void awaitRefusal(Member user, String reason) {
        user.awaitState("refused");
        assertThat(user.standing().get("reason").asText()).isEqualTo(reason);
    }

    private void awaitAsked(String mailbox) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(cronofy.asks(mailbox)).isNotEmpty());
    }

    private String token(Tokens user) {
        return realm.token(user.accessToken())
                .expect(200)
                .json()
                .get("access_token")
                .asText();
    }

    private String users(String user) {
        return "/admin/realms/" + realm.name() + "/users/" + user;
    }

    private ObjectNode representation(String user) {
        return (ObjectNode) admin.get(users(user)).expect(200).json();
    }

    @Test
    void a_callback_that_comes_many_times_is_redeemed_once() {
        Member user = member("copies");
        simulator.change(Switch.CALLBACK_COPIES, 6);

        signIn("copies");

        user.awaitState("granted");
        URI url = cronofy.callbackUrl(address("copies"));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(cronofy.deliveries(url)).hasSizeGreaterThanOrEqualTo(6));
        assertThat(cronofy.deliveries(url)).extracting(Delivery::status).containsOnly(204);
        assertThat(cronofy.exchanges(url)).hasSize(1);
        assertThat(cronofy.asks(address("copies"))).hasSize(1);
    }

    @Test
    void a_callback_without_a_signature_is_taken() {
        Member user = member("unsigned");
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.ABSENT);

        signIn("unsigned");

        user.awaitState("granted");
    }

    @Test
    void a_callback_without_a_signature_is_not_found_where_signatures_are_required() {
        ConnectedRealm strict = newRealm();
        Map<String, Object> settings = new HashMap<>(strict.settings());
        settings.put("signatureRequired", true);
        admin.put(strict.api("settings"), settings).expect(204);
        String organization = strict.organization("strict", "strict.test");
        strict.link(organization, "strict.test");
        Member user = strict.member(organization, "strict", address("strict"));
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.ABSENT);

        strict.consumer().directGrant("strict", ConnectedRealm.PASSWORD);

        awaitAsked(address("strict"));
        URI url = cronofy.callbackUrl(address("strict"));
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(cronofy.deliveries(url)).isNotEmpty());
        assertThat(cronofy.deliveries(url)).extracting(Delivery::status).containsOnly(404);
        assertThat(user.state()).isEqualTo("asked");

        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);
        user.awaitState("granted");
    }

    @Test
    void a_forged_ticket_a_wrong_signature_and_nonsense_get_one_and_the_same_answer() {
        Member user = member("forged");
        simulator.change(Switch.CALLBACK_DROPPED, List.of(address("forged")));
        signIn("forged");
        awaitAsked(address("forged"));
        URI url = cronofy.callbackUrl(address("forged"));
        String body = "{\"authorization\":{\"code\":\"forged\"}}";

        Answer wrongSignature = cronofy.callBack(url, body, "bm9uZQ==");
        Answer forgedTicket = cronofy.callBack(
                URI.create(url.toString().replaceFirst("[^/]+$", "A".repeat(43))), body, simulator.signature(body));
        Answer otherRealm =
                cronofy.callBack(URI.create(url.toString().replace("/" + realm.name() + "/", "/master/")), body);
        Answer nonsense = cronofy.callBack(url, "nonsense");
        Answer nothing = cronofy.callBack(url, "{\"authorization\":{}}");

        assertThat(wrongSignature.status()).isEqualTo(404);
        assertThat(List.of(forgedTicket, otherRealm, nonsense, nothing)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).isEqualTo(wrongSignature.text());
            assertThat(answer.headers()).isEqualTo(wrongSignature.headers());
        });
        assertThat(user.state()).isEqualTo("asked");
        assertThat(cronofy.exchanges(url)).isEmpty();
    }

    @Test
    void a_body_of_more_than_sixteen_kilobytes_is_too_large() {
        member("large");
        simulator.change(Switch.CALLBACK_DROPPED, List.of(address("large")));
        signIn("large");
        awaitAsked(address("large"));
        URI url = cronofy.callbackUrl(address("large"));

        assertThat(cronofy.callBack(url, "x".repeat(16 * 1024)).status()).isEqualTo(404);
        assertThat(cronofy.callBack(url, "x".repeat(16 * 1024 + 1)).status()).isEqualTo(413);
    }

    @Test
    void an_authorization_for_another_mailbox_is_dropped_and_given_back() {
        Member user = member("mistaken");
        simulator.change(Switch.WRONG_MAILBOXES, Map.of(address("mistaken"), "boss@mistaken.test"));

        Tokens tokens = signIn("mistaken");

        awaitRefusal(user, "wrong_profile");
        assertThat(representation(user.id())
                        .at("/attributes/enterprise-connect.state/0")
                        .asText())
                .isEqualTo("refused");
        assertThat(realm.token(tokens.accessToken())
                        .expect(404)
                        .json()
                        .get("error")
                        .asText())
                .isEqualTo("not_delegated");
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.live("boss@mistaken.test"))
                .isFalse());
    }

    @Test
    void an_authorization_for_a_colleague_s_mailbox_is_dropped_and_the_colleague_keeps_hers() {
        String organization = linked("colleagues");
        Member jane = realm.member(organization, "jane", "jane@colleagues.test");
        Member joe = realm.member(organization, "joe", "joe@colleagues.test");
        Tokens janes = signIn("jane");
        jane.awaitState("granted");
        simulator.change(Switch.WRONG_MAILBOXES, Map.of("joe@colleagues.test", "jane@colleagues.test"));

        signIn("joe");

        awaitRefusal(joe, "wrong_profile");
        assertThat(jane.state()).isEqualTo("granted");
        assertThat(token(janes)).isNotEmpty();
        assertThat(cronofy.live("jane@colleagues.test")).isTrue();
        JsonNode states = admin.get(realm.api("revocations?link=" + organization))
                .expect(200)
                .json()
                .get("states");
        assertThat(states.path("kept").asInt()).as("%s", states).isEqualTo(1);
        assertThat(states.path("delivered").asInt()).as("%s", states).isZero();
    }

    @Test
    void a_refusal_by_cronofy_is_shown_in_its_own_words() {
        Member user = member("declined");
        simulator.change(
                Switch.MAILBOX_ERRORS,
                Map.of(
                        address("declined"),
                        new CallbackError("access_denied", "errors.no_licence", "The mailbox has no licence")));

        signIn("declined");

        awaitRefusal(user, "refused_by_cronofy");
        JsonNode member = user.standing();
        assertThat(member.get("detail").asText())
                .contains("access_denied")
                .contains("errors.no_licence")
                .contains("The mailbox has no licence");
        assertThat(Instant.parse(member.get("nextAttemptAt").asText())).isAfter(Instant.now());
    }

    @Test
    void a_member_whose_callback_came_stays_granted_although_the_answer_to_the_ask_was_lost() {
        String organization = linked("lost-answer");
        Member user = realm.member(organization, "lost-answer", address("lost-answer"));
        Member next = realm.member(organization, "lost-answer-next", "next@lost-answer.test");
        simulator.change(Switch.CALLBACK_BEFORE_ANSWER, true);
        simulator.addFault(AtCronofy.onAsk("@lost-answer.test")
                .afterEffect()
                .after(Duration.ofSeconds(5))
                .status(500)
                .build());

        Tokens tokens = signIn("lost-answer");

        user.awaitState("granted");
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.asks(address("lost-answer")))
                .extracting(ReceivedRequest::status)
                .containsExactly(500));
        simulator.clearFaults();
        signIn("lost-answer-next");
        next.awaitState("granted");
        assertThat(user.state()).isEqualTo("granted");
        assertThat(token(tokens)).isNotEmpty();
    }

    @Test
    void a_member_whose_callback_never_comes_stays_asked() {
        Member user = member("unanswered");
        simulator.change(Switch.CALLBACK_DROPPED, List.of(address("unanswered")));

        Tokens tokens = signIn("unanswered");

        awaitAsked(address("unanswered"));
        JsonNode member = user.standing();
        assertThat(member.get("state").asText()).isEqualTo("asked");
        assertThat(Instant.parse(member.get("nextAttemptAt").asText())).isAfter(Instant.now());
        assertThat(representation(user.id())
                        .at("/attributes/enterprise-connect.state/0")
                        .asText())
                .isEqualTo("asked");
        Answer pending = realm.token(tokens.accessToken()).expect(409);
        assertThat(pending.json().get("error").asText()).isEqualTo("delegation_pending");
    }

    @Test
    void nothing_is_stored_for_somebody_who_left_the_organization_before_the_callback() {
        String organization = linked("leaver");
        Member user = realm.member(organization, "leaver", address("leaver"));
        // Answers that are not believed are sent again, so that this one comes when it is time.
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        signIn("leaver");
        awaitAsked(address("leaver"));

        admin.delete("/admin/realms/" + realm.name() + "/organizations/" + organization + "/members/" + user.id())
                .expect(204);
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);

        awaitRefusal(user, "not_linked");
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(cronofy.grant(address("leaver"))).isPresent();
            assertThat(cronofy.live(address("leaver"))).isFalse();
        });
        assertThat(cronofy.live("leaver.test")).isTrue();
    }

    @Test
    void one_faulty_entry_does_not_keep_the_others_of_its_batch_from_being_granted() {
        String organization = realm.organization("batch", "batch.test", "foreign-batch.test");
        realm.link(organization, "batch.test");
        admin.put(
                        realm.api("links/" + organization),
                        Map.of(
                                "domains",
                                List.of(
                                        Map.of("name", "batch.test", "approved", true),
                                        Map.of("name", "foreign-batch.test", "approved", true))))
                .expect(200);
        realm.member(organization, "batch-first", "first@batch.test");
        Member good = realm.member(organization, "batch-good", "good@batch.test");
        Member bad = realm.member(organization, "batch-bad", "bad@foreign-batch.test");
        Member better = realm.member(organization, "batch-better", "better@batch.test");
        simulator.change(Switch.FOREIGN_MAILBOX, Choice.Refusal.UNPROCESSABLE);
        simulator.addFault(AtCronofy.onAsk("first@batch.test").hang().build());
        signIn("batch-first");
        awaitAsked("first@batch.test");

        signIn("batch-good");
        signIn("batch-bad");
        signIn("batch-better");
        simulator.clearFaults();

        good.awaitState("granted");
        better.awaitState("granted");
        awaitRefusal(bad, "refused_by_cronofy");
        ReceivedRequest batch = cronofy.asks("bad@foreign-batch.test").get(0);
        assertThat(batch.status()).isEqualTo(422);
        assertThat(AtCronofy.mailboxes(batch))
                .containsExactly("good@batch.test", "bad@foreign-batch.test", "better@batch.test");
    }

    @Test
    void the_credential_is_hidden_and_survives_an_administrator_s_save() {
        Member user = member("saved");
        Tokens tokens = signIn("saved");
        user.awaitState("granted");
        String before = token(tokens);

        ObjectNode shown = representation(user.id());
        assertThat(shown.toString()).doesNotContain(CREDENTIAL).doesNotContain("eyJ");
        assertThat(shown.at("/attributes/enterprise-connect.state/0").asText()).isEqualTo("granted");
        admin.put(users(user.id()), shown.put("firstName", "Changed")).expect(204);

        assertThat(representation(user.id()).get("firstName").asText()).isEqualTo("Changed");
        assertThat(token(tokens)).isEqualTo(before);
        assertThat(cronofy.asks(address("saved"))).hasSize(1);
    }

    @Test
    void the_credential_survives_the_member_s_own_profile_update() {
        Member user = member("self");
        Tokens tokens = signIn("self");
        user.awaitState("granted");
        String before = token(tokens);

        updateOwnProfile(realm, tokens, "Myself");

        assertThat(representation(user.id()).get("firstName").asText()).isEqualTo("Myself");
        assertThat(token(tokens)).isEqualTo(before);
    }

    private void updateOwnProfile(ConnectedRealm where, Tokens tokens, String firstName) {
        URI account = URI.create(server.realm(where.name()) + "/account");
        HttpRequest.Builder request = HttpRequest.newBuilder(account)
                .header("Authorization", "Bearer " + tokens.accessToken())
                .header("Accept", "application/json");
        Answer profile = Answer.to(request.copy().GET()).expect(200);
        assertThat(profile.text()).doesNotContain(CREDENTIAL);
        ObjectNode changed = ((ObjectNode) profile.json()).put("firstName", firstName);
        changed.remove("userProfileMetadata");
        Answer.to(request.copy()
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(changed.toString())))
                .expect(204);
    }

    @Test
    void the_credential_survives_saves_where_unmanaged_attributes_are_enabled() {
        ConnectedRealm open = newRealm();
        String profilePath = "/admin/realms/" + open.name() + "/users/profile";
        admin.put(
                        profilePath,
                        ((ObjectNode) admin.get(profilePath).expect(200).json())
                                .put("unmanagedAttributePolicy", "ENABLED"))
                .expect(200);
        String organization = open.organization("open", "open.test");
        open.link(organization, "open.test");
        Member user = open.member(organization, "open", address("open"));
        Tokens tokens = open.consumer().directGrant("open", ConnectedRealm.PASSWORD);
        user.awaitState("granted");
        String before = open.token(tokens.accessToken())
                .expect(200)
                .json()
                .get("access_token")
                .asText();
        String path = "/admin/realms/" + open.name() + "/users/" + user.id();

        ObjectNode shown = (ObjectNode) admin.get(path).expect(200).json();
        assertThat(shown.toString()).doesNotContain(CREDENTIAL);
        admin.put(path, shown.put("firstName", "Changed")).expect(204);
        updateOwnProfile(open, tokens, "Myself");

        assertThat(open.token(tokens.accessToken())
                        .expect(200)
                        .json()
                        .get("access_token")
                        .asText())
                .isEqualTo(before);
    }

    @Test
    void an_administrator_cannot_plant_a_credential() {
        Member user = member("planted");
        Tokens tokens = signIn("planted");
        user.awaitState("granted");
        String before = token(tokens);
        ObjectNode shown = representation(user.id());
        ((ObjectNode) shown.get("attributes")).putArray(CREDENTIAL).add("planted");

        Answer refused = admin.put(users(user.id()), shown);

        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(token(tokens)).isEqualTo(before);
    }

    @Test
    void a_partial_import_that_skips_keeps_the_credential() {
        Member user = member("skipped");
        Tokens tokens = signIn("skipped");
        user.awaitState("granted");
        String before = token(tokens);

        partialImport("SKIP", "skipped");

        assertThat(token(tokens)).isEqualTo(before);
    }

    @Test
    void a_partial_import_that_overwrites_makes_a_new_member_who_is_delegated_anew() {
        String organization = linked("overwritten");
        Member former = realm.member(organization, "overwritten", address("overwritten"));
        signIn("overwritten");
        former.awaitState("granted");

        partialImport("OVERWRITE", "overwritten");

        Member user = new Member(realm, realm.userNamed("overwritten"), "overwritten", address("overwritten"));
        assertThat(user.id()).isNotEqualTo(former.id());
        admin.addMember(realm.name(), organization, user.id());
        assertThat(user.state()).isEqualTo("none");
        Tokens tokens = signIn("overwritten");
        user.awaitState("granted");
        assertThat(cronofy.asks(address("overwritten"))).hasSize(2);
        assertThat(token(tokens)).isNotEmpty();
    }

    /** Brings the user along with values planted in all of our attributes. */
    private void partialImport(String ifExists, String username) {
        admin.post(
                        "/admin/realms/" + realm.name() + "/partialImport",
                        Map.of(
                                "ifResourceExists",
                                ifExists,
                                "users",
                                List.of(Map.of(
                                        "username",
                                        username,
                                        "email",
                                        address(username),
                                        "emailVerified",
                                        true,
                                        "enabled",
                                        true,
                                        "firstName",
                                        "Imported",
                                        "lastName",
                                        "Imported",
                                        "credentials",
                                        List.of(Map.of("type", "password", "value", ConnectedRealm.PASSWORD)),
                                        "attributes",
                                        Map.of(
                                                CREDENTIAL,
                                                List.of("planted"),
                                                "enterprise-connect.state",
                                                List.of("granted"))))))
                .expect(200);
    }
}
