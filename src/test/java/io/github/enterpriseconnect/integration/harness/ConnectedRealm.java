package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;

/**
 * A realm in which Enterprise Connect is switched on with the simulator's application and one consumer, and what its
 * administrators, members and applications do with it.
 */
public final class ConnectedRealm {
    public static final String APPLICATION_ID = "simulated-application";
    public static final String APPLICATION_SECRET = "simulated-application-secret";
    public static final String CONSUMER = "calendar-app";
    public static final String CONSUMER_SECRET = "consumer-secret";
    public static final String PASSWORD = "password";

    private static final URI REDIRECT_URI = URI.create("http://127.0.0.1:9/callback");

    private final String name;
    private final URI server;
    private final AdminClient admin;
    private final OidcClient consumer;
    private final Map<String, Object> settings;

    private ConnectedRealm(
            String name, URI server, AdminClient admin, OidcClient consumer, Map<String, Object> settings) {
        this.name = name;
        this.server = server;
        this.admin = admin;
        this.consumer = consumer;
        this.settings = settings;
    }

    /** A server whose Cronofy is the simulator. */
    public static KeycloakServer.Builder server(Simulator simulator) {
        return server(simulator.baseUri());
    }

    static KeycloakServer.Builder server(URI cronofy) {
        return KeycloakServer.builder()
                .options(
                        "--spi-enterprise-connect--default--api-url=" + cronofy,
                        "--spi-enterprise-connect--default--app-url=" + cronofy);
    }

    /**
     * As {@link #server}, with what Keycloak does not offer unless it is built so: SCIM, and certificates that a proxy
     * saw. All tests use it, as a build takes longer than a start.
     */
    public static KeycloakServer.Builder extendedServer(Simulator simulator) {
        return extendedServer(simulator.baseUri());
    }

    static KeycloakServer.Builder extendedServer(URI cronofy) {
        return server(cronofy).buildOptions("--features=scim-api", "--spi-x509cert-lookup--provider=rfc9440");
    }

    /** Creates the realm, its consumer {@code calendar-app} and its settings, and switches Enterprise Connect on. */
    public static ConnectedRealm create(
            KeycloakServer server, AdminClient admin, Simulator simulator, String name, boolean organizations) {
        // A person's access token outlives any test, however busy the machine is.
        Map<String, ?> properties =
                Map.of("organizationsEnabled", organizations, "eventsEnabled", true, "accessTokenLifespan", 3600);
        admin.createRealm(name, properties);
        OidcClient consumer = admin.createConfidentialClient(name, CONSUMER, CONSUMER_SECRET, REDIRECT_URI);
        ConnectedRealm realm = new ConnectedRealm(
                name, server.baseUri(), admin, consumer, settings(simulator.clientId(), simulator.clientSecret()));
        admin.put(realm.api("settings"), realm.settings()).expect(204);
        return realm;
    }

    /** The realm of {@code docker/demo-realm.json}, on a server that has imported it. */
    public static ConnectedRealm demo(URI server) {
        String name = "demo";
        OidcClient consumer =
                new OidcClient(server.resolve("/realms/" + name), CONSUMER, CONSUMER_SECRET, REDIRECT_URI);
        return new ConnectedRealm(
                name, server, AdminClient.of(server), consumer, settings(APPLICATION_ID, APPLICATION_SECRET));
    }

    /** Complete settings for the simulator's application, switched on. */
    public Map<String, Object> settings() {
        return settings;
    }

    private static Map<String, Object> settings(String clientId, String clientSecret) {
        return Map.of(
                "enabled",
                true,
                "dataCenter",
                "de",
                "clientId",
                clientId,
                "clientSecret",
                clientSecret,
                "consumers",
                List.of(Map.of("clientId", CONSUMER, "rights", List.of("member", "directory"))));
    }

    /** The same realm as this node of its cluster shows it. */
    public ConnectedRealm at(KeycloakServer node) {
        return new ConnectedRealm(name, node.baseUri(), AdminClient.of(node), consumer.at(node.realm(name)), settings);
    }

    public String name() {
        return name;
    }

    /** Path of the admin resource. */
    public String api(String path) {
        return "/admin/realms/" + name + "/enterprise-connect/" + path;
    }

    /** Address on the realm resource. */
    public URI resource(String path) {
        return URI.create(server + "/realms/" + name + "/enterprise-connect/" + path);
    }

    /** The administrator of the whole server. */
    public AdminClient admin() {
        return admin;
    }

    public OidcClient consumer() {
        return consumer;
    }

    /** Creates an organization and gives its id, which is its link's id too. */
    public String organization(String organization, String... domains) {
        return admin.createOrganization(name, organization, domains);
    }

