package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.integration.AdminCall.Target;
import io.github.enterpriseconnect.integration.Tenants.Tenant;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.FineGrainedAdministrators;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What happens at one organization or realm does nothing at its neighbour. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeighboursIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String NEVER_ISSUED = "A".repeat(43);

    private final KeycloakServer server;
    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final Tenants tenants;
    private final Tenant acme;
    private final Tenant beta;
    private final Tenant solo;

    NeighboursIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.tenants = Tenants.create(server, admin, simulator, NeighboursIT.class);
        this.acme = tenants.acme();
        this.beta = tenants.beta();
        this.solo = tenants.solo();
    }

    @BeforeEach
    void forgetWhatWasSent() {
        simulator.clearRequests();
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    private Map<String, String> everything() {
        return states(tenants.all());
    }

    private Map<String, String> states(List<Tenant> some) {
        Map<String, String> states = new LinkedHashMap<>();
        some.forEach(tenant -> states.putAll(tenants.state(tenant)));
        return states;
    }

    /** People who may change nothing of acme; some of them see it. */
    private Map<String, AdminClient> strangers() {
        String realm = tenants.realm().name();
        RealmAdministrators administrators = new RealmAdministrators(server, admin, realm);
        FineGrainedAdministrators fineGrained = new FineGrainedAdministrators(server, admin, realm);
        Map<String, AdminClient> strangers = new LinkedHashMap<>();
        strangers.put("viewer", administrators.create("viewer", "view-realm", "view-organizations", "view-users"));
        strangers.put("acme-viewer", fineGrained.create("acme-viewer", "query-organizations"));
        strangers.put("beta-manager", fineGrained.create("beta-manager", "query-organizations"));
        strangers.put(
                "elsewhere",
                new RealmAdministrators(server, admin, tenants.elsewhere().name()).create("elsewhere", "realm-admin"));
        strangers.put(
                "server-elsewhere",
                RealmAdministrators.inMaster(server, admin, tenants.elsewhere().name())
                        .create(
                                "administers-other-than-" + realm,
                                "manage-realm",
                                "manage-organizations",
                                "manage-users"));
        OidcClient cli = OidcClient.withoutBrowser(server.realm(realm), "admin-cli");
        strangers.put("member", AdminClient.as(server, () -> cli.directGrant(acme.member(), ConnectedRealm.PASSWORD)));
        strangers.put("nobody", AdminClient.nobody(server));
        fineGrained.permitOrganization("view", acme.link(), "acme-viewer");
        fineGrained.permitUser("view", acme.user(), "acme-viewer");
        for (String scope : List.of("view", "manage")) {
            fineGrained.permitOrganization(scope, beta.link(), "beta-manager");
            fineGrained.permitUser(scope, beta.user(), "beta-manager");
        }
        return strangers;
    }

    @Test
    void what_is_refused_changes_nothing_and_reaches_nobody() {
        admin.put(acme.realm().api("links/" + acme.link()), Map.of("policy", Map.of("optOut", true)))
                .expect(200);
        Map<String, AdminClient> strangers = strangers();
        Target target = new Target(acme.link(), acme.user(), tenants.invitation(acme), "calendar-app");
        Map<String, String> before = everything();
        ConnectedRealm witness =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(NeighboursIT.class), false);
        witness.link("realm", witness.name() + ".test");
        simulator.clearRequests();

        strangers.forEach((name, stranger) -> AdminCall.all(tenants.settings()).stream()
                .filter(AdminCall::changes)
                .forEach(call -> assertThat(
                                call.by(stranger, acme.realm().api(""), target).status())
                        .as("%s: %s", name, call)
                        .isIn(401, 403, 404)));

        assertThat(everything()).isEqualTo(before);
        // Whatever was handed over before is done when somebody who came later is.
        tenants.grant(
                witness,
                "witness",
                witness.user("witness", "witness@" + witness.name() + ".test").id());
        assertThat(tenants.sent()).isEmpty();
        assertThat(everything()).isEqualTo(before);
    }

    private static URI moved(URI address, ConnectedRealm from, ConnectedRealm to) {
        return URI.create(address.toString().replace("/" + from.name() + "/", "/" + to.name() + "/"));
    }

    private static URI neverIssued(URI address) {
        return URI.create(address.toString().replaceFirst("[^/]+$", NEVER_ISSUED));
    }

    private static void assertSame(Answer actual, Answer expected) {
        assertThat(actual.status()).as(actual.request()).isEqualTo(expected.status());
        assertThat(actual.text()).as(actual.request()).isEqualTo(expected.text());
        assertThat(headers(actual)).as(actual.request()).isEqualTo(headers(expected));
    }

    private static Map<String, List<String>> headers(Answer answer) {
        Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
        headers.keySet().removeIf(name -> name.equalsIgnoreCase("date"));
        return headers;
    }

    private static Answer get(URI address) {
        return Answer.to(HttpRequest.newBuilder(address).GET());
    }

    private static Answer post(URI address) {
        return Answer.to(Answer.form(HttpRequest.newBuilder(address), "POST", Map.of()));
    }

    @Test
    void an_invitation_of_another_realm_is_as_one_that_was_never_issued(Browser browser) {
        URI invitation = acme.realm().invite(acme.link());
        URI elsewhere = moved(invitation, acme.realm(), solo.realm());
        Map<String, String> before = everything();

        assertThat(get(elsewhere).status()).isEqualTo(404);
        assertSame(get(elsewhere), get(neverIssued(elsewhere)));
        assertSame(post(elsewhere), post(neverIssued(elsewhere)));

        assertThat(tenants.sent()).isEmpty();
        assertThat(everything()).isEqualTo(before);
        assertThat(browser.open(invitation).status()).isEqualTo(200);
    }

    @Test
    void a_round_trip_of_another_realm_cannot_be_finished(Browser browser) {
        Page consent = acme.realm().depart(browser, acme.realm().invite(acme.link()));
        String state = consent.uri().getQuery().replaceFirst(".*state=([^&]*).*", "$1");
        Map<String, String> before = everything();
        simulator.clearRequests();

        Page arrived = browser.open(solo.realm().resource("callback/link?code=stolen&state=" + state));
        Page unknown = browser.open(solo.realm().resource("callback/link?code=stolen&state=" + NEVER_ISSUED));

        assertThat(ConnectedRealm.outcome(arrived)).isEqualTo("notYours");
        assertThat(arrived.status()).isEqualTo(unknown.status());
        assertThat(arrived.text()).isEqualTo(unknown.text());
        assertThat(tenants.sent()).isEmpty();
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void a_delegation_callback_of_another_realm_is_as_one_that_nobody_awaits() {
        String address = "awaited@" + acme.domain();
        simulator.change(Switch.CALLBACK_DROPPED, List.of(address));
        String awaited = tenants.colleague(acme, "awaited");
        acme.realm().consumer().directGrant("awaited", ConnectedRealm.PASSWORD);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cronofy.asks(address)).isNotEmpty());
        URI url = cronofy.callbackUrl(address);
        URI elsewhere = moved(url, acme.realm(), solo.realm());
        Map<String, String> before = tenants.state(solo);
        String body = "{\"authorization\":{\"code\":\"stolen\"}}";

        Answer answer = callBack(elsewhere, body);

        assertThat(answer.status()).isEqualTo(404);
        assertSame(answer, callBack(neverIssued(elsewhere), body));
        assertThat(cronofy.exchanges(url)).isEmpty();
        assertThat(cronofy.exchanges(elsewhere)).isEmpty();
        assertThat(tenants.state(solo)).isEqualTo(before);
        assertThat(acme.realm().member(awaited).get("state").asText()).isEqualTo("asked");
        callBack(url, body).expect(204);
    }

    private static Answer callBack(URI url, String body) {
        return Answer.to(HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String userToken(Tenant tenant, String username) {
        return tenant.realm()
                .consumer()
                .directGrant(username, ConnectedRealm.PASSWORD)
                .accessToken();
    }

    @Test
    void a_user_s_token_is_worth_nothing_at_another_realm() {
        Answer foreign = solo.realm().token(userToken(acme, acme.member()));

        assertThat(foreign.expect(401).json().get("error").asText()).isEqualTo("invalid_token");
        assertSame(foreign, solo.realm().token("never-issued"));
    }

    @Test
    void a_client_of_another_realm_is_as_one_that_never_was() {
        OidcClient only = admin.createConfidentialClient(
                solo.realm().name(), "solo-app", ConnectedRealm.CONSUMER_SECRET, URI.create("http://127.0.0.1:9/solo"));
        Map<String, Object> settings = tenants.settings();
        settings.put(
                "consumers",
                List.of(
                        Map.of("clientId", "calendar-app", "rights", List.of("member")),
                        Map.of("clientId", "solo-app", "rights", List.of("member"))));
        admin.put(solo.realm().api("settings"), settings).expect(204);
        String token = userToken(acme, acme.member());

        Answer foreign = acme.realm().token(only, token);

        assertThat(foreign.expect(401).json().get("error").asText()).isEqualTo("invalid_client");
        assertSame(
                foreign,
                acme.realm()
                        .token(new OidcClient(only.realm(), "never-was", only.secret(), only.redirectUri()), token));
    }

    @Test
    void a_client_of_one_organization_gets_no_token_of_another_and_does_not_learn_whether_there_is_one() {
        tenants.colleague(beta, "newcomer");
        String granted = userToken(beta, beta.member());
        Map<String, Object> settings = tenants.settings();
        settings.put(
                "consumers",
                List.of(Map.of(
                        "clientId", "calendar-app", "rights", List.of("member"), "links", List.of(acme.link()))));
        simulator.change(Switch.CALLBACK_DROPPED, List.of("newcomer@" + beta.domain()));
        String asked = userToken(beta, "newcomer");
        admin.put(beta.realm().api("settings"), settings).expect(204);
        try {
            Answer denied = beta.realm().token(granted);

            assertThat(denied.expect(403).json().get("error").asText()).isEqualTo("access_denied");
            assertThat(denied.text()).doesNotContain(beta.link()).doesNotContain(beta.domain());
            assertSame(denied, beta.realm().token(asked));
            tenants.token(acme).expect(200);
        } finally {
            admin.put(beta.realm().api("settings"), tenants.settings()).expect(204);
        }
        tenants.token(beta).expect(200);
    }

    @Test
    void suspending_a_link_leaves_its_neighbours_alone() {
        assertOnlySuspended(
                acme.realm().api("links/" + acme.link() + "/suspension"), List.of(acme), List.of(beta, solo));
    }

    @Test
    void suspending_a_realm_leaves_the_other_one_alone() {
        assertOnlySuspended(solo.realm().api("suspension"), List.of(solo), List.of(acme, beta));
    }

    @Test
    void suspending_a_consumer_leaves_the_one_of_the_same_name_in_another_realm_alone() {
        assertOnlySuspended(acme.realm().api("consumers/calendar-app/suspension"), List.of(acme, beta), List.of(solo));
    }

    private void assertOnlySuspended(String suspension, List<Tenant> suspended, List<Tenant> neighbours) {
        Map<String, String> before = states(neighbours);
        admin.put(suspension, "{}").expect(204);
        try {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(suspended)
                    .allSatisfy(tenant -> tenants.token(tenant).expect(403)));

            neighbours.forEach(tenant -> tenants.token(tenant).expect(200));
            assertThat(states(neighbours)).isEqualTo(before);
        } finally {
            admin.delete(suspension).expect(204);
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(tenants.all())
                .allSatisfy(tenant -> tenants.token(tenant).expect(200)));
    }

    @Test
    void a_mailbox_that_another_realm_has_too_stays_when_that_one_is_unlinked() {
        ConnectedRealm other = Tenants.realm(server, admin, simulator, NeighboursIT.class, true);
        String organization = other.organization("acme", acme.domain());
        other.link(organization, acme.domain());
        String namesake =
                other.member(organization, "maria", "maria@" + acme.domain()).id();
        tenants.grant(other, "maria", namesake);
        String serviceAccount =
                acme.realm().link(acme.link()).get("serviceAccount").asText();
        assertThat(other.link(organization).get("serviceAccount").asText()).isEqualTo(serviceAccount);
        Map<String, String> before = everything();

        admin.delete("/admin/realms/" + other.name() + "/users/" + namesake).expect(204);
        other.unlink(organization);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(admin.get(other.api("revocations"))
                        .expect(200)
                        .json()
                        .get("revocations")
                        .findValuesAsText("state"))
                .isNotEmpty()
                .containsOnly("kept"));
        assertThat(simulator.isLive(serviceAccount)).isTrue();
        assertThat(cronofy.live("maria@" + acme.domain())).isTrue();
        tenants.token(acme).expect(200);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void unlinking_an_organization_leaves_its_neighbours_alone() {
        Tenant leaving = tenants.tenant(tenants.realm(), "leaving", "lea");
        tenants.grant(leaving.realm(), leaving.member(), leaving.user());
        Map<String, String> before = everything();

        leaving.realm().unlink(leaving.link());

        await().atMost(PATIENCE).until(() -> !cronofy.live("lea@" + leaving.domain()));
        assertThat(everything()).isEqualTo(before);
        tenants.all().forEach(tenant -> {
            tenants.token(tenant).expect(200);
            assertThat(cronofy.live(tenant.member() + "@" + tenant.domain())).isTrue();
        });
    }

    @Test
    void removing_a_realm_leaves_the_other_one_alone() {
        ConnectedRealm removed = Tenants.realm(server, admin, simulator, NeighboursIT.class, false);
        String domain = "removed." + tenants.domain();
        removed.link("realm", domain);
        tenants.grant(removed, "rita", removed.user("rita", "rita@" + domain).id());
        Map<String, String> before = everything();

        admin.deleteRealm(removed.name());

        await().atMost(PATIENCE).until(() -> !cronofy.live("rita@" + domain));
        assertThat(everything()).isEqualTo(before);
        tenants.all().forEach(tenant -> tenants.token(tenant).expect(200));
    }
}
