package io.github.enterpriseconnect.realm;

import io.github.enterpriseconnect.platform.Endpoints;
import org.keycloak.models.RealmModel;

/**
 * The client by which Keycloak's account console leads users to their own page: it stands among the applications there.
 * It has no rights at all, and the codes that it gets are never redeemed.
 */
public final class AccountClient {
    /** The client's id in every realm. */
    public static final String CLIENT_ID = "enterprise-connect-account";

    private AccountClient() {}

    /** Whether a path of the admin API is that of the realm's client. */
    public static boolean isAt(RealmModel realm, String resourcePath) {
        return resourcePath.endsWith("/" + BrowserClient.id(realm, CLIENT_ID));
    }

    /** Gives the realm the client, unless it has it. */
    static void complete(RealmModel realm) {
        BrowserClient.of(
                realm,
                CLIENT_ID,
                "${enterpriseConnectAccountName}",
                Endpoints.account("", realm.getName()),
                Endpoints.accountDone("", realm.getName()),
                client -> client.setAlwaysDisplayInConsole(true));
    }
}
