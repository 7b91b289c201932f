package io.github.enterpriseconnect.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.middle.Warnings;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.AccessTokenRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What Keycloak's own transaction does to users is written down in that very transaction, which nobody's work makes fail,
 * and judged right after it.
 */
class UserChangesTest {
    private static final Mailbox MARIAS = Mailbox.parse("maria@acme.example").orElseThrow();

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
    }

    @Test
    void a_removed_users_right_is_revoked_by_what_they_carried() {
        String refreshToken = middle.realm
                .credential(maria)
                .orElseThrow()
                .tokens()
                .refreshToken()
                .reveal();

        transaction((work, noted) -> remove(work, noted, maria));

        assertThat(middle.row(maria)).isEmpty();
        middle.worker.run();
        assertThat(revoked()).containsExactly("acc_maria by " + refreshToken);
        assertThat(middle.revocations())
                .extracting(revocation -> revocation.cause().reason())
                .containsExactly(Reason.USER_REMOVED);
    }

    @Test
    void nothing_is_remembered_of_a_removed_user_delegated_or_not() {
        TestUser jonas = middle.member("jonas");
        List.of(maria, jonas).forEach(this::leaveTraces);

        transaction((work, noted) -> List.of(maria, jonas).forEach(user -> remove(work, noted, user)));

        for (TestUser user : List.of(maria, jonas)) {
            assertThat(optedOut(user)).isFalse();
            assertThat(uses(user)).isEmpty();
        }
    }

    /** Both events come for a user who is changed and removed in one transaction. */
    @Test
    void whoever_is_changed_and_removed_is_removed() {
        transaction((work, noted) -> {
            noted.changed(maria.id());
            noted.removed(work, maria);
            noted.changed(maria.id());
            middle.realm.remove(maria);
        });

        assertThat(middle.row(maria)).isEmpty();
    }

    @Test
    void a_change_that_ends_a_right_ends_it_at_once() {
        transaction((work, noted) -> {
            maria.leave("acme");
            noted.changed(maria.id());
        });

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.shownState(maria)).isEqualTo("revoked");
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.DELIVERED);
        assertThat(revoked()).singleElement().asString().startsWith("acc_maria by ");
    }

    @Test
    void a_change_that_ends_nothing_changes_nothing() {
        Delegation before = middle.delegation(maria);

        transaction((work, noted) -> {
            maria.unverify();
            noted.changed(maria.id());
        });

        assertThat(middle.delegation(maria)).isEqualTo(before);
        assertThat(middle.revocations()).isEmpty();
    }

    /** Administrators move people around: what counts is how things are when the transaction ends. */
    @Test
    void whoever_left_and_came_back_within_one_transaction_stays() {
        transaction((work, noted) -> {
            maria.leave("acme");
            noted.changed(maria.id());
            maria.in("acme", Middle.DOMAIN);
        });

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    /** Its answer is refused and revoked when it comes; ended now, nobody would know whose it is. */
    @Test
    void what_was_only_asked_for_is_left_to_its_answer() {
        TestUser jonas = middle.member("jonas");
        Delegation asked = middle.asked(jonas);

        transaction((work, noted) -> {
            jonas.leave("acme");
            noted.changed(jonas.id());
        });
        assertThat(middle.delegation(jonas)).isEqualTo(asked);

        middle.cronofy.grants("acc_jonas");
        middle.cronofy.opens(jonas.email());
        middle.answered(jonas);
        middle.worker.run();
        assertThat(middle.delegation(jonas).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.realm.credential(jonas)).isEmpty();
        assertThat(revoked()).singleElement().asString().startsWith("acc_jonas by ");
    }

    @Test
    void a_proven_address_is_noted_as_the_transaction_leaves_it() {
        transaction((work, noted) -> {
            noted.proven(maria.id(), "VERIFY_EMAIL");
            maria.changeEmail("mary@acme.example");
        });

        assertThat(proven(MARIAS)).isFalse();
        assertThat(proven(Mailbox.parse("mary@acme.example").orElseThrow())).isTrue();
    }

    @Test
    void a_proof_of_an_address_that_keycloak_does_not_hold_for_verified_is_none() {
        transaction((work, noted) -> {
            noted.proven(maria.id(), "VERIFY_EMAIL");
            maria.unverify();
        });

        assertThat(proven(MARIAS)).isFalse();
    }

    /** Should the address come back by an administrator's hand, its owner has not shown anything. */
    @Test
    void a_proof_ends_with_its_address() {
        transaction((work, noted) -> noted.proven(maria.id(), "VERIFY_EMAIL"));
        assertThat(proven(MARIAS)).isTrue();

        transaction((work, noted) -> {
            maria.changeEmail("mary@acme.example");
            noted.changed(maria.id());
        });
        transaction((work, noted) -> {
            maria.changeEmail("maria@acme.example");
            noted.changed(maria.id());
        });

        assertThat(proven(MARIAS)).isFalse();
    }

    @Test
    void a_proof_of_somebody_who_is_gone_is_none() {
        transaction((work, noted) -> {
            noted.proven(maria.id(), "VERIFY_EMAIL");
            remove(work, noted, maria);
        });

        assertThat(proven(MARIAS)).isFalse();
        assertThat(middle.row(maria)).isEmpty();
    }

    /** Keycloak takes every member out of an organization that is removed: each would be revoked by itself. */
    @Test
    void members_of_a_link_that_goes_are_left_to_it() {
        transaction((work, noted) -> {
            noted.removed(middle.link);
            maria.leave("acme");
            noted.changed(maria.id());
        });
        assertThat(middle.delegation(maria).live()).isTrue();

        middle.links.organizationRemoved(middle.link);
        middle.worker.run();
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(revoked()).singleElement().asString().startsWith("ser_1 by ");
    }

    @Test
    void members_of_another_link_than_the_one_that_goes_are_judged() {
        transaction((work, noted) -> {
            noted.removed(new LinkId("realm-1", "other"));
            maria.leave("acme");
            noted.changed(maria.id());
        });

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
    }

    /** A directory that is switched off shows none of its users, and still has them all. */
    @Test
    void users_of_a_directory_that_is_switched_off_are_not_taken_for_gone() {
        transaction((work, noted) -> {
            middle.realm.switchDirectoryOff(maria);
            noted.changed(maria.id());
        });

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void whoever_is_gone_after_their_link_was_removed_ends_with_the_link() {
        transaction((work, noted) -> middle.links.unlink(work, middle.link));

        transaction((work, noted) -> {
            middle.realm.remove(maria);
            noted.changed(maria.id());
        });
        assertThat(middle.delegation(maria).live()).isTrue();

        middle.links.unlinked(middle.link);
        middle.worker.run();
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(revoked()).singleElement().asString().startsWith("ser_1 by ");
    }

    /** The transaction of an import must not grow by ours without end. */
    @Test
    void more_than_a_thousand_users_are_left_to_the_reconciliation() {
        maria.leave("acme");

        transaction((work, noted) -> {
            strangers(1_000, noted);
            noted.changed(maria.id());
        });
        assertThat(middle.delegation(maria).live()).isTrue();

        middle.reconciler.start();
        middle.worker.turn(Middle.RECONCILE_EVERY);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
    }

    @Test
    void a_thousand_users_are_judged_at_once() {
        TestUser zoe = middle.granted("zoe");
        List.of(maria, zoe).forEach(user -> user.leave("acme"));

        transaction((work, noted) -> {
            noted.changed(maria.id());
            strangers(998, noted);
            noted.changed(zoe.id());
        });

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(middle.delegation(zoe).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
    }

    /** An administrator's or a user's own action does not fail because of us. */
    @Test
    void a_directory_that_fails_fails_nobody_and_what_was_missed_is_found_later() {
        TestUser anna = middle.granted("anna");
        middle.realm.silence(anna);

        transaction((work, noted) -> List.of(anna, maria).forEach(user -> {
            user.leave("acme");
            noted.changed(user.id());
        }));

        middle.realm.answerAgain(anna);
        middle.reconciler.start();
        middle.worker.turn(Middle.RECONCILE_EVERY);
        assertThat(middle.delegation(anna).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
    }

    @Test
    void a_sign_in_right_after_the_change_counts() {
        TestUser jonas = middle.member("jonas");
        TestUser zoe = middle.member("zoe");
        List.of(maria, jonas, zoe)
                .forEach(user -> middle.recentSignIns.remember(user.id(), SignIn.DIRECT, middle.link));

        transaction((work, noted) -> {
            noted.changed(maria.id());
            noted.proven(jonas.id(), "VERIFY_EMAIL");
        });

        assertThat(middle.recentSignIns.known(maria.id(), SignIn.DIRECT)).isFalse();
        assertThat(middle.recentSignIns.known(jonas.id(), SignIn.DIRECT)).isFalse();
        assertThat(middle.recentSignIns.known(zoe.id(), SignIn.DIRECT)).isTrue();
    }

    /** Keycloak rolls back: nothing of what was noted has happened. */
    @Test
    void a_transaction_that_is_rolled_back_ends_nothing() {
        Delegation before = middle.delegation(maria);
        UserChanges.Noted noted = new UserChanges.Noted();

        assertThatThrownBy(() -> inRealm(work -> {
                    noted.changed(maria.id());
                    maria.leave("acme");
                    middle.userChanges.write(work, noted);
                    throw new IllegalStateException("Keycloak rolls back");
                }))
                .hasMessage("Keycloak rolls back");

        assertThat(middle.delegation(maria)).isEqualTo(before);
        assertThat(middle.realm.credential(maria)).isPresent();
        assertThat(middle.revocations()).isEmpty();
    }

    /** With a database that rolls all of a transaction back where it would lock what another has changed. */
    @Test
    void keycloaks_transaction_neither_locks_nor_changes_what_anybody_else_may_change() {
        TestUser jonas = middle.granted("jonas");
        middle.realm.remove(jonas);

        List<String> statements = middle.tables.statements(() -> unjudgedTransaction((work, noted) -> {
            maria.leave("acme");
            noted.changed(maria.id());
            noted.proven(maria.id(), "VERIFY_EMAIL");
            noted.removed(work, jonas);
            noted.removed(new LinkId("realm-1", "other"));
        }));

        assertThat(statements)
                .filteredOn(statement -> !statement.startsWith("select ") || statement.contains(" for "))
                .isNotEmpty()
                .allSatisfy(statement -> assertThat(statement).startsWith("insert into EC_CHANGE "));
    }

    /** A refresh, a reconciliation or another node may be at the member's row at any time. */
    @Test
    void keycloaks_transaction_does_not_wait_for_a_row_that_somebody_else_holds() {
        middle.tables.inTransaction(entities -> {
            entities.createNativeQuery("update EC_DELEGATION set VERSION = VERSION + 1 where USER_ID = 'maria'")
                    .executeUpdate();

            unjudgedTransaction((work, noted) -> {
                noted.changed(maria.id());
                remove(work, noted, maria);
            });
            assertThat(unjudged(maria)).isTrue();
            return true;
        });

        sweep();
        assertThat(middle.row(maria)).isEmpty();
    }

    @Test
    void a_change_that_cannot_be_judged_now_is_judged_later() {
        transaction((work, noted) -> {
            maria.leave("acme");
            noted.changed(maria.id());
            middle.realm.silence(maria);
        });
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(unjudged(maria)).isTrue();

        middle.realm.answerAgain(maria);
        middle.judgement.start();
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(unjudged(maria)).isFalse();
    }

    @Test
    void a_change_of_somebody_whose_directory_hangs_keeps_no_other_from_being_judged() throws InterruptedException {
        TestUser hugo = middle.member("hugo");
        middle.realm.importFrom("ldap", hugo);
        middle.granted(hugo);
        unjudgedTransaction((work, noted) -> {
            hugo.leave("acme");
            noted.changed(hugo.id());
            maria.leave("acme");
            noted.changed(maria.id());
        });
        HangingDirectory ldap = middle.realm.hang("ldap");
        Thread trapped = new Thread(this::sweep);
        trapped.setDaemon(true);
        trapped.start();
        ldap.awaitQuestion();

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(unjudged(hugo)).isTrue();
        ldap.answer();
        trapped.join();
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.delegation(hugo).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
        assertThat(unjudged(hugo)).isFalse();
    }

    @Test
    void of_many_changes_that_cannot_be_judged_one_warning_tells() {
        middle.realm.silence(maria);
        change(150);
        middle.judgement.start();

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(Duration.ofMinutes(10));
            assertThat(warnings.told()).hasSize(1);
        }
        assertThat(middle.worker.failures()).isEmpty();
        middle.realm.answerAgain(maria);
        middle.worker.turn(Duration.ofMinutes(6));
        assertThat(unjudged(maria)).isFalse();
    }

    /** Nothing moves, so to begin again at once would never end. */
    @Test
    void a_database_that_can_only_be_read_is_left_alone_until_the_next_sweep() {
        change(100);
        middle.judgement.start();
        middle.tables.refuseWrites(true);

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(Duration.ofMinutes(1));
            assertThat(warnings.told()).hasSize(1);
        }

        middle.tables.refuseWrites(false);
        middle.worker.turn(Duration.ofSeconds(5));
        assertThat(unjudged(maria)).isFalse();
    }

    private void change(int times) {
        inRealm(work -> {
            IntStream.range(0, times).forEach(time -> work.changes()
                    .add(
                            new Change.UserChanged(maria.id(), null, null),
                            middle.clock.instant(),
                            middle.clock.instant()));
            return true;
        });
    }

    /** An import may bring users back under their former ids, with whatever their attributes held. */
    @Test
    void whoever_has_the_id_of_a_removed_user_is_not_served_what_that_user_had() {
        unjudgedTransaction((work, noted) -> noted.removed(work, maria));

        assertThatThrownBy(() -> middle.accessTokens.issue(
                        AccessTokenRequest.present("realm-1", maria.id(), TestRealm.CONSUMER, SignIn.DIRECT)))
                .isInstanceOf(AccessTokenRefused.class);

        sweep();
        assertThat(middle.row(maria)).isEmpty();
        assertThat(revoked()).singleElement().asString().startsWith("acc_maria by ");
    }

    /** Between Keycloak's commit and our judgement, on this node or another. */
    @Test
    void a_proof_counts_and_ends_at_once() {
        assertThat(provenNow(MARIAS)).isFalse();
        unjudgedTransaction((work, noted) -> noted.proven(maria.id(), "VERIFY_EMAIL"));
        assertThat(provenNow(MARIAS)).isTrue();

        unjudgedTransaction((work, noted) -> {
            maria.changeEmail("mary@acme.example");
            noted.changed(maria.id());
        });
        maria.changeEmail("maria@acme.example");
        assertThat(provenNow(MARIAS)).isFalse();

        sweep();
        assertThat(provenNow(MARIAS)).isFalse();
    }

    /** The mailbox goes to another user while nobody has judged yet that the former one is gone. */
    @Test
    void what_a_removed_user_carried_is_used_by_whoever_ends_the_right() {
        String refreshToken = middle.realm
                .credential(maria)
                .orElseThrow()
                .tokens()
                .refreshToken()
                .reveal();
        unjudgedTransaction((work, noted) -> remove(work, noted, maria));

        inRealm(work -> middle.termination.end(work, middle.delegation(maria), Reason.MAILBOX_CHANGED));
        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(revoked()).containsExactly("acc_maria by " + refreshToken);
    }

    /** As when Keycloak imports a realm over itself: whatever was noted before is void. */
    @Test
    void a_realm_that_is_removed_takes_along_what_was_noted_of_it() {
        transaction((work, noted) -> {
            noted.changed(maria.id());
            noted.removed(work, maria);
            noted.removed(middle.link);
            noted.realmRemoved();
        });

        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(middle.link().linked()).isTrue();
        assertThat(unjudged(maria)).isFalse();
    }

    private void sweep() {
        middle.judgement.start();
        middle.worker.turn(Duration.ofSeconds(30));
    }

    private boolean unjudged(TestUser user) {
        Instant ever = middle.clock.instant().plus(Duration.ofDays(1));
        return middle.transactions.inServer(work -> work.due().unjudged(ever, 10)).stream()
                .map(Change.Unjudged::change)
                .anyMatch(change -> concerns(change, user));
    }

    private static boolean concerns(Change change, TestUser user) {
        if (change instanceof Change.UserChanged changed) {
            return changed.userId().equals(user.id());
        }
        return change instanceof Change.UserRemoved removed && removed.userId().equals(user.id());
    }

    private boolean provenNow(Mailbox mailbox) {
        return inRealm(work ->
                work.changes().proven(maria.id(), mailbox, work.members().proven(maria.id(), mailbox)));
    }

    private void transaction(BiConsumer<Work, UserChanges.Noted> keycloak) {
        middle.userChanges.committed(unjudgedTransaction(keycloak));
        middle.worker.run();
    }

    /** As right after the commit, before anybody has judged. */
    private UserChanges.Noted unjudgedTransaction(BiConsumer<Work, UserChanges.Noted> keycloak) {
        UserChanges.Noted noted = new UserChanges.Noted();
        inRealm(work -> {
            keycloak.accept(work, noted);
            middle.userChanges.write(work, noted);
            return true;
        });
        return noted;
    }

    private void remove(Work work, UserChanges.Noted noted, TestUser user) {
        noted.removed(work, user);
        middle.realm.remove(user);
    }

    /** Changes of users whom nobody ever delegated. */
    private static void strangers(int size, UserChanges.Noted noted) {
        IntStream.range(0, size).forEach(number -> noted.changed("stranger-" + number));
    }

    private void leaveTraces(TestUser user) {
        inRealm(work -> {
            work.members().optOut(user.id(), middle.clock.instant());
            work.uses()
                    .note(
                            user.id(),
                            "acme",
                            new TokenUse("calendar-app", Consumer.Right.MEMBER, middle.clock.instant()));
            return true;
        });
    }

    private boolean optedOut(TestUser user) {
        return inRealm(work -> work.members().optedOut(user.id())).isPresent();
    }

    private List<TokenUse> uses(TestUser user) {
        return inRealm(work -> work.uses().ofUser(user.id()));
    }

    private boolean proven(Mailbox mailbox) {
        return inRealm(work -> work.members().proven(maria.id(), mailbox));
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm("realm-1", work);
    }
}
