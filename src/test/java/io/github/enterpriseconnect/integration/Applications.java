package io.github.enterpriseconnect.integration;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.AuthorizationRequest;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The applications of a realm, and the tokens of one member that they get hold of, by right or not. */
final class Applications {
    static final String SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef";

    private static final URI REDIRECT_URI = URI.create("http://127.0.0.1:9/callback");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<String, String> NO_HEADERS = Map.of();

    private final KeycloakServer server;
    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final String member;
    private final List<Map<String, Object>> consumers = new ArrayList<>();

    /** @param member user name of the member whose tokens these are */
    Applications(KeycloakServer server, AdminClient admin, ConnectedRealm realm, String member) {
        this.server = server;
        this.admin = admin;
        this.realm = realm;
        this.member = member;
        consumers.add(Map.of("clientId", "calendar-app", "rights", List.of("member")));
    }

    URI realmUri() {
        return server.realm(realm.name());
    }

    /** The consumer that the realm began with. */
    Application calendarApp() {
        return Application.withSecret(realmUri(), "calendar-app", ConnectedRealm.CONSUMER_SECRET);
    }

    /** Creates a client that is not among the consumers. */
    Application create(String clientId, Map<String, Object> properties, Map<String, String> attributes) {
        Map<String, Object> client = new HashMap<>(Map.of(
                "clientId",
                clientId,
                "secret",
                SECRET,
                "redirectUris",
                List.of(REDIRECT_URI.toString()),
                "directAccessGrantsEnabled",
                true,
                "serviceAccountsEnabled",
                true,
                "attributes",
                attributes));
        client.putAll(properties);
        admin.post(path("clients"), client).expect(201);
        return Application.withSecret(realmUri(), clientId, SECRET);
    }

    /** Creates a consumer. */
    Application consumer(String clientId, Map<String, Object> properties, Map<String, String> attributes) {
        list(Map.of("clientId", clientId, "rights", List.of("member")));
        return create(clientId, properties, attributes);
    }

    /** Adds a line to the consumers in the settings. */
    void list(Map<String, Object> consumer) {
        consumers.add(consumer);
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put("consumers", consumers);
        admin.put(realm.api("settings"), settings).expect(204);
    }

    /** Has the tokens that are issued to one client name another in their audience. */
    void nameInAudience(String clientId, String audience) {
        admin.post(
                        path("clients/" + id(clientId) + "/protocol-mappers/models"),
                        Map.of(
                                "name",
                                "audience",
                                "protocol",
                                "openid-connect",
                                "protocolMapper",
                                "oidc-audience-mapper",
                                "config",
                                Map.of("included.client.audience", audience, "access.token.claim", "true")))
                .expect(201);
    }

    /** Lets a client ask for the scope by which users consent. */
    void offerConsent(String clientId) {
        String scope = "";
        for (var candidate : admin.get(path("client-scopes")).expect(200).json()) {
            if (candidate.get("name").asText().equals("enterprise-connect")) {
                scope = candidate.get("id").asText();
            }
        }
        admin.put(path("clients/" + id(clientId) + "/optional-client-scopes/" + scope), null)
                .expect(204);
    }

    private String id(String clientId) {
        return admin.get(path("clients?clientId=" + clientId))
                .expect(200)
                .json()
                .at("/0/id")
                .asText();
    }

    private String path(String path) {
        return "/admin/realms/" + realm.name() + "/" + path;
    }

    Tokens tokens(Application application) {
        return application.signIn(member, ConnectedRealm.PASSWORD, "openid", NO_HEADERS);
    }

    String token(Application application) {
        return tokens(application).accessToken();
    }

    String offline(Application application) {
        return application
                .signIn(member, ConnectedRealm.PASSWORD, "openid offline_access", NO_HEADERS)
                .accessToken();
    }

    String withConsentScope(Application application) {
        return application
                .signIn(member, ConnectedRealm.PASSWORD, "openid enterprise-connect", NO_HEADERS)
                .accessToken();
    }

    void disable(String clientId) {
        String path = path("clients/" + id(clientId));
        ObjectNode client = (ObjectNode) admin.get(path).expect(200).json();
        admin.put(path, client.put("enabled", false)).expect(204);
    }

    /** A token that is bound to what these headers show. */
    String bound(Application application, Map<String, String> headers) {
        return application
                .signIn(member, ConnectedRealm.PASSWORD, "openid", headers)
                .accessToken();
    }

    /** A token that lives for whole seconds, of which Keycloak counts the last one in full. */
    String expired(Application application) {
        Tokens tokens = tokens(application);
        await().atMost(PATIENCE).until(() -> Instant.now()
                .isAfter(Instant.ofEpochSecond(tokens.claims().get("exp").asLong() + 1)));
        return tokens.accessToken();
    }

    String revoked(Application application) {
        String token = token(application);
        application
                .post(endpoint("revoke"), Map.of("token", token, "token_type_hint", "access_token"), NO_HEADERS)
                .expect(200);
        return token;
    }

