package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Where the switches stand. */
final class Switches {
    private final Map<Switch<?>, Object> changed = new ConcurrentHashMap<>();

    @SuppressWarnings("unchecked") // only put() and merge() write, both with the type of the switch
    <T> T get(Switch<T> which) {
        Object value = changed.get(which);
        return value == null ? which.initial() : (T) value;
    }

    /** Whether a list of mailboxes names this one, or all of them by {@code *}. */
    boolean covers(Switch<List<String>> which, String mailbox) {
        return get(which).stream().anyMatch(listed -> listed.equals("*") || listed.equalsIgnoreCase(mailbox));
    }

    /** Goes through the same check as JSON, so that nothing out of bounds gets in. */
    <T> void put(Switch<T> which, T value) {
        which.read(Switch.json(value));
        changed.put(which, value);
    }

    /** Changes what is named and leaves the rest; null brings the default back; all or nothing. */
    void merge(ObjectNode json) {
        Map<String, Switch<?>> byName = Switch.all().stream().collect(Collectors.toMap(Switch::name, one -> one));
        Map<Switch<?>, Object> merged = new HashMap<>();
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            Switch<?> which = byName.get(member.getKey());
            if (which == null) {
                throw new IllegalArgumentException("there is no switch " + member.getKey() + ": write one of "
                        + Switch.all().stream().map(Switch::name).collect(Collectors.joining(", ")));
            }
            JsonNode value = member.getValue();
            merged.put(which, value.isNull() ? which.initial() : which.read(value));
        }
        changed.putAll(merged);
    }

    ObjectNode json() {
        ObjectNode json = Json.object();
        Switch.all().forEach(one -> json.set(one.name(), Switch.json(get(one))));
        return json;
    }

    void reset() {
        changed.clear();
    }
}
