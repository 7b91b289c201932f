package io.github.enterpriseconnect.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.enterpriseconnect.AccessTokens;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.RealmSettings;
import io.github.enterpriseconnect.SignIn;
import io.github.enterpriseconnect.core.Consumer;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.ClientConnection;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.ClientModel;
import org.keycloak.models.ImpersonationSessionNote;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.protocol.oidc.utils.AuthorizeClientUtil;
import org.keycloak.representations.idm.OAuth2ErrorRepresentation;
import org.keycloak.services.ErrorResponseException;
import org.keycloak.services.managers.AppAuthManager;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.storage.StorageUnavailableException;

/**
 * {@code POST token}: an application authenticates as its Keycloak client, shows the user's own access token, and gets an
 * access token for that user's calendar. Shaped after Keycloak's Identity Brokering API V2
 * ({@code IdentityBrokerService#retrieveTokenV2}).
 */
public final class TokenEndpoint {
    private static final Logger LOG = Logger.getLogger(TokenEndpoint.class);
    private static final String TOKEN = "token";
    private static final Duration DIRECTORY_SILENT = Duration.ofSeconds(10);

    private final KeycloakSession session;
    private final RealmModel realm;
    private final EventBuilder event;

    private record Answer(
            @JsonProperty("access_token") String accessToken,
            @JsonProperty("token_type") String tokenType,
            @JsonProperty("expires_in") long expiresIn,
            @JsonProperty("scope") String scope,
            @JsonProperty("sub") String subject,
            @JsonProperty("mailbox") String mailbox,
            @JsonProperty("api_url") String apiUrl) {}

    /** Who asks for whom, in plain values that outlive the request's transaction. */
    private record Request(Consumer consumer, ClientModel client, UserModel user, String sessionId, SignIn signIn) {}

    TokenEndpoint(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.event = new EventBuilder(realm, session, session.getContext().getConnection())
                .event(EventType.IDENTITY_PROVIDER_RETRIEVE_TOKEN)
                .detail(Details.IDENTITY_PROVIDER, EnterpriseConnect.ID);
    }

