package io.github.enterpriseconnect;

import io.github.enterpriseconnect.core.Mailbox;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;

/**
 * How a user came in.
 *
 * @param identityProvider alias of the identity provider that the sign-in came through; null if none
 * @param vouchedFor the address that this provider, trusted with addresses, says is the user's; null if it said nothing
 */
public record SignIn(
        @Nullable String identityProvider, @Nullable Mailbox vouchedFor) {

    /** Whether the realm has this identity provider and trusts it with addresses ("Trust email"). */
    public static boolean trusted(KeycloakSession session, String alias) {
        IdentityProviderModel provider = session.identityProviders().getByAlias(alias);
        return provider != null && Boolean.TRUE.equals(provider.isTrustEmail());
    }
}
