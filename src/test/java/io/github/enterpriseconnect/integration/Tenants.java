package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Two realms side by side, of which the first has two organizations side by side. All are linked through one and the
 * same application, so that only Keycloak keeps them apart; each has a member who is granted and an open invitation.
 *
 * @param domain what the domains of all tenants end with
 */
record Tenants(
        AdminClient admin,
        Simulator simulator,
        ConnectedRealm realm,
        ConnectedRealm elsewhere,
        String domain,
        Tenant acme,
        Tenant beta,
        Tenant solo) {
    private static final Pattern LAST_USE = Pattern.compile(",\"(lastUse\":\\{[^}]*}|uses\":\\[[^\\]]*])");

    private static final String SECRET = "tenants-application-secret";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /**
     * A linked organization.
     *
     * @param link its id, which is its link's id too
     * @param member the user name of a member who is granted
     * @param user the member's id
     */
    record Tenant(ConnectedRealm realm, String link, String domain, String member, String user) {}

    static Tenants create(KeycloakServer server, AdminClient admin, Simulator simulator, Class<?> test) {
        simulator.addApplication(application(simulator), SECRET);
        ConnectedRealm realm = realm(server, admin, simulator, test, true);
        ConnectedRealm elsewhere = realm(server, admin, simulator, test, true);
        String domain = realm.name() + ".test";
        Tenants tenants = new Tenants(
                admin,
                simulator,
                realm,
                elsewhere,
                domain,
                tenant(realm, "acme", "maria", domain),
                tenant(realm, "beta", "ben", domain),
                tenant(elsewhere, "solo", "sven", domain));
        tenants.all().forEach(tenant -> tenants.grant(tenant.realm(), tenant.member(), tenant.user()));
        return tenants;
    }

    static ConnectedRealm realm(
            KeycloakServer server, AdminClient admin, Simulator simulator, Class<?> test, boolean organizations) {
        ConnectedRealm realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(test), organizations);
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of("loginWithEmailAllowed", false, "duplicateEmailsAllowed", true))
                .expect(204);
        admin.put(realm.api("settings"), settings(realm, simulator)).expect(204);
        return realm;
    }

    /** The settings that all these realms have, for a test to change. */
    Map<String, Object> settings() {
        return settings(realm, simulator);
    }

    private static Map<String, Object> settings(ConnectedRealm realm, Simulator simulator) {
        Map<String, Object> settings = new LinkedHashMap<>(realm.settings());
        settings.put("clientId", application(simulator));
        settings.put("clientSecret", SECRET);
        return settings;
    }

    /** The application of tenants; other realms of the class have the simulator's first one. */
    private static String application(Simulator simulator) {
        return "tenants-" + simulator.clientId();
    }

    private static Tenant tenant(ConnectedRealm realm, String name, String member, String parent) {
        String domain = name + "." + parent;
        String organization = realm.organization(name, domain);
        realm.link(organization, domain);
        realm.invite(organization);
        return new Tenant(
                realm,
                organization,
                domain,
                member,
                realm.member(organization, member, member + "@" + domain).id());
    }

    /** Links one more organization, whose member has not signed in yet. */
    Tenant tenant(ConnectedRealm where, String name, String username) {
        return tenant(where, name, username, domain);
    }

    List<Tenant> all() {
        return List.of(acme, beta, solo);
    }

    /** Signs the user in, and waits until the mailbox is granted. */
    void grant(ConnectedRealm where, String username, String user) {
        where.consumer().directGrant(username, ConnectedRealm.PASSWORD);
        awaitGranted(where, user);
    }

    /** Has a mailbox granted that was before its link was removed and made anew. */
    void grantAgain(ConnectedRealm where, String user) {
        if (!where.member(user).get("state").asText().equals("granted")) {
            admin.put(where.api("users/" + user + "/delegation"), "{}").expect(202);
            awaitGranted(where, user);
        }
    }

    private static void awaitGranted(ConnectedRealm where, String user) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode standing = where.member(user);
            assertThat(standing.get("state").asText()).as("%s", standing).isEqualTo("granted");
        });
    }

    /** Another member of the tenant, who has not signed in yet. */
    String colleague(Tenant tenant, String username) {
        return tenant.realm()
                .member(tenant.link(), username, username + "@" + tenant.domain())
                .id();
    }

    /** The invitations of a tenant, the newest first. */
    JsonNode invitations(Tenant tenant) {
        return admin.get(tenant.realm().api("links/" + tenant.link() + "/invitations"))
                .expect(200)
                .json();
    }

    String invitation(Tenant tenant) {
        return invitations(tenant).at("/0/id").asText();
    }

    /**
     * All that there is of a tenant and its realm, for the comparison of before and after, but for the last use of
     * tokens, which is written some seconds behind.
     */
    Map<String, String> state(Tenant tenant) {
        Map<String, String> state = new LinkedHashMap<>();
        String organization = "/admin/realms/" + tenant.realm().name() + "/organizations/" + tenant.link();
        List.of(
                        tenant.realm().api("settings"),
                        tenant.realm().api("suspension"),
                        tenant.realm().api("consumers/calendar-app/suspension"),
                        tenant.realm().api("links/" + tenant.link()),
                        tenant.realm().api("links/" + tenant.link() + "/suspension"),
                        tenant.realm().api("links/" + tenant.link() + "/invitations"),
                        tenant.realm().api("links/" + tenant.link() + "/delegations"),
                        tenant.realm().api("revocations?link=" + tenant.link()),
                        tenant.realm().api("users/" + tenant.user()),
                        "/admin/realms/" + tenant.realm().name() + "/users/" + tenant.user(),
                        organization,
                        organization + "/members")
                .forEach(path -> state.put(
                        path,
                        LAST_USE.matcher(admin.get(path).expect(200).text()).replaceAll("")));
        return state;
    }

    /** What these tenants' application sent to Cronofy since the log was cleared. */
    List<ReceivedRequest> sent() {
        return simulator.requests().stream()
                .filter(request -> application(simulator).equals(request.parameter("client_id"))
                        || request.body().contains(domain))
                .toList();
    }

    /** A calendar token with which this user's consumer gets at the mailbox. */
    Answer token(Tenant tenant) {
        return tenant.realm()
                .token(tenant.realm()
                        .consumer()
                        .directGrant(tenant.member(), ConnectedRealm.PASSWORD)
                        .accessToken());
    }
}
