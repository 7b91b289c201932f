package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which of Keycloak's sessions belong to users of whom our tables tell nothing. */
class SessionDirectoryTest {
    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        maria = middle.member("maria");
    }

    @Test
    void a_user_without_any_row_is_found_also_by_an_offline_session() {
        session("online", "0", "maria");
        session("offline", "1", "john");

        assertThat(found("", 10)).extracting(SessionRow::userId).containsExactly("john", "maria");
    }

    @Test
    void pages_follow_each_other_by_time_and_id() {
        session("b", "0", "ben");
        session("a", "0", "ann");
        middle.clock.turn(Duration.ofSeconds(1));
        session("0", "0", "zoe");

        List<SessionRow> first = found("", 2);
        assertThat(first).extracting(SessionRow::userId).containsExactly("ann", "ben");
        assertThat(rows(Instant.ofEpochSecond(first.get(1).seenAt()), "b", 2))
                .extracting(SessionRow::userId)
                .containsExactly("zoe");
    }

    @Test
    void sessions_that_were_seen_before_and_those_of_another_realm_are_left_out() {
        session("old", "0", "maria");
        Instant later = middle.clock.instant().plusSeconds(1);

        assertThat(rows(later, "", 10)).isEmpty();
        assertThat(middle.tables.<List<SessionRow>>inTransaction(
                        entities -> SessionDirectory.unaccounted(entities, "another", Instant.EPOCH, "", 10)))
                .isEmpty();
    }

    @Test
    void whoever_waits_or_is_asked_for_or_granted_is_left_out() {
        TestUser waiting = middle.member("waiting");
        middle.transactions.doInRealm(middle.realm.id(), work -> work.waiting()
                .put(
                        new WaitingMember(middle.link, waiting.id(), Optional.of(SignIn.DIRECT)),
                        middle.clock.instant(),
                        middle.clock.instant()));
        middle.asked(maria);
        middle.granted("john");
        session("1", "0", "waiting");
        session("2", "0", "maria");
        session("3", "0", "john");

        assertThat(found("", 10)).isEmpty();
    }

    @Test
    void whoever_has_ended_is_found_by_a_later_sign_in_alone() {
        Delegation granted = middle.granted(maria);
        session("before", "0", "maria");
        middle.clock.turn(Duration.ofSeconds(1));
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));
        assertThat(found("", 10)).isEmpty();

        middle.clock.turn(Duration.ofSeconds(1));
        session("after", "0", "maria");

        assertThat(found("", 10)).extracting(SessionRow::id).containsExactly("after");
    }

    @Test
    void whoever_was_refused_is_found_by_a_sign_in_after_the_cooldown_alone() {
        Delegation asked = middle.asked(maria);
        Instant cooledDown = middle.clock.instant().plus(Duration.ofMinutes(10));
        middle.transactions.doInRealm(middle.realm.id(), work -> work.delegations()
                .refuse(asked, Reason.REFUSED_BY_CRONOFY, null, middle.clock.instant(), cooledDown));
        session("during", "0", "maria");
        assertThat(found("", 10)).isEmpty();

        middle.clock.turn(Duration.ofMinutes(11));
        session("after", "0", "maria");

        assertThat(found("", 10)).extracting(SessionRow::id).containsExactly("after");
    }

    private void session(String id, String kind, String user) {
        int now = Math.toIntExact(middle.clock.instant().getEpochSecond());
        middle.tables.inTransaction(entities -> {
            entities.persist(new TestSessionEntity(id, kind, middle.realm.id(), user, now));
            return true;
        });
    }

    private List<SessionRow> found(String after, int limit) {
        return rows(middle.clock.instant().minus(Duration.ofHours(1)), after, limit);
    }

    private List<SessionRow> rows(Instant seenAt, String after, int limit) {
        return middle.tables.inTransaction(
                entities -> SessionDirectory.unaccounted(entities, middle.realm.id(), seenAt, after, limit));
    }
}
