package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Policy;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy comes back as it was written. */
class PolicyColumnTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PolicyColumn column = new PolicyColumn();

    @Test
    void the_default_needs_no_room_and_follows_the_realm() {
        assertThat(column.convertToDatabaseColumn(Policy.DEFAULT)).isNull();
        assertThat(column.convertToEntityAttribute(null).behaviour()).isEqualTo(Behaviour.Stated.NOTHING);
    }

    @Test
    void what_is_said_and_what_is_left_open_comes_back() {
        Policy policy = new Policy(
                Policy.Proof.OWNER,
                new Behaviour.Stated(null, Behaviour.Notice.PAGE, Duration.ofSeconds(7)),
                Set.of("g"),
                Set.of(),
                Set.of("r"),
                Set.of(),
                Set.of("idp"));

        assertThat(column.convertToEntityAttribute(column.convertToDatabaseColumn(policy)))
                .isEqualTo(policy);
    }

    @Test
    void a_backfill_comes_back_and_says_nothing_to_older_versions_where_there_is_none() {
        Policy policy = Policy.DEFAULT.with(Policy.Backfill.CONTINUOUS);

        assertThat(column.convertToEntityAttribute(column.convertToDatabaseColumn(policy)))
                .isEqualTo(policy);
        assertThat(column.convertToDatabaseColumn(new Policy(
                        Policy.Proof.OWNER,
                        Behaviour.Stated.NOTHING,
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of())))
                .contains("\"backfill\":null");
    }

    @Test
    void calendar_names_come_back_and_say_nothing_to_older_versions_where_there_are_none() {
        Policy policy = Policy.DEFAULT.withCalendarName("userPrincipalName");

        assertThat(column.convertToEntityAttribute(column.convertToDatabaseColumn(policy)))
                .isEqualTo(policy);
        assertThat(column.convertToDatabaseColumn(Policy.DEFAULT.with(Policy.Backfill.CONTINUOUS)))
                .contains("\"calendarName\":null");
    }

    private static final String NEWER =
            "{\"proof\":\"PASSKEY\",\"optOut\":\"SOMETIMES\",\"notice\":\"DOVE\",\"wait\":600,"
                    + "\"requiredGroups\":[\"g\"],\"deniedGroups\":{\"any\":[\"x\"]},\"tomorrow\":{\"a\":[1,null]}}";

    @Test
    void what_a_newer_version_has_written_is_not_understood_and_comes_back_as_it_was() throws IOException {
        Policy policy = column.convertToEntityAttribute(NEWER);

        assertThat(policy.understood()).isFalse();
        assertThat(policy.requiredGroups()).containsExactly("g");
        assertThat(policy.unknown().keySet())
                .containsExactlyInAnyOrder("proof", "optOut", "notice", "wait", "deniedGroups", "tomorrow");
        JsonNode written = JSON.readTree(column.convertToDatabaseColumn(policy));
        JSON.readTree(NEWER).properties().forEach(member -> assertThat(written.get(member.getKey()))
                .as(member.getKey())
                .isEqualTo(member.getValue()));
    }

    @Test
    void a_newer_member_that_says_nothing_is_kept_and_hinders_nobody() {
        Policy policy = column.convertToEntityAttribute("{\"proof\":\"OWNER\",\"tomorrow\":[]}");

        assertThat(policy.understood()).isTrue();
        assertThat(policy.proof()).isEqualTo(Policy.Proof.OWNER);
        assertThat(column.convertToDatabaseColumn(policy)).contains("\"tomorrow\":[]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"text\"", "v2:0a1b", "{\"proof\":"})
    void a_column_that_is_no_object_is_not_understood_and_stays(String text) {
        Policy policy = column.convertToEntityAttribute(text);

        assertThat(policy.understood()).isFalse();
        assertThat(column.convertToDatabaseColumn(policy)).isEqualTo(text);
    }
}
