package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AlarmsTest {
    private final Alarms alarms = new Alarms();

    @Test
    void a_problem_is_told_once_until_it_is_over_or_becomes_another() {
        assertThat(alarms.begins("de:application", Reason.UNAVAILABLE)).isTrue();
        assertThat(alarms.begins("de:application", Reason.UNAVAILABLE)).isFalse();
        assertThat(alarms.begins("us:application", Reason.UNAVAILABLE)).isTrue();
        assertThat(alarms.begins("de:application", Reason.MISCONFIGURED)).isTrue();

        assertThat(alarms.ends("de:application")).isTrue();
        assertThat(alarms.ends("de:application")).isFalse();
        assertThat(alarms.begins("de:application", Reason.MISCONFIGURED)).isTrue();
    }
}
