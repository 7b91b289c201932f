package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.OidcClient;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An OAuth library exchanges a user's token at Keycloak's token endpoint, and tells its user what came of it. What each
 * library makes of which answer is in {@code docs/applications.md}.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OAuthLibraryScenario {
    private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;
    private final URI issuer;
    private final String domain;
    private final String organization;
    private final Member maria;
    private final OidcClient unlisted;
    private int members;

    /** Every error of the token endpoint that is ours, by its code. */
    enum Refusal {
        INVALID_REQUEST,
        INVALID_SCOPE,
        INVALID_GRANT,
        UNAUTHORIZED_CLIENT,
        ACCESS_DENIED,
        NOT_DELEGATED,
        DELEGATION_PENDING,
        REAUTHORIZATION_REQUIRED,
        TEMPORARILY_UNAVAILABLE;

        String code() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether the answer says when to ask again. */
        boolean comesBack() {
            return this == DELEGATION_PENDING || this == TEMPORARILY_UNAVAILABLE;
        }
    }

    /**
     * What a library is to do.
     *
     * @param besides parameters that no exchange needs
     */
    record Task(URI issuer, String clientId, String clientSecret, String userToken, Map<String, String> besides) {
        URI tokenEndpoint() {
            return URI.create(issuer + "/protocol/openid-connect/token");
        }
    }

    /**
     * What a library tells its user: members of the answer, and its header {@code Retry-After}; empty what it does not tell.
     */
    record Told(Map<String, String> members, String retryAfter) {
        String member(String name) {
            return members.getOrDefault(name, "");
        }
    }

    OAuthLibraryScenario(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(getClass()), true);
        this.issuer = server.realm(realm.name());
        this.domain = getClass().getSimpleName().toLowerCase(Locale.ROOT) + ".test";
        this.organization = realm.linked("customer", domain, Map.of());
        this.maria = member("maria").connect();
        this.unlisted = admin.createConfidentialClient(
                realm.name(), "unlisted", "unlisted-secret", URI.create("http://127.0.0.1:9/callback"));
    }

    /** Has the library exchange a token, and asks it for all that it knows of the answer. */
    abstract Told exchange(Task task) throws Exception;

    /** Whether the library's user gets to know how long to wait. */
    abstract boolean tellsWhenToComeBack();

    /** The code by which the library's user learns that the client's authentication has failed. */
    abstract String codeOfAnUnknownClient();

    /** What the library's user gets of an answer besides the token. */
    abstract List<String> toldBesides();

    private Member member(String name) {
        String username = name + "-" + ++members;
        return realm.member(organization, username, username + "@" + domain);
    }

    private Member unverified() {
        String username = "unverified-" + ++members;
        String id = admin.createUser(realm.name(), username, username + "@" + domain, false, ConnectedRealm.PASSWORD);
        admin.addMember(realm.name(), organization, id);
        return new Member(realm, id, username, username + "@" + domain);
    }

    private Member stranger() {
        String username = "stranger-" + ++members;
        return realm.user(username, username + "@elsewhere.test");
    }

    /** A member whose calendar is connected, and whose token has expired. */
    private Member expired(String username) {
        simulator.change(Switch.USER_TOKEN_SECONDS, (int) SHORT_LIFE.toSeconds());
        Member member = member(username).connect();
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        member.awaitAge(SHORT_LIFE);
        return member;
    }

    Task task(Member member, Map<String, String> besides) {
        return task(member.signIn().accessToken(), besides);
    }

    private Task task(String userToken, Map<String, String> besides) {
        return new Task(issuer, ConnectedRealm.CONSUMER, ConnectedRealm.CONSUMER_SECRET, userToken, besides);
    }

    Member maria() {
        return maria;
    }

    /** Sees to it that the answer is this refusal. */
    Task task(Refusal refusal) {
        return switch (refusal) {
            case INVALID_REQUEST -> task(maria, Map.of("audience", ConnectedRealm.CONSUMER));
            case INVALID_SCOPE -> task(maria, Map.of("scope", "free_busy"));
            case INVALID_GRANT -> task("garbage", Map.of());
            case UNAUTHORIZED_CLIENT ->
                new Task(
                        issuer,
                        unlisted.clientId(),
                        "unlisted-secret",
                        unlisted.directGrant(maria.username(), ConnectedRealm.PASSWORD)
                                .accessToken(),
                        Map.of());
            case ACCESS_DENIED -> task(unverified(), Map.of());
            case NOT_DELEGATED -> task(stranger(), Map.of());
            case DELEGATION_PENDING -> {
                Member pending = member("pending");
                simulator.change(Switch.CALLBACK_DROPPED, List.of(pending.address()));
                yield task(pending, Map.of());
            }
            case REAUTHORIZATION_REQUIRED -> {
                Member gone = expired("gone");
                JsonNode grant = cronofy.grant(gone.address()).orElseThrow();
                assertThat(simulator.revokeBySub(grant.get("sub").asText())).isTrue();
                yield task(gone, Map.of());
            }
            case TEMPORARILY_UNAVAILABLE -> {
                Member outage = expired("outage");
                simulator.addFault(AtCronofy.onToken("\"grant_type\":\"refresh_token\"")
                        .status(503)
                        .build());
                yield task(outage, Map.of());
            }
        };
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @Test
    void the_library_exchanges_a_users_token_for_one_that_opens_the_calendar() throws Exception {
        Told told = exchange(task(maria, Map.of()));

        assertThat(told.member("error")).as("%s", told).isEmpty();
        assertThat(toldBesides())
                .allSatisfy(name -> assertThat(told.member(name)).as(name).isNotBlank());
        Answer calendars = Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars"))
                .header("Authorization", "Bearer " + told.member("access_token")));
        assertThat(calendars.expect(200).json().get("calendars").findValuesAsText("profile_name"))
                .containsExactly(maria.address());
    }

    @ParameterizedTest
    @EnumSource
    void the_library_tells_why_there_is_no_token(Refusal refusal) throws Exception {
        Told told = exchange(task(refusal));

        assertThat(told.member("error")).as("%s", told).isEqualTo(refusal.code());
        assertThat(told.member("error_description")).isNotBlank();
        assertThat(told.member("access_token")).isEmpty();
        assertThat(told.retryAfter().matches("[1-9][0-9]*")).isEqualTo(refusal.comesBack() && tellsWhenToComeBack());
    }

    @Test
    void the_library_tells_that_the_client_is_not_authenticated() throws Exception {
        Told told = exchange(new Task(
                issuer, ConnectedRealm.CONSUMER, "wrong", maria.signIn().accessToken(), Map.of()));

        assertThat(told.member("error")).as("%s", told).isEqualTo(codeOfAnUnknownClient());
    }

    /** That the client is not authenticated is Keycloak's to say. */
    @Test
    void no_error_of_the_token_endpoint_is_left_out() {
        List<String> described = OpenApi.published()
                .at("/components/schemas/ExchangeRefused/properties/error/enum")
                .valueStream()
                .map(JsonNode::asText)
                .filter(error -> !error.equals("invalid_client"))
                .toList();

        assertThat(Arrays.stream(Refusal.values()).map(Refusal::code)).containsExactlyInAnyOrderElementsOf(described);
    }
}
