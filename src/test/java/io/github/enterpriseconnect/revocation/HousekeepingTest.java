package io.github.enterpriseconnect.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.RevocationOrder;
import io.github.enterpriseconnect.storage.SweepStore;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing stays of people who are gone but what a revocation still needs, and nothing of others for longer than stated. */
class HousekeepingTest {
    private static final Duration SHORT_ROUND = Duration.ofSeconds(20);
    private static final Duration ROUND =
            Middle.RECONCILE_EVERY.multipliedBy(10).plusSeconds(1);
    private static final Duration PURGE = Duration.ofHours(1).plusSeconds(1);
    private static final List<String> TABLES = List.of(
            "EC_DELEGATION", "EC_MEMBER", "EC_TOKEN_USE", "EC_WAITING", "EC_REVOCATION", "EC_CHANGE", "EC_NOTICE");

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        maria = middle.member("maria");
    }

    @Test
    void nothing_stays_of_a_refused_member_who_is_removed_without_any_event() {
        refused(maria);
        leaveTraces(maria);
        middle.realm.remove(maria);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);

        assertThat(tracesOf(maria)).isEmpty();
    }

    @Test
    void nothing_stays_of_a_refused_member_of_whose_removal_keycloak_has_told() {
        refused(maria);
        leaveTraces(maria);

        UserChanges.Noted noted = new UserChanges.Noted();
        inRealm(work -> {
            noted.removed(work, maria);
            middle.realm.remove(maria);
            middle.userChanges.write(work, noted);
            return true;
        });
        middle.userChanges.committed(noted);
        middle.worker.run();

        assertThat(tracesOf(maria)).isEmpty();
    }

    /** Keycloak's transaction notes so many and no more. */
    @Test
    void nothing_stays_of_more_than_a_thousand_who_are_removed_at_once() {
        List<TestUser> members = IntStream.range(0, 1_100)
                .mapToObj(number -> middle.member("m" + number))
                .toList();
        members.forEach(this::leaveTraces);
        members.forEach(middle.realm::remove);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);

        assertThat(rows("EC_MEMBER")).isEmpty();
        assertThat(rows("EC_TOKEN_USE")).isEmpty();
        assertThat(rows("EC_WAITING")).isEmpty();
    }

    @Test
    void everything_stays_of_whoever_is_there_and_of_whoever_nobody_can_tell_of() {
        TestUser silent = middle.member("silent");
        List.of(maria, silent).forEach(user -> {
            refused(user);
            leaveTraces(user);
        });
        List<String> before = tracesOf(silent);
        middle.realm.silence(silent);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);

        assertThat(tracesOf(silent)).isEqualTo(before).isNotEmpty();
        assertThat(tracesOf(maria)).isNotEmpty();
    }

    @Test
    void a_directory_that_hangs_keeps_nobody_else_from_being_forgotten() throws InterruptedException {
        TestUser hugo = middle.member("hugo");
        leaveTraces(hugo);
        leaveTraces(maria);
        middle.realm.importFrom("ldap", hugo);
        middle.realm.remove(maria);
        middle.realm.remove(hugo);
        HangingDirectory ldap = middle.realm.hang("ldap");
        oftener().start();
        Thread trapped = new Thread(() -> middle.worker.turn(SHORT_ROUND));
        trapped.setDaemon(true);
        trapped.start();
        ldap.awaitQuestion();

        middle.worker.turn(SHORT_ROUND);

        assertThat(tracesOf(maria)).isEmpty();
        assertThat(tracesOf(hugo)).isNotEmpty();
        ldap.answer();
        trapped.join();
        assertThat(tracesOf(hugo)).isEmpty();
    }

    /** Their page comes while the directory is still asked about those before. */
    @Test
    void people_of_a_slow_directory_are_not_passed_over() throws InterruptedException {
        for (int number = 0; number < 1_000; number++) {
            TestUser stays = middle.member("a%03d".formatted(number));
            middle.realm.importFrom("ldap", stays);
            prove(stays);
        }
        TestUser hugo = middle.member("hugo");
        middle.realm.importFrom("ldap", hugo);
        prove(hugo);
        middle.realm.remove(hugo);
        HangingDirectory ldap = middle.realm.hang("ldap");
        oftener().start();
        Thread trapped = new Thread(() -> middle.worker.turn(SHORT_ROUND));
        trapped.setDaemon(true);
        trapped.start();
        ldap.awaitQuestion();

        middle.worker.turn(SHORT_ROUND);
        assertThat(tracesOf(hugo)).isNotEmpty();
        ldap.answer();
        trapped.join();

        assertThat(tracesOf(hugo)).isEmpty();
    }

    /** Rounds follow each other before anybody tries again whether the directory hangs still. */
    private Housekeeping oftener() {
        return new Housekeeping(middle.transactions, middle.worker, SHORT_ROUND.dividedBy(10), middle.clock);
    }

    /** Orders that Cronofy does not take now need what they hold of whoever is gone. */
    @Test
    void people_who_are_gone_but_still_needed_do_not_have_everybody_looked_at_at_once() {
        inRealm(work -> {
            for (int number = 0; number < 2_100; number++) {
                work.revocations()
                        .add(
                                new RevocationOrder(middle.application(), "acc_" + number, Secret.of("refresh")),
                                new Revocation.Cause(
                                        middle.realm.id(), "acme", "gone-" + number, null, Reason.USER_REMOVED),
                                middle.clock.instant().plus(Duration.ofDays(9)));
            }
            return true;
        });
        middle.housekeeping.start();
        middle.worker.run();

        List<String> done = middle.tables.statements(() -> middle.worker.turn(ROUND));

        assertThat(done.stream().filter(statement -> statement.startsWith("delete from EC_MEMBER")))
                .hasSize(1_000);
    }

    /** While people are forgotten for longer than a claim lasts, no other node begins with the same. */
    @Test
    void who_goes_through_people_keeps_the_claim_with_every_page() {
        for (int number = 0; number < 2_100; number++) {
            prove(middle.member("m%04d".formatted(number)));
        }
        Instant begun = middle.clock.instant();
        IntStream.range(0, 2_100)
                .forEach(number -> middle.realm.remove(middle.realm.user("m%04d@acme.example".formatted(number))));
        middle.housekeeping.start();
        middle.worker.run();
        List<Instant> taken = new ArrayList<>();
        slowly(new Middle(middle), begun.plus(ROUND).plus(Duration.ofMinutes(11)), taken);

        middle.worker.turn(ROUND);

        assertThat(taken).isEmpty();
        assertThat(rows("EC_MEMBER")).isEmpty();
    }

    /** Every transaction takes a moment; after that time, another node tries to have its turn. */
    private void slowly(Middle another, Instant from, List<Instant> taken) {
        middle.transactions.afterwards(() -> {
            middle.clock.turn(Duration.ofMillis(400));
            if (middle.clock.instant().isAfter(from)) {
                Instant now = middle.clock.instant();
                another.transactions
                        .claimInRealm(middle.realm.id(), work -> work.sweeps(SweepStore.Kind.PEOPLE)
                                .claim(now, now.plusSeconds(1), now))
                        .ifPresent(taken::add);
            } else {
                slowly(another, from, taken);
            }
        });
    }

    /** A node of an older version deletes delegations, but not their notices. */
    @Test
    void notices_whose_delegations_are_gone_are_forgotten_when_a_server_starts() {
        Delegation granted = middle.granted(maria);
        inRealm(work -> {
            work.notices().order("left-behind", middle.clock.instant());
            work.notices().order(granted.id(), middle.clock.instant());
            return true;
        });

        middle.housekeeping.start();
        middle.worker.run();

        assertThat(rows("EC_NOTICE")).singleElement().asString().contains(granted.id());
    }

    private void prove(TestUser user) {
        inRealm(work -> {
            work.members().prove(user.id(), mailbox(user), "VERIFY_EMAIL", middle.clock.instant());
            return true;
        });
    }

    @Test
    void a_granted_member_who_is_gone_is_revoked_and_then_forgotten() {
        middle.granted(maria);
        leaveTraces(maria);
        middle.realm.remove(maria);
        middle.start();

        middle.worker.turn(ROUND);

        assertThat(middle.revocations())
                .extracting(Revocation::subject, Revocation::state)
                .containsExactly(Tuple.tuple("acc_maria", Revocation.State.DELIVERED));
        middle.worker.turn(ROUND);
        assertThat(tracesOf(maria)).isEmpty();
    }

    @Test
    void a_pending_revocation_keeps_the_address_until_it_is_delivered() {
        inRealm(work -> {
            work.revocations()
                    .add(
                            new RevocationOrder(middle.application(), "acc_maria", Secret.of("refresh")),
                            new Revocation.Cause(
                                    middle.realm.id(), "acme", maria.id(), mailbox(maria), Reason.USER_REMOVED),
                            middle.clock.instant().plus(Duration.ofDays(1)));
            return true;
        });
        middle.realm.remove(maria);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);

        assertThat(tracesOf(maria)).singleElement().asString().startsWith("EC_REVOCATION");
    }

    /** What comes then has to be revoked, by what the row has. */
    @Test
    void an_ask_whose_answer_may_still_come_is_kept_for_a_day() {
        middle.asked(maria);
        middle.realm.remove(maria);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);
        assertThat(tracesOf(maria)).isNotEmpty();

        pass(Duration.ofDays(1));
        assertThat(tracesOf(maria)).isEmpty();
    }

    @Test
    void one_who_cannot_be_looked_up_keeps_nobody_else_from_being_forgotten() {
        TestUser poison = middle.member("a-poison");
        List.of(maria, poison).forEach(this::leaveTraces);
        middle.realm.remove(maria);
        middle.realm.poison(poison);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);

        assertThat(tracesOf(maria)).isEmpty();
        assertThat(tracesOf(poison)).isNotEmpty();
    }

    @Test
    void what_belongs_to_a_realm_that_is_gone_is_left_alone() {
        leaveTraces(maria);
        middle.transactions.remove(middle.realm);
        middle.housekeeping.start();

        middle.worker.turn(ROUND);

        assertThat(tracesOf(maria)).isNotEmpty();
    }

    @Test
    void ended_delegations_of_members_who_are_there_are_forgotten_after_thirty_days() {
        Delegation granted = middle.granted(maria);
        inRealm(work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));
        middle.housekeeping.start();

        pass(Duration.ofDays(29));
        assertThat(middle.row(maria)).isPresent();

        pass(Duration.ofDays(1).plus(PURGE));
        assertThat(middle.row(maria)).isEmpty();
    }

    @Test
    void expired_invitations_are_forgotten_after_thirty_days() {
        Instant now = middle.clock.instant();
        inRealm(work ->
                work.invitations().create(middle.link, "hash", "admin", false, now, now.plus(Duration.ofDays(7))));
        middle.housekeeping.start();

        pass(Duration.ofDays(36));
        assertThat(invitations()).isOne();

        pass(Duration.ofDays(1).plus(PURGE));
        assertThat(invitations()).isZero();
    }

    @Test
    void ended_revocations_are_forgotten_after_ninety_days_and_pending_ones_never() {
        middle.granted(maria);
        inRealm(work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));
        middle.dispatcher.deliverSoon();
        middle.worker.run();
        inRealm(work -> {
            work.revocations()
                    .add(
                            new RevocationOrder(middle.application(), "acc_pending", null),
                            Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                            middle.clock.instant());
            return true;
        });
        middle.housekeeping.start();

        pass(Duration.ofDays(89));
        assertThat(middle.revocations()).hasSize(2);

        pass(Duration.ofDays(1).plus(PURGE));
        assertThat(middle.revocations()).extracting(Revocation::subject).containsExactly("acc_pending");
    }

    /** Transactions of Keycloak's insert there; a search for what to delete locks the table against them on MariaDB. */
    @Test
    void changes_are_deleted_by_their_key_and_each_in_a_transaction_of_its_own() {
        inRealm(work -> {
            Instant now = middle.clock.instant();
            Instant never = now.plus(Duration.ofDays(100));
            work.changes().add(new Change.UserChanged("a", null, null), now, never);
            return work.changes().add(new Change.UserChanged("b", null, null), now, never);
        });
        middle.housekeeping.start();

        List<String> done =
                middle.tables.statements(() -> pass(Duration.ofDays(30).plus(PURGE)));

        assertThat(rows("EC_CHANGE")).isEmpty();
        assertThat(done.stream().filter(statement -> statement.startsWith("delete from EC_CHANGE")))
                .hasSize(2)
                .allMatch(statement -> statement.contains(".ID=?"));
    }

    @Test
    void uses_of_tokens_are_forgotten_after_ninety_days() {
        leaveTraces(maria);
        middle.housekeeping.start();

        pass(Duration.ofDays(89));
        assertThat(rows("EC_TOKEN_USE")).hasSize(1);

        pass(Duration.ofDays(1).plus(PURGE));
        assertThat(rows("EC_TOKEN_USE")).isEmpty();
    }

    /** At once, so that what is done every few minutes is done a single time. */
    private void pass(Duration time) {
        middle.clock.turn(time);
        middle.worker.turn(Duration.ZERO);
    }

    private void refused(TestUser user) {
        Delegation asked = middle.asked(user);
        Instant now = middle.clock.instant();
        inRealm(work -> {
            work.answers().forget(asked);
            return work.delegations().refuse(asked, Reason.REFUSED_BY_CRONOFY, "no such mailbox", now, now);
        });
    }

    private void leaveTraces(TestUser user) {
        Instant now = middle.clock.instant();
        inRealm(work -> {
            work.members().prove(user.id(), mailbox(user), "VERIFY_EMAIL", now);
            work.uses().note(user.id(), "acme", new TokenUse("calendar-app", Consumer.Right.MEMBER, now));
            work.waiting()
                    .put(
                            new WaitingMember(middle.link, user.id(), Optional.of(SignIn.DIRECT)),
                            now,
                            now.plus(Duration.ofDays(1)));
            return true;
        });
    }

    private static Mailbox mailbox(TestUser user) {
        return Mailbox.parse(user.email()).orElseThrow();
    }

    private int invitations() {
        return inRealm(work -> work.invitations().list(middle.link)).size();
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm(middle.realm.id(), work);
    }

    /** Rows of any table that hold the id or the address. */
    private List<String> tracesOf(TestUser user) {
        List<String> traces = new ArrayList<>();
        TABLES.forEach(table -> rows(table).stream()
                .filter(row -> row.contains("|" + user.id() + "|") || row.contains(String.valueOf(user.email())))
                .forEach(row -> traces.add(table + row)));
        return traces;
    }

    private List<String> rows(String table) {
        return middle.tables.rows(table);
    }
}
