package io.github.enterpriseconnect.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.credential.CredentialOwner;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedPush;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.realm.KillSwitches;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The outbox of notifications: each consumer is told what happens to the calendars whose tokens it may fetch. */
class NotificationDispatcherTest {
    private static final URI CALENDAR = URI.create("https://calendar.example.com/events");
    private static final URI ROOMS = URI.create("https://rooms.example.com/events");
    private static final String ISSUER = "https://id.example.com/realms/realm-1";
    private static final String EVENTS = "https://enterpriseconnect.github.io/events/calendar-";
    private static final Push.Answer BUSY = new Push.Answer(503, null, Duration.ZERO);
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Middle middle = new Middle();

    @BeforeEach
    void theRealmTellsAConsumer() {
        middle.realm.consumers(consumer("calendar-app", CALENDAR));
        middle.linked();
        middle.notifier.start();
        middle.worker.run();
        middle.push.sent().clear();
    }

    private static Consumer consumer(String clientId, URI address) {
        return consumer(clientId, Set.of(Consumer.Right.MEMBER), null, address);
    }

    private static Consumer consumer(
            String clientId, Set<Consumer.Right> rights, @Nullable Set<String> links, URI address) {
        return new Consumer(clientId, rights, links, new Consumer.Receiver(address, true, null));
    }

    private void end(TestUser member) {
        middle.transactions.doInRealm(
                middle.realm.id(),
                work -> middle.termination.end(work, middle.delegation(member), Reason.LEFT_ORGANIZATION));
    }

