package io.github.enterpriseconnect.plans;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.platform.Work;
import java.security.CodeSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * How PostgreSQL does each statement that it is given: explained, and really done, right before it is, with the very same
 * values, and undone.
 */
final class Plans implements WatchedConnections.Watcher {
    /** What a statement may read that takes a page, of a handful of tables. */
    private static final double MOST_READ = 2_500;

    /** Of each statement and whoever sends it. */
    private static final int EXPLAINED = 5;

    /** Tables that grow with members, links or orders. */
    private static final Set<String> GROWING = Set.of(
            "ec_delegation",
            "ec_departure",
            "ec_member",
            "ec_link",
            "ec_link_domain",
            "ec_revocation",
            "ec_token_use",
            "ec_notice",
            "ec_notification",
            "ec_waiting",
            "ec_change",
            "ec_invitation",
            "ec_backfill",
            "ec_move",
            "ec_replacement",
            "ec_resource",
            "ec_resource_list",
            "ec_verification",
            "ec_watch",
            "user_entity",
            "user_attribute",
            "user_group_membership",
            "org",
            "fed_user_group_membership",
            "user_required_action",
            "fed_user_required_action",
            "offline_user_session");

    /** For those who are asked for together, all that one attribute says is read once, by its index. */
    private static final String ATTRIBUTES = "user_attribute";

    private static final Pattern VALUES = Pattern.compile("\\(\\?(,\\?)*\\)");
    private static final CodeSource MAIN = Work.class.getProtectionDomain().getCodeSource();
    private static final String STORAGE = Work.class.getPackageName().replace("platform", "storage");
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Explained> all = new TreeMap<>();
    private final Set<Class<?>> askers = new HashSet<>();
    private boolean watching;

    /** A statement, who sends it, and what is wrong with how it is done. */
    private static final class Explained {
        final String template;
        final Set<String> askers = new TreeSet<>();
        final Set<String> faults = new TreeSet<>();
        int times;
        double read;

        Explained(String template) {
            this.template = template;
        }
    }

    void watch(boolean from) {
        watching = from;
    }

    @Override
    public void executes(Connection connection, String template, PreparedStatement statement) throws SQLException {
        if (!watching) {
            return;
        }
        List<StackWalker.StackFrame> ours =
                STACK.walk(frames -> frames.filter(Plans::ours).toList());
        if (ours.isEmpty()) {
            return;
        }
        ours.forEach(frame -> askers.add(outermost(frame.getDeclaringClass())));
        String store = ours.stream()
                .filter(frame -> frame.getDeclaringClass().getPackageName().equals(STORAGE))
                .reduce((inner, outer) -> outer)
                .map(Plans::name)
                .orElse("commit");
        String by = outermost(ours.get(ours.size() - 1).getDeclaringClass()).getSimpleName();
        String text = VALUES.matcher(template).replaceAll("(?..)");
        Explained explained = all.computeIfAbsent(store + " " + text, key -> new Explained(text));
        explained.askers.add(store + " by " + by);
        if (explained.times++ < EXPLAINED && !template.startsWith("insert")) {
            examine(explained, plan(connection, statement.toString()));
        }
    }

    private static boolean ours(StackWalker.StackFrame frame) {
        return MAIN.equals(frame.getDeclaringClass().getProtectionDomain().getCodeSource())
                && !frame.getMethodName().startsWith("lambda$");
    }

    private static String name(StackWalker.StackFrame frame) {
        return outermost(frame.getDeclaringClass()).getSimpleName() + "." + frame.getMethodName();
    }

    private static Class<?> outermost(Class<?> type) {
        Class<?> outer = type;
        while (outer.getEnclosingClass() != null) {
            outer = outer.getEnclosingClass();
        }
        return outer;
    }

    private JsonNode plan(Connection connection, String statement) throws SQLException {
        try (Statement explain = connection.createStatement()) {
            explain.execute("savepoint before_explain");
            try (ResultSet rows =
                    explain.executeQuery("explain (analyze, timing off, summary off, format json) " + statement)) {
                rows.next();
                return json.readTree(rows.getString(1)).get(0).get("Plan");
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            } finally {
                explain.execute("rollback to savepoint before_explain");
            }
        }
    }

    private static void examine(Explained explained, JsonNode node) {
        String type = node.path("Node Type").asText();
        String table = node.path("Relation Name").asText().toLowerCase(Locale.ROOT);
        boolean index = type.equals("Index Scan") || type.equals("Index Only Scan");
        if (GROWING.contains(table)) {
            if (index && !node.has("Index Cond")) {
                explained.faults.add("scan of all of " + node.path("Index Name").asText());
            }
            double loops = node.path("Actual Loops").asDouble();
            double read = loops
                    * (node.path("Actual Rows").asDouble()
                            + node.path("Rows Removed by Filter").asDouble()
                            + node.path("Rows Removed by Index Recheck").asDouble());
            explained.read = Math.max(explained.read, read);
            // Without a condition it is what somebody looks for to see whether there is anything.
            if (type.equals("Seq Scan") && (node.has("Filter") || read > 1)) {
                explained.faults.add("sequential scan of " + table);
            }
            boolean ofOneAttribute = table.equals(ATTRIBUTES) && !type.equals("Seq Scan");
            if (read > MOST_READ && !ofOneAttribute) {
                explained.faults.add("reads %.0f rows of %s".formatted(read, table));
            }
        }
        node.path("Plans").forEach(child -> examine(explained, child));
    }

    /** Classes of ours that took part in sending anything. */
    Set<Class<?>> askers() {
        return askers;
    }

    /** What is wrong. */
    List<String> faults() {
        return all.values().stream()
                .filter(one -> !one.faults.isEmpty())
                .map(one -> one.faults + " for " + one.askers + "\n    " + one.template)
                .toList();
    }

    /** Everything that was looked at. */
    String table() {
        StringBuilder table = new StringBuilder();
        all.values()
                .forEach(one -> table.append("%-7.0f %-9s %s%n        %s%n"
                        .formatted(one.read, one.faults.isEmpty() ? "" : "FAULT", one.askers, one.template)));
        return table.toString();
    }
}
