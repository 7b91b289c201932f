package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever waits to be asked for stands in a table before anything is done that may fail, and until it is done. */
class WaitingMembersTest {
    private static final Duration A_WHILE = Duration.ofMinutes(2);

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.queue.start();
        maria = middle.member("maria");
    }

    @Test
    void a_crash_before_the_ask_is_noted_loses_nobody_and_nothing_of_the_sign_in() {
        middle.queue.add(
                middle.link,
                maria.id(),
                new SignIn("acme-idp", Mailbox.parse(maria.email()).orElseThrow()));
        crashInSecondTransaction();
        assertThat(asks()).isEmpty();

        middle.worker.turn(A_WHILE);

        assertThat(asks()).containsExactly("maria@acme.example");
        assertThat(middle.delegation(maria).identityProvider()).isEqualTo("acme-idp");
        assertThat(proven(maria)).isTrue();
    }

    @Test
    void a_crash_while_others_are_asked_for_loses_nobody_who_came_before() {
        List<TestUser> members = IntStream.range(0, 120)
                .mapToObj(number -> middle.member("m" + number))
                .toList();
        members.forEach(member -> middle.queue.add(middle.link, member.id(), SignIn.DIRECT));
        middle.cronofy.script(Call.ASK, () -> {
            throw new Crash();
        });
        assertThatThrownBy(() -> middle.worker.turn(Middle.COALESCE)).isInstanceOf(Crash.class);

        assertThat(members.subList(50, 120))
                .allSatisfy(member -> assertThat(waits(member)).isTrue());
        middle.worker.turn(Duration.ofMinutes(20));
        assertThat(members)
                .allSatisfy(
                        member -> assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.ASKED));
    }

    @Test
    void whoever_is_asked_for_waits_no_more() {
        middle.asked(maria);

        assertThat(waits(maria)).isFalse();
    }

    @Test
    void whoever_the_gate_turns_away_waits_no_more() {
        maria.unverify();

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(waits(maria)).isFalse();
    }

    @Test
    void whoever_is_granted_already_waits_no_more() {
        middle.granted(maria);

        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(waits(maria)).isFalse();
        assertThat(asks()).hasSize(1);
    }

    @Test
    void whoever_another_link_lets_through_waits_for_that_one() {
        LinkId globex = new LinkId(middle.realm.id(), "globex");
        middle.linked(globex, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser john = middle.realm.user("john@acme.example").in("globex", Middle.DOMAIN);
        middle.queue.add(middle.link, john.id(), SignIn.DIRECT);
        crashInThirdTransaction();

        middle.worker.turn(A_WHILE);

        assertThat(asks()).containsExactly("john@acme.example");
        assertThat(waits(john)).isFalse();
    }

    @Test
    void what_an_administrator_asks_for_is_noted_with_the_administrator_s_own_transaction() {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.queue.keep(work, middle.link, maria.id(), Optional.empty()));

        assertThat(waits(maria)).isTrue();
        middle.worker.turn(Middle.COALESCE);
        assertThat(asks()).containsExactly("maria@acme.example");
    }

    @Test
    void more_than_a_node_keeps_in_memory_are_asked_for_one_batch_after_the_other() {
        List<TestUser> members = IntStream.range(0, 1_000)
                .mapToObj(number -> middle.member("m" + number))
                .toList();
        members.forEach(member -> middle.queue.add(middle.link, member.id(), SignIn.DIRECT));

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.cronofy.received(Call.ASK)).hasSizeBetween(20, 24);
        assertThat(members).noneMatch(this::waits);
    }

    /** Ends the work as the end of the process does: nothing that follows is done. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** The first one notes who waits. */
    private void crashInSecondTransaction() {
        middle.transactions.meanwhile(() -> middle.transactions.meanwhile(() -> {
            throw new Crash();
        }));
        assertThatThrownBy(() -> middle.worker.turn(Middle.COALESCE)).isInstanceOf(Crash.class);
    }

    /** The second one finds the other link. */
    private void crashInThirdTransaction() {
        middle.transactions.meanwhile(() -> middle.transactions.meanwhile(() -> middle.transactions.meanwhile(() -> {
            throw new Crash();
        })));
        assertThatThrownBy(() -> middle.worker.turn(Middle.COALESCE.multipliedBy(3)))
                .isInstanceOf(Crash.class);
    }

    private boolean waits(TestUser member) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.waiting().contains(member.id()));
    }

    private boolean proven(TestUser member) {
        return middle.transactions.inRealm(middle.realm.id(), work -> work.members()
                .proven(member.id(), Mailbox.parse(member.email()).orElseThrow()));
    }

    private List<String> asks() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }
}
