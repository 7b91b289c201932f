package io.github.enterpriseconnect.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Some of Cronofy's scopes, compared by what they permit: a shorthand and what it stands for are the same. A scope that is
 * not known here permits itself alone. Source: Cronofy's documentation of requesting authorization, "Scopes".
 */
public final class Scopes {
    private static final Pattern SPACES = Pattern.compile(" +");

    /** What stands for others, and says nothing besides. */
    private static final Map<String, List<String>> SHORTHANDS = Map.of(
            "read_only", List.of("read_events"),
            "write_only", List.of("create_event", "delete_event"),
            "read_write", List.of("read_only", "write_only"),
            "free_busy", List.of("read_free_busy"),
            "free_busy_write", List.of("free_busy", "write_only"));

    /**
     * What permits others too. The names {@code read_account} and {@code list_calendars} are of the past: whoever may read
     * anything may do that.
     */
    private static final Map<String, List<String>> IMPLIED = Map.of(
            "read_events", List.of("read_free_busy"),
            "read_free_busy", List.of("read_account", "list_calendars"));

    /** All that a mailbox permits of which only busy times may be read; Cronofy wants it asked for alone. */
    public static final Scopes FREE_BUSY = Scopes.of("free_busy");

    private final List<String> words;
    private final Set<String> permitted;

    private Scopes(Collection<String> words) {
        this.words = List.copyOf(words);
        this.permitted = permittedBy(words);
    }

    /** Those that stand in a text, separated by spaces. */
    public static Scopes of(@Nullable String text) {
        return new Scopes(text == null || text.isBlank() ? List.of() : List.of(SPACES.split(text.strip(), -1)));
    }

    public boolean isEmpty() {
        return words.isEmpty();
    }

    /** Whether these permit everything that the others do. */
    public boolean covers(Scopes others) {
        return permitted.containsAll(others.permitted);
    }

    /** What both permit, in few words: those that these are written in come before the others'. */
    public Scopes common(Scopes others) {
        Set<String> common = new LinkedHashSet<>();
        words.stream().filter(word -> others.covers(of(word))).forEach(common::add);
        others.words.stream().filter(word -> covers(of(word))).forEach(common::add);
        permitted.stream().filter(others.permitted::contains).forEach(common::add);
        return new Scopes(reduced(common));
    }

    /** What these lack of the wanted ones, by the names that stand for nothing but themselves; empty if nothing. */
    public List<String> missing(Scopes wanted) {
        Set<String> missing = new LinkedHashSet<>(wanted.permitted);
        missing.removeAll(permitted);
        return reduced(missing).stream().sorted().toList();
    }

    /** Without what the rest permits anyway; of what is the same the first stays. */
    private static List<String> reduced(Collection<String> words) {
        List<String> reduced = new ArrayList<>(words);
        for (int i = reduced.size() - 1; i >= 0; i--) {
            List<String> rest = new ArrayList<>(reduced);
            String word = rest.remove(i);
            if (permittedBy(rest).containsAll(permittedBy(List.of(word)))) {
                reduced = rest;
            }
        }
        return reduced;
    }

    private static Set<String> permittedBy(Collection<String> words) {
        Set<String> permitted = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(words);
        while (!open.isEmpty()) {
            String word = open.remove();
            if (SHORTHANDS.containsKey(word)) {
                open.addAll(SHORTHANDS.get(word));
            } else if (permitted.add(word)) {
                open.addAll(IMPLIED.getOrDefault(word, List.of()));
            }
        }
        return permitted;
    }

    /** By what they permit. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Scopes scopes && scopes.permitted.equals(permitted);
    }

    @Override
    public int hashCode() {
        return permitted.hashCode();
    }

    /** As Cronofy takes them: separated by spaces. */
    @Override
    public String toString() {
        return String.join(" ", words);
    }
}
