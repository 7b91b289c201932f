package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/** What a token endpoint hands out. Tokens that were not part of the answer are empty. */
public record Tokens(String accessToken, String refreshToken, String idToken, Instant expiresAt) {

    /** What a token endpoint answered, which must be 200. */
    public static Tokens of(Answer answer) {
        JsonNode json = answer.expect(200).json();
        return new Tokens(
                json.path("access_token").asText(),
                json.path("refresh_token").asText(),
                json.path("id_token").asText(),
                Instant.now().plusSeconds(json.path("expires_in").asLong()));
    }

    /** The claims of the access token. */
    public JsonNode claims() {
        try {
            return Answer.JSON.readTree(
                    Base64.getUrlDecoder().decode(accessToken.split("\\.", -1)[1]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean livesFor(Duration duration) {
        return Instant.now().plus(duration).isBefore(expiresAt);
    }

    @Override
    public String toString() {
        return "Tokens[expiresAt=" + expiresAt + "]";
    }
}
