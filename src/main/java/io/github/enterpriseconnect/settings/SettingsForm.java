package io.github.enterpriseconnect.settings;

import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.representations.idm.ComponentRepresentation;

/**
 * The settings as somebody wrote them, in component configuration: every key with its default, and
 * the one place where they are checked.
 */
public final class SettingsForm {
    static final String DATA_CENTER = "dataCenter";
    static final String CLIENT_ID = "clientId";
    public static final String CLIENT_SECRET = "clientSecret";
    public static final String NEXT_CLIENT_SECRET = "nextClientSecret";
    static final String SCOPE = "scope";
    static final String DELEGATED_SCOPE = "delegatedScope";
    static final String PUBLIC_URL = "publicUrl";
    static final String SIGNATURE_REQUIRED = "signatureRequired";
    static final String CONSUMERS = ConsumersForm.KEY;

    /** The headers of notifications, all in one secret; see {@link Receivers}. */
    public static final String CONSUMER_AUTHORIZATIONS = "consumerAuthorizations";

    static final String WATCH_SERVICE_ACCOUNTS = "watchServiceAccounts";
    static final String WATCH_PROFILES = "watchProfiles";

    /** What is on or off. */
    public static final Set<String> FLAGS = Set.of(SIGNATURE_REQUIRED, WATCH_SERVICE_ACCOUNTS, WATCH_PROFILES);

    static final String DEFAULT_DATA_CENTER = DataCenter.US.id();
    static final String DEFAULT_SCOPE = "service_account/accounts/manage";
    static final String DEFAULT_DELEGATED_SCOPE = "read_write";

