package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A reading of the API's description by which an answer has no members but those described. Published, the schemas of
 * answers are open, since a later version may add members, and clients that were made for this one have to bear that. Our
 * own server adds none that is not described.
 */
final class ClosedAnswers {
    private static final String SCHEMAS = "#/components/schemas/";
    private static final String REFERENCE = "$ref";
    private static final String COMPOSED = "allOf";
    private static final String CLOSED = "unevaluatedProperties";

    private final JsonNode document;

    /** Schemas that others are composed of, and that cannot be closed themselves. */
    private final Set<String> parts;

    private ClosedAnswers(JsonNode document) {
        this.document = document;
        this.parts = document.findValues(COMPOSED).stream()
                .flatMap(JsonNode::valueStream)
                .map(ClosedAnswers::referred)
                .collect(Collectors.toSet());
    }

    /** Closes all schemas that an answer may have. */
    static void in(JsonNode document) {
        ClosedAnswers closed = new ClosedAnswers(document);
        closed.answered()
                .forEach(name -> closed.close(
                        document.path("components").path("schemas").path(name), closed.parts.contains(name)));
    }

    /** Names of the schemas that answers refer to, by themselves or by others. */
    private Set<String> answered() {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        document.path("paths")
                .forEach(path -> path.forEach(
                        operation -> open.addAll(operation.path("responses").findValuesAsText(REFERENCE))));
        while (!open.isEmpty()) {
            String reference = open.remove();
            if (seen.add(reference)) {
                open.addAll(document.at(reference.substring(1)).findValuesAsText(REFERENCE));
            }
        }
        return seen.stream()
                .filter(reference -> reference.startsWith(SCHEMAS))
                .map(reference -> reference.substring(SCHEMAS.length()))
                .collect(Collectors.toSet());
    }

    private static String referred(JsonNode schema) {
        return schema.path(REFERENCE).asText().replace(SCHEMAS, "");
    }

    private void close(JsonNode node, boolean part) {
        if (!(node instanceof ObjectNode schema)) {
            return;
        }
        if (!part && parts.contains(referred(schema))) {
            JsonNode reference = schema.remove(REFERENCE);
            schema.putArray(COMPOSED).addObject().set(REFERENCE, reference);
        }
        boolean members = schema.has("properties") || schema.has(COMPOSED);
        if (!part && members && !schema.has("additionalProperties") && !schema.has(CLOSED)) {
            schema.put(CLOSED, false);
        }
        schema.path("properties").forEach(property -> close(property, false));
        close(schema.path("items"), false);
        close(schema.path("additionalProperties"), false);
        List.of("oneOf", "anyOf")
                .forEach(choice -> schema.path(choice).forEach(alternative -> close(alternative, false)));
        schema.path(COMPOSED).forEach(component -> close(component, true));
    }
}
