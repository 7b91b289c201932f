package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.github.enterpriseconnect.EnterpriseConnect;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The API's description, {@code docs/openapi.yaml}, and whether what a server answers is what it says: that, and nothing
 * besides.
 */
public final class OpenApi {
    private static final String NAME = "docs/openapi.yaml";
    private static final String IRI = "urn:enterprise-connect:openapi";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final Set<Integer> REFUSALS = Set.of(401, 403, 404, 405);

    /** The console page with its files, and the way to the account page, are no API. */
    private static final Pattern OURS =
            Pattern.compile("(/admin)?/realms/[^/]+/enterprise-connect(?!/(console|account)(/|$))(/.*)?");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^}]+}");
    private static final String JSON = "application/json";

    private static final OpenApi DOCUMENT = load();

    private final JsonNode root;
    private final SchemaRegistry registry;
    private final List<Operation> operations;
    private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

    /** One documented operation. */
    public record Operation(String method, String path, Pattern pattern, JsonNode json, List<JsonNode> parameters) {
        public String id() {
            return json.path("operationId").asText();
        }

        /** Documented statuses. */
        public List<Integer> statuses() {
            return json.path("responses").properties().stream()
                    .map(response -> Integer.valueOf(response.getKey()))
                    .toList();
        }

        /** Names of documented parameters of one kind: {@code path}, {@code query} or {@code header}. */
        public List<String> parameters(String kind) {
            return parameters.stream()
                    .filter(parameter -> parameter.path("in").asText().equals(kind))
                    .map(parameter -> parameter.path("name").asText())
                    .toList();
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /**
     * Something that the document shows as an example.
     *
     * @param where to find it
     * @param schema what it has to comply with
     */
    public record Example(String where, JsonNode schema, JsonNode value) {
        @Override
        public String toString() {
            return where;
        }
    }

    private OpenApi(JsonNode root) {
        this.root = root;
        this.registry = SchemaRegistry.withDialect(
                Dialects.getDraft202012(), builder -> builder.schemas(Map.of(IRI, root.toString()))
                        .schemaRegistryConfig(SchemaRegistryConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build()));
        this.operations = root.path("paths").properties().stream()
                .flatMap(path -> path.getValue().properties().stream()
                        .filter(member -> METHODS.contains(member.getKey()))
                        .map(member -> operation(path.getKey(), path.getValue(), member.getKey(), member.getValue())))
                .toList();
    }

    public static OpenApi document() {
        return DOCUMENT;
    }

    /** The document as it is published, references and all. */
    public static JsonNode published() {
        try (InputStream yaml = OpenApi.class.getResourceAsStream("/enterprise-connect/openapi.yaml")) {
            return new ObjectMapper(new YAMLFactory()).readTree(Objects.requireNonNull(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OpenApi load() {
        JsonNode json = published();
        ClosedAnswers.in(json);
        try {
            // Made absolute, so that each schema can be read where it stands.
            return new OpenApi(
                    Answer.JSON.readTree(json.toString().replace("\"$ref\":\"#/", "\"$ref\":\"" + IRI + "#/")));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Operation operation(String path, JsonNode item, String method, JsonNode json) {
        List<JsonNode> parameters = new ArrayList<>();
        item.path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
        json.path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
        String expression =
                Stream.of(PLACEHOLDER.split(path, -1)).map(Pattern::quote).collect(Collectors.joining("[^/]+"));
        return new Operation(method.toUpperCase(Locale.ROOT), path, Pattern.compile(expression), json, parameters);
    }

    public List<Operation> operations() {
        return operations;
    }

    /** The document itself. */
    public JsonNode json() {
        return root;
    }

    /** What a {@code $ref} stands for, or else the node itself. */
    public JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asText();
        if (reference.isEmpty()) {
            return node;
        }
        JsonNode target = root.at(reference.substring(IRI.length() + 1));
        if (target.isMissingNode()) {
            throw new AssertionError(NAME + " refers to " + reference + ", which it does not have");
        }
        return resolve(target);
    }

    /** Every example, of requests and of answers. */
    public List<Example> examples() {
        return operations.stream()
                .flatMap(operation -> Stream.concat(
                        examples(operation + ", request", operation.json().path("requestBody")),
                        operation.json().path("responses").properties().stream()
                                .flatMap(response ->
                                        examples(operation + ", " + response.getKey(), response.getValue()))))
                .toList();
    }

    private Stream<Example> examples(String where, JsonNode body) {
        return resolve(body).path("content").properties().stream().flatMap(content -> {
            JsonNode schema = content.getValue().path("schema");
            Stream<Example> named = content.getValue().path("examples").properties().stream()
                    .map(example -> new Example(
                            where + ", " + example.getKey(),
                            schema,
                            resolve(example.getValue()).path("value")));
            JsonNode single = content.getValue().path("example");
            return single.isMissingNode() ? named : Stream.concat(Stream.of(new Example(where, schema, single)), named);
        });
    }

    /** What is wrong with a value, by the words of its schema; empty if nothing is. */
    public List<String> problems(JsonNode schema, JsonNode value) {
        return schemas.computeIfAbsent(schema, registry::getSchema).validate(value).stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage() + " ("
                        + error.getSchemaLocation().toString().replace(IRI, "") + ")")
                .toList();
    }

    /**
     * Fails with what to change in the document, if this is an exchange with one of our resources that it does not
     * describe.
     */
    public void check(Exchange exchange) {
        Optional<Operation> operation = operation(exchange);
        if (operation.isEmpty()) {
            boolean ours = OURS.matcher(exchange.uri().getRawPath()).matches();
            if (ours && !exchange.method().equals("OPTIONS") && !REFUSALS.contains(exchange.status())) {
                throw undocumented("has no such operation; add it under paths, or refuse it", exchange);
            }
            return;
        }
        if (starting(exchange)) {
            return;
        }
        JsonNode response = operation.get().json().path("responses").path(String.valueOf(exchange.status()));
        if (response.isMissingNode()) {
            throw undocumented(
                    "has no " + exchange.status() + " in the responses of "
                            + operation.get().id(),
                    exchange);
        }
        List<String> problems = new ArrayList<>();
        checkHeaders(resolve(response), exchange, problems);
        if (!exchange.method().equals("HEAD")) {
            checkBody(resolve(response), exchange, problems);
        }
        if (exchange.accepted()) {
            checkRequest(operation.get(), exchange, problems);
        }
        if (!problems.isEmpty()) {
            throw undocumented(
                    "says otherwise of " + exchange.status() + " in "
                            + operation.get().id() + ": " + problems,
                    exchange);
        }
    }

    private static AssertionError undocumented(String what, Exchange exchange) {
        return new AssertionError(NAME + " " + what + ".\n" + exchange);
    }

    private Optional<Operation> operation(Exchange exchange) {
        String method = exchange.method().equals("HEAD") ? "GET" : exchange.method();
        return operations.stream()
                .filter(operation -> operation.method().equals(method)
                        && operation
                                .pattern()
                                .matcher(exchange.uri().getRawPath())
                                .matches())
                .filter(operation -> concerns(operation, exchange))
                .findFirst();
    }

    /** Keycloak's own token endpoint is ours only for an exchange with our {@code requested_issuer}. */
    private static boolean concerns(Operation operation, Exchange exchange) {
        return OURS.matcher(operation.path()).matches()
                || EnterpriseConnect.ID.equals(exchange.form().get("requested_issuer"));
    }

    /** What Keycloak answers to everything before it has read its realms. */
    private static boolean starting(Exchange exchange) {
        return exchange.status() == 503 && exchange.received().startsWith("Bootstrap in progress");
    }

    private void checkHeaders(JsonNode response, Exchange exchange, List<String> problems) {
        response.path("headers").properties().forEach(documented -> {
            JsonNode header = resolve(documented.getValue());
            Optional<String> value = exchange.headers().firstValue(documented.getKey());
            if (value.isPresent()) {
                problems(header.path("schema"), typed(header.path("schema"), value.get()))
                        .forEach(problem -> problems.add("header " + documented.getKey() + problem));
            } else if (header.path("required").asBoolean()) {
                problems.add("header " + documented.getKey() + " is missing");
            }
        });
    }

    private void checkBody(JsonNode response, Exchange exchange, List<String> problems) {
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            if (!exchange.received().isEmpty()) {
                problems.add("no body is documented");
            }
            return;
        }
        String type = exchange.headers().firstValue("Content-Type").orElse("").replaceFirst(" *;.*", "");
        JsonNode schema = content.path(type).path("schema");
        if (schema.isMissingNode()) {
            problems.add("no content of type '" + type + "' is documented");
        } else {
            problems.addAll(problems(
                    schema, type.equals(JSON) ? json(exchange.received()) : TextNode.valueOf(exchange.received())));
        }
    }

    /** What was accepted must have been described as well. */
    private void checkRequest(Operation operation, Exchange exchange, List<String> problems) {
        exchange.query().forEach((name, value) -> {
            JsonNode schema = operation.parameters().stream()
                    .filter(parameter -> parameter.path("in").asText().equals("query")
                            && parameter.path("name").asText().equals(name))
                    .findFirst()
                    .map(parameter -> parameter.path("schema"))
                    .orElse(MissingNode.getInstance());
            if (schema.isMissingNode()) {
                problems.add("the query parameter " + name + " was accepted");
            } else {
                problems(schema, typed(schema, value))
                        .forEach(problem -> problems.add("the parameter " + name + problem));
            }
        });
        JsonNode body = resolve(operation.json().path("requestBody"));
        if (exchange.sent().isEmpty() && !body.path("required").asBoolean()) {
            return;
        }
        JsonNode schema = body.path("content").path(exchange.contentType()).path("schema");
        if (!schema.isMissingNode()) {
            problems(schema, sent(exchange)).forEach(problem -> problems.add("the accepted request" + problem));
        } else if (!body.isMissingNode()) {
            problems.add("a request of type '" + exchange.contentType() + "' was accepted");
        }
    }

    private static JsonNode sent(Exchange exchange) {
        if (exchange.contentType().equals(JSON)) {
            return json(exchange.sent());
        }
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        exchange.form().forEach(form::put);
        return form;
    }

    /** A header or a parameter as its schema would have it written in JSON. */
    private JsonNode typed(JsonNode schema, String value) {
        String type = resolve(schema).path("type").asText();
        JsonNode typed = type.equals("string") ? null : jsonOrNull(value);
        return typed == null ? TextNode.valueOf(value) : typed;
    }

    private static JsonNode json(String text) {
        JsonNode json = jsonOrNull(text);
        return json == null ? TextNode.valueOf("no JSON: " + text) : json;
    }

    private static @Nullable JsonNode jsonOrNull(String text) {
        try {
            return Answer.JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
