package io.github.enterpriseconnect.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.enterpriseconnect.core.Consumer;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserProvider;
import org.keycloak.models.UserSessionModel;

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
        assertThat(nobody.names(keycloak())).isEmpty();
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
        assertThat(actors.names(keycloak())).isEmpty();
    }

    /** What Keycloak answers to a call. */
    private interface Call {
        @Nullable Object answer(Object[] arguments);
    }

    /** Answers each of these methods with what belongs to it, and nothing else. */
    private static <T> T keycloaks(Class<T> type, Map<String, Call> answers) {
        return type.cast(Proxy.newProxyInstance(
                ActorsTest.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> Objects.requireNonNull(answers.get(method.getName()), method::toString)
                        .answer(arguments == null ? new Object[0] : arguments)));
    }

    /** The client {@code agent} of the id {@code 1}, its service account {@code account}, and a person. */
    private static KeycloakSession keycloak() {
        return keycloak(true);
    }

    private static KeycloakSession keycloak(boolean enabled) {
        ClientModel agent = keycloaks(
                ClientModel.class,
                Map.of("getId", none -> "1", "getClientId", none -> "agent", "isEnabled", none -> enabled));
        UserModel account = keycloaks(UserModel.class, Map.of("getServiceAccountClientLink", none -> "1"));
        UserModel person = keycloaks(UserModel.class, Map.of("getServiceAccountClientLink", none -> null));
        RealmModel realm = keycloaks(
                RealmModel.class,
                Map.of(
                        "getClientById", id -> id[0].equals("1") ? agent : null,
                        "getClientByClientId", id -> id[0].equals("agent") ? agent : null));
        KeycloakContext context = keycloaks(KeycloakContext.class, Map.of("getRealm", none -> realm));
        UserProvider users = keycloaks(
                UserProvider.class,
                Map.of(
                        "getUserById",
                        id -> id[1].equals("account") ? account : id[1].equals("person") ? person : null));
        return keycloaks(KeycloakSession.class, Map.of("getContext", none -> context, "users", none -> users));
    }

    /** In a session with these notes, as Keycloak leaves them. */
    private static Actors impersonating(Actors claimed, @Nullable String client, @Nullable String person) {
        UserSessionModel session = keycloaks(
                UserSessionModel.class,
                Map.of(
                        "getNote",
                        name -> name[0].equals("IMPERSONATOR_CLIENT")
                                ? client
                                : name[0].equals("IMPERSONATOR_ID") ? person : null));
        return claimed.in(session, keycloak());
    }

    @Test
    void in_a_session_of_the_user_s_own_nobody_impersonates() {
        assertThat(impersonating(Actors.NOBODY, null, null)).isEqualTo(Actors.NOBODY);
    }

    @Test
    void a_client_that_impersonates_is_served_like_an_agent() {
        assertThat(refusal(impersonating(Actors.NOBODY, "1", null), "agent")).isNull();
        assertThat(refusal(impersonating(Actors.NOBODY, "1", "account"), "agent"))
                .isNull();
        assertThat(refusal(impersonating(Actors.NOBODY, "1", null))).contains("agent acts for the user");
    }

    @Test
    void a_person_who_impersonates_is_never_served_by_whatever_client() {
        neverServed(null);
        neverServed("1");
        assertThat(refusal(impersonating(Actors.NOBODY, null, "account"), "agent"))
                .isNotNull();
        assertThat(refusal(impersonating(Actors.NOBODY, "gone", null), "agent", "gone"))
                .isNotNull();
    }

    private static void neverServed(@Nullable String client) {
        assertThat(refusal(impersonating(Actors.NOBODY, client, "person"), "agent", "person"))
                .isNotNull();
        assertThat(refusal(impersonating(Actors.NOBODY, client, "of-another-realm"), "agent"))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "account"})
    void an_agent_is_known_as_a_client_and_not_served_once_that_is_disabled(String subject) throws TokenRefused {
        Actors agent = claimed("{\"sub\": \"" + subject + "\"}");

        assertThat(agent.names(keycloak()))
                .startsWith(subject)
                .contains("agent")
                .doesNotHaveDuplicates();
        agent.requireEnabled(keycloak());
        assertThat(catchThrowableOfType(TokenRefused.class, () -> agent.requireEnabled(keycloak(false))))
                .hasMessageContaining("agent acts for the user, and is disabled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"person", "stranger"})
    void an_agent_that_is_no_client_is_known_by_its_subject_alone(String subject) throws TokenRefused {
        Actors agent = claimed("{\"sub\": \"" + subject + "\"}");

        assertThat(agent.names(keycloak())).containsExactly(subject);
        agent.requireEnabled(keycloak(false));
    }

    @Test
    void all_who_act_have_to_be_named() {
        Actors both = impersonating(claimed("{\"sub\": \"assistant\"}"), "1", null);

        assertThat(refusal(both, "agent")).isNotNull();
        assertThat(refusal(both, "assistant")).isNotNull();
        assertThat(refusal(both, "agent", "assistant")).isNull();
        assertThat(both.told()).isEqualTo("assistant agent");
        assertThat(refusal(impersonating(claimed("{\"sub\": \"agent\"}"), null, "person"), "agent"))
                .isNotNull();
    }
}
