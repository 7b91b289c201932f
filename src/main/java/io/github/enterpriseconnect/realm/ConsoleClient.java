package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.platform.Endpoints;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.keycloak.Config;
import org.keycloak.models.AdminRoles;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ClientScopeModel;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCConfigAttributes;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;

/**
 * The client by which administrators sign in to the console page: public, with proof by PKCE, one redirect address, and
 * no more of an administrator's roles than the page needs. Its home address in Keycloak's list of clients leads to the
 * page. Each realm has its own, for the realm's administrators; that of {@code master} serves all realms for the
 * server's.
 */
public final class ConsoleClient {
    /** The client's id in every realm. */
    public static final String CLIENT_ID = "enterprise-connect-console";

    private static final List<String> ROLES = List.of(
            AdminRoles.MANAGE_REALM,
            AdminRoles.VIEW_REALM,
            AdminRoles.MANAGE_ORGANIZATIONS,
            AdminRoles.VIEW_ORGANIZATIONS,
            AdminRoles.QUERY_ORGANIZATIONS,
            AdminRoles.MANAGE_USERS,
            AdminRoles.VIEW_USERS,
            AdminRoles.QUERY_USERS);

    /** What tells the page who is signed in, and in which language; roles come by the scope mappings alone. */
    private static final Set<String> CLIENT_SCOPES = Set.of("basic", "profile");

    private ConsoleClient() {}

    /** Whether a path of the admin API is that of the realm's client. */
    public static boolean isAt(RealmModel realm, String resourcePath) {
        return resourcePath.endsWith("/" + BrowserClient.id(realm, CLIENT_ID));
    }

    /** Gives the realm and {@code master} the client, or what of its rights is missing. */
    static void complete(KeycloakSession session, RealmModel realm) {
        RealmModel master = session.realms().getRealmByName(Config.getAdminRealm());
        ClientModel inMaster = realm.getMasterAdminClient();
        if (master != null && inMaster != null) {
            permit(in(master), inMaster);
        }
        ClientModel inRealm = realm.getClientByClientId(Constants.REALM_MANAGEMENT_CLIENT_ID);
        if (inRealm != null) {
            permit(in(realm), inRealm);
        }
    }

    private static ClientModel in(RealmModel realm) {
        String path = Endpoints.console("", realm.getName());
        return BrowserClient.of(realm, CLIENT_ID, "${enterpriseConnectConsoleClientName}", path, path, client -> {
            client.setWebOrigins(Set.of(Constants.INCLUDE_REDIRECTS));
            client.setAttribute(OIDCConfigAttributes.POST_LOGOUT_REDIRECT_URIS, Constants.INCLUDE_REDIRECTS);
            client.setAttribute(Constants.USE_LIGHTWEIGHT_ACCESS_TOKEN_ENABLED, "true");
            scopes(realm).forEach(scope -> client.addClientScope(scope, true));
        });
    }

    private static Stream<ClientScopeModel> scopes(RealmModel realm) {
        return realm.getClientScopesStream()
                .filter(scope -> CLIENT_SCOPES.contains(scope.getName()))
                .filter(scope -> OIDCLoginProtocol.LOGIN_PROTOCOL.equals(scope.getProtocol()));
    }

    private static void permit(ClientModel console, ClientModel management) {
        ROLES.stream()
                .map(management::getRole)
                .filter(Objects::nonNull)
                .filter(role -> !console.hasDirectScope(role))
                .forEach(console::addScopeMapping);
    }
}