    private static final Set<String> SERVICE_ACCOUNT_SCOPES = Set.of(
            "service_account/accounts/manage",
            "service_account/accounts/unrestricted_access",
            "service_account/resources/manage",
            "service_account/resources/unrestricted_access");
    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]{1,200}");
    private static final Pattern SCOPE_NAMES = Pattern.compile("[a-z_]+( [a-z_]+)*");
    private static final int LONGEST_SCOPE = 1024;
    private static final Pattern VAULT_REFERENCE = Pattern.compile("\\$\\{vault\\..+}");
    private static final Set<String> KEYS = Set.of(
            DATA_CENTER,
            CLIENT_ID,
            CLIENT_SECRET,
            NEXT_CLIENT_SECRET,
            SCOPE,
            DELEGATED_SCOPE,
            PUBLIC_URL,
            SIGNATURE_REQUIRED,
            CONSUMERS,
            CONSUMER_AUTHORIZATIONS,
            WATCH_SERVICE_ACCOUNTS,
            WATCH_PROFILES);

    private final MultivaluedHashMap<String, String> config;

    public SettingsForm(MultivaluedHashMap<String, String> config) {
        this.config = config;
    }

    /** What does not belong to the settings that this version knows. It counts for nothing here. */
    public List<UnknownName> unknown() throws InvalidSettings {
        List<UnknownName> unknown = new ArrayList<>();
        for (String key : new TreeSet<>(config.keySet())) {
            if (!KEYS.contains(key)) {
                unknown.add(unknown(key));
            }
        }
        unknown.addAll(consumers().unknown());
        return unknown;
    }

    /** A key of the settings that this version does not know. */
    public static UnknownName unknown(String key) {
        return UnknownName.of(key, key, KEYS);
    }

    /** The same settings, with what the stored ones have besides that this version does not know. */
    public MultivaluedHashMap<String, String> keeping(MultivaluedHashMap<String, String> stored)
            throws InvalidSettings {
        MultivaluedHashMap<String, String> kept = new MultivaluedHashMap<>();
        stored.forEach((key, values) -> {
            if (!KEYS.contains(key)) {
                kept.put(key, values);
            }
        });
        kept.putAll(config);
        kept.put(CONSUMERS, consumers().keeping(new SettingsForm(stored).consumers()));
        return kept;
    }

    /**
     * The settings.
     *
     * @throws InvalidSettings if a value of a key that is known cannot be used
     */
    public Settings parse() throws InvalidSettings {
        return new Settings(
                dataCenter(),
                clientId(),
                clientSecret(),
                secret(text(NEXT_CLIENT_SECRET, "")),
                scope(),
                delegatedScope(),
                publicUrl(),
                flag(SIGNATURE_REQUIRED),
                consumers().parse(),
                secret(text(CONSUMER_AUTHORIZATIONS, "")),
                new Settings.Watching(flag(WATCH_SERVICE_ACCOUNTS), flag(WATCH_PROFILES)));
    }

    private DataCenter dataCenter() throws InvalidSettings {
        return DataCenter.byId(text(DATA_CENTER, DEFAULT_DATA_CENTER))
                .orElseThrow(() -> new InvalidSettings(DATA_CENTER + " must be one of " + DataCenter.ids()));
    }

    private String clientId() throws InvalidSettings {
        String id = text(CLIENT_ID, "");
        if (!PRINTABLE.matcher(id).matches()) {
            throw new InvalidSettings(CLIENT_ID
                    + " must be the client id from Cronofy's developer dashboard, up to 200 characters without"
                    + " spaces");
        }
        return id;
    }

    private Optional<Secret> clientSecret() throws InvalidSettings {
        String secret = text(CLIENT_SECRET, "");
        if (secret.isEmpty()) {
            throw noSecret();
        }
        return secret(secret);
    }

    /** A mask stands for nothing. */
    private static Optional<Secret> secret(String text) {
        return text.isEmpty() || text.equals(ComponentRepresentation.SECRET_VALUE)
                ? Optional.empty()
                : Optional.of(Secret.of(text));
    }

    /** Somebody has to say what the client secret is. */
    public static InvalidSettings noSecret() {
        return new InvalidSettings(CLIENT_SECRET
                + " must be the client secret from Cronofy's developer dashboard, or a vault reference like"
                + " ${vault.cronofy}");
    }

    /** Whether Keycloak takes the text for a reference to its vault, which is no secret itself. */
    public static boolean isVaultReference(String text) {
        return VAULT_REFERENCE.matcher(text).matches();
    }

    private String scope() throws InvalidSettings {
        String scope = text(SCOPE, DEFAULT_SCOPE);
        Set<String> names = Set.copyOf(Arrays.asList(scope.split(" +")));
        if (!SERVICE_ACCOUNT_SCOPES.containsAll(names)) {
            throw new InvalidSettings(SCOPE + " must be one or more of "
                    + SERVICE_ACCOUNT_SCOPES.stream().sorted().collect(Collectors.joining(", "))
                    + ", separated by spaces");
        }
        return scope;
    }

    private String delegatedScope() throws InvalidSettings {
        String scope = text(DELEGATED_SCOPE, DEFAULT_DELEGATED_SCOPE);
        if (!SCOPE_NAMES.matcher(scope).matches() || scope.length() > LONGEST_SCOPE) {
            throw new InvalidSettings(DELEGATED_SCOPE
                    + " must be Cronofy scopes such as read_only, read_write or free_busy, separated by single spaces");
        }
        return scope;
    }

    private @Nullable String publicUrl() throws InvalidSettings {
        String url = text(PUBLIC_URL, "");
        if (url.isEmpty()) {
            return null;
        }
        try {
            URI uri = new URI(url);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null
                    && url.length() <= 1024) {
                return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
            }
        } catch (URISyntaxException notAUrl) {
            // Answered below, like every other wrong value.
        }
        throw new InvalidSettings(PUBLIC_URL
                + " must be the base URL of Keycloak as the internet reaches it, like https://id.example.com, without"
                + " query, fragment or user; or empty");
    }

    private boolean flag(String key) throws InvalidSettings {
        String value = text(key, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new InvalidSettings(key + " must be true or false");
        }
        return value.equals("true");
    }

    private ConsumersForm consumers() throws InvalidSettings {
        return new ConsumersForm(config.getOrDefault(CONSUMERS, List.of()));
    }

    private String text(String key, String defaultValue) {
        String value = config.getFirst(key);
        return value == null || value.isBlank() ? defaultValue : value.strip();
    }
}
