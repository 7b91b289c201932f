package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Eve is a member herself and has clients whose mappers write what she likes into her tokens. She shows these to
 * consumers, whom she cannot impersonate, and never gets Alice's calendar, unless every claim is Alice's.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForgedTokensIT {
    private static final String ALICE = "alice";
    private static final String EVE = "eve";
    private static final String DOMAIN = "forged.test";
    private static final Map<String, String> NO_HEADERS = Map.of();
    private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final Applications applications;
    private final ECKey key = newKey();
    private final Map<Kind, Application> consumers = new EnumMap<>(Kind.class);
    private final Map<Kind, JsonNode> alices = new EnumMap<>(Kind.class);
    private String alice = "";
    private int serial;

    ForgedTokensIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.realm =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ForgedTokensIT.class), true);
        this.applications = new Applications(server, admin, realm, ALICE);
    }

    /** Every kind of token that Keycloak issues to people. */
    enum Kind {
        PLAIN("", "openid"),
        PAIRWISE("", "openid"),
        LIGHTWEIGHT("client.use.lightweight.access.token.enabled", "openid"),
        DPOP("dpop.bound.access.tokens", "openid"),
        EXCHANGED("standard.token.exchange.enabled", "openid"),
        OFFLINE("", "openid offline_access");

        private final String attribute;
        private final String scope;

        /** @param attribute of a client that has such tokens, which is true then */
        Kind(String attribute, String scope) {
            this.attribute = attribute;
            this.scope = scope;
        }

        Map<String, String> attributes() {
            return attribute.isEmpty() ? Map.of() : Map.of(attribute, "true");
        }

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What comes of it. */
    enum Outcome {
        /** The calendar of whom the session belongs to and who asked. */
        ALICE_HERSELF,
        EVE_HERSELF,
        /** No check can tell it from Alice's own; the realm warns of how such tokens come about. */
        NAMES_ALICE_THROUGHOUT,
        BAD_TOKEN,
        SERVICE_ACCOUNT
    }

    /** A token that is made when its turn comes, and the consumer that it is shown to. */
    record Row(String what, Kind shownTo, Supplier<String> token, Outcome outcome) {
        @Override
        public String toString() {
            return what + ": " + outcome;
        }
    }

    @BeforeAll
    void connectBoth() {
        String organization = realm.organization("forged", DOMAIN);
        realm.link(organization, DOMAIN);
        Member first = realm.member(organization, ALICE, ALICE + "@" + DOMAIN);
        Member second = realm.member(organization, EVE, EVE + "@" + DOMAIN);
        first.signIn();
        second.connect();
        alice = first.awaitState("granted").id();
        for (Kind kind : Kind.values()) {
            String clientId = "consumer-" + kind.id();
            Application consumer = applications.consumer(clientId, Map.of(), kind.attributes());
            consumers.put(kind, consumer);
            if (kind == Kind.PAIRWISE) {
                addMapper(clientId, pairwise());
            }
            if (kind == Kind.LIGHTWEIGHT) {
                addMapper(clientId, mapper("subject", "oidc-sub-mapper", Map.of()));
            }
            // Tokens that Keycloak exchanges belong to a session in which the client takes no part.
            if (kind != Kind.EXCHANGED) {
                alices.put(kind, signIn(consumer, ALICE, kind).claims());
            }
        }
        alices.put(
                Kind.EXCHANGED, applications.tokens(applications.calendarApp()).claims());
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("rows")
    void nobody_is_served_to_another(Row row, TokenDoor door) {
        Application consumer = consumer(row.shownTo());
        String token = row.token().get();

        Answer answer =
                door.ask(consumer, token, proof(row.shownTo(), door.uri(consumer), door == TokenDoor.OWN ? token : ""));

        switch (row.outcome()) {
            case ALICE_HERSELF -> assertServed(answer, ALICE);
            case EVE_HERSELF -> assertServed(answer, EVE);
            case NAMES_ALICE_THROUGHOUT -> {
                assertServed(answer, ALICE);
                assertThat(warnings()).contains("strangers_choose_mappers");
            }
            case BAD_TOKEN -> {
                assertThat(answer.json().path("error").asText())
                        .as(answer.text())
                        .isEqualTo(door == TokenDoor.OWN ? "invalid_token" : "invalid_grant");
                assertThat(answer.status()).isEqualTo(door == TokenDoor.OWN ? 401 : 400);
            }
            case SERVICE_ACCOUNT -> {
                assertThat(answer.json().path("error").asText())
                        .as(answer.text())
                        .isEqualTo("access_denied");
            }
        }
    }

    private static void assertServed(Answer answer, String owner) {
        assertThat(answer.expect(200).json().get("mailbox").asText()).isEqualTo(owner + "@" + DOMAIN);
    }

    Stream<Arguments> rows() {
        return table().stream().flatMap(row -> Stream.of(TokenDoor.values()).map(door -> Arguments.of(row, door)));
    }

    private List<Row> table() {
        List<Row> rows = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            rows.addAll(rowsOf(kind));
        }
        rows.addAll(more());
        return rows;
    }

    private List<Row> rowsOf(Kind kind) {
        boolean unbound = kind == Kind.EXCHANGED;
        return List.of(
                new Row(kind.id() + ", Alice's own", kind, () -> honest(kind), Outcome.ALICE_HERSELF),
                row(kind, Outcome.BAD_TOKEN, Claim.SID),
                row(kind, unbound ? Outcome.EVE_HERSELF : Outcome.BAD_TOKEN, Claim.AZP),
                row(kind, Outcome.BAD_TOKEN, Claim.AZP, Claim.SID),
                row(kind, Outcome.BAD_TOKEN, Claim.AUD, Claim.SID),
                row(kind, Outcome.BAD_TOKEN, Claim.AZP, Claim.SUB),
                row(kind, Outcome.NAMES_ALICE_THROUGHOUT, Claim.AZP, Claim.SID, Claim.SUB));
    }

    /** What a mapper of Eve's says in place of the truth: the consumer's id, Alice's session, Alice's subject there. */
    enum Claim {
        AZP,
        AUD,
        SID,
        SUB
    }

    private Row row(Kind kind, Outcome outcome, Claim... forged) {
        return new Row(
                kind.id() + ", Eve's with a false " + String.join(", ", names(forged)),
                kind,
                () -> eves(kind, kind, forged),
                outcome);
    }

    private static List<String> names(Claim... claims) {
        return Arrays.stream(claims)
                .map(claim -> claim.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private List<Row> more() {
        return List.of(
                new Row(
                        "lightweight, shown to a consumer whose tokens are not",
                        Kind.PLAIN,
                        () -> eves(Kind.LIGHTWEIGHT, Kind.PLAIN, Claim.AZP, Claim.SID),
                        Outcome.BAD_TOKEN),
                new Row(
                        "pairwise, shown to a consumer whose tokens are not",
                        Kind.PLAIN,
                        () -> eves(Kind.PAIRWISE, Kind.PLAIN, Claim.AZP, Claim.SID),
                        Outcome.BAD_TOKEN),
                new Row(
                        "exchanged, for Alice's session at a lightweight consumer",
                        Kind.LIGHTWEIGHT,
                        () -> eves(Kind.EXCHANGED, Kind.LIGHTWEIGHT, Claim.AZP, Claim.SID),
                        Outcome.BAD_TOKEN),
                new Row("plain, without a subject", Kind.PLAIN, this::nameless, Outcome.BAD_TOKEN),
                new Row(
                        "lightweight, Alice's own without a subject",
                        Kind.LIGHTWEIGHT,
                        this::namelessOfAlice,
                        Outcome.BAD_TOKEN),
                new Row("plain, of a client where Alice signed in", Kind.PLAIN, this::shared, Outcome.BAD_TOKEN),
                new Row(
                        "a service account's with a false azp, sub",
                        Kind.PLAIN,
                        this::serviceAccount,
                        Outcome.SERVICE_ACCOUNT),
                new Row(
                        "a service account's with a false azp, sub, exchanged",
                        Kind.PLAIN,
                        this::exchangedServiceAccount,
                        Outcome.BAD_TOKEN),
                new Row(
                        "an outsider's client that she registered, her names as azp, sid",
                        Kind.PLAIN,
                        this::registered,
                        Outcome.BAD_TOKEN));
    }

    @Test
    void the_rows_that_no_check_can_tell_are_these() {
        assertThat(table())
                .filteredOn(row -> row.outcome() == Outcome.NAMES_ALICE_THROUGHOUT)
                .extracting(Row::what)
                .containsExactly(
                        "plain, Eve's with a false azp, sid, sub",
                        "pairwise, Eve's with a false azp, sid, sub",
                        "lightweight, Eve's with a false azp, sid, sub",
                        "dpop, Eve's with a false azp, sid, sub",
                        "exchanged, Eve's with a false azp, sid, sub",
                        "offline, Eve's with a false azp, sid, sub");
    }

    @Test
    void the_warning_ends_when_strangers_may_choose_no_mapper_that_writes_claims() {
        String other = realm.name() + "-closed";
        admin.createRealm(other, Map.of());
        try {
            String status = "/admin/realms/" + other + "/enterprise-connect/status";
            admin.put("/admin/realms/" + other + "/enterprise-connect/settings", realm.settings())
                    .expect(204);
            assertThat(codes(admin.get(status).expect(200).json())).contains("strangers_choose_mappers");

            for (JsonNode policy : admin.components(other)) {
                if (policy.path("providerId").asText().equals("allowed-protocol-mappers")) {
                    ((ObjectNode) policy)
                            .putObject("config")
                            .putArray("allowed-protocol-mapper-types")
                            .add("oidc-full-name-mapper")
                            .add("oidc-sha256-pairwise-sub-mapper");
                    admin.put(
                                    "/admin/realms/" + other + "/components/"
                                            + policy.get("id").asText(),
                                    policy)
                            .expect(204);
                }
            }

            assertThat(codes(admin.get(status).expect(200).json())).isEmpty();
        } finally {
            admin.deleteRealm(other);
        }
    }

    private Set<String> warnings() {
        return codes(admin.get(realm.api("status")).expect(200).json());
    }

    private static Set<String> codes(JsonNode status) {
        Set<String> codes = new TreeSet<>();
        status.get("warnings").forEach(warning -> codes.add(warning.get("code").asText()));
        return codes;
    }

    private Application consumer(Kind kind) {
        return Objects.requireNonNull(consumers.get(kind));
    }

    /** A token of Alice's that the consumer itself has got for her. */
    private String honest(Kind kind) {
        Application consumer = consumer(kind);
        return kind == Kind.EXCHANGED
                ? exchanged(consumer, ALICE)
                : signIn(consumer, ALICE, kind).accessToken();
    }

    /** A token of Eve's, of a new client of hers. */
    private String eves(Kind kind, Kind shownTo, Claim... forged) {
        Application client = client(kind, Map.of(), claims(shownTo, forged));
        return kind == Kind.EXCHANGED
                ? exchanged(client, EVE)
                : signIn(client, EVE, kind).accessToken();
    }

    private Map<String, String> claims(Kind shownTo, Claim... forged) {
        Map<String, String> claims = new TreeMap<>();
        JsonNode genuine = Objects.requireNonNull(alices.get(shownTo));
        for (Claim claim : forged) {
            claims.put(
                    claim.name().toLowerCase(Locale.ROOT),
                    switch (claim) {
                        case AZP, AUD -> consumer(shownTo).clientId();
                        case SID -> genuine.get("sid").asText();
                        case SUB -> genuine.path("sub").asText(alice);
                    });
        }
        return claims;
    }

    /** A client whose mappers write these claims into every access token. */
    private Application client(Kind kind, Map<String, Object> properties, Map<String, String> claims) {
        List<Map<String, Object>> mappers = new ArrayList<>();
        claims.forEach((claim, value) -> mappers.add(mapper(
                claim,
                "oidc-hardcoded-claim-mapper",
                Map.of("claim.name", claim, "claim.value", value, "jsonType.label", "String"))));
        // What writes the subject last has the last word.
        if (kind == Kind.PAIRWISE && !claims.containsKey("sub")) {
            mappers.add(pairwise());
        }
        serial++;
        Map<String, Object> all = new HashMap<>(properties);
        all.put("protocolMappers", mappers);
        return applications.create("eves-" + serial, all, kind.attributes());
    }

    private static Map<String, Object> pairwise() {
        return mapper("pairwise", "oidc-sha256-pairwise-sub-mapper", Map.of("pairwiseSubAlgorithmSalt", "salt"));
    }

    private static Map<String, Object> mapper(String name, String type, Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("access.token.claim", "true");
        all.put("lightweight.claim", "true");
        return Map.of("name", name, "protocol", "openid-connect", "protocolMapper", type, "config", all);
    }

    private void addMapper(String clientId, Map<String, Object> mapper) {
        String id = admin.get("/admin/realms/" + realm.name() + "/clients?clientId=" + clientId)
                .json()
                .at("/0/id")
                .asText();
        admin.post("/admin/realms/" + realm.name() + "/clients/" + id + "/protocol-mappers/models", mapper)
                .expect(201);
    }

    /** What the client gets from Keycloak for a token of another client that names it. */
    private String exchanged(Application client, String username) {
        serial++;
        String portal = "portal-" + serial;
        Application named = applications.create(portal, Map.of(), Map.of());
        applications.nameInAudience(portal, client.clientId());
        return exchangedFor(signIn(named, username, Kind.PLAIN).accessToken(), client);
    }

    private static String exchangedFor(String token, Application client) {
        return Tokens.of(client.post(
                        client.tokenEndpoint(),
                        Map.of(
                                "grant_type",
                                EXCHANGE,
                                "subject_token",
                                token,
                                "subject_token_type",
                                TokenDoor.ACCESS_TOKEN),
                        NO_HEADERS))
                .accessToken();
    }

    /** A token from a client without the scope that adds the subject. */
    private String nameless() {
        Application client = client(
                Kind.PLAIN,
                Map.of("defaultClientScopes", List.of("profile", "email")),
                claims(Kind.PLAIN, Claim.AZP, Claim.SID));
        return signIn(client, EVE, Kind.PLAIN).accessToken();
    }

    /** What Keycloak leaves out of lightweight tokens, while nobody has it added, vouches for nobody. */
    private String namelessOfAlice() {
        Application client = client(
                Kind.LIGHTWEIGHT,
                Map.of(),
                Map.of("aud", consumer(Kind.LIGHTWEIGHT).clientId()));
        return signIn(client, ALICE, Kind.LIGHTWEIGHT).accessToken();
    }

    /** Alice uses Eve's client, too, so that it takes part in her session. */
    private String shared() {
        Application client =
                client(Kind.PLAIN, Map.of(), Map.of("aud", consumer(Kind.PLAIN).clientId()));
        String sid = signIn(client, ALICE, Kind.PLAIN).claims().get("sid").asText();
        addMapper(
                client.clientId(),
                mapper(
                        "sid",
                        "oidc-hardcoded-claim-mapper",
                        Map.of("claim.name", "sid", "claim.value", sid, "jsonType.label", "String")));
        return signIn(client, EVE, Kind.PLAIN).accessToken();
    }

    private String serviceAccount() {
        return applications.serviceAccount(client(Kind.PLAIN, Map.of(), claims(Kind.PLAIN, Claim.AZP, Claim.SUB)));
    }

    private String exchangedServiceAccount() {
        Application first = client(Kind.PLAIN, Map.of(), Map.of("sub", alice));
        Application second = client(Kind.EXCHANGED, Map.of(), claims(Kind.PLAIN, Claim.AZP));
        applications.nameInAudience(first.clientId(), second.clientId());
        return exchangedFor(applications.serviceAccount(first), second);
    }

    /** As Keycloak's own policies allow it: no right but an initial access token, and the account console. */
    private String registered() {
        serial++;
        String name = "mallory-" + serial;
        String id = realm.user(name, name + "@elsewhere.test").id();
        Map<String, String> claims = claims(Kind.PLAIN, Claim.AZP, Claim.SID);
        admin.put(
                        "/admin/realms/" + realm.name() + "/users/" + id,
                        Map.of(
                                "username",
                                name,
                                "email",
                                name + "@elsewhere.test",
                                "emailVerified",
                                true,
                                "firstName",
                                claims.get("azp"),
                                "lastName",
                                claims.get("sid")))
                .expect(204);
        String initial = admin.post(
                        "/admin/realms/" + realm.name() + "/clients-initial-access",
                        Map.of("count", 1, "expiration", 60))
                .json()
                .get("token")
                .asText();
        String clientId = "registered-" + serial;
        Answer.to(HttpRequest.newBuilder(URI.create(applications.realmUri() + "/clients-registrations/default"))
                        .header("Authorization", "Bearer " + initial)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(Answer.write(Map.of(
                                "clientId",
                                clientId,
                                "secret",
                                Applications.SECRET,
                                "directAccessGrantsEnabled",
                                true,
                                "protocolMappers",
                                List.of(property("firstName", "azp"), property("lastName", "sid")))))))
                .expect(201);
        Application client = Application.withSecret(applications.realmUri(), clientId, Applications.SECRET);
        return signIn(client, name, Kind.PLAIN).accessToken();
    }

    private static Map<String, Object> property(String property, String claim) {
        return mapper(
                claim,
                "oidc-usermodel-property-mapper",
                Map.of("user.attribute", property, "claim.name", claim, "jsonType.label", "String"));
    }

    private Tokens signIn(Application client, String username, Kind kind) {
        return client.signIn(username, ConnectedRealm.PASSWORD, kind.scope, proof(kind, client.tokenEndpoint(), ""));
    }

    /** Only where tokens are bound: Keycloak binds every token that is asked for with one. */
    private Map<String, String> proof(Kind kind, URI uri, String token) {
        return kind == Kind.DPOP ? PossessionProof.header(key, uri, token) : NO_HEADERS;
    }

    private static ECKey newKey() {
        try {
            return new ECKeyGenerator(Curve.P_256).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
