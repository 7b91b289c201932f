package io.github.enterpriseconnect.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One refresh per credential across all nodes, stored before it is used, and who waits for it how long. */
class CredentialRefresherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Duration LEASE = Duration.ofSeconds(20);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    /** Within the last five minutes of three hours. */
    private static final Duration UNTIL_STALE = Duration.ofMinutes(176);

    private static final Duration UNTIL_EXPIRED = Duration.ofHours(4);

    private final Middle middle = new Middle();
    private TestUser maria;
    private CredentialOwner owner;

    @BeforeEach
    void link_the_organization_and_delegate_a_member() {
        middle.linked();
        maria = middle.granted("maria");
        owner = ownerOf(maria);
    }

    @Test
    void a_fresh_token_is_handed_out_as_it_is() throws CronofyException {
        Credential stored = stored();

        assertThat(request()).isEqualTo(new CredentialRefresher.Usable(stored, false));

        middle.worker.run();
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void a_stale_token_is_handed_out_at_once_and_refreshed_behind() throws CronofyException {
        Credential stored = stored();
        middle.clock.turn(UNTIL_STALE);

        assertThat(request()).isEqualTo(new CredentialRefresher.Usable(stored, false));
        assertThat(refreshes()).isEmpty();

        middle.worker.run();
        assertThat(refreshes()).singleElement().satisfies(call -> {
            assertThat(call.what()).isEqualTo(refreshToken(stored));
            assertThat(call.purpose()).isEqualTo(Purpose.REFRESH);
        });
        assertThat(stored().tokens()).isEqualTo(middle.cronofy.lastIssued());
    }

    @Test
    void many_who_come_while_a_token_is_stale_cause_one_refresh() throws CronofyException {
        middle.clock.turn(UNTIL_STALE);

        request();
        request();
        request();
        middle.worker.run();

        assertThat(refreshes()).hasSize(1);
    }

    /** The refresh token that this node knows would be a used one by then, which ends the authorization at Cronofy. */
    @Test
    void what_another_node_has_refreshed_before_the_worker_came_to_it_is_left_alone() throws CronofyException {
        middle.clock.turn(UNTIL_STALE);
        request();
        Credential renewed = anotherNodeRenews();

        middle.worker.run();

        assertThat(refreshes()).isEmpty();
        assertThat(stored()).isEqualTo(renewed);
    }

    @Test
    void a_refresh_ahead_of_time_that_fails_disturbs_nobody_and_is_tried_again_after_some_seconds()
            throws CronofyException {
        Credential stored = stored();
        middle.clock.turn(UNTIL_STALE);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("status 500", Duration.ZERO));
        request();
        middle.worker.run();

        middle.clock.turn(AFTER_FAILURE.minusMillis(1));
        assertThat(request().credential()).isEqualTo(stored);
        middle.worker.run();
        assertThat(refreshes()).hasSize(1);

        middle.clock.turn(Duration.ofMillis(1));
        assertThat(request().credential()).isEqualTo(stored);
        middle.worker.run();
        assertThat(refreshes()).hasSize(2);
        assertThat(stored()).isNotEqualTo(stored);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void an_expired_token_is_refreshed_and_stored_before_it_is_handed_out() throws CronofyException {
        Credential stored = stored();
        middle.clock.turn(UNTIL_EXPIRED);

        CredentialRefresher.Usable usable = request();

        assertThat(usable.refreshed()).isTrue();
        assertThat(usable.credential()).isEqualTo(stored()).isNotEqualTo(stored);
        assertThat(refreshes()).singleElement().satisfies(call -> {
            assertThat(call.what()).isEqualTo(refreshToken(stored));
            assertThat(call.purpose()).isEqualTo(Purpose.AWAITED_REFRESH);
        });
    }

    /** Cronofy may hand out another refresh token with each refresh, or keep the first one. */
    @ParameterizedTest(name = "rotating: {0}")
    @ValueSource(booleans = {true, false})
    void each_refresh_shows_the_refresh_token_of_the_one_before(boolean rotating) throws CronofyException {
        if (!rotating) {
            middle.cronofy.keepRefreshTokens();
        }
        String first = refreshToken(stored());
        middle.clock.turn(UNTIL_EXPIRED);
        Credential once = request().credential();
        middle.clock.turn(UNTIL_EXPIRED);

        Credential twice = request().credential();

        assertThat(refreshes()).extracting(Received::what).containsExactly(first, refreshToken(once));
        assertThat(refreshToken(once).equals(first)).isEqualTo(!rotating);
        assertThat(twice.tokens().accessToken()).isNotEqualTo(once.tokens().accessToken());
        assertThat(stored()).isEqualTo(twice);
    }

    @Test
    void whoever_comes_while_another_node_refreshes_waits_and_gets_what_that_one_stored() throws CronofyException {
        middle.clock.turn(UNTIL_EXPIRED);
        Instant before = middle.clock.instant();
        assertThat(anotherNodeClaims(owner)).isTrue();
        middle.whileWaiting(() -> {
            if (waited(before).equals(Duration.ofMillis(300))) {
                anotherNodeRenews();
            }
        });

        CredentialRefresher.Usable usable = request();

        assertThat(usable).isEqualTo(new CredentialRefresher.Usable(stored(), true));
        assertThat(waited(before)).isEqualTo(Duration.ofMillis(300));
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void whoever_waits_for_long_is_told_to_come_back() {
        Credential stored = stored();
        middle.clock.turn(UNTIL_EXPIRED);
        Instant before = middle.clock.instant();
        anotherNodeClaims(owner);

        CronofyException.Unavailable refused = unavailable();

        assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(2));
        assertThat(waited(before)).isEqualTo(PATIENCE);
        assertThat(refreshes()).isEmpty();
        assertThat(stored()).isEqualTo(stored);
    }

    @Test
    void the_claim_of_a_node_that_was_killed_ends_by_itself() throws CronofyException {
        middle.clock.turn(UNTIL_EXPIRED);
        Instant before = middle.clock.instant();
        anotherNodeClaims(owner);

        Credential renewed = middle.credentials.forWork(owner);

        assertThat(renewed).isEqualTo(stored());
        assertThat(waited(before)).isEqualTo(LEASE);
        assertThat(refreshes()).hasSize(1);
    }

    /** Both nodes have read that nobody refreshes: the database lets only one of them have it. */
    @Test
    void of_two_nodes_that_claim_at_the_same_moment_one_waits_for_the_other() throws CronofyException {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.transactions.meanwhile(() -> assertThat(anotherNodeClaims(owner)).isTrue());
        middle.whileWaiting(this::anotherNodeRenews);

        CredentialRefresher.Usable usable = request();

        assertThat(usable).isEqualTo(new CredentialRefresher.Usable(stored(), true));
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void nobody_else_refreshes_while_this_node_does() throws CronofyException {
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.during(
                Call.REFRESH,
                () -> assertThat(anotherNodeClaims(owner)).as("a second claim").isFalse());

        assertThat(request().credential()).isEqualTo(stored());

        assertThat(anotherNodeClaims(owner)).as("the claim is given back").isTrue();
    }

    @Test
    void who_waits_while_the_server_stops_is_told_to_come_back() {
        middle.clock.turn(UNTIL_EXPIRED);
        anotherNodeClaims(owner);
        middle.whileWaiting(Thread.currentThread()::interrupt);

        CronofyException.Unavailable refused = unavailable();

        assertThat(Thread.interrupted()).as("the thread is still to stop").isTrue();
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(10));
        assertThat(refreshes()).isEmpty();
    }

    /** A hanging Cronofy must not take all threads of the server. */
    @Test
    void no_more_than_so_many_wait_for_refreshes_at_once() throws CronofyException {
        TestUser nina = middle.granted("nina");
        TestUser olga = middle.granted("olga");
        middle.clock.turn(UNTIL_EXPIRED);
        assertThat(Middle.MOST_WAITING).isEqualTo(2);
        middle.cronofy.script(Call.REFRESH, () -> request(nina));
        middle.cronofy.during(Call.REFRESH, () -> assertThatThrownBy(() -> request(olga))
                .isInstanceOfSatisfying(CronofyException.Unavailable.class, refused -> assertThat(refused.retryAfter())
                        .as("two seconds, and by chance up to two more")
                        .isEqualTo(Duration.ofSeconds(3))));

        assertThat(request(maria).refreshed()).isTrue();

        assertThat(refreshes()).hasSize(2);
        assertThat(request(olga).refreshed()).as("there is room again").isTrue();
    }

    @Test
    void who_waited_in_vain_makes_room_for_others() throws CronofyException {
        middle.clock.turn(UNTIL_EXPIRED);
        for (int i = 0; i < Middle.MOST_WAITING; i++) {
            middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("status 500", Duration.ZERO));
            unavailable();
            middle.clock.turn(AFTER_FAILURE);
        }

        assertThat(request().refreshed()).isTrue();
    }

    @Test
    void after_a_failure_nobody_asks_again_for_some_seconds_for_this_credential() throws CronofyException {
        TestUser nina = middle.granted("nina");
        middle.clock.turn(UNTIL_EXPIRED);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("status 500", Duration.ZERO));
        unavailable();

        middle.clock.turn(AFTER_FAILURE.minusMillis(1));
        assertThat(unavailable().retryAfter()).isEqualTo(AFTER_FAILURE);
        assertThat(refreshes()).hasSize(1);
        assertThat(request(nina).refreshed()).as("others are not held back").isTrue();
        assertThat(refreshes()).hasSize(2);

        middle.clock.turn(Duration.ofMillis(1));
        assertThat(request().credential()).isEqualTo(stored());
        assertThat(refreshes()).hasSize(3);
    }

    @Test
    void whoever_waits_does_not_repeat_what_has_just_failed_on_this_node() {
        middle.clock.turn(UNTIL_EXPIRED);
        Instant before = middle.clock.instant();
        anotherNodeClaims(owner);
        middle.cronofy.fails(Call.REFRESH, new CronofyException.Unavailable("status 500", Duration.ZERO));
        middle.whileWaiting(() -> {
            if (waited(before).equals(Duration.ofMillis(100))) {
                middle.transactions.doInRealm(
                        middle.realm.id(), work -> owner.claim(work).giveBack(false));
                unavailable();
            }
        });

        assertThat(unavailable().retryAfter()).isEqualTo(AFTER_FAILURE);

        assertThat(refreshes()).hasSize(1);
        assertThat(waited(before)).isEqualTo(Duration.ofMillis(100));
    }

    @ParameterizedTest(name = "{1} refreshes after {0}")
    @CsvSource({"PT0S, 0", "PT176M, 1", "PT4H, 1"})
    void background_work_gets_a_fresh_token(Duration age, int expected) throws CronofyException {
        middle.clock.turn(age);

        Credential used = middle.credentials.forWork(owner);

        assertThat(used).isEqualTo(stored());
        assertThat(refreshes()).hasSize(expected).allSatisfy(call -> assertThat(call.purpose())
                .isEqualTo(Purpose.SIGN_IN));
    }

    @Test
    void a_token_that_cronofy_did_not_recognise_is_refreshed_however_fresh_it_looks() throws CronofyException {
        Credential rejected = stored();

        Credential renewed = middle.credentials.afterRejection(owner, rejected);

        assertThat(renewed).isEqualTo(stored()).isNotEqualTo(rejected);
        assertThat(refreshes()).extracting(Received::what).containsExactly(refreshToken(rejected));
    }

    @Test
    void a_rejected_token_that_another_has_replaced_already_is_not_refreshed_again() throws CronofyException {
        Credential rejected = stored();
        Credential renewed = anotherNodeRenews();

        assertThat(middle.credentials.afterRejection(owner, rejected)).isEqualTo(renewed);

        assertThat(refreshes()).isEmpty();
    }

    @Test
    void a_rejected_token_that_another_is_refreshing_is_not_waited_for() {
        Instant before = middle.clock.instant();
        anotherNodeClaims(owner);

        assertThatThrownBy(() -> middle.credentials.afterRejection(owner, stored()))
                .isInstanceOfSatisfying(CronofyException.Unavailable.class, refused -> assertThat(refused.retryAfter())
                        .isEqualTo(Duration.ofSeconds(2)));

        assertThat(middle.clock.instant()).isEqualTo(before);
        assertThat(refreshes()).isEmpty();
    }

    @Test
    void without_the_client_secret_nothing_is_sent_and_nothing_ends() {
        Credential stored = stored();
        middle.clock.turn(UNTIL_EXPIRED);
        middle.realm.loseSecret();

        assertThatThrownBy(this::request).isInstanceOf(CronofyException.Misconfigured.class);

        assertNothingDone(stored);
    }

    /** The refresh token of one application, shown by another, would count as misuse at Cronofy. */
    @Test
    void tokens_of_another_application_than_the_realm_has_now_are_not_sent() {
        Credential now = stored();
        Credential former = new Credential("de:former", now.subject(), now.link(), now.mailbox(), now.tokens());
        middle.realm.putCredential(maria, former);
        middle.clock.turn(UNTIL_EXPIRED);

        assertThatThrownBy(() -> middle.credentials.forRequest(owner, former, PATIENCE))
                .isInstanceOf(CronofyException.Misconfigured.class);

        assertNothingDone(former);
    }

    private void assertNothingDone(Credential stored) {
        assertThat(refreshes()).isEmpty();
        assertThat(stored()).isEqualTo(stored);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
        assertThat(anotherNodeClaims(owner)).as("nothing is claimed").isTrue();
    }

    private CredentialOwner ownerOf(TestUser user) {
        return new CredentialOwner.OfMember(
                middle.realm.id(), middle.delegation(user).id(), user.id());
    }

    private CredentialRefresher.Usable request() throws CronofyException {
        return request(maria);
    }

    private CredentialRefresher.Usable request(TestUser user) throws CronofyException {
        Credential stored = middle.realm.credential(user).orElseThrow();
        return middle.credentials.forRequest(ownerOf(user), stored, PATIENCE);
    }

    private CronofyException.Unavailable unavailable() {
        return catchThrowableOfType(CronofyException.Unavailable.class, this::request);
    }

    private boolean anotherNodeClaims(CredentialOwner claimed) {
        Instant now = middle.clock.instant();
        return middle.transactions.inRealm(
                middle.realm.id(), work -> claimed.claim(work).take(now, now.plus(LEASE)));
    }

    private Credential anotherNodeRenews() {
        Credential renewed = stored().with(middle.cronofy.tokens(Duration.ofHours(3)));
        assertThat(middle.transactions.<Boolean>inRealm(
                        middle.realm.id(), work -> owner.renew(work, renewed, middle.application())))
                .isTrue();
        return renewed;
    }

    private Duration waited(Instant since) {
        return Duration.between(since, middle.clock.instant());
    }

    private static String refreshToken(Credential credential) {
        return credential.tokens().refreshToken().reveal();
    }

    private Credential stored() {
        return middle.realm.credential(maria).orElseThrow();
    }

    private List<Received> refreshes() {
        return middle.cronofy.received(Call.REFRESH);
    }
}
