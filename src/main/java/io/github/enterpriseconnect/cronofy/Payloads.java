package io.github.enterpriseconnect.cronofy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Secret;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that travels, and nothing else. Unknown members are ignored: Cronofy adds to its answers. Of what comes,
 * nothing is left that our tables could not keep.
 */
final class Payloads {
    private static final Duration ASSUMED_LIFETIME = Duration.ofHours(1);
    private static final Duration LONGEST_LIFETIME = Duration.ofDays(366);
    private static final int LONGEST_SCOPE = 1_000;
    private static final int LONGEST_ADDRESS = 1_000;
    private static final Pattern WHOLE_NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern SPACES = Pattern.compile(" +");
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]+");
    private static final Pattern TOKEN = Pattern.compile("[\\x20-\\x7e]{1,16384}");
    private static final Pattern WORD = Pattern.compile("[\\x21-\\x7e]{1,64}");

    /** Without a port, a user, or anything that a browser would read otherwise. */
    private static final Pattern ADDRESS =
            Pattern.compile("https://([a-z0-9-]+\\.)*cronofy\\.com(/[A-Za-z0-9/._~%-]*)?(\\?[A-Za-z0-9=&._~%+-]*)?");

    private static final Pattern SUBJECT = Pattern.compile("[\\x21-\\x7e]{1,255}");

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

    /** Read member by member, so that one that makes no sense does not cost the tokens that came with it. */
    record TokenAnswer(
            @Nullable String accessToken,
            @Nullable String refreshToken,
            Duration lifetime,
            @Nullable String scope,
            @Nullable String subject,
            @Nullable String profileName,
            @Nullable String profileId,
            ProfileState profile) {

        static TokenAnswer of(JsonNode json) {
            return new TokenAnswer(
                    token(json.path("access_token")),
                    token(json.path("refresh_token")),
                    lifetime(json.path("expires_in")),
                    Payloads.scope(json.path("scope")),
                    Payloads.subject(json.path("sub"), json.path("account_id"), json.path("service_account_id")),
                    text(json.path("linking_profile").path("profile_name")),
                    Payloads.subject(json.path("linking_profile").path("profile_id")),
                    Profile.linkedBy(json));
        }

        /** Whole seconds; one hour where that is missing, makes no sense, or is longer than any token lives. */
        private static Duration lifetime(JsonNode seconds) {
            String text = text(seconds);
            if (text == null || !WHOLE_NUMBER.matcher(text).matches()) {
                return ASSUMED_LIFETIME;
            }
            Duration lifetime = Duration.ofSeconds(Long.parseLong(text));
            return lifetime.isZero() || lifetime.compareTo(LONGEST_LIFETIME) > 0 ? ASSUMED_LIFETIME : lifetime;
        }
    }

    /** Those of the scopes that are ones by RFC 6749, section 3.3, as many as can be kept. */
    private static @Nullable String scope(JsonNode json) {
        String text = text(json);
        if (text == null) {
            return null;
        }
        StringBuilder kept = new StringBuilder();
        for (String one : SPACES.split(text, -1)) {
            if (SCOPE.matcher(one).matches() && kept.length() + one.length() < LONGEST_SCOPE) {
                kept.append(kept.isEmpty() ? "" : " ").append(one);
            }
        }
        return kept.toString();
    }

    /** The first that is an id of Cronofy's; null if none is one that can be kept and compared. */
    private static @Nullable String subject(JsonNode... candidates) {
        for (JsonNode candidate : candidates) {
            String text = text(candidate);
            if (text != null && SUBJECT.matcher(text).matches()) {
                return text;
            }
        }
        return null;
    }

    private static @Nullable String token(JsonNode json) {
        String text = text(json);
        return text != null && TOKEN.matcher(text).matches() ? text : null;
    }

    /** Numbers count as their digits; null for what is blank, absent or neither text nor number. */
    private static @Nullable String text(JsonNode json) {
        String text = json.isTextual() || json.isNumber() ? json.asText() : "";
        return text.isBlank() ? null : text;
    }

    static @Nullable String error(JsonNode json) {
        return text(json.path("error"));
    }

    /**
     * Of a service account. Where its members stand is not settled: in older answers, and in what some of Cronofy's clients
     * read, they are flat, with a dot in their names.
     */
    record UserInfo(
            @Nullable String subject,
            @Nullable String domain,
            @Nullable String email,
            @Nullable String delegatedScope,
            Condition condition) {
        private static final String FLAT = "cronofy.service_account.";

        static UserInfo of(JsonNode json) {
            JsonNode data = json.path("cronofy.data");
            JsonNode account = data.path("service_account");
            JsonNode authorization = data.path("authorization");
            return new UserInfo(
                    Payloads.subject(json.path("sub")),
                    text(first(account.path("domain"), json.path(FLAT + "domain"))),
                    text(first(json.path("email"), account.path("email"), json.path(FLAT + "email"))),
                    granted(first(authorization.path("delegated_scope"), json.path(FLAT + "delegated_scope"))),
                    new Condition(
                            word(authorization.path("status")),
                            word(first(account.path("provider_name"), json.path(FLAT + "provider_name"))),
                            word(first(
                                    account.path("provider_protocol"),
                                    data.path("provider_protocol"),
                                    json.path("provider_protocol"),
                                    json.path(FLAT + "provider_protocol"))),
                            address(first(
                                    account.path("graph_api_migration_url"),
                                    data.path("graph_api_migration_url"),
                                    json.path("graph_api_migration_url"),
                                    json.path(FLAT + "graph_api_migration_url")))));
        }

        /** Nobody grants nothing: an empty one says nothing. */
        private static @Nullable String granted(JsonNode json) {
            String scope = Payloads.scope(json);
            return scope == null || scope.isEmpty() ? null : scope;
        }

        private static JsonNode first(JsonNode... candidates) {
            return Arrays.stream(candidates)
                    .filter(one -> text(one) != null)
                    .findFirst()
                    .orElseGet(MissingNode::getInstance);
        }

        private static @Nullable String word(JsonNode json) {
            String text = text(json);
            return text != null && WORD.matcher(text).matches() ? text : null;
        }

        /** A page of Cronofy's own; whatever else stands there is shown to nobody. */
        private static @Nullable String address(JsonNode json) {
            String text = text(json);
            return text != null
                            && text.length() <= LONGEST_ADDRESS
                            && ADDRESS.matcher(text).matches()
                    ? text
                    : null;
        }
    }

    /** How one calendar of an account stands; what the account has besides it is nobody's matter here. */
    static final class Profile {
        private Profile() {}

        /** What the answer to a code says of the calendar that it opened, itself or by the account that it describes. */
        static ProfileState linkedBy(JsonNode json) {
            JsonNode linking = json.path("linking_profile");
            return state(linking)
                    .or(of(
                            json.path("userinfo"),
                            Payloads.subject(json.path("sub"), json.path("account_id")),
                            text(linking.path("profile_id")),
                            text(linking.path("profile_name"))));
        }

        /**
         * Of an account. The only calendar of the very account counts whatever it is called, since accounts are told apart
         * by their ids, and a mailbox may have two names.
         *
         * @param account whose it is to be; of another nothing is said here
         * @param id of the calendar; null to go by its name, or by its being the only one
         */
        static ProfileState of(
                JsonNode userinfo, @Nullable String account, @Nullable String id, @Nullable String name) {
            String described = Payloads.subject(userinfo.path("sub"));
            if (described != null && account != null && !described.equals(account)) {
                return ProfileState.UNKNOWN;
            }
            JsonNode profiles = userinfo.path("cronofy.data").path("profiles");
            for (JsonNode profile : profiles) {
                if (id != null && id.equals(text(profile.path("profile_id")))) {
                    return state(profile);
                }
            }
            for (JsonNode profile : profiles) {
                if (name != null && name.equalsIgnoreCase(text(profile.path("profile_name")))) {
                    return state(profile);
                }
            }
            boolean certain = (described != null && described.equals(account))
                    || text(profiles.path(0).path("profile_name")) == null;
            return profiles.size() == 1 && certain ? state(profiles.path(0)) : ProfileState.UNKNOWN;
        }

        private static ProfileState state(JsonNode profile) {
            return new ProfileState(
                    flag(profile.path("profile_connected")), flag(profile.path("profile_initial_sync_required")));
        }

        private static @Nullable Boolean flag(JsonNode json) {
            return json.isBoolean() ? json.booleanValue() : null;
        }
    }

    /** One without filters would tell of every change of every event, too. */
    record Channel(
            @JsonProperty("callback_url") String callbackUrl,
            @JsonProperty("filters") Filters filters) {
        record Filters(@JsonProperty("only_managed") boolean onlyManaged) {}

        static Channel to(Secret callbackUrl) {
            return new Channel(callbackUrl.reveal(), new Filters(true));
        }

        /** Null if it is none that can be kept. */
        static @Nullable String id(JsonNode json) {
            return Payloads.subject(json.path("channel").path("channel_id"));
        }
    }

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
