package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Policy;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A policy comes back as it was written. */
class PolicyColumnTest {
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
}
