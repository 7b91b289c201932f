package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.middle.Warnings;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a link ends: at once here, by one call at Cronofy, and without leaving a member's tokens behind. */
class LinksTest {
    private static final Domain ACME = Domain.parse(Middle.DOMAIN).orElseThrow();
    private static final Policy PROOF_BY_OWNER =
            new Policy(Policy.Proof.OWNER, Behaviour.Stated.NOTHING, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(60);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
    }

    @Test
    void an_unlinked_service_account_is_forgotten_and_ordered_to_be_revoked() {
        setPolicy(PROOF_BY_OWNER);
        String invitation = invite();

        unlink();

        Link link = middle.link();
        assertThat(link.state()).isEqualTo(Link.State.UNLINKED);
        assertThat(link.serviceAccount()).isNull();
        assertThat(link.application()).isNull();
        assertThat(middle.linkCredential()).isEmpty();
        assertThat(link.approvedDomains()).containsExactly(ACME);
        assertThat(link.policy()).isEqualTo(PROOF_BY_OWNER);
        assertThat(invitation(invitation).withdrawn()).isTrue();
        assertThat(middle.revocations()).singleElement().satisfies(revocation -> {
            assertThat(revocation.subject()).isEqualTo("ser_1");
            assertThat(revocation.state()).isEqualTo(Revocation.State.PENDING);
            assertThat(revocation.cause()).isEqualTo(Revocation.Cause.ofLink(middle.link, Reason.UNLINKED));
        });
    }

    @Test
    void what_is_not_linked_has_nothing_to_revoke() {
        unlink();
        middle.links.unlinked(middle.link);
        middle.worker.run();

        unlink();

        assertThat(middle.revocations()).hasSize(1);
        assertThat(revoked()).hasSize(1);
    }

