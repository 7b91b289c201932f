package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Sessions.Session;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom the memory of a node has lost is found again by the session that Keycloak keeps. */
class ForgottenSignInsTest {
    private static final SignIn BROKERED = new SignIn("acme-idp", null);
    private static final Duration FOUND_WITHIN = Duration.ofMinutes(5);
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    private final Middle middle = new Middle();
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        middle.clock.turn(A_SECOND);
        maria = middle.member("maria");
    }

    /** What the node that died had in memory is not there. */
    @Test
    void whoever_signed_in_right_before_the_node_died_is_asked_for_within_minutes_of_the_next_start() {
        middle.realm.sessions().begin(maria, BROKERED, middle.clock.instant());
        middle.clock.turn(Duration.ofMinutes(30));

        middle.start();
        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).containsExactly("maria@acme.example");
        assertThat(middle.delegation(maria).identityProvider()).isEqualTo("acme-idp");
    }

    @Test
    void whoever_signs_in_while_there_is_no_room_is_asked_for_once_there_is() {
        middle.start();
        middle.worker.turn(Duration.ofMinutes(1));
        LinkId crowded = new LinkId(middle.realm.id(), "crowded");
        IntStream.range(0, 10_000).forEach(number -> middle.queue.add(crowded, "nobody-" + number, SignIn.DIRECT));
        middle.realm.sessions().begin(maria, BROKERED, middle.clock.instant());

        assertThat(middle.queue.add(middle.link, maria.id(), BROKERED)).isFalse();
        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).containsExactly("maria@acme.example");
    }

    @Test
    void whoever_a_node_passed_by_that_did_not_know_of_the_link_yet_is_asked_for() {
        middle.start();
        middle.worker.turn(Duration.ofMinutes(10));
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());

        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).containsExactly("maria@acme.example");
    }

    @Test
    void whoever_signed_in_before_the_link_was_made_waits_for_the_next_sign_in() {
        LinkId globex = new LinkId(middle.realm.id(), "globex");
        TestUser john = middle.realm.user("john@acme.example").in("globex", Middle.DOMAIN);
        middle.realm.sessions().begin(john, SignIn.DIRECT, middle.clock.instant());
        middle.clock.turn(Duration.ofSeconds(2));
        middle.linked(globex, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));

        middle.start();
        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).isEmpty();
    }

    @Test
    void nobody_is_asked_for_twice_and_nobody_without_a_right_at_all() {
        TestUser stranger = middle.realm.user("stranger@nowhere.example");
        middle.realm.sessions().begin(stranger, SignIn.DIRECT, middle.clock.instant());
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        middle.start();
        middle.asked(maria);

        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).containsExactly("maria@acme.example");
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void whom_the_policy_denies_is_remembered_so_though_the_mapper_is_gone_since() {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .setPolicy(
                        middle.link,
                        new Policy(
                                Policy.Proof.KEYCLOAK,
                                Behaviour.Stated.NOTHING,
                                Set.of(),
                                Set.of("guests"),
                                Set.of(),
                                Set.of(),
                                Set.of())));
        maria.comeFrom("directory-1 with mapper");
        maria.groups().add("guests");
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        middle.start();
        middle.worker.turn(FOUND_WITHIN);

        maria.comeFrom("directory-1 without mapper");
        maria.groups().clear();
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(FOUND_WITHIN);
        assertThat(asks()).isEmpty();
    }

    @Test
    void whom_an_administrator_has_ended_since_the_sign_in_is_left_alone() {
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        Delegation granted = middle.granted(maria);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));

        middle.start();
        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REVOKED);
    }

    @Test
    void whoever_signed_in_after_the_end_is_found() {
        Delegation granted = middle.granted(maria);
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.termination.end(work, granted, Reason.ENDED_BY_ADMINISTRATOR));
        middle.clock.turn(A_SECOND);
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());

        middle.start();
        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).hasSize(2);
    }

    @Test
    void a_silent_directory_delays_nobody_else_and_its_users_are_found_when_it_answers() {
        TestUser silent = middle.member("a-silent");
        middle.realm.sessions().begin(silent, SignIn.DIRECT, middle.clock.instant());
        middle.realm.silence(silent);
        middle.clock.turn(A_SECOND);
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        middle.start();

        middle.worker.turn(FOUND_WITHIN);
        assertThat(asks()).containsExactly("maria@acme.example");
        middle.clock.turn(Duration.ofHours(3));
        middle.realm.answerAgain(silent);
        middle.worker.turn(FOUND_WITHIN);

        assertThat(middle.delegation(silent).state()).isEqualTo(Delegation.State.ASKED);
    }

    @Test
    void more_than_a_page_are_looked_at_in_one_go() {
        List<TestUser> members = IntStream.range(0, 450)
                .mapToObj(number -> middle.member("m" + number))
                .toList();
        members.forEach(member -> middle.realm.sessions().begin(member, SignIn.DIRECT, middle.clock.instant()));
        middle.start();

        middle.worker.turn(FOUND_WITHIN);

        assertThat(members)
                .allSatisfy(
                        member -> assertThat(middle.delegation(member).state()).isEqualTo(Delegation.State.ASKED));
    }

    @Test
    void a_realm_that_is_switched_off_has_nobody_asked_for() {
        middle.realm.sessions().begin(maria, SignIn.DIRECT, middle.clock.instant());
        middle.realm.switchOff();
        middle.start();

        middle.worker.turn(FOUND_WITHIN);

        assertThat(asks()).isEmpty();
    }

    @Test
    void whose_application_refreshes_tokens_is_asked_for_where_keycloak_keeps_no_sessions() {
        middle.start();

        refreshTokens(maria);
        middle.worker.turn(Duration.ofSeconds(20));

        assertThat(asks()).containsExactly("maria@acme.example");
        assertThat(middle.delegation(maria).identityProvider()).isEqualTo("acme-idp");
    }

    @Test
    void whose_application_refreshes_tokens_is_left_alone_if_nothing_is_left_to_do() {
        middle.granted(maria);
        middle.clock.turn(Duration.ofMinutes(10));
        middle.start();

        List<String> statements = middle.tables.statements(() -> refreshTokens(maria));
        middle.worker.turn(FOUND_WITHIN);

        assertThat(statements).isEmpty();
        assertThat(asks()).hasSize(1);
    }

    private void refreshTokens(TestUser user) {
        Session session = new Session("volatile", user.id(), middle.clock.instant(), middle.clock.instant());
        middle.transactions.doInRealm(
                middle.realm.id(), work -> middle.forgotten.refreshed(work, user, session, BROKERED));
    }

    private List<String> asks() {
        return middle.cronofy.received(Call.ASK).stream().map(Received::what).toList();
    }
}