    /** Creates a member of the organization with a verified address. */
    public Member member(String organization, String username, String email) {
        Member member = user(username, email);
        admin.addMember(name, organization, member.id());
        return member;
    }

    /** Creates a user with a verified address. */
    public Member user(String username, String email) {
        return new Member(this, admin.createUser(name, username, email, true, PASSWORD), username, email);
    }

    /** The id of the organization with this name, which is its link's id too. */
    public String organizationNamed(String organization) {
        return only("organizations?exact=true&search=" + organization);
    }

    /** The id of the user with this name. */
    public String userNamed(String username) {
        return only("users?exact=true&username=" + username);
    }

    private String only(String query) {
        JsonNode found =
                admin.get("/admin/realms/" + name + "/" + query).expect(200).json();
        if (found.size() != 1) {
            throw new AssertionError("Not one, but " + found.size() + " are found by " + query);
        }
        return found.get(0).get("id").asText();
    }

    /** Creates an organization that is linked with this domain and has this policy, and gives its id. */
    public String linked(String organization, String domain, Map<String, ?> policy) {
        String id = organization(organization, domain);
        link(id, domain);
        if (!policy.isEmpty()) {
            setPolicy(id, policy);
        }
        return id;
    }

    public void setPolicy(String link, Map<String, ?> policy) {
        admin.put(api("links/" + link + "?force=true"), Map.of("policy", policy))
                .expect(200);
    }

    /** How the realm is called before people. */
    public void display(String displayName) {
        admin.put("/admin/realms/" + name, Map.of("displayName", displayName)).expect(204);
    }

    /** Has the realm speak these languages, by default the first. */
    public void speak(String... languages) {
        admin.put(
                        "/admin/realms/" + name,
                        Map.of(
                                "internationalizationEnabled",
                                true,
                                "supportedLocales",
                                List.of(languages),
                                "defaultLocale",
                                languages[0]))
                .expect(204);
    }

    /** Links and approves the service account's domain, as an administrator of the realm does. */
    public void link(String link, String domain) {
        approve(link, domain);
        Page result = authorize(new Browser(), invite(link), domain);
        if (!"linked".equals(outcome(result))) {
            throw new AssertionError("not linked: " + result);
        }
    }

    public JsonNode approve(String link, String domain) {
        return admin.put(api("links/" + link), Map.of("domains", List.of(Map.of("name", domain, "approved", true))))
                .expect(200)
                .json();
    }

    public Answer unlink(String link) {
        return admin.delete(api("links/" + link)).expect(204);
    }

    /** Invites somebody to authorize the link's service account, and gives the start page's address. */
    public URI invite(String link) {
        return URI.create(admin.post(api("links/" + link + "/invitations"), Map.of())
                .expect(201)
                .json()
                .get("url")
                .asText());
    }

    /** Goes through the invitation and the simulator's page, approving there, and gives what Keycloak shows then. */
    public Page authorize(Browser browser, URI invitation, String domain) {
        Page consent = depart(browser, invitation);
        return browser.submit(
                consent.formAskingFor("domain").with("domain", domain).press("approve"));
    }

    /** Goes through the invitation, and gives the simulator's page. */
    public Page depart(Browser browser, URI invitation) {
        return browser.submit(browser.open(invitation).forms().get(0).pressDefault());
    }

    /** Which result a page of Keycloak shows. */
    public static String outcome(Page page) {
        return page.document().select("#enterprise-connect-result").attr("data-outcome");
    }

    public JsonNode link(String id) {
        return admin.get(api("links/" + id)).expect(200).json();
    }

    /** Where a user stands. */
    public JsonNode member(String userId) {
        return admin.get(api("users/" + userId)).expect(200).json();
    }

    public SignIn signIn(String username) {
        return new Browser().signIn(consumer, username, PASSWORD);
    }

    /** Fetches a calendar token with this access token, as the consumer. */
    public Answer token(String accessToken) {
        return token(consumer, accessToken);
    }

    /** As {@link #token(String)}, saying that Cronofy has answered 401 to this calendar token. */
    public Answer token(String accessToken, String rejectedToken) {
        return Answer.to(Answer.form(
                HttpRequest.newBuilder(resource("token")),
                "POST",
                consumer.authenticated(Map.of("token", accessToken, "rejected_token", rejectedToken))));
    }

    public Answer token(OidcClient client, String accessToken) {
        return Answer.to(Answer.form(
                HttpRequest.newBuilder(resource("token")), "POST", client.authenticated(Map.of("token", accessToken))));
    }
}
