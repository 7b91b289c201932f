package client;

import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.OidcClientException;
import io.quarkus.oidc.client.Tokens;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Reads one task a line, and prints one line with what was told for each. */
@QuarkusMain
public class CalendarTokens implements QuarkusApplication {
    @Inject
    OidcClient calendar;

    @Inject
    RetryAfter retryAfter;

    Tokens calendarToken(String userToken, Map<String, String> besides) {
        Map<String, String> parameters = new HashMap<>(besides);
        parameters.put("subject_token", userToken);
        return calendar.getTokens(parameters).await().indefinitely();
    }

    @Override
    public int run(String... arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonObject task = new JsonObject(line);
            Map<String, String> besides = new HashMap<>();
            task.getJsonObject("besides").forEach(entry -> besides.put(entry.getKey(), (String) entry.getValue()));
            JsonObject members = told(task.getString("userToken"), besides);
            System.out.println(new JsonObject()
                    .put("members", members)
                    .put("retryAfter", retryAfter.last())
                    .encode());
        }
        return 0;
    }

    private JsonObject told(String userToken, Map<String, String> besides) {
        try {
            Tokens tokens = calendarToken(userToken, besides);
            return new JsonObject()
                    .put("access_token", tokens.getAccessToken())
                    .put("expires_at", tokens.getAccessTokenExpiresAt())
                    .put("scope", tokens.get("scope"))
                    .put("sub", tokens.get("sub"))
                    .put("mailbox", tokens.get("mailbox"))
                    .put("api_url", tokens.get("api_url"));
        } catch (OidcClientException refused) {
            // The message is the answer's body.
            return new JsonObject(refused.getMessage());
        }
    }
}
