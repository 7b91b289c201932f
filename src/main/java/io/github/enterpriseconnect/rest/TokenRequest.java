package io.github.enterpriseconnect.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import io.github.enterpriseconnect.token.IssuedToken;
import io.github.enterpriseconnect.token.ResourceTokenRequest;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.ClientConnection;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserConsentModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.managers.UserConsentManager;
import org.keycloak.storage.StorageUnavailableException;

/**
 * One request of an authenticated client for a token, whichever door it came through: checks the client's right, has the
 * token found, answers, and leaves an event. All of that in the request's own transaction, unless Cronofy has to be asked
 * first: then that ends before.
 */
final class TokenRequest {
    private static final Logger LOG = Logger.getLogger(TokenRequest.class);
    private static final Duration DIRECTORY_SILENT = Duration.ofSeconds(10);

    private final KeycloakSession session;
    private final RequestTransaction transaction;
    private final RealmModel realm;
    private final TokenEntryPoint door;
    private final ClientModel client;
    private final String clientId;
    private final Consumer.Right right;
    private final Map<String, String> details;
    private @Nullable String userId;
    private @Nullable String sessionId;
    private @Nullable Secret rejected;
    private Actors actors = Actors.NOBODY;

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Answer(
            @JsonProperty("access_token") String accessToken,
            @JsonProperty("issued_token_type") @Nullable String issuedTokenType,
            @JsonProperty("token_type") String tokenType,
            @JsonProperty("expires_in") long expiresIn,
            @JsonProperty("scope") String scope,
            @JsonProperty("missing_scopes") @Nullable String missingScopes,
            @JsonProperty("profile_connected") @Nullable Boolean profileConnected,

            @JsonProperty("profile_initial_sync_required") @Nullable Boolean profileInitialSyncRequired,

            @JsonProperty("sub") String subject,
            @JsonProperty("mailbox") String mailbox,
            @JsonProperty("api_url") String apiUrl) {}

    /**
     * A request as it came in.
     *
     * @param event what Keycloak has gathered of it so far
     * @param right what the client wants to make use of
     */
    TokenRequest(
            KeycloakSession session,
            TokenEntryPoint door,
            EventBuilder event,
            ClientModel client,
            Consumer.Right right) {
        this.session = session;
        this.transaction = new RequestTransaction(session);
        this.realm = session.getContext().getRealm();
        this.door = door;
        this.client = client;
        this.clientId = client.getClientId();
        this.right = right;
        this.details = Objects.requireNonNullElse(event.getEvent().getDetails(), Map.of());
    }

    /** What is to be found out before a token is looked for, within the request's transaction. */
    private interface Checks {
        AccessTokenRequest pass(Consumer consumer) throws TokenRefused;
    }

    /** Cronofy did not accept this access token from the client: another is wanted in its place. */
    void report(Secret token) {
        rejected = token;
    }

    /** For the user whose own access token the client shows. */
    Response present(String token) {
        return answer(consumer -> {
            UserToken shown = UserToken.verify(session, client, door, token);
            userId = shown.user().getId();
            sessionId = shown.sessionId();
            actors = shown.actors();
            shown.requireUsableBy(session, client, door);
            actors.requireServedTo(consumer);
            actors.requireEnabled(session);
            if (client.isConsentRequired() && !(shown.hasScope(EnterpriseConnect.ID) && consented(shown.user()))) {
                throw noConsent();
            }
            return AccessTokenRequest.present(realm.getId(), shown.user().getId(), consumer, shown.signIn())
                    .by(actors.names(session));
        });
    }

    /** For the user of this id, who has no part in it. */
    Response absent(String user) {
        return answer(consumer -> {
            UserModel found = session.users().getUserById(realm, user);
            userId = found == null ? null : found.getId();
            // An unknown id has consented as little as somebody of another organization, and is told the same.
            if (client.isConsentRequired() && (found == null || !consented(found))) {
                throw noConsent();
            }
            return AccessTokenRequest.absent(realm.getId(), user, consumer);
        });
    }

    /** For the resource that this names, by the address in its {@code mailto} (RFC 6068). */
    Response ofResource(Mailbox resource) {
        return answerWith(consumer -> WantedToken.of(
                parts().resourceTokens(),
                new ResourceTokenRequest(realm.getId(), resource, consumer, scope(), rejected)));
    }

    /** For nobody, since the request cannot be understood. */
    Response refuse(String description) {
        return refuse(new TokenRefused(TokenError.INVALID_REQUEST, description));
    }

    /** As {@link Checks}, for whatever there are tokens of. */
    private interface Wanting {
        WantedToken pass(Consumer consumer) throws TokenRefused;
    }

