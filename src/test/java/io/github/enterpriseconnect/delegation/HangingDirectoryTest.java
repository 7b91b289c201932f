package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A directory that takes questions and does not answer holds up its own people alone, for as long as it lasts. */
class HangingDirectoryTest {
    private static final Duration A_MOMENT = Duration.ofSeconds(1);
    private static final Duration A_WHILE = Duration.ofMinutes(10);

    /** Then somebody else finds out whether the directory is well again, and waits for it as well. */
    private static final Duration UNTIL_ASKED_AGAIN = Duration.ofSeconds(50);

    private final Middle middle = new Middle();
    private final List<CompletableFuture<Void>> trapped = new ArrayList<>();
    private TestUser maria;
    private TestUser hugo;
    private TestUser nora;
    private HangingDirectory ldap;

    @BeforeEach
    void link_an_organization_with_members_of_two_directories() {
        middle.linked();
        middle.clock.turn(A_MOMENT);
        maria = middle.member("maria");
        hugo = middle.member("hugo");
        nora = middle.member("nora");
        middle.realm.importFrom("ldap", hugo);
        middle.realm.importFrom("another", nora);
        ldap = middle.realm.hang("ldap");
    }

    @AfterEach
    void let_everybody_go() {
        ldap.answer();
        trapped.forEach(CompletableFuture::join);
    }

    /** One of several threads of the background goes on until it waits for the directory. */
    private void workUntilTrapped(Duration forward) {
        CompletableFuture<Void> waits = new CompletableFuture<>();
        trapped.add(waits);
        Thread thread = new Thread(() -> {
            try {
                middle.worker.turn(forward);
                waits.complete(null);
            } catch (RuntimeException | Error e) {
                waits.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        ldap.awaitQuestion();
    }

    private void answer() {
        ldap.answer();
        trapped.forEach(CompletableFuture::join);
    }

    private void signIn(TestUser... members) {
        Stream.of(members).forEach(member -> middle.queue.add(middle.link, member.id(), SignIn.DIRECT));
    }

    private List<String> asks() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }

    @Test
    void the_others_who_signed_in_at_the_same_time_are_asked_for() {
        signIn(hugo, maria, nora);
        workUntilTrapped(A_MOMENT);

        middle.worker.turn(A_MOMENT);

        assertThat(asks()).containsExactly("maria@acme.example", "nora@acme.example");
        answer();
        middle.worker.turn(A_WHILE);
        assertThat(asks()).contains("hugo@acme.example");
    }

    @Test
    void whoever_signs_in_later_is_asked_for_and_more_of_the_directory_take_no_further_thread() {
        TestUser ines = middle.member("ines");
        middle.realm.importFrom("ldap", ines);
        middle.queue.start();
        signIn(hugo);
        workUntilTrapped(A_MOMENT);

        signIn(ines, maria);
        middle.worker.turn(UNTIL_ASKED_AGAIN);

        assertThat(asks()).contains("maria@acme.example").doesNotContain("ines@acme.example");
        answer();
        middle.worker.turn(A_WHILE);
        assertThat(asks()).contains("hugo@acme.example", "ines@acme.example");
        assertThat(middle.delegation(ines).state()).isEqualTo(Delegation.State.ASKED);
    }

    /** As where a firewall has dropped the connection without a word. */
    @Test
    void once_the_directory_is_well_again_its_people_are_asked_for_although_an_old_question_waits_for_ever() {
        TestUser ines = middle.member("ines");
        middle.realm.importFrom("ldap", ines);
        middle.queue.start();
        signIn(hugo);
        workUntilTrapped(A_MOMENT);
        HangingDirectory wellAgain = middle.realm.hang("ldap");
        wellAgain.answer();

        signIn(ines);
        middle.worker.turn(A_WHILE.multipliedBy(2));

        assertThat(asks()).anyMatch(ask -> ask.contains("ines@acme.example"));
        assertThat(asks()).anyMatch(ask -> ask.contains("hugo@acme.example"));
    }

    @Test
    void members_of_another_link_who_are_in_the_same_directory_come_back_without_asking_it() {
        LinkId globex = new LinkId(middle.realm.id(), "globex");
        middle.linked(globex, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser gina = middle.realm.user("gina@acme.example").in("globex", Middle.DOMAIN);
        middle.realm.importFrom("ldap", gina);
        middle.queue.start();
        signIn(hugo);
        workUntilTrapped(A_MOMENT);

        middle.queue.add(globex, gina.id(), SignIn.DIRECT);
        middle.worker.turn(UNTIL_ASKED_AGAIN);

        assertThat(asks()).isEmpty();
        answer();
        middle.worker.turn(A_WHILE);
        assertThat(asks()).contains("hugo@acme.example", "gina@acme.example");
    }

    @Test
    void sessions_of_all_others_and_of_other_realms_are_looked_at() {
        TestRealm other = middle.anotherRealm("realm-2");
        LinkId elsewhere = new LinkId(other.id(), "acme");
        middle.linked(elsewhere, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser otto = other.user("otto@acme.example").in("acme", Middle.DOMAIN);
        middle.clock.turn(A_MOMENT);
        middle.realm.sessions().begin(hugo, SignIn.DIRECT, middle.clock.instant());
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        middle.realm.sessions().begin(nora, SignIn.DIRECT, middle.clock.instant());
        other.sessions().begin(otto, SignIn.DIRECT, middle.clock.instant());
        middle.queue.start();
        middle.forgotten.start();
        workUntilTrapped(A_WHILE);

        middle.worker.turn(UNTIL_ASKED_AGAIN);

        assertThat(asks()).contains("maria@acme.example", "nora@acme.example", "otto@acme.example");
        assertThat(asks()).doesNotContain("hugo@acme.example");
        answer();
        middle.worker.turn(A_WHILE);
        assertThat(asks()).contains("hugo@acme.example");
    }

    @Test
    void codes_of_all_others_are_redeemed() {
        middle.queue.start();
        middle.cronofy.grantsToEachTheirOwn();
        ldap.answer();
        middle.asked(hugo);
        middle.asked(maria);
        ldap = middle.realm.hang("ldap");
        middle.answered(hugo);
        workUntilTrapped(A_MOMENT);

        middle.answered(maria);
        middle.worker.turn(A_MOMENT);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        answer();
        middle.worker.turn(A_WHILE);
        assertThat(middle.delegation(hugo).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_code_whose_directory_answers_late_is_claimed_anew_before_it_is_sent() {
        middle.queue.start();
        middle.cronofy.opens(hugo.email());
        ldap.answer();
        middle.asked(hugo);
        ldap = middle.realm.hang("ldap");
        middle.answered(hugo);
        workUntilTrapped(Duration.ZERO);

        middle.clock.turn(Duration.ofSeconds(59));
        answer();
        assertThat(middle.cronofy.received(Call.EXCHANGE)).isEmpty();

        middle.worker.turn(A_WHILE);
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
        assertThat(middle.delegation(hugo).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_backfill_asks_for_all_others_of_a_step() {
        ldap.answer();
        TestUser zoe = middle.member("zoe");
        ldap = middle.realm.hang("ldap");
        CompletableFuture<Integer> asked = new CompletableFuture<>();
        Thread thread = new Thread(() ->
                asked.complete(middle.requests.backfill(middle.link, "run", List.of(hugo.id(), maria.id(), zoe.id()))));
        thread.setDaemon(true);
        thread.start();
        ldap.awaitQuestion();

        assertThat(asks()).containsExactly("maria@acme.example zoe@acme.example");

        ldap.answer();
        assertThat(asked.join()).isEqualTo(3);
    }
}
