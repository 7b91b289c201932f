package io.github.enterpriseconnect.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.DataCenter;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Tokens;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.middle.Warnings;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The outbox of revocations: each goes to Cronofy until it is accepted, and nothing that is in use goes there. */
class RevocationDispatcherTest {
    private static final Duration RETRY_AFTER = Duration.ofHours(2);
    private static final Duration CLAIM = Duration.ofSeconds(60);

    private final Middle middle = new Middle();

    /** The link's own order does not open any more, and the members' need not suffer from that. */
    @Test
    void covered_revocations_are_sent_with_the_realm_s_own_secret_where_the_order_of_the_link_is_lost() {
        middle.linked();
        middle.granted("maria");
        middle.tables.masterKeys().lose();

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        middle.links.unlinked(middle.link);
        middle.worker.run();
        middle.dispatcher.deliverSoon();
        middle.worker.run();

        assertThat(middle.revocations())
                .extracting(Revocation::subject, Revocation::state)
                .contains(
                        tuple("acc_maria", Revocation.State.DELIVERED), tuple("ser_1", Revocation.State.UNDELIVERABLE));
    }

    @Test
    void what_is_due_is_sent_by_its_refresh_token_and_noted_as_delivered() {
        order("acc_maria", "refresh of maria");
        middle.clock.turn(Duration.ofSeconds(3));

        deliver();

        assertThat(sent()).containsExactly("acc_maria by refresh of maria");
        assertThat(revocation("acc_maria")).satisfies(delivered -> {
            assertThat(delivered.state()).isEqualTo(Revocation.State.DELIVERED);
            assertThat(delivered.endedAt()).isEqualTo(middle.clock.instant());
            assertThat(delivered.attempts()).isZero();
        });
        deliver();
        assertThat(sent()).hasSize(1);
    }

    /** Nobody tells the dispatcher of what another node, or a crash, has left behind. */
    @Test
    void a_sweep_finds_what_nobody_told_of() {
        middle.dispatcher.start();
        order("acc_maria", "refresh");

        middle.worker.turn(Duration.ofSeconds(5));

        assertThat(sent()).hasSize(1);
    }

    static Stream<CronofyException> failures() {
        return Stream.of(
                new CronofyException.Unavailable("503", Duration.ZERO),
                new CronofyException.Unavailable("503", RETRY_AFTER),
                new CronofyException.Refused("403", false),
                new CronofyException.Refused("422", true),
                new CronofyException.GrantGone("invalid_grant"),
                new CronofyException.TokenNotRecognised("401"),
                new CronofyException.Misconfigured("invalid_client"));
    }