    private Response answer(Checks checks) {
        return answerWith(consumer -> {
            AccessTokenRequest asked = checks.pass(consumer).within(scope());
            return WantedToken.of(parts().accessTokens(), rejected == null ? asked : asked.insteadOf(rejected));
        });
    }

    private EnterpriseConnectProvider parts() {
        return session.getProvider(EnterpriseConnectProvider.class);
    }

    private Response answerWith(Wanting wanting) {
        try {
            WantedToken wanted = wanting.pass(new ConsumerClient(realm, client).with(right));
            transaction.require();
            Optional<IssuedToken> atOnce = wanted.atOnce(KeycloakTransactions.joined(session, realm));
            transaction.require();
            if (atOnce.isPresent()) {
                return issue(atOnce.get());
            }
            transaction.end();
            return issue(wanted.afterwards());
        } catch (TokenRefused refused) {
            return refuse(refused);
        } catch (AccessTokenRefused refused) {
            return refuse(TokenRefused.of(refused));
        } catch (StorageUnavailableException | Unreadable directorySilent) {
            // Keycloak cannot reach the directory that the user comes from.
            LOG.warn("a token request could not be answered", directorySilent);
            return refuse(new TokenRefused(
                    TokenError.TEMPORARILY_UNAVAILABLE,
                    "The user cannot be looked up at the moment.",
                    DIRECTORY_SILENT));
        }
    }

    /** What the application asks for at most; null if it does not say. */
    private @Nullable String scope() {
        return session.getContext().getHttpRequest().getDecodedFormParameters().getFirst(OAuth2Constants.SCOPE);
    }

    private boolean consented(UserModel user) {
        UserConsentModel consent = UserConsentManager.getConsentByClient(session, realm, user, client.getId());
        return consent != null
                && consent.getGrantedClientScopes().stream()
                        .anyMatch(scope -> RealmSetup.CONSENT_SCOPE.equals(scope.getName()));
    }

    private static TokenRefused noConsent() {
        return new TokenRefused(
                TokenError.ACCESS_DENIED,
                "The client requires consent, and the user has not consented to the scope " + RealmSetup.CONSENT_SCOPE
                        + "; request it at sign-in.");
    }

    private Response issue(IssuedToken issued) {
        if (right == Consumer.Right.OFFLINE) {
            LOG.infof(
                    "client %s of realm %s got a token of user %s, who is not present",
                    clientId, realm.getId(), userId);
        }
        record(issued, null);
        return Response.ok(new Answer(
                        issued.accessToken().reveal(),
                        door.issuedTokenType(),
                        "Bearer",
                        issued.expiresIn().toSeconds(),
                        issued.scope(),
                        issued.missingScopes().isEmpty() ? null : String.join(" ", issued.missingScopes()),
                        issued.profile().connected(),
                        issued.profile().initialSyncRequired(),
                        issued.subject(),
                        issued.mailbox(),
                        issued.api().toString()))
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    private Response refuse(TokenRefused refused) {
        record(null, refused);
        return refused.response(door, session);
    }

    /** In a session of its own where the request's transaction is over, or will be rolled back. */
    private void record(@Nullable IssuedToken issued, @Nullable TokenRefused refused) {
        if (transaction.lasts()) {
            record(session, realm, issued, refused);
            return;
        }
        String realmId = realm.getId();
        KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), session.getContext(), recording -> {
            RealmModel recorded = recording.realms().getRealm(realmId);
            if (recorded != null) {
                record(recording, recorded, issued, refused);
            }
        });
    }

    private void record(
            KeycloakSession recording,
            RealmModel recorded,
            @Nullable IssuedToken issued,
            @Nullable TokenRefused refused) {
        ClientConnection connection = session.getContext().getConnection();
        EventBuilder event = new EventBuilder(recorded, recording, connection)
                .event(door.event())
                .client(clientId)
                .user(userId)
                .session(sessionId);
        details.forEach(event::detail);
        event.detail(Details.IDENTITY_PROVIDER, EnterpriseConnect.ID).detail("right", right.id());
        if (rejected != null) {
            event.detail("rejected_token", "true");
        }
        if (!actors.none()) {
            event.detail("actor", actors.told());
        }
        if (!actors.before().isEmpty()) {
            event.detail("prior_actors", String.join(" ", actors.before()));
        }
        if (issued != null) {
            event.detail("link", issued.link())
                    .detail("source", issued.refreshed() ? "refreshed" : "stored")
                    .success();
        } else if (refused != null) {
            event.detail(Details.REASON, refused.getMessage())
                    .error(refused.error().id());
        }
    }
}
