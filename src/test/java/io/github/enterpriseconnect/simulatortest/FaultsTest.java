package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Contract sections 6 and 11.7: what goes wrong, on purpose. */
class FaultsTest {
    private final Wire wire = new Wire();
    private final GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

    @AfterEach
    void stop() {
        wire.close();
    }

    @Test
    void a_fault_answers_in_place_of_the_work_and_ends_after_its_times() {
        wire.simulator.addFault(Fault.on("GET", "/v1/userinfo")
                .status(503)
                .body(JsonNodeFactory.instance.textNode("<html>"))
                .header("Retry-After", "7")
                .times(1)
                .build());

        HttpResponse<String> first = userinfo();

        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(first.body()).isEqualTo("<html>");
        assertThat(first.headers().firstValue("retry-after")).hasValue("7");
        assertThat(userinfo().statusCode()).isEqualTo(200);
    }

    @Test
    void a_fault_meets_only_the_bodies_that_contain_its_text() {
        wire.simulator.addFault(Fault.on("", "/oauth/token/revoke")
                .containing("acc_1")
                .status(500)
                .build());

        assertThat(wire.oauth("/oauth/token/revoke", "sub", "acc_1").statusCode())
                .isEqualTo(500);
        assertThat(wire.oauth("/oauth/token/revoke", "sub", "acc_2").statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_dropped_request_has_no_effect() {
        wire.simulator.addFault(
                Fault.on("POST", "/oauth/token/revoke").drop().times(0).build());

        assertThatThrownBy(() -> wire.oauth("/oauth/token/revoke", "sub", link.sub()))
                .isInstanceOf(UncheckedIOException.class);

        assertThat(wire.simulator.isLive(link.sub())).isTrue();
    }

    @Test
    void a_lost_answer_has_its_effect() {
        wire.simulator.addFault(
                Fault.on("POST", "/oauth/token/revoke").drop().afterEffect().build());

        assertThatThrownBy(() -> wire.oauth("/oauth/token/revoke", "sub", link.sub()))
                .isInstanceOf(UncheckedIOException.class);

        assertThat(wire.simulator.isLive(link.sub())).isFalse();
        assertThat(wire.simulator.requests("POST", "/oauth/token/revoke"))
                .extracting(ReceivedRequest::status)
                .containsOnly(0);
    }

    @Test
    void a_delayed_answer_comes_in_the_end() {
        wire.simulator.addFault(
                Fault.on("GET", "/v1/userinfo").after(Duration.ofMillis(150)).build());
        long begun = System.nanoTime();

        assertThat(userinfo().statusCode()).isEqualTo(200);

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(150));
    }

    @Test
    void a_hanging_request_is_in_the_log_and_goes_on_when_the_fault_is_cleared() {
        wire.simulator.addFault(Fault.on("GET", "/v1/userinfo").hang().build());
        CompletableFuture<HttpResponse<String>> answer =
                wire.sendLater("GET", "/v1/userinfo", "", "Authorization", "Bearer " + link.accessToken());

        await().atMost(Wire.PATIENCE)
                .until(() -> wire.simulator.requests("GET", "/v1/userinfo").size() == 1);
        assertThat(wire.simulator.requests().get(0).status()).isZero();
        assertThat(answer).isNotDone();
        wire.simulator.clearFaults();

        assertThat(answer.join().statusCode()).isEqualTo(200);
        assertThat(wire.simulator.requests().get(0).status()).isEqualTo(200);
    }

    @Test
    void a_fault_without_any_harm_is_refused() {
        assertThatThrownBy(() -> Fault.on("GET", "/v1").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write at least one of");
    }

    @Test
    void the_rate_limit_counts_both_windows_by_the_simulators_clock() {
        wire.simulator.change(Switch.RATE_LIMIT, true);
        wire.simulator.change(Switch.RATE_LIMIT_PER_SECOND, 1000);
        wire.simulator.change(Switch.RATE_LIMIT_PER_MINUTE, 2);
        userinfo();
        wire.refresh(link.refreshToken());

        HttpResponse<String> refused = userinfo();
        wire.simulator.advanceClock(Duration.ofMinutes(1));

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
        assertThat(userinfo().statusCode()).isEqualTo(200);
    }

    @Test
    void the_rate_limit_can_leave_tokens_out_and_send_no_retry_after() {
        wire.simulator.change(Switch.RATE_LIMIT, true);
        wire.simulator.change(Switch.RATE_LIMIT_PER_SECOND, 0);
        wire.simulator.change(Switch.RATE_LIMIT_COUNTS_OAUTH, false);
        wire.simulator.change(Switch.RETRY_AFTER_SECONDS, 0);
        wire.simulator.change(Switch.ERROR_BODIES, true);

        HttpResponse<String> refused = userinfo();

        assertThat(wire.refresh(link.refreshToken()).statusCode()).isEqualTo(200);
        assertThat(refused.headers().firstValue("retry-after")).isEmpty();
        assertThat(json(refused.body()).has("message")).isTrue();
    }

    @Test
    void other_paths_are_not_found() {
        assertThat(wire.get("/v1/unknown", link.accessToken()).statusCode()).isEqualTo(404);
        assertThat(wire.get("/v1/a/b/c/d", link.accessToken()).statusCode()).isEqualTo(404);
        assertThat(wire.get("/", link.accessToken()).statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> userinfo() {
        return wire.get("/v1/userinfo", link.accessToken());
    }
}
