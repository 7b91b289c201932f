package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.delegation.DelegationAnswers.Receipt;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How members' calendars stand: what is taken from grants, whom Cronofy tells of, and what a notification leads to. */
class ProfileWatchTest {
    private static final Settings.Watching WANTED = new Settings.Watching(false, true);
    private static final ProfileState WELL = new ProfileState(true, false);
    private static final ProfileState SYNCING = new ProfileState(true, true);
    private static final ProfileState AWAY = new ProfileState(false, false);
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    private final Middle middle = new Middle();

    @BeforeEach
    void link() {
        middle.linked();
    }

    @Test
    void what_comes_with_a_grant_counts_for_a_day_where_nobody_looks_again() {
        middle.cronofy.profiles(SYNCING, WELL);
        TestUser maria = middle.granted("maria");

        assertThat(state(maria)).isEqualTo(SYNCING);
        middle.clock.turn(Duration.ofHours(25));
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
        assertThat(middle.cronofy.received(Call.PROFILE)).isEmpty();
        assertThat(middle.tables.rows("EC_WATCH")).isEmpty();
    }

    @Test
    void what_cronofy_does_not_say_is_no_fact() {
        TestUser maria = middle.granted("maria");

        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
    }

    @Test
    void a_realm_that_wants_it_has_a_channel_opened_and_looks_afterwards_behind_everybody_else() {
        TestUser maria = watched();

        assertThat(middle.cronofy
                        .received()
                        .subList(
                                middle.cronofy.received().size() - 2,
                                middle.cronofy.received().size()))
                .extracting(Received::call)
                .containsExactly(Call.WATCH, Call.PROFILE);
        assertThat(middle.cronofy.received(Call.WATCH))
                .extracting(Received::purpose)
                .containsExactly(Purpose.LOOK);
        assertThat(middle.cronofy.received(Call.PROFILE))
                .extracting(Received::purpose)
                .containsExactly(Purpose.LOOK);
        assertThat(channel()).startsWith("https://id.example.com/realms/");
        assertThat(state(maria)).isEqualTo(WELL);
        middle.clock.turn(Duration.ofDays(20));
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"profile_disconnected", "profile_initial_sync_completed"})
    void a_notification_has_somebody_look_and_is_itself_no_fact(String type) {
        TestUser maria = watched();
        middle.cronofy.profiles(WELL, AWAY);

        assertThat(notified(type)).isEqualTo(Receipt.TAKEN);
        assertThat(state(maria)).isEqualTo(WELL);
        middle.worker.run();

        assertThat(state(maria)).isEqualTo(AWAY);
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @Test
    void a_notification_that_comes_twice_leads_to_one_look() {
        watched();

        notified("profile_disconnected");
        notified("profile_disconnected");
        middle.worker.run();

        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"verification", "change", "tomorrow"})
    void all_others_are_taken_and_lead_to_nothing(String type) {
        watched();

        assertThat(notified(type)).isEqualTo(Receipt.TAKEN);
        middle.worker.run();

        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(1);
    }

    @Test
    void while_something_is_wrong_somebody_looks_each_hour_since_nothing_tells_that_it_is_over() {
        TestUser maria = watched();
        middle.cronofy.profiles(WELL, AWAY);
        notified("profile_disconnected");
        middle.worker.run();
        middle.cronofy.profiles(WELL, WELL);

        middle.worker.turn(Duration.ofMinutes(61));

        assertThat(state(maria)).isEqualTo(WELL);
        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(3);
        middle.worker.turn(Duration.ofDays(1));
        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(3);
    }

    @Test
    void nonsense_a_wrong_signature_another_door_and_a_foreign_ticket_are_all_the_same_to_the_sender() {
        watched();
        String ticket = ticket();

        assertThat(received(ticket, Optional.empty(), "nonsense")).isEqualTo(Receipt.UNKNOWN);
        assertThat(received(ticket, Optional.empty(), "{}")).isEqualTo(Receipt.UNKNOWN);
        assertThat(received(ticket, Optional.of("bm9uZQ=="), body("profile_disconnected")))
                .isEqualTo(Receipt.UNKNOWN);
        assertThat(received("A".repeat(64), Optional.empty(), body("profile_disconnected")))
                .isEqualTo(Receipt.UNKNOWN);
        assertThat(middle.answers.receive(
                        middle.realm.id(), ticket, Optional.empty(), body("x").getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Receipt.UNKNOWN);
        middle.worker.run();
        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(1);
    }

    @Test
    void once_the_right_has_ended_nobody_awaits_a_notification() {
        TestUser maria = watched();
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));

        assertThat(notified("profile_disconnected")).isEqualTo(Receipt.UNKNOWN);
        assertThat(middle.tables.rows("EC_WATCH")).isEmpty();
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
    }

    @Test
    void a_realm_that_no_longer_wants_it_takes_none() {
        watched();
        middle.realm.watches(Settings.Watching.NOTHING);

        assertThat(notified("profile_disconnected")).isEqualTo(Receipt.UNKNOWN);
    }

    @Test
    void a_channel_whose_answer_was_lost_is_asked_for_by_the_same_address() {
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(WELL, WELL);
        middle.profileWatch.start();
        middle.cronofy.fails(Call.WATCH, new CronofyException.Unavailable("no answer", Duration.ZERO));
        TestUser maria = middle.granted("maria");
        middle.worker.turn(A_MINUTE);
        middle.worker.turn(Duration.ofHours(2));

        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
        assertThat(middle.cronofy.received(Call.WATCH).get(0).what())
                .isEqualTo(middle.cronofy.received(Call.WATCH).get(1).what());
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @Test
    void a_cronofy_that_knows_the_right_no_more_ends_it_as_ever() {
        TestUser maria = watched();
        middle.clock.turn(Duration.ofHours(4));
        middle.cronofy.fails(Call.REFRESH, new CronofyException.GrantGone("invalid_grant"));

        notified("profile_disconnected");
        middle.worker.run();

        assertThat(middle.delegation(maria).reason()).isEqualTo(Reason.AUTHORIZATION_GONE);
        assertThat(middle.tables.rows("EC_WATCH")).isEmpty();
    }

    @Test
    void members_who_were_granted_before_are_watched_within_a_day() {
        TestUser maria = middle.granted("maria");
        TestUser joe = middle.granted("joe");
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(WELL, WELL);
        middle.profileWatch.start();

        middle.worker.turn(A_MINUTE);

        assertThat(state(maria)).isEqualTo(WELL);
        assertThat(state(joe)).isEqualTo(WELL);
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
        middle.worker.turn(Duration.ofDays(2));
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void nobody_is_read_of_a_realm_that_does_not_want_it() {
        middle.granted("maria");
        middle.profileWatch.start();

        middle.worker.turn(Duration.ofDays(2));

        assertThat(middle.tables.rows("EC_WATCH")).isEmpty();
        assertThat(middle.cronofy.received(Call.PROFILE)).isEmpty();
    }

    @Test
    void a_channel_of_a_right_that_was_replaced_meanwhile_is_not_taken_for_the_new_one_s() {
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(WELL, WELL);
        middle.profileWatch.start();
        TestUser maria = middle.granted("maria");
        String id = middle.delegation(maria).id();
        middle.cronofy.during(
                Call.WATCH,
                () -> middle.transactions.doInRealm(
                        middle.realm.id(), work -> work.watches().begin(id, middle.clock.instant())));

        middle.worker.turn(Duration.ofMinutes(3));

        assertThat(middle.cronofy.received(Call.WATCH))
                .extracting(Received::what)
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    @Test
    void a_new_right_gets_a_channel_of_its_own() {
        TestUser maria = watched();
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(maria), Reason.ENDED_BY_ADMINISTRATOR));
        middle.dispatcher.deliverSoon();
        middle.worker.turn(A_MINUTE);

        middle.granted(maria);
        middle.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received(Call.WATCH))
                .extracting(Received::what)
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    private TestUser watched() {
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(WELL, WELL);
        middle.profileWatch.start();
        TestUser maria = middle.granted("maria");
        middle.worker.turn(A_MINUTE);
        return maria;
    }

    private String channel() {
        return middle.cronofy.received(Call.WATCH).get(0).what();
    }

    private String ticket() {
        return channel().substring(channel().lastIndexOf('/') + 1);
    }

    private Receipt notified(String type) {
        return received(ticket(), Optional.empty(), body(type));
    }

    private static String body(String type) {
        return "{\"notification\": {\"type\": \"" + type + "\"}, \"channel\": {\"channel_id\": \"chn_1\"}}";
    }

    private Receipt received(String ticket, Optional<String> signature, String body) {
        return middle.notifications.receive(
                middle.realm.id(), ticket, signature, body.getBytes(StandardCharsets.UTF_8));
    }

    private ProfileState state(TestUser member) {
        String id = middle.delegation(member).id();
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.profiles().of(id).at(middle.clock.instant()));
    }
}
