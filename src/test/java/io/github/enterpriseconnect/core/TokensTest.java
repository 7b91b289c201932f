package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {
    private static final Instant OBTAINED = Instant.parse("2026-01-01T00:00:00Z");

    private static Tokens living(Duration life) {
        return new Tokens(Secret.of("a"), Secret.of("r"), "read_write", OBTAINED, OBTAINED.plus(life));
    }

    @ParameterizedTest(name = "life {0}, {1} left: {2}")
    @CsvSource({
        "PT3H, PT2H, FRESH",
        "PT3H, PT5M1S, FRESH",
        "PT3H, PT5M, STALE",
        "PT3H, PT31S, STALE",
        "PT3H, PT30S, EXPIRED",
        "PT3H, PT-1H, EXPIRED",
        "PT30S, PT11S, FRESH",
        "PT30S, PT10S, STALE",
        "PT30S, PT3S, EXPIRED",
        "PT0S, PT0S, EXPIRED"
    })
    void freshness_follows_two_margins(Duration life, Duration left, Tokens.Freshness expected) {
        assertThat(living(life).freshness(OBTAINED.plus(life).minus(left))).isEqualTo(expected);
    }

    @Test
    void tokens_do_not_print_their_secrets() {
        Tokens tokens = new Tokens(
                Secret.of("access-text"), Secret.of("refresh-text"), "read_write", OBTAINED, OBTAINED.plusSeconds(1));

        assertThat(tokens).asString().doesNotContain("access-text", "refresh-text");
    }

    @Test
    void a_credential_keeps_everything_but_its_tokens_when_it_is_renewed() {
        Credential before =
                new Credential("de:app", "acc_1", "acme", "maria@customer.example", living(Duration.ofHours(1)));

        Credential after = before.with(living(Duration.ofHours(2)));

        assertThat(after)
                .isEqualTo(new Credential("de:app", "acc_1", "acme", "maria@customer.example", after.tokens()));
    }
}
