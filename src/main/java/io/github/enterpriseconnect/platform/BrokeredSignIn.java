package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.SignIn;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.events.Details;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.IDToken;

/** What a sign-in through an identity provider says of the user's address. */
public final class BrokeredSignIn {
    private BrokeredSignIn() {}

    /** How somebody came in, as their session's notes tell. */
    public static SignIn noted(KeycloakSession session, Map<String, String> notes) {
        String alias = notes.get(Details.IDENTITY_PROVIDER);
        return alias == null
                ? SignIn.DIRECT
                : through(
                        session.identityProviders().getByAlias(alias),
                        alias,
                        idToken(notes.get(OIDCIdentityProvider.FEDERATED_ID_TOKEN)));
    }

    private static @Nullable IDToken idToken(@Nullable String encoded) {
        try {
            return encoded == null ? null : new JWSInput(encoded).readJsonContent(IDToken.class);
        } catch (JWSInputException notReadable) {
            return null;
        }
    }

    /**
     * How somebody came in by an OIDC provider.
     *
     * @param idToken as the provider issued it and Keycloak validated it; it may be another provider's, whose account
     *     was linked in the same session, and then vouches for nothing
     */
    public static SignIn through(@Nullable IdentityProviderModel provider, String alias, @Nullable IDToken idToken) {
        return new SignIn(
                alias,
                provider != null && idToken != null && trusted(provider)
                        ? vouchedFor(provider.getConfig(), idToken)
                        : null);
    }

    private static @Nullable Mailbox vouchedFor(Map<String, String> configuration, IDToken idToken) {
        String issuers = configuration.get("issuer");
        String clientId = configuration.get("clientId");
        if (issuers == null || clientId == null) {
            return null;
        }
        boolean own = Arrays.stream(issuers.split(","))
                        .map(String::strip)
                        .anyMatch(issuer -> issuer.equals(idToken.getIssuer()))
                && idToken.hasAudience(clientId);
        boolean denied = Boolean.FALSE.equals(idToken.getEmailVerified());
        return own && !denied ? Mailbox.parse(idToken.getEmail()).orElse(null) : null;
    }

    /** Whether the realm has this identity provider and trusts it with addresses ("Trust email"). */
    public static boolean trusted(KeycloakSession session, String alias) {
        return trusted(session.identityProviders().getByAlias(alias));
    }

    private static boolean trusted(@Nullable IdentityProviderModel provider) {
        return provider != null && Boolean.TRUE.equals(provider.isTrustEmail());
    }
}
