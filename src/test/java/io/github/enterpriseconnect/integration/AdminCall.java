package io.github.enterpriseconnect.integration;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One verb at one endpoint of the admin resource.
 *
 * @param path with the placeholders of {@link Target}
 * @param success the status that those get who have the right
 */
record AdminCall(
        Right right, String method, String path, @Nullable Object body, int success) {

    /** What it takes to make a call. */
    enum Right {
        VIEW_REALM,
        EDIT_REALM,
        LIST_LINKS,
        VIEW_LINK,
        MEMBERS,
        MEMBER_COUNTS,
        EDIT_LINK,
        RULE_LINK,
        VIEW_USER,
        EDIT_USER,
        REVOCATIONS,
        REVOCATIONS_OF_LINK;

        private static final String YES = "yes";

        /**
         * Reads a table with a column for each right and a line for each caller; a cell says "yes", or the status that
         * calls are refused with.
         */
        static Map<String, Map<Right, String>> table(String text) {
            Map<String, Map<Right, String>> table = new LinkedHashMap<>();
            List<String> lines = text.strip().lines().toList();
            String[] rights = lines.get(0).split(" +", -1);
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.split(" +", -1);
                Map<Right, String> row = new EnumMap<>(Right.class);
                for (int column = 1; column < rights.length; column++) {
                    row.put(valueOf(rights[column]), cells[column]);
                }
                table.put(cells[0], row);
            }
            return table;
        }
    }

    /** What a call is about; an id may as well be one of somebody else. */
    record Target(String link, String user, String invitation, String consumer) {
        Target link(String other) {
            return new Target(other, user, invitation, consumer);
        }

        Target user(String other) {
            return new Target(link, other, invitation, consumer);
        }

        Target invitation(String other) {
            return new Target(link, user, other, consumer);
        }

        Target consumer(String other) {
            return new Target(link, user, invitation, other);
        }

        private String fill(String path) {
            return path.replace("{link}", link)
                    .replace("{user}", user)
                    .replace("{invitation}", invitation)
                    .replace("{consumer}", consumer);
        }
    }

    /** Every verb at every endpoint; unlinking comes last. */
    static List<AdminCall> all(Map<String, ?> settings) {
        return List.of(
                new AdminCall(Right.VIEW_REALM, "GET", "settings", null, 200),
                new AdminCall(Right.EDIT_REALM, "PUT", "settings", settings, 204),
                new AdminCall(Right.EDIT_REALM, "POST", "settings/test", "", 200),
                new AdminCall(Right.LIST_LINKS, "GET", "links", null, 200),
                new AdminCall(Right.VIEW_LINK, "GET", "links/{link}", null, 200),
                rule("domains", List.of()),
                policy(Right.RULE_LINK, "requiredGroups", List.of()),
                policy(Right.RULE_LINK, "deniedGroups", List.of()),
                policy(Right.RULE_LINK, "requiredRoles", List.of()),
                policy(Right.RULE_LINK, "deniedRoles", List.of()),
                policy(Right.RULE_LINK, "identityProviders", List.of()),
                policy(Right.EDIT_LINK, "proof", "owner"),
                policy(Right.EDIT_LINK, "optOut", false),
                new AdminCall(Right.MEMBERS, "GET", "links/{link}/delegations", null, 200),
                new AdminCall(Right.MEMBERS, "GET", "links/{link}/delegations?preview=true", null, 200),
                new AdminCall(
                        Right.MEMBER_COUNTS, "GET", "links/{link}/delegations?preview=true&counts=true", null, 200),
                new AdminCall(Right.EDIT_LINK, "POST", "links/{link}/invitations", "{}", 201),
                new AdminCall(Right.EDIT_LINK, "GET", "links/{link}/invitations", null, 200),
                new AdminCall(Right.EDIT_LINK, "DELETE", "links/{link}/invitations/{invitation}", null, 204),
                new AdminCall(Right.VIEW_USER, "GET", "users/{user}", null, 200),
                new AdminCall(Right.EDIT_USER, "PUT", "users/{user}/delegation", "{}", 202),
                new AdminCall(Right.EDIT_USER, "DELETE", "users/{user}/delegation", null, 204),
                new AdminCall(Right.EDIT_USER, "PUT", "users/{user}/opt-out", "{}", 204),
                new AdminCall(Right.EDIT_USER, "DELETE", "users/{user}/opt-out", null, 204),
                new AdminCall(Right.REVOCATIONS, "GET", "revocations", null, 200),
                new AdminCall(Right.REVOCATIONS_OF_LINK, "GET", "revocations?link={link}", null, 200),
                new AdminCall(Right.REVOCATIONS, "GET", "notifications", null, 200),
                new AdminCall(Right.EDIT_REALM, "POST", "notifications/replay?client={consumer}", "", 200),
                new AdminCall(Right.EDIT_REALM, "POST", "consumers/{consumer}/notifications/test", "", 409),
                new AdminCall(Right.VIEW_REALM, "GET", "suspension", null, 200),
                new AdminCall(Right.EDIT_REALM, "PUT", "suspension", "{}", 204),
                new AdminCall(Right.EDIT_REALM, "DELETE", "suspension", null, 204),
                new AdminCall(Right.VIEW_REALM, "GET", "consumers/{consumer}/suspension", null, 200),
                new AdminCall(Right.EDIT_REALM, "PUT", "consumers/{consumer}/suspension", "{}", 204),
                new AdminCall(Right.EDIT_REALM, "DELETE", "consumers/{consumer}/suspension", null, 204),
                new AdminCall(Right.VIEW_LINK, "GET", "links/{link}/suspension", null, 200),
                new AdminCall(Right.EDIT_LINK, "PUT", "links/{link}/suspension", "{}", 204),
                new AdminCall(Right.EDIT_LINK, "DELETE", "links/{link}/suspension", null, 204),
                new AdminCall(Right.EDIT_LINK, "DELETE", "links/{link}", null, 204));
    }

    private static AdminCall rule(String member, Object value) {
        return new AdminCall(Right.RULE_LINK, "PUT", "links/{link}", Map.of(member, value), 200);
    }

    private static AdminCall policy(Right right, String member, Object value) {
        return new AdminCall(right, "PUT", "links/{link}", Map.of("policy", Map.of(member, value)), 200);
    }

    /** Every verb there is at one endpoint, with and without a body that makes sense; nobody is to succeed. */
    static Stream<AdminCall> everyVerb(String path) {
        return Stream.of(
                attempt("GET", path, null),
                attempt("HEAD", path, null),
                attempt("DELETE", path, null),
                attempt("PUT", path, "{}"),
                attempt("PUT", path, "no JSON"),
                attempt("POST", path, "{}"),
                attempt("POST", path, "no JSON"),
                attempt("PATCH", path, "{}"));
    }

    private static AdminCall attempt(String method, String path, @Nullable String body) {
        return new AdminCall(Right.VIEW_REALM, method, path, body, 0);
    }

    boolean changes() {
        return !method.equals("GET");
    }

    /** The status that somebody with these rights is to get. */
    int expected(Map<Right, String> rights) {
        String cell = rights.get(right);
        return Right.YES.equals(cell) ? success : Integer.parseInt(String.valueOf(cell));
    }

    Answer by(AdminClient caller, String base, Target target) {
        return caller.request(method, base + target.fill(path), body);
    }

    @Override
    public String toString() {
        return method + " " + path + (body == null || List.of("", "{}").contains(body) ? "" : " " + body);
    }
}
