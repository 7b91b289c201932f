package io.github.enterpriseconnect.simulatortest;

import static io.github.enterpriseconnect.simulatortest.Wire.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.simulator.GrantedTokens;
import io.github.enterpriseconnect.simulator.Switch;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract section 4. */
class RevocationTest {
    private static final String PATH = "/oauth/token/revoke";
    private static final String ASK = "/v1/service_account_authorizations";

    private final Wire wire = new Wire();
    private final GrantedTokens link = wire.simulator.grantServiceAccount("example.com");
    private final JsonNode joe = wire.delegate(link.accessToken(), "joe@example.com", "read_write");
    private final JsonNode jane = wire.delegate(link.accessToken(), "jane@example.com", "read_write");

    @AfterEach
    void stop() {
        wire.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"access_token", "refresh_token"})
    void either_token_ends_the_whole_authorization_of_one_mailbox(String which) {
        HttpResponse<String> answer = wire.oauth(PATH, "token", text(joe, which));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertGone(joe);
        assertThat(wire.get("/v1/userinfo", text(jane, "access_token")).statusCode())
                .isEqualTo(200);
        assertThat(wire.simulator.isLive(link.sub())).isTrue();
    }

    @Test
    void an_expired_access_token_still_revokes() {
        wire.simulator.advanceClock(Duration.ofDays(1));

        wire.oauth(PATH, "token", text(joe, "access_token"));

        assertThat(wire.simulator.isLive(text(joe, "sub"))).isFalse();
    }

    @Test
    void whether_a_token_works_is_told_without_a_request() {
        int before = wire.simulator.requests().size();
        assertThat(wire.simulator.accepts(text(joe, "access_token"))).isTrue();

        wire.simulator.revokeBySub(text(joe, "sub"));

        assertThat(wire.simulator.accepts(text(joe, "access_token"))).isFalse();
        assertThat(wire.simulator.accepts("unknown")).isFalse();
        assertThat(wire.simulator.requests()).hasSize(before);
    }

    @Test
    void revoking_the_service_account_takes_its_mailboxes_along() {
        wire.oauth(PATH, "sub", link.sub());

        assertGone(joe);
        assertGone(jane);
        assertThat(wire.simulator.liveSubs()).isEmpty();
        assertThat(wire.refresh(link.refreshToken()).statusCode()).isEqualTo(400);
    }

    @Test
    void a_switch_leaves_the_mailboxes_alone() {
        wire.simulator.change(Switch.REVOKE_CASCADES, false);

        wire.simulator.revokeBySub(link.sub());

        assertThat(wire.simulator.liveSubs()).containsExactly(text(joe, "sub"), text(jane, "sub"));
    }

    @Test
    void a_mailbox_that_another_service_account_has_authorized_since_goes_along_unless_switched() {
        GrantedTokens other = another();
        assertThat(wire.delegate(other.accessToken(), "joe@example.com", "read_write")
                        .path("sub"))
                .isEqualTo(joe.path("sub"));
        wire.simulator.change(Switch.REVOKE_TAKES_MOVED, false);

        wire.simulator.revokeBySub(link.sub());

        assertThat(wire.simulator.liveSubs()).containsExactlyInAnyOrder(other.sub(), text(joe, "sub"));
        wire.delegate(other.accessToken(), "jane@example.com", "read_write");
        wire.simulator.change(Switch.REVOKE_TAKES_MOVED, true);
        wire.simulator.revokeBySub(other.sub());
        assertThat(wire.simulator.liveSubs()).isEmpty();
    }

    @Test
    void a_mailbox_whose_code_was_never_redeemed_goes_along_if_switched() {
        GrantedTokens other = another();
        wire.simulator.change(Switch.CALLBACK_DROPPED, List.of("joe@example.com", "jane@example.com"));
        String url = "http://127.0.0.1:9/callback";
        wire.post(ASK, other.accessToken(), Wire.entry("jane@example.com", url, "read_write"));
        wire.simulator.change(Switch.CODES_AUTHORIZE, true);
        wire.post(ASK, other.accessToken(), Wire.entry("joe@example.com", url, "read_write"));

        wire.simulator.revokeBySub(other.sub());

        assertThat(wire.simulator.liveSubs()).containsExactlyInAnyOrder(link.sub(), text(jane, "sub"));
        assertGone(joe);
    }

    @Test
    void a_mailbox_has_another_account_through_another_service_account_if_switched() {
        wire.simulator.change(Switch.SERVICE_ACCOUNTS_SHARE_SUB, false);
        GrantedTokens other = another();

        JsonNode moved = wire.delegate(other.accessToken(), "joe@example.com", "read_write");

        assertThat(moved.path("sub")).isNotEqualTo(joe.path("sub"));
        assertThat(wire.delegate(link.accessToken(), "joe@example.com", "read_write")
                        .path("sub"))
                .isEqualTo(joe.path("sub"));
        wire.simulator.revokeBySub(link.sub());
        assertThat(wire.simulator.liveSubs()).containsExactlyInAnyOrder(other.sub(), text(moved, "sub"));
    }

    /** Another service account of the same domain. */
    private GrantedTokens another() {
        wire.simulator.change(Switch.REAUTHORIZATION_KEEPS_SERVICE_ACCOUNT, false);
        return wire.simulator.grantServiceAccount("example.com");
    }

    @Test
    void the_token_wins_over_the_sub() {
        wire.oauth(PATH, "token", text(joe, "refresh_token"), "sub", text(jane, "sub"));

        assertThat(wire.simulator.isLive(text(joe, "sub"))).isFalse();
        assertThat(wire.simulator.isLive(text(jane, "sub"))).isTrue();
    }

    @Test
    void what_is_unknown_is_answered200() {
        assertThat(wire.oauth(PATH, "token", "unknown").statusCode()).isEqualTo(200);
        assertThat(wire.oauth(PATH, "sub", "acc_unknown").statusCode()).isEqualTo(200);

        wire.simulator.change(Switch.REVOKE_UNKNOWN_SUB_STATUS, 400);
        assertThat(wire.oauth(PATH, "sub", "acc_unknown").statusCode()).isEqualTo(400);
    }

    @Test
    void a_refresh_token_under_its_own_name_is_not_taken_for_the_token() {
        HttpResponse<String> answer = wire.oauth(PATH, "refresh_token", text(joe, "refresh_token"));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer.body()).path("error").asText()).isEqualTo("invalid_request");
        assertThat(wire.simulator.isLive(text(joe, "sub"))).isTrue();
    }

    @Test
    void another_application_cannot_revoke() {
        wire.simulator.addApplication("other", "other-secret");

        assertThat(wire.form(PATH, "other", "other-secret", "sub", link.sub()).statusCode())
                .isEqualTo(200);
        HttpResponse<String> wrong = wire.form(PATH, Wire.CLIENT, "wrong", "sub", link.sub());

        assertThat(json(wrong.body()).path("error").asText()).isEqualTo("invalid_client");
        assertThat(wire.simulator.isLive(link.sub())).isTrue();
    }

    @Test
    void authorizing_again_brings_the_same_account_back() {
        wire.simulator.revokeBySub(text(joe, "sub"));

        JsonNode again = wire.delegate(link.accessToken(), "joe@example.com", "read_write");

        assertThat(again.path("sub")).isEqualTo(joe.path("sub"));
        assertThat(wire.simulator.isLive(text(joe, "sub"))).isTrue();
    }

    @Test
    void a_personal_link_shares_the_account_unless_switched() {
        assertThat(wire.simulator.grantMailbox("joe@example.com").sub()).isEqualTo(text(joe, "sub"));

        wire.simulator.change(Switch.PERSONAL_LINK_SHARES_SUB, false);

        assertThat(wire.simulator.grantMailbox("joe@example.com").sub()).isNotEqualTo(text(joe, "sub"));
    }

    @Test
    void a_profile_is_revoked_and_the_account_stays() {
        String profile = joe.at("/linking_profile/profile_id").asText();

        assertThat(wire.post("/v1/profiles/" + profile + "/revoke", text(joe, "access_token"), "{}")
                        .statusCode())
                .isEqualTo(202);

        assertThat(json(wire.get("/v1/calendars", text(joe, "access_token")).body())
                        .path("calendars"))
                .isEmpty();
        assertThat(wire.get("/v1/userinfo", text(joe, "access_token")).statusCode())
                .isEqualTo(200);
        assertThat(wire.post("/v1/profiles/pro_x/revoke", text(jane, "access_token"), "{}")
                        .statusCode())
                .isEqualTo(404);
    }

    private void assertGone(JsonNode tokens) {
        assertThat(wire.get("/v1/userinfo", text(tokens, "access_token")).statusCode())
                .isEqualTo(401);
        HttpResponse<String> refreshed = wire.refresh(text(tokens, "refresh_token"));
        assertThat(refreshed.statusCode()).isEqualTo(400);
        assertThat(json(refreshed.body()).path("error").asText()).isEqualTo("invalid_grant");
    }

    private static String text(JsonNode tokens, String name) {
        return tokens.path(name).asText();
    }
}
