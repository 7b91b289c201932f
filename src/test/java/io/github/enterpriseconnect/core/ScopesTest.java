package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scopes are compared by what they permit, however they are written. */
class ScopesTest {
    @ParameterizedTest
    @CsvSource({
        "read_write, read_only write_only",
        "read_write, delete_event create_event read_events",
        "read_write, read_account list_calendars read_events read_free_busy create_event delete_event",
        "free_busy, read_free_busy",
        "free_busy_write, free_busy create_event delete_event",
        "read_events, read_events read_free_busy",
        "read_only something_new, something_new read_only"
    })
    void shorthands_and_what_they_stand_for_are_the_same(String one, String other) {
        assertThat(Scopes.of(one)).isEqualTo(Scopes.of(other)).hasSameHashCodeAs(Scopes.of(other));
    }

    @ParameterizedTest
    @CsvSource({
        "read_write, read_only, true",
        "read_write, free_busy_write, true",
        "read_events, free_busy, true",
        "read_only, write_only, false",
        "free_busy, read_only, false",
        "free_busy_write, read_write, false",
        "read_write, change_participation_status, false",
        "something_new, something_new, true",
        "read_write, something_new, false",
        "READ_WRITE, read_only, false"
    })
    void some_permit_what_others_do(String some, String others, boolean covered) {
        assertThat(Scopes.of(some).covers(Scopes.of(others))).isEqualTo(covered);
    }

    @ParameterizedTest
    @CsvSource({
        "read_write, read_write, read_write",
        "read_write, read_only, read_only",
        "read_only, read_write, read_only",
        "read_write, read_events create_event delete_event, read_write",
        "read_write, free_busy_write, free_busy_write",
        "free_busy_write, read_only, read_free_busy",
        "read_write event_reminders, read_write something_new, read_write",
        "read_write something_new, read_only something_new, something_new read_only",
        "read_only, write_only, ''"
    })
    void what_both_permit_is_written_in_few_words(String wanted, String granted, String common) {
        assertThat(Scopes.of(wanted).common(Scopes.of(granted))).hasToString(common);
    }

    @ParameterizedTest
    @CsvSource({
        "read_write, read_write, ''",
        "read_only, read_write, create_event delete_event",
        "write_only, read_write, read_events",
        "free_busy, read_write, create_event delete_event read_events",
        "free_busy, read_only something_new, read_events something_new",
        "read_events create_event delete_event, read_write, ''",
        "read_write something_new, read_only, ''"
    })
    void what_is_missing_is_named_by_itself(String granted, String wanted, String missing) {
        assertThat(String.join(" ", Scopes.of(granted).missing(Scopes.of(wanted))))
                .isEqualTo(missing);
    }

    @Test
    void nothing_permits_nothing() {
        assertThat(Scopes.of(null).isEmpty()).isTrue();
        assertThat(Scopes.of("  ").isEmpty()).isTrue();
        assertThat(Scopes.of("read_only").covers(Scopes.of(""))).isTrue();
        assertThat(Scopes.of("").covers(Scopes.of("read_only"))).isFalse();
        assertThat(Scopes.of(" read_only   write_only ")).isEqualTo(Scopes.of("read_write"));
    }
}
