package io.github.enterpriseconnect;

import org.jboss.logging.Logger;
import org.keycloak.models.ClientModel;
import org.keycloak.models.RealmModel;

/**
 * The client by which Keycloak's account console leads users to their own page: it stands among the applications there. It has
 * no rights at all, and the codes that it gets are never redeemed.
 */
public final class AccountClient {
    /** The client's id in every realm. */
    public static final String CLIENT_ID = "enterprise-connect-account";

    private static final Logger LOG = Logger.getLogger(AccountClient.class);

    private AccountClient() {}

    /** Gives the realm the client, unless it has it. */
    static void complete(RealmModel realm) {
        if (realm.getClientByClientId(CLIENT_ID) != null) {
            return;
        }
        ClientModel client = BrowserClient.add(
                realm,
                CLIENT_ID,
                "${enterpriseConnectAccountName}",
                Endpoints.account("", realm.getName()),
                Endpoints.accountDone("", realm.getName()));
        // Keycloak gives every new client the realm's usual ones.
        for (boolean byDefault : new boolean[] {true, false}) {
            client.getClientScopes(byDefault).values().forEach(client::removeClientScope);
        }
        client.setAlwaysDisplayInConsole(true);
        LOG.infof("realm %s got the client %s", realm.getName(), CLIENT_ID);
    }
}
