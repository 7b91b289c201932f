package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The faults set, oldest first, and the requests that hang by them. */
final class Faults {
    private final Map<Integer, Active> active = new LinkedHashMap<>();
    private int last;

    synchronized int add(Fault fault) {
        last++;
        active.put(last, new Active(fault));
        return last;
    }

    /** The oldest fault that meets this request and has not met its number yet; the meeting counts. */
    synchronized Optional<Fault> meet(ReceivedRequest request, Runnable resume) {
        for (Active one : active.values()) {
            if (one.fault.matches(request) && (one.fault.times() == 0 || one.met < one.fault.times())) {
                one.met++;
                if (one.fault.hang()) {
                    one.hanging.add(resume);
                }
                return Optional.of(one.fault);
            }
        }
        return Optional.empty();
    }

    /** Ends one fault; what hung by it goes on. Answers whether it was there. */
    boolean clear(int id) {
        List<Runnable> hanging = new ArrayList<>();
        boolean found;
        synchronized (this) {
            Active removed = active.remove(id);
            found = removed != null;
            if (removed != null) {
                hanging.addAll(removed.hanging);
            }
        }
        hanging.forEach(Runnable::run);
        return found;
    }

    void clear() {
        List<Integer> ids;
        synchronized (this) {
            ids = List.copyOf(active.keySet());
        }
        ids.forEach(this::clear);
    }

    synchronized ArrayNode json() {
        List<ObjectNode> all = new ArrayList<>();
        active.forEach((id, one) -> {
            ObjectNode json = Json.object().put("id", id).put("met", one.met);
            one.fault.json().properties().forEach(member -> json.set(member.getKey(), member.getValue()));
            all.add(json);
        });
        return Json.array(all);
    }

    private static final class Active {
        private final Fault fault;
        private final List<Runnable> hanging = new ArrayList<>();
        private int met;

        private Active(Fault fault) {
            this.fault = fault;
        }
    }
}
