package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The body of a PUT by somebody who has read what there is, changed something, and sends all of it back, as {@code kcadm
 * update} does. What is as it was read says nothing, and nobody needs a right for it; who writes a body of their own says all
 * that is in it.
 */
final class Rewritten {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode shown;
    private final Set<String> writable;
    private final Set<String> moving;

    /**
     * For bodies that may have been made from this answer.
     *
     * @param shown the answer to a GET at present
     * @param writable its members that can be written; all others tell of a copy
     * @param moving those of the others that change by themselves, so that the caller may have read them otherwise
     */
    Rewritten(Object shown, Set<String> writable, Set<String> moving) {
        this.shown = read(shown);
        this.writable = writable;
        this.moving = moving;
    }

    /** By way of its text, since a number is another node by its size in Java. */
    private static JsonNode read(Object shown) {
        try {
            return JSON.readTree(JSON.writeValueAsString(shown));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is answered can be written and read", e);
        }
    }

    /**
     * What it says.
     *
     * @param where what its members are called before people, up to their names
     * @return members that can be written, and those that nobody knows; of a copy without what is as it was read
     * @throws org.keycloak.services.ErrorResponseException 400 if it changes what cannot be written, with what to write
     */
    ObjectNode changes(ObjectNode body, String where) {
        Optional<String> changed = changedInVain(body);
        if (changed.isPresent()) {
            throw RequestRefused.because(
                    where + changed.get()
                            + " cannot be changed here; leave it out, or as GET answers it. Write some of "
                            + String.join(", ", writable.stream().sorted().toList()) + ".",
                    Response.Status.BAD_REQUEST);
        }
        ObjectNode changes = body.deepCopy();
        List<String> readOnly = names(body).filter(this::readOnly).toList();
        if (!readOnly.isEmpty()) {
            changes.remove(readOnly);
            writable.stream()
                    .filter(name -> body.has(name) && asShown(body, name))
                    .forEach(changes::remove);
        }
        return changes;
    }

    /** A member that cannot be written and is not as it was read; empty if there is none. */
    Optional<String> changedInVain(ObjectNode body) {
        return names(body)
                .filter(name -> readOnly(name) && !moving.contains(name) && !asShown(body, name))
                .findFirst();
    }

    private boolean readOnly(String name) {
        return !writable.contains(name) && (shown.has(name) || moving.contains(name));
    }

    private boolean asShown(ObjectNode body, String name) {
        return body.get(name).equals(shown.get(name));
    }

    private static Stream<String> names(ObjectNode body) {
        return body.properties().stream().map(Map.Entry::getKey);
    }
}