    @Test
    void its_members_are_forgotten_and_cronofy_hears_of_it_once() {
        TestUser maria = middle.granted("maria");
        TestUser jonas = middle.member("jonas");
        middle.asked(jonas);
        inRealm(work -> middle.cache.learn(work.links().get(middle.link)));

        unlink();
        middle.links.unlinked(middle.link);
        assertThat(middle.cache.known(middle.link)).isEmpty();
        middle.worker.run();

        for (TestUser member : List.of(maria, jonas)) {
            assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.REVOKED);
            assertThat(middle.delegation(member).reason()).isEqualTo(Reason.UNLINKED);
            assertThat(middle.delegation(member).live()).isFalse();
            assertThat(middle.realm.shownState(member)).isEqualTo("revoked");
        }
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(middle.revocations())
                .extracting(Revocation::subject)
                .containsExactlyInAnyOrder("ser_1", "acc_maria");
    }

    /** Cronofy is down for an hour: members are gone here all the same, and go there with their service account. */
    @Test
    void members_are_forgotten_before_cronofy_has_heard_of_it() {
        TestUser maria = middle.granted("maria");
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Unavailable("503", Duration.ofHours(1)));

        unlink();
        middle.links.unlinked(middle.link);
        middle.worker.run();

        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
        assertThat(revocation("acc_maria").nextAttemptAt()).isNull();
        middle.dispatcher.start();
        middle.worker.turn(Duration.ofHours(1));
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(revoked()).hasSize(2).allMatch(what -> what.startsWith("ser_1 by "));
    }

    /** Removing a customer of thousands must not be one transaction of thousands of rows. */
    @Test
    void members_are_forgotten_in_batches_and_the_sweep_finds_whom_a_crash_left_behind() {
        middle.links.start();
        middle.grantedAtOnce(101);
        middle.transactions.meanwhile(this::crashAfterTheFirstBatch);

        unlink();
        middle.links.unlinked(middle.link);
        assertThatThrownBy(() -> middle.worker.run()).isInstanceOf(Crash.class);
        assertThat(live()).isEqualTo(51);

        middle.worker.turn(BETWEEN_SWEEPS);
        assertThat(live()).isZero();
        assertThat(middle.realm.credential(middle.realm.user("member-101@acme.example")))
                .isEmpty();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
        assertThat(middle.revocations())
                .hasSize(102)
                .noneMatch(revocation -> revocation.state() == Revocation.State.PENDING);
    }

    /** One whose credential cannot be removed now rolled everybody else of the batch back, each time anew. */
    @Test
    void one_who_cannot_be_forgotten_now_keeps_nobody_else_of_the_link_from_being_forgotten() {
        middle.links.start();
        List<TestUser> members = middle.grantedAtOnce(101);
        middle.realm.holdCredential(members.get(0));
        unlink();
        middle.links.unlinked(middle.link);

        middle.worker.run();
        assertThat(live()).isEqualTo(1);

        middle.realm.holdCredential(null);
        middle.worker.turn(BETWEEN_SWEEPS);
        assertThat(live()).isZero();
    }

    /** Ends the work as the end of the process does. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private void crashAfterTheFirstBatch() {
        long live = live();
        if (live == 51) {
            throw new Crash();
        }
        middle.transactions.meanwhile(this::crashAfterTheFirstBatch);
    }

    @Test
    void a_crash_right_after_the_commit_is_made_good_by_the_sweeps() {
        TestUser maria = middle.granted("maria");
        middle.start();

        unlink();
        middle.worker.turn(BETWEEN_SWEEPS);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    /** As many as are looked at in one go, and all of them first in their order. */
    @Test
    void links_that_cannot_be_removed_keep_no_other_from_it_and_are_told_of_once() {
        middle.links.start();
        for (int i = 0; i < 100; i++) {
            String name = "a-%03d".formatted(i);
            // What it holds is missing, so that nothing can be ordered.
            execute("insert into EC_LINK (ID, VERSION, REALM_ID, NAME, STATE, LEASE_UNTIL) values ('" + name
                    + "', 0, 'realm-1', '" + name + "', 'ACTIVE', 0)");
            organizationIsGone(name);
        }
        organizationIsGone("acme");

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(BETWEEN_SWEEPS.multipliedBy(2));
            assertThat(middle.link().linked()).isFalse();

            middle.worker.turn(BETWEEN_SWEEPS.multipliedBy(8));
            assertThat(warnings.told()).hasSize(1);
        }
    }

    @Test
    void links_whose_members_cannot_be_forgotten_keep_no_other_from_it_and_are_told_of_once() {
        middle.links.start();
        middle.anotherRealm("realm-0").failSecret(Unreadable.because(Reason.MISCONFIGURED));
        for (int i = 0; i < 100; i++) {
            String name = "a-%03d".formatted(i);
            execute("insert into EC_DELEGATION (ID, VERSION, REALM_ID, APPLICATION, MAILBOX, LINK_NAME, USER_ID, STATE,"
                    + " SUBJECT, LIVE) values ('" + name + "', 0, 'realm-0', 'de:other', '" + name + "', '" + name
                    + "', '" + name + "', 'GRANTED', 'acc', true)");
            middle.transactions.doInRealm("realm-0", work -> work.changes()
                    .add(
                            new Change.LinkEnded(new LinkId("realm-0", name)),
                            middle.clock.instant(),
                            middle.clock.instant()));
        }
        TestUser maria = middle.granted("maria");
        unlink();

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(BETWEEN_SWEEPS.multipliedBy(2));
            assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);

            middle.worker.turn(BETWEEN_SWEEPS.multipliedBy(8));
            assertThat(warnings.told()).hasSize(1);
        }
    }

    /** A node of an older version notes nothing, and is stopped before it has forgotten everybody. */
    @Test
    void members_of_a_link_that_an_older_version_has_ended_are_found_when_a_server_starts() {
        TestUser maria = middle.granted("maria");
        unlinkWithoutNote();

        middle.links.start();
        middle.worker.turn(BETWEEN_SWEEPS);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @Test
    void members_of_a_link_that_an_older_version_has_ended_since_are_found_within_a_day() {
        TestUser maria = middle.granted("maria");
        middle.links.start();
        middle.worker.turn(BETWEEN_SWEEPS);
        unlinkWithoutNote();

        hours(middle, 20);
        assertThat(middle.delegation(maria).live()).isTrue();
        hours(middle, 5);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
    }

    @Test
    void who_is_left_of_an_ended_link_is_looked_for_once_a_day_by_one_node() {
        Middle another = new Middle(middle);
        List.of(middle, another).forEach(node -> {
            node.links.start();
            node.worker.turn(BETWEEN_SWEEPS);
        });

        List<String> done =
                middle.tables.statements(() -> IntStream.range(0, 74).forEach(hour -> {
                    hours(middle, 1);
                    another.worker.turn(Duration.ZERO);
                }));

        assertThat(done.stream().filter(statement -> statement.contains("min(") && statement.contains("EC_DELEGATION")))
                .hasSizeBetween(3, 4);
    }

    @Test
    void members_of_a_realm_that_an_older_version_has_ended_are_found_too() {
        middle.granted("maria");
        execute("update EC_DELEGATION set REALM_ID = 'removal-1'");

        middle.links.start();
        middle.worker.turn(BETWEEN_SWEEPS);

        assertThat(middle.tables.rows("EC_DELEGATION")).isEmpty();
        assertThat(middle.tables.rows("EC_REVOCATION"))
                .singleElement()
                .asString()
                .contains("acc_maria");
    }

    @Test
    void what_waits_for_a_removed_realm_to_come_back_is_not_taken_for_left_behind() {
        TestUser maria = middle.granted("maria");
        inRealm(work ->
                work.storage().removedRealms().setApart("realm-1", middle.clock.instant(), middle.clock.instant()));

        middle.links.start();
        middle.worker.turn(BETWEEN_SWEEPS);

        assertThat(middle.tables.rows("EC_CHANGE")).isEmpty();
        assertThat(middle.tables.rows("EC_DELEGATION")).hasSize(1);
        assertThat(middle.realm.credential(maria)).isPresent();
    }

    /** More members, and more links, than are read at once. */
    @Test
    void who_is_left_of_an_ended_link_is_found_behind_many_others() {
        middle.grantedAtOnce(1_100);
        for (int i = 0; i < 1_100; i++) {
            String name = "b-%04d".formatted(i);
            execute("insert into EC_LINK (ID, VERSION, REALM_ID, NAME, STATE, LEASE_UNTIL) values ('" + name
                    + "', 0, 'realm-1', '" + name + "', 'ACTIVE', 0)");
            execute("insert into EC_DELEGATION (ID, VERSION, REALM_ID, APPLICATION, MAILBOX, LINK_NAME, USER_ID, STATE,"
                    + " SUBJECT, LIVE) values ('" + name + "', 0, 'realm-1', 'de:other', '" + name + "', '" + name
                    + "', '" + name + "', 'REFUSED', null, false)");
        }
        execute("update EC_LINK set STATE = 'UNLINKED' where NAME = 'b-1099'");

        middle.links.start();
        List<String> done = middle.tables.statements(middle.worker::run);

        assertThat(middle.tables.rows("EC_CHANGE")).singleElement().asString().contains("b-1099");
        assertThat(done).hasSizeLessThan(40);
    }

    /** Each at once, so that what is done every minute is done once. */
    private static void hours(Middle node, int hours) {
        for (int hour = 0; hour < hours; hour++) {
            node.clock.turn(Duration.ofHours(1).plusSeconds(1));
            node.worker.turn(Duration.ZERO);
        }
    }

    private void unlinkWithoutNote() {
        unlink();
        execute("delete from EC_CHANGE");
    }

    private void organizationIsGone(String name) {
        inRealm(work -> work.changes()
                .add(
                        new Change.OrganizationRemoved(new LinkId("realm-1", name)),
                        middle.clock.instant(),
                        middle.clock.instant()));
    }

    private void execute(String statement) {
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery(statement).executeUpdate());
    }

    @Test
    void members_stay_if_the_same_account_has_been_linked_again_before_they_were_forgotten() {
        TestUser maria = middle.granted("maria");
        unlink();
        middle.linked();

        middle.links.unlinked(middle.link);
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.realm.credential(maria)).isPresent();
    }

    @Test
    void members_of_another_link_stay() {
        TestUser maria = middle.granted("maria");
        LinkId other = new LinkId("realm-1", "other");
        middle.linked(other, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));

        inRealm(work -> {
            middle.links.unlink(work, other);
            return true;
        });
        middle.links.unlinked(other);
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(revoked()).singleElement().asString().startsWith("ser_2 by ");
    }

    @Test
    void nothing_of_a_removed_organizations_link_stays() {
        TestUser maria = middle.granted("maria");
        String invitation = invite();
        Suspensions.Subject subject = Suspensions.Subject.link("acme");
        inRealm(work -> {
            work.suspensions().suspend(subject, new Suspensions.Suspension(middle.clock.instant(), "admin", true));
            return true;
        });

        inRealm(work -> {
            work.changes()
                    .add(new Change.OrganizationRemoved(middle.link), middle.clock.instant(), middle.clock.instant());
            return true;
        });
        middle.links.organizationRemoved(middle.link);
        middle.worker.run();

        assertThat(middle.link()).isEqualTo(Link.unlinked(middle.link));
        assertThat(invitation(invitation).withdrawn()).isTrue();
        assertThat(suspended(subject)).isFalse();
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.UNLINKED);
        assertThat(middle.realm.credential(maria)).isEmpty();
        assertThat(revoked()).containsExactly("ser_1 by refresh-1");
    }

    /** What a sign-in goes by: a realm in which no link asks for a page pays for none. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-, -, false", "NONE, 0, false", "EMAIL, -, false", "PAGE, -, true", "-, 3, true"})
    void a_policy_that_asks_for_pages_is_noted(
            Behaviour.@Nullable Notice notice, @Nullable Integer patience, boolean noted) {
        Duration wait = patience == null ? null : Duration.ofSeconds(patience);
        setPolicy(new Policy(
                Policy.Proof.KEYCLOAK,
                new Behaviour.Stated(null, notice, wait),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                Set.of()));

        assertThat(middle.realm.mayAskForPage()).isEqualTo(noted);
        assertThat(middle.link().policy().behaviour().notice()).isEqualTo(notice);
    }

    @Test
    void an_approval_makes_a_waiting_link_active_its_withdrawal_freezes_the_members_and_removal_ends_them() {
        approve(false);
        assertThat(middle.link().state()).isEqualTo(Link.State.AWAITING_APPROVAL);
        approve(true);
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        TestUser maria = middle.granted("maria");
        inRealm(work -> middle.cache.learn(work.links().get(middle.link)));

        approve(false);
        middle.links.changed(middle.link);
        assertThat(middle.cache.known(middle.link)).isEmpty();
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(revoked()).isEmpty();

        inRealm(work -> middle.links.approve(work, middle.link, List.of()));
        middle.links.changed(middle.link);
        middle.worker.run();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.DOMAIN_NOT_LINKED);
        assertThat(revoked()).singleElement().asString().startsWith("acc_maria by ");
    }

    private void unlink() {
        inRealm(work -> {
            middle.links.unlink(work, middle.link);
            return true;
        });
    }

    private void approve(boolean approved) {
        inRealm(work -> middle.links.approve(work, middle.link, List.of(new LinkDomain(ACME, approved))));
    }

    private void setPolicy(Policy policy) {
        inRealm(work -> {
            middle.links.setPolicy(work, middle.link, policy);
            return true;
        });
    }

    private String invite() {
        return inRealm(work -> middle.invitations.invite(
                        work,
                        work.realm().settings().orElseThrow(),
                        new Invitations.Wish(middle.link, "admin", false, Duration.ofDays(7)),
                        "https://id.example.com"))
                .invitation()
                .id();
    }

    private List<Invitation> invitations() {
        return inRealm(work -> work.invitations().list(middle.link));
    }

    private Invitation invitation(String id) {
        return invitations().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private boolean suspended(Suspensions.Subject subject) {
        return inRealm(work -> work.suspensions().all().of(subject).isPresent());
    }

    private long live() {
        return inRealm(
                work -> (long) work.delegations().liveOf(middle.link, 1_000).size());
    }

    private Revocation revocation(String subject) {
        return middle.revocations().stream()
                .filter(one -> one.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private List<String> revoked() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private <T> T inRealm(Function<Work, T> work) {
        return middle.transactions.inRealm("realm-1", work);
    }
}
