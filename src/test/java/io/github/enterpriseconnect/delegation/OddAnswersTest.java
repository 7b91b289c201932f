package io.github.enterpriseconnect.delegation;

import static io.github.enterpriseconnect.delegation.NamedMembers.UPN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What came for an ask and is no calendar of the member's is not asked for again by the clock. */
class OddAnswersTest {
    private static final Duration A_YEAR = Duration.ofDays(365);

    private final NamedMembers named = new NamedMembers();
    private final Middle middle = named.middle;

    private void yearsOfSignIns(TestUser member) {
        for (int year = 0; year < 5; year++) {
            middle.clock.turn(A_YEAR);
            named.signIn(member);
        }
    }

    @Test
    void a_member_of_two_links_is_asked_for_once_through_each() {
        LinkId zeta = new LinkId(middle.realm.id(), "zeta");
        middle.linked(zeta, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser maria = middle.member("maria").in("zeta", Middle.DOMAIN);
        named.signIn(maria);
        named.answer(maria, "maria@acme.example", "maria@one.example");

        for (int year = 0; year < 5; year++) {
            int before = named.asked().size();
            middle.clock.turn(A_YEAR);
            named.signIn(maria);
            if (named.asked().size() > before) {
                named.answer(maria, "maria@acme.example", "maria@other.example");
            }
        }

        assertThat(named.asked()).hasSize(2);
    }

    @Test
    void an_answer_without_a_name_is_not_asked_for_again() {
        TestUser maria = middle.member("maria");
        named.signIn(maria);
        named.answer(maria, "maria@acme.example", null);

        yearsOfSignIns(maria);

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(named.asked()).hasSize(1);
    }

    @Test
    void an_account_that_somebody_else_holds_is_asked_for_again_once_they_hold_it_no_more() {
        TestUser maria = middle.granted("maria");
        TestUser mario = middle.member("mario");
        named.signIn(mario);
        middle.cronofy.opens("mario@acme.example");
        middle.cronofy.grants("acc_maria");
        named.callBack(mario, "mario@acme.example");
        middle.worker.run();
        assertThat(middle.delegation(mario).reason()).isEqualTo(Reason.ACCOUNT_HELD);
        assertThat(middle.delegation(mario).plannedAt()).isNull();

        yearsOfSignIns(mario);
        assertThat(named.asked()).containsExactly("maria@acme.example", "mario@acme.example");

        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));
        named.signIn(mario);
        assertThat(named.asked()).hasSize(3);
    }

    @Test
    void an_answer_that_came_through_a_former_authorization_says_nothing_of_the_present_one() {
        TestUser maria = middle.member("maria");
        named.signIn(maria);
        middle.clock.turn(Duration.ofSeconds(1));
        middle.linked();
        named.answer(maria, "maria@acme.example", "maria@one.example");
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.WRONG_PROFILE);

        middle.clock.turn(A_YEAR);
        named.signIn(maria);

        assertThat(named.asked()).hasSize(2);
    }

    @Test
    void a_third_name_is_dropped_at_once_also_while_users_may_write_the_attribute() {
        TestUser maria = named.named("maria", "m.rossi@acme.example");
        named.signIn(maria);
        middle.realm.letUsersWrite(UPN);

        named.answer(maria, "m.rossi@acme.example", "boss@acme.example");

        assertThat(named.row("m.rossi@acme.example").reason()).isEqualTo(Reason.WRONG_PROFILE);
        assertThat(middle.worker.failures()).isEmpty();
        middle.dispatcher.start();
        middle.worker.turn(Middle.RECONCILE_EVERY);
        assertThat(middle.cronofy.received(Call.REVOKE)).hasSize(1);
    }

    @Test
    void whose_mailbox_passes_to_somebody_else_is_asked_for_by_the_new_one_without_a_sign_in() {
        TestUser maria = named.granted("maria", "m.rossi@acme.example");
        middle.queue.start();
        maria.says(UPN, "m.new@acme.example");
        TestUser mario = named.named("mario", "m.rossi@acme.example");

        named.signIn(mario);
        middle.worker.turn(Middle.RECONCILE_EVERY);

        assertThat(named.row("m.new@acme.example").userId()).isEqualTo("maria");
        assertThat(named.row("m.new@acme.example").state()).isEqualTo(Delegation.State.ASKED);
    }

    @Test
    void another_link_s_calendar_names_say_whose_the_mailbox_is_that_was_granted_through_it() {
        LinkId zeta = new LinkId(middle.realm.id(), "zeta");
        middle.linked(zeta, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser maria = named.granted("maria", "m.rossi@acme.example");
        TestUser mario = middle.realm.user("mario@acme.example").in("zeta", Middle.DOMAIN);
        mario.changeEmail("m.rossi@acme.example");

        middle.queue.add(zeta, mario.id(), io.github.enterpriseconnect.core.SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);

        assertThat(named.row("m.rossi@acme.example").userId()).isEqualTo("maria");
        assertThat(named.asked()).hasSize(1);
        assertThat(middle.realm.credential(maria)).isPresent();
    }
}
