package io.github.enterpriseconnect.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.DirectorySilent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That a consumer was given a token is written once a minute, a few seconds later, and never in a request's way. */
class TokenUsesTest {
    private static final Duration BETWEEN_WRITES = Duration.ofSeconds(5);
    private static final Consumer ANOTHER = new Consumer("another-app", Set.of(Consumer.Right.MEMBER), null);

    private final Middle middle = new Middle();
    private final TestUser maria = middle.member("maria");

    @BeforeEach
    void start() {
        middle.uses.start();
    }

    @Test
    void a_use_is_written_a_few_seconds_later_with_the_time_at_which_it_happened() {
        Instant used = middle.clock.instant();
        note(maria);

        middle.worker.turn(BETWEEN_WRITES.minusMillis(1));
        assertThat(uses(maria)).isEmpty();

        middle.worker.turn(Duration.ofMillis(1));
        assertThat(uses(maria)).containsExactly(new TokenUse("calendar-app", Consumer.Right.MEMBER, used));
    }

    @Test
    void a_use_is_written_without_asking_the_users_directory() {
        TestUser nina = middle.member("nina");
        note(maria);
        note(nina);
        middle.realm.silence(nina, new DirectorySilent(new IllegalStateException("LDAP")));

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).hasSize(1);
        assertThat(uses(nina)).hasSize(1);
    }

    @Test
    void of_the_uses_of_one_minute_the_first_is_written() {
        Instant used = middle.clock.instant();
        note(maria);
        middle.worker.turn(Duration.ofSeconds(59));
        note(maria);
        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).extracting(TokenUse::lastAt).containsExactly(used);
    }

    @Test
    void a_use_in_another_minute_takes_the_place_of_the_former() {
        note(maria);
        middle.worker.turn(Duration.ofMinutes(1));
        Instant again = middle.clock.instant();
        note(maria, TestRealm.CONSUMER, "renamed");
        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).extracting(TokenUse::lastAt).containsExactly(again);
        assertThat(latest("acme")).as("of the link that it came through before").isEmpty();
        assertThat(latest("renamed")).map(TokenUse::lastAt).contains(again);
    }

    @Test
    void each_user_client_and_right_has_a_use_of_its_own() {
        TestUser nina = middle.member("nina");
        Instant used = middle.clock.instant();
        note(maria);
        note(nina);
        note(maria, ANOTHER, middle.link.name());
        middle.uses.note(
                AccessTokenRequest.absent(middle.realm.id(), maria.id(), TestRealm.CONSUMER), middle.link.name());

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria))
                .containsExactlyInAnyOrder(
                        new TokenUse("calendar-app", Consumer.Right.MEMBER, used),
                        new TokenUse("another-app", Consumer.Right.MEMBER, used),
                        new TokenUse("calendar-app", Consumer.Right.OFFLINE, used));
        assertThat(uses(nina)).containsExactly(new TokenUse("calendar-app", Consumer.Right.MEMBER, used));
    }

    @Test
    void who_acts_for_a_user_is_remembered_beside_when_a_token_was_given_last() {
        Instant acted = middle.clock.instant();
        AccessTokenRequest alone =
                AccessTokenRequest.present(middle.realm.id(), maria.id(), TestRealm.CONSUMER, SignIn.DIRECT);
        middle.uses.note(alone, middle.link.name());
        middle.uses.note(alone.by(List.of("agent")), middle.link.name());
        middle.worker.turn(BETWEEN_WRITES);
        assertThat(uses(maria)).singleElement().satisfies(use -> {
            assertThat(use.lastAt()).isEqualTo(acted);
            assertThat(use.acted()).isEqualTo(new TokenUse.Acted("agent", acted));
        });

        middle.clock.turn(Duration.ofMinutes(2));
        Instant later = middle.clock.instant();
        middle.uses.note(alone, middle.link.name());
        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).singleElement().satisfies(use -> {
            assertThat(use.lastAt()).isEqualTo(later);
            assertThat(use.acted()).as("in the user's place").isEqualTo(new TokenUse.Acted("agent", acted));
        });

        middle.uses.note(alone.by(List.of("another")), middle.link.name());
        middle.worker.turn(BETWEEN_WRITES);
        assertThat(uses(maria)).singleElement().satisfies(use -> assertThat(use.acted())
                .isNotNull()
                .extracting(TokenUse.Acted::actor)
                .isEqualTo("another"));
    }

    @Test
    void of_several_notes_in_whatever_order_the_latest_stays() {
        Instant early = middle.clock.instant();
        Instant late = early.plusSeconds(3);
        for (Instant at : List.of(late, early)) {
            middle.transactions.doInRealm(middle.realm.id(), work -> work.uses()
                    .note(
                            maria.id(),
                            middle.link.name(),
                            new TokenUse("calendar-app", "member", at, new TokenUse.Acted("agent of " + at, at))));
        }

        assertThat(uses(maria)).singleElement().satisfies(use -> {
            assertThat(use.lastAt()).isEqualTo(late);
            assertThat(use.acted()).isEqualTo(new TokenUse.Acted("agent of " + late, late));
        });
    }

    @Test
    void a_note_that_is_written_is_not_written_again() {
        note(maria);
        middle.worker.turn(BETWEEN_WRITES);
        forget(maria);

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).isEmpty();
    }

    @Test
    void more_than_fit_into_one_batch_are_written_at_once() {
        List<TestUser> users = new ArrayList<>();
        for (int i = 0; i < 401; i++) {
            TestUser user = middle.member("user-" + i);
            users.add(user);
            note(user);
        }

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(users).allSatisfy(user -> assertThat(uses(user)).hasSize(1));
    }

    /** Each use by itself would double what a token costs the database. */
    @Test
    void the_rows_of_a_batch_are_read_by_one_statement() {
        List<TestUser> users = IntStream.range(0, 100)
                .mapToObj(i -> middle.member("user-" + i))
                .toList();
        users.forEach(this::note);
        middle.worker.turn(BETWEEN_WRITES);
        middle.clock.turn(Duration.ofMinutes(1));
        users.forEach(this::note);

        List<String> statements = middle.tables.statements(() -> middle.worker.turn(BETWEEN_WRITES));

        assertThat(statements)
                .filteredOn(statement -> statement.startsWith("select"))
                .hasSize(1);
        assertThat(statements)
                .as("they are to be looked at, which is told by one statement too")
                .filteredOn(statement -> statement.startsWith("update EC_DELEGATION"))
                .hasSize(1);
        assertThat(statements).hasSize(102);
    }

    /** A row that is written after the user's rows were removed would never be removed. */
    @Test
    void of_a_user_who_is_gone_by_then_nothing_is_written() {
        TestUser nina = middle.member("nina");
        note(maria);
        note(nina);
        middle.realm.remove(maria);

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).isEmpty();
        assertThat(uses(nina)).hasSize(1);
    }

    @Test
    void a_realm_that_is_gone_by_then_keeps_nothing_of_the_others_from_being_written() {
        middle.uses.note(
                AccessTokenRequest.present("removed-realm", maria.id(), TestRealm.CONSUMER, SignIn.DIRECT), "acme");
        note(maria);

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).hasSize(1);
        middle.worker.failures().clear();
        middle.worker.turn(BETWEEN_WRITES);
        assertThat(middle.worker.failures()).as("it is given up").isEmpty();
    }

    /** Notes must not pile up in memory while the database is away. */
    @Test
    void what_cannot_be_written_is_given_up_and_the_next_use_is_written() {
        note(maria);
        middle.transactions.fail(true);
        middle.worker.turn(BETWEEN_WRITES);
        middle.transactions.fail(false);

        middle.worker.turn(BETWEEN_WRITES);
        assertThat(uses(maria)).isEmpty();

        middle.worker.turn(Duration.ofMinutes(1));
        Instant again = middle.clock.instant();
        note(maria);
        middle.worker.turn(BETWEEN_WRITES);
        assertThat(uses(maria)).extracting(TokenUse::lastAt).containsExactly(again);
    }

    /** Another node writes the same row: the later of the two writes is done again on what the other left. */
    @Test
    void two_nodes_that_write_the_same_use_leave_one_row() {
        Instant used = middle.clock.instant();
        note(maria);
        middle.transactions.meanwhile(() -> middle.transactions.doInRealm(middle.realm.id(), work -> work.uses()
                .note(
                        maria.id(),
                        middle.link.name(),
                        new TokenUse("calendar-app", Consumer.Right.MEMBER, used.minusSeconds(1)))));

        middle.worker.turn(BETWEEN_WRITES);

        assertThat(uses(maria)).containsExactly(new TokenUse("calendar-app", Consumer.Right.MEMBER, used));
        assertThat(middle.worker.failures()).isEmpty();
    }

    private void note(TestUser user) {
        note(user, TestRealm.CONSUMER, middle.link.name());
    }

    private void note(TestUser user, Consumer consumer, String link) {
        middle.uses.note(AccessTokenRequest.present(middle.realm.id(), user.id(), consumer, SignIn.DIRECT), link);
    }

    private void forget(TestUser user) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.uses().removeUser(user.id()));
    }

    private List<TokenUse> uses(TestUser user) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.uses().ofUser(user.id()));
    }

    private Optional<TokenUse> latest(String link) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.uses().latest(link, Instant.EPOCH));
    }
}
