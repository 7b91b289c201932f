package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import io.github.enterpriseconnect.token.AccessTokens;
import io.github.enterpriseconnect.token.IssuedToken;
import io.github.enterpriseconnect.token.ResourceTokenRequest;
import io.github.enterpriseconnect.token.ResourceTokens;
import java.util.Optional;

/** A token that a client may ask for, which is known by now: a member's, or a resource's. */
interface WantedToken {
    /** In the transaction of the request; empty if it has to end first. */
    Optional<IssuedToken> atOnce(Work joined) throws AccessTokenRefused;

    /** Outside any transaction. */
    IssuedToken afterwards() throws AccessTokenRefused;

    static WantedToken of(AccessTokens tokens, AccessTokenRequest request) {
        return new WantedToken() {
            @Override
            public Optional<IssuedToken> atOnce(Work joined) throws AccessTokenRefused {
                return tokens.issueAtOnce(joined, request);
            }

            @Override
            public IssuedToken afterwards() throws AccessTokenRefused {
                return tokens.issue(request);
            }
        };
    }

    static WantedToken of(ResourceTokens tokens, ResourceTokenRequest request) {
        return new WantedToken() {
            @Override
            public Optional<IssuedToken> atOnce(Work joined) throws AccessTokenRefused {
                return tokens.issueAtOnce(joined, request);
            }

            @Override
            public IssuedToken afterwards() throws AccessTokenRefused {
                return tokens.issue(request);
            }
        };
    }
}
