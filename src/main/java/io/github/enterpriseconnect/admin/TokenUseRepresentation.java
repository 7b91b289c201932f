package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.TokenUse;
import org.jspecify.annotations.Nullable;

/**
 * When a consumer was last given a token, in ISO 8601 and to the minute.
 *
 * @param actor who acted for the user, when that happened last; null if it never did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TokenUseRepresentation(
        String clientId,
        String right,
        String lastAt,
        @Nullable String actor,
        @Nullable String actedAt) {
    static TokenUseRepresentation of(TokenUse use) {
        TokenUse.Acted acted = use.acted();
        return new TokenUseRepresentation(
                use.clientId(),
                use.right(),
                use.lastAt().toString(),
                acted == null ? null : acted.actor(),
                acted == null ? null : acted.lastAt().toString());
    }
}
