package io.github.enterpriseconnect.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.integration.harness.AdminClient;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import io.github.enterpriseconnect.integration.harness.DatabaseServer;
import io.github.enterpriseconnect.integration.harness.KeycloakServer;
import io.github.enterpriseconnect.simulator.Simulator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What an administrator does to users while somebody else is at our rows, on a database that fails a transaction as a
 * whole which would lock or change what was changed since it began to read: whatever is answered with success has
 * happened, and what follows from it for the member's right follows.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConcurrentChangeIT {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final String ORGANIZATION_DOMAIN = "concurrent.test";
    private static final int CROWD = 24;

    private final Simulator simulator =
            Simulator.start(0, ConnectedRealm.APPLICATION_ID, ConnectedRealm.APPLICATION_SECRET);
    private final AtCronofy cronofy = new AtCronofy(simulator);
    private final DatabaseServer database = DatabaseServer.strict();
    private final KeycloakServer server = ConnectedRealm.server(simulator)
            .buildOptions(database.buildOptions())
            .options(database.options())
            // At the rows all the time, as with thousands of members.
            .options(
                    "--spi-enterprise-connect--default--reconcile-every=1",
                    "--spi-enterprise-connect--default--reconcile-idle-every=1")
            .start();
    private final AdminClient admin = AdminClient.of(server);
    private final ConnectedRealm realm =
            ConnectedRealm.create(server, admin, simulator, AdminClient.newRealmName(ConcurrentChangeIT.class), true);
    private int organizations;

    @AfterAll
    void stop() {
        server.close();
        database.close();
        simulator.close();
    }

    /** What an administrator does, and how it shows that it was done. */
    enum Deed {
        USER_DISABLED(
                (test, member) -> test.change(member, "enabled", false),
                (test, member) -> !test.user(member).json().get("enabled").asBoolean()),
        ADDRESS_CHANGED(
                (test, member) -> test.change(member, "email", "other@" + member.domain()),
                (test, member) -> test.user(member).json().get("email").asText().startsWith("other@")),
        MEMBER_REMOVED(
                (test, member) -> test.admin
                        .delete(test.path("/organizations/" + member.organization() + "/members/" + member.id()))
                        .expect(204),
                (test, member) -> test.admin
                                .get(test.path("/organizations/" + member.organization() + "/members/" + member.id()))
                                .status()
                        == 404),
        USER_DELETED(
                (test, member) ->
                        test.admin.delete(test.path("/users/" + member.id())).expect(204),
                (test, member) -> test.user(member).status() == 404),
        ORGANIZATION_REMOVED(
                (test, member) -> test.admin
                        .delete(test.path("/organizations/" + member.organization()))
                        .expect(204),
                (test, member) -> test.admin
                                .get(test.path("/organizations/" + member.organization()))
                                .status()
                        == 404);

        @SuppressWarnings("ImmutableEnumChecker") // It captures nothing.
        private final BiConsumer<ConcurrentChangeIT, Granted> happens;

        @SuppressWarnings("ImmutableEnumChecker") // It captures nothing.
        private final BiPredicate<ConcurrentChangeIT, Granted> happened;

        Deed(BiConsumer<ConcurrentChangeIT, Granted> happens, BiPredicate<ConcurrentChangeIT, Granted> happened) {
            this.happens = happens;
            this.happened = happened;
        }
    }

    private record Granted(String id, String organization, String domain, String mailbox, String accessToken) {}

    private Granted granted() {
        String domain = ++organizations + "." + ORGANIZATION_DOMAIN;
        return granted(realm.linked("customer-" + organizations, domain, Map.of()), domain, "maria-" + organizations);
    }

    private Granted granted(String organization, String domain, String name) {
        String mailbox = name + "@" + domain;
        String id = realm.member(organization, name, mailbox).id();
        String accessToken =
                realm.consumer().directGrant(name, ConnectedRealm.PASSWORD).accessToken();
        Granted granted = new Granted(id, organization, domain, mailbox, accessToken);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(realm.token(accessToken).status())
                        .as(mailbox)
                        .isEqualTo(200));
        return granted;
    }

    @ParameterizedTest
    @EnumSource
    void what_is_done_while_somebody_is_at_our_rows_is_done_and_does_not_wait_for_them(Deed deed) throws Exception {
        Granted member = granted();

        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            touch(other, "update EC_DELEGATION set VERSION = VERSION + 1 where USER_ID = ?", member.id());
            touch(other, "update EC_LINK set VERSION = VERSION + 1 where NAME = ?", member.organization());

            CompletableFuture.runAsync(() -> deed.happens.accept(this, member)).get(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(deed.happened.test(this, member)).isTrue();
            assertThat(realm.token(member.accessToken()).status()).isNotEqualTo(200);
            other.commit();
        }

        assertThat(deed.happened.test(this, member)).isTrue();
        assertThat(realm.token(member.accessToken()).status()).isNotEqualTo(200);
        await().atMost(SOON).until(() -> !cronofy.live(member.mailbox()));
    }

    private static void touch(Connection connection, String sql, String parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    /** All at once, while the reconciliation and the refreshes of their tokens go on. */
    @Test
    void of_many_who_are_disabled_at_once_each_is_disabled_whose_administrator_was_told_so() {
        String domain = "crowd." + ORGANIZATION_DOMAIN;
        String organization = realm.linked("crowd", domain, Map.of());
        List<Granted> crowd = IntStream.range(0, CROWD)
                .mapToObj(number -> granted(organization, domain, "crowd-" + number))
                .toList();

        List<CompletableFuture<Answer>> answers = crowd.stream()
                .map(member -> CompletableFuture.supplyAsync(() -> put(member, "enabled", false)))
                .toList();

        List<Granted> disabled = new ArrayList<>();
        for (int i = 0; i < CROWD; i++) {
            if (answers.get(i).join().status() == 204) {
                disabled.add(crowd.get(i));
            }
        }
        assertThat(disabled).isNotEmpty().allSatisfy(member -> {
            assertThat(user(member).json().get("enabled").asBoolean()).isFalse();
            assertThat(realm.token(member.accessToken()).status()).isNotEqualTo(200);
        });
        await().atMost(SOON).until(() -> disabled.stream().noneMatch(member -> cronofy.live(member.mailbox())));
    }

    /** Whatever the reason: here our table is away for a moment. */
    @Test
    void an_administrator_is_told_if_what_follows_from_a_deed_cannot_be_written_down() throws SQLException {
        Granted member = granted();

        rename("EC_CHANGE", "EC_CHANGE_AWAY");
        Answer answer;
        try {
            answer = put(member, "enabled", false);
        } finally {
            rename("EC_CHANGE_AWAY", "EC_CHANGE");
        }

        assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(400);
        assertThat(user(member).json().get("enabled").asBoolean()).isTrue();
        realm.token(member.accessToken()).expect(200);
        change(member, "enabled", false);
        await().atMost(SOON).until(() -> !cronofy.live(member.mailbox()));
    }

    private void rename(String from, String to) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement("alter table " + from + " rename to " + to)) {
            statement.execute();
        }
    }

    private String path(String path) {
        return "/admin/realms/" + realm.name() + path;
    }

    private Answer user(Granted member) {
        return admin.get(path("/users/" + member.id()));
    }

    private void change(Granted member, String property, Object value) {
        put(member, property, value).expect(204);
    }

    private Answer put(Granted member, String property, Object value) {
        JsonNode present = user(member).expect(200).json();
        ObjectNode user = (ObjectNode) present;
        user.putPOJO(property, value);
        return admin.put(path("/users/" + member.id()), user.toString());
    }
}
