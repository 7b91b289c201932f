package io.github.enterpriseconnect.example;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jwt.JWT;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.openid.connect.sdk.AuthenticationErrorResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** What this application asks its Keycloak realm for: who the user is, and a token for the user's calendar. */
final class Keycloak {
    private static final System.Logger LOG = System.getLogger(Keycloak.class.getName());
    private static final int CONNECT_MILLIS = 5_000;
    /** Fetching a token may include refreshing it at Cronofy. */
    private static final int READ_MILLIS = 30_000;

    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final Configuration configuration;
    private final ClientID clientId;
    private final ClientAuthentication authentication;
    private final Clock clock;
    private volatile OIDCProviderMetadata discovered;

    /** What must be the same when the user comes back from signing in. */
    record Attempt(State state, Nonce nonce, CodeVerifier verifier) {
        static Attempt create() {
            return new Attempt(new State(), new Nonce(), new CodeVerifier());
        }
    }

    /** Somebody who has signed in here. The tokens are Keycloak's and stay on the server. */
    record User(String name, AccessToken accessToken, Instant expiresAt, RefreshToken refreshToken, JWT idToken) {}

    /** A token for the user's calendar, to be used at once and forgotten. */
    record CalendarToken(AccessToken accessToken, URI api, String mailbox) {}

    Keycloak(Configuration configuration, Clock clock) {
        this.configuration = configuration;
        this.clientId = new ClientID(configuration.clientId());
        this.authentication = new ClientSecretBasic(clientId, configuration.clientSecret());
        this.clock = clock;
    }

    /** Where to send somebody to sign in. */
    URI signInUri(Attempt attempt) throws Apology {
        return new AuthenticationRequest.Builder(
                        ResponseType.CODE, new Scope("openid", "profile"), clientId, configuration.callback())
                .endpointURI(metadata().getAuthorizationEndpointURI())
                .state(attempt.state())
                .nonce(attempt.nonce())
                .codeChallenge(attempt.verifier(), CodeChallengeMethod.S256)
                .build()
                .toURI();
    }

