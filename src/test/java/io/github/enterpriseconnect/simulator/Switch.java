package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * One decision that Cronofy leaves open or that a test wants otherwise: a name in JSON, a default, and what may be
 * written. {@code docs/simulator.md} says what each stands for. Lists of mailboxes take {@code *} for all of them.
 */
public final class Switch<T> {
    // The authorize page (contract 1)
    public static final Switch<Choice.Consent> AUTHORIZE = choice("authorize", Choice.Consent.PAGE);
    public static final Switch<String> AUTHORIZE_ERROR_DESCRIPTION = text("authorizeErrorDescription", "");
    public static final Switch<String> SERVICE_ACCOUNT_DOMAIN = text("serviceAccountDomain", "example.com");
    public static final Switch<String> SERVICE_ACCOUNT_EMAIL = text("serviceAccountEmail", "");
    public static final Switch<String> GRANTED_DELEGATED_SCOPE = text("grantedDelegatedScope", "");
    public static final Switch<List<String>> REDIRECT_URIS = list("redirectUris");
    public static final Switch<Choice.Reauthorization> REAUTHORIZATION =
            choice("reauthorization", Choice.Reauthorization.NEW_TOKENS);
    public static final Switch<Boolean> REAUTHORIZATION_KEEPS_SERVICE_ACCOUNT =
            flag("reauthorizationKeepsServiceAccount", true);

    // Tokens (contract 2)
    public static final Switch<Integer> CODE_SECONDS = number("codeSeconds", 600, 0, 864_000);
    public static final Switch<Boolean> MISMATCH_CONSUMES_CODE = flag("mismatchConsumesCode", false);
    public static final Switch<Integer> SERVICE_ACCOUNT_TOKEN_SECONDS =
            number("serviceAccountTokenSeconds", 1800, 0, 864_000);
    public static final Switch<Integer> USER_TOKEN_SECONDS = number("userTokenSeconds", 10_800, 0, 864_000);
    public static final Switch<Choice.Identifiers> SERVICE_ACCOUNT_IDENTIFIERS =
            choice("serviceAccountIdentifiers", Choice.Identifiers.BOTH);
    public static final Switch<Choice.ScopeForm> TOKEN_SCOPE = choice("tokenScope", Choice.ScopeForm.AS_ASKED);
    public static final Switch<Boolean> TOKEN_USERINFO = flag("tokenUserinfo", false);
    public static final Switch<Boolean> TOKEN_PROFILE_STATE = flag("tokenProfileState", false);
    public static final Switch<Choice.Refresh> REFRESH = choice("refresh", Choice.Refresh.KEEP);
    public static final Switch<Integer> REFRESH_GRACE_SECONDS = number("refreshGraceSeconds", 0, 0, 864_000);
    public static final Switch<Boolean> REFRESH_KILLS_ACCESS_TOKEN = flag("refreshKillsAccessToken", false);
    public static final Switch<Integer> REFRESH_REUSES_ACCESS_TOKEN_SECONDS =
            number("refreshReusesAccessTokenSeconds", 0, 0, 864_000);
    public static final Switch<Integer> REFRESH_IDLE_SECONDS = number("refreshIdleSeconds", 0, 0, 1_000_000_000);
    public static final Switch<Integer> INVALID_CLIENT_STATUS = oneOf("invalidClientStatus", 400, 401);
    public static final Switch<Boolean> OAUTH_ERROR_DESCRIPTION = flag("oauthErrorDescription", false);
    public static final Switch<String> OLD_SECRET = text("oldSecret", "");

    public static final Switch<Choice.Secrets> ACCEPTED_SECRETS = choice("acceptedSecrets", Choice.Secrets.BOTH);

