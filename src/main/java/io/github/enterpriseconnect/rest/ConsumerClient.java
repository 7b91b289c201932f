package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.utils.AuthorizeClientUtil;

/** A client of a realm that Keycloak has authenticated, and its rights here. */
record ConsumerClient(RealmModel realm, ClientModel model) {

    /**
     * Whoever sends this request. Keycloak calls a wrong secret {@code unauthorized_client}, RFC 6749 section 5.2 {@code
     * invalid_client}.
     *
     * @param event where Keycloak leaves what it finds out
     * @throws TokenRefused if they do not prove to be a client of the realm
     */
    static ConsumerClient authenticate(KeycloakSession session, EventBuilder event) throws TokenRefused {
        try {
            return new ConsumerClient(
                    session.getContext().getRealm(),
                    AuthorizeClientUtil.authorizeClient(session, event, null).getClient());
        } catch (WebApplicationException failed) {
            if (failed.getResponse().getStatusInfo().getFamily() != Response.Status.Family.CLIENT_ERROR) {
                throw failed;
            }
            throw new TokenRefused(TokenError.INVALID_CLIENT, "The client's authentication failed.");
        }
    }

    /**
     * The client as a consumer.
     *
     * @throws TokenRefused if it is none that has this right
     */
    Consumer with(Consumer.Right right) throws TokenRefused {
        if (model.isPublicClient() || model.isBearerOnly()) {
            throw new TokenRefused(TokenError.UNAUTHORIZED_CLIENT, "Only confidential clients may be consumers.");
        }
        if (model.getRegistrationToken() != null) {
            throw new TokenRefused(
                    TokenError.UNAUTHORIZED_CLIENT,
                    "The client holds a registration access token, with which it could change itself;"
                            + " have an administrator create it.");
        }
        return RealmSettings.of(realm)
                .flatMap(settings -> settings.consumer(model.getClientId()))
                .filter(found -> found.may(right))
                .orElseThrow(() -> new TokenRefused(
                        TokenError.UNAUTHORIZED_CLIENT,
                        "The client is not listed among the consumers with the right " + right.id() + "."));
    }
}
