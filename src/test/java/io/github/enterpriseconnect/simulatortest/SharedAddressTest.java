package io.github.enterpriseconnect.simulatortest;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.simulator.Fault;
import io.github.enterpriseconnect.simulator.ReceivedRequest;
import io.github.enterpriseconnect.simulator.SharedAddress;
import io.github.enterpriseconnect.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Simulators that share an address and nothing else. */
class SharedAddressTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final SharedAddress address = SharedAddress.open();
    private final Simulator older = address.add("older", "older-secret");
    private final Simulator newer = address.add("newer", "newer-secret");

    @AfterEach
    void stop() {
        address.close();
    }

    private int status(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            return answer.statusCode();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(address.baseUri() + path));
    }

    private int refresh(String clientId, String clientSecret, String token) {
        return status(to("/oauth/token")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=refresh_token&client_id=" + clientId + "&client_secret="
                        + clientSecret + "&refresh_token=" + URLEncoder.encode(token, StandardCharsets.UTF_8))));
    }

    private int account(String bearer) {
        return status(to("/v1/account").header("Authorization", "Bearer " + bearer));
    }

    @Test
    void a_request_goes_to_the_simulator_whose_application_it_names() {
        String token = older.grantServiceAccount("example.com").refreshToken();

        assertThat(refresh("older", "older-secret", token)).isEqualTo(200);
        assertThat(refresh("newer", "newer-secret", token)).isEqualTo(400);

        assertThat(older.requests()).extracting(ReceivedRequest::status).containsExactly(200);
        assertThat(newer.requests()).extracting(ReceivedRequest::status).containsExactly(400);
    }

    @Test
    void a_request_goes_to_the_simulator_whose_token_it_bears() {
        String token = older.grantMailbox("joe@example.com").accessToken();

        assertThat(account(token)).isEqualTo(200);

        assertThat(older.requests()).hasSize(1);
        assertThat(newer.requests()).isEmpty();
    }

    @Test
    void a_request_that_no_simulator_knows_goes_to_the_newest() {
        assertThat(account("nobody's")).isEqualTo(401);
        assertThat(refresh("nobody", "nobody's", "nothing")).isEqualTo(400);

        assertThat(older.requests()).isEmpty();
        assertThat(newer.requests()).hasSize(2);
    }

    @Test
    void a_fault_of_one_simulator_does_not_meet_the_requests_of_another() {
        String token = older.grantMailbox("joe@example.com").accessToken();
        newer.addFault(Fault.on("", "/").status(500).build());

        assertThat(account(token)).isEqualTo(200);
        assertThat(account("nobody's")).isEqualTo(500);
    }
}