    /** Who has come back from signing in. */
    User signIn(Attempt attempt, URI returned) throws Apology {
        try {
            AuthenticationResponse response = AuthenticationResponseParser.parse(returned);
            if (!attempt.state().equals(response.getState())) {
                throw Apology.signIn("This sign-in was not begun here.");
            }
            if (response instanceof AuthenticationErrorResponse error) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "sign-in refused: {0}",
                        error.getErrorObject().getCode());
                throw Apology.signIn("You have not been signed in.");
            }
            AuthorizationCode code = response.toSuccessResponse().getAuthorizationCode();
            HTTPResponse answer = ask(new AuthorizationCodeGrant(code, configuration.callback(), attempt.verifier()));
            if (!answer.indicatesSuccess()) {
                LOG.log(System.Logger.Level.WARNING, "code refused: {0}", error(answer));
                throw Apology.signIn("Your sign-in could not be completed.");
            }
            OIDCTokens tokens = OIDCTokenResponse.parse(answer).getOIDCTokens();
            IDTokenClaimsSet claims = new IDTokenValidator(
                            new Issuer(configuration.issuer()),
                            clientId,
                            JWSAlgorithm.RS256,
                            metadata().getJWKSetURI().toURL())
                    .validate(tokens.getIDToken(), attempt.nonce());
            String name = Objects.requireNonNullElse(
                    claims.getStringClaim("name"), claims.getSubject().getValue());
            return user(name, tokens, tokens.getIDToken());
        } catch (ParseException | BadJOSEException | JOSEException | IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "sign-in failed: {0}",
                    e.getClass().getSimpleName());
            throw Apology.signIn("Your sign-in could not be completed.");
        }
    }

    /** The user with an access token of Keycloak that lives yet. */
    User refreshed(User user) throws Apology {
        if (clock.instant().plus(MARGIN).isBefore(user.expiresAt())) {
            return user;
        }
        if (user.refreshToken() == null) {
            throw signInEnded();
        }
        try {
            HTTPResponse answer = ask(new RefreshTokenGrant(user.refreshToken()));
            if (!answer.indicatesSuccess()) {
                throw signInEnded();
            }
            return user(user.name(), OIDCTokenResponse.parse(answer).getOIDCTokens(), user.idToken());
        } catch (ParseException e) {
            throw signInEnded();
        }
    }

    private User user(String name, OIDCTokens tokens, JWT idToken) {
        AccessToken accessToken = tokens.getAccessToken();
        return new User(
                name,
                accessToken,
                clock.instant().plusSeconds(accessToken.getLifetime()),
                tokens.getRefreshToken(),
                idToken);
    }

    /**
     * Exchanges the user's access token for one of the calendar (RFC 8693). Asked for whenever one is needed: Keycloak keeps
     * it, refreshes it and takes it away.
     */
    CalendarToken calendarToken(User user) throws Apology {
        TokenRequest request = new TokenRequest.Builder(
                        metadata().getTokenEndpointURI(),
                        authentication,
                        new TokenExchangeGrant(user.accessToken(), TokenTypeURI.ACCESS_TOKEN))
                .customParameter("requested_issuer", "enterprise-connect")
                .build();
        HTTPResponse answer = send(request);
        if (!answer.indicatesSuccess()) {
            throw apology(answer);
        }
        try {
            AccessTokenResponse token = AccessTokenResponse.parse(answer);
            return new CalendarToken(
                    token.getTokens().getAccessToken(),
                    URI.create(String.valueOf(token.getCustomParameters().get("api_url"))),
                    String.valueOf(token.getCustomParameters().get("mailbox")));
        } catch (ParseException e) {
            throw notUnderstood();
        }
    }

    /** Every answer that is no token. */
    private static Apology apology(HTTPResponse answer) {
        String error = error(answer);
        LOG.log(System.Logger.Level.INFO, "no calendar token: {0}", error);
        return switch (error) {
            case "invalid_grant" -> signInEnded();
            case "access_denied" ->
                Apology.inCharge("You may not use your calendar here. Please ask your administrator.");
            case "not_delegated" ->
                Apology.inCharge("Your organization has not connected your calendar. Please ask your administrator.");
            case "delegation_pending" ->
                Apology.tryAgain("Your calendar is being connected.", secondsToWait(answer, 5));
            case "reauthorization_required" ->
                Apology.tryAgain(
                        "Your calendar has to be connected anew. If this does not happen by itself within a few minutes,"
                                + " please tell your administrator.",
                        secondsToWait(answer, 30));
            case "temporarily_unavailable" ->
                Apology.tryAgain("Your calendar cannot be reached at the moment.", secondsToWait(answer, 10));
            // invalid_request, invalid_client, unauthorized_client: nothing that a user could change.
            default ->
                Apology.inCharge("This application is not set up correctly. Please tell its operator: " + error + ".");
        };
    }

    private static String error(HTTPResponse answer) {
        try {
            return Objects.requireNonNullElse(
                    TokenErrorResponse.parse(answer).getErrorObject().getCode(), "HTTP " + answer.getStatusCode());
        } catch (ParseException e) {
            return "HTTP " + answer.getStatusCode();
        }
    }

    private static int secondsToWait(HTTPResponse answer, int otherwise) {
        try {
            return Integer.parseInt(String.valueOf(answer.getHeaderValue("Retry-After")));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /** Where to send the user to end the session at Keycloak too. */
    URI signOutUri(User user) throws Apology {
        return new LogoutRequest(
                        metadata().getEndSessionEndpointURI(),
                        user.idToken(),
                        URI.create(configuration.baseUrl() + "/"),
                        null)
                .toURI();
    }

    private HTTPResponse ask(AuthorizationGrant grant) throws Apology {
        return send(new TokenRequest.Builder(metadata().getTokenEndpointURI(), authentication, grant).build());
    }

    private static HTTPResponse send(TokenRequest request) throws Apology {
        HTTPRequest http = request.toHTTPRequest();
        http.setConnectTimeout(CONNECT_MILLIS);
        http.setReadTimeout(READ_MILLIS);
        try {
            return http.send();
        } catch (IOException e) {
            throw unreachable();
        }
    }

    private OIDCProviderMetadata metadata() throws Apology {
        OIDCProviderMetadata known = discovered;
        if (known == null) {
            try {
                known = OIDCProviderMetadata.resolve(new Issuer(configuration.issuer()), CONNECT_MILLIS, READ_MILLIS);
                discovered = known;
            } catch (GeneralException | IOException e) {
                LOG.log(System.Logger.Level.WARNING, "{0} cannot be discovered", configuration.issuer());
                throw unreachable();
            }
        }
        return known;
    }

    private static Apology signInEnded() {
        return Apology.signIn("Your sign-in has ended.");
    }

    private static Apology unreachable() {
        return Apology.tryAgain("The sign-in service cannot be reached at the moment.", 10);
    }

    private static Apology notUnderstood() {
        return Apology.tryAgain("The sign-in service gave an answer that cannot be understood.", 60);
    }
}
