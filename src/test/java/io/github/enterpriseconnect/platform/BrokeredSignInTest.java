package io.github.enterpriseconnect.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.SignIn;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.representations.IDToken;

class BrokeredSignInTest {
    private static final String ISSUER = "https://corporate.example";

    private static IdentityProviderModel provider(boolean trusted, Map<String, String> configuration) {
        IdentityProviderModel provider = new IdentityProviderModel();
        provider.setAlias("corporate");
        provider.setTrustEmail(trusted);
        provider.setConfig(configuration);
        return provider;
    }

    private static IdentityProviderModel trusted() {
        return provider(true, Map.of("issuer", ISSUER, "clientId", "keycloak"));
    }

    private static IDToken idToken(String issuer, String audience, @Nullable Boolean emailVerified) {
        IDToken token = new IDToken();
        token.issuer(issuer).audience(audience);
        token.setEmail("Ceo@customer.example");
        token.setEmailVerified(emailVerified);
        return token;
    }

    @ParameterizedTest
    @CsvSource({
        "https://corporate.example, keycloak, , true",
        "https://corporate.example, keycloak, true, true",
        "https://corporate.example, keycloak, false, false",
        "https://anybody.example, keycloak, , false",
        "https://corporate.example, another-client, , false"
    })
    void a_trusted_provider_vouches_by_its_own_token_for_this_realm_only(
            String issuer, String audience, @Nullable Boolean emailVerified, boolean vouches) {
        SignIn signIn = BrokeredSignIn.through(trusted(), "corporate", idToken(issuer, audience, emailVerified));

        assertThat(signIn.vouchedFor()).isEqualTo(vouches ? new Mailbox("ceo@customer.example") : null);
        assertThat(signIn.identityProvider()).isEqualTo("corporate");
    }

    @Test
    void one_of_several_issuers_will_do() {
        IdentityProviderModel provider =
                provider(true, Map.of("issuer", "https://other.example, " + ISSUER, "clientId", "keycloak"));

        SignIn signIn = BrokeredSignIn.through(provider, "corporate", idToken(ISSUER, "keycloak", null));

        assertThat(signIn.vouchedFor()).isNotNull();
    }

    @Test
    void nobody_vouches_who_is_not_trusted_or_whose_tokens_cannot_be_told_from_others() {
        IDToken token = idToken(ISSUER, "keycloak", null);
        IdentityProviderModel distrusted = provider(false, Map.of("issuer", ISSUER, "clientId", "keycloak"));
        IdentityProviderModel nameless = provider(true, Map.of("clientId", "keycloak"));

        assertThat(BrokeredSignIn.through(distrusted, "corporate", token).vouchedFor())
                .isNull();
        assertThat(BrokeredSignIn.through(nameless, "corporate", token).vouchedFor())
                .isNull();
        assertThat(BrokeredSignIn.through(null, "corporate", token).vouchedFor())
                .isNull();
        assertThat(BrokeredSignIn.through(trusted(), "corporate", null).vouchedFor())
                .isNull();
    }
}
