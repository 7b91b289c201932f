package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.Database;
import io.github.enterpriseconnect.integration.harness.DatabaseTransaction;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Ten thousand members lose their organization at once, on a server with a small heap that others go on signing in at.
 * What each transaction did is counted by the database itself. The figures are printed; no time is asserted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeOrganizationTrial {
    private static final int MEMBERS = Integer.getInteger("members", 10_000);

    /**
     * Keycloak removes an organization's members one by one in a single transaction and compares all of them with the
     * database again for each, so that ten thousand take it more than an hour and longer than a transaction or
     * a connection may last by default; these are enough to be more than we may touch.
     */
    private static final int REMOVED_BY_KEYCLOAK = Integer.getInteger("members.removed", 2_000);

    private static final long MOST_AT_ONCE = 1_000;
    private static final long SLACK = 64L << 20;
    private static final int BEFORE = 30;
    private static final Duration PATIENCE = Duration.ofMinutes(Integer.getInteger("patience.minutes", 20));
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final Database database = Database.start();
    private KeycloakServer server;
    private AdminClient admin;

    @BeforeAll
    void start() {
        server = ConnectedRealm.server(simulator)
                .options(database.options())
                .options("--spi-enterprise-connect--default--realm-removal-grace=0")
                .options("--transaction-default-timeout=" + PATIENCE.toMinutes() + "m")
                .jvmOptions(
                        "-Xms192m",
                        "-Xmx320m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:TieredStopAtLevel=4",
                        "-Dquarkus.http.idle-timeout=" + PATIENCE.toMinutes() + "m")
                .start();
        admin = AdminClient.of(server).patient(PATIENCE);
    }

    @AfterAll
    void stop() {
        server.close();
        database.close();
        simulator.close();
    }

    @Test
    void unlinking_forgets_ten_thousand_members_in_small_steps_while_others_sign_in() {
        LargeOrganization large = large(MEMBERS);
        say("unlinked", pages(large));

        forget(
                "unlinked",
                large,
                large.realm(),
                () -> admin.delete(large.realm().api("links/" + large.id())));

        assertThat(large.revocations("DELIVERED")).isEqualTo(1);
        assertThat(large.revocations("WITH_SERVICE_ACCOUNT")).isEqualTo(MEMBERS);
    }

    @Test
    void removing_the_organization_forgets_its_members_in_small_steps_while_others_sign_in() {
        LargeOrganization large = large(REMOVED_BY_KEYCLOAK);

        forget(
                "organization removed",
                large,
                large.realm(),
                () -> admin.delete("/admin/realms/" + large.realm().name() + "/organizations/" + large.id()));

        assertThat(large.revocations("DELIVERED")).isEqualTo(1);
        assertThat(large.revocations("WITH_SERVICE_ACCOUNT")).isEqualTo(REMOVED_BY_KEYCLOAK);
    }

    @Test
    void removing_the_realm_forgets_ten_thousand_members_in_small_steps_while_others_sign_in_elsewhere() {
        LargeOrganization large = large(MEMBERS);
        ConnectedRealm elsewhere = ConnectedRealm.create(
                server, admin, simulator, AdminClient.newRealmName(LargeOrganizationTrial.class), true);

        forget(
                "realm removed",
                large,
                elsewhere,
                () -> admin.delete("/admin/realms/" + large.realm().name()));

        assertThat(large.revocations("DELIVERED")).isEqualTo(1);
        assertThat(large.revocations("WITH_SERVICE_ACCOUNT")).isEqualTo(MEMBERS);
    }

    private LargeOrganization large(int members) {
        long start = System.nanoTime();
        LargeOrganization large = LargeOrganization.of(members, server, admin, simulator, database);
        assertThat(large.credentials()).isEqualTo(members);
        assertThat(large.served()).isEqualTo(large.accessTokens().size());
        System.out.printf("%d members seeded in %.1f s%n", members, seconds(start));
        return large;
    }

    /** Pages of members are bounded, however many there are. */
    private String pages(LargeOrganization large) {
        String path = large.realm().api("links/" + large.id() + "/delegations");
        assertThat(admin.get(path + "?max=101").status()).isEqualTo(400);
        assertThat(admin.get(path + "?preview=true&max=101").status()).isEqualTo(400);
        StringBuilder said = new StringBuilder("pages of 100 members of ").append(MEMBERS);
        for (String query : List.of(
                "?max=100",
                "?max=100&first=" + (MEMBERS - 100),
                "?preview=true&max=100",
                "?preview=true&max=100&counts=true")) {
            database.watch();
            long start = System.nanoTime();
            JsonNode page = admin.get(path + query).expect(200).json();
            double taken = seconds(start);
            long statements = database.watched().stream()
                    .mapToLong(transaction -> transaction.statements().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .sum();
            assertThat(page.get("members")).hasSize(100);
            assertThat(page.get("total").asLong()).isEqualTo(MEMBERS);
            if (query.contains("counts")) {
                await().atMost(PATIENCE).untilAsserted(() -> {
                    JsonNode later = admin.get(path + query).expect(200).json();
                    assertThat(later.at("/counting/state").asText()).isEqualTo("finished");
                    assertThat(later.get("counts")).hasToString("{\"allowed\":" + MEMBERS + "}");
                });
            }
            said.append(String.format(Locale.ROOT, "; %s %.2f s, %d statements", query, taken, statements));
        }
        return said.toString();
    }

    private void forget(String what, LargeOrganization large, ConnectedRealm signedInAt, Supplier<Answer> cause) {
        signedInAt.user("visitor", "visitor@elsewhere.test");
        try (Visitors visitors = Visitors.of(signedInAt, "visitor")) {
            await().atMost(PATIENCE).until(() -> visitors.count() >= BEFORE);
            List<Duration> calm = visitors.takenSince();
            long before = server.heapInUse();
            database.watch();
            long start = System.nanoTime();

            cause.get().expect(204);
            double answered = seconds(start);
            long served = large.served();
            long left = large.credentials();
            long[] peak = {server.heapInUse()};
            await().atMost(PATIENCE).pollInterval(BETWEEN_LOOKS).until(() -> {
                peak[0] = Math.max(peak[0], server.heapInUse());
                return large.forgotten();
            });
            double forgotten = seconds(start);

            List<DatabaseTransaction> transactions = database.watched();
            List<Duration> meanwhile = visitors.takenSince();
            long after = server.heapInUse();
            say(
                    what,
                    String.format(
                            Locale.ROOT,
                            "answered after %.1f s, all forgotten after %.1f s; %d of %d members asked got a token right after the answer, when %d credentials were still stored",
                            answered,
                            forgotten,
                            served,
                            large.accessTokens().size(),
                            left));
            say(
                    what,
                    String.format(
                            Locale.ROOT,
                            "heap in use of 320 MB: %d MB before, at most %d MB meanwhile, %d MB after",
                            before >> 20,
                            peak[0] >> 20,
                            after >> 20));
            say(
                    what,
                    String.format(
                            Locale.ROOT,
                            "%d sign-ins meanwhile, %d failed; median %.2f, longest %.2f times as long as before (%d ms, %d ms)",
                            meanwhile.size(),
                            visitors.failures().size(),
                            ratio(median(meanwhile), median(calm)),
                            ratio(last(meanwhile), last(calm)),
                            median(calm).toMillis(),
                            last(calm).toMillis()));
            say(what, "most in one of " + transactions.size() + " transactions: " + most(transactions));
            say(what, large.sentRevocations().size() + " revocation sent to Cronofy");

            assertThat(served).isZero();
            assertThat(visitors.failures()).isEmpty();
            assertThat(meanwhile).isNotEmpty();
            assertThat(peak[0]).isLessThan(before + SLACK);
            assertThat(transactions).allSatisfy(transaction -> {
                assertThat(ours(transaction.written())).isLessThanOrEqualTo(MOST_AT_ONCE);
                assertThat(ours(transaction.read())).isLessThanOrEqualTo(MOST_AT_ONCE);
            });
            assertThat(large.sentRevocations()).hasSize(1).allSatisfy(request -> assertThat(request.status())
                    .isEqualTo(200));
        }
    }

    /** The most rows in one of our tables. */
    private static long ours(Map<String, Long> rows) {
        return rows.entrySet().stream()
                .filter(table -> table.getKey().startsWith("EC_"))
                .mapToLong(Map.Entry::getValue)
                .max()
                .orElse(0);
    }

    private static String most(List<DatabaseTransaction> transactions) {
        TreeMap<String, Long> most = new TreeMap<>();
        transactions.forEach(transaction -> {
            transaction.written().forEach((table, rows) -> most.merge(table + " written", rows, Math::max));
            transaction.read().forEach((table, rows) -> most.merge(table + " read", rows, Math::max));
        });
        most.keySet().removeIf(table -> !table.startsWith("EC_") && !table.startsWith("USER_ATTRIBUTE"));
        most.values().removeIf(rows -> rows == 0);
        return most.toString();
    }

    private static void say(String what, String figures) {
        System.out.println(what + ": " + figures);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double ratio(Duration one, Duration other) {
        return (double) one.toNanos() / other.toNanos();
    }

    private static Duration median(List<Duration> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    private static Duration last(List<Duration> sorted) {
        return sorted.get(sorted.size() - 1);
    }
}
