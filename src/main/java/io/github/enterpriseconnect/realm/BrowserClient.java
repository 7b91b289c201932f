package io.github.enterpriseconnect.realm;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientModel;
import org.keycloak.models.Constants;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.protocol.oidc.OIDCConfigAttributes;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;

/**
 * A client of our own by which a browser signs in: public, with proof by PKCE, one redirect address and no rights but
 * those it is given.
 */
final class BrowserClient {
    private static final Logger LOG = Logger.getLogger(BrowserClient.class);

    private BrowserClient() {}

    /**
     * The realm's client, added unless it is there; its paths follow the realm's name. Whatever else an administrator
     * has changed in it stays.
     *
     * @param home path of the page that the client's name leads to
     * @param redirect path of the one address that sign-ins return to
     * @param begin what one that is added needs besides
     */
    static ClientModel of(
            RealmModel realm, String clientId, String name, String home, String redirect, Consumer<ClientModel> begin) {
        ClientModel present = present(realm, clientId);
        if (present == null) {
            ClientModel added = add(realm, clientId, name, home, redirect);
            begin.accept(added);
            LOG.infof("realm %s got the client %s", realm.getName(), clientId);
            return added;
        }
        if (!present.getRedirectUris().contains(redirect)) {
            present.setBaseUrl(home);
            present.setRedirectUris(Set.of(redirect));
        }
        return present;
    }

    /** The client by its name; one that was renamed gets its name back, since a second could not be added. */
    private static @Nullable ClientModel present(RealmModel realm, String clientId) {
        ClientModel named = realm.getClientByClientId(clientId);
        ClientModel renamed = named == null ? realm.getClientById(id(realm, clientId)) : null;
        if (renamed == null) {
            return named;
        }
        LOG.infof("the client %s of realm %s got its name back", clientId, realm.getName());
        renamed.setClientId(clientId);
        return renamed;
    }

    private static ClientModel add(RealmModel realm, String clientId, String name, String home, String redirect) {
        ClientModel client = realm.addClient(id(realm, clientId), clientId);
        client.setName(name);
        client.setProtocol(OIDCLoginProtocol.LOGIN_PROTOCOL);
        client.setEnabled(true);
        client.setPublicClient(true);
        // Means nothing for a public client, but Keycloak warns about one without.
        client.setClientAuthenticatorType(KeycloakModelUtils.getDefaultClientAuthenticatorType());
        client.setStandardFlowEnabled(true);
        client.setDirectAccessGrantsEnabled(false);
        client.setImplicitFlowEnabled(false);
        client.setServiceAccountsEnabled(false);
        client.setConsentRequired(false);
        client.setFullScopeAllowed(false);
        client.setRootUrl(Constants.AUTH_BASE_URL_PROP);
        client.setBaseUrl(home);
        client.setRedirectUris(Set.of(redirect));
        client.setAttribute(OIDCConfigAttributes.PKCE_CODE_CHALLENGE_METHOD, "S256");
        // Keycloak gives every new client the realm's usual ones.
        for (boolean byDefault : new boolean[] {true, false}) {
            client.getClientScopes(byDefault).values().forEach(client::removeClientScope);
        }
        return client;
    }

    /** The same on every node, so that of two that add it at once one fails instead of adding a second. */
    static String id(RealmModel realm, String clientId) {
        return UUID.nameUUIDFromBytes((clientId + realm.getId()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
