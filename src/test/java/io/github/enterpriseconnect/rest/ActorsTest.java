package io.github.enterpriseconnect.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.enterpriseconnect.core.Consumer;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who acts for the user of a token, and for whom a consumer is served then. */
class ActorsTest {
    private static final String ISSUER = "https://id.example.com/realms/myrealm";

    private static Actors claimed(String act) {
        try {
            return Actors.claimed(new ObjectMapper().readTree(act), ISSUER);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** What a consumer is told for whom these act; null if it is served. */
    private static @Nullable String refusal(Actors actors, String... served) {
        Consumer consumer = new Consumer("app", Set.of(Consumer.Right.MEMBER), null, null, Set.of(served));
        TokenRefused refused = catchThrowableOfType(TokenRefused.class, () -> actors.requireServedTo(consumer));
        if (refused != null) {
            assertThat(refused.error()).isEqualTo(TokenError.ACCESS_DENIED);
        }
        return refused == null ? null : refused.getMessage();
    }

    @Test
    void a_token_of_the_user_alone_is_served_whatever_the_rule() {
        Actors nobody = Actors.claimed(MissingNode.getInstance(), ISSUER);

        assertThat(refusal(nobody)).isNull();
        assertThat(nobody.none()).isTrue();
        assertThat(nobody.current()).isNull();
    }

    @Test
    void an_actor_is_refused_unless_the_consumer_names_it() {
        Actors agent = claimed("{\"sub\": \"agent\"}");

        assertThat(refusal(agent)).contains("agent acts for the user", "among the actors");
        assertThat(refusal(agent, "another")).isNotNull();
        assertThat(refusal(agent, "agent")).isNull();
        assertThat(agent.told()).isEqualTo("agent");
    }

    @Test
    void a_client_counts_by_its_id_and_not_by_the_subject_of_its_account() {
        Actors agent = claimed("{\"sub\": \"5b1f\", \"client_id\": \"agent\", \"iss\": \"" + ISSUER + "\"}");

        assertThat(refusal(agent, "agent")).isNull();
        assertThat(refusal(agent, "5b1f")).isNotNull();
    }

    @Test
    void of_nested_actors_the_current_one_decides_and_the_others_are_told() {
        Actors chain = claimed("{\"sub\": \"now\", \"act\": {\"sub\": \"before\", \"act\": {\"iss\": \"x\"}}}");

        assertThat(refusal(chain, "now")).isNull();
        assertThat(refusal(chain, "before")).isNotNull();
        assertThat(chain.before()).containsExactly("before", "unknown");
        assertThat(chain.told()).isEqualTo("now");
    }

    @Test
    void of_a_chain_without_end_only_the_latest_are_told() {
        String chain = "{\"sub\": \"x\"}";
        for (int i = 0; i < 100; i++) {
            chain = "{\"sub\": \"agent\", \"act\": " + chain + "}";
        }

        assertThat(claimed(chain).before()).hasSize(10).containsOnly("agent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "[]",
                "\"agent\"",
                "true",
                "{\"sub\": null}",
                "{\"sub\": \"\"}",
                "{\"sub\": 7}",
                "{\"sub\": [\"agent\"]}",
                "{\"sub\": \"an agent\"}",
                "{\"client_id\": {}, \"sub\": \"agent\"}",
                "{\"sub\": \"agent\", \"iss\": \"https://elsewhere.example\"}",
                "{\"sub\": \"agent\", \"iss\": null}",
                "{\"act\": {\"sub\": \"agent\"}}"
            })
    void an_actor_of_whom_nobody_can_tell_who_that_is_is_never_served(String act) {
        Actors actors = claimed(act);

        assertThat(refusal(actors, "agent", "unknown", "null", "7", "true", "")).isNotNull();
        assertThat(actors.none()).isFalse();
        assertThat(actors.told()).isEqualTo("unknown");
        assertThat(actors.current()).isNull();
    }

    @Test
    void a_client_that_impersonates_is_served_like_an_agent_and_a_person_never() {
        assertThat(refusal(Actors.NOBODY.impersonating("agent"), "agent")).isNull();
        assertThat(refusal(Actors.NOBODY.impersonating("agent"))).isNotNull();
        assertThat(refusal(Actors.NOBODY.impersonating(null), "agent")).isNotNull();
    }

    @Test
    void all_who_act_have_to_be_named() {
        Actors both = claimed("{\"sub\": \"agent\"}").impersonating("impersonator");

        assertThat(refusal(both, "agent")).isNotNull();
        assertThat(refusal(both, "impersonator")).isNotNull();
        assertThat(refusal(both, "agent", "impersonator")).isNull();
        assertThat(both.told()).isEqualTo("agent impersonator");
        assertThat(refusal(claimed("{\"sub\": \"agent\"}").impersonating(null), "agent"))
                .isNotNull();
    }
}