    String signedOut(Application application) {
        Tokens tokens = tokens(application);
        application
                .post(endpoint("logout"), Map.of("refresh_token", tokens.refreshToken()), NO_HEADERS)
                .expect(204);
        return tokens.accessToken();
    }

    String tampered(Application application) {
        String token = token(application);
        int middle = (token.indexOf('.') + token.lastIndexOf('.')) / 2;
        char other = token.charAt(middle) == 'A' ? 'B' : 'A';
        return token.substring(0, middle) + other + token.substring(middle + 1);
    }

    String unsigned(Application application) {
        String token = token(application);
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
        return header + token.substring(token.indexOf('.'), token.lastIndexOf('.') + 1);
    }

    /** A token that Keycloak itself exchanged for the client's own, for the consumer. */
    String exchanged(Application application) {
        return Tokens.of(application.post(
                        application.tokenEndpoint(),
                        Map.of(
                                "grant_type",
                                "urn:ietf:params:oauth:grant-type:token-exchange",
                                "subject_token",
                                token(application),
                                "subject_token_type",
                                TokenDoor.ACCESS_TOKEN,
                                "audience",
                                "calendar-app"),
                        NO_HEADERS))
                .accessToken();
    }

    /** A token of somebody with the same names in another realm. */
    String foreign() {
        String other = realm.name() + "-foreign";
        if (admin.get("/admin/realms/" + other).status() == 404) {
            admin.createRealm(other, Map.of());
            admin.createConfidentialClient(other, "calendar-app", SECRET, REDIRECT_URI);
            admin.createUser(other, member, member + "@rights.test", true, ConnectedRealm.PASSWORD);
        }
        return token(Application.withSecret(server.realm(other), "calendar-app", SECRET));
    }

    String serviceAccount(Application application) {
        return Tokens.of(application.post(
                        application.tokenEndpoint(), Map.of("grant_type", "client_credentials"), NO_HEADERS))
                .accessToken();
    }

    /** An administrator signs in as the member. */
    String impersonated() {
        Answer impersonation = admin.post(path("users/" + userId() + "/impersonation"), Map.of())
                .expect(200);
        Browser browser = new Browser();
        browser.take(impersonation, realmUri());
        return browser.signInAgain(realm.consumer()).tokens().accessToken();
    }

    /** An administrator signs in as the member, to this application. */
    String impersonated(Application application) {
        Answer impersonation = admin.post(path("users/" + userId() + "/impersonation"), Map.of())
                .expect(200);
        Browser browser = new Browser();
        browser.take(impersonation, realmUri());
        return browser.signInAgain(new OidcClient(realmUri(), application.clientId(), SECRET, REDIRECT_URI))
                .tokens()
                .accessToken();
    }

    private String userId() {
        return realm.userNamed(member);
    }

    /** Somebody signs in and is disabled after that. */
    String disabled() {
        String name = "disabled-" + System.nanoTime();
        String id = realm.user(name, name + "@rights.test").id();
        String token = calendarApp()
                .signIn(name, ConnectedRealm.PASSWORD, "openid", NO_HEADERS)
                .accessToken();
        admin.put(path("users/" + id), Map.of("enabled", false)).expect(204);
        return token;
    }

    /** The member signs in at a client that requires consent, and gives it. */
    String consented(Application application, String scope) {
        OidcClient client = new OidcClient(realmUri(), application.clientId(), SECRET, REDIRECT_URI);
        AuthorizationRequest request = client.authorizationRequest(Map.of("scope", scope));
        Browser browser = new Browser();
        Page page = browser.enterCredentials(browser.open(request), member, ConnectedRealm.PASSWORD);
        if (!request.isAnsweredAt(page.uri())) {
            page = browser.submit(page.forms().get(0).press("accept"));
        }
        return request.complete(page, List.of()).tokens().accessToken();
    }

    /** Takes back what {@link #consented} gave, which ends the member's session with the client too. */
    String consentWithdrawn(Application application) {
        String token = consented(application, "openid enterprise-connect");
        admin.delete(path("users/" + userId() + "/consents/" + application.clientId()))
                .expect(204);
        return token;
    }

    /** A client registers itself under a name that is among the consumers. */
    Application selfRegistered(String clientId) {
        list(Map.of("clientId", clientId, "rights", List.of("member", "offline")));
        String initial = admin.post(path("clients-initial-access"), Map.of("count", 1, "expiration", 60))
                .json()
                .get("token")
                .asText();
        Answer.to(HttpRequest.newBuilder(URI.create(realmUri() + "/clients-registrations/default"))
                        .header("Authorization", "Bearer " + initial)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"clientId\":\"" + clientId + "\",\"secret\":\"" + SECRET
                                + "\",\"directAccessGrantsEnabled\":true}")))
                .expect(201);
        return Application.withSecret(realmUri(), clientId, SECRET);
    }

    private URI endpoint(String name) {
        return URI.create(realmUri() + "/protocol/openid-connect/" + name);
    }
}
