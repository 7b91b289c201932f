package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.Switch;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a channel of notifications ends: contract section 5.6. */
class ChannelsTest {
    private final Wire wire = new Wire();
    private final Receiver receiver = new Receiver();
    private GrantedTokens joe;

    @BeforeEach
    void open() {
        wire.simulator.change(
                Switch.USER_TOKEN_SECONDS, Math.toIntExact(Duration.ofDays(2).toSeconds()));
        joe = wire.simulator.grantMailbox("joe@example.com");
        ask();
        receiver.take();
    }

    @AfterEach
    void stop() {
        receiver.close();
        wire.close();
    }

    @Test
    void one_is_closed_by_a_404_and_opened_anew_by_the_same_request() {
        receiver.refuse(404);

        disconnect();
        awaitOpen(0);
        receiver.accept();
        ask();

        awaitOpen(1);
    }

    @Test
    void one_may_outlive_a_404() {
        wire.simulator.change(Switch.CHANNEL_CLOSED_BY_404, false);
        receiver.refuse(404);

        disconnect();
        receiver.take();
        receiver.take();

        awaitOpen(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_whose_notification_nobody_has_taken_for_a_day_is_closed_unless_switched_off(boolean closes) {
        wire.simulator.change(Switch.CHANNEL_CLOSED_UNANSWERED, closes);
        receiver.refuse(503);

        disconnect();
        receiver.take();
        wire.simulator.advanceClock(Duration.ofHours(25));

        awaitOpen(closes ? 0 : 1);
    }

    private void ask() {
        wire.post("/v1/channels", joe.accessToken(), "{\"callback_url\":\"" + receiver.url() + "\"}");
    }

    private void disconnect() {
        assertThat(wire.simulator.sendNotification(joe.sub(), "profile_disconnected"))
                .hasValue(1);
    }

    private void awaitOpen(int number) {
        await().atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(
                        json(wire.get("/v1/channels", joe.accessToken()).body()).path("channels"))
                .hasSize(number));
    }
}
