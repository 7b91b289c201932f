package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * Makes administrators of one realm who may see or manage single organizations and users of it, by Keycloak's
 * fine-grained admin permissions, and nothing else.
 */
public final class FineGrainedAdministrators {
    private final AdminClient admin;
    private final RealmAdministrators administrators;
    private final String permissions;

    /** Switches the permissions on in the realm. */
    public FineGrainedAdministrators(KeycloakServer server, AdminClient admin, String realm) {
        String path = "/admin/realms/" + realm;
        admin.put(path, Map.of("adminPermissionsEnabled", true)).expect(204);
        JsonNode client = admin.get(path + "/clients?clientId=admin-permissions")
                .expect(200)
                .json();
        this.admin = admin;
        this.administrators = new RealmAdministrators(server, admin, realm);
        this.permissions = path + "/clients/" + client.at("/0/id").asText() + "/authz/resource-server/";
    }

    /**
     * Creates the administrator.
     *
     * @param roles {@code query-organizations} is the least, for the list of organizations; it shows none by itself
     */
    public AdminClient create(String username, String... roles) {
        return administrators.create(username, roles);
    }

    /**
     * Lets these administrators, and nobody else, do so with the organization.
     *
     * @param scope {@code view} or {@code manage}; to manage does not mean to see
     */
    public void permitOrganization(String scope, String organization, String... usernames) {
        permit("Organizations", scope, List.of(organization), usernames);
    }

    /**
     * Lets these administrators, and nobody else, do so with the user.
     *
     * @param scope {@code view} or {@code manage}; to manage does not mean to see
     */
    public void permitUser(String scope, String user, String... usernames) {
        permit("Users", scope, List.of(user), usernames);
    }

    /** Lets these administrators, and nobody else, do so with all users for whom nothing else is said. */
    public void permitAllUsers(String scope, String... usernames) {
        permit("Users", scope, List.of(), usernames);
    }

    /** Lets these administrators, and nobody else, view the members of the group. */
    public void permitMembers(String group, String... usernames) {
        permit("Groups", "view-members", List.of(group), usernames);
    }

    /** One permission with one policy for all, since what any of several permissions denies is denied. */
    private void permit(String resourceType, String scope, List<String> resources, String... usernames) {
        String name = scope + " " + (resources.isEmpty() ? "all" : resources.get(0));
        String policy = admin.post(
                        permissions + "policy/user", Map.of("name", "may " + name, "users", List.of(usernames)))
                .expect(201)
                .json()
                .get("id")
                .asText();
        admin.post(
                        permissions + "permission/scope",
                        Map.of(
                                "name",
                                name,
                                "resourceType",
                                resourceType,
                                "resources",
                                resources,
                                "scopes",
                                List.of(scope),
                                "policies",
                                List.of(policy)))
                .expect(201);
    }
}
