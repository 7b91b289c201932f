package io.github.enterpriseconnect.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.simulator.Delivery;
import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.Simulator;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** What the simulator has seen of single mailboxes. */
record AtCronofy(Simulator simulator) {
    static final String ASK = "/v1/service_account_authorizations";
    static final String TOKEN = "/oauth/token";

    private static final Pattern EMAIL = Pattern.compile("\"email\":\"([^\"]+)\"");

    /** A fault for asks that name this text. */
    static Fault.Builder onAsk(String text) {
        return Fault.on("POST", ASK).containing(text);
    }

    /** A fault for requests for tokens that hold this text. */
    static Fault.Builder onToken(String text) {
        return Fault.on("POST", TOKEN).containing(text);
    }

    /** A fault for revocations that hold this text. */
    static Fault.Builder onRevoke(String text) {
        return Fault.on("POST", TOKEN + "/revoke").containing(text);
    }

    /** The revocations that were sent with this token. */
    List<ReceivedRequest> revocations(String refreshToken) {
        return simulator.requests("POST", TOKEN + "/revoke").stream()
                .filter(request -> refreshToken.equals(request.parameter("token")))
                .toList();
    }

    /** The requests that asked for this mailbox, alone or with others. */
    List<ReceivedRequest> asks(String mailbox) {
        return asksNaming("\"email\":\"" + mailbox + "\"");
    }

    List<ReceivedRequest> asksNaming(String text) {
        return simulator.requests("POST", ASK).stream()
                .filter(request -> request.body().contains(text))
                .toList();
    }

    static List<String> mailboxes(ReceivedRequest ask) {
        return EMAIL.matcher(ask.body()).results().map(found -> found.group(1)).toList();
    }

    /** Where the last ask for this mailbox wants its callback. */
    URI callbackUrl(String mailbox) {
        List<ReceivedRequest> asks = asks(mailbox);
        String body = asks.get(asks.size() - 1).body();
        Matcher entry = Pattern.compile("\\{[^{}]*\"" + Pattern.quote(mailbox) + "\"[^{}]*}")
                .matcher(body);
        if (!entry.find()) {
            throw new AssertionError(mailbox + " is not in " + body);
        }
        Matcher url = Pattern.compile("\"callback_url\":\"([^\"]+)\"").matcher(entry.group());
        if (!url.find()) {
            throw new AssertionError("no callback_url in " + body);
        }
        return URI.create(url.group(1));
    }

    /** The exchanges of codes that came to this address. */
    List<ReceivedRequest> exchanges(URI callbackUrl) {
        return simulator.requests("POST", "/oauth/token").stream()
                .filter(request ->
                        request.path().equals(TOKEN) && request.body().contains("\"" + callbackUrl + "\""))
                .toList();
    }

    /** The attempts to call back there. */
    List<Delivery> deliveries(URI callbackUrl) {
        return simulator.deliveries().stream()
                .filter(delivery -> delivery.url().equals(callbackUrl.toString()))
                .toList();
    }

    List<ReceivedRequest> refreshes() {
        return simulator.requests("POST", TOKEN).stream()
                .filter(request ->
                        request.path().equals(TOKEN) && request.body().contains("\"refresh_token\""))
                .filter(request -> "refresh_token".equals(request.parameter("grant_type")))
                .toList();
    }

    /** Calls back as Cronofy would, with a valid signature. */
    Answer callBack(URI url, String body) {
        return callBack(url, body, simulator.signature(body));
    }

    Answer callBack(URI url, String body, String signature) {
        return Answer.to(HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json; charset=utf-8")
                .header("Cronofy-HMAC-SHA256", signature)
                .POST(BodyPublishers.ofString(body)));
    }

    /** The authorization of a mailbox or of a domain, if there ever was one. */
    Optional<JsonNode> grant(String mailboxOrDomain) {
        JsonNode grants = Answer.to(HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/_simulator/state"))
                        .GET())
                .expect(200)
                .json()
                .get("grants");
        return StreamSupport.stream(grants.spliterator(), false)
                .filter(grant -> mailboxOrDomain.equals(grant.path("mailbox").asText())
                        || mailboxOrDomain.equals(grant.path("domain").asText()))
                .findFirst();
    }

    boolean live(String mailboxOrDomain) {
        return grant(mailboxOrDomain)
                .filter(grant -> grant.get("live").booleanValue())
                .isPresent();
    }

    /** Puts switches and faults back; what has been authorized stays. */
    void calm() {
        simulator.clearFaults();
        Switch.all().forEach(this::restore);
    }

    private <T> void restore(Switch<T> which) {
        simulator.change(which, which.initial());
    }
}
