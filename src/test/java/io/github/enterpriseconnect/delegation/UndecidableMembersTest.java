package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.DirectorySilent;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A member on whom nobody can decide now, for their directory does not answer, keeps nobody else waiting. */
class UndecidableMembersTest {
    private final Middle middle = new Middle();
    private TestUser silent;
    private TestUser maria;

    @BeforeEach
    void link_the_organization() {
        middle.linked();
        silent = middle.member("a-silent");
        maria = middle.member("maria");
    }

    static Stream<RuntimeException> failures() {
        return Stream.of(
                new DirectorySilent(new IllegalStateException("LDAP")),
                new IllegalStateException("a directory that fails in its own way"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void the_others_of_the_batch_are_asked_for_at_once(RuntimeException failure) {
        middle.realm.silence(silent, failure);
        middle.queue.add(middle.link, silent.id(), SignIn.DIRECT);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);

        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.received(Call.ASK)).extracting(Received::what).containsExactly("maria@acme.example");
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.ASKED);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void the_others_are_asked_for_again_when_it_is_time(RuntimeException failure) {
        middle.queue.start();
        middle.queue.add(middle.link, silent.id(), SignIn.DIRECT);
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        middle.realm.silence(silent, failure);

        middle.worker.turn(Duration.ofHours(1));

        assertThat(middle.delegation(maria).attempts()).isGreaterThan(1);
        assertThat(middle.delegation(silent).state()).isEqualTo(Delegation.State.ASKED);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whoever_was_never_asked_for_is_once_their_directory_answers_without_another_sign_in(RuntimeException failure) {
        middle.queue.start();
        middle.realm.silence(silent, failure);
        middle.queue.add(middle.link, silent.id(), new SignIn("acme-idp", null));
        middle.worker.turn(Duration.ofHours(1));
        assertThat(middle.cronofy.received(Call.ASK)).isEmpty();

        middle.realm.answerAgain(silent);
        middle.worker.turn(Duration.ofMinutes(30));

        assertThat(middle.delegation(silent).state()).isEqualTo(Delegation.State.ASKED);
        assertThat(middle.delegation(silent).identityProvider()).isEqualTo("acme-idp");
    }

    /** More than would be taken for a database that is away. */
    @Test
    void one_after_the_other_who_cannot_be_decided_on_keep_nobody_behind_them_waiting() {
        for (int i = 0; i < 5; i++) {
            TestUser poison = middle.member("a-poison-" + i);
            middle.realm.silence(poison);
            middle.queue.add(middle.link, poison.id(), SignIn.DIRECT);
        }
        middle.queue.add(middle.link, maria.id(), SignIn.DIRECT);

        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.received(Call.ASK)).extracting(Received::what).containsExactly("maria@acme.example");
    }

    @Test
    void a_directory_that_stays_silent_is_asked_less_and_less() {
        middle.queue.start();
        middle.realm.silence(silent);
        middle.queue.add(middle.link, silent.id(), SignIn.DIRECT);

        middle.worker.turn(Duration.ofHours(2));

        assertThat(middle.worker.failures().size()).isBetween(2, 60);
    }
}
