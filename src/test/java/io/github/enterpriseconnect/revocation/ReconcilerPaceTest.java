package io.github.enterpriseconnect.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.candidate.LinkSnapshots;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.BackgroundWorker;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.Asking;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How soon people are looked at again, by whom, and what that costs. */
class ReconcilerPaceTest {
    private static final Duration IN_USE = Duration.ofMinutes(10);
    private static final Duration IDLE = Duration.ofHours(24);

    /** As often it is asked who is due. */
    private static final Duration ROUND = Duration.ofSeconds(10);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
    }

    private Reconciler reconciler(Pace pace) {
        return reconciler(pace, middle.worker);
    }

    private Reconciler reconciler(Pace pace, Worker worker) {
        return new Reconciler(
                middle.transactions,
                worker,
                middle.termination,
                middle.dispatcher,
                new LinkSnapshots(),
                pace,
                middle.clock);
    }

    private Reconciler started() {
        Reconciler reconciler = reconciler(new Pace(IN_USE, IDLE));
        reconciler.start();
        return reconciler;
    }

    private void use(Reconciler reconciler, TestUser user) {
        middle.transactions.doInRealm(middle.realm.id(), work -> reconciler.inUse(work, Set.of(user.id())));
    }

    private long looks(TestUser user) {
        return Collections.frequency(middle.realm.lookedUp(), user.id());
    }

    private void from(TestUser user, String directory) {
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "insert into USER_ENTITY (ID, REALM_ID, FEDERATION_LINK) values (:id, :realm, :directory)")
                .setParameter("id", user.id())
                .setParameter("realm", middle.realm.id())
                .setParameter("directory", directory)
                .executeUpdate());
    }

    // How soon

    @Test
    void whose_token_is_in_use_is_looked_at_within_ten_minutes_and_everybody_else_once_a_day() {
        TestUser maria = middle.granted("maria");
        TestUser nina = middle.granted("nina");
        Reconciler reconciler = started();

        for (int minute = 0; minute < 60; minute++) {
            use(reconciler, maria);
            middle.worker.turn(Duration.ofMinutes(1));
        }
        assertThat(looks(maria)).isBetween(5L, 7L);
        assertThat(looks(nina)).isZero();

        middle.worker.turn(IDLE);
        assertThat(looks(nina)).isEqualTo(1);
        assertThat(looks(maria)).isBetween(7L, 8L);
    }

    @Test
    void one_use_is_enough_and_a_look_long_ago_is_followed_by_one_at_once() {
        TestUser maria = middle.granted("maria");
        Reconciler reconciler = started();
        middle.worker.turn(Duration.ofHours(5));

        use(reconciler, maria);
        middle.worker.turn(ROUND);
        assertThat(looks(maria)).isEqualTo(1);

        use(reconciler, maria);
        middle.worker.turn(IN_USE.minus(ROUND.multipliedBy(2)));
        assertThat(looks(maria)).isEqualTo(1);
        middle.worker.turn(ROUND.multipliedBy(3));
        assertThat(looks(maria)).isEqualTo(2);
    }

    /** Such as by a node that still runs the version before. */
    @Test
    void whoever_was_granted_by_a_version_that_knows_nothing_of_this_is_looked_at_too() {
        TestUser maria = middle.granted("maria");
        TestUser nina = middle.granted("nina");
        Reconciler reconciler = started();
        middle.worker.turn(Duration.ofHours(1));
        middle.tables.inTransaction(entities -> entities.createNativeQuery("update EC_DELEGATION set LOOK_AT = null")
                .executeUpdate());

        use(reconciler, maria);
        middle.worker.turn(IN_USE.plus(ROUND));
        assertThat(looks(maria)).isEqualTo(1);
        middle.worker.turn(IDLE);
        assertThat(looks(nina)).isEqualTo(1);
    }

    @Test
    void whoever_cannot_be_read_comes_back_after_pauses_that_grow_and_is_never_ended() {
        TestUser maria = middle.granted("maria");
        Reconciler reconciler = started();
        middle.realm.silence(maria);
        maria.disable();
        middle.worker.turn(IDLE.plus(ROUND));
        assertThat(looks(maria)).isEqualTo(1);

        middle.worker.turn(IN_USE);
        assertThat(looks(maria)).isBetween(3L, 5L);
        middle.worker.turn(IDLE);
        assertThat(looks(maria)).isBetween(9L, 14L);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);

        long before = looks(maria);
        use(reconciler, maria);
        middle.worker.turn(IN_USE.minus(ROUND));
        assertThat(looks(maria))
                .as("whoever is in use waits for no longer, and no shorter")
                .isEqualTo(before);
        middle.realm.answerAgain(maria);
        middle.worker.turn(ROUND.multipliedBy(2));
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_DISABLED);
    }

    @Test
    void what_changed_in_the_realm_has_whoever_could_not_be_read_looked_at_at_once() {
        TestUser maria = middle.granted("maria");
        TestUser nina = middle.granted("nina");
        Reconciler reconciler = started();
        middle.realm.silence(maria);
        middle.worker.turn(IDLE.multipliedBy(2));
        middle.realm.lookedUp().clear();
        middle.realm.answerAgain(maria);

        reconciler.componentsChanged(middle.realm.id());
        middle.worker.run();

        assertThat(looks(maria)).isEqualTo(1);
        assertThat(looks(nina)).isZero();
    }

    @Test
    void nobody_is_looked_at_again_who_was_ended() {
        TestUser maria = middle.granted("maria");
        started();
        maria.disable();

        middle.worker.turn(IDLE.multipliedBy(3));

        assertThat(looks(maria)).isEqualTo(1);
    }

    /** Nobody would look for a day. */
    @Test
    void whose_end_was_read_and_cannot_be_written_for_the_directory_counts_as_not_read() {
        TestUser maria = middle.granted("maria");
        started();
        maria.disable();
        onceLookedAt(maria, () -> middle.realm.silence(maria, Unreadable.directory("directory-1")));
        middle.clock.turn(IDLE);
        middle.worker.turn(ROUND);
        assertThat(looks(maria)).isEqualTo(1);
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(failuresOf(maria)).isEqualTo(1);
        assertThat(middle.worker.failures()).isEmpty();

        middle.realm.answerAgain(maria);
        middle.worker.turn(IN_USE);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_DISABLED);
    }

    @Test
    void whose_end_was_read_and_is_doubtful_a_moment_later_is_looked_at_soon() {
        TestUser maria = middle.granted("maria");
        started();
        maria.disable();
        onceLookedAt(maria, maria::enable);
        middle.clock.turn(IDLE);
        middle.worker.turn(ROUND);
        assertThat(looks(maria)).isEqualTo(1);

        maria.disable();
        middle.worker.turn(IN_USE.plus(ROUND));
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.USER_DISABLED);
    }

    @Test
    void what_was_read_is_not_noted_of_a_row_that_is_another_since() {
        TestUser maria = middle.member("maria");
        maria.comeFrom("directory-1 as it was");
        middle.granted(maria);
        started();
        maria.comeFrom("directory-1 as it is");
        onceLookedAt(maria, () -> grantAnew(maria, "directory-1 as it will be"));

        middle.clock.turn(IDLE);
        middle.worker.turn(ROUND);

        assertThat(looks(maria)).isEqualTo(1);
        assertThat(middle.delegation(maria).source()).isEqualTo("directory-1 as it will be");
    }

    private void grantAnew(TestUser user, String source) {
        Delegation before = middle.delegation(user);
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            Delegation asked = work.delegations()
                    .ask(
                            Optional.of(before),
                            new Mandate(middle.link, user.id(), before.application(), before.mailbox()),
                            new Asking(
                                    "ticket",
                                    Secret.of("callback"),
                                    Middle.SERVICE_ACCOUNT,
                                    null,
                                    middle.clock.instant()),
                            middle.clock.instant());
            work.delegations().grant(asked, "acc_anew", Middle.SERVICE_ACCOUNT, source, middle.clock.instant());
        });
    }

    /** Between what is read of somebody and what is done about it. */
    private void onceLookedAt(TestUser user, Runnable event) {
        middle.transactions.afterwards(() -> {
            if (looks(user) > 0) {
                event.run();
            } else {
                onceLookedAt(user, event);
            }
        });
    }

    private int failuresOf(TestUser user) {
        return ((Number) middle.tables.inTransaction(entities -> entities.createNativeQuery(
                                "select LOOK_FAILURES from EC_DELEGATION where USER_ID = :user")
                        .setParameter("user", user.id())
                        .getSingleResult()))
                .intValue();
    }

    // By whom

    @Test
    void two_nodes_share_the_work_and_each_person_is_looked_at_by_one_of_them() {
        List<TestUser> members = middle.grantedAtOnce(450);
        List<Middle> nodes = List.of(middle, new Middle(middle));
        nodes.forEach(node -> node.reconciler.start());
        int[] looks = new int[2];

        for (int i = 0; i < 400; i++) {
            middle.clock.turn(Duration.ofMillis(250));
            for (int node = 0; node < 2; node++) {
                int before = middle.realm.lookedUp().size();
                nodes.get(node).worker.turn(Duration.ZERO);
                looks[node] += middle.realm.lookedUp().size() - before;
            }
        }

        assertThat(middle.realm.lookedUp()).hasSize(members.size()).doesNotHaveDuplicates();
        assertThat(looks[0]).isBetween(100, 350);
        assertThat(nodes).allSatisfy(node -> assertThat(node.worker.failures()).isEmpty());
    }

    /** Both read the same page before either has claimed it. */
    @Test
    void of_two_nodes_that_claim_the_same_people_at_the_same_moment_one_has_them() {
        middle.grantedAtOnce(20);
        Middle another = new Middle(middle);
        another.reconciler.start();
        middle.reconciler.start();
        middle.clock.turn(Middle.RECONCILE_EVERY);
        // Adopted; then the page is read; and right after that the other node is faster.
        middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> another.worker.turn(Duration.ZERO)));

        middle.worker.turn(Duration.ofSeconds(5));

        assertThat(middle.realm.lookedUp()).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void what_a_node_had_claimed_that_crashed_is_looked_at_by_another() {
        TestUser maria = middle.granted("maria");
        Middle crashed = new Middle(middle);
        crashed.reconciler.start();
        middle.clock.turn(Middle.RECONCILE_EVERY);
        crashed.worker.limit(1);
        middle.transactions.afterwards(() ->
                middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> crashed.worker.limit(0))));
        crashed.worker.turn(Duration.ZERO);
        assertThat(looks(maria)).isZero();

        middle.reconciler.start();
        middle.worker.turn(Duration.ofMinutes(4));
        assertThat(looks(maria)).isZero();
        middle.worker.turn(Duration.ofSeconds(70));
        assertThat(looks(maria)).isEqualTo(1);
    }

    /** Who is in use is looked at every minute here, and a claim takes longer. */
    @Test
    void a_token_that_is_fetched_breaks_no_claim() {
        TestUser maria = middle.granted("maria");
        Middle another = new Middle(middle);
        Pace hurried = new Pace(Duration.ofMinutes(1), IDLE);
        reconciler(hurried).start();
        Reconciler neighbour = reconciler(hurried, another.worker);
        neighbour.start();
        middle.clock.turn(IDLE);
        // Adopted, read and claimed.
        middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> middle.transactions.afterwards(() -> {
            use(neighbour, maria);
            another.worker.turn(Duration.ofMinutes(1));
        })));

        middle.worker.turn(Duration.ZERO);

        assertThat(looks(maria)).isEqualTo(1);
    }

    /** Real threads: nothing here depends on how long anything takes. */
    @Test
    void a_directory_that_hangs_holds_up_its_own_people_and_nobody_else() {
        TestUser hanging = middle.granted("hank");
        TestUser behind = middle.granted("harry");
        TestUser ofAnother = middle.granted("anna");
        TestUser ofKeycloak = middle.granted("karl");
        from(hanging, "directory-1");
        from(behind, "directory-1");
        from(ofAnother, "directory-2");
        List.of(hanging, behind, ofAnother, ofKeycloak).forEach(TestUser::disable);
        middle.realm.importFrom("directory-1", hanging);
        HangingDirectory directory = middle.realm.hang("directory-1");
        try (BackgroundWorker real = new BackgroundWorker()) {
            real.open();
            Reconciler reconciler = reconciler(new Pace(IN_USE, IDLE), real.idle());
            reconciler.examineSoon(middle.link);
            await().until(() -> ended(ofAnother) && ended(ofKeycloak));
            TestUser late = middle.granted("lars");
            late.disable();
            reconciler.examineSoon(middle.link);
            await().until(() -> ended(late));
            assertThat(ended(hanging) || ended(behind)).isFalse();
            assertThat(looks(hanging)).as("one task at a time asks a directory").isEqualTo(1);

            directory.answer();
            await().until(() -> ended(hanging));
        }
    }

    /** As above. */
    @Test
    void nothing_is_written_of_those_whose_directory_hangs_and_nobody_waits_behind_them() {
        List<TestUser> hanging = middle.grantedAtOnce(250);
        hanging.forEach(member -> from(member, "directory-1"));
        middle.realm.importFrom("directory-1", hanging.toArray(TestUser[]::new));
        TestUser karl = middle.granted("karl");
        karl.disable();
        lookAt(1);
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery("update EC_DELEGATION set LOOK_AT = 2 where USER_ID = 'karl'")
                        .executeUpdate());
        HangingDirectory directory = middle.realm.hang("directory-1");
        try (BackgroundWorker real = new BackgroundWorker()) {
            real.open();
            Reconciler reconciler = reconciler(new Pace(IN_USE, IDLE), real.idle());
            reconciler.componentsChanged(middle.realm.id());
            await().until(() -> ended(karl));
            TestUser late = middle.granted("lars");
            late.disable();
            reconciler.examineSoon(middle.link);
            await().until(() -> ended(late));
            assertThat(count("LOOK_AT = 0")).as("as they were called for").isEqualTo(250);

            directory.answer();
            await().until(() -> new HashSet<>(middle.realm.lookedUp()).size() == 252);
        }
    }

    /** A directory may never answer a question that it has taken, and be well again all the same. */
    @Test
    void when_its_claim_is_over_who_waits_for_an_answer_keeps_nobody_from_being_looked_at() {
        TestUser hank = middle.granted("hank");
        TestUser harry = middle.granted("harry");
        from(hank, "directory-1");
        from(harry, "directory-1");
        middle.realm.importFrom("directory-1", hank);
        HangingDirectory directory = middle.realm.hang("directory-1");
        harry.disable();
        lookAt(1);
        try (BackgroundWorker real = new BackgroundWorker()) {
            real.open();
            Reconciler reconciler = reconciler(new Pace(IN_USE, IDLE), real.idle());
            reconciler.componentsChanged(middle.realm.id());
            directory.awaitQuestion();
            middle.clock.turn(Duration.ofMinutes(4));
            reconciler.componentsChanged(middle.realm.id());
            await().during(Duration.ofMillis(300)).until(() -> !ended(harry));

            middle.realm.hang("directory-1").answer();
            middle.clock.turn(Duration.ofMinutes(2));
            reconciler.componentsChanged(middle.realm.id());
            await().until(() -> ended(harry));
            assertThat(ended(hank)).isFalse();
            directory.answer();
        }
    }

    private void lookAt(long time) {
        middle.tables.inTransaction(entities -> entities.createNativeQuery("update EC_DELEGATION set LOOK_AT = :time")
                .setParameter("time", time)
                .executeUpdate());
    }

    private boolean ended(TestUser user) {
        return middle.delegation(user).state() == Delegation.State.REVOKED;
    }

    // What takes its time

    @Test
    void of_a_slow_directory_each_is_looked_at_or_counts_as_not_read() {
        List<TestUser> members = middle.grantedAtOnce(100);
        members.forEach(member -> from(member, "directory-1"));
        members.get(10).disable();
        everyLookTakes(Duration.ofMillis(3_500));
        started();
        middle.clock.turn(IDLE);

        middle.worker.turn(ROUND);
        int looked = middle.realm.lookedUp().size();
        assertThat(looked).isBetween(60, 80);
        assertThat(notRead()).isEqualTo(100 - looked);
        assertThat(ended(members.get(10))).isTrue();
        assertThat(middle.worker.failures()).isEmpty();

        middle.worker.turn(IN_USE);
        assertThat(new HashSet<>(middle.realm.lookedUp())).hasSize(100);
        assertThat(middle.realm.lookedUp()).hasSize(100);
        assertThat(notRead()).isZero();
    }

    /** As whether a directory has the same address. */
    @Test
    void of_keycloaks_own_people_each_is_looked_at_too_where_that_takes_its_time() {
        middle.grantedAtOnce(100);
        everyLookTakes(Duration.ofSeconds(2));
        started();
        middle.clock.turn(IDLE);

        middle.worker.turn(ROUND);

        assertThat(middle.realm.lookedUp()).hasSize(100).doesNotHaveDuplicates();
        assertThat(notRead()).isZero();
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void when_the_claim_is_over_whoever_is_left_counts_as_not_read() {
        middle.grantedAtOnce(20);
        everyLookTakes(Duration.ofMinutes(5));
        started();
        middle.clock.turn(IDLE);

        middle.worker.turn(ROUND);
        assertThat(middle.realm.lookedUp()).hasSize(1);
        assertThat(notRead()).isEqualTo(20);

        everyLookTakes(Duration.ZERO);
        middle.worker.turn(IN_USE);
        assertThat(new HashSet<>(middle.realm.lookedUp())).hasSize(20);
        assertThat(notRead()).isZero();
    }

    /** And no transaction may take long. */
    private void everyLookTakes(Duration time) {
        middle.transactions.endAfter(Duration.ofMinutes(1), middle.clock);
        middle.realm.whileLookingUp(() -> middle.clock.turn(time));
    }

    /** How many could not be read when they were looked at last. */
    private int notRead() {
        return count("LOOK_FAILURES > 0");
    }

    private int count(String condition) {
        return ((Number) middle.tables.inTransaction(
                        entities -> entities.createNativeQuery("select count(*) from EC_DELEGATION where " + condition)
                                .getSingleResult()))
                .intValue();
    }

    // What it costs

    @Test
    void whoever_stands_costs_one_statement_and_a_page_a_few() {
        middle.grantedAtOnce(100).forEach(member -> member.comeFrom("directory-1 as it is"));
        middle.granted("first").comeFrom("directory-1 as it is");
        middle.reconciler.start();
        middle.clock.turn(Middle.RECONCILE_EVERY);
        middle.worker.turn(Duration.ofSeconds(5));
        middle.realm.lookedUp().clear();
        middle.clock.turn(Middle.RECONCILE_EVERY);

        List<String> statements = middle.tables.statements(() -> middle.worker.turn(Duration.ofSeconds(5)));

        assertThat(new HashSet<>(middle.realm.lookedUp())).hasSize(101);
        assertThat(statements).hasSizeLessThanOrEqualTo(101 + 15);
    }

    @Test
    void while_nobody_is_due_statements_do_not_depend_on_how_many_there_are() {
        started();
        List<String> ofNobody = middle.tables.statements(() -> middle.worker.turn(Duration.ofHours(1)));
        middle.grantedAtOnce(150);
        middle.worker.turn(Duration.ofMinutes(1));
        List<String> ofMany = middle.tables.statements(() -> middle.worker.turn(Duration.ofHours(1)));

        assertThat(ofMany).hasSameSizeAs(ofNobody).hasSizeLessThanOrEqualTo(12 * 60 + 2);
        assertThat(ofMany).allSatisfy(statement -> assertThat(statement).contains("LOOK_AT"));
    }

    @Test
    void no_more_than_some_hundred_people_a_second_are_looked_at() {
        middle.grantedAtOnce(900);
        middle.reconciler.start();
        middle.clock.turn(Middle.RECONCILE_EVERY);
        Instant begin = middle.clock.instant();

        middle.worker.turn(Duration.ofSeconds(1));
        assertThat(middle.realm.lookedUp()).hasSizeBetween(200, 300);
        while (middle.realm.lookedUp().size() < 900) {
            middle.worker.turn(Duration.ofSeconds(1));
        }
        assertThat(Duration.between(begin, middle.clock.instant())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void however_often_it_is_asked_who_is_due_one_page_follows_the_other() {
        middle.grantedAtOnce(900);
        reconciler(new Pace(Duration.ofSeconds(1), IDLE)).start();
        middle.clock.turn(IDLE);
        Instant begin = middle.clock.instant();

        while (middle.realm.lookedUp().size() < 900) {
            middle.worker.turn(Duration.ofMillis(500));
        }

        assertThat(Duration.between(begin, middle.clock.instant()))
                .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
    }
}
