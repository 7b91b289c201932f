package io.github.enterpriseconnect.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.provider.ProviderConfigurationBuilder;

/**
 * The settings as somebody wrote them, in component configuration: every key with its default and its help text, and
 * the one place where they are checked.
 */
public final class SettingsForm {
    static final String DATA_CENTER = "dataCenter";
    static final String CLIENT_ID = "clientId";
    public static final String CLIENT_SECRET = "clientSecret";
    static final String SCOPE = "scope";
    static final String DELEGATED_SCOPE = "delegatedScope";
    static final String PUBLIC_URL = "publicUrl";
    static final String SIGNATURE_REQUIRED = "signatureRequired";
    static final String CONSUMERS = "consumers";

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
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** A value that cannot be used; the message says what to write instead. */
    public static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;

        Invalid(String message) {
            super(message);
        }
    }

    private record ConsumerForm(
            @JsonProperty("clientId") @Nullable String clientId,
            @JsonProperty("rights") @Nullable List<String> rights,
            @JsonProperty("links") @Nullable List<String> links) {}

    private final MultivaluedHashMap<String, String> config;

    public SettingsForm(MultivaluedHashMap<String, String> config) {
        this.config = config;
    }

    /** What the generic components API and its clients learn about the keys. */
    public static List<ProviderConfigProperty> properties() {
        return ProviderConfigurationBuilder.create()
                .property()
                .name(DATA_CENTER)
                .label("Data center")
                .helpText("Cronofy data center of the application: " + DataCenter.ids() + ".")
                .type(ProviderConfigProperty.LIST_TYPE)
                .options(Arrays.stream(DataCenter.values()).map(DataCenter::id).toList())
                .defaultValue(DEFAULT_DATA_CENTER)
                .add()
                .property()
                .name(CLIENT_ID)
                .label("Client ID")
                .helpText("Client id of the application in Cronofy's developer dashboard.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .add()
                .property()
                .name(CLIENT_SECRET)
                .label("Client secret")
                .helpText("Its client secret, or a vault reference like ${vault.cronofy}.")
                .type(ProviderConfigProperty.PASSWORD)
                .secret(true)
                .add()
                .property()
                .name(SCOPE)
                .label("Scope")
                .helpText("What service accounts are asked for, separated by spaces.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .defaultValue(DEFAULT_SCOPE)
                .add()
                .property()
                .name(DELEGATED_SCOPE)
                .label("Delegated scope")
                .helpText("The most that is asked for a mailbox, separated by spaces.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .defaultValue(DEFAULT_DELEGATED_SCOPE)
                .add()
                .property()
                .name(PUBLIC_URL)
                .label("Public URL")
                .helpText("Base URL by which Cronofy reaches Keycloak; leave empty to use Keycloak's frontend URL.")
                .type(ProviderConfigProperty.STRING_TYPE)
                .add()
                .property()
                .name(SIGNATURE_REQUIRED)
                .label("Signature required")
                .helpText("Refuse callbacks that carry no signature. One that carries a wrong one is always refused.")
                .type(ProviderConfigProperty.BOOLEAN_TYPE)
                .defaultValue(false)
                .add()
                .property()
                .name(CONSUMERS)
                .label("Consumers")
                .helpText("Clients that may fetch tokens, one JSON object each, such as"
                        + " {\"clientId\": \"calendar\", \"rights\": [\"member\"]}.")
                .type(ProviderConfigProperty.MULTIVALUED_STRING_TYPE)
                .add()
                .build();
    }

    public Settings parse() throws Invalid {
        return new Settings(
                dataCenter(),
                clientId(),
                clientSecret(),
                scope(),
                delegatedScope(),
                publicUrl(),
                signatureRequired(),
                consumers());
    }

    private DataCenter dataCenter() throws Invalid {
        return DataCenter.byId(text(DATA_CENTER, DEFAULT_DATA_CENTER))
                .orElseThrow(() -> new Invalid(DATA_CENTER + " must be one of " + DataCenter.ids()));
    }

    private String clientId() throws Invalid {
        String id = text(CLIENT_ID, "");
        if (!PRINTABLE.matcher(id).matches()) {
            throw new Invalid(CLIENT_ID
                    + " must be the client id from Cronofy's developer dashboard, up to 200 characters without"
                    + " spaces");
        }
        return id;
    }

    private Secret clientSecret() throws Invalid {
        String secret = text(CLIENT_SECRET, "");
        if (secret.isEmpty()) {
            throw new Invalid(CLIENT_SECRET
                    + " must be the client secret from Cronofy's developer dashboard, or a vault reference like"
                    + " ${vault.cronofy}");
        }
        return Secret.of(secret);
    }

    private String scope() throws Invalid {
        String scope = text(SCOPE, DEFAULT_SCOPE);
        Set<String> names = Set.copyOf(Arrays.asList(scope.split(" +")));
        if (!SERVICE_ACCOUNT_SCOPES.containsAll(names)) {
            throw new Invalid(SCOPE + " must be one or more of "
                    + SERVICE_ACCOUNT_SCOPES.stream().sorted().collect(Collectors.joining(", "))
                    + ", separated by spaces");
        }
        return scope;
    }

    private String delegatedScope() throws Invalid {
        String scope = text(DELEGATED_SCOPE, DEFAULT_DELEGATED_SCOPE);
        if (!SCOPE_NAMES.matcher(scope).matches() || scope.length() > LONGEST_SCOPE) {
            throw new Invalid(DELEGATED_SCOPE
                    + " must be Cronofy scopes such as read_only, read_write or free_busy, separated by single spaces");
        }
        return scope;
    }

    private @Nullable String publicUrl() throws Invalid {
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
        throw new Invalid(PUBLIC_URL
                + " must be the base URL of Keycloak as the internet reaches it, like https://id.example.com, without"
                + " query, fragment or user; or empty");
    }

    private boolean signatureRequired() throws Invalid {
        String value = text(SIGNATURE_REQUIRED, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new Invalid(SIGNATURE_REQUIRED + " must be true or false");
        }
        return value.equals("true");
    }

    private List<Consumer> consumers() throws Invalid {
        List<Consumer> consumers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String value : config.getOrDefault(CONSUMERS, List.of())) {
            if (value == null || value.isBlank()) {
                continue;
            }
            for (ConsumerForm form : consumerForms(value)) {
                Consumer consumer = consumer(form);
                if (!seen.add(consumer.clientId())) {
                    throw new Invalid(CONSUMERS + " names the client " + consumer.clientId()
                            + " twice; write one entry with all its rights");
                }
                consumers.add(consumer);
            }
        }
        return consumers;
    }

    /** One object a value, as the components API keeps lists, or a whole list in one value, as people write JSON. */
    private static List<ConsumerForm> consumerForms(String value) throws Invalid {
        try {
            JsonNode node = JSON.readTree(value);
            List<ConsumerForm> forms = new ArrayList<>();
            for (JsonNode entry : node.isArray() ? node : List.of(node)) {
                if (!entry.isObject()) {
                    throw invalidConsumer();
                }
                forms.add(JSON.treeToValue(entry, ConsumerForm.class));
            }
            return forms;
        } catch (JsonProcessingException unreadable) {
            throw invalidConsumer();
        }
    }

    private static Consumer consumer(ConsumerForm form) throws Invalid {
        if (form.clientId() == null || form.clientId().isBlank() || form.rights() == null) {
            throw invalidConsumer();
        }
        Set<Consumer.Right> rights = new HashSet<>();
        for (String id : form.rights()) {
            rights.add(Consumer.Right.byId(id).orElseThrow(SettingsForm::invalidConsumer));
        }
        List<String> links = form.links();
        if (rights.isEmpty() || (links != null && links.stream().anyMatch(link -> link == null || link.isBlank()))) {
            throw invalidConsumer();
        }
        return new Consumer(form.clientId(), rights, links == null ? null : Set.copyOf(links));
    }

    private static Invalid invalidConsumer() {
        return new Invalid(CONSUMERS + " must be a list of objects like {\"clientId\": \"calendar\", \"rights\":"
                + " [\"member\"]} with rights out of "
                + Arrays.stream(Consumer.Right.values()).map(Consumer.Right::id).collect(Collectors.joining(", "))
                + " and optionally \"links\": [an organization's id, or \"realm\"]; without \"links\" for all of them");
    }

    private String text(String key, String defaultValue) {
        String value = config.getFirst(key);
        return value == null || value.isBlank() ? defaultValue : value.strip();
    }
}
