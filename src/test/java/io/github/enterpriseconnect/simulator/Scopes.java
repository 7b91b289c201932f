package io.github.enterpriseconnect.simulator;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A set of scopes as space-separated text (contract 7). */
record Scopes(Set<String> names) {
    static final String MANAGE_ACCOUNTS = "service_account/accounts/manage";
    static final String MANAGE_RESOURCES = "service_account/resources/manage";

    private static final Set<String> OF_SERVICE_ACCOUNTS = Set.of(
            MANAGE_ACCOUNTS,
            "service_account/accounts/unrestricted_access",
            MANAGE_RESOURCES,
            "service_account/resources/unrestricted_access");
    /** Names that still circulate (contract 1), with those of today. */
    private static final Map<String, String> LEGACY = Map.of(
            "service_account/manage_accounts", MANAGE_ACCOUNTS,
            "service_account/manage_resources", MANAGE_RESOURCES);

    private static final List<String> READ = List.of("read_account", "list_calendars", "read_events", "read_free_busy");
    private static final List<String> WRITE = List.of("create_event", "delete_event");
    private static final Map<String, List<String>> SHORTHANDS = Map.of(
            "read_only", READ,
            "write_only", WRITE,
            "read_write", both(READ, WRITE),
            "free_busy", List.of("read_free_busy"),
            "free_busy_write", both(List.of("read_free_busy"), WRITE),
            "read_events", List.of("read_events", "read_free_busy"));
    private static final Set<String> PLAIN = Set.of(
            "read_free_busy",
            "create_event",
            "delete_event",
            "create_calendar",
            "change_participation_status",
            "event_reminders",
            "read_account",
            "list_calendars");

    static Scopes of(String text) {
        return new Scopes(Arrays.stream(text.split(" ", -1))
                .filter(name -> !name.isBlank())
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    /** Those of the four service account scopes that are among these, under today's names. */
    Scopes ofServiceAccounts() {
        return new Scopes(names.stream()
                .map(name -> LEGACY.getOrDefault(name, name))
                .filter(OF_SERVICE_ACCOUNTS::contains)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    /** Those that an account can be asked for. */
    Scopes ofAccounts() {
        return new Scopes(names.stream()
                .filter(name -> SHORTHANDS.containsKey(name) || PLAIN.contains(name))
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    /** Without shorthands; which plain scopes a shorthand stands for is partly inferred. */
    Scopes expanded() {
        return new Scopes(names.stream()
                .flatMap(name -> SHORTHANDS.getOrDefault(name, List.of(name)).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    boolean covers(Scopes asked) {
        return expanded().names.containsAll(asked.expanded().names);
    }

    boolean has(String name) {
        return expanded().names.contains(name);
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    String text() {
        return String.join(" ", names);
    }

    private static List<String> both(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }
}
