package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application gets when it asks for a member's token. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenIT {
    private static final Duration LONG = Duration.ofMinutes(3);

    private final AdminClient admin;
    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final ConnectedRealm realm;

    TokenIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.admin = admin;
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(TokenIT.class), true);
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    private static String address(String name) {
        return name + "@" + name + ".test";
    }

    private String organization(String name) {
        String organization = realm.organization(name, name + ".test");
        realm.link(organization, name + ".test");
        return organization;
    }

    /** A member whose delegation was granted, with an access token for the consumer. */
    private record Granted(Member member, String organization, Tokens tokens) {}

    private Granted granted(String name) {
        String organization = organization(name);
        Member member = realm.member(organization, name, address(name));
        Tokens tokens = member.signIn();
        return new Granted(member.awaitState("granted"), organization, tokens);
    }

    /** A granted member whose token has expired; the next ones live long. */
    private Granted expired(String name) {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Granted member = granted(name);
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        member.member().awaitAge(Duration.ofSeconds(1));
        return member;
    }

    private static void awaitPast(Instant time) {
        await().atMost(LONG).until(() -> Instant.now().isAfter(time));
    }

    private Answer ask(Granted member) {
        return member.member().token(member.tokens());
    }

    private static void assertRefused(Answer answer, int status, String error) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("error").asText()).isEqualTo(error);
        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
        assertThat(answer.json().has("access_token")).isFalse();
    }

    private static String accessToken(Answer answer) {
        JsonNode json = answer.expect(200).json();
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.text()).doesNotContain("refresh");
        return json.get("access_token").asText();
    }

    private int refreshes(String refreshed) {
        return (int) cronofy.refreshes().stream()
                .filter(request -> refreshed.equals(request.parameter("refresh_token")))
                .count();
    }

    /** The calendars that the simulator shows to whoever has this token. */
    private Answer calendars(String accessToken) {
        return Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars"))
                .header("Authorization", "Bearer " + accessToken)
                .GET());
    }

    @Test
    void a_fresh_token_is_handed_out_and_works() {
        Granted member = granted("fresh");
        int refreshes = cronofy.refreshes().size();

        Answer answer = ask(member);

        String token = accessToken(answer);
        assertThat(answer.json().get("token_type").asText()).isEqualTo("Bearer");
        assertThat(answer.json().get("expires_in").asLong()).isBetween(1L, 10_800L);
        assertThat(answer.json().get("mailbox").asText()).isEqualTo(address("fresh"));
        assertThat(answer.json().get("api_url").asText())
                .isEqualTo(simulator.baseUri().toString());
        JsonNode grant = cronofy.grant(address("fresh")).orElseThrow();
        assertThat(answer.json().get("sub").asText()).isEqualTo(grant.get("sub").asText());
        JsonNode calendars = calendars(token).expect(200).json().get("calendars");
        assertThat(calendars.findValuesAsText("profile_name")).containsExactly(address("fresh"));
        assertThat(accessToken(ask(member))).isEqualTo(token);
        assertThat(cronofy.refreshes()).hasSize(refreshes);
    }

    @Test
    void many_who_ask_at_once_cause_one_refresh_and_too_many_of_them_are_told_to_come_back() throws Exception {
        Granted member = expired("parallel");
        int refreshes = cronofy.refreshes().size();
        simulator.addFault(
                AtCronofy.onToken("\"grant_type\":\"refresh_token\"").hang().build());
        ExecutorService callers = Executors.newFixedThreadPool(20);
        try {
            List<CompletableFuture<Answer>> asked = IntStream.range(0, 20)
                    .mapToObj(caller -> CompletableFuture.supplyAsync(() -> ask(member), callers))
                    .toList();
            await().atMost(LONG)
                    .until(() ->
                            asked.stream().filter(CompletableFuture::isDone).count() == 8);
            simulator.clearFaults();

            List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
            List<Answer> refused =
                    answers.stream().filter(answer -> answer.status() != 200).toList();
            assertThat(refused).hasSize(8).allSatisfy(answer -> {
                assertRefused(answer, 503, "temporarily_unavailable");
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            });
            assertThat(answers.stream()
                            .filter(answer -> answer.status() == 200)
                            .map(TokenIT::accessToken)
                            .distinct())
                    .hasSize(1);
        } finally {
            callers.shutdownNow();
        }
        assertThat(cronofy.refreshes()).hasSize(refreshes + 1);
    }

    @ParameterizedTest
    @EnumSource(Choice.Refresh.class)
    void a_refresh_token_is_replaced_as_cronofy_does(Choice.Refresh mode) {
        String name = mode.written().replace('_', '-');
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        simulator.change(Switch.REFRESH, mode);
        Granted member = granted(name);
        member.member().awaitAge(Duration.ofSeconds(1));
        int before = cronofy.refreshes().size();

        String first = accessToken(ask(member));
        awaitPast(Instant.now().plusSeconds(1));
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        String second = accessToken(ask(member));

        assertThat(second).isNotEqualTo(first);
        calendars(second).expect(200);
        List<ReceivedRequest> refreshes = cronofy.refreshes();
        assertThat(refreshes).hasSize(before + 2);
        String original = String.valueOf(refreshes.get(before).parameter("refresh_token"));
        assertThat(refreshes(original)).isEqualTo(mode == Choice.Refresh.KEEP ? 2 : 1);
    }

    @Test
    void a_member_whose_authorization_is_gone_is_delegated_anew_by_himself() {
        Granted member = expired("gone");
        String sub = cronofy.grant(address("gone")).orElseThrow().get("sub").asText();
        assertThat(simulator.revokeBySub(sub)).isTrue();

        assertRefused(ask(member), 409, "reauthorization_required");

        member.member().awaitState("granted");
        calendars(accessToken(ask(member))).expect(200);
        assertThat(cronofy.asks(address("gone"))).hasSize(2);
    }

    @Test
    void in_place_of_a_token_that_cronofy_does_not_know_any_more_the_application_gets_one_that_works() {
        Granted member = granted("rejected");
        String rejected = accessToken(ask(member));
        String sub = cronofy.grant(address("rejected")).orElseThrow().get("sub").asText();
        String refreshToken = simulator.refreshTokens(sub).get(0);
        simulator.expireAccessTokens();
        calendars(rejected).expect(401);
        assertThat(accessToken(ask(member))).isEqualTo(rejected);

        String another = accessToken(report(member, rejected));

        calendars(another).expect(200);
        assertThat(accessToken(report(member, rejected))).isEqualTo(another);
        assertThat(accessToken(ask(member))).isEqualTo(another);
        assertThat(refreshes(refreshToken)).isEqualTo(1);
    }

    @Test
    void a_rejected_token_that_cannot_be_refreshed_now_ends_nothing() {
        Granted member = granted("unlucky");
        String rejected = accessToken(ask(member));
        simulator.addFault(AtCronofy.onToken("\"grant_type\":\"refresh_token\"")
                .status(503)
                .build());

        Answer answer = report(member, rejected);

        assertRefused(answer, 503, "temporarily_unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(member.member().state()).isEqualTo("granted");
    }

    private Answer report(Granted member, String rejected) {
        return realm.token(member.tokens().accessToken(), rejected);
    }

    @Test
    void a_service_account_that_was_revoked_is_noticed_once_and_its_members_start_no_storm() {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        String organization = organization("storm");
        Map<Member, Tokens> members = new HashMap<>();
        for (int i = 0; i < 8; i++) {
            String name = "storm-" + i;
            Member member = realm.member(organization, name, name + "@storm.test");
            members.put(member, member.signIn());
        }
        members.keySet().forEach(member -> member.awaitState("granted"));
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        awaitPast(Instant.now().plusSeconds(1));
        String serviceAccount =
                cronofy.grant("storm.test").orElseThrow().get("sub").asText();
        List<String> refreshToken = simulator.refreshTokens(serviceAccount);
        assertThat(simulator.revokeBySub(serviceAccount)).isTrue();
        int refreshes = cronofy.refreshes().size();
        int asks = simulator.requests("POST", AtCronofy.ASK).size();

        askUntil(members, () -> "needs_authorization"
                .equals(realm.link(organization).get("state").asText()));
        askUntil(members, () -> members.keySet().stream().allMatch(TokenIT::ended));
        members.values().forEach(tokens -> realm.token(tokens.accessToken()));

        assertThat(cronofy.refreshes()).hasSize(refreshes + members.size() + 1);
        assertThat(refreshes(refreshToken.get(0))).isEqualTo(1);
        assertThat(simulator.requests("POST", AtCronofy.ASK)).hasSizeLessThanOrEqualTo(asks + members.size());
        assertThat(members.values())
                .allSatisfy(tokens ->
                        assertThat(realm.token(tokens.accessToken()).status()).isNotEqualTo(200));

        realm.authorize(new Browser(), realm.invite(organization), "storm.test");
        askUntil(members, () -> members.keySet().stream().noneMatch(TokenIT::ended));
    }

    private static boolean ended(Member member) {
        return !member.state().equals("granted");
    }

    /** The application asks for all of them, again and again. */
    private void askUntil(Map<Member, Tokens> members, Callable<Boolean> done) {
        await().atMost(LONG).until(() -> {
            members.values().forEach(tokens -> realm.token(tokens.accessToken()));
            return done.call();
        });
    }

    @Test
    void a_request_without_a_token_is_invalid() {
        Answer answer = Answer.to(Answer.form(
                HttpRequest.newBuilder(realm.resource("token")),
                "POST",
                realm.consumer().authenticated(Map.of())));

        assertRefused(answer, 400, "invalid_request");
        assertRefused(realm.token(""), 400, "invalid_request");
    }

    @Test
    void a_delegation_on_its_way_is_pending() {
        Member pending = realm.member(organization("pending"), "pending", address("pending"));
        simulator.change(Switch.CALLBACK_DROPPED, List.of(address("pending")));

        Answer answer = pending.token();

        assertRefused(answer, 409, "delegation_pending");
        assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElse("0")))
                .isPositive();
    }

    @Test
    void a_member_of_an_unlinked_organization_has_no_token() {
        Granted member = granted("unlinked");
        admin.delete(realm.api("links/" + member.organization())).expect(204);

        assertRefused(ask(member), 404, "not_delegated");
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(cronofy.live("unlinked.test")).isFalse();
            assertThat(cronofy.live(address("unlinked"))).isFalse();
        });
    }

    @Test
    void a_member_of_a_disabled_organization_is_denied() {
        Granted member = granted("frozen");
        String path = "/admin/realms/" + realm.name() + "/organizations/" + member.organization();
        ObjectNode organization = (ObjectNode) admin.get(path).expect(200).json();
        admin.put(path, organization.put("enabled", false)).expect(204);

        assertRefused(ask(member), 403, "access_denied");

        admin.put(path, organization.put("enabled", true)).expect(204);
        accessToken(ask(member));
    }

    @Test
    void a_member_who_has_left_has_no_token() {
        Granted member = granted("left");
        admin.delete("/admin/realms/" + realm.name() + "/organizations/" + member.organization() + "/members/"
                        + member.member().id())
                .expect(204);

        assertRefused(ask(member), 404, "not_delegated");
    }

    @Test
    void a_member_whose_address_is_no_longer_verified_is_denied() {
        Granted member = granted("doubtful");
        change(member, "emailVerified", false);

        assertRefused(ask(member), 403, "access_denied");
    }

    @Test
    void a_member_whose_address_went_to_another_domain_is_denied() {
        Granted member = granted("moved");
        change(member, "email", "moved@elsewhere.test");

        assertRefused(ask(member), 403, "access_denied");
    }

    @Test
    void a_member_whose_address_changed_gets_the_new_mailbox_and_never_the_old() {
        Granted member = granted("renamed");
        change(member, "email", "other@renamed.test");

        assertRefused(ask(member), 409, "delegation_pending");

        await().atMost(LONG).untilAsserted(() -> assertThat(
                        ask(member).expect(200).json().get("mailbox").asText())
                .isEqualTo("other@renamed.test"));
        await().atMost(LONG).untilAsserted(() -> assertThat(cronofy.live(address("renamed")))
                .isFalse());
        assertThat(cronofy.live("other@renamed.test")).isTrue();
    }

    private void change(Granted member, String property, Object value) {
        String path =
                "/admin/realms/" + realm.name() + "/users/" + member.member().id();
        Map<String, Object> user = new HashMap<>();
        admin.get(path).expect(200).json().properties().forEach(entry -> user.put(entry.getKey(), entry.getValue()));
        user.put(property, value);
        admin.put(path, user).expect(204);
    }
}
