package io.github.enterpriseconnect.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With which status each door says an error. */
class TokenEntryPointTest {
    @ParameterizedTest
    @EnumSource(
            value = TokenError.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"INVALID_CLIENT"})
    void keycloak_s_token_endpoint_answers_each_error_as_oauth_libraries_read_it(TokenError error) {
        assertThat(TokenEntryPoint.EXCHANGE.status(error).getStatusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @EnumSource(TokenEntryPoint.class)
    void a_client_that_is_not_authenticated_is_told_so_by_the_same_status_at_both(TokenEntryPoint door) {
        assertThat(door.status(TokenError.INVALID_CLIENT).getStatusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @EnumSource(TokenError.class)
    void our_own_door_has_a_status_of_its_own_for_each_error(TokenError error) {
        assertThat(TokenEntryPoint.OWN.status(error)).isEqualTo(error.status());
    }
}
