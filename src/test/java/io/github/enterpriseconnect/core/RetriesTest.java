package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetriesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Retries retries = new Retries(() -> 0);

    @ParameterizedTest(name = "attempt {0}")
    @CsvSource({
        "1,   PT5S,  PT5S,   PT15M, PT1H",
        "2,   PT10S, PT10S,  PT30M, PT2H",
        "3,   PT20S, PT20S,  PT1H,  PT4H",
        "8,   PT5M,  PT640S, PT24H, PT24H",
        "10,  PT5M,  PT30M,  PT24H, PT24H",
        "100, PT5M,  PT30M,  PT24H, PT24H"
    })
    void pauses_grow_with_the_attempts_each_kind_by_its_own_measure(
            int attempts, Duration outage, Duration problem, Duration silence, Duration refusal) {
        assertThat(retries.afterOutage(NOW, attempts, Duration.ZERO)).isEqualTo(NOW.plus(outage));
        assertThat(retries.afterProblem(NOW, attempts)).isEqualTo(NOW.plus(problem));
        assertThat(retries.afterSilence(NOW, attempts)).isEqualTo(NOW.plus(silence));
        assertThat(retries.afterRefusal(NOW, attempts)).isEqualTo(NOW.plus(refusal));
    }

    @Test
    void after_an_outage_nobody_comes_back_earlier_than_asked_even_if_that_is_later_than_any_pause_of_ours() {
        assertThat(retries.afterOutage(NOW, 1, Duration.ofHours(2))).isEqualTo(NOW.plus(Duration.ofHours(2)));
    }

    @ParameterizedTest(name = "after {0}")
    @CsvSource({"PT0S, PT5S", "PT4S, PT5S", "PT5S, PT10S", "PT15S, PT20S", "PT1H, PT5M", "-PT1H, PT5S"})
    void where_nobody_has_counted_pauses_grow_with_the_time(Duration waited, Duration pause) {
        assertThat(retries.afterOutageSince(NOW.minus(waited), NOW)).isEqualTo(NOW.plus(pause));
    }

    /** Members who were turned away together must not come back together. */
    @Test
    void chance_shortens_each_kind_of_pause() {
        Retries shortened = new Retries(() -> 0.5);

        assertThat(shortened.afterOutage(NOW, 1, Duration.ZERO)).isEqualTo(NOW.plusMillis(3_750));
        assertThat(shortened.afterProblem(NOW, 1)).isEqualTo(NOW.plusMillis(3_750));
        assertThat(shortened.afterSilence(NOW, 1)).isEqualTo(NOW.plusSeconds(675));
        assertThat(shortened.afterRefusal(NOW, 1)).isEqualTo(NOW.plusSeconds(2_700));
    }
}
