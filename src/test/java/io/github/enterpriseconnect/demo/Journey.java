package io.github.enterpriseconnect.demo;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.SignIn;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The main job step by step, each with the time it took; any step that does not happen ends it. */
final class Journey {
    /** Short enough to see a token expire, long enough to use it before. */
    private static final int TOKEN_SECONDS = 8;

    private static final String MARIA = "maria";
    private static final String DOMAIN = "acme.test";

    private final PrintStream out;
    private final Installation installation;
    private final ConnectedRealm realm;
    private final String acme;
    private final String maria;

    Journey(PrintStream out, Installation installation) {
        this.out = out;
        this.installation = installation;
        this.realm = installation.realm();
        this.acme = realm.organizationNamed("acme");
        this.maria = realm.userNamed(MARIA);
    }

    void walk() {
        JsonNode before = realm.link(acme);
        if (before.hasNonNull("serviceAccount")) {
            step("acme, which was linked before, is unlinked", () -> realm.unlink(acme));
            step("that service account is revoked at Cronofy", () -> awaitRevoked(serviceAccount(before)));
        }
        tokensLive(TOKEN_SECONDS);
        try {
            walkOnce();
        } finally {
            tokensLive(null);
        }
    }

    private void walkOnce() {
        step("the realm's administrator approves the domain " + DOMAIN, () -> realm.approve(acme, DOMAIN));
        Page linked = step(
                "acme's administrator links the service account on the simulator's page",
                () -> realm.authorize(new Browser(), realm.invite(acme), DOMAIN));
        require(ConnectedRealm.outcome(linked).equals("linked"), "the result page says linked");
        SignIn signIn = step("maria signs in over the login form", () -> realm.signIn(MARIA));
        step("maria is delegated behind her back", this::awaitGranted);
        String accessToken = signIn.tokens().accessToken();
        JsonNode first = step(
                "the application fetches a token",
                () -> realm.token(accessToken).expect(200).json());
        step("the application lists maria's calendars with it", () -> calendars(first)
                .expect(200));
        step("the token expires at Cronofy", () -> awaitExpired(first));
        JsonNode second = step(
                "the application fetches again",
                () -> realm.token(accessToken).expect(200).json());
        require(!access(second).equals(access(first)), "the second token is another one");
        step("the application lists maria's calendars again", () -> calendars(second)
                .expect(200));
        Page day = step("maria signs in at the example application", this::openDay);
        require(!day.document().select("table tbody tr").isEmpty(), "she sees an event of today there, but: " + day);
        JsonNode link = realm.link(acme);
        step("the administrator unlinks acme", () -> realm.unlink(acme));
        step("no token is handed out any more", () -> realm.token(accessToken).expect(404));
        step("the service account is revoked at Cronofy", () -> awaitRevoked(serviceAccount(link)));
    }

    private void tokensLive(@Nullable Integer seconds) {
        Map<String, @Nullable Object> change = new HashMap<>();
        change.put("userTokenSeconds", seconds);
        Answer.to(simulator("switches").method("PATCH", BodyPublishers.ofString(Answer.write(change))))
                .expect(200);
    }

    private boolean awaitGranted() {
        await().atMost(Duration.ofMinutes(3))
                .until(() -> realm.member(maria).get("state").asText().equals("granted"));
        return true;
    }

    private boolean awaitExpired(JsonNode token) {
        await().atMost(Duration.ofMinutes(3)).until(() -> calendars(token).status() == 401);
        return true;
    }

    private Page openDay() {
        Browser browser = new Browser();
        URI signIn = browser.open(installation.application()).link("Sign in");
        return browser.enterCredentials(browser.open(signIn), MARIA, ConnectedRealm.PASSWORD);
    }

    private boolean awaitRevoked(String subject) {
        await().atMost(Duration.ofMinutes(3)).until(() -> !isLive(subject));
        return true;
    }

    private boolean isLive(String subject) {
        for (JsonNode grant : Answer.to(simulator("state")).expect(200).json().get("grants")) {
            if (grant.get("sub").asText().equals(subject)) {
                return grant.get("live").asBoolean();
            }
        }
        return false;
    }

    private HttpRequest.Builder simulator(String control) {
        return HttpRequest.newBuilder(installation.simulator().resolve("/_simulator/" + control));
    }

    private static String serviceAccount(JsonNode link) {
        return link.get("serviceAccount").asText();
    }

    private static Answer calendars(JsonNode token) {
        return Answer.to(HttpRequest.newBuilder(URI.create(token.get("api_url").asText() + "/v1/calendars"))
                .header("Authorization", "Bearer " + access(token)));
    }

    private static String access(JsonNode token) {
        return token.get("access_token").asText();
    }

    private <T> T step(String what, Supplier<T> doing) {
        long start = System.nanoTime();
        T result = doing.get();
        out.printf(
                "%-72s %6d ms%n",
                what, Duration.ofNanos(System.nanoTime() - start).toMillis());
        return result;
    }

    private static void require(boolean fact, String what) {
        if (!fact) {
            throw new IllegalStateException("It did not happen that " + what);
        }
    }
}