    // Delegated access (contract 3)
    public static final Switch<Boolean> ENTERPRISE_CONNECT = flag("enterpriseConnect", true);
    public static final Switch<Choice.Refusal> SCOPE_BEYOND_GRANTED =
            choice("scopeBeyondGranted", Choice.Refusal.CALLBACK);
    public static final Switch<Choice.Refusal> FOREIGN_MAILBOX = choice("foreignMailbox", Choice.Refusal.CALLBACK);
    public static final Switch<Choice.Refusal> DUPLICATE_MAILBOX =
            choice("duplicateMailbox", Choice.Refusal.UNPROCESSABLE);
    public static final Switch<Choice.BulkState> BULK_STATE = choice("bulkState", Choice.BulkState.RETURNED);
    public static final Switch<Boolean> SERVICE_ACCOUNTS_SHARE_SUB = flag("serviceAccountsShareSub", true);
    public static final Switch<Boolean> CODES_AUTHORIZE = flag("codesAuthorize", false);
    public static final Switch<Boolean> CALLBACK_HTTPS_ONLY = flag("callbackHttpsOnly", false);
    public static final Switch<Map<String, CallbackError>> MAILBOX_ERRORS = map("mailboxErrors", CallbackError::from);
    public static final Switch<Map<String, String>> WRONG_MAILBOXES = map("wrongMailboxes", Switch::string);
    public static final Switch<Map<String, String>> PRINCIPAL_NAMES = map("principalNames", Switch::string);
    public static final Switch<String> PRINCIPAL_DOMAIN = text("principalDomain", "");
    public static final Switch<Choice.ProfileName> PROFILE_NAME = choice("profileName", Choice.ProfileName.ADDRESS);
    public static final Switch<Choice.AskedName> ASKED_NAME = choice("askedName", Choice.AskedName.EITHER);
    public static final Switch<List<String>> FREE_BUSY_MAILBOXES = list("freeBusyMailboxes");
    public static final Switch<Choice.ScopeError> SCOPE_ERROR = choice("scopeError", Choice.ScopeError.BOTH);
    public static final Switch<Map<String, String>> GRANTED_SCOPES = map("grantedScopes", Switch::string);
    public static final Switch<Integer> RESOURCE_COUNT = number("resourceCount", 3, 0, 20_000);
    public static final Switch<Map<String, String>> RESOURCE_NAMES = map("resourceNames", Switch::string);
    public static final Switch<Choice.ResourceDetails> RESOURCE_DETAILS =
            choice("resourceDetails", Choice.ResourceDetails.GIVEN);

    // Callbacks (contract 3.1, 5.7)
    public static final Switch<Integer> CALLBACK_DELAY_MILLIS = number("callbackDelayMillis", 0, 0, 86_400_000);
    public static final Switch<Boolean> CALLBACK_BEFORE_ANSWER = flag("callbackBeforeAnswer", false);
    public static final Switch<Choice.Order> CALLBACK_ORDER = choice("callbackOrder", Choice.Order.PARALLEL);
    public static final Switch<Integer> CALLBACK_COPIES = number("callbackCopies", 1, 1, 1000);
    public static final Switch<List<String>> CALLBACK_DROPPED = list("callbackDropped");
    public static final Switch<Choice.Signing> CALLBACK_SIGNATURE = choice("callbackSignature", Choice.Signing.VALID);
    public static final Switch<Boolean> CALLBACK_ERROR_STATE = flag("callbackErrorState", true);
    public static final Switch<String> CALLBACK_CONTENT_TYPE =
            text("callbackContentType", "application/json; charset=utf-8");
    public static final Switch<Integer> CALLBACK_TIMEOUT_MILLIS = number("callbackTimeoutMillis", 5000, 1, 86_400_000);
    public static final Switch<Integer> CALLBACK_RETRY_MILLIS = number("callbackRetryMillis", 200, 1, 86_400_000);
    public static final Switch<Integer> CALLBACK_RETRY_MAX_MILLIS =
            number("callbackRetryMaxMillis", 30_000, 1, 86_400_000);
    public static final Switch<Integer> CALLBACK_RETRY_HOURS = number("callbackRetryHours", 24, 0, 1000);

    // Revocation (contract 4)
    public static final Switch<Boolean> REVOKE_CASCADES = flag("revokeCascades", true);
    public static final Switch<Boolean> REVOKE_TAKES_MOVED = flag("revokeTakesMoved", true);
    public static final Switch<Integer> REVOKE_UNKNOWN_SUB_STATUS = oneOf("revokeUnknownSubStatus", 200, 400);
    public static final Switch<Integer> REVOKE_NOTHING_STATUS = oneOf("revokeNothingStatus", 400, 200);

    // Reads (contract 5)
    public static final Switch<String> PROVIDER_NAME = text("providerName", "exchange");
    public static final Switch<String> PROVIDER_SERVICE = text("providerService", "office365");
    public static final Switch<String> PROVIDER_PROTOCOL = text("providerProtocol", "");
    public static final Switch<String> GRAPH_API_MIGRATION_URL = text("graphApiMigrationUrl", "");
    public static final Switch<String> AUTHORIZATION_STATUS = text("authorizationStatus", "active");
    public static final Switch<Choice.ServiceAccountShape> SERVICE_ACCOUNT_USERINFO =
            choice("serviceAccountUserinfo", Choice.ServiceAccountShape.FULL);
    public static final Switch<Boolean> CHANNEL_CLOSED_BY_404 = flag("channelClosedBy404", true);
    public static final Switch<Boolean> CHANNEL_CLOSED_UNANSWERED = flag("channelClosedUnanswered", true);
    public static final Switch<List<String>> DISCONNECTED = list("disconnected");
    public static final Switch<Boolean> RELINK_URL = flag("relinkUrl", true);
    public static final Switch<List<String>> INITIAL_SYNC = list("initialSync");
    public static final Switch<Boolean> PERSONAL_LINK_SHARES_SUB = flag("personalLinkSharesSub", true);
    public static final Switch<Integer> EVENTS_PER_PAGE = number("eventsPerPage", 100, 1, 1000);
    public static final Switch<Integer> PERMISSIONS_STATUS = oneOf("permissionsStatus", 200, 202);

