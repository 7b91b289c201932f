package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.settings.SettingsForm;
import jakarta.ws.rs.core.Response;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.util.MultivaluedHashMap;
import org.keycloak.representations.idm.ComponentRepresentation;
import org.keycloak.services.ErrorResponseException;

/**
 * The settings as JSON and as component configuration: the same names, but consumers are objects here and one JSON text
 * each there, and the switch is only here.
 *
 * @param enabled null if the JSON does not say
 */
record SettingsJson(
        MultivaluedHashMap<String, String> config, @Nullable Boolean enabled) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String ENABLED = "enabled";
    private static final String CONSUMERS = "consumers";
    private static final Set<String> SECRETS = Set.of(SettingsForm.CLIENT_SECRET, SettingsForm.NEXT_CLIENT_SECRET);
    private static final Set<String> TEXTS = Set.of(
            "dataCenter",
            "clientId",
            SettingsForm.CLIENT_SECRET,
            SettingsForm.NEXT_CLIENT_SECRET,
            "scope",
            "delegatedScope",
            "publicUrl");

    static SettingsJson read(@Nullable String body) {
        JsonNode json = JsonBody.object(body);
        MultivaluedHashMap<String, String> config = new MultivaluedHashMap<>();
        Boolean enabled = null;
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (value.isNull()) {
                continue;
            }
            if (TEXTS.contains(name) && value.isTextual()) {
                config.putSingle(name, value.textValue());
            } else if (SettingsForm.FLAGS.contains(name) && value.isBoolean()) {
                config.putSingle(name, value.asText());
            } else if (name.equals(ENABLED) && value.isBoolean()) {
                enabled = value.booleanValue();
            } else if (name.equals(CONSUMERS) && value.isArray()) {
                value.forEach(consumer -> config.add(name, consumer.toString()));
            } else {
                throw wrong(name);
            }
        }
        return new SettingsJson(config, enabled);
    }

    /** Secrets only ever leave masked, unless they are vault references and so none. */
    static ObjectNode write(MultivaluedHashMap<String, String> config, boolean enabled) {
        ObjectNode json = JSON.createObjectNode();
        json.put(ENABLED, enabled);
        TEXTS.stream()
                .sorted()
                .filter(name -> config.getFirst(name) != null && !noSecret(name, config.getFirst(name)))
                .forEach(name ->
                        json.put(name, SECRETS.contains(name) ? masked(config.getFirst(name)) : config.getFirst(name)));
        SettingsForm.FLAGS.stream()
                .sorted()
                .forEach(name -> json.put(name, Boolean.parseBoolean(config.getFirst(name))));
        json.putArray(CONSUMERS)
                .addAll(config.getOrDefault(CONSUMERS, List.of()).stream()
                        .map(SettingsJson::consumer)
                        .flatMap(consumer -> consumer.isArray() ? consumer.valueStream() : Stream.of(consumer))
                        .sorted(Comparator.comparing(
                                consumer -> consumer.path("clientId").asText()))
                        .toList());
        return json;
    }

    /** A mask that is stored stands for nothing, and must not look like a secret that is there. */
    private static boolean noSecret(String name, String value) {
        return SECRETS.contains(name) && value.equals(ComponentRepresentation.SECRET_VALUE);
    }

    private static JsonNode consumer(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored consumers have been validated");
        }
    }

    private static String masked(String secret) {
        return SettingsForm.isVaultReference(secret) ? secret : ComponentRepresentation.SECRET_VALUE;
    }

    private static ErrorResponseException wrong(String name) {
        String expected = TEXTS.contains(name)
                ? "must be a text"
                : SettingsForm.FLAGS.contains(name) || name.equals(ENABLED)
                        ? "must be true or false"
                        : name.equals(CONSUMERS)
                                ? "must be a list of objects"
                                : "is not a setting; did you mean "
                                        + SettingsForm.unknown(name).nearest()
                                        + "? There are " + ENABLED + ", " + CONSUMERS + ", "
                                        + Stream.concat(SettingsForm.FLAGS.stream(), TEXTS.stream())
                                                .sorted()
                                                .collect(Collectors.joining(", "));
        return RequestRefused.because(name + " " + expected, Response.Status.BAD_REQUEST);
    }
}
