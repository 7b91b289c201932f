package io.github.enterpriseconnect.cronofy;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON that travels, and nothing else. Unknown members are ignored: Cronofy adds to its answers. */
final class Payloads {
    private Payloads() {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TokenRequest(
            @JsonProperty("client_id") String clientId,
            @JsonProperty("client_secret") String clientSecret,
            @JsonProperty("grant_type") String grantType,
            @JsonProperty("code") @Nullable String code,
            @JsonProperty("redirect_uri") @Nullable String redirectUri,
            @JsonProperty("callback_url") @Nullable String callbackUrl,
            @JsonProperty("refresh_token") @Nullable String refreshToken) {

        /** RFC 6749 section 4.1.3; the URL that the code was sent to is named after the kind of authorization. */
        static TokenRequest code(Application application, Cronofy.CodeKind kind, Secret code, String url) {
            return new TokenRequest(
                    application.clientId(),
                    application.clientSecret().reveal(),
                    "authorization_code",
                    code.reveal(),
                    kind == Cronofy.CodeKind.SERVICE_ACCOUNT ? url : null,
                    kind == Cronofy.CodeKind.DELEGATION ? url : null,
                    null);
        }

        /** RFC 6749 section 6. */
        static TokenRequest refresh(Application application, Secret refreshToken) {
            return new TokenRequest(
                    application.clientId(),
                    application.clientSecret().reveal(),
                    "refresh_token",
                    null,
                    null,
                    null,
                    refreshToken.reveal());
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    record TokenAnswer(
            @JsonProperty("access_token") @Nullable String accessToken,
            @JsonProperty("refresh_token") @Nullable String refreshToken,
            @JsonProperty("expires_in") @Nullable Long expiresIn,
            @JsonProperty("scope") @Nullable String scope,
            @JsonProperty("sub") @Nullable String sub,
            @JsonProperty("account_id") @Nullable String accountId,
            @JsonProperty("service_account_id") @Nullable String serviceAccountId,
            @JsonProperty("linking_profile") @Nullable LinkingProfile linkingProfile) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record LinkingProfile(
            @JsonProperty("profile_name") @Nullable String profileName) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record ErrorAnswer(@JsonProperty("error") @Nullable String error) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record UserInfo(
            @JsonProperty("sub") @Nullable String sub,
            @JsonProperty("email") @Nullable String email,
            @JsonProperty("cronofy.data") @Nullable UserInfoData data,

            @JsonProperty("cronofy.service_account.domain") @Nullable String formerDomain) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record UserInfoData(
            @JsonProperty("service_account") @Nullable UserInfoServiceAccount serviceAccount) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record UserInfoServiceAccount(
            @JsonProperty("domain") @Nullable String domain) {}

    record Asks(
            @JsonProperty("service_account_authorizations") List<Ask> asks) {}

    record Ask(
            @JsonProperty("email") String email,
            @JsonProperty("callback_url") String callbackUrl,
            @JsonProperty("scope") String scope) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Revocation(
            @JsonProperty("client_id") String clientId,
            @JsonProperty("client_secret") String clientSecret,
            @JsonProperty("token") @Nullable String token,
            @JsonProperty("sub") @Nullable String sub) {}
}
