package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.Member;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.Tokens;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Each thing that can go wrong at Cronofy, once, at each call that is made there: what the caller is told, what state
 * it leaves, and when and how it is tried again. Whatever is tried again succeeds, so nothing is lost. What slows everybody
 * of the application down cannot happen beside the others; see {@code SlowingDownTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailuresIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int SHORTEST_PAUSE = 2;

    /** How long a service account's token lives: a link has to be made meanwhile. */
    private static final int TOKEN_SECONDS = 5;

    /**
     * The whole table. What the columns are about:
     *
     * <ul>
     *   <li>refresh: a member's refresh that an application waits for: what it is told, then where the member stands
     *   <li>redeem: a member's code: the reason in the history, what is sent next, where it ends
     *   <li>ask: asking for a member: likewise
     *   <li>renew: the service account's refresh before asking: the member's reason and state, then the link's state
     *   <li>code, userinfo: linking: the page that the administrator sees; the link stays as it was
     *   <li>revoke: how many requests it takes until Cronofy has accepted it
     * </ul>
     */
    private static final String TABLE = """
            failure                     | refresh           | redeem                      | ask                        | renew                          | code                   | userinfo               | revoke
            invalid_grant               | gone, granted     | authorization_gone, anew    | unavailable, granted       | link_not_active, refused, needs_authorization | codeGone | temporarilyUnavailable | 2
            invalid_client_400          | 60 s, granted     | misconfigured, again        | unavailable, granted       | misconfigured, granted, active | misconfigured          | temporarilyUnavailable | 2
            invalid_client_401          | 60 s, granted     | misconfigured, again        | none, granted              | misconfigured, granted, active | misconfigured          | codeGone               | 2
            invalid_request             | 60 s, granted     | misconfigured, again        | unavailable, granted       | misconfigured, granted, active | misconfigured          | temporarilyUnavailable | 2
            unsupported_grant_type      | 60 s, granted     | misconfigured, again        | unavailable, granted       | misconfigured, granted, active | misconfigured          | temporarilyUnavailable | 2
            unreadable_400              | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            empty_401                   | 60 s, granted     | misconfigured, again        | none, granted              | misconfigured, granted, active | misconfigured          | codeGone               | 2
            status_402                  | 60 s, granted     | misconfigured, again        | misconfigured, granted     | misconfigured, granted, active | misconfigured          | misconfigured          | 2
            status_403                  | 60 s, granted     | misconfigured, again        | refused_by_cronofy, granted | misconfigured, granted, active | misconfigured         | misconfigured          | 2
            status_404                  | 1 s, granted      | unavailable, again          | refused_by_cronofy, granted | unavailable, granted, active  | temporarilyUnavailable | misconfigured          | 2
            status_410                  | 1 s, granted      | unavailable, again          | refused_by_cronofy, granted | unavailable, granted, active  | temporarilyUnavailable | misconfigured          | 2
            status_422                  | 1 s, granted      | unavailable, again          | refused_by_cronofy, refused | unavailable, granted, active  | temporarilyUnavailable | misconfigured          | 2
            status_423                  | 1 s, granted      | unavailable, again          | refused_by_cronofy, granted | unavailable, granted, active  | temporarilyUnavailable | misconfigured          | 2
            status_500                  | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            status_502                  | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            status_503                  | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            status_504                  | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            redirect                    | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            unreadable_200              | 1 s, granted      | unavailable, again          | accepted                   | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 1
            empty_200                   | 1 s, granted      | unavailable, again          | accepted                   | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 1
            connection_lost             | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            no_answer_in_time           | 1 s, granted      | unavailable, again          | unavailable, granted       | unavailable, granted, active   | temporarilyUnavailable | temporarilyUnavailable | 2
            """;

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final AtCronofy cronofy = new AtCronofy(simulator);
    private final KeycloakServer server = ConnectedRealm.extendedServer(simulator)
            .options(
                    "--spi-enterprise-connect--default--most-waiting-requests=" + Failure.values().length,
                    // As an operator may have it: nobody but us repeats our requests all the same.
                    "--spi-connections-http-client--default--max-retries=3",
                    "--spi-connections-http-client--default--initial-backoff-millis=100")
            .start();
    private final AdminClient admin = AdminClient.of(server);
    private final ConnectedRealm realm =
            ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(FailuresIT.class), true);
    private final ExecutorService threads = Executors.newFixedThreadPool(Failure.values().length);
    private Each<String> organizations = Each.of(failure -> "");
    private String together = "";

    /** One thing for each failure. */
    private record Each<T>(Map<Failure, T> things) {
        static <T> Each<T> of(Function<Failure, T> making) {
            Map<Failure, T> made = new EnumMap<>(Failure.class);
            for (Failure failure : Failure.values()) {
                made.put(failure, making.apply(failure));
            }
            return new Each<>(made);
        }

        T of(Failure failure) {
            return Objects.requireNonNull(things.get(failure));
        }

        void forEach(BiConsumer<Failure, T> what) {
            things.forEach(what);
        }
    }

    /** One organization for each failure, and one in which all members are asked for at once. */
    @BeforeAll
    void link() {
        simulator.change(Switch.SERVICE_ACCOUNT_TOKEN_SECONDS, TOKEN_SECONDS);
        simulator.change(Switch.USER_TOKEN_SECONDS, 1);
        organizations = Each.of(failure -> {
            String organization = realm.organization(failure.word(), domain(failure));
            realm.link(organization, domain(failure));
            return organization;
        });
        together = realm.organization("together", "together.test");
        realm.link(together, "together.test");
    }

    @AfterAll
    void stop() {
        threads.shutdownNow();
        server.close();
        simulator.close();
    }

    private static String domain(Failure failure) {
        return failure.word() + ".test";
    }

    /** What the table says of one call. */
    private static Map<Failure, String> column(String call) {
        List<List<String>> lines = TABLE.lines()
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .toList();
        int column = lines.get(0).indexOf(call);
        assertThat(column).isPositive();
        return lines.stream()
                .skip(1)
                .collect(Collectors.toMap(
                        line -> Failure.valueOf(line.get(0).toUpperCase(Locale.ROOT)),
                        line -> line.get(column),
                        (one, other) -> {
                            throw new IllegalStateException(one + " and " + other);
                        },
                        () -> new EnumMap<>(Failure.class)));
    }

    /** Watches what comes of every failure, all at the same time. */
    private void assertObserved(String call, Function<Failure, String> watching) {
        Each<CompletableFuture<String>> watched =
                Each.of(failure -> CompletableFuture.supplyAsync(() -> watching.apply(failure), threads));
        Map<Failure, String> observed =
                Each.of(failure -> watched.of(failure).join()).things();
        assertThat(observed).isEqualTo(column(call));
    }

    private Member member(String organization, String name, String domain) {
        return realm.member(organization, name, name + "@" + domain);
    }

    /**
     * The first reason in the member's history, and that nothing was sent for a while then.
     */
    private String firstReason(Failure failure, Member member) {
        List<JsonNode> history = new ArrayList<>();
        member.standing().get("history").forEach(entry -> history.add(0, entry));
        for (int i = 0; i < history.size(); i++) {
            if (history.get(i).has("reason")) {
                if (i + 1 < history.size()) {
                    Instant failed = Instant.parse(history.get(i).get("at").asText());
                    Instant next = Instant.parse(history.get(i + 1).get("at").asText());
                    assertThat(Duration.between(failed, next))
                            .as("%s of %s", failure, history)
                            .isGreaterThanOrEqualTo(Duration.ofSeconds(SHORTEST_PAUSE));
                }
                return history.get(i).get("reason").asText();
            }
        }
        return "none";
    }

    @Test
    void what_goes_wrong_when_a_member_is_asked_for() {
        Each<Member> members = Each.of(failure -> {
            Member member = member(organizations.of(failure), "ask-" + failure.word(), domain(failure));
            simulator.addFault(failure.once(AtCronofy.onAsk("\"" + member.address() + "\"")));
            signInAndAwaitTheAsk(member);
            return member;
        });

        assertObserved("ask", failure -> {
            Member member = members.of(failure);
            await().atMost(PATIENCE)
                    .until(() -> settled(member) || (failure.name().endsWith("_200") && accepted(member)));
            String state = member.state();
            if (state.equals("asked")) {
                return "accepted";
            }
            if (state.equals("refused")) {
                assertThat(Instant.parse(member.standing().get("nextAttemptAt").asText()))
                        .isAfter(Instant.now().plus(Duration.ofMinutes(20)));
            }
            return firstReason(failure, member) + ", " + state;
        });
    }

    /**
     * One after the other, since all at once would exceed what the application may send in a second, on a fast machine.
     */
    private static void signInAndAwaitTheAsk(Member member) {
        member.signIn();
        await().atMost(PATIENCE).until(() -> !member.state().equals("none"));
    }

    private boolean settled(Member member) {
        return List.of("granted", "refused").contains(member.state());
    }

    /** Cronofy has taken the ask by its word; its callback is awaited. */
    private boolean accepted(Member member) {
        return cronofy.asks(member.address()).stream().anyMatch(ask -> ask.status() == 200)
                && member.state().equals("asked");
    }

    @Test
    void what_goes_wrong_when_the_service_account_s_tokens_are_renewed() {
        awaitExpiry(TOKEN_SECONDS);
        Each<Member> renewing = Each.of(failure -> {
            String sub = cronofy.grant(domain(failure)).orElseThrow().get("sub").asText();
            Member member = member(organizations.of(failure), "renew-" + failure.word(), domain(failure));
            simulator.refreshTokens(sub).forEach(token -> simulator.addFault(failure.once(AtCronofy.onToken(token))));
            signInAndAwaitTheAsk(member);
            return member;
        });

        assertObserved("renew", failure -> {
            Member member = renewing.of(failure);
            await().atMost(PATIENCE).until(() -> settled(member));
            return firstReason(failure, member) + ", " + member.state() + ", "
                    + realm.link(organizations.of(failure)).get("state").asText();
        });
    }

    @Test
    void what_goes_wrong_when_a_member_s_code_is_redeemed() {
        Each<Member> redeeming = Each.of(failure -> member(together, "redeem-" + failure.word(), "together.test"));
        // Answers that are not believed are sent again, so that they can be held back until all is ready.
        simulator.change(Switch.CALLBACK_RETRY_MAX_MILLIS, 500);
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        redeeming.forEach((failure, member) -> member.signIn());
        Each<URI> urls = Each.of(failure -> {
            String address = redeeming.of(failure).address();
            await().atMost(PATIENCE).until(() -> !cronofy.asks(address).isEmpty());
            URI url = cronofy.callbackUrl(address);
            simulator.addFault(failure.once(AtCronofy.onToken("\"" + url + "\"")));
            return url;
        });
        simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.VALID);

        assertObserved("redeem", failure -> {
            Member member = redeeming.of(failure);
            member.awaitState("granted");
            boolean anew = cronofy.asks(member.address()).size() > 1;
            boolean again = cronofy.exchanges(urls.of(failure)).size() > 1;
            assertThat(anew).isNotEqualTo(again);
            return firstReason(failure, member) + ", " + (anew ? "anew" : "again");
        });
    }

    @Test
    void what_goes_wrong_when_a_member_s_tokens_are_refreshed_and_then_revoked() {
        Each<Member> refreshing = Each.of(failure -> member(together, "refresh-" + failure.word(), "together.test"));
        Each<Tokens> tokens = Each.of(failure -> refreshing.of(failure).signIn());
        refreshing.forEach((failure, member) -> member.awaitState("granted"));
        awaitExpiry(1);
        refreshing.forEach((failure, member) ->
                refreshTokens(member).forEach(token -> simulator.addFault(failure.once(AtCronofy.onToken(token)))));

        assertObserved("refresh", failure -> {
            Answer answer = realm.token(tokens.of(failure).accessToken());
            boolean gone = answer.status() == 409;
            String said = gone
                    ? "gone"
                    : answer.expect(503).headers().firstValue("Retry-After").orElse("") + " s";
            if (gone) {
                refreshing.of(failure).awaitState("granted");
            }
            return said + ", " + refreshing.of(failure).state();
        });
        tokens.forEach((failure, token) -> await().atMost(PATIENCE)
                .until(() -> realm.token(token.accessToken()).status() == 200));

        Each<List<String>> doomed = Each.of(failure -> {
            Member member = refreshing.of(failure);
            List<String> known = refreshTokens(member);
            known.forEach(token -> simulator.addFault(failure.once(AtCronofy.onRevoke(token))));
            admin.delete(realm.api("users/" + member.id() + "/delegation")).expect(204);
            return known;
        });
        assertObserved("revoke", failure -> {
            String sent = doomed.of(failure).get(doomed.of(failure).size() - 1);
            await().atMost(PATIENCE).until(() -> delivered(refreshing.of(failure)));
            return String.valueOf(cronofy.revocations(sent).size());
        });
    }

    private List<String> refreshTokens(Member member) {
        return simulator.refreshTokens(
                cronofy.grant(member.address()).orElseThrow().get("sub").asText());
    }

    private boolean delivered(Member member) {
        JsonNode page = admin.get(realm.api("revocations?link=" + together + "&max=100"))
                .expect(200)
                .json();
        for (JsonNode revocation : page.get("revocations")) {
            if (revocation.path("user").asText().equals(member.id())) {
                return revocation.get("state").asText().equals("delivered");
            }
        }
        throw new AssertionError("no revocation of " + member.username() + " in " + page);
    }

    /** That what was handed out before now, to live for so long, has expired. */
    private static void awaitExpiry(int seconds) {
        Instant expired = Instant.now().plusSeconds(seconds);
        await().atMost(PATIENCE).until(() -> Instant.now().isAfter(expired));
    }

    @Test
    void what_goes_wrong_when_a_service_account_s_code_is_redeemed() {
        String organization = realm.organization("code", "code.test");

        assertOutcomes("code", organization, failure -> AtCronofy.onToken("redirect_uri"), failure -> {});
    }

    @Test
    void what_goes_wrong_when_a_service_account_is_looked_up() {
        String organization = realm.organization("userinfo", "userinfo.test");

        // What was authorized is given back before the next begins, also lest the allowance be spent.
        assertOutcomes("userinfo", organization, failure -> Fault.on("GET", "/v1/userinfo"), failure -> await().atMost(
                        PATIENCE)
                .until(() -> !cronofy.live("userinfo-" + domain(failure))));
    }

    /** One after the other, since one link is being authorized. */
    private void assertOutcomes(
            String call, String organization, Function<Failure, Fault.Builder> at, Consumer<Failure> settle) {
        Map<Failure, String> observed = new EnumMap<>(Failure.class);
        for (Failure failure : Failure.values()) {
            // Not once only: Keycloak's HTTP client may repeat by itself what only reads.
            simulator.addFault(failure.always(at.apply(failure)));
            Page page = realm.authorize(new Browser(), realm.invite(organization), call + "-" + domain(failure));
            observed.put(failure, ConnectedRealm.outcome(page));
            simulator.clearFaults();
            settle.accept(failure);
            assertThat(realm.link(organization).get("state").asText())
                    .as("%s", observed)
                    .isEqualTo("unlinked");
        }
        assertThat(observed).isEqualTo(column(call));
    }
}
