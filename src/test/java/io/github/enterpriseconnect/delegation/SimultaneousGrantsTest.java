package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.middle.HangingDirectory;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of two members whose codes bring one account at the same moment, one has it. */
class SimultaneousGrantsTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private final Middle middle = new Middle();

    private Obtained obtained(TestUser member) {
        return new Obtained(
                middle.asked(member),
                middle.application(),
                new Cronofy.Grant(
                        middle.cronofy.tokens(Duration.ofHours(3)), "acc_same", member.address(), ProfileState.UNKNOWN),
                middle.clock.instant());
    }

    @Test
    void one_account_is_stored_for_one_of_two_who_come_with_it_at_once() {
        middle.linked();
        TestUser maria = middle.member("maria");
        TestUser mario = middle.member("mario");
        Obtained marias = obtained(maria);
        Obtained marios = obtained(mario);
        ObtainedGrants first = grants();
        ObtainedGrants second = grants();
        List<CompletableFuture<?>> others = new java.util.concurrent.CopyOnWriteArrayList<>();

        // The first of both transactions only reads.
        middle.transactions.afterwards(() -> middle.transactions.meanwhile(() -> {
            CompletableFuture<?> other = CompletableFuture.runAsync(
                    () -> second.store(marios), each -> new Thread(each, "the other node").start());
            others.add(other);
            await().atMost(LONG).until(() -> other.isDone() || somebodyWaits());
        }));
        first.store(marias);
        others.forEach(CompletableFuture::join);

        assertThat(Stream.of(maria, mario).map(middle::delegation).map(Delegation::state))
                .containsExactly(Delegation.State.GRANTED, Delegation.State.REFUSED);
        assertThat(middle.delegation(mario).reason()).isEqualTo(Reason.ACCOUNT_HELD);
        assertThat(middle.realm.credential(mario)).isEmpty();
    }

    /** They share the account, and so the row that whoever stores something locks. */
    @Test
    void nobody_waits_for_the_directory_of_somebody_else() {
        middle.linked();
        TestUser maria = middle.member("maria");
        TestUser hugo = middle.member("hugo");
        Obtained marias = obtained(maria);
        Obtained hugos = obtained(hugo);
        middle.realm.importFrom("ldap", hugo);
        HangingDirectory ldap = middle.realm.hang("ldap");
        CompletableFuture<Void> other =
                CompletableFuture.runAsync(() -> grants().store(hugos), each -> new Thread(each, "the other").start());
        ldap.awaitQuestion();

        grants().store(marias);

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        ldap.answer();
        other.join();
        assertThat(middle.delegation(hugo).reason()).isEqualTo(Reason.ACCOUNT_HELD);
    }

    private ObtainedGrants grants() {
        return new ObtainedGrants(middle.transactions, middle.dispatcher, middle.retries, middle.clock);
    }

    private boolean somebodyWaits() {
        return middle.tables.inTransaction(entities -> ((Number) entities.createNativeQuery(
                                        "select count(*) from INFORMATION_SCHEMA.SESSIONS where BLOCKER_ID is not null")
                                .getSingleResult())
                        .intValue()
                > 0);
    }
}
