package io.github.enterpriseconnect.integration;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Tokens;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * An application that asks Keycloak for tokens, authenticating in one way or another.
 *
 * @param realm address of the realm, which is also its issuer
 * @param authentication what to add to a request
 */
record Application(URI realm, String clientId, Function<URI, Authentication> authentication) {
    private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /** Fields of the form and headers by which a request authenticates. */
    record Authentication(Map<String, String> fields, Map<String, String> headers) {}

    /** {@code client_secret_post}. */
    static Application withSecret(URI realm, String clientId, String secret) {
        return new Application(
                realm,
                clientId,
                uri -> new Authentication(Map.of("client_id", clientId, "client_secret", secret), Map.of()));
    }

    /** {@code client_secret_basic}. */
    static Application withBasic(URI realm, String clientId, String secret) {
        String credentials =
                Base64.getEncoder().encodeToString((clientId + ":" + secret).getBytes(StandardCharsets.UTF_8));
        return new Application(
                realm, clientId, uri -> new Authentication(Map.of(), Map.of("Authorization", "Basic " + credentials)));
    }

    /** {@code client_secret_jwt}. */
    static Application withSecretJwt(URI realm, String clientId, String secret) {
        return withAssertion(realm, clientId, new JWSHeader(JWSAlgorithm.HS256), () -> new MACSigner(secret));
    }

    /** {@code private_key_jwt}. */
    static Application withPrivateKeyJwt(URI realm, String clientId, ECKey key) {
        return withAssertion(
                realm,
                clientId,
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                () -> new ECDSASigner(key));
    }

    /** {@code tls_client_auth}, with the certificate that a proxy has seen (RFC 9440). */
    static Application withCertificate(URI realm, String clientId, byte[] certificate) {
        return new Application(
                realm, clientId, uri -> new Authentication(Map.of("client_id", clientId), shown(certificate)));
    }

    /** No authentication: a public client. */
    static Application without(URI realm, String clientId) {
        return new Application(realm, clientId, uri -> new Authentication(Map.of("client_id", clientId), Map.of()));
    }

    /** The header by which a proxy tells of a client's certificate. */
    static Map<String, String> shown(byte[] certificate) {
        return Map.of("Client-Cert", ":" + Base64.getEncoder().encodeToString(certificate) + ":");
    }

    private interface Signing {
        JWSSigner signer() throws JOSEException;
    }

    private static Application withAssertion(URI realm, String clientId, JWSHeader header, Signing signing) {
        return new Application(realm, clientId, uri -> {
            SignedJWT assertion = new SignedJWT(
                    header,
                    new JWTClaimsSet.Builder()
                            .issuer(clientId)
                            .subject(clientId)
                            .audience(realm.toString())
                            .jwtID(UUID.randomUUID().toString())
                            .issueTime(Date.from(Instant.now()))
                            .expirationTime(Date.from(Instant.now().plusSeconds(30)))
                            .build());
            try {
                assertion.sign(signing.signer());
            } catch (JOSEException e) {
                throw new IllegalStateException(e);
            }
            return new Authentication(
                    Map.of("client_assertion_type", ASSERTION, "client_assertion", assertion.serialize()), Map.of());
        });
    }

    /** Sends a form as this application. */
    Answer post(URI uri, Map<String, String> form, Map<String, String> headers) {
        Authentication authenticated = authentication.apply(uri);
        Map<String, String> fields = new HashMap<>(form);
        fields.putAll(authenticated.fields());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        authenticated.headers().forEach(request::setHeader);
        headers.forEach(request::setHeader);
        return Answer.to(Answer.form(request, "POST", fields));
    }

    /** Sends a request without a body as this application, which has to authenticate by headers. */
    Answer get(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        authentication.apply(uri).headers().forEach(request::setHeader);
        return Answer.to(request);
    }

    URI tokenEndpoint() {
        return URI.create(realm + "/protocol/openid-connect/token");
    }

    /** Signs somebody in by a password. */
    Tokens signIn(String username, String password, String scope, Map<String, String> headers) {
        return Tokens.of(post(
                tokenEndpoint(),
                Map.of("grant_type", "password", "username", username, "password", password, "scope", scope),
                headers));
    }
}
