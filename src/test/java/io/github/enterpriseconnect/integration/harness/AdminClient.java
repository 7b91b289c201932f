package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An administrator who uses the admin REST API. Paths begin with a slash and are relative to the server; bodies are
 * written as JSON, except strings, which are taken for JSON already.
 */
public final class AdminClient {

    private static final String CHEAPEST_PASSWORDS = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)";
    /** As a new realm has them, but for the length of the RSA key and for one that would only encrypt. */
    private static final Map<String, ?> CHEAPEST_KEYS = Map.of(
            "org.keycloak.keys.KeyProvider",
            List.of(
                    key("rsa-generated", Map.of("keySize", List.of("1024"))),
                    key("hmac-generated", Map.of("algorithm", List.of("HS512"))),
                    key("aes-generated", Map.of())));

    private static final Duration MARGIN = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final URI server;
    private final @Nullable Supplier<Tokens> login;
    private final Duration patience;
    private @Nullable Tokens tokens;

    private AdminClient(URI server, @Nullable Supplier<Tokens> login, Duration patience) {
        this.server = server;
        this.login = login;
        this.patience = patience;
    }

    /** The administrator of the whole server. */
    public static AdminClient of(KeycloakServer server) {
        return of(server.baseUri());
    }

    /** The administrator of the server at this address, whose name and password are those of {@link KeycloakServer}. */
    static AdminClient of(URI server) {
        OidcClient client = OidcClient.withoutBrowser(server.resolve("/realms/master"), "admin-cli");
        return new AdminClient(
                server, () -> client.directGrant(KeycloakServer.ADMIN, KeycloakServer.ADMIN_PASSWORD), PATIENCE);
    }

    /** Anybody who can sign in; this happens again whenever the token is about to expire. */
    public static AdminClient as(KeycloakServer server, Supplier<Tokens> login) {
        return new AdminClient(server.baseUri(), login, PATIENCE);
    }

    /** Somebody who tries the same without having signed in. */
    public static AdminClient nobody(KeycloakServer server) {
        return new AdminClient(server.baseUri(), null, PATIENCE);
    }

    /** The same person, who waits so long for an answer. */
    public AdminClient patient(Duration patience) {
        return new AdminClient(server, login, patience);
    }

    /** A name for a realm that no other test uses, and that tells whose it is. */
    public static String newRealmName(Class<?> test) {
        String name =
                test.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
        return name + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    public Answer get(String path) {
        return request("GET", path, null);
    }

    public Answer post(String path, @Nullable Object body) {
        return request("POST", path, body);
    }

    /** Posts a form rather than JSON. */
    public Answer postForm(String path, Map<String, String> fields) {
        return Answer.to(Answer.form(request(path), "POST", fields));
    }

    public Answer put(String path, @Nullable Object body) {
        return request("PUT", path, body);
    }

    /** Replaces what is there, if it still has the version that was read. */
    public Answer putIfMatch(String path, Object body, String version) {
        return Answer.to(
                request(path)
                        .header("If-Match", version)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(Answer.write(body))),
                patience);
    }

    /** Two replace what is there, each with what they want, at the same moment; both have read this version. */
    public List<Answer> putBothIfMatch(String path, Object one, Object other, String version) {
        CyclicBarrier ready = new CyclicBarrier(2);
        return Stream.of(one, other)
                .map(body -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                ready.await();
                            } catch (InterruptedException | BrokenBarrierException e) {
                                throw new IllegalStateException(e);
                            }
                            return putIfMatch(path, body, version);
                        },
                        each -> new Thread(each, "administrator").start()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
    }

    public Answer patch(String path, @Nullable Object body) {
        return request("PATCH", path, body);
    }

    public Answer delete(String path) {
        return request("DELETE", path, null);
    }

    public Answer request(String method, String path, @Nullable Object body) {
        HttpRequest.Builder request = request(path);
        if (body == null) {
            return Answer.to(request.method(method, BodyPublishers.noBody()), patience);
        }
        return Answer.to(
                request.header("Content-Type", "application/json")
                        .method(
                                method,
                                BodyPublishers.ofString(body instanceof String json ? json : Answer.write(body))),
                patience);
    }

    /** A request of this person, to be completed. */
    public HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(path)).header("Accept", "application/json");
        return login == null ? request : request.header("Authorization", "Bearer " + token(login));
    }

    private synchronized String token(Supplier<Tokens> login) {
        Tokens current = tokens;
        if (current == null || !current.livesFor(MARGIN)) {
            current = login.get();
            tokens = current;
        }
        return current.accessToken();
    }

    /**
     * Creates a realm that is enabled, with these settings besides. Its passwords and keys take next to no time; a
     * server's JVM that starts fast needs more than a second of CPU time for the keys of an ordinary one.
     */
    public void createRealm(String name, Map<String, ?> settings) {
        Map<String, Object> realm = new LinkedHashMap<>(Map.of(
                "realm", name, "enabled", true, "passwordPolicy", CHEAPEST_PASSWORDS, "components", CHEAPEST_KEYS));
        realm.putAll(settings);
        importRealm(Answer.write(realm));
    }

    private static Map<String, Object> key(String provider, Map<String, List<String>> config) {
        return Map.of("name", provider, "providerId", provider, "config", config);
    }

    /** Creates a realm with all that its representation brings along. */
    public void importRealm(String json) {
        post("/admin/realms", json).expect(201);
    }

    public void deleteRealm(String realm) {
        delete("/admin/realms/" + realm).expect(204);
    }

    /** Creates a user whose profile is complete, and gives the id. */
    public String createUser(String realm, String username, String email, boolean verified, String password) {
        return create(
                realm,
                "users",
                Map.of(
                        "username", username,
                        "email", email,
                        "emailVerified", verified,
                        "firstName", username,
                        "lastName", "Test",
                        "enabled", true,
                        "credentials", List.of(Map.of("type", "password", "value", password, "temporary", false))));
    }

    /** Creates an organization, whose alias is its name, and gives the id. */
    public String createOrganization(String realm, String name, String... domains) {
        return create(
                realm,
                "organizations",
                Map.of(
                        "name",
                        name,
                        "alias",
                        name,
                        "enabled",
                        true,
                        "domains",
                        Arrays.stream(domains)
                                .map(domain -> Map.of("name", domain))
                                .toList()));
    }

    public void addMember(String realm, String organization, String user) {
        post("/admin/realms/" + realm + "/organizations/" + organization + "/members", Answer.write(user))
                .expect(201);
    }

    /** Creates a client that may do everything a client with a secret can. */
    public OidcClient createConfidentialClient(String realm, String clientId, String secret, URI redirectUri) {
        create(
                realm,
                "clients",
                Map.of(
                        "clientId",
                        clientId,
                        "secret",
                        secret,
                        "redirectUris",
                        List.of(redirectUri.toString()),
                        "directAccessGrantsEnabled",
                        true,
                        "serviceAccountsEnabled",
                        true));
        return new OidcClient(server.resolve("/realms/" + realm), clientId, secret, redirectUri);
    }

    /** Creates a client without a secret. */
    public OidcClient createPublicClient(String realm, String clientId, URI redirectUri) {
        create(
                realm,
                "clients",
                Map.of(
                        "clientId",
                        clientId,
                        "publicClient",
                        true,
                        "redirectUris",
                        List.of(redirectUri.toString()),
                        "directAccessGrantsEnabled",
                        true));
        return new OidcClient(server.resolve("/realms/" + realm), clientId, null, redirectUri);
    }

    private String create(String realm, String collection, Map<String, ?> what) {
        return post("/admin/realms/" + realm + "/" + collection, what)
                .expect(201)
                .createdId();
    }

    public JsonNode components(String realm) {
        return get("/admin/realms/" + realm + "/components").expect(200).json();
    }
}
