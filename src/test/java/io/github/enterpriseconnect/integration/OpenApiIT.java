package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.KeycloakExtension;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.integration.harness.MailServer;
import io.github.enterpriseconnect.integration.harness.OpenApi;
import io.github.enterpriseconnect.integration.harness.OpenApi.Operation;
import io.github.enterpriseconnect.integration.harness.RealmAdministrators;
import io.github.enterpriseconnect.simulator.Simulator;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The server does what {@code docs/openapi.yaml} says, and nothing else. That each answer looks as described is checked
 * wherever a test gets one, here and elsewhere.
 */
@ExtendWith(KeycloakExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiIT {
    private static final List<String> VERBS = List.of("GET", "POST", "PUT", "DELETE", "PATCH");

    private final KeycloakServer server;
    private final AdminClient admin;
    private final MailServer mail = MailServer.start();
    private final ConnectedRealm realm;
    private final ConnectedRealm httpsOnly;
    private final Map<String, AdminClient> callers;
    private final String accessToken;
    private final Map<String, String> untouched;
    private int targets;

    OpenApiIT(KeycloakServer server, AdminClient admin, Simulator simulator) {
        this.server = server;
        this.admin = admin;
        this.realm = ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(OpenApiIT.class), true);
        this.httpsOnly =
                ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(OpenApiIT.class), true);
        String elsewhere = AdminClient.newRealmName(OpenApiIT.class);
        admin.createRealm(elsewhere, Map.of());
        this.callers = Map.of(
                "administrator",
                admin,
                "nobody",
                AdminClient.nobody(server),
                "elsewhere",
                new RealmAdministrators(server, admin, elsewhere).create("elsewhere", "realm-admin"));
        admin.put("/admin/realms/" + httpsOnly.name(), Map.of("sslRequired", "all"))
                .expect(204);
        mail.serve(admin, realm.name());
        admin.put(
                        "/admin/realms/" + realm.name(),
                        Map.of("internationalizationEnabled", true, "supportedLocales", List.of("en", "de")))
                .expect(204);
        this.accessToken = grantedMember();
        this.untouched = target();
    }

    @AfterAll
    void stop() {
        mail.close();
    }

    static List<Operation> operations() {
        return OpenApi.document().operations();
    }

    private static Stream<Arguments> refusals(int status) {
        return operations().stream()
                .filter(operation -> operation.statuses().contains(status))
                .map(Arguments::of);
    }

    static Stream<Arguments> unauthorized() {
        return refusals(401)
                .filter(operation -> administered((Operation) operation.get()[0]));
    }

    static Stream<Arguments> forbidden() {
        return refusals(403);
    }

    static Stream<Arguments> notFound() {
        return refusals(404);
    }

    /** Whoever has not just authorized anything is told so first. */
    static Stream<Arguments> badRequest() {
        return refusals(400)
                .filter(operation -> !((Operation) operation.get()[0]).id().equals("verifyAsAuthorizer"));
    }

    /** Where there is nothing to end, to send again or to try, that is told first. */
    static Stream<Arguments> notAcceptable() {
        return refusals(406).filter(operation -> !Set.of("endReplacement", "replayNotifications", "testNotifications")
                .contains(((Operation) operation.get()[0]).id()));
    }

    static Stream<Arguments> unsupported() {
        return refusals(415);
    }

    static Stream<Arguments> undocumented() {
        Map<String, List<String>> documented = operations().stream()
                .collect(Collectors.groupingBy(
                        Operation::path, Collectors.mapping(Operation::method, Collectors.toList())));
        return documented.entrySet().stream().flatMap(path -> VERBS.stream()
                .filter(verb -> !path.getValue().contains(verb))
                .map(verb -> Arguments.of(verb, path.getKey())));
    }

    private static boolean administered(Operation operation) {
        return operation.path().startsWith("/admin/");
    }

    private String grantedMember() {
        String organization = realm.organization("granted", "granted-api.test");
        realm.link(organization, "granted-api.test");
        String user = realm.member(organization, "granted", "granted@granted-api.test")
                .id();
        String token =
                realm.consumer().directGrant("granted", ConnectedRealm.PASSWORD).accessToken();
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() ->
                        assertThat(realm.member(user).get("state").asText()).isEqualTo("granted"));
        return token;
    }

    @AfterEach
    void resume() {
        admin.delete(realm.api("suspension")).expect(204);
        admin.delete(realm.api("consumers/calendar-app/suspension")).expect(204);
    }

    /** What the placeholders stand for: an organization, a member and an invitation that nobody else uses. */
    private Map<String, String> target() {
        String name = "api-" + ++targets;
        String domain = name + "-api.test";
        String organization = realm.organization(name, domain);
        realm.link(organization, domain);
        admin.put(realm.api("links/" + organization), Map.of("policy", Map.of("optOut", true)))
                .expect(200);
        String invitation = realm.invite(organization).getPath();
        return Map.of(
                "realm", realm.name(),
                "id", organization,
                "user", realm.member(organization, name, name + "@" + domain).id(),
                "invitation",
                        admin.get(realm.api("links/" + organization + "/invitations"))
                                .json()
                                .at("/0/id")
                                .asText(),
                "resource",
                        admin.post(
                                        realm.api("links/" + organization + "/resources"),
                                        Map.of("mailbox", "desk@" + domain))
                                .expect(201)
                                .json()
                                .get("id")
                                .asText(),
                "ticket", invitation.substring(invitation.lastIndexOf('/') + 1),
                "client", "calendar-app");
    }

    private static String fill(String path, Map<String, String> target) {
        String filled = path;
        for (Map.Entry<String, String> placeholder : target.entrySet()) {
            filled = filled.replace("{" + placeholder.getKey() + "}", placeholder.getValue());
        }
        return filled;
    }

    private Answer call(String caller, String method, String path, String type, String body) {
        if (path.startsWith("/admin/")) {
            return Objects.requireNonNull(callers.get(caller)).request(method, path, body.isEmpty() ? null : body);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(server.baseUri().resolve(path))
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString(body));
        if (method.equals("GET") && path.contains("/members")) {
            Application.withBasic(server.realm(realm.name()), ConnectedRealm.CONSUMER, ConnectedRealm.CONSUMER_SECRET)
                    .authentication()
                    .apply(server.baseUri())
                    .headers()
                    .forEach(request::header);
        }
        return Answer.to(request);
    }

    private Answer call(String caller, Operation operation, Map<String, String> target) {
        JsonNode content = operation.json().at("/requestBody/content");
        String type =
                content.properties().stream().map(Map.Entry::getKey).findFirst().orElse("application/json");
        return call(
                caller, operation.method(), fill(operation.path(), target), type, body(operation, content.path(type)));
    }

    private String body(Operation operation, JsonNode content) {
        return switch (operation.id()) {
            case "listMembersWithForm" -> Answer.encode(realm.consumer().authenticated(Map.of()));
            case "fetchToken" -> Answer.encode(realm.consumer().authenticated(Map.of("token", accessToken)));
            case "exchangeToken" ->
                exchange(Map.of(
                        "subject_token",
                        accessToken,
                        "subject_token_type",
                        "urn:ietf:params:oauth:token-type:access_token"));
            case "putSettings", "testSettings" -> Answer.write(realm.settings());
            default -> firstExample(content);
        };
    }

    private String exchange(Map<String, String> parameters) {
        Map<String, String> form = new HashMap<>(parameters);
        form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        form.put("requested_issuer", "enterprise-connect");
        return Answer.encode(realm.consumer().authenticated(form));
    }

    private static String firstExample(JsonNode content) {
        return Stream.concat(
                        Stream.of(content.path("example")),
                        content.path("examples").valueStream().map(named -> named.path("value")))
                .filter(example -> !example.isMissingNode())
                .map(JsonNode::toString)
                .findFirst()
                .orElse("");
    }

    @ParameterizedTest
    @MethodSource("operations")
    void an_operation_that_is_described_exists_and_takes_the_request_of_its_example(Operation operation) {
        int expected =
                switch (operation.id()) {
                    case "arriveFromCronofy" -> 400; // Nobody departed.
                    case "receiveDelegation" -> 404; // Nobody was asked for.
                    case "receiveNotification" -> 404; // Nobody watches.
                    case "showVerification", "verifyAsAuthorizer" -> 404; // Nobody has just authorized anything.
                    case "verifyLink", "nameResource" -> 400; // The example's domain is another's.
                    case "finishRotation" -> 409; // There is no next secret.
                    case "cancelReplacement", "endReplacement" -> 409; // Nothing is being replaced.
                    case "replayNotification" -> 404; // Nothing waits to be sent.
                    case "replayNotifications" -> 400; // Nobody says whose.
                    case "testNotifications" -> 409; // The consumer has no address.
                    case "adoptCalendarName" -> 409; // Cronofy knows of no other name.
                    default -> operation.statuses().get(0);
                };

        call("administrator", operation, target()).expect(expected);
    }

    @Test
    void whoever_generates_a_client_gets_the_description_of_the_servers_own_version() throws Exception {
        URI address = realm.resource("openapi.yaml");
        String version =
                admin.get(realm.api("status")).expect(200).json().get("version").asText();

        Answer document = Answer.to(HttpRequest.newBuilder(address).header("Accept", "application/json"));

        assertThat(document.expect(200).text()).isEqualTo(Files.readString(Path.of("docs/openapi.yaml")));
        assertThat(document.text()).contains("\n  version: " + version + "\n");
        assertThat(document.headers().firstValue("Content-Type")).contains("application/yaml");
        String tag = document.headers().firstValue("ETag").orElseThrow();
        for (String known : List.of(tag, "\"other\", W/" + tag)) {
            assertThat(Answer.to(HttpRequest.newBuilder(address).header("If-None-Match", known))
                            .expect(304)
                            .text())
                    .isEmpty();
        }
        Answer.to(HttpRequest.newBuilder(address).header("If-None-Match", "\"other\""))
                .expect(200);
    }

    @ParameterizedTest
    @MethodSource("unauthorized")
    void whoever_has_not_signed_in_is_refused(Operation operation) {
        call("nobody", operation, untouched).expect(401);
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void administrators_of_another_realm_and_callers_without_https_are_refused(Operation operation) {
        Map<String, String> target = new HashMap<>(untouched);
        if (!administered(operation)) {
            target.put("realm", httpsOnly.name());
        }

        call("elsewhere", operation, target).expect(403);
    }

    @ParameterizedTest
    @MethodSource("notFound")
    void what_there_is_not_is_not_found(Operation operation) {
        List<String> placeholders = operation.parameters("path");
        Map<String, String> target = new HashMap<>(untouched);
        target.put(placeholders.get(placeholders.size() - 1), "unknown");

        call("administrator", operation, target).expect(404);
    }

    @ParameterizedTest
    @MethodSource("badRequest")
    void a_request_without_sense_is_refused(Operation operation) {
        String path = fill(operation.path(), untouched);
        boolean paged = operation.parameters("query").contains("max");
        String type = operation.path().startsWith("/admin/") ? "application/json" : "application/x-www-form-urlencoded";
        String body = administered(operation) ? paged ? "" : "no JSON" : exchange(Map.of());

        call("administrator", operation.method(), paged ? path + "?max=0" : path, type, body)
                .expect(400);
    }

    @ParameterizedTest
    @MethodSource("notAcceptable")
    void an_answer_of_another_type_is_not_to_be_had(Operation operation) {
        JsonNode content = operation.json().at("/requestBody/content/application~1json");

        Answer.to(admin.request(fill(operation.path(), untouched))
                        .setHeader("Accept", "application/vnd.nobody.has")
                        .header("Content-Type", "application/json")
                        .method(operation.method(), BodyPublishers.ofString(body(operation, content))))
                .expect(406);
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void a_body_of_another_type_is_not_read(Operation operation) {
        Answer.to(admin.request(fill(operation.path(), untouched))
                        .header("Content-Type", "text/csv")
                        .method(operation.method(), BodyPublishers.ofString("a,b")))
                .expect(415);
    }

    @ParameterizedTest
    @MethodSource("undocumented")
    void a_verb_that_is_not_described_does_not_exist(String verb, String path) {
        Answer answer = call("administrator", verb, fill(path, untouched), "application/json", "{}");

        assertThat(answer.status()).as(answer.text()).isIn(404, 405);
    }
}
