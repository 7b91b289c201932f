package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a link says of the treatment of its members counts; the realm's defaults fill in the rest. */
class BehaviourTest {
    private static final Behaviour DEFAULTS = new Behaviour(true, Behaviour.Notice.PAGE, Duration.ofSeconds(9));

    @Test
    void who_says_nothing_is_treated_as_the_realm_says() {
        assertThat(Behaviour.Stated.NOTHING.over(DEFAULTS)).isEqualTo(DEFAULTS);
    }

    @Test
    void what_a_link_says_counts_even_if_it_is_no_or_nothing() {
        Behaviour.Stated stated = new Behaviour.Stated(false, Behaviour.Notice.NONE, Duration.ZERO);

        assertThat(stated.over(DEFAULTS)).isEqualTo(Behaviour.SILENT);
    }

    @Test
    void each_part_is_said_or_left_open_by_itself() {
        assertThat(new Behaviour.Stated(false, null, null).over(DEFAULTS))
                .isEqualTo(new Behaviour(false, Behaviour.Notice.PAGE, Duration.ofSeconds(9)));
        assertThat(new Behaviour.Stated(null, Behaviour.Notice.EMAIL, null).over(DEFAULTS))
                .isEqualTo(new Behaviour(true, Behaviour.Notice.EMAIL, Duration.ofSeconds(9)));
        assertThat(new Behaviour.Stated(null, null, Duration.ofSeconds(1)).over(DEFAULTS))
                .isEqualTo(new Behaviour(true, Behaviour.Notice.PAGE, Duration.ofSeconds(1)));
    }

    @Test
    void a_page_is_asked_for_by_a_notice_or_by_waiting() {
        assertThat(Behaviour.SILENT.asksForPage()).isFalse();
        assertThat(new Behaviour(true, Behaviour.Notice.EMAIL, Duration.ZERO).asksForPage())
                .isFalse();
        assertThat(new Behaviour(false, Behaviour.Notice.PAGE, Duration.ZERO).asksForPage())
                .isTrue();
        assertThat(new Behaviour(false, Behaviour.Notice.NONE, Duration.ofSeconds(1)).asksForPage())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 16})
    void nobody_is_made_to_wait_for_ever_or_less_than_not_at_all(int seconds) {
        assertThatThrownBy(() -> new Behaviour(false, Behaviour.Notice.NONE, Duration.ofSeconds(seconds)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
