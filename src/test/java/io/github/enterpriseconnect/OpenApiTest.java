package io.github.enterpriseconnect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.admin.AdminResource;
import io.github.enterpriseconnect.admin.Warning;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Check;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.integration.harness.Exchange;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import io.github.enterpriseconnect.rest.AccountPath;
import io.github.enterpriseconnect.rest.ConsolePage;
import io.github.enterpriseconnect.rest.RealmResource;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/openapi.yaml} says of itself and of the code. */
class OpenApiTest {
    private static final Set<Class<?>> PAGES = Set.of(ConsolePage.class, AccountPath.class);
    private static final OpenApi DOCUMENT = OpenApi.document();
    private static final String REALM = "/realms/{realm}/enterprise-connect";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]+)}");

    static List<OpenApi.Operation> operations() {
        return DOCUMENT.operations();
    }

    static List<OpenApi.Example> examples() {
        return DOCUMENT.examples();
    }

    static Stream<Arguments> enums() {
        return Stream.of(
                Arguments.of("DataCenter", ids(DataCenter.values())),
                Arguments.of("LinkState", ids(Link.State.values())),
                Arguments.of("DelegationState", ids(Delegation.State.values())),
                Arguments.of("RevocationState", ids(Revocation.State.values())),
                Arguments.of("NotificationState", ids(Notification.State.values())),
                Arguments.of("CalendarEvent", ids(CalendarEvent.Kind.values())),
                Arguments.of("SubjectType", ids(CalendarEvent.Type.values())),
                Arguments.of("Reason", ids(Reason.values())),
                Arguments.of("WarningCode", ids(Warning.Code.values())),
                Arguments.of("Check", ids(Check.values())),
                Arguments.of("Right", ids(Consumer.Right.values())),
                Arguments.of("PolicyMembers/properties/proof", ids(Policy.Proof.values())),
                Arguments.of("Notice", ids(Behaviour.Notice.values())));
    }

    private static List<String> ids(Enum<?>... values) {
        return Arrays.stream(values)
                // Shown by the word that a newer version has written.
                .filter(value -> !value.name().equals("UNKNOWN"))
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** A client tells by it which server it was made for. */
    @Test
    void the_document_has_the_version_of_the_extension() throws Exception {
        String project = Files.readString(java.nio.file.Path.of("pom.xml"))
                .replaceFirst(
                        "(?s).*?<artifactId>keycloak-enterprise-connect</artifactId>\\s*<version>([^<]+)<.*", "$1");

        assertThat(OpenApi.published().at("/info/version").asText()).isEqualTo(project);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void an_example_is_what_its_schema_asks_for(OpenApi.Example example) {
        assertThat(DOCUMENT.problems(example.schema(), example.value())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void every_body_of_an_operation_has_a_schema_with_a_name_and_an_example(OpenApi.Operation operation) {
        Stream.concat(
                        Stream.of(operation.json().path("requestBody")),
                        operation.json().path("responses").valueStream())
                .flatMap(body -> DOCUMENT.resolve(body).path("content").valueStream())
                .forEach(content -> {
                    assertThat(content.at("/schema/$ref").asText()).contains("#/components/schemas/");
                    assertThat(content.has("example") || content.has("examples"))
                            .as("%s", content)
                            .isTrue();
                });
    }

    @ParameterizedTest
    @MethodSource("operations")
    void an_operation_describes_itself_and_the_parameters_of_its_path(OpenApi.Operation operation) {
        assertThat(operation.id()).isNotEmpty();
        assertThat(operation.json().path("summary").asText()).isNotEmpty();
        assertThat(operation.parameters("path"))
                .isEqualTo(PLACEHOLDER
                        .matcher(operation.path())
                        .results()
                        .map(found -> found.group(1))
                        .toList());
        assertThat(operation.parameters()).allSatisfy(parameter -> {
            assertThat(parameter.path("description").asText()).isNotEmpty();
            assertThat(parameter.path("required").asBoolean())
                    .isEqualTo(parameter.path("in").asText().equals("path"));
        });
    }

    @Test
    void operations_are_told_apart_by_their_ids() {
        assertThat(operations().stream().map(OpenApi.Operation::id)).doesNotHaveDuplicates();
    }

    @Test
    void everything_that_is_described_is_used_and_everything_that_is_used_is_described() {
        Set<String> used = DOCUMENT.json().findValuesAsText("$ref").stream()
                .map(reference -> reference.replaceFirst("[^#]*#/components/", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> described = DOCUMENT.json().path("components").properties().stream()
                .filter(kind -> !kind.getKey().equals("securitySchemes"))
                .flatMap(kind -> names(kind.getValue()).map(name -> kind.getKey() + "/" + name))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(described).isEqualTo(used);
    }

    static Stream<Arguments> drift() {
        return Stream.of(
                Arguments.of(
                        "has no 418 in the responses of getRealmSuspension", admin("GET", "suspension", 418, "{}")),
                Arguments.of(
                        "unevaluated properties",
                        admin("GET", "suspension", 200, "{\"suspended\": false, \"colour\": \"red\"}")),
                Arguments.of("'suspended' not found", admin("GET", "suspension", 200, "{}")),
                Arguments.of("boolean expected", admin("GET", "suspension", 200, "{\"suspended\": \"no\"}")),
                Arguments.of(
                        "date-time",
                        admin("GET", "suspension", 200, "{\"suspended\": true, \"since\": \"today\", \"by\": \"x\"}")),
                Arguments.of("no body is documented", admin("PUT", "suspension", 204, "{}")),
                Arguments.of(
                        "the query parameter since was accepted",
                        admin("GET", "suspension?since=0", 200, "{\"suspended\": false}")),
                Arguments.of("header Cache-Control is missing", admin("POST", "links/x/invitations", 201, "{}")),
                Arguments.of("has no such operation", admin("PATCH", "suspension", 200, "{}")),
                Arguments.of("has no such operation", admin("GET", "weather", 200, "{}")));
    }

    private static Exchange admin(String method, String path, int status, String received) {
        return new Exchange(
                method,
                URI.create("https://id.example.com/admin/realms/myrealm/enterprise-connect/" + path),
                "application/json",
                "",
                status,
                HttpHeaders.of(Map.of("Content-Type", List.of("application/json")), (name, value) -> true),
                received);
    }

    @ParameterizedTest
    @MethodSource("drift")
    void an_answer_that_is_not_described_is_told_with_what_is_wrong(String wrong, Exchange exchange) {
        assertThatThrownBy(() -> DOCUMENT.check(exchange))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("docs/openapi.yaml")
                .hasMessageContaining(wrong);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/realms/myrealm", "/realms/myrealm/enterprise-connect/console/console.js"})
    void what_is_not_our_api_is_left_alone(String path) {
        DOCUMENT.check(new Exchange(
                "GET",
                URI.create("https://id.example.com" + path),
                "",
                "",
                418,
                HttpHeaders.of(Map.of(), (name, value) -> true),
                "?"));
    }

    @ParameterizedTest
    @MethodSource("enums")
    void a_schema_lists_every_value_of_its_enum(String schema, List<String> values) {
        assertThat(StreamSupport.stream(
                                DOCUMENT.json()
                                        .at("/components/schemas/" + schema + "/enum")
                                        .spliterator(),
                                false)
                        .map(JsonNode::asText))
                .isEqualTo(values);
    }

    @Test
    void every_endpoint_is_described_with_its_parameters_and_no_other() {
        Map<String, Set<String>> endpoints = new TreeMap<>();
        collect(RealmResource.class, REALM, endpoints);
        collect(AdminResource.class, "/admin" + REALM, endpoints);

        Map<String, Set<String>> described = operations().stream()
                .filter(operation -> operation.path().contains(REALM))
                .collect(Collectors.toMap(
                        OpenApi.Operation::toString,
                        operation -> new TreeSet<>(operation.parameters("query")),
                        (one, other) -> one,
                        TreeMap::new));

        assertThat(described).isEqualTo(endpoints);
    }

    /**
     * Adds an entry for each endpoint of a resource and of its sub-resources, with the names of its query parameters.
     */
    private static void collect(Class<?> resource, String path, Map<String, Set<String>> endpoints) {
        for (Method method : resource.getDeclaredMethods()) {
            Path relative = method.getAnnotation(Path.class);
            boolean partOfAPage = PAGES.contains(method.getReturnType());
            if (relative == null || partOfAPage) {
                continue;
            }
            String full = relative.value().isEmpty() ? path : path + "/" + relative.value();
            Optional<String> verb = verb(method);
            if (verb.isEmpty()) {
                collect(method.getReturnType(), full, endpoints);
            } else {
                endpoints.put(verb.get() + " " + full, queryParameters(method));
            }
        }
    }

    /**
     * What is answered as an object is written in the type that was asked for, if there is one. A {@code Response} says its
     * type itself, whatever was asked for.
     */
    @Test
    void that_no_type_fits_is_described_where_the_server_says_so() {
        assertThat(described(406))
                .isEqualTo(typed(method ->
                        method.isAnnotationPresent(Produces.class) && !Response.class.equals(method.getReturnType())));
    }

    /** Of the realm resource Keycloak does not look at the type of a body. */
    @Test
    void that_a_body_has_another_type_is_described_where_the_server_says_so() {
        assertThat(described(415)).isEqualTo(typed(method -> method.isAnnotationPresent(Consumes.class)));
    }

    private static Set<String> described(int status) {
        return operations().stream()
                .filter(operation -> operation.path().contains("/admin" + REALM)
                        && operation.statuses().contains(status))
                .map(OpenApi.Operation::toString)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> typed(Predicate<Method> which) {
        Set<String> typed = new TreeSet<>();
        collectTyped(AdminResource.class, "/admin" + REALM, which, typed);
        return typed;
    }

    private static void collectTyped(Class<?> resource, String path, Predicate<Method> which, Set<String> typed) {
        for (Method method : resource.getDeclaredMethods()) {
            Path relative = method.getAnnotation(Path.class);
            if (relative == null) {
                continue;
            }
            String full = relative.value().isEmpty() ? path : path + "/" + relative.value();
            Optional<String> verb = verb(method);
            if (verb.isEmpty()) {
                collectTyped(method.getReturnType(), full, which, typed);
            } else if (which.test(method)) {
                typed.add(verb.get() + " " + full);
            }
        }
    }

    private static Optional<String> verb(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(Annotation::annotationType)
                .map(type -> type.getAnnotation(HttpMethod.class))
                .filter(annotation -> annotation != null)
                .map(HttpMethod::value)
                .findFirst();
    }

    private static Set<String> queryParameters(Method method) {
        return Arrays.stream(method.getParameters())
                .map(parameter -> parameter.getAnnotation(QueryParam.class))
                .filter(annotation -> annotation != null)
                .map(QueryParam::value)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey);
    }
}
