package io.github.enterpriseconnect.simulator;

import java.time.Duration;

/** Tokens that a verb of the simulator made without a page. */
public record GrantedTokens(String sub, String accessToken, String refreshToken, Duration lifetime) {
    static GrantedTokens of(Credentials.Refreshed granted) {
        Credentials.Tokens tokens = granted.tokens();
        return new GrantedTokens(
                granted.account().sub(),
                tokens.accessToken(),
                tokens.refreshToken(),
                Duration.ofSeconds(tokens.expiresIn()));
    }
}
