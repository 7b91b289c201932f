package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A program of a realm's customer that provisions users by SCIM; the server must have been built with it. */
public final class ScimClient {
    private static final String ID = "scim";
    private static final String USER = "urn:ietf:params:scim:schemas:core:2.0:User";
    private static final String PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

    private final URI users;
    private final OidcClient client;

    private ScimClient(URI users, OidcClient client) {
        this.users = users;
        this.client = client;
    }

    /** Switches SCIM on in the realm and makes a client for it that may manage users. */
    public static ScimClient create(KeycloakServer server, AdminClient admin, String realm) {
        String path = "/admin/realms/" + realm;
        admin.put(path, Map.of("scimApiEnabled", true)).expect(204);
        OidcClient client =
                admin.createConfidentialClient(realm, ID, "scim-secret", URI.create("http://127.0.0.1/none"));
        String id = clientId(admin, path, ID);
        String base = server.realm(realm) + "/scim/v2";
        admin.post(
                        path + "/clients/" + id + "/protocol-mappers/models",
                        Map.of(
                                "name",
                                "audience",
                                "protocol",
                                "openid-connect",
                                "protocolMapper",
                                "oidc-audience-mapper",
                                "config",
                                Map.of("included.custom.audience", base, "access.token.claim", "true")))
                .expect(201);
        String serviceAccount = admin.get(path + "/clients/" + id + "/service-account-user")
                .expect(200)
                .json()
                .get("id")
                .asText();
        String management = clientId(admin, path, "realm-management");
        JsonNode role = admin.get(path + "/clients/" + management + "/roles/manage-users")
                .expect(200)
                .json();
        admin.post(path + "/users/" + serviceAccount + "/role-mappings/clients/" + management, List.of(role))
                .expect(204);
        return new ScimClient(URI.create(base + "/Users"), client);
    }

    private static String clientId(AdminClient admin, String realm, String clientId) {
        return admin.get(realm + "/clients?clientId=" + clientId)
                .expect(200)
                .json()
                .at("/0/id")
                .asText();
    }

    /** Creates a user and gives the id. */
    public String create(String username, String email) {
        return send("POST", users, user(username, email))
                .expect(201)
                .json()
                .get("id")
                .asText();
    }

    /** Replaces the whole of a user. */
    public void replace(String user, String username, String email) {
        Map<String, Object> whole = new HashMap<>(user(username, email));
        whole.put("id", user);
        send("PUT", URI.create(users + "/" + user), whole).expect(200);
    }

    /** Replaces one attribute of a user. */
    public void patch(String user, String attribute, Object value) {
        Map<String, ?> patch = Map.of(
                "schemas",
                List.of(PATCH),
                "Operations",
                List.of(Map.of("op", "replace", "path", attribute, "value", value)));
        Answer answer = send("PATCH", URI.create(users + "/" + user), patch);
        if (answer.status() != 204) {
            answer.expect(200);
        }
    }

    private static Map<String, ?> user(String username, String email) {
        return Map.of(
                "schemas",
                List.of(USER),
                "userName",
                username,
                "active",
                true,
                "name",
                Map.of("givenName", username, "familyName", "Test"),
                "emails",
                emails(email));
    }

    /** The value of the attribute "emails" for somebody who has one. */
    public static List<Map<String, ?>> emails(String email) {
        return List.of(Map.of("value", email, "primary", true));
    }

    private Answer send(String method, URI uri, Map<String, ?> body) {
        try {
            return Answer.to(HttpRequest.newBuilder(uri)
                    .header(
                            "Authorization",
                            "Bearer " + client.clientCredentials().accessToken())
                    .header("Content-Type", "application/scim+json")
                    .header("Accept", "application/scim+json")
                    .method(method, BodyPublishers.ofString(Answer.JSON.writeValueAsString(body))));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
