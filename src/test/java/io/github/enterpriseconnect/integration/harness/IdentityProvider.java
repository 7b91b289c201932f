package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.util.Map;
import java.util.UUID;

/**
 * Another realm of the same server, by which people sign in at the realms that it is connected to (OpenID Connect). Its
 * people have the password of {@link ConnectedRealm}'s.
 */
public final class IdentityProvider {
    private static final String SECRET = "identity-provider-secret";

    private final KeycloakServer server;
    private final AdminClient admin;
    private final String name;

    private IdentityProvider(KeycloakServer server, AdminClient admin, String name) {
        this.server = server;
        this.admin = admin;
        this.name = name;
    }

    public static IdentityProvider create(KeycloakServer server, AdminClient admin, String name) {
        admin.createRealm(name, Map.of());
        return new IdentityProvider(server, admin, name);
    }

    /** Connects a realm under this alias. Mode is Keycloak's {@code syncMode}, such as {@code IMPORT}. */
    public void connect(String realm, String alias, boolean trustEmail, String mode) {
        String client = alias + "-" + UUID.randomUUID();
        admin.createConfidentialClient(
                name, client, SECRET, URI.create(server.realm(realm) + "/broker/" + alias + "/endpoint"));
        String protocol = server.realm(name) + "/protocol/openid-connect/";
        admin.post(
                        "/admin/realms/" + realm + "/identity-provider/instances",
                        Map.of(
                                "alias",
                                alias,
                                "providerId",
                                "oidc",
                                "enabled",
                                true,
                                "trustEmail",
                                trustEmail,
                                "config",
                                Map.ofEntries(
                                        Map.entry("clientId", client),
                                        Map.entry("clientSecret", SECRET),
                                        Map.entry("clientAuthMethod", "client_secret_post"),
                                        Map.entry("issuer", server.realm(name).toString()),
                                        Map.entry("authorizationUrl", protocol + "auth"),
                                        Map.entry("tokenUrl", protocol + "token"),
                                        Map.entry("jwksUrl", protocol + "certs"),
                                        Map.entry("useJwksUrl", "true"),
                                        Map.entry("validateSignature", "true"),
                                        Map.entry("defaultScope", "openid email profile"),
                                        Map.entry("syncMode", mode))))
                .expect(201);
    }

    /** Creates a person here and gives the id. */
    public String person(String username, String email, boolean verified) {
        return admin.createUser(name, username, email, verified, ConnectedRealm.PASSWORD);
    }

    /** Changes the address of a person here. */
    public void move(String person, String email, boolean verified) {
        admin.put("/admin/realms/" + name + "/users/" + person, Map.of("email", email, "emailVerified", verified))
                .expect(204);
    }

    /** Connects a person here with a user there, as an administrator does. */
    public void federate(String realm, String alias, String user, String person, String username) {
        admin.post(
                        "/admin/realms/" + realm + "/users/" + user + "/federated-identity/" + alias,
                        Map.of("identityProvider", alias, "userId", person, "userName", username))
                .expect(204);
    }

    /** Signs a person in at a client of a connected realm, in a browser of his own. */
    public SignIn signIn(OidcClient client, String alias, String username) {
        return new Browser()
                .signIn(client.authorizationRequest(Map.of("kc_idp_hint", alias)), username, ConnectedRealm.PASSWORD);
    }
}
