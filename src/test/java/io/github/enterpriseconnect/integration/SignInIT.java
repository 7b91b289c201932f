package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.SignIn;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** Members are handed over at every kind of sign-in, and no sign-in looks or ends differently for it. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SignInIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final URI REDIRECT_URI = URI.create("http://127.0.0.1:9/callback");
    private static final String EARLY = "early@early.test";

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;
    private final OidcClient second;
    private Instant earlyGranted = Instant.MIN;
    private Member early;
    private String watched = "";
    private int witnesses;

    SignInIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = newRealm(true);
        this.second = admin.createPublicClient(realm.name(), "second", REDIRECT_URI);
    }

    private ConnectedRealm newRealm(boolean organizations) {
        return ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(SignInIT.class), organizations);
    }

    @BeforeAll
    void signSomebodyInEarly() {
        early = realm.member(linked("early"), "early", EARLY).connect();
        watched = linked("witness");
        earlyGranted = Instant.now();
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    private String linked(String name) {
        String organization = realm.organization(name, name + ".test");
        realm.link(organization, name + ".test");
        return organization;
    }

    /** Nobody asked for the mailbox, not even while somebody who signed in later was served. */
    private void assertNeverAsked(String mailbox) {
        String name = "witness-" + ++witnesses;
        realm.member(watched, name, name + "@witness.test").connect();
        assertThat(cronofy.asks(mailbox)).isEmpty();
    }

    private JsonNode representation(String user) {
        return admin.get("/admin/realms/" + realm.name() + "/users/" + user)
                .expect(200)
                .json();
    }

    private void assertDelegatedSilently(Member user, SignIn signIn, int loginPages) {
        assertThat(signIn.pages()).hasSize(loginPages);
        assertThat(signIn.error()).isEmpty();
        user.awaitState("granted");
        assertThat(representation(user.id()).get("requiredActions")).isEmpty();
    }

    @Test
    void a_browser_login_with_organizations_delegates_and_shows_only_its_two_pages() {
        Member ada = realm.member(linked("browser"), "ada", "ada@browser.test");

        assertDelegatedSilently(ada, realm.signIn("ada"), 2);

        assertThat(cronofy.asks("ada@browser.test")).hasSize(1);
        assertThat(cronofy.live("ada@browser.test")).isTrue();
    }

    @Test
    void a_browser_login_without_organizations_delegates_and_shows_only_its_page() {
        ConnectedRealm plain = newRealm(false);
        plain.link("realm", "plain.test");
        Member ben = plain.user("ben", "ben@plain.test");

        SignIn signIn = plain.signIn("ben");

        assertThat(signIn.pages()).hasSize(1);
        ben.awaitState("granted");
        assertThat(ben.standing().get("link").asText()).isEqualTo("realm");
        String client = admin.get("/admin/realms/" + plain.name() + "/clients?clientId=calendar-app")
                .expect(200)
                .json()
                .at("/0/id")
                .asText();
        String serviceAccount = admin.get(
                        "/admin/realms/" + plain.name() + "/clients/" + client + "/service-account-user")
                .expect(200)
                .json()
                .get("id")
                .asText();
        plain.consumer().clientCredentials();
        assertThat(plain.member(serviceAccount).get("state").asText()).isEqualTo("none");
        assertThat(plain.member(serviceAccount).get("reason").asText()).isEqualTo("not_a_person");
    }

    @Test
    void single_sign_on_at_a_second_client_delegates_without_a_page() {
        String organization = realm.organization("sso", "sso.test");
        Member cleo = realm.member(organization, "cleo", "cleo@sso.test");
        Browser browser = new Browser();
        browser.signIn(realm.consumer(), "cleo", ConnectedRealm.PASSWORD);
        realm.link(organization, "sso.test");
        assertThat(cronofy.asks("cleo@sso.test")).isEmpty();

        assertDelegatedSilently(cleo, browser.signInAgain(second), 0);
    }

    @Test
    void a_silent_sign_in_delegates_and_is_not_refused() {
        String organization = realm.organization("silent", "silent.test");
        Member dora = realm.member(organization, "dora", "dora@silent.test");
        Browser browser = new Browser();
        browser.signIn(realm.consumer(), "dora", ConnectedRealm.PASSWORD);
        realm.link(organization, "silent.test");
        assertThat(cronofy.asks("dora@silent.test")).isEmpty();

        assertDelegatedSilently(dora, browser.silentSignIn(second), 0);
    }

    @Test
    void a_direct_grant_delegates() {
        Member emil = realm.member(linked("direct"), "emil", "emil@direct.test");

        realm.consumer().directGrant("emil", ConnectedRealm.PASSWORD);

        emil.awaitState("granted");
        assertThat(representation(emil.id()).get("requiredActions")).isEmpty();
    }

    @Test
    void a_brokered_login_delegates_and_shows_only_the_identity_provider_s_page() {
        Member fay = realm.member(linked("brokered"), "fay", "fay@brokered.test");
        String home = AdminClient.newRealmName(SignInIT.class);
        admin.createRealm(home, Map.of());
        String fayAtHome = admin.createUser(home, "fay", "fay@brokered.test", true, ConnectedRealm.PASSWORD);
        URI endpoint = URI.create(server.realm(realm.name()) + "/broker/home/endpoint");
        admin.createConfidentialClient(home, "sign-in-broker", "broker-secret", endpoint);
        String protocol = server.realm(home) + "/protocol/openid-connect/";
        admin.post(
                        "/admin/realms/" + realm.name() + "/identity-provider/instances",
                        Map.of(
                                "alias",
                                "home",
                                "providerId",
                                "oidc",
                                "enabled",
                                true,
                                "trustEmail",
                                true,
                                "config",
                                Map.of(
                                        "clientId", "sign-in-broker",
                                        "clientSecret", "broker-secret",
                                        "clientAuthMethod", "client_secret_post",
                                        "issuer", server.realm(home).toString(),
                                        "authorizationUrl", protocol + "auth",
                                        "tokenUrl", protocol + "token",
                                        "jwksUrl", protocol + "certs",
                                        "useJwksUrl", "true",
                                        "validateSignature", "true",
                                        "defaultScope", "openid email profile")))
                .expect(201);
        admin.post(
                        "/admin/realms/" + realm.name() + "/users/" + fay.id() + "/federated-identity/home",
                        Map.of("identityProvider", "home", "userId", fayAtHome, "userName", "fay"))
                .expect(204);

        SignIn signIn = new Browser()
                .signIn(
                        realm.consumer().authorizationRequest(Map.of("kc_idp_hint", "home")),
                        "fay",
                        ConnectedRealm.PASSWORD);

        assertThat(signIn.tokens().claims().get("sub").asText()).isEqualTo(fay.id());
        assertDelegatedSilently(fay, signIn, 1);
        admin.deleteRealm(home);
    }

    @Test
    void a_member_with_other_required_actions_is_handed_over_after_them() {
        Member gus = realm.member(linked("pending"), "gus", "gus@pending.test");
        admin.put(
                        "/admin/realms/" + realm.name() + "/users/" + gus.id(),
                        with(representation(gus.id()), "requiredActions", List.of("UPDATE_PASSWORD")))
                .expect(204);
        Browser browser = new Browser();

        Page update = browser.enterCredentials(
                browser.open(realm.consumer().authorizationRequest(Map.of())), "gus", ConnectedRealm.PASSWORD);
        assertThat(update.formAskingFor("password-new").inputs()).contains("password-confirm");
        assertNeverAsked("gus@pending.test");

        Page landing = browser.submit(update.formAskingFor("password-new")
                .with("password-new", "other")
                .with("password-confirm", "other"));
        assertThat(landing.uri().toString()).startsWith(REDIRECT_URI.toString()).contains("code=");
        gus.awaitState("granted");
        assertThat(representation(gus.id()).get("requiredActions")).isEmpty();
    }

    @Test
    void an_administrator_who_impersonates_a_member_does_not_have_him_delegated() {
        Member ivo = realm.member(linked("impersonated"), "ivo", "ivo@impersonated.test");
        Answer impersonation = admin.post(
                        "/admin/realms/" + realm.name() + "/users/" + ivo.id() + "/impersonation", Map.of())
                .expect(200);
        Browser browser = new Browser();
        browser.take(impersonation, server.realm(realm.name()));

        SignIn signIn = browser.signInAgain(realm.consumer());

        assertThat(signIn.tokens().claims().get("sub").asText()).isEqualTo(ivo.id());
        assertNeverAsked("ivo@impersonated.test");
        assertThat(ivo.state()).isEqualTo("none");
        assertThat(realm.token(signIn.tokens().accessToken())
                        .expect(403)
                        .json()
                        .get("error")
                        .asText())
                .isEqualTo("access_denied");
    }

    @Test
    void a_sign_in_succeeds_while_cronofy_answers_with_errors_and_the_member_is_delegated_later() {
        Member jana = realm.member(linked("failing"), "jana", "jana@failing.test");
        simulator.addFault(AtCronofy.onAsk("@failing.test").status(500).build());

        SignIn signIn = realm.signIn("jana");

        assertThat(signIn.pages()).hasSize(2);
        assertThat(signIn.error()).isEmpty();
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(jana.standing().path("reason").asText()).isEqualTo("unavailable"));
        assertThat(jana.state()).isEqualTo("asked");
        simulator.clearFaults();
        jana.awaitState("granted");
    }

    @Test
    void a_sign_in_succeeds_while_cronofy_hangs() {
        Member kim = realm.member(linked("hanging"), "kim", "kim@hanging.test");
        simulator.addFault(AtCronofy.onAsk("@hanging.test").hang().build());

        SignIn signIn = realm.signIn("kim");

        assertThat(signIn.pages()).hasSize(2);
        assertThat(signIn.tokens().accessToken()).isNotEmpty();
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.asks("kim@hanging.test"))
                .hasSize(1));
        assertThat(kim.state()).isEqualTo("asked");
        simulator.clearFaults();
        kim.awaitState("granted");
    }

    @Test
    void a_sign_in_succeeds_while_cronofy_drops_connections() {
        Member lea = realm.member(linked("dropping"), "lea", "lea@dropping.test");
        simulator.addFault(AtCronofy.onAsk("@dropping.test").drop().build());

        SignIn signIn = realm.signIn("lea");

        assertThat(signIn.pages()).hasSize(2);
        assertThat(signIn.tokens().accessToken()).isNotEmpty();
        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(lea.standing().path("reason").asText()).isEqualTo("unavailable"));
    }

    @Test
    void members_who_sign_in_together_are_asked_for_together_fifty_at_most() {
        String organization = linked("crowd");
        List<Member> members = together(
                60, number -> realm.member(organization, "crowd-" + number, "crowd-" + number + "@crowd.test"));
        realm.member(organization, "crowd-first", "first@crowd.test");
        simulator.addFault(AtCronofy.onAsk("first@crowd.test").hang().build());
        realm.consumer().directGrant("crowd-first", ConnectedRealm.PASSWORD);
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.asks("first@crowd.test"))
                .hasSize(1));

        together(60, number -> realm.consumer().directGrant("crowd-" + number, ConnectedRealm.PASSWORD));
        simulator.clearFaults();

        members.forEach(member -> member.awaitState("granted"));
        List<List<String>> asks = cronofy.asksNaming("@crowd.test").stream()
                .map(AtCronofy::mailboxes)
                .toList();
        assertThat(asks).hasSizeLessThan(60).allSatisfy(ask -> assertThat(ask).hasSizeLessThanOrEqualTo(50));
        assertThat(asks.stream()
                        .flatMap(List::stream)
                        .filter(mailbox -> !mailbox.equals("first@crowd.test"))
                        .toList())
                .hasSize(60)
                .doesNotHaveDuplicates();
    }

    private interface Numbered<T> {
        T of(int number);
    }

    private static <T> List<T> together(int count, Numbered<T> task) {
        ExecutorService pool = Executors.newFixedThreadPool(6);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                int number = i;
                tasks.add(() -> task.of(number));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> done : pool.invokeAll(tasks)) {
                results.add(done.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            pool.shutdown();
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void a_granted_member_who_signs_in_again_causes_no_request() {
        // Only then is nobody spared because of having been handed over a moment ago.
        await().atMost(LONG).until(() -> Instant.now().isAfter(earlyGranted.plusSeconds(12)));

        assertThat(realm.signIn("early").pages()).hasSize(2);
        early.signIn();

        assertNeverAsked("nobody@early.test");
        assertThat(cronofy.asks(EARLY)).hasSize(1);
        assertThat(cronofy.exchanges(cronofy.callbackUrl(EARLY))).hasSize(1);
        assertThat(early.state()).isEqualTo("granted");
    }

    @Test
    void nothing_happens_in_a_realm_that_has_switched_the_action_off() {
        ConnectedRealm off = newRealm(true);
        String organization = off.organization("off", "off.test");
        off.link(organization, "off.test");
        Member mia = off.member(organization, "mia", "mia@off.test");
        String action = "/admin/realms/" + off.name() + "/authentication/required-actions/enterprise-connect";
        admin.put(action, with(admin.get(action).expect(200).json(), "enabled", false))
                .expect(204);

        assertThat(off.signIn("mia").pages()).hasSize(2);

        assertNeverAsked("mia@off.test");
        assertThat(mia.state()).isEqualTo("none");
        assertThat(mia.standing().get("reason").asText()).isEqualTo("not_enabled");
    }

    @Test
    void somebody_who_is_not_a_member_is_not_delegated() {
        linked("stranger");
        Member user = realm.user("nils", "nils@stranger.test");

        assertLeftAlone("nils", user.id(), "not_linked");
    }

    @Test
    void an_address_that_is_not_verified_is_not_delegated() {
        String organization = linked("unverified");
        String user = admin.createUser(realm.name(), "olga", "olga@unverified.test", false, ConnectedRealm.PASSWORD);
        admin.addMember(realm.name(), organization, user);

        assertLeftAlone("olga", user, "email_not_verified");
    }

    @Test
    void an_address_of_a_foreign_domain_is_not_delegated() {
        Member user = realm.member(linked("own"), "paul", "paul@foreign.test");

        assertLeftAlone("paul", user.id(), "domain_not_linked");
    }

    @Test
    void an_address_of_a_sub_domain_is_not_delegated() {
        Member user = realm.member(linked("parent"), "quin", "quin@sub.parent.test");

        assertLeftAlone("quin", user.id(), "domain_not_linked");
    }

    @Test
    void a_member_of_an_organization_that_was_disabled_is_not_delegated() {
        String organization = linked("disabled");
        Member user = realm.member(organization, "rosa", "rosa@disabled.test");
        String path = "/admin/realms/" + realm.name() + "/organizations/" + organization;
        admin.put(path, with(admin.get(path).expect(200).json(), "enabled", false))
                .expect(204);

        assertLeftAlone("rosa", user.id(), "organization_disabled");
    }

    private void assertLeftAlone(String username, String user, String reason) {
        assertThat(realm.signIn(username).error()).isEmpty();

        JsonNode member = realm.member(user);
        assertNeverAsked(representation(user).get("email").asText());
        assertThat(member.get("state").asText()).isEqualTo("none");
        assertThat(member.get("reason").asText()).isEqualTo(reason);
    }

    private static Map<String, Object> with(JsonNode representation, String member, Object value) {
        Map<String, Object> changed = new HashMap<>();
        representation.properties().forEach(property -> changed.put(property.getKey(), property.getValue()));
        changed.put(member, value);
        return changed;
    }
}
