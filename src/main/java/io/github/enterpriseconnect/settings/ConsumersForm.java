package io.github.enterpriseconnect.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.Consumer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The consumers as component configuration has them: one object a value, as the components API keeps lists, or a whole
 * list in one value, as people write JSON. Members and rights that this version does not know count for nothing.
 */
final class ConsumersForm {
    static final String KEY = "consumers";

    static final String CLIENT_ID = "clientId";
    private static final String RIGHTS = "rights";
    private static final String LINKS = "links";
    private static final String ACTORS = "actors";
    private static final Set<String> MEMBERS = Set.of(CLIENT_ID, RIGHTS, LINKS, ACTORS, ReceiverForm.KEY);
    private static final Set<String> KNOWN_RIGHTS = Arrays.stream(Consumer.Right.values())
            .map(Consumer.Right::id)
            .collect(Collectors.toCollection(TreeSet::new));
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final List<ObjectNode> entries = new ArrayList<>();

    ConsumersForm(List<String> values) throws InvalidSettings {
        for (String value : values) {
            if (value == null || value.isBlank()) {
                continue;
            }
            JsonNode node = read(value);
            for (JsonNode entry : node.isArray() ? node : List.of(node)) {
                if (!(entry instanceof ObjectNode object)) {
                    throw invalid();
                }
                entries.add(object);
            }
        }
    }

    private static JsonNode read(String value) throws InvalidSettings {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException unreadable) {
            throw invalid();
        }
    }

    List<ObjectNode> entries() {
        return entries;
    }

    List<Consumer> parse() throws InvalidSettings {
        List<Consumer> consumers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ObjectNode entry : entries) {
            Consumer consumer = consumer(entry);
            if (!seen.add(consumer.clientId())) {
                throw new InvalidSettings(KEY + " names the client " + consumer.clientId()
                        + " twice; write one entry with all its rights");
            }
            consumers.add(consumer);
        }
        return consumers;
    }

    private static Consumer consumer(ObjectNode entry) throws InvalidSettings {
        String clientId = entry.path(CLIENT_ID).textValue();
        List<String> rights = texts(entry.get(RIGHTS)).orElse(List.of());
        if (clientId == null || clientId.isBlank() || rights.isEmpty()) {
            throw invalid();
        }
        return new Consumer(
                clientId,
                rights.stream()
                        .map(Consumer.Right::byId)
                        .flatMap(Optional::stream)
                        .collect(Collectors.toSet()),
                optional(entry, LINKS),
                ReceiverForm.parse(entry.get(ReceiverForm.KEY)),
                Objects.requireNonNullElse(optional(entry, ACTORS), Set.of()));
    }

    /** Null if the entry does not have it. */
    private static @Nullable Set<String> optional(ObjectNode entry, String name) throws InvalidSettings {
        JsonNode list = entry.path(name);
        return list.isMissingNode() || list.isNull()
                ? null
                : texts(list).map(Set::copyOf).orElseThrow(ConsumersForm::invalid);
    }

    /** Empty if it is anything but a list of texts. */
    private static Optional<List<String>> texts(@Nullable JsonNode list) {
        if (list == null || !list.isArray()) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : list) {
            if (!item.isTextual() || item.textValue().isBlank()) {
                return Optional.empty();
            }
            texts.add(item.textValue());
        }
        return Optional.of(List.copyOf(new LinkedHashSet<>(texts)));
    }

    List<UnknownName> unknown() {
        List<UnknownName> unknown = new ArrayList<>();
        for (ObjectNode entry : entries) {
            String where = KEY + "[" + entry.path(CLIENT_ID).asText() + "].";
            for (Map.Entry<String, JsonNode> member : entry.properties()) {
                if (!MEMBERS.contains(member.getKey())) {
                    unknown.add(UnknownName.of(where + member.getKey(), member.getKey(), MEMBERS));
                }
            }
            entry.path(ReceiverForm.KEY).properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(name -> !ReceiverForm.MEMBERS.contains(name))
                    .forEach(name -> unknown.add(
                            UnknownName.of(where + ReceiverForm.KEY + "." + name, name, ReceiverForm.MEMBERS)));
            for (String right : texts(entry.get(RIGHTS)).orElse(List.of())) {
                if (!KNOWN_RIGHTS.contains(right)) {
                    unknown.add(UnknownName.of(where + RIGHTS + "." + right, right, KNOWN_RIGHTS));
                }
            }
        }
        return unknown;
    }

    /** The same consumers, each with those unknown members besides that the other form has of it. */
    List<String> keeping(ConsumersForm stored) {
        Map<String, ObjectNode> byClient = new HashMap<>();
        stored.entries.forEach(entry -> byClient.put(entry.path(CLIENT_ID).asText(), entry));
        return entries.stream()
                .map(entry -> {
                    ObjectNode kept = entry.deepCopy();
                    Optional.ofNullable(byClient.get(entry.path(CLIENT_ID).asText())).stream()
                            .flatMap(before -> before.properties().stream())
                            .filter(member -> !MEMBERS.contains(member.getKey()) && !kept.has(member.getKey()))
                            .forEach(member -> kept.set(member.getKey(), member.getValue()));
                    return kept.toString();
                })
                .toList();
    }

    private static InvalidSettings invalid() {
        return new InvalidSettings(KEY + " must be a list of objects like {\"clientId\": \"calendar\", \"rights\":"
                + " [\"member\"]} with rights out of "
                + Arrays.stream(Consumer.Right.values()).map(Consumer.Right::id).collect(Collectors.joining(", "))
                + " and optionally \"links\": [an organization's id, or \"realm\"]; without \"links\" for all"
                + " of them; and \"actors\": [client ids of agents that may act for users]; without \"actors\" none");
    }
}
