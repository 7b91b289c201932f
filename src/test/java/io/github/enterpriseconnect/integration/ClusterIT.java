package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.Cluster;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Crowd;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What members and applications notice of it that Keycloak is two nodes on one PostgreSQL: nothing. */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterIT {
    private static final Duration LONG = Duration.ofMinutes(3);

    /** What a killed node has begun is taken on by others once it can no longer come back with what it got; seldom all of it. */
    private static final Duration UNTIL_NOBODY_WAITS_FOR_THE_DEAD = Duration.ofMinutes(25);

    /** How often what depends on the moment is tried. */
    private static final int ROUNDS = 5;

    private static final int CALLERS = 200;

    /** By 503 until the removal has been judged, or if the refresh was let hang for so long that it was given up. */
    private static final List<Integer> NOT_SERVED = List.of(401, 403, 404, 409, 503);

    private static final List<Integer> NOT_SERVED_OR_JUST_BEFORE = List.of(200, 401, 403, 404, 409, 503);

    private final Simulator simulator;
    private final AtCronofy cronofy;
    private final Cluster cluster;
    private final AdminClient admin;
    private final ConnectedRealm realm;
    private final ConnectedRealm atSecond;

    ClusterIT(Simulator simulator) {
        this.simulator = simulator;
        this.cronofy = new AtCronofy(simulator);
        this.cluster = Cluster.start(2, () -> ConnectedRealm.server(simulator));
        this.admin = AdminClient.of(cluster.first());
        this.realm = ConnectedRealm.create(
                cluster.first(), admin, simulator, AdminClient.newRealmName(ClusterIT.class), true);
        this.atSecond = realm.at(cluster.second());
    }

    @AfterEach
    void calm() {
        cronofy.calm();
    }

    @AfterAll
    void stop() {
        cluster.close();
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
    private record Granted(String id, String mailbox, String accessToken) {}

    private Granted granted(String organization, String name, String mailbox) {
        String id = realm.member(organization, name, mailbox).id();
        String accessToken = signIn(realm, name);
        awaitGranted(id);
        return new Granted(id, mailbox, accessToken);
    }

    /** A granted member whose token has expired; the next ones live long. */
    private Granted expired(String name) {
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        Granted member = granted(organization(name), name, address(name));
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        awaitExpiry(member);
        return member;
    }

    /** If its token lives for a second. */
    private void awaitExpiry(Granted member) {
        Instant expiry = Instant.parse(
                        realm.member(member.id()).get("grantedAt").asText())
                .plusSeconds(1);
        await().atMost(LONG).until(() -> Instant.now().isAfter(expiry));
    }

    private void awaitGranted(String user) {
        await().atMost(LONG).untilAsserted(() -> {
            JsonNode member = realm.member(user);
            assertThat(member.get("state").asText()).as("%s", member).isEqualTo("granted");
        });
    }

    private static String signIn(ConnectedRealm node, String username) {
        return node.consumer().directGrant(username, ConnectedRealm.PASSWORD).accessToken();
    }

    private ConnectedRealm node(int caller) {
        return caller % 2 == 0 ? realm : atSecond;
    }

    private static String calendarToken(Answer answer) {
        return answer.expect(200).json().get("access_token").asText();
    }

    /** The calendars that the simulator shows to whoever has this token. */
    private Answer calendars(String calendarToken) {
        return Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/v1/calendars"))
                .header("Authorization", "Bearer " + calendarToken)
                .GET());
    }

    @Test
    void two_hundred_callers_who_wait_for_a_slow_cronofy_cause_one_refresh_and_keep_nobody_from_signing_in() {
        Granted member = expired("crowd");
        realm.user("passerby", "passerby@nowhere.test");
        atBoth(node -> node.signIn("passerby"));
        int before = cronofy.refreshes().size();
        // It answers by itself: a refresh that a busy test let hang for long would rightly be given up and sent again.
        simulator.addFault(refreshes().after(Duration.ofSeconds(3)).build());

        try (Crowd crowd = Crowd.asking(CALLERS, caller -> node(caller).token(member.accessToken()))) {
            await().atMost(LONG).until(() -> cronofy.refreshes().size() > before);
            atBoth(node ->
                    assertThat(node.signIn("passerby").tokens().accessToken()).isNotEmpty());

            assertThat(tokens(crowd)).hasSize(1).allSatisfy(token -> calendars(token)
                    .expect(200));
        }
        assertThat(cronofy.refreshes()).hasSize(before + 1);
    }

    @Test
    void two_hundred_callers_who_report_the_same_token_as_rejected_cause_one_refresh() {
        Granted member = granted(organization("reported"), "reported", address("reported"));
        String rejected = calendarToken(realm.token(member.accessToken()));
        int before = cronofy.refreshes().size();
        simulator.addFault(refreshes().after(Duration.ofSeconds(3)).build());

        try (Crowd crowd = Crowd.asking(CALLERS, caller -> node(caller).token(member.accessToken(), rejected))) {
            assertThat(tokens(crowd)).hasSize(1).doesNotContain(rejected).allSatisfy(token -> calendars(token)
                    .expect(200));
        }
        assertThat(cronofy.refreshes()).hasSize(before + 1);
    }

    /** However long that takes, and with the pages of a sign-in. */
    @Test
    void sign_ins_by_browser_at_both_nodes_go_on_while_two_hundred_callers_wait_for_a_hanging_cronofy() {
        Granted member = expired("patient");
        realm.user("visitor", "visitor@nowhere.test");
        simulator.addFault(refreshes().hang().build());

        try (Crowd crowd = Crowd.asking(CALLERS, caller -> node(caller).token(member.accessToken()))) {
            await().atMost(LONG).until(() -> crowd.sentAway() > 0);
            atBoth(node ->
                    assertThat(node.signIn("visitor").tokens().accessToken()).isNotEmpty());
            assertThat(crowd.served()).isZero();
            simulator.clearFaults();

            assertThat(tokens(crowd)).hasSize(1).allSatisfy(token -> calendars(token)
                    .expect(200));
        }
    }

    /**
     * A refresh that Cronofy carries out while the node that asked for it is killed.
     *
     * @param fault by which it hangs at the simulator until the node is dead
     * @param later by which those hang that are sent meanwhile: on a busy machine it takes so long to get there that
     *     the refresh is given up, after eight seconds, or its claim runs out, after twenty
     */
    private record Lost(Choice.Refresh way, Granted member, int fault, int later, ReceivedRequest refresh) {}

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class WhenTheRefreshingNodeIsKilled {
        private final List<Lost> all = new ArrayList<>();
        private final Map<Choice.Refresh, Integer> sentMeanwhile = new EnumMap<>(Choice.Refresh.class);
        private final Map<Choice.Refresh, List<String>> served = new EnumMap<>(Choice.Refresh.class);

        @BeforeAll
        void kill() {
            Map<Choice.Refresh, Granted> members = new EnumMap<>(Choice.Refresh.class);
            for (Choice.Refresh way : Choice.Refresh.values()) {
                members.put(way, expired("killed-" + way.written().replace('_', '-')));
            }
            members.forEach((way, member) -> all.add(begin(way, member)));
            Map<Choice.Refresh, Crowd> crowds = new EnumMap<>(Choice.Refresh.class);
            all.forEach(lost ->
                    crowds.put(lost.way(), Crowd.asking(CALLERS, caller -> askALivingNode(caller, lost.member()))));
            await().atMost(LONG).until(() -> crowds.values().stream().allMatch(crowd -> crowd.sentAway() > 0));

            cluster.second().kill();
            all.forEach(this::carryOut);
            cluster.restart(cluster.second());
            crowds.forEach((way, crowd) -> {
                try (crowd) {
                    served.put(way, tokens(crowd));
                }
            });
        }

        private Lost begin(Choice.Refresh way, Granted member) {
            int before = cronofy.refreshes().size();
            String refreshToken = refreshToken(member);
            int fault = simulator.addFault(
                    AtCronofy.onToken(refreshToken).hang().times(1).build());
            int later =
                    simulator.addFault(AtCronofy.onToken(refreshToken).hang().build());
            CompletableFuture<Answer> unused =
                    CompletableFuture.supplyAsync(() -> atSecond.token(member.accessToken()));
            await().atMost(LONG).until(() -> cronofy.refreshes().size() > before);
            return new Lost(way, member, fault, later, cronofy.refreshes().get(before));
        }

        private String refreshToken(Granted member) {
            String sub =
                    cronofy.grant(member.mailbox()).orElseThrow().get("sub").asText();
            return simulator.refreshTokens(sub).get(0);
        }

        /** First the one that is lost, and then whatever was sent meanwhile. */
        private void carryOut(Lost lost) {
            simulator.change(Switch.REFRESH, lost.way());
            assertThat(simulator.clearFault(lost.fault())).isTrue();
            await().atMost(LONG).until(() -> like(lost.refresh()).get(0).status() == 200);
            simulator.change(Switch.REFRESH, Switch.REFRESH.initial());
            assertThat(simulator.clearFault(lost.later())).isTrue();
            sentMeanwhile.put(lost.way(), like(lost.refresh()).size() - 1);
        }

        private Answer askALivingNode(int caller, Granted member) {
            try {
                return node(caller).token(member.accessToken());
            } catch (UncheckedIOException killed) {
                return realm.token(member.accessToken());
            }
        }

        private List<ReceivedRequest> like(ReceivedRequest refresh) {
            return cronofy.refreshes().stream()
                    .filter(request -> request.body().equals(refresh.body()))
                    .toList();
        }

        @ParameterizedTest
        @EnumSource(Choice.Refresh.class)
        void one_more_refresh_makes_good_what_was_lost_or_else_the_member_is_delegated_anew(Choice.Refresh way) {
            Lost lost = all.stream().filter(one -> one.way() == way).findFirst().orElseThrow();

            assertThat(served.get(way)).hasSize(1).allSatisfy(token -> calendars(token)
                    .expect(200));

            boolean dead = way == Choice.Refresh.ROTATE_AND_INVALIDATE;
            List<Integer> sent =
                    like(lost.refresh()).stream().map(ReceivedRequest::status).toList();
            assertThat(sent.get(0)).isEqualTo(200);
            // Who sent one meanwhile may have given it up, too, just before it was carried out. What is refused is sent
            // again once nobody can come any more with what it was exchanged for.
            assertThat(sent.subList(1, sent.size()))
                    .containsOnly(dead ? 400 : 200)
                    .hasSizeBetween(1, Objects.requireNonNull(sentMeanwhile.get(way)) + (dead ? 2 : 1));
            assertThat(cronofy.asks(lost.member().mailbox())).hasSize(dead ? 2 : 1);
            assertThat(realm.member(lost.member().id()).get("state").asText()).isEqualTo("granted");
        }
    }

    @Test
    void a_kill_switch_that_is_thrown_at_one_node_stops_the_other_at_its_next_call() {
        String organization = organization("stopped");
        Granted member = granted(organization, "stopped", address("stopped"));

        for (String which :
                List.of("suspension", "links/" + organization + "/suspension", "consumers/calendar-app/suspension")) {
            admin.put(realm.api(which), null).expect(204);
            assertThat(atSecond.token(member.accessToken()).status()).as(which).isEqualTo(403);

            admin.delete(realm.api(which)).expect(204);
            atSecond.token(member.accessToken()).expect(200);
        }
    }

    @Test
    void a_kill_switch_may_be_thrown_and_lifted_at_both_nodes_at_once() {
        Granted member = granted(organization("twice"), "twice", address("twice"));

        String consumer = realm.api("consumers/calendar-app/suspension");
        for (int i = 0; i < ROUNDS; i++) {
            atBoth(node -> node.admin().put(consumer, null).expect(204));
            atBoth(node -> node.token(member.accessToken()).expect(403));

            atBoth(node -> node.admin().delete(consumer).expect(204));
            atBoth(node -> node.token(member.accessToken()).expect(200));
        }
    }

    @Test
    void a_journey_may_go_on_at_the_other_node_after_every_step() {
        String organization = realm.organization("journey", "journey.test");
        atSecond.link(organization, "journey.test");
        String id = realm.member(organization, "journey", address("journey")).id();
        String accessToken = realm.signIn("journey").tokens().accessToken();

        awaitGranted(id);
        assertThat(atSecond.member(id).get("state").asText()).isEqualTo("granted");
        calendars(calendarToken(atSecond.token(accessToken))).expect(200);
        int before = revocations();

        atSecond.unlink(organization);

        assertThat(realm.token(accessToken).status()).isEqualTo(404);
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(cronofy.live("journey.test")).isFalse();
            assertThat(cronofy.live(address("journey"))).isFalse();
            assertThat(outcomes(organization)).containsExactlyInAnyOrder("delivered", "with_service_account");
        });
        assertThat(revocations()).isEqualTo(before + 1);
    }

    @Test
    void a_new_member_who_signs_in_at_both_nodes_at_once_is_asked_for_once() {
        String organization = organization("double");
        for (int i = 0; i < ROUNDS; i++) {
            String name = "double-" + i;
            String mailbox = name + "@double.test";
            String id = realm.member(organization, name, mailbox).id();

            atBoth(node -> signIn(node, name));

            awaitGranted(id);
            assertThat(cronofy.asks(mailbox)).hasSize(1);
            assertThat(realm.member(id).get("history").findValuesAsText("state"))
                    .containsExactly("granted", "asked");
        }
    }

    /** The last ones have not been written anywhere by us when the node goes: their sessions tell of them. */
    @Test
    void whoever_signed_in_right_before_the_node_was_killed_is_asked_for_without_another_sign_in() {
        String organization = organization("lost");
        List<String> members = IntStream.range(0, ROUNDS)
                .mapToObj(i -> realm.member(organization, "lost-" + i, "lost-" + i + "@lost.test")
                        .id())
                .toList();
        try {
            IntStream.range(0, ROUNDS).forEach(i -> signIn(atSecond, "lost-" + i));
            cluster.second().kill();

            members.forEach(this::awaitGranted);
        } finally {
            cluster.restart(cluster.second());
        }
        IntStream.range(0, ROUNDS).forEach(i -> assertThat(cronofy.asks("lost-" + i + "@lost.test"))
                .hasSize(1));
    }

    @Test
    void a_member_whose_delegation_has_just_come_in_at_the_other_node_is_not_told_that_it_has_ended() {
        String organization = organization("new");
        for (int i = 0; i < ROUNDS; i++) {
            String name = "new-" + i;
            realm.member(organization, name, name + "@new.test");
            String accessToken = signIn(atSecond, name);

            await().pollInterval(Duration.ofMillis(10)).atMost(LONG).until(() -> {
                Answer answer = atSecond.token(accessToken);
                assertThat(answer.json().path("error").asText())
                        .as(answer.text())
                        .isIn("", "delegation_pending");
                return answer.status() == 200;
            });
        }
    }

    @Test
    void who_goes_while_the_other_node_refreshes_is_gone_and_leaves_nothing_alive_at_cronofy() {
        String organization = organization("going");
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        List<Granted> members = IntStream.range(0, 2 * ROUNDS)
                .mapToObj(i -> granted(organization, "going-" + i, "going-" + i + "@going.test"))
                .toList();
        simulator.change(Switch.USER_TOKEN_SECONDS, Switch.USER_TOKEN_SECONDS.initial());
        awaitExpiry(members.get(members.size() - 1));

        for (int i = 0; i < members.size(); i++) {
            Granted member = members.get(i);
            int before = cronofy.refreshes().size();
            boolean caught = i < ROUNDS;
            if (caught) {
                simulator.addFault(refreshes().hang().build());
            }
            CompletableFuture<Answer> refreshed =
                    CompletableFuture.supplyAsync(() -> atSecond.token(member.accessToken()));
            if (caught) {
                await().atMost(LONG).until(() -> cronofy.refreshes().size() > before);
            }
            String place = i % 2 == 0 ? "/users/" : "/organizations/" + organization + "/members/";
            admin.delete("/admin/realms/" + realm.name() + place + member.id()).expect(204);
            simulator.clearFaults();

            assertThat(refreshed.join().status())
                    .as(refreshed.join().text())
                    .isIn(caught ? NOT_SERVED : NOT_SERVED_OR_JUST_BEFORE);
            assertThat(atSecond.token(member.accessToken()).status()).isIn(NOT_SERVED);
        }

        await().atMost(LONG).untilAsserted(() -> {
            assertThat(members).noneMatch(member -> cronofy.live(member.mailbox()));
            assertThat(outcomes(organization)).containsOnly("delivered").hasSizeGreaterThanOrEqualTo(members.size());
        });
    }

    @Test
    void members_of_one_organization_who_are_removed_at_both_nodes_at_once_are_each_revoked_once() {
        String organization = organization("leaving");
        List<Granted> members = IntStream.range(0, 2 * ROUNDS)
                .mapToObj(i -> granted(organization, "leaving-" + i, "leaving-" + i + "@leaving.test"))
                .toList();
        int before = revocations();

        List<CompletableFuture<Answer>> removals = IntStream.range(0, members.size())
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> node(i).admin()
                        .delete("/admin/realms/" + realm.name() + "/users/"
                                + members.get(i).id())))
                .toList();

        assertThat(removals).allSatisfy(removal -> removal.join().expect(204));
        await().atMost(LONG).untilAsserted(() -> assertThat(outcomes(organization))
                .hasSize(members.size())
                .containsOnly("delivered"));
        assertThat(members).noneMatch(member -> cronofy.live(member.mailbox()));
        assertThat(revocations()).isEqualTo(before + members.size());
    }

    /** Cronofy has opened it, and the node that is to give it back is gone before it hears so. */
    @Test
    void a_mailbox_that_a_killed_node_has_just_opened_to_prove_a_link_is_asked_for_once_more_and_given_back() {
        String organization = organization("proof");
        String path = realm.api("links/" + organization + "/verification");
        Map<String, Object> settings = new HashMap<>(realm.settings());
        settings.put("publicUrl", cluster.second().baseUri().toString());
        admin.put(realm.api("settings"), settings).expect(204);
        try {
            int fault = simulator.addFault(
                    AtCronofy.onToken(cluster.second().baseUri().toString())
                            .hang()
                            .times(1)
                            .build());
            admin.post(path, Map.of("mailbox", "probe@proof.test")).expect(202);
            await().pollInterval(Duration.ofMillis(10))
                    .atMost(LONG)
                    .until(() -> !cronofy.asks("probe@proof.test").isEmpty()
                            && !cronofy.exchanges(cronofy.callbackUrl("probe@proof.test"))
                                    .isEmpty());
            cluster.second().kill();
            simulator.clearFault(fault);
            await().atMost(LONG).until(() -> cronofy.live("probe@proof.test"));
        } finally {
            admin.put(realm.api("settings"), realm.settings()).expect(204);
            cluster.restart(cluster.second());
        }

        await().atMost(UNTIL_NOBODY_WAITS_FOR_THE_DEAD).untilAsserted(() -> assertThat(
                        admin.get(path).expect(200).json().get("result").asText())
                .isEqualTo("proven"));
        await().atMost(UNTIL_NOBODY_WAITS_FOR_THE_DEAD).until(() -> !cronofy.live("probe@proof.test"));
        assertThat(cronofy.asks("probe@proof.test")).hasSize(2);
        assertThat(outcomes(organization)).containsExactly("delivered");
        assertThat(cronofy.live("proof.test")).isTrue();
    }

    @Test
    void members_move_to_another_service_account_and_are_served_at_both_nodes_while_one_is_killed_and_comes_back() {
        String organization = organization("moving");
        List<Granted> members = IntStream.range(0, 4 * ROUNDS)
                .mapToObj(i -> granted(organization, "moving-" + i, "moving-" + i + "@moving.test"))
                .toList();
        String former = realm.link(organization).get("serviceAccount").asText();
        int before = revocations();
        simulator.change(Switch.REAUTHORIZATION_KEEPS_SERVICE_ACCOUNT, false);
        simulator.change(Switch.SERVICE_ACCOUNTS_SHARE_SUB, false);
        simulator.change(Switch.CALLBACK_ORDER, Choice.Order.IN_ORDER);
        JsonNode invited = admin.post(realm.api("links/" + organization + "/invitations"), Map.of("replacement", true))
                .expect(201)
                .json();
        realm.authorize(new Browser(), URI.create(invited.get("url").asText()), "moving.test");

        awaitMoved(organization, members, 1);
        cluster.second().kill();
        try {
            awaitMoved(organization, members, members.size());
        } finally {
            cluster.restart(cluster.second());
        }

        await().atMost(UNTIL_NOBODY_WAITS_FOR_THE_DEAD).until(() -> !simulator.isLive(former));
        assertThat(revocations()).isEqualTo(before + 1);
        members.forEach(member -> atBoth(node ->
                calendars(calendarToken(node.token(member.accessToken()))).expect(200)));
    }

    /** At no moment is anybody without a token that works. */
    private void awaitMoved(String organization, List<Granted> members, int moved) {
        await().atMost(UNTIL_NOBODY_WAITS_FOR_THE_DEAD).until(() -> {
            members.forEach(member ->
                    calendars(calendarToken(realm.token(member.accessToken()))).expect(200));
            JsonNode replacement = admin.get(realm.api("links/" + organization + "/replacement"))
                    .expect(200)
                    .json();
            return "finished".equals(replacement.get("state").asText())
                    || replacement.get("counts").get("moved").asInt() >= moved;
        });
    }

    @Test
    void tokens_of_thousands_of_characters_survive() {
        Granted member = expired("long");
        String longToken = "a".repeat(10_000);
        simulator.addFault(refreshes()
                .status(200)
                .body(new ObjectMapper()
                        .valueToTree(Map.of(
                                "access_token",
                                longToken,
                                "refresh_token",
                                "r".repeat(10_000),
                                "token_type",
                                "bearer",
                                "expires_in",
                                10_800,
                                "scope",
                                "read_write")))
                .build());

        assertThat(calendarToken(atSecond.token(member.accessToken()))).isEqualTo(longToken);

        assertThat(calendarToken(realm.token(member.accessToken()))).isEqualTo(longToken);
    }

    private static Fault.Builder refreshes() {
        return AtCronofy.onToken("\"grant_type\":\"refresh_token\"");
    }

    /** Does it at both nodes at the same time. */
    private void atBoth(Consumer<ConnectedRealm> deed) {
        CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(() -> deed.accept(atSecond));
        deed.accept(realm);
        elsewhere.join();
    }

    /** The different tokens that they get. */
    private static List<String> tokens(Crowd crowd) {
        return crowd.answers().stream().map(ClusterIT::calendarToken).distinct().toList();
    }

    /** What has become of the orders to revoke what was delegated to the organization. */
    private List<String> outcomes(String organization) {
        return admin.get(realm.api("revocations?link=" + organization))
                .expect(200)
                .json()
                .findValuesAsText("state");
    }

    /** How many Cronofy has carried out. */
    private int revocations() {
        return (int) simulator.requests("POST", "/oauth/token/revoke").stream()
                .filter(request -> request.status() == 200)
                .count();
    }
}
