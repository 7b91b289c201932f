package io.github.enterpriseconnect.integration.harness;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A program that is registered as a client of a realm and speaks OpenID Connect: it sends people to the realm to sign
 * in ({@link Browser}) and talks to the token endpoint. Without a secret it is a public client. It always uses PKCE.
 */
public record OidcClient(
        URI realm, String clientId, @Nullable String secret, URI redirectUri) {

    /** A client that only exists to get tokens by a password, as {@code admin-cli} does. */
    public static OidcClient withoutBrowser(URI realm, String clientId) {
        return new OidcClient(realm, clientId, null, URI.create("http://127.0.0.1/none"));
    }

    /** The same client, which asks another node of the realm's cluster. */
    OidcClient at(URI otherAddress) {
        return new OidcClient(otherAddress, clientId, secret, redirectUri);
    }

    /** A request to sign somebody in. Parameters such as {@code prompt} replace or extend the usual ones. */
    public AuthorizationRequest authorizationRequest(Map<String, String> parameters) {
        String state = UUID.randomUUID().toString();
        String verifier = UUID.randomUUID() + "-" + UUID.randomUUID();
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", clientId);
        query.put("redirect_uri", redirectUri.toString());
        query.put("scope", "openid");
        query.put("state", state);
        query.put("code_challenge", challenge(verifier));
        query.put("code_challenge_method", "S256");
        query.putAll(parameters);
        return new AuthorizationRequest(this, endpoint("auth", query), state, verifier);
    }

    private URI endpoint(String name, Map<String, String> query) {
        return URI.create(
                realm + "/protocol/openid-connect/" + name + (query.isEmpty() ? "" : "?" + Answer.encode(query)));
    }

    private static String challenge(String verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks the token endpoint, as this client, and gives the answer whatever it is. */
    public Answer token(Map<String, String> grant) {
        return Answer.to(
                Answer.form(HttpRequest.newBuilder(endpoint("token", Map.of())), "POST", authenticated(grant)));
    }

    /** Adds this client's id and secret to the fields of a form. */
    public Map<String, String> authenticated(Map<String, String> fields) {
        Map<String, String> form = new LinkedHashMap<>(fields);
        form.put("client_id", clientId);
        if (secret != null) {
            form.put("client_secret", secret);
        }
        return form;
    }

    /** Signs somebody in without a browser (direct access grant). */
    public Tokens directGrant(String username, String password) {
        return Tokens.of(
                token(Map.of("grant_type", "password", "username", username, "password", password, "scope", "openid")));
    }

    /** Signs the client's own service account in. */
    public Tokens clientCredentials() {
        return Tokens.of(token(Map.of("grant_type", "client_credentials")));
    }

    public Tokens refresh(Tokens tokens) {
        return Tokens.of(token(Map.of("grant_type", "refresh_token", "refresh_token", tokens.refreshToken())));
    }

    Tokens exchangeCode(String code, String verifier) {
        return Tokens.of(token(Map.of(
                "grant_type",
                "authorization_code",
                "code",
                code,
                "redirect_uri",
                redirectUri.toString(),
                "code_verifier",
                verifier)));
    }

    /** Where the realm ends the browser's session. */
    public URI signOutUri(Tokens tokens) {
        return endpoint("logout", Map.of("id_token_hint", tokens.idToken()));
    }

    @Override
    public String toString() {
        return "OidcClient[" + clientId + " of " + realm + "]";
    }
}
