package io.github.enterpriseconnect.core;

import org.jspecify.annotations.Nullable;

/**
 * How a user came in.
 *
 * @param identityProvider alias of the identity provider that the sign-in came through; null if none
 * @param vouchedFor the address that this provider, trusted with addresses, says is the user's; null if it said nothing
 */
public record SignIn(
        @Nullable String identityProvider, @Nullable Mailbox vouchedFor) {
    /** By a password or whatever else the realm itself asks for. */
    public static final SignIn DIRECT = new SignIn(null, null);
}
