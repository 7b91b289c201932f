package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The control API, JSON over HTTP under {@code /_simulator/}. None of this exists at Cronofy; none of it is in the log.
 * A wrong value is a 400 with {@code {"message"}} that says what to write instead. Content-Type does not matter.
 *
 * <ul>
 *   <li>{@code GET requests?method=&path=} the log; {@code DELETE requests} empties it
 *   <li>{@code GET callbacks} every attempt to call back, with the receiver's status
 *   <li>{@code GET switches}; {@code PATCH switches {"refresh": "rotate"}} changes what is named, null is the default
 *   <li>{@code GET faults}; {@code POST faults} (see {@link Fault}) answers {@code {"id"}}; {@code DELETE faults},
 *       {@code DELETE faults/{id}}
 *   <li>{@code GET clock}; {@code POST clock {"advanceSeconds": 1800}}
 *   <li>{@code GET state} who authorized what, without secrets
 *   <li>{@code POST revocations {"sub"}} as if the customer's administrator withdrew it at his side
 *   <li>{@code POST expirations} makes every access token expire
 *   <li>{@code POST grants {"domain"}} or {@code {"mailbox"}} (linked by its owner himself) answers tokens, no page
 *   <li>{@code POST notifications {"sub", "type"}} tells the account's channels
 *   <li>{@code POST applications {"clientId", "clientSecret"}} adds an application or changes its secret
 *   <li>{@code POST reset} state, faults, switches, log and clock as they were at the start
 * </ul>
 */
final class Control implements HttpHandler {
    static final String BASE = "/_simulator/";

    private final Simulator simulator;

    Control(Simulator simulator) {
        this.simulator = simulator;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        ReceivedRequest request =
                ReceivedRequest.unlogged(exchange, exchange.getRequestBody().readAllBytes());
        Answer answer;
        try {
            answer = answer(request);
        } catch (IllegalArgumentException e) {
            String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
            answer = Answer.json(400, Json.object().put("message", message));
        }
        Front.deliver(exchange, answer);
    }

    private Answer answer(ReceivedRequest request) {
        String what = request.path().substring(BASE.length());
        if (request.method().equals("DELETE") && what.startsWith("faults/")) {
            return clearFault(what.substring("faults/".length()));
        }
        return switch (request.method() + " " + what) {
            case "GET requests" -> requests(request);
            case "DELETE requests" -> {
                simulator.clearRequests();
                yield done();
            }
            case "GET callbacks" -> list("callbacks", simulator.deliveries());
            case "GET switches" -> Answer.json(200, simulator.switches().json());
            case "PATCH switches" -> {
                simulator.switches().merge(body(request));
                yield Answer.json(200, simulator.switches().json());
            }
            case "GET faults" -> list("faults", simulator.faults().json());
            case "POST faults" ->
                Answer.json(201, Json.object().put("id", simulator.addFault(Fault.from(body(request)))));
            case "DELETE faults" -> {
                simulator.clearFaults();
                yield done();
            }
            case "GET clock" -> clock();
            case "POST clock" -> {
                simulator.advanceClock(Duration.ofSeconds(seconds(body(request))));
                yield clock();
            }
            case "GET state" -> list("grants", simulator.state());
            case "POST revocations" -> revoke(body(request));
            case "POST expirations" -> {
                simulator.expireAccessTokens();
                yield done();
            }
            case "POST grants" -> grant(body(request));
            case "POST notifications" -> notification(body(request));
            case "POST applications" -> {
                ObjectNode application = body(request);
                simulator.addApplication(text(application, "clientId"), text(application, "clientSecret"));
                yield done();
            }
            case "POST reset" -> {
                simulator.reset();
                yield done();
            }
            default ->
                Answer.json(
                        404, Json.object().put("message", "nothing is here; docs/simulator.md lists what there is"));
        };
    }

    private Answer requests(ReceivedRequest request) {
        String method = Objects.requireNonNullElse(request.parameter("method"), "");
        String path = Objects.requireNonNullElse(request.parameter("path"), "");
        List<ObjectNode> requests = simulator.requests(method, path).stream()
                .map(one -> {
                    ObjectNode json = Json.object()
                            .put("id", one.id())
                            .put("at", one.at().toString())
                            .put("method", one.method())
                            .put("path", one.path())
                            .put("query", one.query());
                    json.set("headers", Json.tree(one.headers()));
                    return json.put("body", one.body()).put("status", one.status());
                })
                .toList();
        return list("requests", Json.array(requests));
    }

    private Answer clearFault(String id) {
        if (!id.matches("[0-9]{1,9}") || !simulator.faults().clear(Integer.parseInt(id))) {
            throw new IllegalArgumentException("there is no fault " + id + ": write an id from GET faults");
        }
        return done();
    }

    private Answer clock() {
        return Answer.json(
                200,
                Json.object()
                        .put("now", simulator.clock().instant().toString())
                        .put("aheadSeconds", simulator.clock().ahead().toSeconds()));
    }

    private static long seconds(ObjectNode body) {
        JsonNode seconds = body.path("advanceSeconds");
        if (!seconds.isIntegralNumber() || seconds.asLong() < 0 || seconds.asLong() > 10_000_000_000L) {
            throw new IllegalArgumentException("write {\"advanceSeconds\": 1800}, a whole number from 0");
        }
        return seconds.asLong();
    }

    private Answer revoke(ObjectNode body) {
        String sub = text(body, "sub");
        if (!simulator.revokeBySub(sub)) {
            throw new IllegalArgumentException("there is no " + sub + ": write a sub from GET state");
        }
        return done();
    }

    private Answer grant(ObjectNode body) {
        GrantedTokens tokens = body.has("mailbox")
                ? simulator.grantMailbox(text(body, "mailbox"))
                : simulator.grantServiceAccount(text(body, "domain"));
        return Answer.json(
                201,
                Json.object()
                        .put("sub", tokens.sub())
                        .put("access_token", tokens.accessToken())
                        .put("refresh_token", tokens.refreshToken())
                        .put("expires_in", tokens.lifetime().toSeconds()));
    }

    private Answer notification(ObjectNode body) {
        Optional<Integer> told = simulator.sendNotification(text(body, "sub"), text(body, "type"));
        return Answer.json(
                202,
                Json.object()
                        .put(
                                "channels",
                                told.orElseThrow(
                                        () -> new IllegalArgumentException(
                                                "there is no such mailbox: write a sub from GET state that begins with acc_"))));
    }

    private static Answer list(String name, List<Delivery> deliveries) {
        return list(
                name,
                Json.array(deliveries.stream()
                        .map(one -> Json.object()
                                .put("at", one.at().toString())
                                .put("url", one.url())
                                .put("body", one.body())
                                .put("attempt", one.attempt())
                                .put("status", one.status()))
                        .toList()));
    }

    private static Answer list(String name, JsonNode items) {
        ObjectNode answer = Json.object();
        answer.set(name, items);
        return Answer.json(200, answer);
    }

    private static Answer done() {
        return Answer.empty(204);
    }

    private static ObjectNode body(ReceivedRequest request) {
        return Json.readObject(request.body());
    }

    private static String text(ObjectNode body, String name) {
        String value = body.path(name).asText();
        if (value.isBlank()) {
            throw new IllegalArgumentException("write {\"" + name + "\": \"…\"}");
        }
        return value;
    }
}