    // Limits and error answers (contract 6)
    public static final Switch<Boolean> RATE_LIMIT = flag("rateLimit", false);
    public static final Switch<Integer> RATE_LIMIT_PER_SECOND = number("rateLimitPerSecond", 50, 0, 1_000_000);
    public static final Switch<Integer> RATE_LIMIT_PER_MINUTE = number("rateLimitPerMinute", 500, 0, 1_000_000);
    public static final Switch<Integer> RETRY_AFTER_SECONDS = number("retryAfterSeconds", 1, 0, 86_400);
    public static final Switch<Boolean> RATE_LIMIT_COUNTS_OAUTH = flag("rateLimitCountsOauth", true);
    public static final Switch<Boolean> RATE_LIMIT_COUNTS_ENTRIES = flag("rateLimitCountsEntries", false);
    public static final Switch<Boolean> WWW_AUTHENTICATE = flag("wwwAuthenticate", true);
    public static final Switch<Boolean> ERROR_BODIES = flag("errorBodies", false);

    private final String name;
    private final T initial;
    private final String expected;
    private final Function<JsonNode, T> reading;

    private Switch(String name, T initial, String expected, Function<JsonNode, T> reading) {
        this.name = name;
        this.initial = initial;
        this.expected = expected;
        this.reading = reading;
    }

    /** All there are, in the order of the contract. */
    public static List<Switch<?>> all() {
        return Arrays.stream(Switch.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .<Switch<?>>map(field -> {
                    try {
                        return (Switch<?>) field.get(null);
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    /** As it stands in JSON. */
    public String name() {
        return name;
    }

    /** The default. */
    public T initial() {
        return initial;
    }

    /** The value that this JSON stands for; otherwise says what to write instead. */
    T read(JsonNode json) {
        try {
            return reading.apply(json);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "switch " + name + ": write " + expected + " instead of " + Json.write(json), e);
        }
    }

    /** The value as JSON. */
    static JsonNode json(Object value) {
        if (value instanceof Choice choice) {
            return Json.tree(choice.written());
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, JsonNode> entries = new LinkedHashMap<>();
            map.forEach((key, entry) -> entries.put(
                    key.toString(), entry instanceof CallbackError error ? error.json() : Json.tree(entry)));
            return Json.tree(entries);
        }
        return Json.tree(value);
    }

    private static Switch<Boolean> flag(String name, boolean initial) {
        return new Switch<>(name, initial, "true or false", json -> {
            require(json.isBoolean());
            return json.booleanValue();
        });
    }

    private static Switch<Integer> number(String name, int initial, int least, int most) {
        return new Switch<>(name, initial, "a whole number from " + least + " to " + most, json -> {
            require(json.isInt() && json.intValue() >= least && json.intValue() <= most);
            return json.intValue();
        });
    }

    private static Switch<Integer> oneOf(String name, int initial, int other) {
        return new Switch<>(name, initial, initial + " or " + other, json -> {
            require(json.isInt() && (json.intValue() == initial || json.intValue() == other));
            return json.intValue();
        });
    }

    private static Switch<String> text(String name, String initial) {
        return new Switch<>(name, initial, "a string", Switch::string);
    }

    private static Switch<List<String>> list(String name) {
        return new Switch<>(name, List.of(), "an array of strings", json -> {
            require(json.isArray());
            return StreamSupport.stream(json.spliterator(), false)
                    .map(Switch::string)
                    .toList();
        });
    }

    private static <V> Switch<Map<String, V>> map(String name, Function<JsonNode, V> reading) {
        String expected = "an object by mailbox, such as {\"joe@example.com\": "
                + (name.equals("mailboxErrors")
                        ? "{\"error\": \"access_denied\"}}"
                        : name.equals("grantedScopes") ? "\"free_busy\"}" : "\"jane@example.com\"}");
        return new Switch<>(name, Map.of(), expected, json -> {
            require(json.isObject());
            Map<String, V> map = new LinkedHashMap<>();
            json.properties().forEach(entry -> map.put(entry.getKey(), reading.apply(entry.getValue())));
            return Map.copyOf(map);
        });
    }

    private static <E extends Enum<E> & Choice> Switch<E> choice(String name, E initial) {
        List<E> choices = List.of(initial.getDeclaringClass().getEnumConstants());
        String expected = choices.stream().map(Choice::written).collect(Collectors.joining(", ", "one of ", ""));
        return new Switch<>(name, initial, expected, json -> choices.stream()
                .filter(choice -> choice.written().equals(json.asText()))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
    }

    private static String string(JsonNode json) {
        require(json.isTextual());
        return json.textValue();
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException();
        }
    }
}
