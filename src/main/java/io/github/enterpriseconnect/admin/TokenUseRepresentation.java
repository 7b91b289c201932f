package io.github.enterpriseconnect.admin;

import io.github.enterpriseconnect.core.TokenUse;

/** When a consumer was last given a token, in ISO 8601 and to the minute. */
public record TokenUseRepresentation(String clientId, String right, String lastAt) {
    static TokenUseRepresentation of(TokenUse use) {
        return new TokenUseRepresentation(
                use.clientId(), use.right(), use.lastAt().toString());
    }
}
