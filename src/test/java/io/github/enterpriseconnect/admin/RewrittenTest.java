package io.github.enterpriseconnect.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a body says that was made from an answer. */
class RewrittenTest {
    private static final Map<String, Object> SHOWN = Map.of(
            "id", "a", "size", 3L, "limits", Map.of("most", 7L), "colour", "red", "shape", "round", "seen", "today");

    private final Rewritten rewritten = new Rewritten(SHOWN, Set.of("colour", "shape"), Set.of("seen"));

    private ObjectNode changes(String body) {
        return rewritten.changes(JsonBody.object(body.replace('\'', '"')), "thing.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'id': 'a', 'colour': 'blue', 'shape': 'round'}",
                "{'id': 'a', 'size': 3, 'limits': {'most': 7}, 'colour': 'blue', 'shape': 'round', 'seen': 'today'}",
                "{'seen': 'yesterday', 'colour': 'blue', 'shape': 'round'}",
                "{'id': 'a', 'colour': 'blue'}"
            })
    void of_a_copy_only_what_was_changed_counts(String copy) {
        assertThat(changes(copy)).isEqualTo(JsonBody.object("{\"colour\": \"blue\"}"));
    }

    @Test
    void a_copy_in_which_nothing_was_changed_says_nothing() {
        assertThat(changes("{'id': 'a', 'colour': 'red', 'shape': 'round'}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'colour': 'red'}", "{'colour': 'red', 'shape': 'round'}", "{'colour': null}", "{}"})
    void what_is_no_copy_says_all_that_is_in_it(String own) {
        assertThat(changes(own)).isEqualTo(JsonBody.object(own.replace('\'', '"')));
    }

    @Test
    void a_member_that_nobody_knows_is_left_to_the_reader() {
        assertThat(changes("{'id': 'a', 'weight': 1}")).isEqualTo(JsonBody.object("{\"weight\": 1}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'id': 'b'} | id",
                "{'size': 4, 'colour': 'blue'} | size",
                "{'size': '3'} | size",
                "{'limits': {'most': 8}} | limits",
                "{'id': null} | id"
            })
    void what_cannot_be_written_must_be_as_it_was(String body, String member) {
        assertThat(rewritten.changedInVain(JsonBody.object(body.replace('\'', '"'))))
                .contains(member);
    }
}
