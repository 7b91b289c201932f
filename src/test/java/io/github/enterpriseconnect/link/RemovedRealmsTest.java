package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.middle.Warnings;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.RemovedRealm;
import io.github.enterpriseconnect.storage.Storage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who imports a realm over itself removes it first: what is not there afterwards ends, and nothing else. */
class RemovedRealmsTest {
    private static final Duration GRACE = Middle.REALM_REMOVAL_GRACE;
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.start();
    }

    @Test
    void nobody_is_served_or_listed_from_the_removal_on_even_if_there_is_a_realm_of_its_id() {
        TestUser maria = middle.granted("maria");
        Delegation delegation = middle.delegation(maria);

        remove();
        middle.tables.keys("realm-1").lose();
        restore();
        middle.worker.turn(SOON);

        assertThat(middle.link().linked()).isFalse();
        assertThat(middle.link().domains()).isEmpty();
        inRealm(work -> {
            assertThat(work.links().list("realm-1")).isEmpty();
            assertThat(work.delegations().ofUser("realm-1", maria.id())).isEmpty();
            assertThat(work.delegations().count(middle.link)).isEmpty();
            assertThat(work.delegations().byMailbox("realm-1", middle.applicationKey(), delegation.mailbox()))
                    .isEmpty();
        });
        assertThat(revoked()).isEmpty();
    }

    /** Transactions of Keycloak's insert there; a search for what to delete locks the table against them on MariaDB. */
    @Test
    void changes_of_a_realm_that_has_ended_are_deleted_by_their_key() {
        inRealm(work -> work.changes()
                .add(
                        new Change.UserChanged("maria", null, null),
                        middle.clock.instant(),
                        middle.clock.instant().plus(GRACE.multipliedBy(4))));
        remove();

        List<String> done = middle.tables.statements(() -> middle.worker.turn(GRACE.multipliedBy(2)));

        assertThat(middle.tables.rows("EC_CHANGE")).isEmpty();
        assertThat(done.stream().filter(statement -> statement.startsWith("delete from EC_CHANGE")))
                .isNotEmpty()
                .allMatch(statement -> statement.contains(".ID=?"));
    }

    @Test
    void a_realm_that_is_back_with_its_keys_goes_on_as_before_and_cronofy_hears_nothing() {
        List<TestUser> members = middle.grantedAtOnce(3);
        TestUser optedOut = middle.member("opted-out");
        Suspensions.Suspension suspension = new Suspensions.Suspension(middle.clock.instant(), "admin", true);
        inRealm(work -> {
            work.members().optOut(optedOut.id(), middle.clock.instant());
            work.suspensions().suspend(Suspensions.Subject.REALM, suspension);
        });
        Link before = middle.link();
        int calls = middle.cronofy.received().size();

        remove();
        restore();
        middle.worker.turn(GRACE.multipliedBy(2));

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.link()).isEqualTo(before);
        assertThat(middle.linkCredential()).isPresent();
        for (TestUser member : members) {
            assertThat(middle.delegation(member).live()).isTrue();
        }
        inRealm(work -> {
            assertThat(work.members().optedOut(optedOut.id())).isPresent();
            assertThat(work.suspensions().all().of(Suspensions.Subject.REALM)).contains(suspension);
        });
        assertThat(removals()).isEmpty();
        assertThat(middle.cronofy.received()).hasSize(calls);
    }

    /** An import into a server that serves, by the admin API or at its start. */
    @Test
    void a_realm_that_is_created_again_while_a_server_serves_goes_on_at_once() {
        TestUser maria = middle.granted("maria");

        remove();
        restore();
        middle.worker.run();

        assertThat(middle.link().linked()).isTrue();
        assertThat(middle.delegation(maria).live()).isTrue();
    }

    @Test
    void more_members_than_are_taken_back_in_one_step_all_come_back() {
        List<TestUser> members = middle.grantedAtOnce(1_001);

        remove();
        restore();
        middle.worker.run();

        inRealm(work -> assertThat(work.delegations().count(middle.link))
                .containsExactly(Map.entry("granted", (long) members.size())));
        assertThat(middle.worker.failures()).isEmpty();
    }

    /** The realm was imported over itself while no server ran, and for long. */
    @Test
    void what_is_back_at_the_first_look_is_taken_back_however_late_that_is() {
        TestUser maria = middle.granted("maria");

        inRealm(middle.removedRealms::removed);
        middle.clock.turn(GRACE.multipliedBy(3));
        middle.worker.turn(SOON);

        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(middle.link().linked()).isTrue();
        assertThat(revoked()).isEmpty();
    }

    /** A key store is on a mount that is there a little later than the server. */
    @Test
    void what_a_key_seals_that_cannot_be_read_now_is_not_revoked_and_is_taken_back_once_it_can() {
        TestUser maria = middle.granted("maria");
        inRealm(middle.removedRealms::removed);
        middle.clock.turn(GRACE.multipliedBy(3));

        middle.tables.keys("realm-1").takeAway();
        middle.worker.turn(SOON.multipliedBy(6));
        assertThat(revoked()).isEmpty();
        middle.tables.keys("realm-1").bringBack();
        middle.removedRealms.changed("realm-1");
        middle.worker.turn(SOON);

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.link().linked()).isTrue();
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(revoked()).isEmpty();
    }

    @Test
    void a_key_that_stays_away_stops_the_end_for_an_hour_of_looking_only() {
        middle.granted("maria");
        inRealm(middle.removedRealms::removed);
        middle.clock.turn(GRACE.multipliedBy(3));

        middle.tables.keys("realm-1").takeAway();
        middle.worker.turn(Duration.ofMinutes(59));
        assertThat(revoked()).isEmpty();
        middle.worker.turn(Duration.ofMinutes(5));

        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void the_first_look_after_a_start_ends_nothing() {
        middle.granted("maria");
        remove();
        middle.clock.turn(GRACE.multipliedBy(3));

        RemovedRealms started = new RemovedRealms(
                middle.transactions, middle.cache, middle.worker, middle.links, middle.retries, GRACE, middle.clock);
        started.start();
        assertThat(removals()).hasSize(1);
        middle.worker.turn(Duration.ofMinutes(2));

        assertThat(removals()).isEmpty();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void what_does_not_come_back_is_revoked_when_the_time_is_over_and_not_before() {
        TestUser maria = middle.granted("maria");
        Delegation delegation = middle.delegation(maria);
        TestUser jonas = middle.member("jonas");
        Delegation asked = middle.asked(jonas);
        inRealm(work -> work.members().optOut("somebody", middle.clock.instant()));

        remove();
        String apart = removals().get(0).id();
        middle.worker.turn(GRACE.minus(SOON));
        assertThat(revoked()).isEmpty();
        middle.worker.turn(SOON.multipliedBy(6));

        assertThat(middle.worker.failures()).isEmpty();
        middle.transactions.doInServer(server -> {
            Storage left = server.removedRealm(apart);
            assertThat(left.links().list(apart)).isEmpty();
            assertThat(left.members().optedOut("somebody")).isEmpty();
            assertThat(left.delegations().byId(delegation.id())).isEmpty();
            assertThat(left.delegations().byId(asked.id())).isEmpty();
        });
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
        assertThat(revocation(apart, "ser_1").cause().reason()).isEqualTo(Reason.REALM_REMOVED);
        assertThat(revocation(apart, "acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(removals()).isEmpty();
    }

    @Test
    void once_it_has_ended_nothing_comes_back() {
        TestUser maria = middle.granted("maria");

        remove();
        middle.worker.turn(GRACE.plusMinutes(2));
        restore();
        middle.worker.turn(GRACE);

        assertThat(middle.link().linked()).isFalse();
        inRealm(work ->
                assertThat(work.delegations().ofUser("realm-1", maria.id())).isEmpty());
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void without_a_grace_period_it_ends_at_once() {
        middle.granted("maria");
        RemovedRealms atOnce = new RemovedRealms(
                middle.transactions,
                middle.cache,
                middle.worker,
                middle.links,
                middle.retries,
                Duration.ZERO,
                middle.clock);

        inRealm(atOnce::removed);
        middle.transactions.remove(middle.realm);
        middle.worker.run();

        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
        assertThat(removals()).isEmpty();
    }

    @Test
    void a_realm_of_the_same_id_with_other_keys_gets_nothing_and_stops_nothing() {
        TestUser maria = middle.granted("maria");

        remove();
        middle.tables.keys("realm-1").lose();
        restore();
        middle.worker.turn(GRACE.plusMinutes(2));

        assertThat(middle.link().linked()).isFalse();
        inRealm(work ->
                assertThat(work.delegations().ofUser("realm-1", maria.id())).isEmpty());
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void a_realm_whose_settings_name_another_application_gets_nothing_and_stops_nothing() {
        middle.granted("maria");

        remove();
        middle.realm.changeApplication("another");
        restore();
        middle.worker.turn(GRACE.plusMinutes(2));

        assertThat(middle.link().linked()).isFalse();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    @Test
    void a_realm_without_settings_gets_nothing_until_it_has_them() {
        TestUser maria = middle.granted("maria");

        remove();
        middle.realm.loseSettings();
        restore();
        middle.worker.turn(GRACE.minusMinutes(1));
        assertThat(middle.link().linked()).isFalse();
        middle.realm.findSettings();
        middle.worker.turn(GRACE);

        assertThat(middle.link().linked()).isTrue();
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(revoked()).isEmpty();
    }

    /** The wrong file was imported first; that realm is removed by the next import like any other. */
    @Test
    void it_comes_back_after_another_realm_had_its_id() {
        TestUser maria = middle.granted("maria");
        TestUser somebody = middle.member("somebody");
        inRealm(work -> work.members().optOut(somebody.id(), middle.clock.instant()));
        remove();
        middle.realm.changeApplication("another");
        restore();
        inRealm(work -> {
            work.members().optOut(somebody.id(), middle.clock.instant());
            work.suspensions()
                    .suspend(
                            Suspensions.Subject.REALM,
                            new Suspensions.Suspension(middle.clock.instant(), "admin", false));
        });
        middle.worker.turn(SOON);
        remove();
        assertThat(removals()).hasSize(2);

        middle.realm.changeApplication(middle.applicationKey().substring(3));
        restore();
        middle.worker.turn(SOON);

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.delegation(maria).live()).isTrue();
        inRealm(work -> {
            assertThat(work.members().optedOut(somebody.id())).isPresent();
            assertThat(work.suspensions().all().of(Suspensions.Subject.REALM))
                    .as("what the other realm suspended concerns nobody here")
                    .isEmpty();
        });
        middle.worker.turn(GRACE);
        assertThat(removals()).isEmpty();
        assertThat(revoked()).isEmpty();
    }

    @Test
    void an_organization_that_is_not_there_any_more_ends_after_the_time_and_the_others_stay() {
        TestUser maria = middle.granted("maria");
        LinkId other = new LinkId("realm-1", "globex");
        middle.linked(other, "ser_2", middle.cronofy.tokens(Duration.ofHours(9)));

        remove();
        middle.realm.removeOrganization("globex");
        restore();
        middle.worker.turn(SOON);
        inRealm(work -> assertThat(work.links().get(other).linked()).isFalse());
        assertThat(revoked()).isEmpty();
        middle.worker.turn(GRACE.plusMinutes(2));

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.link().linked()).isTrue();
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(revoked()).singleElement().asString().startsWith("ser_2 by ");
        assertThat(revocation("realm-1", "ser_2").cause().reason()).isEqualTo(Reason.UNLINKED);
    }

    @Test
    void its_members_end_with_it_and_lose_what_they_carry() {
        TestUser maria = middle.granted("maria");
        LinkId other = new LinkId("realm-1", "globex");
        middle.linked(other, "ser_2", middle.cronofy.tokens(Duration.ofHours(9)));

        remove();
        middle.realm.removeOrganization("acme");
        restore();
        middle.worker.turn(GRACE.plusMinutes(2));

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revocation("realm-1", "acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    /** That its link has ended is forgotten ten minutes after nobody was left of those who were back. */
    @Test
    void members_of_a_link_that_had_ended_are_forgotten_however_late_they_come_back() {
        LinkId other = new LinkId("realm-1", "globex");
        middle.linked(other, "ser_2", middle.cronofy.tokens(Duration.ofHours(9)));
        TestUser maria = middle.granted("maria");
        TestUser late = middle.granted("late");
        TestUser never = middle.granted("never");
        inRealm(work -> middle.links.unlink(work, middle.link));

        remove();
        middle.realm.hide(late);
        middle.realm.hide(never);
        restore();
        middle.worker.turn(Duration.ofMinutes(20));
        assertThat(middle.delegation(maria).live()).isFalse();
        assertThat(middle.tables.rows("EC_CHANGE")).isEmpty();
        middle.realm.show(late);
        middle.removedRealms.changed("realm-1");
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(middle.delegation(late).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(late)).isEmpty();

        middle.worker.turn(GRACE);
        assertThat(middle.worker.failures()).isEmpty();
        assertThat(removals()).isEmpty();
        assertThat(middle.row(never).filter(Delegation::live)).isEmpty();
    }

    @Test
    void a_user_who_is_not_there_any_more_counts_as_removed_after_the_time() {
        TestUser maria = middle.granted("maria");
        TestUser jonas = middle.granted("jonas");

        remove();
        middle.realm.remove(jonas);
        restore();
        middle.worker.turn(SOON);
        assertThat(revoked()).isEmpty();
        middle.worker.turn(GRACE.plusMinutes(5));

        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(revoked()).containsExactly("acc_jonas");
        assertThat(revocation("realm-1", "acc_jonas").cause().reason()).isEqualTo(Reason.USER_REMOVED);
    }

    /** An import that brings the users in a second step. */
    @Test
    void users_who_come_later_than_the_realm_go_on_as_before() {
        TestUser maria = middle.granted("maria");
        TestUser jonas = middle.granted("jonas");

        remove();
        middle.realm.hide(jonas);
        restore();
        middle.worker.turn(GRACE.minusMinutes(10));
        middle.realm.show(jonas);
        middle.worker.turn(GRACE);

        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(middle.delegation(jonas).live()).isTrue();
        assertThat(revoked()).isEmpty();
    }

    /** Whoever signs in before the realm's rows are back gets a row of their own. */
    @Test
    void whoever_had_opted_out_stays_so_with_a_row_that_the_realm_has_anew() {
        TestUser bob = middle.member("bob");
        inRealm(work -> work.members().optOut(bob.id(), middle.clock.instant()));
        remove();
        restore();
        inRealm(work -> {
            work.members().optOut(bob.id(), middle.clock.instant());
            work.members().optIn(bob.id());
        });

        middle.worker.turn(SOON);

        assertThat(middle.worker.failures()).isEmpty();
        inRealm(work -> assertThat(work.members().optedOut(bob.id())).isPresent());
    }

    @Test
    void whoever_had_opted_out_has_so_before_the_user_is_there() {
        TestUser bob = middle.member("bob");
        inRealm(work -> work.members().optOut(bob.id(), middle.clock.instant()));
        remove();
        middle.realm.hide(bob);
        restore();

        middle.worker.turn(GRACE.minusMinutes(10));

        assertThat(middle.worker.failures()).isEmpty();
        inRealm(work -> assertThat(work.members().optedOut(bob.id())).isPresent());
    }

    /** Whoever was asked for anew before the realm's rows were back keeps what is new. */
    @Test
    void what_the_realm_has_anew_is_not_replaced() {
        TestUser maria = middle.granted("maria");
        Delegation before = middle.delegation(maria);
        remove();
        restore();
        middle.linked(middle.link, "ser_3", middle.cronofy.tokens(Duration.ofHours(9)));
        middle.realm.loseCredential(maria);
        middle.granted(maria);
        Delegation anew = middle.delegation(maria);
        assertThat(anew.id()).isNotEqualTo(before.id());

        middle.worker.turn(GRACE.plusMinutes(2));

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.delegation(maria)).isEqualTo(anew);
        assertThat(middle.link().serviceAccount()).isEqualTo("ser_3");
        assertThat(revoked()).as("the account of the member is in use").doesNotContain("acc_maria");
    }

    @Test
    void what_one_realm_leaves_behind_waits_for_that_one_even_after_part_of_it_went_back() {
        TestUser maria = middle.granted("maria");
        TestUser jonas = middle.granted("jonas");
        remove();
        middle.realm.hide(jonas);
        restore();
        middle.worker.turn(SOON);
        remove();

        middle.tables.keys("realm-1").lose();
        middle.realm.show(jonas);
        restore();
        middle.worker.turn(SOON);

        inRealm(work -> {
            assertThat(work.delegations().ofUser("realm-1", maria.id())).isEmpty();
            assertThat(work.delegations().ofUser("realm-1", jonas.id())).isEmpty();
        });
    }

    @Test
    void nothing_is_asked_for_of_a_removed_realm_and_what_was_due_is_when_it_is_back() {
        TestUser jonas = middle.member("jonas");
        middle.asked(jonas);
        int asks = middle.cronofy.received(Call.ASK).size();

        remove();
        middle.worker.turn(GRACE.dividedBy(2));
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(asks);
        restore();
        middle.worker.turn(GRACE.dividedBy(4));

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(middle.cronofy.received(Call.ASK)).hasSizeGreaterThan(asks);
    }

    @Test
    void a_removed_realm_that_was_rolled_back_sends_nothing() {
        TestUser maria = middle.granted("maria");

        assertThatThrownBy(() -> inRealm(work -> {
                    middle.removedRealms.removed(work);
                    throw new IllegalStateException("Keycloak rolls back");
                }))
                .hasMessage("Keycloak rolls back");
        middle.worker.run();

        assertThat(middle.link().linked()).isTrue();
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(removals()).isEmpty();
    }

    /** Another database: the file brings its members' credentials, but no row. */
    @Test
    void members_who_bring_a_credential_of_elsewhere_are_delegated_anew_at_sign_in() {
        TestUser maria = middle.granted("maria");
        remove();
        middle.worker.turn(GRACE.plusMinutes(2));
        restore();
        middle.linked(middle.link, "ser_2", middle.cronofy.tokens(Duration.ofHours(9)));
        inRealm(work -> middle.cache.learn(work.links().get(middle.link)));
        assertThat(middle.realm.credential(maria)).isPresent();

        inRealm(work -> assertThat(middle.signInDecision.course(work, maria, SignIn.DIRECT, false))
                .isPresent());
        middle.granted(maria);

        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(Mailbox.parse(maria.email()))
                .contains(middle.delegation(maria).mailbox());
    }

    /** Nobody has removed a realm, as a rule. */
    @Test
    void a_look_at_nothing_is_one_query() {
        Middle idle = new Middle();
        idle.removedRealms.start();

        List<String> done = idle.tables.statements(() -> idle.worker.turn(Duration.ofSeconds(10)));

        assertThat(done).hasSize(1);
    }

    @Test
    void what_was_removed_is_looked_at_ever_more_rarely_and_found_at_the_latest_after_as_long_again() {
        Middle idle = new Middle();
        idle.linked();
        RemovedRealms removedRealms = new RemovedRealms(
                idle.transactions, idle.cache, idle.worker, idle.links, idle.retries, Duration.ofDays(7), idle.clock);
        removedRealms.start();
        idle.transactions.doInRealm("realm-1", removedRealms::removed);
        idle.transactions.remove(idle.realm);

        List<String> done = idle.tables.statements(() -> idle.worker.turn(Duration.ofHours(12)));
        assertThat(done.stream().filter(statement -> statement.contains("for update")))
                .hasSizeBetween(20, 60);

        idle.transactions.restore(idle.realm);
        idle.worker.turn(Duration.ofMinutes(31));
        assertThat(idle.link().linked()).isTrue();
    }

    /** Its keys, its settings: whatever it was waiting for. */
    @Test
    void a_realm_that_an_administrator_has_changed_is_looked_at_at_once() {
        middle.granted("maria");
        remove();
        middle.realm.loseSettings();
        restore();
        middle.worker.turn(GRACE.dividedBy(2));
        middle.realm.findSettings();

        middle.removedRealms.changed("realm-1");
        middle.worker.run();

        assertThat(middle.link().linked()).isTrue();
    }

    /** A directory of somebody else's making, or a table that is locked. */
    @Test
    void a_realm_that_cannot_be_looked_at_keeps_no_other_from_coming_back_and_is_told_of_once() {
        middle.granted("maria");
        remove();
        restoreUnreadable();
        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(GRACE.dividedBy(2));
            assertThat(warnings.told().stream().filter(told -> told.contains("is back")))
                    .hasSize(1);
        }
        assertThat(middle.link().linked()).isFalse();

        middle.realm.failSettings(null);
        middle.worker.turn(GRACE.dividedBy(2));

        assertThat(middle.link().linked()).isTrue();
        assertThat(revoked()).isEmpty();
    }

    private void restoreUnreadable() {
        middle.realm.failSettings(new IllegalStateException("the settings cannot be read"));
        restore();
    }

    private void remove() {
        inRealm(middle.removedRealms::removed);
        middle.transactions.remove(middle.realm);
    }

    private void restore() {
        middle.transactions.restore(middle.realm);
        inRealm(middle.removedRealms::created);
    }

    private List<RemovedRealm> removals() {
        return middle.transactions.inServer(
                server -> server.removedRealm("").removedRealms().list());
    }

    private Revocation revocation(String realm, String subject) {
        return middle.transactions.inServer(server -> server.revocations().list(realm, null, null, 0, 100)).stream()
                .filter(one -> one.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private void inRealm(Consumer<Work> work) {
        middle.transactions.doInRealm("realm-1", work);
    }
}
