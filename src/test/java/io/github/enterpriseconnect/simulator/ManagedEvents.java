package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Events that applications wrote, by account and by the application's own id. */
final class ManagedEvents {
    private final Map<String, Map<String, ObjectNode>> events = new ConcurrentHashMap<>();

    List<ObjectNode> of(Mailbox mailbox) {
        return events.getOrDefault(mailbox.sub(), Map.of()).values().stream()
                .map(ObjectNode::deepCopy)
                .toList();
    }

    void put(Mailbox mailbox, String eventId, ObjectNode event) {
        events.compute(mailbox.sub(), (sub, before) -> {
            Map<String, ObjectNode> after = before == null ? new LinkedHashMap<>() : new LinkedHashMap<>(before);
            after.put(eventId, event);
            return after;
        });
    }

    void remove(Mailbox mailbox, String eventId) {
        events.computeIfPresent(mailbox.sub(), (sub, before) -> {
            Map<String, ObjectNode> after = new LinkedHashMap<>(before);
            after.remove(eventId);
            return after;
        });
    }

    void clear() {
        events.clear();
    }
}
