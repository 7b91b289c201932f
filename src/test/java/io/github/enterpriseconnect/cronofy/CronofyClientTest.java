package io.github.enterpriseconnect.cronofy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against the simulator, with which it shares no code. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CronofyClientTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Application APPLICATION =
            new Application(DataCenter.DE, "client-id", Secret.of("client-secret"));
    private static final Secret ANY = Secret.of("any");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** What Cronofy permits in a second, less the tenth that is kept for revocations. */
    private final ScheduledExecutorService watchdog = Executors.newScheduledThreadPool(1);

    private final CloseableHttpClient http = HttpClients.createDefault();
    private @Nullable Simulator started;

    /** What the clients take the time to be; it stands still unless a test turns it. */
    private Instant now = START;

    @BeforeAll
    void start() {
        started = Simulator.start(0, "client-id", "client-secret");
    }

    @AfterEach
    void reset() {
        simulator().reset();
        now = START;
    }

    @AfterAll
    void stop() throws IOException {
        simulator().close();
        http.close();
        watchdog.shutdownNow();
    }

    private Simulator simulator() {
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return started;
    }

    /** A client of its own for each use. */
    private CronofyClient client() {
        URI base = simulator().baseUri();
        return new CronofyClient(() -> http, watchdog, JSON, new Hosts(base, base), () -> now);
    }

    /** Every call that answers with tokens or revokes, and every call that carries a bearer token. */
    enum Call {
        EXCHANGE("/oauth/token"),
        REFRESH("/oauth/token"),
        REVOKE("/oauth/token/revoke"),
        USERINFO("/v1/userinfo"),
        ASK("/v1/service_account_authorizations");

        private final String path;

        Call(String path) {
            this.path = path;
        }

        boolean oauth() {
            return path.startsWith("/oauth");
        }

        void make(Cronofy cronofy) throws CronofyException {
            switch (this) {
                case EXCHANGE -> cronofy.exchange(APPLICATION, Cronofy.CodeKind.DELEGATION, ANY, "https://id/callback");
                case REFRESH -> cronofy.refresh(APPLICATION, tokens(ANY), Purpose.AWAITED_REFRESH);
                case REVOKE -> cronofy.revoke(APPLICATION, ANY, "acc_1");
                case USERINFO -> cronofy.serviceAccount(APPLICATION, ANY);
                case ASK ->
                    cronofy.askDelegations(
                            APPLICATION,
                            ANY,
                            List.of(new Cronofy.Ask(new Mailbox("maria@customer.example"), ANY, "read_write")),
                            Purpose.ASK);
            }
        }
    }

    private static Tokens tokens(Secret refreshToken) {
        return new Tokens(ANY, refreshToken, "read_write", Instant.EPOCH, Instant.EPOCH);
    }

    static Stream<Arguments> statuses() {
        return Arrays.stream(Call.values())
                .flatMap(call -> Stream.of(
                        row(
                                call,
                                400,
                                "invalid_grant",
                                call.oauth() ? CronofyException.GrantGone.class : unavailable()),
                        row(call, 400, "invalid_client", call.oauth() ? misconfigured() : unavailable()),
                        row(call, 401, "invalid_client", call.oauth() ? misconfigured() : notRecognised()),
                        row(call, 400, "invalid_request", call.oauth() ? misconfigured() : unavailable()),
                        row(call, 400, null, unavailable()),
                        row(call, 401, null, call.oauth() ? misconfigured() : notRecognised()),
                        row(call, 402, null, misconfigured()),
                        row(call, 403, null, call.oauth() ? misconfigured() : refused()),
                        row(call, 404, null, call.oauth() ? unavailable() : refused()),
                        row(call, 410, null, call.oauth() ? unavailable() : refused()),
                        row(call, 422, null, call.oauth() ? unavailable() : refused()),
                        row(call, 423, null, call.oauth() ? unavailable() : refused()),
                        row(call, 301, null, unavailable()),
                        row(call, 418, null, unavailable()),
                        row(call, 429, null, notDone()),
                        row(call, 500, null, unavailable()),
                        row(call, 502, null, unavailable()),
                        row(call, 503, null, unavailable()),
                        row(call, 504, null, unavailable())));
    }

    private static Arguments row(
            Call call, int status, @Nullable String error, Class<? extends CronofyException> expected) {
        return Arguments.of(call, status, error, expected);
    }

    private static Class<? extends CronofyException> unavailable() {
        return CronofyException.Unavailable.class;
    }

    private static Class<? extends CronofyException> notDone() {
        return CronofyException.NotDone.class;
    }

    private static Class<? extends CronofyException> misconfigured() {
        return CronofyException.Misconfigured.class;
    }

    private static Class<? extends CronofyException> notRecognised() {
        return CronofyException.TokenNotRecognised.class;
    }

    private static Class<? extends CronofyException> refused() {
        return CronofyException.Refused.class;
    }

    @ParameterizedTest(name = "{0} answered {1} {2}: {3}")
    @MethodSource("statuses")
    void a_status_means_what_the_table_says(
            Call call, int status, @Nullable String error, Class<? extends CronofyException> expected) {
        ObjectNode body = JSON.createObjectNode();
        if (error != null) {
            body.put("error", error);
        }
        simulator().addFault(Fault.on("", call.path).status(status).body(body).build());

        CronofyException failure = catchThrowableOfType(CronofyException.class, () -> call.make(client()));

        assertThat(failure).isExactlyInstanceOf(expected);
        assertThat(failure).hasMessageContaining(String.valueOf(status)).hasMessageNotContaining("any");
    }

    @ParameterizedTest
    @MethodSource("calls")
    void an_unreachable_cronofy_is_unavailable(Call call) {
        simulator().addFault(Fault.on("", call.path).drop().build());

        assertThat(catchThrowableOfType(CronofyException.class, () -> call.make(client())))
                .isExactlyInstanceOf(CronofyException.Unavailable.class);
    }

    /** Nothing has left this server: the very same request is right and safe once more. */
    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:1", "https://127.0.0.1:%d"})
    void whoever_cannot_be_connected_to_has_done_nothing(String base) {
        URI nowhere = URI.create(
                String.format(Locale.ROOT, base, simulator().baseUri().getPort()));
        CronofyClient client = new CronofyClient(() -> http, watchdog, JSON, new Hosts(nowhere, nowhere), () -> now);

        for (Call call : List.of(Call.EXCHANGE, Call.REFRESH, Call.REVOKE, Call.ASK)) {
            assertThat(catchThrowableOfType(CronofyException.NotDone.class, () -> call.make(client)))
                    .as("%s", call)
                    .isNotNull()
                    .satisfies(failure -> assertThat(failure.held()).isFalse());
        }
    }

    /** As with Keycloak's own option for it, which repeats whatever fails. */
    @ParameterizedTest
    @EnumSource(names = {"EXCHANGE", "REFRESH", "REVOKE", "ASK"})
    void what_was_sent_is_not_repeated_though_the_operator_s_client_repeats_requests(Call call) throws IOException {
        simulator().addFault(Fault.on("", call.path).drop().build());
        URI base = simulator().baseUri();
        try (CloseableHttpClient repeating = HttpClients.custom()
                .setRetryHandler((failure, count, context) -> count <= 3)
                .build()) {
            CronofyClient client = new CronofyClient(() -> repeating, watchdog, JSON, new Hosts(base, base), () -> now);

            assertThat(catchThrowableOfType(CronofyException.class, () -> call.make(client)))
                    .isExactlyInstanceOf(CronofyException.Unavailable.class);
        }
        assertThat(simulator().requests("POST", call.path)).hasSize(1);
    }

    static Stream<Arguments> lifetimes() {
        return Stream.of(
                Arguments.of("60", 60L),
                Arguments.of("\"60\"", 60L),
                Arguments.of("31536000", 31_536_000L),
                Arguments.of("10000000000000000", 3_600L),
                Arguments.of("1e16", 3_600L),
                Arguments.of("99999999999999999999999999", 3_600L),
                Arguments.of("0", 3_600L),
                Arguments.of("-1", 3_600L),
                Arguments.of("null", 3_600L),
                Arguments.of("true", 3_600L),
                Arguments.of("{}", 3_600L),
                Arguments.of("\"soon\"", 3_600L));
    }

    @ParameterizedTest
    @MethodSource("lifetimes")
    void a_lifetime_out_of_range_counts_as_one_hour_and_costs_no_tokens(String said, long seconds) throws Exception {
        answerTokens("{\"access_token\": \"a\", \"refresh_token\": \"r\", \"sub\": \"acc_1\", \"expires_in\": " + said
                + "}");

        Tokens refreshed = client().refresh(APPLICATION, tokens(ANY), Purpose.REFRESH);
        Tokens exchanged = client().exchange(APPLICATION, Cronofy.CodeKind.DELEGATION, ANY, "https://id/callback")
                .tokens();

        assertThat(List.of(refreshed, exchanged)).allSatisfy(tokens -> {
            assertThat(tokens.refreshToken()).isEqualTo(Secret.of("r"));
            assertThat(tokens.expiresAt()).isEqualTo(now.plusSeconds(seconds));
        });
    }

    @Test
    void a_missing_lifetime_counts_as_one_hour() throws Exception {
        answerTokens("{\"access_token\": \"a\", \"refresh_token\": \"r\"}");

        assertThat(client().refresh(APPLICATION, tokens(ANY), Purpose.REFRESH).expiresAt())
                .isEqualTo(now.plusSeconds(3_600));
    }

    static Stream<Arguments> names() {
        String longest = "a".repeat(255);
        return Stream.of(
                Arguments.of("{\"sub\": \"" + longest + "\"}", longest),
                Arguments.of("{\"sub\": \"" + longest + "a\"}", null),
                Arguments.of("{\"sub\": \"acc\\u0000\"}", null),
                Arguments.of("{\"sub\": \"\\ud800\"}", null),
                Arguments.of("{\"sub\": \" \"}", null),
                Arguments.of("{\"sub\": {}}", null),
                Arguments.of("{\"sub\": 17}", "17"),
                Arguments.of("{\"sub\": null, \"account_id\": \"acc_2\"}", "acc_2"),
                Arguments.of("{\"sub\": \"acc\\u0000\", \"account_id\": \"acc_2\"}", "acc_2"),
                Arguments.of("{\"linking_profile\": \"maria\", \"sub\": \"acc_1\"}", "acc_1"),
                Arguments.of("{\"linking_profile\": {\"profile_name\": []}, \"sub\": \"acc_1\"}", "acc_1"));
    }

    /** What comes with the tokens is kept only where it can be kept, and costs no tokens where it cannot. */
    @ParameterizedTest
    @MethodSource("names")
    void a_name_that_cannot_be_kept_is_none_and_costs_no_tokens(String members, @Nullable String subject)
            throws Exception {
        answerTokens("{\"access_token\": \"a\", \"refresh_token\": \"r\", " + members.substring(1));

        Cronofy.Grant grant = client().exchange(APPLICATION, Cronofy.CodeKind.DELEGATION, ANY, "https://id/callback");

        assertThat(grant.subject()).isEqualTo(subject);
        assertThat(grant.tokens().refreshToken()).isEqualTo(Secret.of("r"));
    }

    @Test
    void of_the_scopes_those_are_kept_that_are_ones_and_as_many_as_fit() throws Exception {
        String many = IntStream.range(0, 1_000).mapToObj(i -> "scope" + i).collect(Collectors.joining(" "));
        answerTokens(
                "{\"access_token\": \"a\", \"refresh_token\": \"r\", \"scope\": \"read  wri\\u0000te " + many + "\"}");

        String scope =
                client().refresh(APPLICATION, tokens(ANY), Purpose.REFRESH).scope();

        assertThat(scope)
                .startsWith("read scope0 scope1 ")
                .doesNotContain("wri")
                .hasSizeBetween(980, 1_000);
    }

    @Test
    void a_refresh_token_without_an_access_token_is_kept_and_renewed_before_its_use() throws Exception {
        answerTokens("{\"refresh_token\": \"r\", \"access_token\": \"a\\nb\", \"sub\": \"acc_1\"}");

        Tokens refreshed = client().refresh(APPLICATION, tokens(ANY), Purpose.REFRESH);

        assertThat(refreshed.refreshToken()).isEqualTo(Secret.of("r"));
        assertThat(refreshed.freshness(now)).isEqualTo(Tokens.Freshness.EXPIRED);
    }

    /** Whoever knows what lives on the same authorization decides what becomes of it. */
    @Test
    void an_access_token_without_a_refresh_token_is_told_and_not_revoked_here() {
        answerTokens("{\"access_token\": \"lonely\", \"expires_in\": 60, \"sub\": \"acc_1\"}");

        assertThat(catchThrowableOfType(CronofyException.NotRenewable.class, () -> Call.EXCHANGE.make(client())))
                .satisfies(alone -> {
                    assertThat(alone.accessToken()).isEqualTo(Secret.of("lonely"));
                    assertThat(alone.subject()).isEqualTo("acc_1");
                });

        assertThat(simulator().requests("POST", "/oauth/token/revoke")).isEmpty();
    }

    private void answerUserinfo(String body) {
        simulator()
                .addFault(Fault.on("GET", "/v1/userinfo")
                        .status(200)
                        .body(JsonNodeFactory.instance.textNode(body))
                        .build());
    }

    private void answerTokens(String body) {
        simulator()
                .addFault(Fault.on("POST", "/oauth/token")
                        .status(200)
                        .body(JsonNodeFactory.instance.textNode(body))
                        .build());
    }

    static Stream<Call> calls() {
        return Arrays.stream(Call.values());
    }

    @Test
    void retry_after_is_honoured_in_seconds() {
        simulator()
                .addFault(Fault.on("POST", "/oauth/token")
                        .status(429)
                        .header("Retry-After", "7")
                        .build());

        CronofyException failure = catchThrowableOfType(CronofyException.class, () -> Call.REFRESH.make(client()));

        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void retry_after_is_honoured_as_a_date() {
        simulator()
                .addFault(Fault.on("POST", "/oauth/token")
                        .status(503)
                        .header("Retry-After", "Thu, 01 Jan 2026 00:01:30 GMT")
                        .build());

        CronofyException failure = catchThrowableOfType(CronofyException.class, () -> Call.REFRESH.make(client()));

        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void nonsense_in_retry_after_is_no_wish() {
        simulator()
                .addFault(Fault.on("POST", "/oauth/token")
                        .status(503)
                        .header("Retry-After", "soon")
                        .build());

        CronofyException failure = catchThrowableOfType(CronofyException.class, () -> Call.REFRESH.make(client()));

        assertThat(failure.retryAfter()).isZero();
    }

    @Test
    void a_200_without_tokens_changes_nothing() {
        simulator()
                .addFault(Fault.on("POST", "/oauth/token")
                        .status(200)
                        .body(JSON.createObjectNode().put("token_type", "bearer"))
                        .build());

        assertThat(catchThrowableOfType(CronofyException.class, () -> Call.REFRESH.make(client())))
                .isExactlyInstanceOf(CronofyException.Unavailable.class);
    }

    @Test
    void a_refresh_without_a_refresh_token_keeps_the_old_one() throws CronofyException {
        simulator()
                .addFault(Fault.on("POST", "/oauth/token")
                        .status(200)
                        .body(JSON.createObjectNode().put("access_token", "new").put("expires_in", 60))
                        .build());

        Tokens refreshed = client().refresh(APPLICATION, tokens(Secret.of("kept")), Purpose.AWAITED_REFRESH);

        assertThat(refreshed.accessToken().reveal()).isEqualTo("new");
        assertThat(refreshed.refreshToken().reveal()).isEqualTo("kept");
        assertThat(refreshed.scope()).isEqualTo("read_write");
        assertThat(refreshed.obtainedAt()).isEqualTo(now);
        assertThat(refreshed.expiresAt()).isEqualTo(now.plusSeconds(60));
    }

    @Test
    void a_service_account_tells_its_domain_and_may_be_revoked() throws CronofyException {
        GrantedTokens granted = simulator().grantServiceAccount("customer.example");

        Cronofy.ServiceAccount account = client().serviceAccount(APPLICATION, Secret.of(granted.accessToken()));
        client().revoke(APPLICATION, Secret.of(granted.refreshToken()), account.subject());

        assertThat(account.subject()).isEqualTo(granted.sub());
        assertThat(account.domain()).isEqualTo("customer.example");
        assertThat(simulator().isLive(granted.sub())).isFalse();
    }

    @Test
    void a_service_account_tells_what_it_was_granted_and_how_it_stands() throws CronofyException {
        simulator().change(Switch.PROVIDER_PROTOCOL, "exchange_web_services");
        simulator().change(Switch.GRAPH_API_MIGRATION_URL, "https://app-de.cronofy.com/enterprise_connect/move?a=b");
        GrantedTokens granted = simulator().grantServiceAccount("customer.example");

        Cronofy.ServiceAccount account = client().serviceAccount(APPLICATION, Secret.of(granted.accessToken()));

        assertThat(account.delegatedScope()).isEqualTo("read_write free_busy");
        assertThat(account.condition())
                .isEqualTo(new Condition(
                        "active",
                        "exchange",
                        "exchange_web_services",
                        "https://app-de.cronofy.com/enterprise_connect/move?a=b"));
    }

    @ParameterizedTest
    @EnumSource(Choice.ServiceAccountShape.class)
    void a_service_account_is_understood_in_every_shape(Choice.ServiceAccountShape shape) throws CronofyException {
        simulator().change(Switch.SERVICE_ACCOUNT_USERINFO, shape);
        GrantedTokens granted = simulator().grantServiceAccount("customer.example");

        Cronofy.ServiceAccount account = client().serviceAccount(APPLICATION, Secret.of(granted.accessToken()));

        assertThat(account.ownDomain())
                .hasValueSatisfying(domain -> assertThat(domain.name()).isEqualTo("customer.example"));
    }

    @Test
    void the_flat_form_counts_where_the_nested_one_says_nothing() throws CronofyException {
        answerUserinfo("""
                {"sub": "ser_1", "cronofy.service_account.domain": "customer.example",
                 "cronofy.service_account.email": "svc@customer.example",
                 "cronofy.data": {"service_account": {"domain": "", "email": null, "provider_name": "exchange"}}}""");

        Cronofy.ServiceAccount account = client().serviceAccount(APPLICATION, ANY);

        assertThat(account.domain()).isEqualTo("customer.example");
        assertThat(account.ownDomain())
                .hasValueSatisfying(domain -> assertThat(domain.name()).isEqualTo("customer.example"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://app.cronofy.com/move",
                "https://cronofy.com.evil.example/move",
                "https://evilcronofy.com/move",
                "https://user@app.cronofy.com/move",
                "https://app.cronofy.com:8443/move",
                "https://app.cronofy.com\\@evil.example/",
                "https://app.cronofy.com/move#x",
                "javascript:alert(1)//cronofy.com",
                " https://app.cronofy.com/move"
            })
    void a_page_that_is_not_cronofy_s_own_is_none(String url) throws CronofyException {
        simulator().change(Switch.GRAPH_API_MIGRATION_URL, url);
        GrantedTokens granted = simulator().grantServiceAccount("customer.example");

        Cronofy.ServiceAccount account = client().serviceAccount(APPLICATION, Secret.of(granted.accessToken()));

        assertThat(account.condition().migrationUrl()).isNull();
        assertThat(account.condition().provider()).isEqualTo("exchange");
    }

    @Test
    void words_that_nobody_could_keep_are_none() throws CronofyException {
        answerUserinfo("""
                {"sub": "ser_1", "email": "svc@customer.example", "cronofy.data": {
                  "authorization": {"status": "%s", "delegated_scope": ""},
                  "service_account": {"provider_name": {"a": 1}, "provider_protocol": "a b"}}}
                """.formatted("x".repeat(65)));

        Cronofy.ServiceAccount account = client().serviceAccount(APPLICATION, ANY);

        assertThat(account.condition()).isEqualTo(Condition.UNKNOWN);
        assertThat(account.delegatedScope()).isNull();
    }

    @Test
    void a_profile_tells_whether_it_is_connected_and_has_been_read() throws CronofyException {
        GrantedTokens joe = simulator().grantMailbox("joe@customer.example");
        Secret token = Secret.of(joe.accessToken());
        Cronofy.ProfileOf own = new Cronofy.ProfileOf(joe.sub(), null, new Mailbox("joe@customer.example"));
        assertThat(client().profile(APPLICATION, token, own, Purpose.LOOK)).isEqualTo(new ProfileState(true, false));

        simulator().change(Switch.DISCONNECTED, List.of("*"));
        simulator().change(Switch.INITIAL_SYNC, List.of("*"));

        assertThat(client().profile(APPLICATION, token, own, Purpose.LOOK)).isEqualTo(new ProfileState(false, true));
        Cronofy.ProfileOf byOtherName = new Cronofy.ProfileOf(joe.sub(), null, new Mailbox("joe.upn@customer.example"));
        assertThat(client().profile(APPLICATION, token, byOtherName, Purpose.LOOK))
                .isEqualTo(new ProfileState(false, true));
    }

    @Test
    void of_several_profiles_the_one_that_was_asked_for_counts_or_none() throws CronofyException {
        String profiles = """
                {"sub": "acc_1", "cronofy.data": {"profiles": [
                  {"profile_id": "pro_1", "profile_name": "private@home.example", "profile_connected": false},
                  {"profile_id": "pro_2", "profile_name": "Joe@Customer.example", "profile_connected": true}]}}""";
        answerUserinfo(profiles);

        assertThat(seen("acc_1", null, "joe@customer.example")).isEqualTo(new ProfileState(true, null));
        assertThat(seen("acc_1", null, "jane@customer.example")).isEqualTo(ProfileState.UNKNOWN);
        assertThat(seen("acc_1", "pro_1", "jane@customer.example")).isEqualTo(new ProfileState(false, null));
        assertThat(seen("acc_1", "pro_gone", "joe@customer.example")).isEqualTo(new ProfileState(true, null));
    }

    @Test
    void nothing_is_said_of_a_calendar_by_an_answer_about_another_account() throws CronofyException {
        answerUserinfo("""
                {"sub": "acc_2", "cronofy.data": {"profiles": [
                  {"profile_id": "pro_2", "profile_name": "joe@customer.example", "profile_connected": true}]}}""");

        assertThat(seen("acc_1", null, "joe@customer.example")).isEqualTo(ProfileState.UNKNOWN);
    }

    @Test
    void the_only_calendar_counts_under_another_name_where_it_is_the_account_s_for_certain() throws CronofyException {
        answerUserinfo("""
                {"sub": "acc_1", "cronofy.data": {"profiles": [
                  {"profile_name": "j.doe@customer.example", "profile_connected": true}]}}""");
        assertThat(seen("acc_1", null, "joe@customer.example")).isEqualTo(new ProfileState(true, null));

        simulator().clearFaults();
        answerUserinfo("""
                {"cronofy.data": {"profiles": [
                  {"profile_name": "j.doe@customer.example", "profile_connected": true}]}}""");
        assertThat(seen("acc_1", null, "joe@customer.example")).isEqualTo(ProfileState.UNKNOWN);
    }

    @Test
    void an_account_without_calendars_yet_says_nothing() throws CronofyException {
        answerUserinfo("""
                {"sub": "acc_1", "cronofy.data": {"profiles": []}}""");

        assertThat(seen("acc_1", "pro_1", "joe@customer.example")).isEqualTo(ProfileState.UNKNOWN);
    }

    private ProfileState seen(String account, @Nullable String id, String mailbox) throws CronofyException {
        Cronofy.ProfileOf which = new Cronofy.ProfileOf(account, id, new Mailbox(mailbox));
        return client().profile(APPLICATION, ANY, which, Purpose.LOOK);
    }

    @Test
    void a_channel_is_closed_once() throws CronofyException {
        GrantedTokens joe = simulator().grantMailbox("joe@customer.example");
        Secret token = Secret.of(joe.accessToken());
        String channel = client().watch(APPLICATION, token, Secret.of("http://127.0.0.1:9/notification"), Purpose.LOOK);

        client().unwatch(APPLICATION, token, channel, Purpose.LOOK);

        assertThat(catchThrowableOfType(
                        CronofyException.class, () -> client().unwatch(APPLICATION, token, channel, Purpose.LOOK)))
                .isExactlyInstanceOf(CronofyException.Refused.class);
    }

    @Test
    void the_same_channel_is_opened_once() throws CronofyException {
        GrantedTokens joe = simulator().grantMailbox("joe@customer.example");
        Secret token = Secret.of(joe.accessToken());
        Secret url = Secret.of("http://127.0.0.1:9/notification");

        String channel = client().watch(APPLICATION, token, url, Purpose.LOOK);

        assertThat(channel).startsWith("chn_");
        assertThat(client().watch(APPLICATION, token, url, Purpose.LOOK)).isEqualTo(channel);
        assertThat(simulator().requests("POST", "/v1/channels"))
                .allSatisfy(request -> assertThat(request.body()).contains("\"filters\":{\"only_managed\":true}"));
    }

    @Test
    void credentials_are_proved_without_changing_anything() throws CronofyException {
        client().proveCredentials(APPLICATION);

        Application wrong = new Application(DataCenter.DE, "client-id", Secret.of("wrong"));
        assertThat(catchThrowableOfType(CronofyException.class, () -> client().proveCredentials(wrong)))
                .isExactlyInstanceOf(CronofyException.Misconfigured.class);
        assertThat(simulator().liveSubs()).isEmpty();
    }

    @Test
    void a_delegated_code_is_redeemed_with_its_callback_url_and_a_service_account_s_with_its_redirect_uri() {
        for (Cronofy.CodeKind kind : Cronofy.CodeKind.values()) {
            assertThatThrownBy(() -> client().exchange(APPLICATION, kind, ANY, "https://id/back?a=b%20c"))
                    .isInstanceOf(CronofyException.GrantGone.class);
        }

        List<ReceivedRequest> received = simulator().requests("POST", "/oauth/token");
        assertThat(received.get(0).parameter("redirect_uri")).isEqualTo("https://id/back?a=b%20c");
        assertThat(received.get(0).parameter("callback_url")).isNull();
        assertThat(received.get(1).parameter("callback_url")).isEqualTo("https://id/back?a=b%20c");
        assertThat(received.get(1).parameter("redirect_uri")).isNull();
    }

    @Test
    void the_authorization_url_carries_what_cronofy_documents() {
        URI url = client().authorizationUrl(
                        APPLICATION,
                        "service_account/accounts/manage",
                        "read_only free_busy",
                        "https://id/back",
                        Secret.of("state"));

        assertThat(url.getPath()).isEqualTo("/enterprise_connect/oauth/authorize");
        assertThat(url.getRawQuery())
                .isEqualTo(
                        "response_type=code&client_id=client-id&redirect_uri=https%3A%2F%2Fid%2Fback"
                                + "&scope=service_account%2Faccounts%2Fmanage&delegated_scope=read_only%20free_busy&state=state");
    }
}
