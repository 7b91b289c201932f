package io.github.enterpriseconnect.delegation;

import static io.github.enterpriseconnect.delegation.NamedMembers.OWNER;
import static io.github.enterpriseconnect.delegation.NamedMembers.UPN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.storage.Change;
import io.github.enterpriseconnect.storage.WrittenAttribute;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A calendar name counts by whom it came, and not by who might have written it. */
class CalendarNameOriginsTest {
    private static final SignIn ENTRA = new SignIn("entra", null);
    private static final SignIn OTHER = new SignIn("other", null);
    private static final Duration A_MOMENT = Duration.ofSeconds(11);
    private static final Duration A_ROUND = Middle.RECONCILE_EVERY.plusSeconds(1);

    private final NamedMembers named = new NamedMembers();
    private final Middle middle = named.middle;

    @Test
    void what_a_user_wrote_while_they_could_is_withheld_until_it_is_written_anew() {
        middle.realm.letUsersWrite(UPN);
        TestUser maria = named.named("maria", "board@acme.example");
        named.signIn(maria);

        middle.realm.letNobodyWrite(UPN);
        named.signIn(maria);
        assertThat(named.asked()).isEmpty();
        assertThat(named.token(maria)).contains("calendar_name_writable");

        maria.says(UPN, "m.rossi@acme.example");
        named.signIn(maria);
        assertThat(named.asked()).containsExactly("m.rossi@acme.example");
    }

