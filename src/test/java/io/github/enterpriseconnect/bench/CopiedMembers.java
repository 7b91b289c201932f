package io.github.enterpriseconnect.bench;

import io.github.enterpriseconnect.core.Ticket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Very many members of one organization, who are copies of the rows of one of them in a database of PostgreSQL. They can
 * sign in. Those who are delegated bear marks of their own, so that a sign-in finds nothing to do; the tokens that they
 * carry are another's and do not open.
 */
final class CopiedMembers {
    private static final String COPY_OF_ID = "substring(t.id, 1, 24) || lpad(n.x::text, 12, '0')";
    private static final String MARK = "enterprise-connect.mark";

    private final Connection connection;
    private final String domain;
    private final String template;

    /**
     * @param username whose rows are copied
     * @param domain of their addresses
     */
    CopiedMembers(Connection connection, String username, String domain) throws SQLException {
        this.connection = connection;
        this.domain = domain;
        this.template = text("select id from user_entity where username = '" + username + "' and realm_id ="
                + " (select id from realm where name = '" + Site.REALM + "')");
    }

    static String name(int number) {
        return "copy-" + number;
    }

    /**
     * Makes members up to this number, with a password each.
     *
     * @param delegated up to which number they carry what a delegated member carries; 0 where the one who is copied is
     *     not delegated
     */
    void make(int members, int delegated) throws SQLException {
        String user = "'" + template.substring(0, 24) + "' || lpad(n.x::text, 12, '0')";
        String address = "'copy-' || n.x || '@" + domain + "'";
        copy(
                "user_entity",
                "id",
                members,
                "",
                Map.of("id", user, "username", "'copy-' || n.x", "email", address, "email_constraint", address));
        copy("credential", "user_id", members, "", Map.of("id", COPY_OF_ID, "user_id", user));
        copy("user_role_mapping", "user_id", members, "", Map.of("user_id", user));
        copy("user_group_membership", "user_id", members, "", Map.of("user_id", user));
        copy(
                "user_attribute",
                "user_id",
                delegated,
                " and t.name like 'enterprise-connect.%'",
                Map.of("id", COPY_OF_ID, "user_id", user));
        if (delegated > 0 && has("ec_delegation")) {
            copy(
                    "ec_delegation",
                    "user_id",
                    members,
                    "",
                    Map.of(
                            "id",
                            COPY_OF_ID,
                            "user_id",
                            user,
                            "mailbox",
                            address,
                            "subject",
                            "t.subject || '-' || n.x",
                            "ticket_hash",
                            "null"));
            mark(delegated);
        }
        execute("analyze");
    }

    /** Gives the copies what a sign-in knows members by for whom nothing is left to do (core/Mark). */
    private void mark(int delegated) throws SQLException {
        String link =
                text("select l.realm_id || E'\\n' || l.name || E'\\n' || l.application || E'\\n' || l.service_account"
                        + " || E'\\n' || l.linked_at from ec_link l join ec_delegation d on d.link_name = l.name"
                        + " where d.user_id = '" + template + "'");
        try (PreparedStatement update = connection.prepareStatement(
                "update user_attribute set value = ? where user_id = ? and name = '" + MARK + "'")) {
            for (int number = 1; number <= delegated; number++) {
                String user = template.substring(0, 24) + String.format("%012d", number);
                update.setString(1, Ticket.hash(String.join("\n", link, user, name(number) + "@" + domain)));
                update.setString(2, user);
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private void copy(String table, String column, int last, String condition, Map<String, String> changed)
            throws SQLException {
        Map<String, String> values = new TreeMap<>();
        columns(table).forEach(name -> values.put(name, changed.getOrDefault(name, "t." + name)));
        execute("insert into " + table + " (" + String.join(", ", values.keySet()) + ") select "
                + values.values().stream().collect(Collectors.joining(", ")) + " from " + table
                + " t cross join generate_series(1, " + last + ") as n(x) where t." + column + " = '" + template + "'"
                + condition);
    }

    private List<String> columns(String table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet columns = connection.getMetaData().getColumns(null, "public", table, null)) {
            while (columns.next()) {
                names.add(columns.getString("COLUMN_NAME"));
            }
        }
        return names;
    }

    private boolean has(String table) throws SQLException {
        return !columns(table).isEmpty();
    }

    private void execute(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    private String text(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new IllegalStateException("nothing was found by " + sql);
            }
            return rows.getString(1);
        }
    }
}
