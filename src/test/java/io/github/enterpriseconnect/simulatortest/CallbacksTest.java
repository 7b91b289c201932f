package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.simulator.Choice;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract sections 3.1 and 5.7. */
class CallbacksTest {
    private final Wire wire = new Wire();
    private final Receiver receiver = new Receiver();
    private final GrantedTokens link = wire.simulator.grantServiceAccount("example.com");

    /** What was called back once is not called back again because the receiver is slow. */
    @BeforeEach
    void waitForTheReceiver() {
        wire.simulator.change(Switch.CALLBACK_TIMEOUT_MILLIS, (int) Wire.PATIENCE.toMillis());
    }

    @AfterEach
    void stop() {
        receiver.close();
        wire.close();
    }

    @ParameterizedTest
    @CsvSource({
        "pDY0Oi7TJSP2hfNmZNkm5, 6r2/HjBkqymGegX0wOfifieeUXbbHwtV/LohHS+jv6c=",
        "CRN_NggYusqPGLxwjw5FHOJYOqSrTPNXy8WQf14OID, 5DxentQi5YSXODEzTVv06sRwJ3pULIz1KrYv20qxEK0=",
        "CRN_nGlYDFXwfSXgB9rvGNBJyfE454GGPtWIbNuPwr, BmQmWVuZ70ILWjr1CAt5oC7YOolgnku4WZtlrKfx/6k="
    })
    void signatures_are_the_published_ones(String secret, String signature) {
        try (Simulator other = Simulator.start(0, "id", secret)) {
            assertThat(other.signature("{\"example\":\"well-known\"}")).isEqualTo(signature);
        }
    }

    @Test
    void a_callback_is_signed_over_its_body() {
        ask("joe@example.com");

        Receiver.Call call = receiver.take();
        assertThat(call.signature()).isEqualTo(wire.simulator.signature(call.body()));
    }

    @Test
    void two_active_secrets_sign_both_joined_by_a_bare_comma() {
        wire.simulator.change(Switch.OLD_SECRET, "pDY0Oi7TJSP2hfNmZNkm5");

        assertThat(wire.simulator.signature("{\"example\":\"well-known\"}"))
                .matches("6r2/HjBkqymGegX0wOfifieeUXbbHwtV/LohHS\\+jv6c=,[A-Za-z0-9+/]{43}=");
    }

    @Test
    void the_signature_can_be_wrong_or_absent() {
        wire.simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.WRONG);
        ask("joe@example.com");
        Receiver.Call wrong = receiver.take();
        wire.simulator.change(Switch.CALLBACK_SIGNATURE, Choice.Signing.ABSENT);
        ask("joe@example.com");

        assertThat(wrong.signature()).isNotNull().isNotEqualTo(wire.simulator.signature(wrong.body()));
        assertThat(receiver.take().signature()).isNull();
    }

    @Test
    void a_callback_is_repeated_unchanged_until_it_is_taken() {
        wire.simulator.change(Switch.CALLBACK_RETRY_MILLIS, 1);
        receiver.failing(2);

        ask("joe@example.com");

        String first = receiver.take().body();
        assertThat(List.of(receiver.take().body(), receiver.take().body())).containsOnly(first);
        await().atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(wire.simulator.deliveries())
                .extracting(Delivery::status)
                .containsExactly(500, 500, 204));
    }

    @Test
    void without_hours_for_retries_there_is_one_attempt() {
        wire.simulator.change(Switch.CALLBACK_RETRY_MILLIS, 1);
        wire.simulator.change(Switch.CALLBACK_RETRY_HOURS, 0);
        wire.simulator.change(Switch.CALLBACK_BEFORE_ANSWER, true);
        receiver.failing(1);

        ask("joe@example.com");
        ask("jane@example.com");

        assertThat(wire.simulator.deliveries()).extracting(Delivery::status).containsExactly(500, 204);
    }

    @Test
    void an_unreachable_receiver_is_tried_again() throws IOException {
        wire.simulator.change(Switch.CALLBACK_RETRY_MILLIS, 1);
        wire.simulator.change(Switch.CALLBACK_RETRY_MAX_MILLIS, 5);

        // Holds a port without listening there, so that nobody else does.
        try (Socket silent = new Socket()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            ask(List.of("joe@example.com"), "http://127.0.0.1:" + silent.getLocalPort() + "/callback");

            await().atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(wire.simulator.deliveries())
                    .hasSizeGreaterThan(2)
                    .extracting(Delivery::status)
                    .containsOnly(0));
        }
    }

    @Test
    void copies_come_as_often_as_the_switch_says() {
        wire.simulator.change(Switch.CALLBACK_COPIES, 3);

        ask("joe@example.com");

        String body = receiver.take().body();
        assertThat(List.of(receiver.take().body(), receiver.take().body())).containsOnly(body);
    }

    @Test
    void a_callback_may_come_before_the_answer() {
        wire.simulator.change(Switch.CALLBACK_BEFORE_ANSWER, true);

        assertThat(ask("joe@example.com").statusCode()).isEqualTo(202);

        assertThat(receiver.received()).isEqualTo(1);
    }

    @Test
    void dropped_callbacks_never_come() {
        wire.simulator.change(Switch.CALLBACK_DROPPED, List.of("joe@example.com"));
        wire.simulator.change(Switch.CALLBACK_BEFORE_ANSWER, true);

        assertThat(ask("joe@example.com").statusCode()).isEqualTo(202);

        assertThat(receiver.received()).isZero();
    }

    @Test
    void a_batch_can_be_called_back_in_reverse() {
        wire.simulator.change(Switch.CALLBACK_ORDER, Choice.Order.REVERSED);

        ask("a@example.com", "b@example.com", "c@example.com");

        assertThat(List.of(receiver.take(), receiver.take(), receiver.take()))
                .extracting(call -> call.authorization().path("state").asText())
                .containsExactly("state of c@example.com", "state of b@example.com", "state of a@example.com");
    }

    @Test
    void a_receiver_may_redeem_the_code_before_it_answers() {
        AtomicInteger exchanged = new AtomicInteger();
        receiver.first(body ->
                exchanged.set(wire.exchange(body.at("/authorization/code").asText(), receiver.url())
                        .statusCode()));

        ask("joe@example.com");
        receiver.take();

        assertThat(exchanged).hasValue(200);
    }

    private HttpResponse<String> ask(String... mailboxes) {
        return ask(List.of(mailboxes), receiver.url());
    }

    private HttpResponse<String> ask(List<String> mailboxes, String url) {
        String entries = String.join(
                ",",
                mailboxes.stream()
                        .map(mailbox -> entry(mailbox, url, "read_write"))
                        .toList());
        return wire.post(
                "/v1/service_account_authorizations",
                link.accessToken(),
                "{\"service_account_authorizations\": [" + entries + "]}");
    }
}