    /** Whatever Cronofy says: what was ordered is never given up, or a right would live on that nobody knows of. */
    @ParameterizedTest
    @MethodSource("failures")
    void what_fails_is_counted_and_tried_again_no_earlier_than_cronofy_asks(CronofyException failure) {
        order("acc_maria", "refresh");
        middle.cronofy.fails(Call.REVOKE, failure);

        deliver();

        Instant next = middle.retries.afterOutage(middle.clock.instant(), 1, failure.retryAfter());
        assertThat(revocation("acc_maria")).satisfies(failed -> {
            assertThat(failed.problem()).isEqualTo(failure.reason());
            assertThat(failed.state()).isEqualTo(Revocation.State.PENDING);
            assertThat(failed.attempts()).isEqualTo(1);
            assertThat(failed.nextAttemptAt()).isEqualTo(next);
            assertThat(failed.endedAt()).isNull();
        });
        turnTo(next.minusMillis(1));
        deliver();
        assertThat(sent()).hasSize(1);
        turnTo(next);
        deliver();
        assertThat(sent()).containsExactly("acc_maria by refresh", "acc_maria by refresh");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void too_many_requests_are_a_matter_of_pace_and_no_failure() {
        order("acc_maria", "refresh");
        middle.cronofy.fails(Call.REVOKE, new CronofyException.NotDone("429", RETRY_AFTER));

        deliver();

        assertThat(revocation("acc_maria")).satisfies(waits -> {
            assertThat(waits.attempts()).isZero();
            assertThat(waits.problem()).isNull();
            assertThat(waits.nextAttemptAt()).isEqualTo(middle.clock.instant().plus(RETRY_AFTER));
        });
    }

    @Test
    void what_the_allowance_has_no_room_for_waits_without_being_counted() {
        order("acc_maria", "refresh");
        middle.cronofy.fails(Call.REVOKE, CronofyException.Unavailable.notSent(Duration.ofSeconds(7)));

        deliver();

        assertThat(revocation("acc_maria")).satisfies(waits -> {
            assertThat(waits.state()).isEqualTo(Revocation.State.PENDING);
            assertThat(waits.attempts()).isZero();
            assertThat(waits.problem()).isNull();
            assertThat(waits.nextAttemptAt()).isEqualTo(middle.clock.instant().plusSeconds(7));
        });
    }

    /** As where the secret was replaced, and the realm that ordered it is gone. */
    @Test
    void a_dead_secret_is_no_end_where_another_realm_of_the_application_has_the_present_one() {
        TestRealm other = middle.anotherRealm("realm-2");
        other.changeSecret("present");
        middle.linked(new LinkId("realm-2", "other"), "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));
        middle.transactions.doInRealm("realm-2", work -> work.links()
                .reorder("realm-2", other.application().orElseThrow()));
        order("acc_maria", "refresh");
        middle.transactions.remove(middle.realm);
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Misconfigured("invalid_client"));

        deliver();

        assertThat(middle.cronofy.received(Call.REVOKE))
                .extracting(received -> received.application().clientSecret().reveal())
                .containsExactly(middle.application().clientSecret().reveal(), "present");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    /** Its mailbox must not be blocked for ever; what is left is in Cronofy's dashboard. */
    @Test
    void what_cronofy_does_not_accept_for_a_week_is_given_up_and_says_why() {
        middle.transactions.doInRealm("realm-1", work -> work.revocations()
                .add(
                        new RevocationOrder(middle.application(), "acc_maria", Secret.of("refresh")),
                        new Revocation.Cause("realm-1", "acme", "maria", mailbox(), Reason.USER_REMOVED),
                        middle.clock.instant()));
        for (int i = 0; i < 2_000; i++) {
            middle.cronofy.fails(Call.REVOKE, new CronofyException.Misconfigured("invalid_client"));
        }
        int tries = 0;
        while (revocation("acc_maria").state() == Revocation.State.PENDING) {
            assertThat(middle.transactions.<Boolean>inServer(
                            work -> work.revocations().pendingFor(middle.applicationKey(), mailbox())))
                    .isTrue();
            turnTo(Objects.requireNonNull(revocation("acc_maria").nextAttemptAt()));
            deliver();
            tries++;
        }

        assertThat(tries).isBetween(300, 1_000);
        assertThat(revocation("acc_maria")).satisfies(givenUp -> {
            assertThat(givenUp.state()).isEqualTo(Revocation.State.UNDELIVERABLE);
            assertThat(givenUp.problem()).isEqualTo(Reason.MISCONFIGURED);
            assertThat(Duration.between(givenUp.createdAt(), givenUp.endedAt()))
                    .isBetween(Duration.ofDays(7), Duration.ofDays(8));
        });
        assertThat(middle.transactions.<Boolean>inServer(
                        work -> work.revocations().pendingFor(middle.applicationKey(), mailbox())))
                .isFalse();
    }

    /** Such as with a proxy that is away. */
    @Test
    void an_outage_of_more_than_a_week_ends_no_order() {
        order("acc_maria", "refresh");
        Instant end = middle.clock.instant().plus(Duration.ofDays(8));
        while (middle.clock.instant().isBefore(end)) {
            middle.cronofy.fails(
                    Call.REVOKE,
                    new CronofyException.NotDone("no route to host", Duration.ZERO, new IOException("refused")));
            turnTo(Objects.requireNonNull(revocation("acc_maria").nextAttemptAt()));
            deliver();
            assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
        }

        turnTo(Objects.requireNonNull(revocation("acc_maria").nextAttemptAt()));
        deliver();

        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    /** One that was ordered long ago, while no server ran, is not given up at its first failure. */
    @Test
    void an_old_order_is_tried_often_before_it_is_given_up() {
        order("acc_maria", "refresh");
        middle.clock.turn(Duration.ofDays(30));
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Misconfigured("invalid_client"));

        deliver();

        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
    }

    /** Cronofy answers the same whether or not a token is still worth anything. */
    @Test
    void what_may_have_a_dead_refresh_token_is_revoked_by_its_account() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        CredentialOwner owner = new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(maria).id(), maria.id());
        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("no answer in time", Duration.ZERO));
        assertThatThrownBy(() -> middle.credentials.forWork(owner)).isInstanceOf(CronofyException.class);

        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));
        deliver();

        assertThat(sent()).containsExactly("acc_maria");
    }

    @Test
    void a_link_that_may_have_a_dead_refresh_token_is_revoked_by_its_account() {
        middle.linked();
        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("no answer in time", Duration.ZERO));
        assertThatThrownBy(() -> middle.credentials.forWork(new CredentialOwner.OfLink(middle.link)))
                .isInstanceOf(CronofyException.class);

        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        deliver();

        assertThat(sent()).containsExactly("ser_1");
    }

    @Test
    void an_order_that_our_tables_cannot_take_is_written_once_they_are_back() {
        middle.dispatcher.start();
        middle.transactions.fail(true);
        middle.dispatcher.order(
                new RevocationOrder(middle.application(), "acc_maria", Secret.of("refresh")),
                new Revocation.Cause(middle.realm.id(), null, null, null, Reason.NOT_STORED));
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(sent()).isEmpty();

        middle.transactions.fail(false);
        middle.worker.turn(Duration.ofSeconds(10));

        assertThat(sent()).containsExactly("acc_maria by refresh");
    }

    /** No table of ours takes a name of that length. */
    @Test
    void an_order_that_cannot_be_written_at_all_keeps_no_other_from_being_written() {
        Revocation.Cause cause = new Revocation.Cause(middle.realm.id(), null, null, null, Reason.NOT_STORED);
        middle.dispatcher.order(new RevocationOrder(middle.application(), "acc_".repeat(100), Secret.of("one")), cause);
        middle.dispatcher.order(new RevocationOrder(middle.application(), "acc_maria", Secret.of("other")), cause);

        deliver();

        assertThat(sent()).containsExactly("acc_maria by other");
    }

    private static Mailbox mailbox() {
        return Mailbox.parse("maria@acme.example").orElseThrow();
    }

    @Test
    void every_failure_makes_the_pause_longer() {
        order("acc_maria", "refresh");

        for (int attempt = 1; attempt <= 4; attempt++) {
            middle.cronofy.fails(Call.REVOKE, new CronofyException.Unavailable("503", Duration.ZERO));
            deliver();
            Instant next = middle.retries.afterOutage(middle.clock.instant(), attempt, Duration.ZERO);
            assertThat(revocation("acc_maria").attempts()).isEqualTo(attempt);
            assertThat(revocation("acc_maria").nextAttemptAt()).isEqualTo(next);
            turnTo(next);
        }

        deliver();
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void one_that_fails_keeps_no_other_from_being_sent() {
        order("acc_maria", "refresh");
        order("acc_jonas", "refresh");
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Misconfigured("invalid_client"));

        deliver();

        assertThat(sent()).containsExactlyInAnyOrder("acc_maria by refresh", "acc_jonas by refresh");
        assertThat(middle.revocations())
                .extracting(Revocation::state)
                .containsExactlyInAnyOrder(Revocation.State.PENDING, Revocation.State.DELIVERED);
    }

    /** A fault of ours between claim and note. */
    @Test
    void what_breaks_on_the_way_keeps_no_other_back_and_is_sent_again_like_what_fails() {
        order("acc_maria", "refresh");
        middle.clock.turn(Duration.ofMillis(1));
        order("acc_jonas", "refresh");
        middle.cronofy.during(Call.REVOKE, () -> {
            throw new IllegalStateException("out of memory");
        });

        deliver();
        assertThat(sent()).containsExactly("acc_maria by refresh", "acc_jonas by refresh");
        Instant next = middle.retries.afterOutage(middle.clock.instant(), 1, Duration.ZERO);
        assertThat(revocation("acc_maria").nextAttemptAt()).isEqualTo(next);

        turnTo(next);
        deliver();
        assertThat(sent()).endsWith("acc_maria by refresh").hasSize(3);
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    /** The secret is rotated at Cronofy and in the settings; what was ordered before must still go out. */
    @Test
    void the_secret_that_the_realm_has_now_is_used() {
        order("acc_maria", "refresh");
        middle.realm.changeSecret("newer secret");

        deliver();

        assertThat(secrets()).containsExactly("newer secret");
    }

    /** The settings name another application by now, whose secret opens nothing of the former one. */
    @Test
    void an_application_that_the_realm_no_longer_has_is_used_with_its_own_secret() {
        Application former = new Application(DataCenter.DE, "former", Secret.of("former secret"));
        middle.transactions.doInRealm("realm-1", work -> work.revocations()
                .add(
                        new RevocationOrder(former, "acc_maria", null),
                        Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                        middle.clock.instant()));

        deliver();

        assertThat(middle.cronofy.received(Call.REVOKE))
                .extracting(Received::application)
                .containsExactly(former);
    }

    @Test
    void the_secret_of_the_order_is_used_once_the_realm_is_gone() {
        order("acc_maria", "refresh");
        middle.realm.changeSecret("newer secret");
        middle.transactions.remove(middle.realm);

        deliver();

        assertThat(secrets()).containsExactly("client secret");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void the_secret_of_the_order_is_used_once_the_realm_has_none() {
        order("acc_maria", "refresh");
        middle.realm.loseSecret();

        deliver();

        assertThat(secrets()).containsExactly("client secret");
    }

    @Test
    void a_service_account_that_another_link_of_the_application_holds_is_kept() {
        order("ser_1", "refresh");
        middle.anotherRealm("realm-2");
        middle.linked(new LinkId("realm-2", "other"), "ser_1", middle.cronofy.tokens(Duration.ofHours(3)));

        deliver();

        assertThat(sent()).isEmpty();
        assertThat(revocation("ser_1")).satisfies(kept -> {
            assertThat(kept.state()).isEqualTo(Revocation.State.KEPT);
            assertThat(kept.endedAt()).isEqualTo(middle.clock.instant());
        });
    }

    /** It may be the very account that the member lives on. */
    @Test
    void what_nobody_names_is_kept_while_somebody_holds_the_mailbox() {
        middle.linked();
        Delegation delegation = middle.delegation(middle.granted("maria"));
        middle.dispatcher.order(
                new RevocationOrder(middle.application(), RevocationOrder.unnamed("ask"), Secret.of("refresh")),
                Revocation.Cause.of(delegation, Reason.NOT_STORED));

        deliver();

        assertThat(sent()).isEmpty();
        assertThat(revocation("unknown-ask").state()).isEqualTo(Revocation.State.KEPT);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
    }

    /** Cronofy gives one account for a mailbox, however many links it is reached through. */
    @Test
    void an_account_that_another_live_delegation_holds_is_kept() {
        middle.linked();
        middle.granted("maria");
        order("acc_maria", "refresh");

        deliver();

        assertThat(sent()).isEmpty();
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.KEPT);
    }

    /** Its second authorization may have ended the tokens of the first. */
    @Test
    void the_tokens_of_whoever_holds_what_is_kept_are_renewed_unless_they_are_those_of_the_order() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        order("acc_maria", stored(maria).refreshToken().reveal());
        deliver();
        assertThat(middle.cronofy.received(Call.REFRESH)).isEmpty();

        order("acc_maria", "refresh");
        deliver();

        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    private Tokens stored(TestUser member) {
        return middle.transactions
                .inRealm(middle.realm.id(), work -> work.credentials().stored(member.id()))
                .orElseThrow()
                .tokens();
    }

    @Test
    void an_account_is_revoked_although_an_ended_delegation_remembers_it() {
        middle.linked();
        TestUser maria = middle.granted("maria");
        Delegation delegation = middle.delegation(maria);
        middle.transactions.inRealm("realm-1", work -> middle.termination.end(work, delegation, Reason.USER_DISABLED));

        deliver();

        assertThat(sent()).singleElement().asString().startsWith("acc_maria by ");
    }

    @Test
    void an_order_that_no_longer_opens_is_noted_for_an_administrator_to_see() {
        order("acc_maria", "refresh");
        middle.tables.masterKeys().lose();

        deliver();

        assertThat(sent()).isEmpty();
        assertThat(revocation("acc_maria")).satisfies(lost -> {
            assertThat(lost.state()).isEqualTo(Revocation.State.UNDELIVERABLE);
            assertThat(lost.endedAt()).isEqualTo(middle.clock.instant());
        });
    }

    @Test
    void an_order_opens_after_the_master_realms_key_has_been_rotated() {
        order("acc_maria", "refresh");
        middle.tables.masterKeys().rotate();

        deliver();

        assertThat(sent()).containsExactly("acc_maria by refresh");
    }

    @Test
    void what_another_node_is_sending_is_left_to_it_until_its_claim_runs_out() {
        order("acc_maria", "refresh");
        claimElsewhere();

        deliver();
        assertThat(sent()).isEmpty();

        middle.clock.turn(CLAIM);
        deliver();
        assertThat(sent()).hasSize(1);
    }

    @Test
    void of_two_nodes_that_claim_at_the_same_moment_one_sends() {
        order("acc_maria", "refresh");
        middle.transactions.meanwhile(() -> middle.transactions.meanwhile(this::claimElsewhere));

        deliver();

        assertThat(sent()).isEmpty();
        assertThat(revocation("acc_maria").nextAttemptAt())
                .isEqualTo(middle.clock.instant().plus(CLAIM));
    }

    /** Granted and ended once more while the former revocation is on its way: that one does not stand for both. */
    @Test
    void a_newer_order_that_comes_while_the_older_is_on_the_wire_is_sent_too() {
        order("acc_maria", "older");
        middle.cronofy.during(Call.REVOKE, () -> order("acc_maria", "newer"));

        deliver();

        assertThat(sent()).containsExactly("acc_maria by older");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
        assertThat(revocation("acc_maria").nextAttemptAt()).isEqualTo(middle.clock.instant());
        deliver();
        assertThat(sent()).containsExactly("acc_maria by older", "acc_maria by newer");
        assertThat(middle.revocations()).extracting(Revocation::state).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void a_newer_order_is_the_one_that_is_tried_again_where_the_older_failed() {
        order("acc_maria", "older");
        middle.cronofy.script(Call.REVOKE, () -> {
            order("acc_maria", "newer");
            throw new CronofyException.Unavailable("503", Duration.ZERO);
        });

        deliver();
        middle.clock.turn(Duration.ofMinutes(1));
        deliver();

        assertThat(sent()).containsExactly("acc_maria by older", "acc_maria by newer");
    }

    @Test
    void what_its_service_account_takes_along_is_not_sent() {
        order("ser_1", "refresh");
        cover("acc_maria", "ser_1");

        deliver();

        assertThat(sent()).containsExactly("ser_1 by refresh");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(revocation("acc_maria").endedAt()).isEqualTo(middle.clock.instant());
    }

    @Test
    void a_vault_that_fails_in_a_way_of_its_own_is_no_end_where_a_link_has_the_secret() {
        Application application = middle.application();
        TestRealm silent = middle.anotherRealm("realm-2");
        middle.transactions.doInServer(work -> work.revocations()
                .add(
                        new RevocationOrder(application, "ser_1", Secret.of("refresh")),
                        Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                        middle.clock.instant()));
        String id = revocation("ser_1").id();
        middle.transactions.doInServer(work -> {
            for (int i = 0; i < 3; i++) {
                work.revocations()
                        .addCovered(
                                middle.applicationKey(),
                                "acc_silent" + i,
                                id,
                                new Revocation.Cause("realm-2", "acme", "user", null, Reason.UNLINKED),
                                middle.clock.instant());
            }
        });
        cover("acc_maria", "ser_1");
        middle.linked(new LinkId("realm-1", "other"), "ser_1", middle.cronofy.tokens(Duration.ofHours(3)));
        silent.failSecret(new IllegalStateException("the vault does not answer"));

        deliver();
        deliver();

        assertThat(sent()).containsExactlyInAnyOrder("acc_maria", "acc_silent0", "acc_silent1", "acc_silent2");
    }

    @Test
    void nobody_looks_up_a_secret_for_what_its_service_account_takes_along() {
        order("ser_1", "refresh");
        cover("acc_maria", "ser_1");
        middle.cronofy.during(
                Call.REVOKE, () -> middle.realm.failSecret(new IllegalStateException("the vault does not answer")));

        deliver();

        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.WITH_SERVICE_ACCOUNT);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void what_is_covered_waits_for_as_long_as_its_service_accounts_revocation_fails() {
        order("ser_1", "refresh");
        cover("acc_maria", "ser_1");
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Unavailable("503", Duration.ZERO));

        deliver();

        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.PENDING);
        assertThat(sent()).containsExactly("ser_1 by refresh");
    }

    /** The service account lives on in another link, and so would the member who has lost their right. */
    @Test
    void what_a_kept_service_account_does_not_take_along_is_sent_by_itself() {
        order("ser_1", "refresh");
        cover("acc_maria", "ser_1");
        middle.linked(new LinkId("realm-1", "other"), "ser_1", middle.cronofy.tokens(Duration.ofHours(3)));

        deliver();
        assertThat(revocation("ser_1").state()).isEqualTo(Revocation.State.KEPT);
        deliver();

        assertThat(sent()).containsExactly("acc_maria");
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.DELIVERED);
    }

    @Test
    void what_a_lost_order_does_not_take_along_is_sent_by_itself_where_a_link_has_the_secret() {
        order("ser_1", "refresh");
        cover("acc_maria", "ser_1");
        middle.tables.masterKeys().lose();
        middle.linked(new LinkId("realm-1", "other"), "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));

        deliver();
        assertThat(revocation("ser_1").state()).isEqualTo(Revocation.State.UNDELIVERABLE);
        deliver();

        assertThat(sent()).containsExactly("acc_maria");
    }

    @Test
    void what_nothing_is_left_to_send_with_ends_with_its_lost_cover() {
        order("ser_1", "refresh");
        cover("acc_maria", "ser_1");
        middle.tables.masterKeys().lose();
        middle.transactions.remove(middle.realm);

        deliver();

        assertThat(sent()).isEmpty();
        assertThat(revocation("acc_maria").state()).isEqualTo(Revocation.State.UNDELIVERABLE);
    }

    private void budgetIsShared() {
        middle.budget.prove(middle.application());
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 101})
    void more_than_a_batch_is_sent_one_after_the_other_as_there_is_room(int size) {
        middle.transactions.doInRealm(
                "realm-1", work -> IntStream.range(0, size).forEach(number -> work.revocations()
                        .add(
                                new RevocationOrder(middle.application(), "acc_" + number, null),
                                Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                                middle.clock.instant())));

        middle.dispatcher.deliverSoon();
        middle.worker.turn(Duration.ofSeconds(20));

        assertThat(sent()).hasSize(size).doesNotHaveDuplicates();
        assertThat(middle.revocations()).extracting(Revocation::state).containsOnly(Revocation.State.DELIVERED);
        assertThat(middle.revocations()).extracting(Revocation::attempts).containsOnly(0);
    }

    /** A whole batch that fails must not be taken again and again while the next one waits behind it. */
    @Test
    void a_whole_batch_that_fails_lets_the_next_one_through() {
        IntStream.range(0, 101).forEach(number -> order("acc_" + number, "refresh"));
        IntStream.range(0, 100)
                .forEach(number ->
                        middle.cronofy.fails(Call.REVOKE, new CronofyException.Unavailable("503", Duration.ZERO)));

        budgetIsShared();
        middle.dispatcher.deliverSoon();
        middle.worker.turn(Duration.ofSeconds(20));

        assertThat(sent()).hasSizeGreaterThanOrEqualTo(101).contains("acc_0 by refresh", "acc_100 by refresh");
        assertThat(Set.copyOf(sent())).hasSize(101);
    }

    @Test
    void more_members_than_are_settled_at_once_end_with_their_service_account() {
        order("ser_1", "refresh");
        String cover = revocation("ser_1").id();
        middle.transactions.doInRealm("realm-1", work -> IntStream.range(0, 501).forEach(number -> work.revocations()
                .addCovered(
                        middle.applicationKey(),
                        "acc_" + number,
                        cover,
                        Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                        middle.clock.instant())));

        deliver();

        assertThat(middle.revocations())
                .hasSize(502)
                .noneMatch(revocation -> revocation.state() == Revocation.State.PENDING);
    }

    /** As while a key store of the master realm is not there. */
    @Test
    void of_a_key_that_is_away_one_warning_tells_and_each_order_comes_ever_more_rarely() {
        IntStream.range(0, 101).forEach(number -> order("acc_" + number, "refresh"));
        middle.tables.masterKeys().takeAway();
        middle.dispatcher.start();

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(Duration.ofHours(1));

            assertThat(warnings.told()).singleElement().asString().contains("orders to revoke wait");
            assertThat(middle.worker.failures()).isEmpty();
            assertThat(middle.revocations()).allSatisfy(waits -> {
                assertThat(waits.state()).isEqualTo(Revocation.State.PENDING);
                assertThat(waits.problem()).isEqualTo(Reason.KEY_AWAY);
                assertThat(waits.attempts()).isBetween(12, 40);
            });

            middle.tables.masterKeys().bringBack();
            middle.worker.turn(Duration.ofMinutes(6));
            assertThat(sent()).hasSize(101);
            assertThat(warnings.told()).hasSize(2);

            middle.tables.masterKeys().takeAway();
            order("acc_later", "refresh");
            middle.tables.masterKeys().takeAway();
            middle.worker.turn(Duration.ofMinutes(1));
            assertThat(warnings.told()).hasSize(3);
        }
    }

    /** As many as are looked at in one go; the secret of one realm is nobody else's matter. */
    @Test
    void members_whose_secret_is_away_keep_no_other_from_being_settled_and_are_told_of_once() {
        order("ser_1", "refresh");
        String cover = revocation("ser_1").id();
        middle.anotherRealm("realm-2");
        coverIn("realm-1", cover, 501);
        middle.clock.turn(Duration.ofSeconds(1));
        coverIn("realm-2", cover, 1);
        middle.tables.masterKeys().lose();
        middle.realm.failSecret(Unreadable.because(Reason.MISCONFIGURED));
        middle.dispatcher.start();

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(Duration.ofMinutes(10));

            assertThat(sent()).containsExactly("acc_realm-2-0");
            assertThat(warnings.told())
                    .filteredOn(told -> told.contains("orders to revoke wait"))
                    .hasSize(1);
            assertThat(middle.worker.failures()).isEmpty();
            assertThat(revocation("acc_realm-1-0").problem()).isEqualTo(Reason.MISCONFIGURED);
            assertThat(revocation("acc_realm-1-0").attempts()).isBetween(5, 15);

            middle.realm.giveSecretBack();
            middle.worker.turn(Duration.ofMinutes(6));
            assertThat(sent()).hasSize(502);
            assertThat(revocation("acc_realm-1-0").attempts()).isZero();
        }
    }

    private void coverIn(String realm, String cover, int size) {
        middle.transactions.doInServer(work -> IntStream.range(0, size).forEach(number -> work.revocations()
                .addCovered(
                        middle.applicationKey(),
                        "acc_" + realm + "-" + number,
                        cover,
                        new Revocation.Cause(realm, "acme", "user", null, Reason.UNLINKED),
                        middle.clock.instant())));
    }

    /** Nothing moves, so to begin again at once would never end. */
    @Test
    void a_database_that_can_only_be_read_is_left_alone_until_the_next_sweep() {
        order("ser_1", "refresh");
        String cover = revocation("ser_1").id();
        deliver();
        coverIn("realm-1", cover, 500);
        IntStream.range(0, 100).forEach(number -> order("acc_" + number, "refresh"));
        middle.tables.refuseWrites(true);

        try (Warnings warnings = new Warnings()) {
            deliver();
            deliver();
            assertThat(warnings.told()).hasSize(1);
        }

        middle.tables.refuseWrites(false);
        middle.dispatcher.start();
        middle.worker.turn(Duration.ofMinutes(2));
        assertThat(sent()).hasSize(101);
    }

    private void order(String subject, String refreshToken) {
        middle.transactions.doInRealm("realm-1", work -> work.revocations()
                .add(
                        new RevocationOrder(middle.application(), subject, Secret.of(refreshToken)),
                        Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                        middle.clock.instant()));
    }

    private void cover(String subject, String cover) {
        String id = revocation(cover).id();
        middle.transactions.doInRealm("realm-1", work -> work.revocations()
                .addCovered(
                        middle.applicationKey(),
                        subject,
                        id,
                        Revocation.Cause.ofLink(middle.link, Reason.UNLINKED),
                        middle.clock.instant()));
    }

    /** Another node claims whatever is due. */
    private void claimElsewhere() {
        Instant now = middle.clock.instant();
        middle.transactions.doInServer(
                work -> work.dueRevocations().due(now, 100).forEach(due -> work.dueRevocations()
                        .claim(due.id(), now, now.plus(CLAIM))));
    }

    private void deliver() {
        middle.dispatcher.deliverSoon();
        middle.worker.run();
        assertThat(middle.worker.failures()).isEmpty();
    }

    private void turnTo(Instant when) {
        middle.clock.turn(Duration.between(middle.clock.instant(), when));
    }

    private Revocation revocation(String subject) {
        return middle.revocations().stream()
                .filter(one -> one.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private List<String> sent() {
        return middle.cronofy.received(Call.REVOKE).stream().map(Received::what).toList();
    }

    private List<String> secrets() {
        return middle.cronofy.received(Call.REVOKE).stream()
                .map(call -> call.application().clientSecret().reveal())
                .toList();
    }
}
