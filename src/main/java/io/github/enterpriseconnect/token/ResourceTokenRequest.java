package io.github.enterpriseconnect.token;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for which resource; the consumer has been authenticated and has the right.
 *
 * @param realm Keycloak's id of the realm
 * @param scope the most that the token may permit, Cronofy's scopes separated by spaces; null for whatever there is
 * @param rejected an access token that Cronofy did not accept, and in place of which another one is wanted; null for none
 */
public record ResourceTokenRequest(
        String realm,
        Mailbox mailbox,
        Consumer consumer,
        @Nullable String scope,
        @Nullable Secret rejected) {}
