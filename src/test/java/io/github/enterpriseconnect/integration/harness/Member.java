package io.github.enterpriseconnect.integration.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;

/**
 * Somebody of a {@link ConnectedRealm} who has a password and whose calendar is connected, or is to be.
 *
 * @param id the user's id in Keycloak
 * @param address the verified address of the user, which is the mailbox too
 */
public record Member(ConnectedRealm realm, String id, String username, String address) {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Signs in at the realm's consumer without a browser. */
    public Tokens signIn() {
        return realm.consumer().directGrant(username, ConnectedRealm.PASSWORD);
    }

    /** What administrators see of the member. */
    public JsonNode standing() {
        return realm.member(id);
    }

    public String state() {
        return standing().get("state").asText();
    }

    /** Waits until the delegation is in this state. */
    public Member awaitState(String state) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode standing = standing();
            assertThat(standing.get("state").asText()).as("%s", standing).isEqualTo(state);
        });
        return this;
    }

    /** Signs in and waits until the calendar is connected. */
    public Member connect() {
        signIn();
        return awaitState("granted");
    }

    /** Waits until a token is older than this since the calendar was connected. */
    public void awaitAge(Duration age) {
        Instant then = Instant.parse(standing().get("grantedAt").asText()).plus(age);
        await().atMost(PATIENCE).until(() -> Instant.now().isAfter(then));
    }

    /** What the consumer is answered that asks for the token of the calendar right after a sign-in. */
    public Answer token() {
        return token(signIn());
    }

    /** What the consumer is answered that asks for the token of the calendar with what this sign-in gave. */
    public Answer token(Tokens tokens) {
        return realm.token(tokens.accessToken());
    }
}
