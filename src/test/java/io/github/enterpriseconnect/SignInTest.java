package io.github.enterpriseconnect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Mailbox;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.models.IdentityProviderModel;

class SignInTest {
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

    private static String idToken(String issuer, String audience, String more) {
        return encode("{\"alg\":\"none\"}")
                + "."
                + encode("{\"iss\":\"" + issuer + "\",\"aud\":\"" + audience + "\",\"email\":\"Ceo@customer.example\""
                        + more + "}")
                + ".c2lnbmF0dXJl";
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "https://corporate.example, keycloak, '', true",
        "https://corporate.example, keycloak, ',\"email_verified\":true', true",
        "https://corporate.example, keycloak, ',\"email_verified\":false', false",
        "https://anybody.example, keycloak, '', false",
        "https://corporate.example, another-client, '', false"
    })
    void a_trusted_provider_vouches_by_its_own_token_for_this_realm_only(
            String issuer, String audience, String more, boolean vouches) {
        SignIn signIn = SignIn.through(trusted(), "corporate", idToken(issuer, audience, more));

        assertThat(signIn.vouchedFor()).isEqualTo(vouches ? new Mailbox("ceo@customer.example") : null);
        assertThat(signIn.identityProvider()).isEqualTo("corporate");
    }

    @Test
    void one_of_several_issuers_will_do() {
        IdentityProviderModel provider =
                provider(true, Map.of("issuer", "https://other.example, " + ISSUER, "clientId", "keycloak"));

        assertThat(SignIn.through(provider, "corporate", idToken(ISSUER, "keycloak", ""))
                        .vouchedFor())
                .isNotNull();
    }

    @Test
    void nobody_vouches_who_is_not_trusted_or_whose_tokens_cannot_be_told_from_others() {
        String token = idToken(ISSUER, "keycloak", "");

        assertThat(SignIn.through(provider(false, Map.of("issuer", ISSUER, "clientId", "keycloak")), "corporate", token)
                        .vouchedFor())
                .isNull();
        assertThat(SignIn.through(provider(true, Map.of("clientId", "keycloak")), "corporate", token)
                        .vouchedFor())
                .isNull();
        assertThat(SignIn.through(null, "corporate", token).vouchedFor()).isNull();
        assertThat(SignIn.through(trusted(), "corporate", "not a token").vouchedFor())
                .isNull();
        assertThat(SignIn.through(trusted(), "corporate", null).vouchedFor()).isNull();
    }
}
