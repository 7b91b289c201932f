package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is asked for together, in which order, and what becomes of those for whom there is no room. */
class DelegationQueueTest {
    private static final SignIn BROKERED = new SignIn("acme-idp", null);
    private static final Duration SWEEP = Duration.ofSeconds(5);

    private final Middle middle = new Middle();

    @BeforeEach
    void link_the_organization() {
        middle.linked();
    }

    @Test
    void nobody_is_asked_for_before_a_quarter_of_a_second_has_passed() {
        TestUser maria = middle.member("maria");

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE.minusMillis(1));
        assertThat(asks()).isEmpty();

        middle.worker.turn(Duration.ofMillis(1));
        assertThat(asks()).containsExactly("maria@acme.example");
    }

    @Test
    void members_of_one_link_who_sign_in_within_that_time_are_asked_for_together_in_their_order() {
        middle.queue.add(middle.link, middle.member("maria").id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE.minusMillis(1));
        middle.queue.add(middle.link, middle.member("john").id(), SignIn.DIRECT);
        middle.worker.turn(Duration.ofMillis(1));

        assertThat(asks()).containsExactly("maria@acme.example john@acme.example");
    }

    @Test
    void members_of_two_links_are_asked_for_apart() {
        LinkId globex = new LinkId(middle.realm.id(), "globex");
        middle.linked(globex, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser john = middle.realm.user("john@acme.example").in("globex", Middle.DOMAIN);

        middle.queue.add(middle.link, middle.member("maria").id(), SignIn.DIRECT);
        middle.queue.add(globex, john.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(asks()).containsExactlyInAnyOrder("maria@acme.example", "john@acme.example");
        assertThat(middle.cronofy.askedWith()).doesNotHaveDuplicates();
    }

    /** As when it was removed while this JAR was away; only so many are looked at in one sweep. */
    @Test
    void asks_of_a_realm_that_is_gone_are_not_always_the_first() {
        TestUser maria = middle.member("maria");
        Instant due = middle.asked(maria).nextAttemptAt();
        middle.transactions.remove(middle.realm);
        middle.queue.start();

        middle.worker.turn(
                Duration.between(middle.clock.instant(), due).plus(SWEEP).plus(SWEEP));

        assertThat(middle.transactions.<List<Delegation>>inServer(
                        work -> work.due().asks().due(middle.clock.instant(), 1)))
                .isEmpty();
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void a_member_who_signs_in_twice_within_that_time_is_asked_for_once() {
        TestUser maria = middle.member("maria");

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE.multipliedBy(4));

        assertThat(asks()).containsExactly("maria@acme.example");
    }

    /** A sweep that comes by at the same moment must not hide through whom the member has just come in. */
    @Test
    void a_sign_in_counts_for_a_member_who_was_also_queued_without_one() {
        TestUser before = middle.member("before");
        TestUser after = middle.member("after");

        middle.queue.add(middle.link, before.id());
        middle.queue.add(middle.link, before.id(), BROKERED);
        middle.queue.add(middle.link, after.id(), BROKERED);
        middle.queue.add(middle.link, after.id());
        middle.worker.turn(Middle.COALESCE);

        assertThat(List.of(before, after))
                .allSatisfy(member ->
                        assertThat(middle.delegation(member).identityProvider()).isEqualTo("acme-idp"));
    }

    @Test
    void of_two_sign_ins_the_later_one_counts() {
        TestUser maria = middle.member("maria");

        middle.queue.add(middle.link, maria.id(), new SignIn("former-idp", null));
        middle.queue.add(middle.link, maria.id(), BROKERED);
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.delegation(maria).identityProvider()).isEqualTo("acme-idp");
    }

    @Test
    void one_request_is_for_fifty_members_at_most_and_the_others_follow_in_their_order() {
        List<String> mailboxes = IntStream.range(0, 51)
                .mapToObj(number -> {
                    TestUser member = middle.member("m" + number);
                    middle.queue.add(middle.link, member.id(), SignIn.DIRECT);
                    return String.valueOf(member.email());
                })
                .toList();

        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).containsExactly(String.join(" ", mailboxes.subList(0, 50)));

        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).containsExactly(String.join(" ", mailboxes.subList(0, 50)), mailboxes.get(50));
    }

    /**
     * Two requests at once with one service account's token would spend the allowance of all others of the application.
     */
    @Test
    void while_a_batch_is_on_the_wire_nobody_else_of_the_link_is_asked_for() {
        TestUser john = middle.member("john");
        middle.cronofy.during(Call.ASK, () -> {
            middle.queue.add(middle.link, john.id(), SignIn.DIRECT);
            middle.worker.turn(Middle.COALESCE.multipliedBy(10));
            assertThat(asks()).containsExactly("maria@acme.example");
        });

        middle.queue.add(middle.link, middle.member("maria").id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(asks()).containsExactly("maria@acme.example", "john@acme.example");
    }

    @Test
    void who_cannot_be_prepared_keeps_neither_the_batch_nor_those_after_it_waiting() {
        TestUser unreachable = middle.member("unreachable");
        middle.realm.silence(unreachable);
        middle.queue.add(middle.link, unreachable.id(), SignIn.DIRECT);
        IntStream.range(1, 50)
                .forEach(number -> middle.queue.add(
                        middle.link, middle.member("m" + number).id(), SignIn.DIRECT));
        middle.queue.add(middle.link, middle.member("maria").id(), SignIn.DIRECT);

        middle.worker.turn(Middle.COALESCE.multipliedBy(2));

        assertThat(middle.worker.failures()).isEmpty();
        assertThat(asks()).hasSize(2).endsWith("maria@acme.example").noneMatch(ask -> ask.contains("unreachable"));
    }

    @Test
    void behind_ten_thousand_there_is_no_room_until_some_of_them_are_done_with() {
        LinkId crowded = new LinkId(middle.realm.id(), "crowded");
        IntStream.range(0, 10_000).forEach(number -> middle.queue.add(crowded, "nobody-" + number));
        TestUser maria = middle.member("maria");

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).isEmpty();

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).containsExactly("maria@acme.example");
    }

    @Test
    void members_for_whom_the_worker_has_no_room_are_asked_for_without_another_sign_in_once_it_has() {
        middle.queue.start();
        TestUser maria = middle.member("maria");

        middle.worker.limit(0);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        middle.worker.limit(Integer.MAX_VALUE);
        middle.worker.turn(SWEEP.plus(Middle.COALESCE));

        assertThat(asks()).containsExactly("maria@acme.example");
    }

    /** Otherwise the link would never be flushed again. */
    @Test
    void members_for_whom_the_worker_had_no_room_are_asked_for_with_the_next_who_signs_in() {
        middle.worker.limit(0);
        middle.queue.add(middle.link, middle.member("maria").id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        middle.worker.limit(Integer.MAX_VALUE);

        middle.queue.add(middle.link, middle.member("john").id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(asks()).containsExactly("maria@acme.example john@acme.example");
    }

    @Test
    void an_ask_that_nobody_answers_is_sent_again_by_a_sweep_once_it_is_due_for_the_same_sign_in() {
        middle.queue.start();
        TestUser maria = middle.member("maria");
        middle.queue.add(middle.link, maria.id(), BROKERED);
        middle.worker.turn(Middle.COALESCE);
        Duration untilDue =
                Duration.between(middle.clock.instant(), middle.retries.afterSilence(middle.clock.instant(), 1));

        middle.worker.turn(untilDue.minusMillis(1));
        assertThat(asks()).hasSize(1);

        middle.worker.turn(SWEEP.plus(Middle.COALESCE));
        assertThat(asks()).containsExactly("maria@acme.example", "maria@acme.example");
        assertThat(middle.delegation(maria).attempts()).isEqualTo(2);
        assertThat(middle.delegation(maria).identityProvider()).isEqualTo("acme-idp");
    }

    @Test
    void a_code_that_a_crash_has_left_behind_is_redeemed_by_a_sweep() {
        middle.queue.start();
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        middle.worker.limit(0);
        middle.answered(maria);
        middle.worker.limit(Integer.MAX_VALUE);
        assertThat(middle.cronofy.received(Call.EXCHANGE)).isEmpty();

        middle.worker.turn(SWEEP);

        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
        assertThat(middle.realm.credential(maria)).isPresent();
        assertThat(middle.realm.shownState(maria)).isEqualTo("granted");
    }

    private List<String> asks() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }
}