    private List<Notification> waiting() {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.notifications().list(null, null, 0, 1_000));
    }

    /** What an address was sent, accepted or not: kind and subject. */
    private List<String> events(URI address) {
        return middle.push.sent().stream()
                .filter(one -> one.address().equals(address))
                .map(this::event)
                .toList();
    }

    private List<String> acceptedEvents(URI address) {
        return middle.push.sent().stream()
                .filter(one -> one.address().equals(address) && one.answer().accepted())
                .map(this::event)
                .toList();
    }

    private static Map<?, ?> part(Map<String, Object> claims, String name) {
        return (Map<?, ?>) Objects.requireNonNull(claims.get(name));
    }

    private String event(ScriptedPush.Sent sent) {
        Map<String, Object> claims = middle.realm.claims(sent.token());
        String uri = ((Map<?, ?>) Objects.requireNonNull(claims.get("events")))
                .keySet()
                .iterator()
                .next()
                .toString();
        Map<?, ?> subject = (Map<?, ?>) Objects.requireNonNull(claims.get("sub_id"));
        Object id = Stream.of("sub", "id", "uri")
                .map(subject::get)
                .filter(found -> found != null)
                .findFirst()
                .orElseThrow();
        return uri.substring(EVENTS.length()) + " " + id;
    }

    @Test
    void a_consumer_is_told_of_a_connected_calendar_right_after_the_commit() {
        middle.granted("maria");

        ScriptedPush.Sent sent = middle.push.sent().get(0);
        Map<String, Object> claims = middle.realm.claims(sent.token());
        assertThat(sent.token()).startsWith("secevent+jwt");
        assertThat(sent.authorization()).isEqualTo("Bearer of consumers");
        assertThat(claims)
                .containsEntry("iss", ISSUER)
                .containsEntry("aud", "calendar-app")
                .containsEntry("sub_id", Map.of("format", "iss_sub", "iss", ISSUER, "sub", "maria"))
                .containsEntry("events", Map.of(EVENTS + "connected", Map.of("link", "acme", "state", "granted")))
                .containsKeys("iat", "jti", "txn", "toe");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void a_departure_tells_the_reason() {
        TestUser maria = middle.granted("maria");
        end(maria);
        middle.worker.run();

        Map<String, Object> claims =
                middle.realm.claims(middle.push.accepted(CALENDAR).get(1));
        assertThat(claims)
                .containsEntry(
                        "events",
                        Map.of(
                                EVENTS + "ended",
                                Map.of("link", "acme", "state", "revoked", "reason", "left_organization")));
    }

    @Test
    void a_refusal_is_told() {
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        middle.answered(
                maria,
                "{\"authorization\": {\"error\": \"access_denied\", \"error_description\": \"maria@acme.example is private\"}}");
        middle.worker.run();

        assertThat(middle.delegation(maria).state()).isEqualTo(Delegation.State.REFUSED);
        assertThat(events(CALENDAR)).containsExactly("refused maria");
    }

    @Test
    void what_cronofy_no_longer_honours_is_told_of_members_and_of_links() {
        TestUser maria = middle.granted("maria");
        String delegation = middle.delegation(maria).id();
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            new CredentialOwner.OfMember(middle.realm.id(), delegation, maria.id())
                    .end(work, Reason.AUTHORIZATION_GONE, middle.clock.instant());
            new CredentialOwner.OfLink(middle.link).end(work, Reason.AUTHORIZATION_GONE, middle.clock.instant());
        });
        middle.transactions.doInRealm(middle.realm.id(), work -> new CredentialOwner.OfLink(middle.link)
                .end(work, Reason.AUTHORIZATION_GONE, middle.clock.instant()));
        middle.worker.run();

        assertThat(events(CALENDAR))
                .containsExactlyInAnyOrder("connected maria", "needs-authorization maria", "needs-authorization acme");
    }

    @Test
    void an_ended_link_is_told_at_once_and_then_each_of_its_members() {
        middle.granted("maria");
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.links.unlink(work, middle.link));
        middle.links.unlinked(middle.link);
        middle.worker.run();

        assertThat(events(CALENDAR)).containsExactly("connected maria", "ended acme", "ended maria");
    }

    @Test
    void a_kill_switch_is_told_once_when_it_is_turned_and_once_when_it_is_turned_back() {
        KillSwitches switches = new KillSwitches(middle.transactions, middle.clock);
        Suspensions.Subject link = Suspensions.Subject.link("acme");
        switches.suspend(middle.realm.id(), link, "admin", true);
        switches.suspend(middle.realm.id(), link, "admin", true);
        switches.lift(middle.realm.id(), link, true);
        switches.lift(middle.realm.id(), link, true);
        switches.suspend(middle.realm.id(), Suspensions.Subject.REALM, "admin", true);
        middle.worker.run();

        assertThat(events(CALENDAR)).containsExactly("withheld acme", "resumed acme", "withheld " + ISSUER);
    }

    @Test
    void a_consumer_that_is_suspended_is_told_nothing_until_it_is_no_more() {
        KillSwitches switches = new KillSwitches(middle.transactions, middle.clock);
        Suspensions.Subject consumer = Suspensions.Subject.consumer("calendar-app");
        switches.suspend(middle.realm.id(), consumer, "admin", true);
        middle.granted("maria");
        middle.worker.turn(LONG);
        assertThat(middle.push.sent()).isEmpty();
        assertThat(waiting()).extracting(Notification::problem).containsExactly("consumer_suspended");

        switches.lift(middle.realm.id(), consumer, true);
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @Test
    void only_consumers_that_may_fetch_the_token_are_told() {
        middle.realm.consumers(
                consumer("calendar-app", Set.of(Consumer.Right.OFFLINE), Set.of("acme"), CALENDAR),
                consumer("other-app", Set.of(Consumer.Right.MEMBER), Set.of("other"), ROOMS),
                consumer("rooms-app", Set.of(Consumer.Right.RESOURCE), null, ROOMS),
                new Consumer("silent-app", Set.of(Consumer.Right.MEMBER), null));
        middle.granted("maria");

        assertThat(middle.push.sent()).extracting(ScriptedPush.Sent::address).containsExactly(CALENDAR);
    }

    @Test
    void what_concerns_a_link_or_the_realm_is_told_to_all_who_fetch_tokens_of_it() {
        middle.realm.consumers(
                consumer("calendar-app", Set.of(Consumer.Right.OFFLINE), Set.of("other"), CALENDAR),
                consumer("rooms-app", Set.of(Consumer.Right.RESOURCE), Set.of("acme"), ROOMS),
                consumer("nowhere-app", Set.of(Consumer.Right.MEMBER), Set.of(), CALENDAR));
        KillSwitches switches = new KillSwitches(middle.transactions, middle.clock);
        switches.suspend(middle.realm.id(), Suspensions.Subject.link("acme"), "admin", true);
        switches.suspend(middle.realm.id(), Suspensions.Subject.REALM, "admin", true);
        middle.worker.run();

        assertThat(events(ROOMS)).containsExactly("withheld acme", "withheld " + ISSUER);
        assertThat(events(CALENDAR)).containsExactly("withheld " + ISSUER);
    }

    @Test
    void what_a_newer_version_has_written_is_left_to_it() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.push.accept(CALENDAR);
        middle.push.sent().clear();
        middle.tables.inTransaction(
                entities -> entities.createNativeQuery("update EC_NOTIFICATION set KIND = 'SOMETHING_NEW'")
                        .executeUpdate());
        middle.worker.turn(LONG);

        assertThat(middle.push.sent()).isEmpty();
        assertThat(waiting())
                .extracting(Notification::problem, waiting -> waiting.words().event())
                .containsExactly(tuple("value_unknown", "something_new"));
    }

    @Test
    void what_is_to_be_told_outlives_an_import_of_the_realm_over_itself() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::removed);
        middle.transactions.remove(middle.realm);
        middle.removedRealms.start();
        middle.worker.turn(LONG);
        middle.push.accept(CALENDAR);
        middle.transactions.restore(middle.realm);
        middle.transactions.doInRealm(middle.realm.id(), middle.removedRealms::created);
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @Test
    void what_nobody_takes_is_forgotten_after_a_month_and_what_is_still_sent_is_not() {
        middle.push.answer(CALENDAR, new Push.Answer(400, "invalid_request", Duration.ZERO));
        middle.granted("maria");
        middle.push.answer(CALENDAR, BUSY);
        middle.realm.takeSigningKeyAway(true);
        middle.granted("otto");
        middle.housekeeping.start();
        middle.clock.turn(Duration.ofDays(31));
        middle.worker.turn(Duration.ofHours(2));

        assertThat(waiting())
                .extracting(waiting -> waiting.event().subject().id())
                .containsExactly("otto");
    }

    @Test
    void of_one_member_a_later_event_waits_for_the_earlier_one_and_others_do_not() {
        middle.push.answer(CALENDAR, BUSY);
        TestUser maria = middle.granted("maria");
        end(maria);
        middle.worker.run();
        assertThat(events(CALENDAR)).containsExactly("connected maria");

        middle.push.accept(CALENDAR);
        middle.granted("otto");
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected otto", "connected maria", "ended maria");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void what_is_not_accepted_is_sent_again_under_the_same_id_more_and_more_rarely() {
        middle.push.answer(CALENDAR, Push.Answer.none("timeout"));
        middle.granted("maria");
        middle.worker.turn(Duration.ofHours(1));

        assertThat(middle.push.sent()).hasSizeBetween(5, 40);
        assertThat(middle.push.sent().stream()
                        .map(sent -> middle.realm.claims(sent.token()).get("jti"))
                        .distinct())
                .hasSize(1);
        assertThat(waiting())
                .extracting(Notification::state, Notification::problem)
                .containsExactly(tuple(Notification.State.PENDING, "timeout"));

        middle.push.accept(CALENDAR);
        middle.worker.turn(LONG);
        assertThat(waiting()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = "invalid_request")
    void what_the_consumer_refuses_is_kept_and_sent_again_only_when_somebody_has_it_replayed(String error) {
        middle.push.answer(CALENDAR, new Push.Answer(400, error, Duration.ZERO));
        TestUser maria = middle.granted("maria");
        middle.worker.turn(Duration.ofHours(10));
        assertThat(middle.push.sent()).hasSize(1);
        assertThat(waiting())
                .extracting(Notification::state, Notification::problem, Notification::nextAttemptAt)
                .containsExactly(tuple(Notification.State.UNDELIVERABLE, error, null));

        middle.push.accept(CALENDAR);
        end(maria);
        middle.worker.run();
        assertThat(acceptedEvents(CALENDAR)).containsExactly("ended maria");

        int replayed = middle.transactions.inRealm(
                middle.realm.id(), work -> work.notifications().replayAll("calendar-app", middle.clock.instant()));
        middle.notifier.sweepSoon();
        middle.worker.run();
        assertThat(replayed).isEqualTo(1);
        assertThat(acceptedEvents(CALENDAR)).containsExactly("ended maria", "connected maria");
        assertThat(waiting()).isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {"invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied"})
    void what_an_administrator_or_a_proxy_can_set_right_is_sent_again(@Nullable String error) {
        middle.push.answer(CALENDAR, new Push.Answer(400, error, Duration.ZERO));
        middle.granted("maria");
        middle.push.accept(CALENDAR);
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 302, 401, 403, 404, 500})
    void nothing_but_202_counts_as_accepted(int status) {
        middle.push.answer(CALENDAR, new Push.Answer(status, null, Duration.ZERO));
        middle.granted("maria");

        assertThat(waiting()).extracting(Notification::problem).containsExactly("status_" + status);
    }

    @Test
    void nobody_tries_for_ever_and_one_can_be_replayed_by_itself() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.worker.turn(Duration.ofDays(4));
        assertThat(waiting()).extracting(Notification::state).containsExactly(Notification.State.UNDELIVERABLE);

        middle.push.accept(CALENDAR);
        String id = waiting().get(0).id();
        Optional<String> client = middle.transactions.inRealm(
                middle.realm.id(), work -> work.notifications().replay(id, middle.clock.instant()));
        middle.notifier.sweepSoon();
        middle.worker.run();

        assertThat(client).contains("calendar-app");
        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @Test
    void what_was_written_by_a_node_that_died_right_after_is_sent_by_another() {
        middle.worker.limit(0);
        TestUser maria = middle.member("maria");
        middle.transactions.doInRealm(middle.realm.id(), work -> tellOf(work, maria));
        middle.worker.limit(Integer.MAX_VALUE);
        Middle another = new Middle(middle);
        another.notifier.start();
        another.worker.turn(Duration.ofSeconds(6));

        assertThat(another.push.sent()).hasSize(1);
        assertThat(waiting()).isEmpty();
    }

    private void tellOf(Work work, TestUser member) {
        work.tell(CalendarEvent.ofMember(
                CalendarEvent.Kind.CONNECTED, middle.link, member.id(), null, middle.clock.instant()));
    }

    @Test
    void what_a_node_had_claimed_that_died_before_it_could_record_is_sent_once_more_and_in_order() {
        TestUser maria = middle.member("maria");
        middle.push.answer(CALENDAR, () -> {
            // The answer comes, and the node dies before it can write that down.
            middle.transactions.fail(true);
            return new Push.Answer(202, null, Duration.ZERO);
        });
        middle.transactions.doInRealm(middle.realm.id(), work -> {
            tellOf(work, maria);
            work.tell(CalendarEvent.ofMember(
                    CalendarEvent.Kind.ENDED, middle.link, maria.id(), Reason.OPTED_OUT, middle.clock.instant()));
        });
        middle.worker.run();
        middle.transactions.fail(false);
        middle.push.accept(CALENDAR);
        Middle another = new Middle(middle);
        another.notifier.start();
        another.worker.turn(Duration.ofMinutes(2));

        assertThat(events(CALENDAR)).containsExactly("connected maria");
        assertThat(another.push.sent().stream().map(this::event)).containsExactly("connected maria", "ended maria");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void of_two_nodes_one_sends() {
        middle.worker.limit(0);
        List<TestUser> members = IntStream.range(0, 20)
                .mapToObj(number -> middle.member("member-" + number))
                .toList();
        members.forEach(member -> middle.transactions.doInRealm(middle.realm.id(), work -> tellOf(work, member)));
        middle.worker.limit(Integer.MAX_VALUE);
        Middle another = new Middle(middle);
        another.notifier.start();
        middle.notifier.sweepSoon();
        another.notifier.sweepSoon();
        another.worker.run();
        middle.worker.run();

        assertThat(middle.push.sent().size() + another.push.sent().size()).isEqualTo(20);
        assertThat(waiting()).isEmpty();
    }

    @Test
    void a_consumer_that_is_taken_off_the_list_is_told_nothing_any_more() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.realm.consumers();
        middle.push.accept(CALENDAR);
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).isEmpty();
        assertThat(waiting()).isEmpty();
    }

    @Test
    void while_the_settings_cannot_be_used_what_is_to_be_told_waits() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.push.accept(CALENDAR);
        middle.realm.loseSettings();
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).isEmpty();
        assertThat(waiting()).extracting(Notification::problem).containsExactly("settings_unusable");
    }

    @Test
    void while_nothing_can_be_signed_or_the_authorization_cannot_be_read_what_is_to_be_told_waits() {
        middle.realm.takeSigningKeyAway(true);
        middle.granted("maria");
        assertThat(waiting()).extracting(Notification::problem).containsExactly("key_away");

        middle.realm.takeSigningKeyAway(false);
        middle.realm.authorize(null);
        middle.worker.turn(LONG);
        assertThat(waiting()).extracting(Notification::problem).containsExactly("authorization_lost");
        assertThat(middle.push.sent()).isEmpty();

        middle.realm.authorize("Bearer another");
        middle.worker.turn(LONG);
        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @Test
    void what_happens_while_the_settings_cannot_be_used_is_told_once_they_can_and_in_order() {
        middle.realm.consumers(consumer("calendar-app", CALENDAR), consumer("rooms-app", ROOMS));
        TestUser maria = middle.granted("maria");
        middle.push.sent().clear();
        middle.realm.loseSettings();
        end(maria);
        middle.worker.turn(LONG);
        assertThat(middle.push.sent()).isEmpty();
        assertThat(waiting())
                .extracting(Notification::clientId, Notification::problem)
                .containsExactly(tuple("(everybody)", "settings_unusable"));

        middle.realm.findSettings();
        middle.transactions.doInRealm(middle.realm.id(), work -> tellOf(work, maria));
        middle.worker.turn(LONG);

        assertThat(acceptedEvents(CALENDAR)).containsExactly("ended maria", "connected maria");
        assertThat(acceptedEvents(ROOMS)).containsExactly("ended maria", "connected maria");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void three_days_are_counted_from_when_it_was_first_sent() {
        KillSwitches switches = new KillSwitches(middle.transactions, middle.clock);
        switches.suspend(middle.realm.id(), Suspensions.Subject.consumer("calendar-app"), "admin", true);
        middle.granted("maria");
        middle.worker.turn(Duration.ofDays(4));
        middle.push.answer(CALENDAR, BUSY);
        switches.lift(middle.realm.id(), Suspensions.Subject.consumer("calendar-app"), true);
        middle.worker.turn(Duration.ofSeconds(6));
        assertThat(middle.push.sent()).hasSize(1);
        assertThat(waiting()).extracting(Notification::state).containsExactly(Notification.State.PENDING);

        middle.push.accept(CALENDAR);
        middle.worker.turn(LONG);
        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @Test
    void what_waits_for_a_suspended_consumer_is_sent_at_once_when_it_no_longer_is_and_given_up_after_a_month() {
        KillSwitches switches = new KillSwitches(middle.transactions, middle.clock);
        switches.suspend(middle.realm.id(), Suspensions.Subject.consumer("calendar-app"), "admin", true);
        middle.granted("maria");
        middle.worker.turn(Duration.ofDays(31));
        assertThat(middle.push.sent()).isEmpty();
        assertThat(waiting())
                .extracting(Notification::state, Notification::problem)
                .containsExactly(tuple(Notification.State.UNDELIVERABLE, "consumer_suspended"));

        middle.granted("otto");
        middle.worker.turn(Duration.ofDays(1));
        switches.lift(middle.realm.id(), Suspensions.Subject.consumer("calendar-app"), true);
        middle.worker.turn(Duration.ofSeconds(6));
        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected otto");
    }

    @Test
    void a_client_that_is_disabled_in_keycloak_is_told_nothing_until_it_is_enabled() {
        middle.realm.disableClient("calendar-app", true);
        middle.granted("maria");
        middle.worker.turn(LONG);
        assertThat(middle.push.sent()).isEmpty();
        assertThat(waiting()).extracting(Notification::problem).containsExactly("consumer_disabled");

        middle.realm.disableClient("calendar-app", false);
        middle.worker.turn(LONG);
        assertThat(acceptedEvents(CALENDAR)).containsExactly("connected maria");
    }

    @Test
    void a_consumer_that_is_slow_and_accepts_holds_up_no_retry_of_another() {
        middle.realm.consumers(consumer("calendar-app", CALENDAR), consumer("rooms-app", ROOMS));
        TestUser last = middle.member("last");
        List<TestUser> members = IntStream.range(0, 1_200)
                .mapToObj(number -> middle.member("member-" + number))
                .toList();
        middle.realm.consumers(consumer("calendar-app", CALENDAR));
        middle.worker.limit(0);
        members.forEach(member -> middle.transactions.doInRealm(middle.realm.id(), work -> tellOf(work, member)));
        middle.realm.consumers(consumer("rooms-app", ROOMS));
        middle.clock.turn(Duration.ofSeconds(1));
        middle.transactions.doInRealm(middle.realm.id(), work -> tellOf(work, last));
        middle.worker.limit(Integer.MAX_VALUE);
        middle.realm.consumers(consumer("calendar-app", CALENDAR), consumer("rooms-app", ROOMS));
        Duration[] until = {Duration.ofDays(1)};
        Instant begin = middle.clock.instant();
        middle.push.answer(CALENDAR, () -> {
            middle.clock.turn(Duration.ofSeconds(4));
            return new Push.Answer(202, null, Duration.ZERO);
        });
        middle.push.answer(ROOMS, () -> {
            until[0] = Duration.between(begin, middle.clock.instant());
            return new Push.Answer(202, null, Duration.ZERO);
        });
        middle.worker.turn(Duration.ofHours(3));

        assertThat(until[0]).isLessThan(Duration.ofMinutes(2));
        assertThat(middle.push.accepted(CALENDAR)).hasSize(1_200);
        assertThat(waiting()).isEmpty();
    }

    @Test
    void what_happens_while_a_consumer_is_left_alone_waits_until_it_is_tried_again() {
        middle.push.answer(CALENDAR, BUSY);
        Stream.of("maria", "otto", "kim").forEach(middle::granted);
        middle.push.sent().clear();
        middle.granted("tom");
        assertThat(middle.push.sent()).isEmpty();

        middle.push.accept(CALENDAR);
        middle.worker.turn(LONG);
        assertThat(acceptedEvents(CALENDAR)).hasSize(4).contains("connected tom");
    }

    @Test
    void the_authorization_does_not_follow_an_address_to_another_server_whatever_door_changed_it() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.push.sent().clear();
        URI elsewhere = URI.create("https://elsewhere.example.net/events");
        middle.realm.replaceConsumers(consumer("calendar-app", elsewhere));
        middle.worker.turn(LONG);

        assertThat(middle.notifier.test(middle.realm.id(), "calendar-app")).isEmpty();
        assertThat(middle.push.sent()).isEmpty();
        assertThat(waiting()).extracting(Notification::problem).containsExactly("authorization_lost");

        middle.realm.replaceConsumers(consumer("calendar-app", CALENDAR.resolve("/other")));
        middle.worker.turn(LONG);
        assertThat(acceptedEvents(CALENDAR.resolve("/other"))).containsExactly("connected maria");
    }

    @Test
    void a_consumer_that_is_away_is_not_asked_all_the_time_and_holds_up_nobody_else() {
        middle.realm.consumers(consumer("calendar-app", CALENDAR), consumer("rooms-app", ROOMS));
        middle.push.answer(CALENDAR, Push.Answer.none("timeout"));
        List<TestUser> members = IntStream.range(0, 700)
                .mapToObj(number -> middle.member("member-" + number))
                .toList();
        members.forEach(member -> middle.transactions.doInRealm(middle.realm.id(), work -> tellOf(work, member)));
        middle.worker.turn(Duration.ofMinutes(1));

        assertThat(middle.push.accepted(ROOMS)).hasSize(700);
        assertThat(events(CALENDAR)).hasSizeLessThan(100);

        middle.push.accept(CALENDAR);
        middle.worker.turn(Duration.ofMinutes(20));
        assertThat(middle.push.accepted(CALENDAR)).hasSize(700);
        assertThat(waiting()).isEmpty();
    }

    @Test
    void nothing_that_is_sent_or_kept_bears_an_address_a_token_or_a_code() {
        TestUser maria = middle.granted("maria");
        middle.push.answer(CALENDAR, BUSY);
        end(maria);
        middle.worker.run();

        List<String> all = Stream.concat(
                        middle.push.sent().stream()
                                .map(sent -> middle.realm.claims(sent.token()).toString()),
                        middle.tables.rows("EC_NOTIFICATION").stream().map(String::valueOf))
                .toList();
        assertThat(all).hasSizeGreaterThan(2).allSatisfy(one -> assertThat(one)
                .doesNotContain("@", "acme.example", "acc_", "ser_", "code", "refresh", "Bearer"));
    }

    @Test
    void whoever_was_never_connected_nor_refused_leaves_without_a_word() {
        TestUser maria = middle.member("maria");
        middle.cronofy.opens(maria.email());
        middle.asked(maria);
        end(maria);
        middle.worker.run();

        assertThat(middle.push.sent()).isEmpty();
    }

    @Test
    void another_realm_s_notification_cannot_be_replayed() {
        middle.push.answer(CALENDAR, BUSY);
        middle.granted("maria");
        middle.anotherRealm("realm-2");
        String id = waiting().get(0).id();

        Optional<String> client = middle.transactions.inRealm(
                "realm-2", work -> work.notifications().replay(id, middle.clock.instant()));

        assertThat(client).isEmpty();
    }

    @Test
    void a_trial_tells_what_the_consumer_answers() {
        Optional<Push.Answer> accepted = middle.notifier.test(middle.realm.id(), "calendar-app");
        Map<String, Object> claims =
                middle.realm.claims(middle.push.sent().get(0).token());
        middle.realm.takeSigningKeyAway(true);

        assertThat(accepted).contains(new Push.Answer(202, null, Duration.ZERO));
        assertThat(claims).containsEntry("aud", "calendar-app");
        assertThat(part(claims, "events").keySet().toString())
                .isEqualTo("[https://schemas.openid.net/secevent/ssf/event-type/verification]");
        assertThat(middle.notifier.test(middle.realm.id(), "calendar-app")).isEmpty();
        assertThat(middle.notifier.test(middle.realm.id(), "nobody")).isEmpty();
    }
}
