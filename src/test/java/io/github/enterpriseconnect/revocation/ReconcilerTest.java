package io.github.enterpriseconnect.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Suspensions.Subject;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import jakarta.persistence.PersistenceException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everyone is looked at again and again; what has ended unnoticed ends then, and what is only withheld stays. */
class ReconcilerTest {
    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
        maria.groups().add("staff");
        maria.roles().add("employee");
        middle.reconciler.start();
    }

    /** What ends a right without an event that anybody could hear. */
    enum End {
        GONE(Reason.USER_REMOVED, (middle, maria) -> middle.realm.remove(maria)),
        DISABLED(Reason.USER_DISABLED, (middle, maria) -> maria.disable()),
        LEFT(Reason.LEFT_ORGANIZATION, (middle, maria) -> maria.leave("acme")),
        ADDRESS_CHANGED(Reason.MAILBOX_CHANGED, (middle, maria) -> maria.changeEmail("mary@acme.example")),
        ADDRESS_LOST(Reason.MAILBOX_CHANGED, (middle, maria) -> maria.changeEmail(null)),
        DOMAIN_WITHDRAWN(
                Reason.DOMAIN_NOT_LINKED,
                (middle, maria) -> inRealm(middle, work -> work.links()
                        .approve(
                                middle.link,
                                List.of(new LinkDomain(
                                        Domain.parse("other.example").orElseThrow(), true))))),
        ORGANIZATION_LOST_THE_DOMAIN(Reason.DOMAIN_NOT_OF_ORGANIZATION, (middle, maria) -> {
            maria.leave("acme");
            maria.in("acme", "other.example");
        }),
        GROUP_LOST(Reason.GROUP_MISSING, (middle, maria) -> {
            require(middle, Set.of("staff"), Set.of(), Set.of(), Set.of());
            maria.groups().clear();
        }),
        GROUP_DENIED(Reason.GROUP_DENIED, (middle, maria) -> {
            require(middle, Set.of(), Set.of("leavers"), Set.of(), Set.of());
            maria.groups().add("leavers");
        }),
        ROLE_LOST(Reason.ROLE_MISSING, (middle, maria) -> {
            require(middle, Set.of(), Set.of(), Set.of("employee"), Set.of());
            maria.roles().clear();
        }),
        ROLE_DENIED(Reason.ROLE_DENIED, (middle, maria) -> {
            require(middle, Set.of(), Set.of(), Set.of(), Set.of("contractor"));
            maria.roles().add("contractor");
        }),
        OPTED_OUT(Reason.OPTED_OUT, (middle, maria) -> {
            middle.realm.setDefaults(new Behaviour(true, Behaviour.Notice.NONE, Duration.ZERO));
            inRealm(middle, work -> work.members().optOut(maria.id(), middle.clock.instant()));
        });

        private final Reason reason;

        @SuppressWarnings("ImmutableEnumChecker") // The lambdas above capture nothing.
        private final BiConsumer<Middle, TestUser> happens;

        End(Reason reason, BiConsumer<Middle, TestUser> happens) {
            this.reason = reason;
            this.happens = happens;
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_has_ended_is_ended_with_its_reason_and_revoked(End end) {
        Delegation before = middle.delegation(maria);
        end.happens.accept(middle, maria);

        round();

        Optional<Delegation> ended = found(before.id());
        assertThat(ended.isPresent()).as("nothing stays of whoever is gone").isEqualTo(end != End.GONE);
        ended.ifPresent(row -> {
            assertThat(row.state()).isEqualTo(Delegation.State.REVOKED);
            assertThat(row.reason()).isEqualTo(end.reason);
            assertThat(row.live()).isFalse();
        });
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(middle.realm.evicted()).contains("maria");
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.state()).isEqualTo(Revocation.State.DELIVERED);
            assertThat(revocation.cause().reason()).isEqualTo(end.reason);
        });
        assertThat(revoked()).singleElement().asString().startsWith("acc_maria");
        assertThat(middle.worker.failures()).isEmpty();
    }

    /** What comes back by itself: nobody should have to sign in again for it. */
    enum Withheld {
        DISABLED_FOR_NOW((middle, maria) -> maria.disableForNow()),
        UNVERIFIED((middle, maria) -> maria.unverify()),
        SHARED((middle, maria) -> maria.share()),
        REALM_SUSPENDED((middle, maria) -> suspend(middle, Subject.REALM)),
        LINK_SUSPENDED((middle, maria) -> suspend(middle, Subject.link("acme"))),
        REALM_OFF((middle, maria) -> middle.realm.switchOff()),
        AUTHORIZATION_NEEDED((middle, maria) -> inRealm(middle, work -> work.links()
                .needAuthorization(middle.link, Reason.AUTHORIZATION_GONE, middle.clock.instant()))),
        OPTED_OUT_WHERE_NOBODY_MAY(
                (middle, maria) -> inRealm(middle, work -> work.members().optOut(maria.id(), middle.clock.instant()))),
        DIRECTORY_OFF((middle, maria) -> middle.realm.switchDirectoryOff(maria)),
        DIRECTORY_SILENT((middle, maria) -> middle.realm.silence(maria)),
        PROOF_MISSING((middle, maria) -> setPolicy(
                middle,
                new Policy(
                        Policy.Proof.OWNER,
                        Behaviour.Stated.NOTHING,
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of()))),
        ANOTHER_IDENTITY_PROVIDER((middle, maria) -> setPolicy(
                middle,
                new Policy(
                        Policy.Proof.KEYCLOAK,
                        Behaviour.Stated.NOTHING,
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Set.of("entra")))),
        LINK_REMOVED((middle, maria) -> {
            // It ends with its link, which takes it along.
            middle.realm.remove(maria);
            inRealm(middle, work -> work.links().unlink(middle.link, Reason.UNLINKED, middle.clock.instant()));
        });

        @SuppressWarnings("ImmutableEnumChecker") // The lambdas above capture nothing.
        private final BiConsumer<Middle, TestUser> happens;

        Withheld(BiConsumer<Middle, TestUser> happens) {
            this.happens = happens;
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_only_withheld_stays(Withheld withheld) {
        Delegation before = middle.delegation(maria);
        withheld.happens.accept(middle, maria);

        round();
        round();

        assertThat(byId(before.id())).isEqualTo(before);
        assertThat(middle.realm.evicted()).isEmpty();
        assertThat(revoked()).isEmpty();
        assertThat(middle.worker.failures()).isEmpty();
    }

    /** An end must not hide behind something that only withholds. */
    @Test
    void whoever_left_while_the_realm_was_suspended_is_ended() {
        suspend(middle, Subject.REALM);
        maria.unverify();
        maria.leave("acme");

        round();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.LEFT_ORGANIZATION);
    }

    @Test
    void everyone_is_looked_at_once_in_a_round() {
        middle.granted("jonas");
        middle.granted("zoe");

        round();
        assertThat(middle.realm.lookedUp()).containsExactlyInAnyOrder("maria", "jonas", "zoe");

        round();
        assertThat(middle.realm.lookedUp()).hasSize(6);
    }

    /** Otherwise whoever comes late in the order would never be reached where rounds are cut short. */
    @Test
    void whoever_has_not_been_looked_at_for_longest_comes_first() {
        middle.clock.turn(Duration.ofSeconds(10));
        middle.granted("anna");
        middle.clock.turn(Duration.ofSeconds(10));
        middle.granted("berta");

        round();

        assertThat(middle.realm.lookedUp()).containsExactly("maria", "anna", "berta");
    }

    @Test
    void whoever_was_delegated_a_moment_ago_is_not_looked_at_yet() {
        middle.clock.turn(Duration.ofSeconds(50));
        middle.granted("jonas");

        middle.worker.turn(Duration.ofSeconds(10));

        assertThat(middle.realm.lookedUp()).containsExactly("maria");
    }

    @Test
    void more_than_a_batch_is_looked_at_in_one_round() {
        List<TestUser> members = middle.grantedAtOnce(101);
        members.get(0).disable();
        members.get(100).disable();

        round();

        assertThat(middle.realm.lookedUp()).hasSize(102).doesNotHaveDuplicates();
        assertThat(revoked())
                .extracting(what -> what.substring(0, what.indexOf(' ')))
                .containsExactlyInAnyOrder("acc_member-001", "acc_member-101");
    }

    @Test
    void what_was_only_asked_for_is_not_looked_at() {
        middle.asked(middle.member("jonas"));

        round();

        assertThat(middle.realm.lookedUp()).containsExactly("maria");
    }

    @Test
    void what_has_ended_is_not_looked_at_again() {
        maria.disable();

        round();
        round();

        assertThat(middle.realm.lookedUp()).containsExactly("maria");
    }

    /** A directory removes somebody, and the user cache still shows them: who trusts it delegates them again. */
    @Test
    void the_user_cache_is_not_believed_and_is_told() {
        middle.realm.removeBehindCache(maria);

        round();

        assertThat(middle.realm.evicted()).containsExactly("maria");
        assertThat(middle.row(maria)).isEmpty();
    }

    @Test
    void a_directory_that_answers_again_has_its_users_looked_at_in_the_next_round() {
        middle.realm.silence(maria);
        maria.disable();
        round();

        middle.realm.answerAgain(maria);
        round();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_DISABLED);
    }

    @Test
    void one_directory_that_does_not_answer_keeps_nobody_else_from_being_looked_at() {
        TestUser anna = middle.granted("anna");
        TestUser zoe = middle.granted("zoe");
        middle.realm.silence(maria);
        anna.disable();
        zoe.disable();

        round();

        assertThat(ended()).containsExactlyInAnyOrder("acc_anna", "acc_zoe");
        assertThat(middle.delegation(maria).live()).isTrue();
    }

    /** All that is read in a transaction after a failure of the database fails too, and says nothing of anybody. */
    @Test
    void a_database_that_fails_at_one_is_heard_of_and_the_others_are_looked_at_by_themselves() {
        TestUser anna = middle.granted("anna");
        TestUser zoe = middle.granted("zoe");
        middle.realm.silence(maria, new PersistenceException("the connection broke"));
        anna.disable();
        zoe.disable();

        round();

        assertThat(middle.worker.failures()).singleElement().isInstanceOf(PersistenceException.class);
        assertThat(ended()).containsExactlyInAnyOrder("acc_anna", "acc_zoe");
        assertThat(middle.realm.lookedUp()).startsWith("maria", "maria");
    }

    /** The end of each is written by itself: one that cannot be written is tried again in the next round. */
    @Test
    void one_end_that_cannot_be_written_keeps_no_other_from_being_written() {
        TestUser anna = middle.granted("anna");
        TestUser zoe = middle.granted("zoe");
        List.of(anna, maria, zoe).forEach(TestUser::disable);
        middle.transactions.meanwhile(this::silenceMariaOnceEveryoneWasLookedAt);

        round();
        assertThat(middle.worker.failures()).hasSize(1);
        assertThat(ended()).containsExactlyInAnyOrder("acc_anna", "acc_zoe");

        middle.realm.answerAgain(maria);
        round();
        assertThat(ended()).containsExactlyInAnyOrder("acc_anna", "acc_zoe", "acc_maria");
    }

    private void silenceMariaOnceEveryoneWasLookedAt() {
        if (middle.realm.lookedUp().size() == 3) {
            middle.realm.silence(maria);
        } else {
            middle.transactions.meanwhile(this::silenceMariaOnceEveryoneWasLookedAt);
        }
    }

    @Test
    void whoever_is_back_before_the_end_is_written_stays() {
        maria.disable();
        middle.transactions.meanwhile(this::enableMariaOnceLookedAt);

        round();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria)).isPresent();
        assertThat(revoked()).isEmpty();
    }

    private void enableMariaOnceLookedAt() {
        if (middle.realm.lookedUp().isEmpty()) {
            middle.transactions.meanwhile(this::enableMariaOnceLookedAt);
        } else {
            maria.enable();
        }
    }

    @Test
    void realms_that_are_gone_keep_no_other_realm_from_being_looked_at() {
        moveToRealmThatIsGone(middle.granted("anna"), "realm-0");
        moveToRealmThatIsGone(middle.granted("zoe"), "realm-2");
        maria.disable();

        round();

        assertThat(middle.worker.failures()).hasSize(2).hasOnlyElementsOfType(Transactions.RealmGone.class);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_DISABLED);
    }

    /** Its link has not been removed yet, as in the moment in which the realm is. */
    private void moveToRealmThatIsGone(TestUser member, String realm) {
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                                "update EC_DELEGATION set REALM_ID = :realm where USER_ID = :user")
                        .setParameter("realm", realm)
                        .setParameter("user", member.id())
                        .executeUpdate()
                + entities.createNativeQuery("insert into EC_LINK (ID, VERSION, REALM_ID, NAME, STATE, LEASE_UNTIL)"
                                + " values (:realm, 0, :realm, 'acme', 'ACTIVE', 0)")
                        .setParameter("realm", realm)
                        .executeUpdate());
    }

    @Test
    void a_change_of_the_link_has_its_members_looked_at_at_once() {
        maria.disable();

        middle.reconciler.examineSoon(middle.link);
        middle.worker.run();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_DISABLED);
        assertThat(ended()).containsExactly("acc_maria");
    }

    @Test
    void a_change_of_another_link_has_nobody_of_this_one_looked_at() {
        middle.reconciler.examineSoon(new LinkId("realm-1", "other"));
        middle.worker.run();

        assertThat(middle.realm.lookedUp()).isEmpty();
    }

    /** Looking must not count as a change: a refresh at the same time would lose its race for nothing. */
    @Test
    void being_looked_at_changes_nothing_of_the_row() {
        Delegation before = middle.delegation(maria);
        Number version = version();

        round();

        assertThat(middle.delegation(maria)).isEqualTo(before);
        assertThat(version()).isEqualTo(version);
    }

    private Number version() {
        return (Number) middle.tables.inTransaction(
                entities -> entities.createNativeQuery("select VERSION from EC_DELEGATION where USER_ID = 'maria'")
                        .getSingleResult());
    }

    /** Everybody is due, and then it is asked who is. */
    private void round() {
        middle.clock.turn(Middle.RECONCILE_EVERY);
        middle.worker.turn(Duration.ofSeconds(5));
    }

    private Optional<Delegation> found(String id) {
        return middle.transactions.inRealm("realm-1", work -> work.delegations().byId(id));
    }

    private Delegation byId(String id) {
        return middle.transactions.inRealm(
                "realm-1", work -> work.delegations().byId(id).orElseThrow());
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    /** The accounts that were revoked. */
    private Set<String> ended() {
        return revoked().stream()
                .map(what -> what.contains(" ") ? what.substring(0, what.indexOf(' ')) : what)
                .collect(Collectors.toSet());
    }

    private static void inRealm(Middle middle, Consumer<Work> work) {
        middle.transactions.doInRealm(middle.realm.id(), work);
    }

    private static void suspend(Middle middle, Subject subject) {
        inRealm(middle, work -> work.suspensions()
                .suspend(subject, new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
    }

    private static void require(
            Middle middle, Set<String> groups, Set<String> deniedGroups, Set<String> roles, Set<String> deniedRoles) {
        setPolicy(
                middle,
                new Policy(
                        Policy.Proof.KEYCLOAK,
                        Behaviour.Stated.NOTHING,
                        groups,
                        deniedGroups,
                        roles,
                        deniedRoles,
                        Set.of()));
    }

    private static void setPolicy(Middle middle, Policy policy) {
        inRealm(middle, work -> work.links().setPolicy(middle.link, policy));
    }
}
