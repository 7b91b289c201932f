package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.realm.AccountClient;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.protocol.oidc.OIDCLoginProtocolService;
import org.keycloak.protocol.oidc.utils.PkceUtils;
import org.keycloak.services.Urls;
import org.keycloak.urls.UrlType;

/**
 * The way from the account console to the user's own page and back. The page is an action of Keycloak's sign-in, so the
 * way leads through it; the verifier of its code is thrown away at once, and nobody can redeem what comes back.
 */
public final class AccountPath {
    private static final String METHOD = "S256";

    private final KeycloakSession session;
    private final RealmModel realm;

    AccountPath(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    @GET
    @Path("")
    public Response go() {
        if (!RealmSettings.enabled(realm) || realm.getClientByClientId(AccountClient.CLIENT_ID) == null) {
            throw new NotFoundException();
        }
        String verifier = PkceUtils.generateCodeVerifier();
        return to(OIDCLoginProtocolService.authUrl(
                        session.getContext().getUri(UrlType.FRONTEND).getBaseUriBuilder())
                .queryParam(OIDCLoginProtocol.RESPONSE_TYPE_PARAM, "code")
                .queryParam(OIDCLoginProtocol.RESPONSE_MODE_PARAM, "query")
                .queryParam(OIDCLoginProtocol.SCOPE_PARAM, "openid")
                .queryParam(OIDCLoginProtocol.CLIENT_ID_PARAM, AccountClient.CLIENT_ID)
                .queryParam(
                        OIDCLoginProtocol.REDIRECT_URI_PARAM,
                        Endpoints.accountDone(Endpoints.base(frontend()), realm.getName()))
                .queryParam(OIDCLoginProtocol.STATE_PARAM, PkceUtils.generateCodeVerifier())
                .queryParam(OIDCLoginProtocol.CODE_CHALLENGE_PARAM, PkceUtils.encodeCodeChallenge(verifier, METHOD))
                .queryParam(OIDCLoginProtocol.CODE_CHALLENGE_METHOD_PARAM, METHOD)
                .queryParam(Constants.KC_ACTION, EnterpriseConnect.ID)
                .build(realm.getName()));
    }

    /** Whatever has come of it, the user goes back. */
    @GET
    @Path("done")
    public Response done() {
        return to(Urls.accountBase(frontend()).build(realm.getName()));
    }

    private URI frontend() {
        return session.getContext().getUri(UrlType.FRONTEND).getBaseUri();
    }

    /** Neither kept nor told of to the next page: the address that is left may hold a code. */
    private static Response to(URI address) {
        return Response.seeOther(address)
                .header("Cache-Control", "no-store")
                .header("Referrer-Policy", "no-referrer")
                .build();
    }
}
