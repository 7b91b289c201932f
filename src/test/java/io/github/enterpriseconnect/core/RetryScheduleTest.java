package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static Duration pause(double random, int failures, Duration retryAfter) {
        RetrySchedule schedule = new RetrySchedule(Duration.ofSeconds(15), Duration.ofMinutes(30), () -> random);
        return Duration.between(NOW, schedule.next(NOW, failures, retryAfter));
    }

    @ParameterizedTest(name = "after {0} failures {1}")
    @CsvSource({"0, PT15S", "1, PT15S", "2, PT30S", "5, PT4M", "8, PT30M", "100, PT30M"})
    void pauses_double_up_to_the_longest(int failures, Duration expected) {
        assertThat(pause(0, failures, Duration.ZERO)).isEqualTo(expected);
    }

    @Test
    void chance_shortens_a_pause_by_up_to_half() {
        assertThat(pause(0.5, 2, Duration.ZERO)).isEqualTo(Duration.ofMillis(22_500));
    }

    @Test
    void nobody_comes_back_earlier_than_asked() {
        assertThat(pause(0.99, 1, Duration.ofMinutes(5))).isEqualTo(Duration.ofMinutes(5));
    }
}
