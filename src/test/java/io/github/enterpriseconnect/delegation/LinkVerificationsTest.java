package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.core.Verification;
import io.github.enterpriseconnect.core.Verification.Result;
import io.github.enterpriseconnect.delegation.DelegationAnswers.Receipt;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization.Outcome;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.TestUser;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkVerificationsTest {
    private static final Mailbox PROBE = new Mailbox("probe@acme.example");
    private static final String CODE = "{\"authorization\": {\"code\": \"code-of-probe\"}}";

    private final Middle middle = new Middle();

    @BeforeEach
    void link() {
        middle.linked();
        middle.cronofy.grants("acc_probe");
        middle.cronofy.opens(PROBE.address());
        middle.dispatcher.start();
        middle.queue.start();
        middle.verifications.start();
    }

    private void begin() {
        middle.verifications.begin(middle.link, PROBE);
        middle.worker.run();
    }

    private Receipt answer(String body) {
        String url = middle.cronofy.callbackOf(PROBE.address());
        return answer(url, body);
    }

    private Receipt answer(String url, String body) {
        String ticket = url.substring(url.lastIndexOf('/') + 1);
        Receipt receipt = middle.answers.receive(
                middle.realm.id(), ticket, Optional.empty(), body.getBytes(StandardCharsets.UTF_8));
        middle.worker.run();
        return receipt;
    }

    private Optional<Verification> verified() {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.verifications().of(work.links().get(middle.link)));
    }

    private String result() {
        Verification found = verified().orElseThrow();
        return found.resultWord() + (found.reasonWord() == null ? "" : " " + found.reasonWord());
    }

    private NotVerifiable.Why refusal(Mailbox mailbox) {
        return catchThrowableOfType(NotVerifiable.class, () -> middle.verifications.begin(middle.link, mailbox))
                .why();
    }

    private List<Revocation.State> outcomes() {
        return middle.revocations().stream().map(Revocation::state).toList();
    }

    @Test
    void a_mailbox_of_nobody_s_is_asked_for_opened_and_given_back() {
        begin();
        assertThat(result()).isEqualTo("pending");
        assertThat(middle.cronofy.received(Call.ASK)).singleElement().satisfies(call -> assertThat(call.what())
                .isEqualTo(PROBE.address()));

        assertThat(answer(CODE)).isEqualTo(Receipt.TAKEN);

        assertThat(result()).isEqualTo("proven");
        assertThat(verified().orElseThrow().mailbox()).isEqualTo("p\u2026@acme.example");
        assertThat(middle.cronofy.received(Call.REVOKE)).hasSize(1);
        assertThat(middle.revocations()).singleElement().satisfies(order -> {
            assertThat(order.state()).isEqualTo(Revocation.State.DELIVERED);
            assertThat(order.cause().reason()).isEqualTo(Reason.VERIFICATION);
        });
        assertThat(middle.tables.rows("EC_DELEGATION")).isEmpty();
        assertThat(middle.tables.rows("EC_VERIFICATION"))
                .singleElement()
                .asString()
                .doesNotContain(PROBE.address());
        assertThat(middle.tables.rows("EC_REVOCATION"))
                .singleElement()
                .asString()
                .doesNotContain(PROBE.address());
    }

    @Test
    void a_mailbox_is_asked_for_what_a_member_s_would_be_and_a_refusal_of_that_is_told_in_words_of_its_own() {
        middle.realm.wants("read_only");
        begin();
        assertThat(middle.cronofy.scopeOf(PROBE.address())).isEqualTo("read_only");

        answer("{\"authorization\": {\"error\": \"unable_to_grant_scope\"}}");

        assertThat(result()).isEqualTo("failed scope_not_granted");
    }

    @Test
    void a_member_s_mailbox_is_not_opened_a_second_time() {
        Mailbox maria = new Mailbox("maria@acme.example");
        middle.verifications.begin(middle.link, maria);
        middle.worker.run();
        String url = middle.cronofy.callbackOf(maria.address());
        middle.granted("maria");

        answer(url, CODE);

        assertThat(result()).isEqualTo("failed account_held");
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
        assertThat(refusal(maria)).isEqualTo(NotVerifiable.Why.IN_USE);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    @Test
    void what_a_member_holds_by_another_name_is_forgotten_and_not_revoked_and_looked_at_at_once() {
        TestUser maria = middle.granted("maria");
        Mailbox alias = new Mailbox("alias@acme.example");
        middle.verifications.begin(middle.link, alias);
        middle.worker.run();
        middle.cronofy.opens(alias.address());

        answer(middle.cronofy.callbackOf(alias.address()), CODE);
        middle.worker.turn(Duration.ofMinutes(5));

        assertThat(result()).isEqualTo("proven");
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
        assertThat(outcomes()).containsExactly(Revocation.State.KEPT);
        assertThat(middle.cronofy.received(Call.REFRESH)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_member_whose_tokens_were_ended_by_it_is_known_to_have_none() {
        TestUser maria = middle.granted("maria");
        Mailbox alias = new Mailbox("alias@acme.example");
        middle.verifications.begin(middle.link, alias);
        middle.worker.run();
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        answer(middle.cronofy.callbackOf(alias.address()), CODE);

        assertThat(middle.delegation(maria).state()).isNotEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_member_is_not_granted_what_a_verification_s_revocation_has_ended_in_the_same_moment() {
        TestUser maria = middle.member("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens("maria@acme.example");
        Mailbox alias = new Mailbox("alias@acme.example");
        middle.verifications.begin(middle.link, alias);
        middle.worker.run();
        String url = middle.cronofy.callbackOf(alias.address());
        middle.asked(maria);
        middle.answered(maria);
        middle.cronofy.during(Call.EXCHANGE, () -> {
            Middle another = new Middle(middle);
            another.clock.turn(Duration.ofMillis(5));
            another.answers.receive(
                    middle.realm.id(),
                    url.substring(url.lastIndexOf('/') + 1),
                    Optional.empty(),
                    CODE.getBytes(StandardCharsets.UTF_8));
            another.worker.run();
            assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
        });
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isNotEqualTo(Delegation.State.GRANTED);
        middle.worker.turn(Duration.ofMinutes(2));
        middle.asked(maria);
        middle.answered(maria);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        middle.worker.turn(Duration.ofMinutes(5));
        assertThat(outcomes()).doesNotContain(Revocation.State.PENDING);
    }

    @Test
    void what_is_granted_to_a_member_meanwhile_is_kept_for_them() {
        TestUser maria = middle.member("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens("maria@acme.example");
        middle.verifications.begin(middle.link, new Mailbox("maria@acme.example"));
        middle.worker.run();
        String url = middle.cronofy.callbackOf("maria@acme.example");
        middle.asked(maria);

        answer(url, CODE);
        middle.answered(maria);
        middle.worker.turn(Duration.ofMinutes(5));

        assertThat(result()).isEqualTo("proven");
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
        assertThat(outcomes()).containsExactly(Revocation.State.KEPT);
    }

    @Test
    void what_a_member_of_whichever_realm_is_being_asked_for_is_not_revoked_before_their_answer_is_due() {
        TestUser maria = middle.member("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens("maria@acme.example");
        middle.verifications.begin(middle.link, new Mailbox("maria@acme.example"));
        middle.worker.run();
        String url = middle.cronofy.callbackOf("maria@acme.example");
        middle.asked(maria);
        middle.anotherRealm("realm-2");
        middle.tables.inTransaction(entities -> entities.createNativeQuery(
                        "update EC_DELEGATION set REALM_ID = 'realm-2' where USER_ID = '" + maria.id() + "'")
                .executeUpdate());

        answer(url, CODE);
        middle.worker.turn(Duration.ofSeconds(100));
        assertThat(outcomes()).containsExactly(Revocation.State.PENDING);

        middle.worker.turn(Duration.ofSeconds(40));
        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void what_a_member_has_been_answered_is_kept_for_them_however_long_it_takes_to_redeem_it() {
        TestUser maria = middle.member("maria");
        middle.cronofy.grants("acc_maria");
        middle.cronofy.opens("maria@acme.example");
        middle.verifications.begin(middle.link, new Mailbox("maria@acme.example"));
        middle.worker.run();
        String url = middle.cronofy.callbackOf("maria@acme.example");
        middle.asked(maria);
        middle.answered(maria);
        Middle another = new Middle(middle);
        another.dispatcher.start();
        another.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                CODE.getBytes(StandardCharsets.UTF_8));
        another.worker.turn(Duration.ofMinutes(3));
        assertThat(result()).isEqualTo("proven");
        assertThat(outcomes()).containsExactly(Revocation.State.PENDING);

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        another.worker.turn(Duration.ofMinutes(15));
        assertThat(outcomes()).containsExactly(Revocation.State.KEPT);
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();
    }

    @Test
    void nobody_is_asked_for_while_the_revocation_of_their_mailbox_is_pending_and_then_they_are() {
        TestUser probe = middle.realm.user(PROBE.address()).in(middle.link.name(), Middle.DOMAIN);
        middle.cronofy.fails(Call.REVOKE, new CronofyException.Unavailable("503", Duration.ZERO));
        begin();
        answer(CODE);
        middle.queue.add(middle.link, probe.id(), SignIn.DIRECT);
        middle.worker.turn(Middle.COALESCE);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
        assertThat(refusal(PROBE)).isEqualTo(NotVerifiable.Why.REVOKING);

        middle.worker.turn(Duration.ofMinutes(2));

        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    @Test
    void a_member_s_ask_does_not_wait_for_a_verification() {
        begin();
        TestUser probe = middle.realm.user(PROBE.address()).in(middle.link.name(), Middle.DOMAIN);

        middle.asked(probe);

        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    @Test
    void a_refusal_is_told_with_cronofy_s_words_and_changes_nothing_else() {
        begin();

        answer("{\"authorization\": {\"error\": \"access_denied\", \"error_description\": \"no mailbox\"}}");

        assertThat(result()).isEqualTo("failed refused_by_cronofy");
        assertThat(verified().orElseThrow().detail()).isEqualTo("access_denied no mailbox");
        assertThat(middle.revocations()).isEmpty();
        assertThat(middle.link().problem()).isNull();
    }

    @Test
    void another_mailbox_than_was_named_proves_nothing_and_is_given_back() {
        middle.cronofy.opens("other@acme.example");
        begin();

        answer(CODE);

        assertThat(result()).isEqualTo("failed wrong_profile");
        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void no_answer_is_a_result_and_one_that_comes_late_counts_until_the_next_day() {
        begin();
        middle.worker.turn(Duration.ofMinutes(16));
        assertThat(result()).isEqualTo("failed no_answer");

        answer(CODE);
        assertThat(result()).isEqualTo("proven");
        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);

        begin();
        middle.worker.turn(Duration.ofHours(25));
        assertThat(answer(CODE)).isEqualTo(Receipt.TAKEN);
        assertThat(result()).isEqualTo("failed no_answer");
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
    }

    @Test
    void an_answer_that_comes_twice_is_redeemed_once() {
        begin();
        answer(CODE);

        assertThat(answer(CODE)).isEqualTo(Receipt.TAKEN);

        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
    }

    @Test
    void an_outage_is_waited_for_and_is_the_result_at_last() {
        for (int i = 0; i < 3; i++) {
            middle.cronofy.fails(Call.ASK, new CronofyException.Unavailable("503", Duration.ZERO));
        }
        begin();
        assertThat(result()).isEqualTo("pending unavailable");
        middle.worker.turn(Duration.ofMinutes(3));
        assertThat(result()).isEqualTo("pending");
        answer(CODE);
        assertThat(result()).isEqualTo("proven");

        for (int i = 0; i < 100; i++) {
            middle.cronofy.fails(Call.ASK, new CronofyException.Unavailable("503", Duration.ZERO));
        }
        middle.clock.turn(Duration.ofHours(1));
        begin();
        middle.worker.turn(Duration.ofMinutes(16));
        assertThat(result()).isEqualTo("failed unavailable");
    }

    @Test
    void what_is_refused_at_once_is_a_result_at_once_and_the_link_is_as_well_as_before() {
        middle.cronofy.fails(Call.ASK, new CronofyException.Refused("422", true));
        begin();
        assertThat(result()).isEqualTo("failed refused_by_cronofy");

        middle.cronofy.fails(Call.ASK, new CronofyException.Misconfigured("402"));
        begin();
        assertThat(result()).isEqualTo("failed misconfigured");
        assertThat(middle.link().problem()).isNull();
        assertThat(middle.granted("maria")).isNotNull();
    }

    @Test
    void a_code_whose_redemption_nobody_knows_of_is_sent_once_more() {
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.Unavailable("no answer", Duration.ZERO));
        middle.cronofy.fails(Call.EXCHANGE, new CronofyException.GrantGone("invalid_grant"));
        begin();

        answer(CODE);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(2);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
        assertThat(result()).isEqualTo("pending");

        answer(CODE);
        assertThat(result()).isEqualTo("proven");
        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void what_gets_lost_twice_is_told() {
        begin();
        for (int i = 0; i < 2; i++) {
            middle.cronofy.fails(Call.EXCHANGE, new CronofyException.Unavailable("no answer", Duration.ZERO));
            middle.cronofy.fails(Call.EXCHANGE, new CronofyException.GrantGone("invalid_grant"));
            answer(CODE);
            middle.worker.turn(Duration.ofMinutes(1));
        }

        assertThat(result()).isEqualTo("failed unavailable");
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
    }

    @Test
    void whoever_comes_late_changes_nothing() {
        Middle another = new Middle(middle);
        middle.cronofy.script(Call.ASK, () -> {
            String url = middle.cronofy.callbackOf(PROBE.address());
            another.answers.receive(
                    middle.realm.id(),
                    url.substring(url.lastIndexOf('/') + 1),
                    Optional.empty(),
                    CODE.getBytes(StandardCharsets.UTF_8));
            another.worker.run();
            throw new CronofyException.Unavailable("no answer", Duration.ZERO);
        });

        begin();
        middle.worker.turn(Duration.ofHours(25));

        assertThat(result()).isEqualTo("proven");
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void a_link_that_is_suspended_meanwhile_opens_nothing() {
        begin();
        suspend();

        answer(CODE);

        assertThat(result()).isEqualTo("failed suspended");
        assertThat(middle.cronofy.received(Call.EXCHANGE)).isEmpty();
    }

    private void suspend() {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(
                        Suspensions.Subject.link(middle.link.name()),
                        new Suspensions.Suspension(middle.clock.instant(), "admin", true)));
    }

    @Test
    void a_node_that_is_killed_leaves_nothing_undone() {
        middle.verifications.begin(middle.link, PROBE);
        Middle another = new Middle(middle);
        another.verifications.start();
        another.dispatcher.start();
        another.worker.turn(Duration.ofSeconds(11));
        assertThat(result()).isEqualTo("pending");
        String url = middle.cronofy.callbackOf(PROBE.address());
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                CODE.getBytes(StandardCharsets.UTF_8));

        another.worker.turn(Duration.ofSeconds(11));

        assertThat(result()).isEqualTo("proven");
        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void what_was_granted_is_given_back_even_if_our_tables_were_away() {
        begin();
        String url = middle.cronofy.callbackOf(PROBE.address());
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                CODE.getBytes(StandardCharsets.UTF_8));
        middle.cronofy.during(Call.EXCHANGE, () -> middle.transactions.fail(true));
        middle.worker.run();
        assertThat(middle.cronofy.received(Call.REVOKE)).isEmpty();

        middle.transactions.fail(false);
        middle.worker.turn(Duration.ofSeconds(15));

        assertThat(result()).isEqualTo("proven");
        assertThat(middle.cronofy.received(Call.EXCHANGE)).hasSize(1);
        assertThat(outcomes()).containsExactly(Revocation.State.DELIVERED);
    }

    @Test
    void nobody_s_account_is_revoked_by_its_token_alone() {
        middle.cronofy.grants(null);
        begin();

        answer(CODE);

        assertThat(result()).isEqualTo("proven");
        assertThat(middle.cronofy.received(Call.REVOKE)).singleElement().satisfies(call -> assertThat(call.what())
                .startsWith("unknown-")
                .contains(" by "));
    }

    @Test
    void an_address_outside_of_the_approved_domains_is_refused() {
        assertThat(refusal(new Mailbox("probe@other.example"))).isEqualTo(NotVerifiable.Why.DOMAIN);
        assertThat(refusal(new Mailbox("probe@sub.acme.example"))).isEqualTo(NotVerifiable.Why.DOMAIN);
        assertThat(middle.cronofy.received(Call.ASK)).isEmpty();
    }

    @Test
    void a_link_that_is_not_active_or_suspended_is_refused() {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .approve(middle.link, List.of(new LinkDomain(new Domain(Middle.DOMAIN), false))));
        assertThat(refusal(PROBE)).isEqualTo(NotVerifiable.Why.NOT_ACTIVE);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .approve(middle.link, List.of(new LinkDomain(new Domain(Middle.DOMAIN), true))));
        suspend();
        assertThat(refusal(PROBE)).isEqualTo(NotVerifiable.Why.SUSPENDED);
    }

    @Test
    void an_unlinked_link_is_refused_and_forgets_what_it_was_proven_by() {
        begin();
        answer(CODE);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));

        assertThat(refusal(PROBE)).isEqualTo(NotVerifiable.Why.NOT_ACTIVE);
        assertThat(middle.tables.rows("EC_VERIFICATION")).isEmpty();
    }

    @Test
    void an_answer_for_a_link_that_is_gone_is_given_back_without_a_result() {
        begin();
        String url = middle.cronofy.callbackOf(PROBE.address());
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                CODE.getBytes(StandardCharsets.UTF_8));
        middle.cronofy.during(
                Call.EXCHANGE,
                () -> middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link)));

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.tables.rows("EC_VERIFICATION")).isEmpty();
        assertThat(middle.revocations())
                .extracting(Revocation::subject)
                .containsExactlyInAnyOrder("acc_probe", Middle.SERVICE_ACCOUNT);
        assertThat(outcomes()).containsOnly(Revocation.State.DELIVERED);
    }

    @Test
    void another_service_account_is_not_proven_by_what_the_former_was() {
        begin();
        answer(CODE);

        middle.linked(middle.link, "ser_2", middle.cronofy.tokens(Duration.ofHours(3)));

        assertThat(verified()).isEmpty();
    }

    @Test
    void one_at_a_time_and_five_within_an_hour() {
        begin();
        assertThat(refusal(PROBE)).isEqualTo(NotVerifiable.Why.UNDER_WAY);
        answer(CODE);
        for (int i = 1; i < LinkVerifications.MOST_AN_HOUR; i++) {
            begin();
            answer(CODE);
        }

        NotVerifiable full =
                catchThrowableOfType(NotVerifiable.class, () -> middle.verifications.begin(middle.link, PROBE));
        assertThat(full.why()).isEqualTo(NotVerifiable.Why.TOO_MANY);
        assertThat(full.retryAfter()).isBetween(Duration.ofMinutes(50), Duration.ofHours(1));

        middle.clock.turn(full.retryAfter());
        begin();
        assertThat(result()).isEqualTo("pending");
    }

    @Test
    void of_two_who_begin_the_first_one_ever_at_once_one_begins() {
        AtomicBoolean begun = new AtomicBoolean();
        middle.tables.listening(
                statement -> {
                    // What is under way has been looked at by then.
                    if (statement.contains("EC_REVOCATION") && begun.compareAndSet(false, true)) {
                        middle.verifications.begin(middle.link, PROBE);
                    }
                },
                () -> assertThat(refusal(new Mailbox("other@acme.example"))).isEqualTo(NotVerifiable.Why.UNDER_WAY));

        assertThat(begun).isTrue();
        middle.worker.run();
        assertThat(middle.cronofy.received(Call.ASK)).singleElement().satisfies(call -> assertThat(call.what())
                .isEqualTo(PROBE.address()));
        answer(CODE);
        assertThat(result()).isEqualTo("proven");
    }

    /** The second one has sent its request for the lock before the first has committed. */
    @Test
    void of_two_who_are_at_the_lock_at_once_one_begins() throws Exception {
        begin();
        answer(CODE);
        CountDownLatch atTheLock = new CountDownLatch(1);
        FutureTask<NotVerifiable.Why> second = new FutureTask<>(() -> refusal(new Mailbox("other@acme.example")));
        Thread rival = new Thread(second);
        middle.transactions.meanwhile(() -> {
            rival.start();
            await(atTheLock);
        });

        middle.tables.listening(
                statement -> {
                    if (Thread.currentThread().equals(rival) && statement.contains("for update")) {
                        atTheLock.countDown();
                    }
                },
                this::begin);

        assertThat(second.get(1, TimeUnit.MINUTES)).isEqualTo(NotVerifiable.Why.UNDER_WAY);
        assertThat(middle.cronofy.received(Call.ASK)).hasSize(2);
        answer(CODE);
        assertThat(result()).isEqualTo("proven");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private record Departed(String state, String cookie) {}

    /** Somebody authorizes the link anew by an invitation. */
    private Departed authorize() {
        Departed departed = depart();
        assertThat(complete(departed)).isEqualTo(Outcome.LINKED);
        return departed;
    }

    private Outcome complete(Departed departed) {
        return middle.authorization.complete(middle.realm.id(), departed.state(), departed.cookie(), "code", null);
    }

    private Departed depart() {
        String ticket = middle.transactions.inRealm(middle.realm.id(), work -> {
            String url = middle.invitations
                    .invite(
                            work,
                            work.realm().settings().orElseThrow(),
                            new Invitations.Wish(middle.link, "admin", false, Duration.ofHours(1)),
                            "https://id.example.com")
                    .ticketUrl()
                    .reveal();
            return url.substring(url.lastIndexOf('/') + 1);
        });
        Invitations.Departure departure = middle.invitations
                .depart(middle.realm.id(), ticket, "https://id.example.com")
                .orElseThrow();
        String url = departure.authorizationUrl().toString();
        return new Departed(
                url.substring(url.indexOf("state=") + 6), departure.cookie().reveal());
    }

    private NotVerifiable.Why refusal(String state, String cookie, String address) {
        return catchThrowableOfType(
                        NotVerifiable.class,
                        () -> middle.verifications.beginAsAuthorizer(middle.realm.id(), state, cookie, address))
                .why();
    }

    @Test
    void whoever_has_just_authorized_the_link_may_have_it_verified_once() {
        Departed departed = authorize();
        assertThat(middle.verifications.right(middle.realm.id(), departed.state(), departed.cookie()))
                .hasValueSatisfying(right -> assertThat(right.used()).isFalse());
        assertThat(refusal(departed.state(), departed.cookie(), "nonsense")).isEqualTo(NotVerifiable.Why.ADDRESS);
        assertThat(refusal(departed.state(), departed.cookie(), "a@other.example"))
                .isEqualTo(NotVerifiable.Why.DOMAIN);

        middle.verifications.beginAsAuthorizer(
                middle.realm.id(), departed.state(), departed.cookie(), " " + PROBE.address() + " ");
        middle.worker.run();
        answer(CODE);

        assertThat(middle.verifications.right(middle.realm.id(), departed.state(), departed.cookie()))
                .hasValueSatisfying(right -> {
                    assertThat(right.used()).isTrue();
                    assertThat(right.verification().orElseThrow().result()).isEqualTo(Result.PROVEN);
                });
        assertThat(refusal(departed.state(), departed.cookie(), PROBE.address()))
                .isEqualTo(NotVerifiable.Why.NOT_YOURS);
    }

    @Test
    void another_browser_a_foreign_state_a_late_one_and_one_of_a_link_that_has_ended_may_not() {
        Departed departed = authorize();
        assertThat(refusal(departed.state(), "another cookie", PROBE.address())).isEqualTo(NotVerifiable.Why.NOT_YOURS);
        assertThat(refusal("forged", departed.cookie(), PROBE.address())).isEqualTo(NotVerifiable.Why.NOT_YOURS);
        assertThat(middle.verifications.right(middle.realm.id(), departed.state(), "another cookie"))
                .isEmpty();

        middle.clock.turn(Duration.ofMinutes(61));
        assertThat(refusal(departed.state(), departed.cookie(), PROBE.address()))
                .isEqualTo(NotVerifiable.Why.NOT_YOURS);

        Departed again = authorize();
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        middle.linked();
        assertThat(refusal(again.state(), again.cookie(), PROBE.address())).isEqualTo(NotVerifiable.Why.NOT_YOURS);
    }

    @Test
    void a_round_trip_that_is_not_over_or_came_to_nothing_gives_no_right() {
        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        Departed departed = depart();
        assertThat(refusal(departed.state(), departed.cookie(), PROBE.address()))
                .isEqualTo(NotVerifiable.Why.NOT_YOURS);

        middle.cronofy.script(Call.EXCHANGE, () -> {
            assertThat(refusal(departed.state(), departed.cookie(), PROBE.address()))
                    .isEqualTo(NotVerifiable.Why.NOT_YOURS);
            throw new CronofyException.GrantGone("invalid_grant");
        });
        assertThat(complete(departed)).isEqualTo(Outcome.CODE_GONE);

        assertThat(refusal(departed.state(), departed.cookie(), PROBE.address()))
                .isEqualTo(NotVerifiable.Why.NOT_YOURS);
        assertThat(middle.cronofy.received(Call.ASK)).isEmpty();
    }

    @Test
    void whoever_authorized_before_has_no_right_any_more_and_sees_nobody_else_s_result() {
        Departed before = authorize();
        Departed departed = authorize();
        assertThat(refusal(before.state(), before.cookie(), PROBE.address())).isEqualTo(NotVerifiable.Why.NOT_YOURS);

        begin();
        answer(CODE);

        assertThat(middle.verifications.right(middle.realm.id(), departed.state(), departed.cookie()))
                .hasValueSatisfying(right -> assertThat(right.verification()).isEmpty());
    }

    @Test
    void links_are_told_apart_in_lists() {
        begin();
        answer(CODE);
        LinkId other = new LinkId(middle.realm.id(), "other");
        middle.linked(other, "ser_9", middle.cronofy.tokens(Duration.ofHours(3)));

        assertThat(middle.transactions
                        .inRealm(middle.realm.id(), work -> work.verifications()
                                .of(
                                        middle.realm.id(),
                                        List.of(
                                                work.links().get(middle.link),
                                                work.links().get(other))))
                        .keySet())
                .containsExactly(middle.link.name());
    }
}
