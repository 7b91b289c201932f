package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.delegation.DelegationAnswers.Receipt;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.Asking;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
        middle.cronofy.profiles(WELL, AWAY);
        TestUser maria = middle.granted("maria");

        middle.clock.turn(Duration.ofHours(23));
        assertThat(state(maria)).isEqualTo(WELL);
        middle.clock.turn(Duration.ofHours(2));
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
        assertThat(middle.cronofy.received(Call.PROFILE)).isEmpty();
        assertThat(middle.tables.rows("EC_WATCH")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_has_an_application_wait_counts_for_an_hour_where_nobody_looks_again(boolean connected) {
        ProfileState waiting = new ProfileState(connected, connected);
        middle.cronofy.profiles(waiting, WELL);
        TestUser maria = middle.granted("maria");

        middle.clock.turn(Duration.ofMinutes(59));
        assertThat(state(maria)).isEqualTo(waiting);
        middle.clock.turn(Duration.ofMinutes(2));
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
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
        middle.clock.turn(Duration.ofDays(6));
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @Test
    void a_channel_that_cronofy_may_have_closed_is_asked_for_once_a_week_by_the_same_request() {
        watched();

        middle.worker.turn(Duration.ofDays(8));

        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
        assertThat(middle.cronofy.received(Call.WATCH))
                .extracting(Received::what)
                .containsOnly(channel());
        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(2);
        assertThat(middle.cronofy.received(Call.UNWATCH)).isEmpty();
    }

    @Test
    void a_channel_that_a_realm_has_had_closed_by_wanting_none_is_opened_once_it_wants_them_again() {
        TestUser maria = watched();
        middle.realm.watches(Settings.Watching.NOTHING);
        assertThat(notified("profile_disconnected")).isEqualTo(Receipt.UNKNOWN);
        assertThat(middle.tables.rows("EC_WATCH")).isEmpty();
        middle.realm.watches(WANTED);

        middle.worker.turn(Duration.ofDays(2));

        assertThat(middle.cronofy.received(Call.WATCH))
                .extracting(Received::what)
                .doesNotHaveDuplicates()
                .hasSize(2);
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @Test
    void where_the_realm_is_reached_elsewhere_notifications_are_sent_there_within_a_day() {
        watched();
        middle.realm.setPublicUrl("https://elsewhere.example");

        middle.worker.turn(Duration.ofDays(2));

        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
        assertThat(middle.cronofy.received(Call.WATCH).get(1).what()).startsWith("https://elsewhere.example/realms/");
        assertThat(middle.cronofy.received(Call.UNWATCH))
                .extracting(Received::what)
                .containsExactly("chn_" + Integer.toHexString(channel().hashCode()));
    }

    @Test
    void where_the_realm_is_reached_elsewhere_a_notification_has_the_channel_replaced_too() {
        watched();
        middle.realm.setPublicUrl("https://elsewhere.example");

        notified("profile_disconnected");
        middle.worker.run();

        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
        assertThat(middle.cronofy.received(Call.UNWATCH)).hasSize(1);
    }

    @Test
    void where_no_channel_can_be_opened_the_calendar_is_looked_at_each_day() {
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(ProfileState.UNKNOWN, WELL);
        middle.profileWatch.start();
        IntStream.range(0, 3)
                .forEach(look -> middle.cronofy.fails(Call.WATCH, new CronofyException.Refused("422", true)));
        TestUser maria = middle.granted("maria");

        middle.worker.turn(A_MINUTE);
        assertThat(state(maria)).isEqualTo(WELL);
        middle.cronofy.profiles(ProfileState.UNKNOWN, AWAY);
        middle.worker.turn(Duration.ofHours(25));

        assertThat(state(maria)).isEqualTo(AWAY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"profile_disconnected", "profile_initial_sync_completed"})
    void a_notification_has_somebody_look_and_is_itself_no_fact(String type) {
        TestUser maria = watched();
        middle.cronofy.profiles(WELL, AWAY);

        assertThat(notified(type)).isEqualTo(Receipt.TAKEN);
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
        middle.worker.run();

        assertThat(state(maria)).isEqualTo(AWAY);
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(1);
        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.GRANTED);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void while_nobody_can_look_nothing_is_said_of_the_calendar(CronofyException failure) {
        TestUser maria = watched();
        IntStream.range(0, 3).forEach(look -> middle.cronofy.fails(Call.WATCH, failure));
        IntStream.range(0, 3).forEach(look -> middle.cronofy.fails(Call.PROFILE, failure));

        middle.worker.turn(Duration.ofDays(7));
        middle.worker.turn(A_MINUTE);

        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);
        middle.worker.turn(Duration.ofDays(1));
        assertThat(state(maria)).isEqualTo(WELL);
    }

    static Stream<CronofyException> failures() {
        return Stream.of(
                new CronofyException.Refused("423", false),
                new CronofyException.Unavailable("503", Duration.ofMinutes(5)),
                new CronofyException.Misconfigured("402"));
    }

    @Test
    void what_was_seen_before_a_notification_that_comes_meanwhile_is_no_fact() {
        TestUser maria = watched();
        middle.cronofy.during(Call.PROFILE, () -> notified("profile_disconnected"));
        notified("profile_initial_sync_completed");
        middle.worker.run();
        middle.cronofy.profiles(WELL, AWAY);

        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(3);
        assertThat(state(maria)).isEqualTo(WELL);
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
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(1);
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
                        middle.realm.id(), work -> work.watches().begin(id, "acc_other", middle.clock.instant())));

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

    @Test
    void a_right_of_the_same_account_goes_on_with_its_channel() {
        TestUser maria = watched();
        String id = middle.delegation(maria).id();
        middle.transactions.doInRealm(middle.realm.id(), work -> work.watches()
                .begin(id, String.valueOf(middle.delegation(maria).subject()), middle.clock.instant()));

        middle.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received(Call.WATCH))
                .hasSize(2)
                .extracting(Received::what)
                .containsOnly(channel());
    }

    /** An older version neither forgets what was seen, nor tells that it is to be looked at. */
    @Test
    void what_was_seen_of_an_account_is_not_told_of_the_one_that_an_older_version_has_granted_in_its_place() {
        TestUser maria = watched();
        middle.clock.turn(A_MINUTE);
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            Delegation former =
                    work.delegations().ofUser(middle.realm.id(), maria.id()).get(0);
            grant(work, Optional.of(former), maria, "acc_new");
        });
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);

        middle.worker.turn(Duration.ofDays(2));

        assertThat(middle.cronofy.received(Call.WATCH))
                .extracting(Received::what)
                .doesNotHaveDuplicates()
                .hasSize(2);
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @Test
    void a_token_that_cronofy_does_not_recognise_is_renewed_behind_everybody_else_too() {
        watched();
        int before = middle.cronofy.received().size();
        middle.cronofy.fails(Call.PROFILE, new CronofyException.TokenNotRecognised("401"));

        notified("profile_disconnected");
        middle.worker.run();

        assertThat(middle.cronofy
                        .received()
                        .subList(before, middle.cronofy.received().size()))
                .extracting(Received::call, Received::purpose)
                .containsExactly(
                        tuple(Call.PROFILE, Purpose.LOOK),
                        tuple(Call.REFRESH, Purpose.LOOK),
                        tuple(Call.PROFILE, Purpose.LOOK));
    }

    @Test
    void where_cronofy_does_not_say_what_came_with_the_grant_stays_and_it_is_asked_again_and_again() {
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(SYNCING, ProfileState.UNKNOWN);
        middle.profileWatch.start();
        TestUser maria = middle.granted("maria");
        middle.worker.turn(A_MINUTE);
        assertThat(state(maria)).isEqualTo(SYNCING);

        middle.worker.turn(Duration.ofDays(1));
        assertThat(middle.cronofy.received(Call.PROFILE)).hasSizeBetween(3, 7);
        middle.cronofy.profiles(SYNCING, WELL);
        middle.worker.turn(Duration.ofDays(1));

        assertThat(state(maria)).isEqualTo(WELL);
        assertThat(middle.cronofy.received(Call.WATCH)).hasSizeLessThan(5);
    }

    @Test
    void it_is_the_very_calendar_of_the_grant_that_is_looked_at() {
        middle.cronofy.opensProfile("pro_7");
        TestUser maria = watched();

        assertThat(middle.cronofy.looks())
                .containsExactly(new Cronofy.ProfileOf(
                        "acc_" + maria.id(), "pro_7", middle.delegation(maria).mailbox()));
    }

    @Test
    void while_the_realm_is_switched_off_nobody_looks_and_notifications_are_kept() {
        TestUser maria = watched();
        int before = middle.cronofy.received().size();
        middle.realm.switchOff();

        assertThat(notified("profile_disconnected")).isEqualTo(Receipt.TAKEN);
        middle.worker.turn(Duration.ofDays(9));
        assertThat(middle.cronofy.received()).hasSize(before);
        assertThat(state(maria)).isEqualTo(ProfileState.UNKNOWN);

        middle.realm.switchOn();
        middle.worker.turn(A_MINUTE);
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void while_an_administrator_has_stopped_it_nobody_looks(boolean wholeRealm) {
        TestUser maria = watched();
        int before = middle.cronofy.received().size();
        Suspensions.Subject stopped =
                wholeRealm ? Suspensions.Subject.REALM : Suspensions.Subject.link(middle.link.name());
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(stopped, new Suspensions.Suspension(middle.clock.instant(), "administrator", true)));

        notified("profile_disconnected");
        middle.worker.turn(Duration.ofHours(3));
        assertThat(middle.cronofy.received()).hasSize(before);

        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.suspensions().lift(stopped, true));
        middle.worker.turn(Duration.ofHours(2));
        assertThat(state(maria)).isEqualTo(WELL);
    }

    @Test
    void a_member_of_a_link_that_has_ended_is_not_looked_at() {
        watched();
        int before = middle.cronofy.received(Call.PROFILE).size();
        middle.transactions.doInRealm(
                middle.realm.id(), work -> work.links().unlink(middle.link, Reason.UNLINKED, middle.clock.instant()));

        notified("profile_disconnected");
        middle.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(before);
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(1);
    }

    @Test
    void an_outage_is_met_by_one_request_a_round_whoever_is_due() {
        crowd(150);
        IntStream.range(0, 1_000)
                .forEach(look ->
                        middle.cronofy.fails(Call.WATCH, new CronofyException.Unavailable("503", Duration.ZERO)));

        middle.worker.turn(Duration.ofMinutes(3));

        assertThat(middle.cronofy.received(Call.WATCH)).hasSizeBetween(2, 3);
        assertThat(middle.cronofy.received(Call.REFRESH)).isEmpty();
    }

    @Test
    void a_realm_without_room_keeps_no_other_waiting() {
        crowd(150);
        TestRealm other = middle.anotherRealm("zeta");
        String last = grantIn(other);
        middle.cronofy.fails(Call.WATCH, CronofyException.NotDone.held("no room", Duration.ofSeconds(30)));

        middle.worker.turn(A_MINUTE);

        assertThat(middle.transactions.<ProfileState>inRealm(
                        other.id(), work -> work.profiles().of(last).at(middle.clock.instant())))
                .isEqualTo(WELL);
        assertThat(middle.cronofy.received(Call.WATCH)).hasSize(2);
    }

    @Test
    void whoever_a_notification_has_called_for_comes_before_all_who_are_new() {
        TestUser maria = watched();
        crowd(150);
        notified("profile_disconnected");
        middle.cronofy.script(Call.WATCH, () -> {
            throw CronofyException.NotDone.held("no room", Duration.ofSeconds(30));
        });
        int before = middle.cronofy.received(Call.PROFILE).size();

        middle.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received(Call.PROFILE).get(before).what()).isEqualTo(maria.address());
    }

    @Test
    void a_round_goes_on_at_once_as_long_as_somebody_moves() {
        crowd(250);
        middle.transactions.doInRealm(middle.realm.id(), work -> work.suspensions()
                .suspend(
                        Suspensions.Subject.link(middle.link.name()),
                        new Suspensions.Suspension(middle.clock.instant(), "administrator", true)));

        middle.profileWatch.lookSoon();
        middle.worker.run();

        assertThat(middle.transactions.<List<String>>inServer(
                        work -> work.watches().due(middle.realm.id(), false, middle.clock.instant(), 1_000)))
                .isEmpty();
    }

    @Test
    void one_of_two_nodes_looks() {
        crowd(3);
        Middle neighbour = new Middle(middle);
        neighbour.profileWatch.start();

        middle.worker.turn(A_MINUTE);
        neighbour.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received(Call.PROFILE)).hasSize(3);
    }

    @Test
    void a_link_with_many_members_is_looked_through_page_by_page() {
        middle.grantedAtOnce(1_100);
        middle.realm.watches(WANTED);
        middle.profileWatch.start();

        middle.worker.run();

        assertThat(middle.tables.rows("EC_WATCH")).hasSize(1_100);
    }

    /** So many members, all of whom are due for the first time. */
    private void crowd(int size) {
        middle.realm.watches(WANTED);
        middle.cronofy.profiles(WELL, WELL);
        middle.grantedAtOnce(size);
        middle.profileWatch.start();
        middle.transactions.doInRealm(middle.realm.id(), work -> work.watches()
                .candidates(middle.link, "", "", size)
                .forEach(one -> work.watches().begin(one.delegation(), one.account(), middle.clock.instant())));
    }

    /** The one member of another realm that wants to know, due after all others. */
    private String grantIn(TestRealm other) {
        other.watches(WANTED);
        LinkId link = new LinkId(other.id(), middle.link.name());
        middle.linked(link, "ser_other", middle.cronofy.tokens(Duration.ofHours(3)));
        TestUser zoe = other.user("zoe@" + Middle.DOMAIN).in(link.name(), Middle.DOMAIN);
        middle.clock.turn(Duration.ofSeconds(1));
        return middle.transactions.inRealm(other.id(), work -> {
            String granted = grant(work, Optional.empty(), zoe, "acc_zoe");
            work.watches().begin(granted, "acc_zoe", middle.clock.instant());
            return granted;
        });
    }

    /** As by a version that knows nothing of watching. */
    private String grant(Work work, Optional<Delegation> known, TestUser member, String account) {
        Instant now = middle.clock.instant();
        Mailbox mailbox = new Mailbox(member.address());
        LinkId link = new LinkId(work.realm().id(), middle.link.name());
        Delegation asked = work.delegations()
                .ask(
                        known,
                        new Mandate(link, member.id(), middle.applicationKey(), mailbox),
                        new Asking(account, Secret.of("callback"), Middle.SERVICE_ACCOUNT, null, now),
                        now);
        work.delegations().grant(asked, account, Middle.SERVICE_ACCOUNT, null, now);
        work.credentials()
                .store(
                        member.id(),
                        new Credential(
                                middle.applicationKey(),
                                account,
                                link.name(),
                                mailbox.address(),
                                middle.cronofy.tokens(Duration.ofHours(3))));
        return asked.id();
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
