package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.util.ssl.cert.CertException;
import com.unboundid.util.ssl.cert.PublicKeyAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SignatureAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.X509Certificate;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which clients get a token for which of the user's tokens: the intended ones, and the same ones at both doors. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenRightsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String MARIA = "maria";
    private static final Map<String, String> NOTHING = Map.of();

    private final ConnectedRealm realm;
    private final Applications applications;
    private final ECKey key = newKey();
    private final ECKey otherKey = newKey();
    private final byte[] certificate = newCertificate("CN=calendar-app");
    private final byte[] otherCertificate = newCertificate("CN=other");

    TokenRightsIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(TokenRightsIT.class), true);
        this.applications = new Applications(server, admin, realm, MARIA);
    }

    @BeforeAll
    void delegateMaria() {
        String organization = realm.organization("rights", "rights.test");
        realm.link(organization, "rights.test");
        String maria = realm.member(organization, MARIA, "maria@rights.test").id();
        realm.signIn(MARIA);
        await().atMost(PATIENCE)
                .until(() -> "granted".equals(realm.member(maria).get("state").asText()));
    }

    /** What comes of it, whichever door it is. */
    enum Outcome {
        TOKEN(200, "", 200, ""),
        BAD_TOKEN(401, "invalid_token", 400, "invalid_grant"),
        UNAUTHORIZED_CLIENT(403, "unauthorized_client", 400, "unauthorized_client"),
        ACCESS_DENIED(403, "access_denied", 400, "access_denied"),
        NO_PROOF(401, "invalid_token", 400, "invalid_request"),
        WRONG_SECRET(401, "invalid_client", 401, "unauthorized_client"),
        UNKNOWN_CLIENT(401, "invalid_client", 401, "invalid_client");

        private final int own;
        private final String ownError;
        private final int exchange;
        private final String exchangeError;

        Outcome(int own, String ownError, int exchange, String exchangeError) {
            this.own = own;
            this.ownError = ownError;
            this.exchange = exchange;
            this.exchangeError = exchangeError;
        }

        /** What tells the client how to do better, in a header each. */
        private void areChallenges(List<? extends String> challenges) {
            if (ownError.equals("invalid_client")) {
                assertThat(challenges).singleElement().asString().startsWith("Basic realm=\"");
            } else {
                assertThat(challenges)
                        .hasSize(2)
                        .anyMatch(challenge -> challenge.equals("Bearer error=\"invalid_token\""))
                        .anyMatch(challenge -> challenge.matches("DPoP error=\"invalid_token\", algs=\".*ES256.*\""));
            }
        }

        void assertIs(Answer answer, TokenDoor door) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(door == TokenDoor.OWN ? own : exchange);
            JsonNode json = answer.json();
            assertThat(json.path("error").asText()).isEqualTo(door == TokenDoor.OWN ? ownError : exchangeError);
            assertThat(json.has("access_token")).isEqualTo(this == TOKEN);
            assertThat(answer.text()).doesNotContain("refresh_token");
            if (answer.status() == 401 && door == TokenDoor.OWN) {
                assertThat(answer.headers().allValues("WWW-Authenticate")).satisfies(this::areChallenges);
            }
            assertThat(String.join(",", answer.headers().allValues("Cache-Control")))
                    .contains("no-store");
            if (this == TOKEN) {
                assertThat(json.get("mailbox").asText()).isEqualTo("maria@rights.test");
                assertThat(json.path("issued_token_type").asText())
                        .isEqualTo(door == TokenDoor.EXCHANGE ? TokenDoor.ACCESS_TOKEN : "");
            }
        }
    }

    @Test
    void a_proof_is_good_once_at_both_doors() {
        Application application =
                applications.consumer("proven-once", Map.of(), Map.of("dpop.bound.access.tokens", "true"));
        String token = applications.bound(application, PossessionProof.header(key, application.tokenEndpoint(), ""));
        for (TokenDoor door : TokenDoor.values()) {
            Map<String, String> proof = PossessionProof.header(key, door.uri(application), "");

            Outcome.TOKEN.assertIs(door.ask(application, token, proof), door);
            Outcome.NO_PROOF.assertIs(door.ask(application, token, proof), door);
        }
    }

    @Test
    void a_proof_that_names_another_token_is_refused() {
        Application application =
                applications.consumer("naming-another", Map.of(), Map.of("dpop.bound.access.tokens", "true"));
        String token = applications.bound(application, PossessionProof.header(key, application.tokenEndpoint(), ""));

        Answer answer = TokenDoor.OWN.ask(
                application, token, PossessionProof.header(key, TokenDoor.OWN.uri(application), token + "x"));

        Outcome.NO_PROOF.assertIs(answer, TokenDoor.OWN);
    }

    /**
     * One line of the matrix.
     *
     * @param proof headers that go with this token to this address
     */
    record Row(
            String who,
            Supplier<Application> application,
            Supplier<String> token,
            BiFunction<URI, String, Map<String, String>> proof,
            Outcome outcome) {
        @Override
        public String toString() {
            return who + ": " + outcome;
        }
    }

    private static Row row(String who, Supplier<Application> application, Supplier<String> token, Outcome outcome) {
        return new Row(who, application, token, (uri, text) -> NOTHING, outcome);
    }

    private static Row row(
            String who,
            Supplier<Application> application,
            Supplier<String> token,
            BiFunction<URI, String, Map<String, String>> proof,
            Outcome outcome) {
        return new Row(who, application, token, proof, outcome);
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("matrix")
    void only_the_intended_clients_get_a_token(Row row, TokenDoor door) {
        Application application = row.application().get();
        String token = row.token().get();

        Answer answer = door.ask(
                application, token, row.proof().apply(door.uri(application), door == TokenDoor.OWN ? token : ""));

        row.outcome().assertIs(answer, door);
    }

    Stream<Arguments> matrix() {
        return Stream.of(methods(), tokens(), bound(), clients(), people())
                .flatMap(List::stream)
                .flatMap(row -> Stream.of(TokenDoor.values()).map(door -> Arguments.of(row, door)));
    }

    /** Every way for a client to authenticate. */
    private List<Row> methods() {
        Supplier<Application> basic = once(
                () -> Application.withBasic(applications.realmUri(), "calendar-app", ConnectedRealm.CONSUMER_SECRET));
        Supplier<Application> secretJwt = once(() -> {
            applications.consumer("secret-jwt", Map.of("clientAuthenticatorType", "client-secret-jwt"), Map.of());
            return Application.withSecretJwt(applications.realmUri(), "secret-jwt", Applications.SECRET);
        });
        Supplier<Application> keyJwt = once(() -> {
            applications.consumer(
                    "key-jwt",
                    Map.of("clientAuthenticatorType", "client-jwt"),
                    Map.of("use.jwks.string", "true", "jwks.string", "{\"keys\":[" + key.toPublicJWK() + "]}"));
            return Application.withPrivateKeyJwt(applications.realmUri(), "key-jwt", key);
        });
        Supplier<Application> mutualTls = once(() -> {
            applications.consumer(
                    "mutual-tls",
                    Map.of("clientAuthenticatorType", "client-x509"),
                    Map.of("x509.subjectdn", "CN=calendar-app"));
            return Application.withCertificate(applications.realmUri(), "mutual-tls", certificate);
        });
        return List.of(
                row("a secret in the form", this::app, () -> applications.token(app()), Outcome.TOKEN),
                row("a secret in the header", basic, () -> applications.token(basic.get()), Outcome.TOKEN),
                row("an assertion by the secret", secretJwt, () -> applications.token(secretJwt.get()), Outcome.TOKEN),
                row("an assertion by a private key", keyJwt, () -> applications.token(keyJwt.get()), Outcome.TOKEN),
                row("a client certificate", mutualTls, () -> applications.token(mutualTls.get()), Outcome.TOKEN),
                row(
                        "a wrong secret",
                        () -> Application.withSecret(applications.realmUri(), "calendar-app", "wrong"),
                        () -> applications.token(app()),
                        Outcome.WRONG_SECRET),
                row(
                        "an unknown client",
                        () -> Application.withSecret(applications.realmUri(), "nobody", "wrong"),
                        () -> applications.token(app()),
                        Outcome.UNKNOWN_CLIENT),
                row(
                        "another's certificate",
                        () -> {
                            String clientId = mutualTls.get().clientId();
                            return Application.withCertificate(applications.realmUri(), clientId, otherCertificate);
                        },
                        () -> applications.token(mutualTls.get()),
                        Outcome.UNKNOWN_CLIENT));
    }

    /** Every kind of token. */
    private List<Row> tokens() {
        Map<String, String> briefly = Map.of("client.use.lightweight.access.token.enabled", "true");
        Supplier<Application> lightweight = once(() -> applications.consumer(
                "lightweight",
                Map.of(
                        "protocolMappers",
                        List.of(Map.of(
                                "name",
                                "subject",
                                "protocol",
                                "openid-connect",
                                "protocolMapper",
                                "oidc-sub-mapper",
                                "config",
                                Map.of("access.token.claim", "true", "lightweight.claim", "true")))),
                briefly));
        Supplier<Application> nameless = once(() -> applications.consumer("nameless", Map.of(), briefly));
        Supplier<Application> brief =
                once(() -> applications.consumer("brief", Map.of(), Map.of("access.token.lifespan", "1")));
        return List.of(
                row(
                        "a lightweight token with a subject",
                        lightweight,
                        () -> applications.token(lightweight.get()),
                        Outcome.TOKEN),
                row(
                        "a lightweight token without a subject",
                        nameless,
                        () -> applications.token(nameless.get()),
                        Outcome.BAD_TOKEN),
                row("a token of an offline session", this::app, () -> applications.offline(app()), Outcome.TOKEN),
                row(
                        "an identity token",
                        this::app,
                        () -> applications.tokens(app()).idToken(),
                        Outcome.BAD_TOKEN),
                row(
                        "a refresh token",
                        this::app,
                        () -> applications.tokens(app()).refreshToken(),
                        Outcome.BAD_TOKEN),
                row("no token at all", this::app, () -> "garbage", Outcome.BAD_TOKEN),
                row("a token that was tampered with", this::app, () -> applications.tampered(app()), Outcome.BAD_TOKEN),
                row("a token without a signature", this::app, () -> applications.unsigned(app()), Outcome.BAD_TOKEN),
                row("an expired token", brief, () -> applications.expired(brief.get()), Outcome.BAD_TOKEN),
                row("a revoked token", this::app, () -> applications.revoked(app()), Outcome.BAD_TOKEN),
                row(
                        "a token of a session that has ended",
                        this::app,
                        () -> applications.signedOut(app()),
                        Outcome.BAD_TOKEN),
                row("a token of another realm", this::app, applications::foreign, Outcome.BAD_TOKEN));
    }

    /** Tokens that are bound to a key or a certificate. */
    private List<Row> bound() {
        Supplier<Application> dpop =
                once(() -> applications.consumer("dpop", Map.of(), Map.of("dpop.bound.access.tokens", "true")));
        Supplier<Application> tls = once(() ->
                applications.consumer("tls", Map.of(), Map.of("tls.client.certificate.bound.access.tokens", "true")));
        Supplier<Application> boundPortal = once(() -> {
            Application portal =
                    applications.create("bound-portal", Map.of(), Map.of("dpop.bound.access.tokens", "true"));
            applications.nameInAudience("bound-portal", "calendar-app");
            return portal;
        });
        Supplier<String> keyBound = () -> applications.bound(
                dpop.get(), PossessionProof.header(key, dpop.get().tokenEndpoint(), ""));
        Supplier<String> certificateBound = () -> applications.bound(tls.get(), Application.shown(certificate));
        return List.of(
                row(
                        "a token that is bound to a key, with its proof",
                        dpop,
                        keyBound,
                        (uri, text) -> PossessionProof.header(key, uri, text),
                        Outcome.TOKEN),
                row(
                        "a token that is bound to a key, with a proof that does not name it",
                        dpop,
                        keyBound,
                        (uri, text) -> PossessionProof.header(key, uri, ""),
                        Outcome.TOKEN),
                row(
                        "a token that is bound to a key, with another's proof that does not name it",
                        dpop,
                        keyBound,
                        (uri, text) -> PossessionProof.header(otherKey, uri, ""),
                        Outcome.BAD_TOKEN),
                row(
                        "a token that is bound to a key, with a proof for another address that does not name it",
                        dpop,
                        keyBound,
                        (uri, text) -> PossessionProof.header(key, URI.create(uri + "/elsewhere"), ""),
                        Outcome.NO_PROOF),
                row(
                        "a token that is bound to a key, with another's proof",
                        dpop,
                        keyBound,
                        (uri, text) -> PossessionProof.header(otherKey, uri, text),
                        Outcome.BAD_TOKEN),
                row("a token that is bound to a key, without a proof", dpop, keyBound, Outcome.NO_PROOF),
                row(
                        "a token that is bound to a key, with a proof for another address",
                        dpop,
                        keyBound,
                        (uri, text) -> PossessionProof.header(key, URI.create(uri + "/elsewhere"), text),
                        Outcome.NO_PROOF),
                row(
                        "a token that is bound to another client's key",
                        this::app,
                        () -> applications.bound(
                                boundPortal.get(),
                                PossessionProof.header(key, boundPortal.get().tokenEndpoint(), "")),
                        (uri, text) -> PossessionProof.header(key, uri, text),
                        Outcome.UNAUTHORIZED_CLIENT),
                row(
                        "a token that is bound to a certificate, with it",
                        tls,
                        certificateBound,
                        (uri, text) -> Application.shown(certificate),
                        Outcome.TOKEN),
                row(
                        "a token that is bound to a certificate, with another",
                        tls,
                        certificateBound,
                        (uri, text) -> Application.shown(otherCertificate),
                        Outcome.BAD_TOKEN),
                row("a token that is bound to a certificate, without it", tls, certificateBound, Outcome.BAD_TOKEN));
    }

    /** Clients that were not meant, in one way or another. */
    private List<Row> clients() {
        Supplier<Application> portal = once(() -> applications.create("portal", Map.of(), Map.of()));
        Supplier<Application> naming = once(() -> {
            Application named = applications.create("naming-portal", Map.of(), Map.of());
            applications.nameInAudience("naming-portal", "calendar-app");
            return named;
        });
        Supplier<Application> exchanging = once(() -> {
            Application named = applications.create(
                    "exchanging-portal", Map.of(), Map.of("standard.token.exchange.enabled", "true"));
            applications.nameInAudience("exchanging-portal", "calendar-app");
            return named;
        });
        Supplier<Application> everyone = once(() -> {
            applications.consumer("everyone", Map.of("publicClient", true), Map.of());
            return Application.without(applications.realmUri(), "everyone");
        });
        Supplier<Application> elsewhere = once(() -> {
            String other = realm.organization("elsewhere", "elsewhere.test");
            applications.list(Map.of("clientId", "elsewhere", "rights", List.of("member"), "links", List.of(other)));
            return applications.create("elsewhere", Map.of(), Map.of());
        });
        Supplier<Application> registered = once(() -> applications.selfRegistered("registered"));
        Supplier<Application> disabled = once(() -> {
            Application application = applications.consumer("disabled", Map.of(), Map.of());
            applications.disable("disabled");
            return application;
        });
        Supplier<Application> absent = once(() -> {
            applications.list(Map.of("clientId", "absent", "rights", List.of("offline")));
            return applications.create("absent", Map.of(), Map.of());
        });
        return List.of(
                row(
                        "another client's token",
                        this::app,
                        () -> applications.token(portal.get()),
                        Outcome.UNAUTHORIZED_CLIENT),
                row(
                        "another client's token that names it",
                        this::app,
                        () -> applications.token(naming.get()),
                        Outcome.TOKEN),
                row(
                        "a token that Keycloak exchanged",
                        this::app,
                        () -> applications.exchanged(exchanging.get()),
                        Outcome.TOKEN),
                row(
                        "a client that is not listed",
                        portal,
                        () -> applications.token(portal.get()),
                        Outcome.UNAUTHORIZED_CLIENT),
                row("a public client", everyone, () -> applications.token(everyone.get()), Outcome.UNAUTHORIZED_CLIENT),
                row("a client that was disabled", disabled, () -> applications.token(app()), Outcome.UNKNOWN_CLIENT),
                row(
                        "a client with another right",
                        absent,
                        () -> applications.token(absent.get()),
                        Outcome.UNAUTHORIZED_CLIENT),
                row(
                        "a client for another link",
                        elsewhere,
                        () -> applications.token(elsewhere.get()),
                        Outcome.ACCESS_DENIED),
                row(
                        "a client that registered itself under a listed name",
                        registered,
                        () -> applications.token(registered.get()),
                        Outcome.UNAUTHORIZED_CLIENT));
    }

    /** Who the user is, and who acts in the user's name. */
    private List<Row> people() {
        Supplier<Application> consenting = once(() -> {
            Application application = applications.consumer("consenting", Map.of("consentRequired", true), Map.of());
            applications.offerConsent("consenting");
            return application;
        });
        Supplier<Application> telling = once(() -> {
            Application application = applications.create("telling", Map.of(), Map.of());
            applications.nameInAudience("telling", "unconsented");
            applications.offerConsent("telling");
            return application;
        });
        Supplier<Application> acting = once(() -> acting("acting", "{\"sub\":\"agent\"}"));
        Supplier<Application> served = once(() -> acting("served", "{\"sub\":\"agent\"}", "agent", "assistant"));
        Supplier<Application> chained = once(() -> acting(
                "chained", "{\"client_id\":\"assistant\",\"sub\":\"x\",\"act\":{\"sub\":\"stranger\"}}", "assistant"));
        Supplier<Application> handedOn =
                once(() -> acting("handed-on", "{\"sub\":\"stranger\",\"act\":{\"sub\":\"agent\"}}", "agent"));
        Supplier<Application> nameless = once(() -> acting("nameless-actor", "{\"act\":{\"sub\":\"agent\"}}", "agent"));
        Supplier<Application> foreign = once(
                () -> acting("foreign-actor", "{\"sub\":\"agent\",\"iss\":\"https://elsewhere.example\"}", "agent"));
        Supplier<Application> exchanging = once(() -> {
            Application portal = applications.create(
                    "acting-portal",
                    Map.of("protocolMappers", actorMapper("{\"sub\":\"agent\"}")),
                    Map.of("standard.token.exchange.enabled", "true"));
            applications.nameInAudience("acting-portal", "calendar-app");
            return portal;
        });
        Supplier<Application> unconsented =
                once(() -> applications.consumer("unconsented", Map.of("consentRequired", true), Map.of()));
        return List.of(
                row(
                        "a client that requires consent, which another was given",
                        unconsented,
                        () -> applications.withConsentScope(telling.get()),
                        Outcome.ACCESS_DENIED),
                row("a service account", this::app, () -> applications.serviceAccount(app()), Outcome.ACCESS_DENIED),
                row(
                        "an administrator in the user's name",
                        this::app,
                        applications::impersonated,
                        Outcome.ACCESS_DENIED),
                row(
                        "somebody who acts for the user",
                        acting,
                        () -> applications.token(acting.get()),
                        Outcome.ACCESS_DENIED),
                row("an agent that the consumer names", served, () -> applications.token(served.get()), Outcome.TOKEN),
                row(
                        "an agent that the consumer names, after somebody whom it does not",
                        chained,
                        () -> applications.token(chained.get()),
                        Outcome.TOKEN),
                row(
                        "somebody whom the consumer does not name, after an agent that it does",
                        handedOn,
                        () -> applications.token(handedOn.get()),
                        Outcome.ACCESS_DENIED),
                row(
                        "an actor without a name",
                        nameless,
                        () -> applications.token(nameless.get()),
                        Outcome.ACCESS_DENIED),
                row(
                        "an actor of another issuer",
                        foreign,
                        () -> applications.token(foreign.get()),
                        Outcome.ACCESS_DENIED),
                row(
                        "an agent in a token that Keycloak exchanged",
                        this::app,
                        () -> applications.exchanged(exchanging.get()),
                        Outcome.ACCESS_DENIED),
                row(
                        "an administrator in the user's name, beside an agent that the consumer names",
                        served,
                        () -> applications.impersonated(served.get()),
                        Outcome.ACCESS_DENIED),
                row("a user who was disabled", this::app, applications::disabled, Outcome.BAD_TOKEN),
                row(
                        "a client that requires consent, without the scope",
                        consenting,
                        () -> applications.consented(consenting.get(), "openid"),
                        Outcome.ACCESS_DENIED),
                row(
                        "a client that requires consent, with it",
                        consenting,
                        () -> applications.consented(consenting.get(), "openid enterprise-connect"),
                        Outcome.TOKEN),
                row(
                        "a client that requires consent, which was withdrawn",
                        consenting,
                        () -> applications.consentWithdrawn(consenting.get()),
                        Outcome.BAD_TOKEN));
    }

    /** A consumer whose tokens all bear this claim. */
    private Application acting(String clientId, String act, String... served) {
        applications.list(Map.of("clientId", clientId, "rights", List.of("member"), "actors", List.of(served)));
        return applications.create(clientId, Map.of("protocolMappers", actorMapper(act)), Map.of());
    }

    private static List<Map<String, Object>> actorMapper(String act) {
        return List.of(Map.of(
                "name",
                "actor",
                "protocol",
                "openid-connect",
                "protocolMapper",
                "oidc-hardcoded-claim-mapper",
                "config",
                Map.of(
                        "claim.name",
                        "act",
                        "claim.value",
                        act,
                        "jsonType.label",
                        "JSON",
                        "access.token.claim",
                        "true")));
    }

    @Test
    void who_has_acted_is_in_the_events_of_both_doors_and_beside_the_last_use() {
        // Of a token that was served Keycloak keeps the event only where a realm says so.
        realm.admin()
                .put(
                        "/admin/realms/" + realm.name() + "/events/config",
                        Map.of(
                                "eventsEnabled",
                                true,
                                "enabledEventTypes",
                                List.of("TOKEN_EXCHANGE", "IDENTITY_PROVIDER_RETRIEVE_TOKEN")))
                .expect(204);
        Application assistant =
                acting("assistant-app", "{\"client_id\":\"assistant\",\"act\":{\"sub\":\"before\"}}", "assistant");
        String token = applications.token(assistant);
        for (TokenDoor door : TokenDoor.values()) {
            Outcome.TOKEN.assertIs(door.ask(assistant, token, NOTHING), door);
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(realm.admin()
                        .get(
                                "/admin/realms/" + realm.name()
                                        + "/events?client=assistant-app&type=TOKEN_EXCHANGE&type=IDENTITY_PROVIDER_RETRIEVE_TOKEN")
                        .expect(200)
                        .json())
                .hasSize(2)
                .allSatisfy(event -> {
                    assertThat(event.at("/details/actor").asText()).isEqualTo("assistant");
                    assertThat(event.at("/details/prior_actors").asText()).isEqualTo("before");
                }));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        realm.member(realm.userNamed(MARIA)).get("uses"))
                .anySatisfy(use -> {
                    assertThat(use.get("clientId").asText()).isEqualTo("assistant-app");
                    assertThat(use.path("actor").asText()).isEqualTo("assistant");
                    assertThat(use.path("actedAt").asText()).isNotEmpty();
                }));
    }

    private Application app() {
        return applications.calendarApp();
    }

    private static Supplier<Application> once(Supplier<Application> application) {
        List<Application> made = new ArrayList<>();
        return () -> {
            if (made.isEmpty()) {
                made.add(application.get());
            }
            return made.get(0);
        };
    }

    private static ECKey newKey() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyID("key")
                    .keyUse(KeyUse.SIGNATURE)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] newCertificate(String subject) {
        try {
            long now = System.currentTimeMillis();
            return Objects.requireNonNull(X509Certificate.generateSelfSignedCertificate(
                                    SignatureAlgorithmIdentifier.SHA_256_WITH_RSA,
                                    PublicKeyAlgorithmIdentifier.RSA,
                                    2048,
                                    new DN(subject),
                                    now - Duration.ofHours(1).toMillis(),
                                    now + Duration.ofHours(1).toMillis())
                            .getFirst())
                    .getX509CertificateBytes();
        } catch (LDAPException | CertException e) {
            throw new IllegalStateException(e);
        }
    }
}
