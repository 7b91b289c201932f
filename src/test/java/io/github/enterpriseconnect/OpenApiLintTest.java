package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/openapi.yaml} is what clients can be generated from. */
class OpenApiLintTest {
    private static final JsonNode DOCUMENT = OpenApi.published();
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");

    /** Calls for each object in the document, with its place. */
    private static void walk(String place, JsonNode node, BiConsumer<String, JsonNode> visitor) {
        if (node.isObject()) {
            visitor.accept(place, node);
        }
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                walk(place + "/" + i, node.get(i), visitor);
            }
        }
        node.properties().forEach(member -> walk(place + "/" + member.getKey(), member.getValue(), visitor));
    }

    /** Generators lose it, types and all; {@code allOf} says the same. */
    @Test
    void nothing_stands_beside_a_reference() {
        List<String> places = new ArrayList<>();
        walk("#", DOCUMENT, (place, node) -> {
            if (node.has("$ref") && node.size() > 1) {
                places.add(place);
            }
        });

        assertThat(places).isEmpty();
    }

    /** A client that was generated today has to bear what a later version answers. */
    @Test
    void answers_are_open() {
        Map<String, JsonNode> answered = answered();
        List<String> places = new ArrayList<>();
        answered.forEach((name, schema) -> walk(name, schema, (place, node) -> {
            if (isFalse(node.path("additionalProperties")) || isFalse(node.path("unevaluatedProperties"))) {
                places.add(place);
            }
        }));

        assertThat(answered).containsKeys("#/components/schemas/Link", "#/components/schemas/TokenAnswer");
        assertThat(places).isEmpty();
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.booleanValue();
    }

    private static Map<String, JsonNode> answered() {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        operations()
                .forEach(operation -> open.addAll(operation.path("responses").findValuesAsText("$ref")));
        while (!open.isEmpty()) {
            String reference = open.remove();
            if (seen.add(reference)) {
                open.addAll(DOCUMENT.at(reference.substring(1)).findValuesAsText("$ref"));
            }
        }
        return seen.stream()
                .filter(reference -> reference.startsWith("#/components/schemas/"))
                .collect(Collectors.toMap(reference -> reference, reference -> DOCUMENT.at(reference.substring(1))));
    }

    private static Stream<JsonNode> operations() {
        return DOCUMENT.path("paths").valueStream().flatMap(path -> path.properties().stream()
                .filter(member -> METHODS.contains(member.getKey()))
                .map(Map.Entry::getValue));
    }

    /** Only objects have members; what generators make of others with members differs. */
    @Test
    void what_has_members_says_that_it_is_an_object() {
        List<String> places = new ArrayList<>();
        DOCUMENT.at("/components/schemas").properties().forEach(schema -> {
            JsonNode node = schema.getValue();
            if (node.has("properties")
                    && !node.has("allOf")
                    && !node.path("type").asText().equals("object")) {
                places.add(schema.getKey());
            }
        });

        assertThat(places).isEmpty();
    }

    @Test
    void every_schema_is_one_by_the_rules_of_json_schema() {
        Schema rules = SchemaRegistry.withDialect(Dialects.getDraft202012())
                .getSchema(SchemaLocation.of(Dialects.getDraft202012().getId()));

        DOCUMENT.at("/components/schemas").properties().forEach(schema -> assertThat(rules.validate(schema.getValue()))
                .as(schema.getKey())
                .isEmpty());
    }

    @Test
    void every_tag_of_an_operation_is_described() {
        assertThat(operations()
                        .flatMap(operation -> operation.path("tags").valueStream())
                        .map(JsonNode::asText)
                        .collect(Collectors.toSet()))
                .isEqualTo(DOCUMENT.path("tags")
                        .valueStream()
                        .map(tag -> tag.path("name").asText())
                        .collect(Collectors.toSet()));
    }
}
