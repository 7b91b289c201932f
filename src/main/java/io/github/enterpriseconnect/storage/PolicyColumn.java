package io.github.enterpriseconnect.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Policy;
import jakarta.persistence.AttributeConverter;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A policy in one column, as JSON; empty for the default. What is not written, or null, follows the realm's default.
 * What a newer version has written stays as it is, whoever writes the policy again.
 */
public final class PolicyColumn implements AttributeConverter<Policy, String> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String PROOF = "proof";
    private static final String OPT_OUT = "optOut";
    private static final String NOTICE = "notice";
    private static final String WAIT = "wait";
    private static final String REQUIRED_GROUPS = "requiredGroups";
    private static final String DENIED_GROUPS = "deniedGroups";
    private static final String REQUIRED_ROLES = "requiredRoles";
    private static final String DENIED_ROLES = "deniedRoles";
    private static final String IDENTITY_PROVIDERS = "identityProviders";
    private static final String BACKFILL = "backfill";
    private static final String CALENDAR_NAME = "calendarName";
    private static final String ACCEPT_FREE_BUSY = "acceptFreeBusy";

    /** For a text that is no JSON object at all. */
    private static final String ALL = "";

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable Policy policy) {
        if (policy == null || policy.equals(Policy.DEFAULT)) {
            return null;
        }
        Behaviour.Stated stated = policy.behaviour();
        ObjectNode json = JSON.createObjectNode();
        json.put(PROOF, policy.proof().name());
        json.put(OPT_OUT, stated.optOut());
        json.put(NOTICE, Names.of(stated.notice()));
        json.put(WAIT, stated.patience() == null ? null : stated.patience().toSeconds());
        put(json, REQUIRED_GROUPS, policy.requiredGroups());
        put(json, DENIED_GROUPS, policy.deniedGroups());
        put(json, REQUIRED_ROLES, policy.requiredRoles());
        put(json, DENIED_ROLES, policy.deniedRoles());
        put(json, IDENTITY_PROVIDERS, policy.identityProviders());
        // An older version withholds everybody where these say something.
        json.put(BACKFILL, policy.backfill() == Policy.Backfill.NONE ? null : Names.of(policy.backfill()));
        // As above: nobody else may be asked for by an address in place of a name.
        json.put(CALENDAR_NAME, policy.calendarName());
        json.put(ACCEPT_FREE_BUSY, policy.acceptFreeBusy() ? Boolean.TRUE : null);
        try {
            for (Map.Entry<String, String> unknown : new TreeMap<>(policy.unknown()).entrySet()) {
                if (unknown.getKey().equals(ALL)) {
                    return JSON.readValue(unknown.getValue(), String.class);
                }
                json.set(unknown.getKey(), JSON.readTree(unknown.getValue()));
            }
            return JSON.writeValueAsString(json);
        } catch (IOException e) {
            throw new IllegalStateException("a policy can be written", e);
        }
    }

    private static void put(ObjectNode json, String name, Set<String> values) {
        ArrayNode list = json.putArray(name);
        new TreeSet<>(values).forEach(list::add);
    }

    @Override
    public Policy convertToEntityAttribute(@Nullable String column) {
        if (column == null) {
            return Policy.DEFAULT;
        }
        Members members = Members.of(column);
        return new Policy(
                members.read(PROOF, PolicyColumn::proof).orElse(Policy.Proof.KEYCLOAK),
                new Behaviour.Stated(
                        members.read(OPT_OUT, PolicyColumn::flag).orElse(null),
                        members.read(NOTICE, PolicyColumn::notice).orElse(null),
                        members.read(WAIT, PolicyColumn::patience).orElse(null)),
                members.names(REQUIRED_GROUPS),
                members.names(DENIED_GROUPS),
                members.names(REQUIRED_ROLES),
                members.names(DENIED_ROLES),
                members.names(IDENTITY_PROVIDERS),
                members.read(BACKFILL, json -> constant(Policy.Backfill.values(), json))
                        .orElse(Policy.Backfill.NONE),
                members.read(CALENDAR_NAME, JsonNode::textValue).orElse(null),
                members.read(ACCEPT_FREE_BUSY, PolicyColumn::flag).orElse(false),
                members.unread);
    }

    private static @Nullable Boolean flag(JsonNode json) {
        return json.isBoolean() ? json.booleanValue() : null;
    }

    private static Policy.@Nullable Proof proof(JsonNode json) {
        return constant(Policy.Proof.values(), json);
    }

    private static Behaviour.@Nullable Notice notice(JsonNode json) {
        return constant(Behaviour.Notice.values(), json);
    }

    private static <E extends Enum<E>> @Nullable E constant(E[] all, JsonNode json) {
        return Arrays.stream(all)
                .filter(one -> one.name().equals(json.textValue()))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable Duration patience(JsonNode json) {
        boolean known = json.isIntegralNumber()
                && json.canConvertToInt()
                && json.intValue() >= 0
                && json.intValue() <= Behaviour.LONGEST_WAIT.toSeconds();
        return known ? Duration.ofSeconds(json.intValue()) : null;
    }

    /** The members of the JSON; what nobody has understood is left in the end. */
    private static final class Members {
        private final JsonNode json;
        private final Map<String, String> unread = new TreeMap<>();

        private Members(JsonNode json) {
            this.json = json;
            json.properties()
                    .forEach(member ->
                            unread.put(member.getKey(), member.getValue().toString()));
        }

        static Members of(String column) {
            try {
                JsonNode json = JSON.readTree(column);
                if (json.isObject()) {
                    return new Members(json);
                }
            } catch (IOException noJson) {
                // Kept as a text.
            }
            Members none = new Members(JSON.createObjectNode());
            none.unread.put(ALL, JSON.valueToTree(column).toString());
            return none;
        }

        <T> Optional<T> read(String name, Function<JsonNode, @Nullable T> understanding) {
            JsonNode value = json.get(name);
            if (value == null || value.isNull()) {
                unread.remove(name);
                return Optional.empty();
            }
            Optional<T> understood = Optional.ofNullable(understanding.apply(value));
            if (understood.isPresent()) {
                unread.remove(name);
            }
            return understood;
        }

        Set<String> names(String name) {
            return read(name, Members::texts).orElse(Set.of());
        }

        private static @Nullable Set<String> texts(JsonNode list) {
            if (!list.isArray()) {
                return null;
            }
            Set<String> texts = new HashSet<>();
            list.forEach(one -> texts.add(Objects.requireNonNullElse(one.textValue(), "")));
            return texts.contains("") ? null : texts;
        }
    }
}
