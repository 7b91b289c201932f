package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.example.calendar.ApiClient;
import org.example.calendar.model.Link;
import org.example.calendar.model.LinkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is generated from {@code docs/openapi.yaml} has a place for all that the document shows. */
class GeneratedClientTest {
    private static final ObjectMapper CLIENT = ApiClient.createDefaultObjectMapper();
    private static final Map<String, JsonNode> DEFAULTS = defaults();
    private static final String SCHEMAS = "#/components/schemas/";

    /** Something that the document shows, and the class that was generated for it. */
    record Shown(String where, String type, JsonNode json) {
        Object read(JsonNode sent) throws ReflectiveOperationException, JsonProcessingException {
            return CLIENT.readValue(sent.toString(), Class.forName("org.example.calendar.model." + type));
        }

        @Override
        public String toString() {
            return where;
        }
    }

    /** Forms are no classes, and pages no objects. */
    static List<Shown> shown() {
        Set<String> forms = OpenApi.published().findValues("application/x-www-form-urlencoded").stream()
                .map(content -> type(content.path("schema")))
                .collect(Collectors.toSet());
        return OpenApi.document().examples().stream()
                .filter(example -> example.value().isContainerNode())
                .filter(example -> !forms.contains(type(example.schema())))
                .flatMap(GeneratedClientTest::single)
                .toList();
    }

    private static Stream<Shown> single(OpenApi.Example example) {
        if (!example.value().isArray()) {
            return Stream.of(new Shown(example.where(), type(example.schema()), example.value()));
        }
        String item = type(OpenApi.document().resolve(example.schema()).path("items"));
        return StreamSupport.stream(example.value().spliterator(), false)
                .map(one -> new Shown(example.where(), item, one));
    }

    private static String type(JsonNode schema) {
        String reference = schema.path("$ref").asText();
        return reference.substring(reference.indexOf(SCHEMAS) + SCHEMAS.length());
    }

    @ParameterizedTest
    @MethodSource("shown")
    void whatever_is_shown_is_read_and_written_again_without_a_loss(Shown shown) throws Exception {
        ObjectNode written = CLIENT.valueToTree(shown.read(shown.json()));
        written.properties()
                .removeIf(member ->
                        !shown.json().has(member.getKey()) && member.getValue().equals(DEFAULTS.get(member.getKey())));

        assertThat(written).isEqualTo(shown.json());
    }

    /** What is left out of a request counts as this, so that it makes no difference whether it is sent. */
    private static Map<String, JsonNode> defaults() {
        return OpenApi.published().path("components").path("schemas").findParents("properties").stream()
                .flatMap(schema -> schema.path("properties").properties().stream())
                .filter(property -> property.getValue().has("default"))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, property -> property.getValue().path("default"), (one, other) -> one));
    }

    @ParameterizedTest
    @MethodSource("shown")
    void a_member_that_a_later_version_adds_harms_nobody(Shown shown) throws Exception {
        ObjectNode later = shown.json().deepCopy();
        later.putObject("colour").put("of", "the sky");

        assertThat(shown.read(later)).isNotNull();
    }

    @Test
    void a_word_that_a_later_version_adds_harms_nobody() throws Exception {
        String link = CLIENT.writeValueAsString(Map.of("id", "realm", "state", "resting"));

        assertThat(CLIENT.readValue(link, Link.class).getState()).isEqualTo(LinkState.UNKNOWN_DEFAULT_OPEN_API);
    }
}