    @Test
    void what_was_granted_does_not_end_by_what_a_user_wrote_while_they_could() {
        middle.startWithoutReconciliation();
        middle.reconciler.start();
        TestUser maria = named.granted("maria", "m.rossi@acme.example");

        middle.realm.letUsersWrite(UPN);
        maria.says(UPN, "board@acme.example");
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);
        middle.realm.letNobodyWrite(UPN);
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);

        assertThat(named.token(maria)).contains("calendar_name_writable");
        assertThat(named.row("m.rossi@acme.example").state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.revocations()).isEmpty();
        assertThat(named.asked()).containsExactly("m.rossi@acme.example");

        maria.says(UPN, "m.rossi@acme.example");
        assertThat(named.token(maria)).isEqualTo("served m.rossi@acme.example");
    }

    /** In which nobody was looked at. */
    private void anHourOfUsersWriting(Runnable meanwhile) {
        middle.linkExamination.start();
        middle.realm.letUsersWrite(UPN);
        middle.worker.turn(A_MOMENT);
        meanwhile.run();
        middle.clock.turn(Duration.ofHours(1));
        middle.realm.letNobodyWrite(UPN);
        middle.worker.turn(A_MOMENT);
    }

    @Test
    void what_came_up_unseen_while_users_could_write_it_counts_as_the_user_s() {
        TestUser maria = named.granted("maria", "m.rossi@acme.example");
        anHourOfUsersWriting(() -> maria.says(UPN, "board@acme.example"));
        middle.start();
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);

        assertThat(named.token(maria)).contains("calendar_name_writable");
        assertThat(named.row("m.rossi@acme.example").state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(named.asked()).containsExactly("m.rossi@acme.example");

        maria.says(UPN, "m.bianchi@acme.example");
        named.signIn(maria);
        assertThat(named.asked()).containsExactly("m.rossi@acme.example", "m.bianchi@acme.example");
    }

    @Test
    void what_was_there_before_users_could_write_it_stays_good() {
        TestUser maria = named.granted("maria", "m.rossi@acme.example");
        anHourOfUsersWriting(() -> {});

        assertThat(named.token(maria)).isEqualTo("served m.rossi@acme.example");
        named.signIn(maria);
        assertThat(named.token(maria)).isEqualTo("served m.rossi@acme.example");
    }

    @Test
    void whoever_came_after_users_could_write_it_has_the_name_of_others() {
        anHourOfUsersWriting(() -> {});
        middle.clock.turn(Duration.ofMinutes(1));
        TestUser nora = named.named("nora", "n.ora@acme.example").createdAt(middle.clock.instant());
        TestUser john = named.named("john", "j.ohn@acme.example");

        named.signIn(nora);
        named.signIn(john);

        assertThat(named.asked()).containsExactly("n.ora@acme.example");
    }

    @Test
    void an_administrator_may_empty_it_and_write_the_same_again() {
        middle.realm.letUsersWrite(UPN);
        TestUser maria = named.named("maria", "m.rossi@acme.example");
        named.signIn(maria);
        middle.realm.letNobodyWrite(UPN);

        maria.says(UPN);
        administratorsSave(maria);
        maria.says(UPN, "m.rossi@acme.example");
        administratorsSave(maria);
        named.signIn(maria);

        assertThat(named.asked()).containsExactly("m.rossi@acme.example");
    }

    private void administratorsSave(TestUser member) {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.changes()
                .add(new Change.UserChanged(member.id(), null, null), middle.clock.instant(), middle.clock.instant()));
        middle.judgement.start();
        middle.worker.turn(A_ROUND);
    }

    @Test
    void what_a_provider_has_said_stays_so_while_users_may_write_it() {
        middle.realm.letProviderSay("entra", UPN);
        named.setPolicy(OWNER);
        TestUser maria = named.proven(named.named("maria", "m.rossi@acme.example"));
        named.signIn(maria, ENTRA);
        named.answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        middle.realm.letUsersWrite(UPN);
        named.signIn(maria);
        assertThat(named.token(maria)).contains("calendar_name_writable");
        middle.realm.letNobodyWrite(UPN);

        assertThat(named.token(maria)).isEqualTo("served m.rossi@acme.example");
    }

    @Test
    void under_proof_by_the_owner_a_name_that_a_provider_has_said_is_proven_whatever_the_next_sign_in() {
        middle.realm.letProviderSay("entra", UPN);
        named.setPolicy(OWNER);
        TestUser maria = named.proven(named.named("maria", "m.rossi@acme.example"));
        named.signIn(maria, ENTRA);
        named.answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        named.signIn(maria);

        assertThat(named.token(maria)).isEqualTo("served m.rossi@acme.example");
        assertThat(named.tokenWhileAbsent(maria)).isEqualTo("served m.rossi@acme.example");
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void under_proof_by_the_owner_what_another_provider_says_is_not_the_trusted_one_s() {
        middle.realm.letProviderSay("entra", UPN);
        named.setPolicy(OWNER);
        TestUser maria = named.proven(named.named("maria", "m.rossi@acme.example"));
        named.signIn(maria, ENTRA);
        named.answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");
        middle.start();

        maria.says(UPN, "board@acme.example");
        named.signIn(maria, OTHER);
        middle.worker.turn(A_ROUND);
        middle.worker.turn(A_ROUND);

        assertThat(named.asked()).containsExactly("m.rossi@acme.example");
        assertThat(named.token(maria)).contains("calendar_name_not_proven");
    }

    @Test
    void under_proof_by_the_owner_a_name_does_not_outlast_the_trust_in_its_provider() {
        middle.realm.letProviderSay("entra", UPN);
        named.setPolicy(OWNER);
        TestUser maria = named.proven(named.named("maria", "m.rossi@acme.example"));
        named.signIn(maria, ENTRA);
        named.answer(maria, "m.rossi@acme.example", "m.rossi@acme.example");

        middle.realm.letNoProviderSay(UPN);

        assertThat(named.token(maria)).contains("calendar_name_not_proven");
    }

    @Test
    void who_was_granted_before_the_owner_had_to_prove_it_proves_it_by_a_sign_in() {
        middle.realm.letProviderSay("entra", UPN);
        TestUser maria = named.proven(named.granted("maria", "m.rossi@acme.example"));
        assertThat(named.due(maria, ENTRA)).isFalse();

        named.setPolicy(OWNER);
        assertThat(named.token(maria)).contains("calendar_name_not_proven");
        assertThat(named.due(maria, ENTRA)).isTrue();
        named.signIn(maria, ENTRA);

        assertThat(named.token(maria)).isEqualTo("served m.rossi@acme.example");
        assertThat(named.due(maria, ENTRA)).isFalse();
    }

    @Test
    void what_a_former_version_has_noted_with_the_realm_counts_after_the_realm_s_attributes_were_replaced() {
        TestUser maria = named.named("maria", "board@acme.example");
        TestUser john = named.named("john", "j.ohn@acme.example");
        middle.realm.formerlyWritten(
                UPN, WrittenAttribute.until(middle.clock.instant().plusSeconds(1)));
        middle.clock.turn(Duration.ofMinutes(1));
        middle.linkExamination.start();
        middle.worker.turn(A_MOMENT);
        middle.realm.formerlyWritten(UPN, null);

        named.signIn(maria);
        named.signIn(john.createdAt(middle.clock.instant()));

        assertThat(named.asked()).containsExactly("j.ohn@acme.example");
        assertThat(named.token(maria)).contains("calendar_name_writable");
    }

    @Test
    void that_users_can_write_it_is_noted_before_the_link_is_authorized() {
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        middle.links.unlinked(middle.link);
        named.setPolicy(NamedMembers.NAMED);
        TestUser maria = middle.member("maria");
        anHourOfUsersWriting(() -> maria.says(UPN, "board@acme.example"));

        middle.linked();
        named.setPolicy(NamedMembers.NAMED);
        named.signIn(maria);

        assertThat(named.asked()).isEmpty();
        assertThat(named.token(maria)).contains("calendar_name_writable");
    }

    @Test
    void what_a_removed_realm_knew_of_who_could_write_it_is_known_when_it_is_back() {
        middle.realm.letUsersWrite(UPN);
        middle.linkExamination.start();
        middle.worker.turn(A_MOMENT);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.storage()
                .removedRealms()
                .setApart(
                        middle.realm.id(),
                        middle.clock.instant(),
                        middle.clock.instant().plus(Duration.ofDays(1))));
        middle.realm.letNobodyWrite(UPN);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.storage()
                .realmReturn(work.storage().removedRealms().list().get(0))
                .takeBack(middle.applicationKey(), link -> true, users -> users, middle.clock.instant()));

        TestUser maria = named.named("maria", "board@acme.example");
        named.signIn(maria);

        assertThat(named.asked()).isEmpty();
        assertThat(named.token(maria)).contains("calendar_name_writable");
    }

    private void administratorAccepts() {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.writtenAttributes().accept(UPN, middle.clock.instant()));
    }

    @Test
    void what_users_may_have_written_counts_once_an_administrator_has_accepted_it() {
        middle.realm.letUsersWrite(UPN);
        TestUser maria = named.named("maria", "m.rossi@acme.example");
        named.signIn(maria);
        middle.realm.letNobodyWrite(UPN);
        named.signIn(maria);
        assertThat(named.asked()).isEmpty();

        administratorAccepts();
        named.signIn(maria);

        assertThat(named.asked()).containsExactly("m.rossi@acme.example");
    }

    @Test
    void what_an_administrator_has_accepted_does_not_count_once_users_could_write_it_again() {
        middle.realm.letUsersWrite(UPN);
        TestUser maria = named.named("maria", "board@acme.example");
        named.signIn(maria);
        middle.realm.letNobodyWrite(UPN);
        maria.says(UPN, "m.rossi@acme.example");
        administratorAccepts();
        anHourOfUsersWriting(() -> maria.says(UPN, "board@acme.example"));

        named.signIn(maria);

        assertThat(named.asked()).isEmpty();
        assertThat(named.token(maria)).contains("calendar_name_writable");
    }
}
