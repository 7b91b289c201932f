package io.github.enterpriseconnect.demo;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.Browser;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Page;
import io.github.enterpriseconnect.integration.harness.SignIn;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.function.Supplier;

/** The main job step by step, each with the time it took; any step that does not happen ends it. */
final class Journey {
    /** Short enough to see a token expire, long enough to use it before. */
    static final int TOKEN_SECONDS = 8;

    private final PrintStream out;
    private final Simulator simulator;
    private final ConnectedRealm realm;
    private final String organization;
    private final String member;

    Journey(PrintStream out, Simulator simulator, ConnectedRealm realm, String organization, String member) {
        this.out = out;
        this.simulator = simulator;
        this.realm = realm;
        this.organization = organization;
        this.member = member;
    }

    void walk() {
        step("the realm's administrator approves the domain acme.test", () -> realm.approve(organization, "acme.test"));
        Page linked = step(
                "acme's administrator links the service account on the simulator's page",
                () -> realm.authorize(new Browser(), realm.invite(organization), "acme.test"));
        require(ConnectedRealm.outcome(linked).equals("linked"), "the result page says linked");
        SignIn signIn = step("maria signs in over the login form", () -> realm.signIn("maria"));
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
        String serviceAccount = realm.link(organization).get("serviceAccount").asText();
        step("the administrator unlinks acme", () -> realm.unlink(organization));
        step("no token is handed out any more", () -> realm.token(accessToken).expect(404));
        step("the service account is revoked at Cronofy", () -> awaitRevoked(serviceAccount));
    }

    private boolean awaitGranted() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> realm.member(member).get("state").asText().equals("granted"));
        return true;
    }

    private boolean awaitExpired(JsonNode token) {
        await().atMost(Duration.ofSeconds(30)).until(() -> calendars(token).status() == 401);
        return true;
    }

    private boolean awaitRevoked(String subject) {
        await().atMost(Duration.ofSeconds(30)).until(() -> !simulator.isLive(subject));
        return true;
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
