package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.storage.AnsweredAsk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What mailboxes are asked for, and what follows when a customer does not permit it. */
class GrantedScopeTest {
    private static final String BY_ERROR = """
            {"authorization": {"error": "unable_to_grant_scope", "error_description": "No more than busy times"}}""";
    private static final String BY_KEY = """
            {"authorization": {"error": "access_denied", "error_key": "unable_to_grant_scope"}}""";

    private final Middle middle = new Middle();

    @BeforeEach
    void link() {
        middle.linked();
    }

    @ParameterizedTest
    @CsvSource({
        "read_write, read_write, read_write",
        "read_write, read_only, read_only",
        "read_only, read_write, read_only",
        "free_busy_write, read_write, free_busy_write",
        "read_write, read_events create_event delete_event, read_events create_event delete_event",
        "read_only, read_events create_event delete_event, read_events",
        "read_only, write_only, read_only"
    })
    void a_mailbox_is_asked_for_what_was_granted_as_far_as_the_realm_wants_it(
            String wanted, String granted, String asked) {
        middle.realm.wants(wanted);
        grant(granted);

        TestUser maria = middle.member("maria");
        middle.asked(maria);

        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo(asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {BY_ERROR, BY_KEY})
    void without_a_policy_that_accepts_less_it_is_a_refusal_with_a_reason_of_its_own(String refusal) {
        TestUser maria = refusedOnce("maria", refusal);

        Delegation refused = middle.delegation(maria);
        assertThat(refused.state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(refused.reason()).isEqualTo(Reason.SCOPE_NOT_GRANTED);
        assertThat(refused.detail()).contains("unable_to_grant_scope");
        assertThat(refused.nextAttemptAt()).isAfter(middle.clock.instant());
        assertThat(asks()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {BY_ERROR, BY_KEY})
    void a_policy_that_accepts_busy_times_has_them_asked_for_alone_at_once(String refusal) {
        acceptFreeBusy(true);
        TestUser maria = refusedOnce("maria", refusal);
        middle.worker.turn(Middle.COALESCE);

        assertThat(asks()).isEqualTo(2);
        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("free_busy");
        middle.cronofy.opens(maria.email());
        middle.answered(maria);
        middle.worker.run();
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(middle.delegation(maria).history())
                .extracting(Delegation.Attempt::reason)
                .contains(Reason.SCOPE_NOT_GRANTED);
    }

    @Test
    void less_is_not_asked_for_where_it_was_not_granted_either() {
        acceptFreeBusy(true);
        grant("write_only");
        TestUser maria = refusedOnce("maria", BY_ERROR);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(asks()).isEqualTo(1);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.SCOPE_NOT_GRANTED);
    }

    @Test
    void less_is_not_asked_for_where_the_realm_has_come_to_want_something_else_meanwhile() {
        acceptFreeBusy(true);
        TestUser maria = refusedOnce("maria", BY_ERROR);
        middle.realm.wants("write_only");
        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("write_only");
    }

    @Test
    void the_code_of_a_backfill_s_second_ask_comes_after_everybody_else_s_too() {
        acceptFreeBusy(true);
        TestUser maria = middle.member("maria");
        middle.backfills.start();
        middle.backfills.begin(middle.link);
        middle.worker.turn(Duration.ofMinutes(1));
        middle.answered(maria, BY_ERROR);
        middle.worker.turn(Middle.COALESCE);
        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("free_busy");

        middle.answered(maria);

        assertThat(middle.transactions.<List<AnsweredAsk>>inServer(
                        work -> work.due().asks().unredeemed(middle.clock.instant(), Instant.EPOCH, 10)))
                .hasSize(1)
                .allMatch(AnsweredAsk::unhurried);
    }

    @Test
    void less_is_asked_for_once_and_then_it_is_refused() {
        acceptFreeBusy(true);
        TestUser maria = refusedOnce("maria", BY_ERROR);
        middle.worker.turn(Middle.COALESCE);

        middle.answered(maria, BY_ERROR);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.SCOPE_NOT_GRANTED);
        assertThat(asks()).isEqualTo(2);
    }

    @Test
    void less_is_asked_for_by_the_same_name() {
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .setPolicy(middle.link, Policy.DEFAULT.withCalendarName("upn").withFreeBusy(true)));
        TestUser maria = middle.member("maria").says("upn", "m.lopez@" + Middle.DOMAIN);
        middle.queue.add(middle.link, maria.id());
        middle.worker.turn(Middle.COALESCE);
        String url = middle.cronofy.callbackOf("m.lopez@" + Middle.DOMAIN);
        middle.answers.receive(
                middle.realm.id(),
                url.substring(url.lastIndexOf('/') + 1),
                Optional.empty(),
                BY_ERROR.getBytes(StandardCharsets.UTF_8));

        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.scopeOf("m.lopez@" + Middle.DOMAIN)).isEqualTo("free_busy");
        assertThat(middle.cronofy.received(Call.ASK))
                .hasSize(2)
                .extracting(Received::what)
                .containsOnly("m.lopez@" + Middle.DOMAIN);
    }

    @Test
    void a_duplicate_of_the_refusal_asks_for_nothing() {
        acceptFreeBusy(true);
        TestUser maria = middle.member("maria");
        middle.asked(maria);
        middle.answered(maria, BY_ERROR);

        assertThat(middle.answered(maria, BY_ERROR)).isEqualTo(DelegationAnswers.Receipt.TAKEN);
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(asks()).isEqualTo(2);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.ASKED);
    }

    @Test
    void after_a_refusal_the_next_sign_in_begins_with_all_that_is_wanted() {
        acceptFreeBusy(true);
        TestUser maria = refusedOnce("maria", BY_ERROR);
        middle.worker.turn(Middle.COALESCE);
        middle.answered(maria, BY_ERROR);
        middle.clock.turn(Duration.ofDays(30));

        middle.asked(maria);

        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("read_write");
    }

    @Test
    void a_realm_that_wants_to_write_only_is_not_given_busy_times() {
        acceptFreeBusy(true);
        middle.realm.wants("write_only");
        TestUser maria = refusedOnce("maria", BY_ERROR);

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(asks()).isEqualTo(1);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.SCOPE_NOT_GRANTED);
    }

    @Test
    void a_link_that_was_granted_busy_times_alone_has_nothing_less_to_ask_for() {
        acceptFreeBusy(true);
        grant("free_busy");
        TestUser maria = refusedOnce("maria", BY_ERROR);

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("free_busy");
        assertThat(asks()).isEqualTo(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
    }

    @Test
    void a_policy_that_no_longer_accepts_less_has_all_asked_for() {
        acceptFreeBusy(true);
        TestUser maria = refusedOnce("maria", BY_ERROR);
        acceptFreeBusy(false);

        middle.worker.turn(Middle.COALESCE);

        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("read_write");
        middle.answered(maria, BY_ERROR);
        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.SCOPE_NOT_GRANTED);
        assertThat(asks()).isEqualTo(2);
    }

    @Test
    void a_refusal_for_anything_else_stays_what_it_was() {
        acceptFreeBusy(true);
        TestUser maria = refusedOnce("maria", "{\"authorization\": {\"error\": \"access_denied\"}}");

        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.REFUSED_BY_CRONOFY);
        assertThat(asks()).isEqualTo(1);
    }

    private TestUser refusedOnce(String name, String refusal) {
        TestUser member = middle.member(name);
        middle.asked(member);
        assertThat(middle.answered(member, refusal)).isEqualTo(DelegationAnswers.Receipt.TAKEN);
        return member;
    }

    private void grant(String scope) {
        middle.cronofy.tells(scope, Condition.UNKNOWN);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.links()
                .see(
                        middle.link,
                        new Cronofy.ServiceAccount(Middle.SERVICE_ACCOUNT, null, null, scope, Condition.UNKNOWN),
                        middle.clock.instant()));
    }

    private void acceptFreeBusy(boolean accepted) {
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.links().setPolicy(middle.link, Policy.DEFAULT.withFreeBusy(accepted)));
    }

    private int asks() {
        return middle.cronofy.received(Call.ASK).size();
    }
}
