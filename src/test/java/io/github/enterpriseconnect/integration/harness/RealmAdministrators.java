package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;

/** Makes administrators of one realm who have these of its rights and no others. */
public final class RealmAdministrators {
    private static final String PASSWORD = "password";

    private final KeycloakServer server;
    private final AdminClient admin;
    private final String realm;
    private final String management;

    private RealmAdministrators(KeycloakServer server, AdminClient admin, String realm, String management) {
        this.server = server;
        this.admin = admin;
        this.realm = realm;
        this.management = management;
    }

    /** Administrators who live in the realm that they administer. */
    public RealmAdministrators(KeycloakServer server, AdminClient admin, String realm) {
        this(server, admin, realm, "realm-management");
    }

    /** Administrators who live in the realm {@code master}, from where all realms can be reached. */
    public static RealmAdministrators inMaster(KeycloakServer server, AdminClient admin, String realm) {
        return new RealmAdministrators(server, admin, "master", realm + "-realm");
    }

    /** Creates the user; roles are those of the realm's management client, such as {@code view-realm}. */
    public AdminClient create(String username, String... roles) {
        String user = admin.createUser(realm, username, username + "@administrators.test", true, PASSWORD);
        grant(user, roles);
        OidcClient client = OidcClient.withoutBrowser(server.realm(realm), "admin-cli");
        return AdminClient.as(server, () -> client.directGrant(username, PASSWORD));
    }

    private void grant(String user, String... roles) {
        String path = "/admin/realms/" + realm;
        String client = admin.get(path + "/clients?clientId=" + management)
                .expect(200)
                .json()
                .get(0)
                .get("id")
                .asText();
        List<JsonNode> granted = Stream.of(roles)
                .map(role -> admin.get(path + "/clients/" + client + "/roles/" + role)
                        .expect(200)
                        .json())
                .toList();
        if (!granted.isEmpty()) {
            admin.post(path + "/users/" + user + "/role-mappings/clients/" + client, granted)
                    .expect(204);
        }
    }
}