    @POST
    @Path("")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.APPLICATION_JSON)
    public Response issue() {
        try {
            return answer();
        } catch (StorageUnavailableException directorySilent) {
            // Keycloak cannot reach the directory that the user comes from.
            LOG.warn("a token request could not be answered", directorySilent);
            throw new ErrorResponseException(refusal(
                    "temporarily_unavailable",
                    "The user cannot be looked up at the moment.",
                    Response.Status.SERVICE_UNAVAILABLE,
                    DIRECTORY_SILENT));
        }
    }

    private Response answer() {
        ClientModel client = authenticate();
        event.client(client);
        Request request = authorize(client);
        String userId = request.user().getId();
        String clientId = client.getClientId();
        AccessTokens accessTokens = session.getProvider(EnterpriseConnect.class).accessTokens();
        session.getTransactionManager().commit();
        try {
            AccessTokens.Issued issued =
                    accessTokens.forMember(realm.getId(), userId, request.consumer(), request.signIn());
            record(clientId, userId, request.sessionId(), issued.link(), issued.refreshed(), null);
            return answer(issued);
        } catch (AccessTokens.NotIssued refused) {
            String error = refused.refusal().name().toLowerCase(Locale.ROOT);
            record(clientId, userId, request.sessionId(), null, false, error);
            return refusal(
                    error, String.valueOf(refused.getMessage()), status(refused.refusal()), refused.retryAfter());
        }
    }

    /** Keycloak calls a wrong secret {@code unauthorized_client}, RFC 6749 section 5.2 {@code invalid_client}. */
    private ClientModel authenticate() {
        try {
            return AuthorizeClientUtil.authorizeClient(session, event, null).getClient();
        } catch (WebApplicationException failed) {
            if (failed.getResponse().getStatusInfo().getFamily() != Response.Status.Family.CLIENT_ERROR) {
                throw failed;
            }
            throw new ErrorResponseException(refusal(
                    "invalid_client", "The client's authentication failed.", Response.Status.UNAUTHORIZED, null));
        }
    }

    private Request authorize(ClientModel client) {
        if (client.isPublicClient()) {
            throw refuse("unauthorized_client", "Public clients may not fetch tokens.", Response.Status.FORBIDDEN);
        }
        Consumer consumer = RealmSettings.of(realm)
                .flatMap(settings -> settings.consumer(client.getClientId()))
                .filter(found -> found.may(Consumer.Right.MEMBER))
                .orElseThrow(() -> refuse(
                        "unauthorized_client",
                        "The client is not listed among the consumers with the right member.",
                        Response.Status.FORBIDDEN));
        MultivaluedMap<String, String> form =
                session.getContext().getHttpRequest().getDecodedFormParameters();
        List<String> tokens = form.getOrDefault(TOKEN, List.of());
        String token = tokens.size() == 1 ? tokens.get(0) : null;
        if (token == null || token.isBlank()) {
            throw refuse(
                    "invalid_request",
                    "Send the user's access token once, as the form parameter token.",
                    Response.Status.BAD_REQUEST);
        }
        AuthenticationManager.AuthResult presented = new AppAuthManager.BearerTokenAuthenticator(session)
                .setTokenString(token)
                .authenticate();
        if (presented == null) {
            throw invalidToken();
        }
        boolean named = client.getClientId().equals(presented.token().getIssuedFor())
                || presented.token().hasAudience(client.getClientId());
        if (!named) {
            throw refuse(
                    "unauthorized_client",
                    "The token was neither issued to the client nor names it in its audience.",
                    Response.Status.FORBIDDEN);
        }
        event.user(presented.user()).session(presented.session());
        if (presented.session() != null
                && presented.session().getNote(ImpersonationSessionNote.IMPERSONATOR_ID.toString()) != null) {
            throw refuse("access_denied", "Nobody gets a token in an impersonated session.", Response.Status.FORBIDDEN);
        }
        return new Request(
                consumer,
                client,
                presented.user(),
                presented.session() == null ? "" : presented.session().getId(),
                new SignIn(
                        presented.session() == null ? null : presented.session().getNote(Details.IDENTITY_PROVIDER),
                        null));
    }

    private ErrorResponseException invalidToken() {
        event.error(Errors.INVALID_TOKEN);
        return new ErrorResponseException(Response.fromResponse(refusal(
                        "invalid_token",
                        "The token is malformed, expired, revoked, or its session has ended.",
                        Response.Status.UNAUTHORIZED,
                        null))
                .header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                .build());
    }

    private ErrorResponseException refuse(String error, String description, Response.Status status) {
        event.detail(Details.REASON, description).error(Errors.NOT_ALLOWED);
        return new ErrorResponseException(refusal(error, description, status, null));
    }

    private static Response answer(AccessTokens.Issued issued) {
        return Response.ok(new Answer(
                        issued.accessToken().reveal(),
                        "Bearer",
                        issued.expiresIn().toSeconds(),
                        issued.scope(),
                        issued.subject(),
                        issued.mailbox(),
                        issued.api().toString()))
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    private static Response refusal(
            String error, String description, Response.Status status, @Nullable Duration retryAfter) {
        Response.ResponseBuilder response = Response.status(status)
                .entity(new OAuth2ErrorRepresentation(error, description))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache");
        Optional.ofNullable(retryAfter).ifPresent(wait -> response.header("Retry-After", wait.toSeconds()));
        return response.build();
    }

    private static Response.Status status(AccessTokens.Refusal refusal) {
        return switch (refusal) {
            case ACCESS_DENIED -> Response.Status.FORBIDDEN;
            case NOT_DELEGATED -> Response.Status.NOT_FOUND;
            case DELEGATION_PENDING, REAUTHORIZATION_REQUIRED -> Response.Status.CONFLICT;
            case TEMPORARILY_UNAVAILABLE -> Response.Status.SERVICE_UNAVAILABLE;
        };
    }

    /** In a session of its own, since the request's transaction has been committed before Cronofy was asked. */
    private void record(
            String clientId,
            String userId,
            String sessionId,
            @Nullable String link,
            boolean refreshed,
            @Nullable String error) {
        ClientConnection connection = session.getContext().getConnection();
        String realmId = realm.getId();
        KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), session.getContext(), recording -> {
            RealmModel recorded = recording.realms().getRealm(realmId);
            if (recorded == null) {
                return;
            }
            EventBuilder outcome = new EventBuilder(recorded, recording, connection)
                    .event(EventType.IDENTITY_PROVIDER_RETRIEVE_TOKEN)
                    .detail(Details.IDENTITY_PROVIDER, EnterpriseConnect.ID)
                    .client(clientId)
                    .user(userId)
                    .session(sessionId);
            if (error == null) {
                outcome.detail("link", String.valueOf(link))
                        .detail("source", refreshed ? "refreshed" : "stored")
                        .success();
            } else {
                outcome.error(error);
            }
        });
    }
}
