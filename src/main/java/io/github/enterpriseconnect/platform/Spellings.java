package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.storage.UserDirectory;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.keycloak.models.KeycloakSession;

/**
 * How names are written in an attribute, whatever the capitals, by Keycloak's own table; within one session. Keycloak
 * compares letter by letter, and to find all spellings takes reading all that the attribute says, so it is done once for
 * all who are asked for together.
 */
final class Spellings {
    private static final String IN_SESSION = "enterprise-connect.spellings";

    private final KeycloakSession session;

    /** By attribute, the names that were looked for, each with the ways in which somebody writes it. */
    private final Map<String, Map<String, Set<String>>> known = new HashMap<>();

    private Spellings(KeycloakSession session) {
        this.session = session;
    }

    /** Those that are known in this session. */
    static Spellings of(KeycloakSession session) {
        Spellings known = session.getAttribute(IN_SESSION, Spellings.class);
        if (known == null) {
            known = new Spellings(session);
            session.setAttribute(IN_SESSION, known);
        }
        return known;
    }

    /** The names of these users will be asked for. */
    void expect(String attribute, Collection<String> userIds) {
        read(attribute, UserDirectory.names(session, attribute, userIds));
    }

    /**
     * How a name is written.
     *
     * @param name in small letters
     */
    Set<String> of(String attribute, String name) {
        Map<String, Set<String>> read = known.computeIfAbsent(attribute, unread -> new HashMap<>());
        if (!read.containsKey(name)) {
            read(attribute, Set.of(name));
        }
        return Set.copyOf(read.getOrDefault(name, Set.of()));
    }

    private void read(String attribute, Set<String> names) {
        Map<String, Set<String>> read = known.computeIfAbsent(attribute, unread -> new HashMap<>());
        Set<String> unread = new HashSet<>(names);
        unread.removeAll(read.keySet());
        Set<String> written = UserDirectory.spellings(session, attribute, unread);
        unread.forEach(name -> {
            Set<String> ways = new TreeSet<>();
            written.stream().filter(name::equalsIgnoreCase).forEach(ways::add);
            read.put(name, ways);
        });
    }
}
