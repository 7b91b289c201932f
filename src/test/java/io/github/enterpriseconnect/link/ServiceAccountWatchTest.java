package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.settings.Settings;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How service accounts stand at Cronofy: who is looked at, when, and what follows from what is seen. */
class ServiceAccountWatchTest {
    private static final Settings.Watching WANTED = new Settings.Watching(true, false);
    private static final Condition MIGRATING = new Condition(
            "active", "exchange", "exchange_web_services", "https://app.cronofy.com/enterprise_connect/authorizations");
    private static final Duration A_MINUTE = Duration.ofMinutes(2);

    private final Middle middle = new Middle();

    @BeforeEach
    void link() {
        middle.linked();
    }

    @Test
    void nobody_is_asked_in_a_realm_that_does_not_want_it() {
        middle.serviceAccountWatch.start();

        middle.worker.turn(Duration.ofDays(3));

        assertThat(looks()).isZero();
    }

    @Test
    void what_was_granted_and_how_it_stands_is_noted_once_a_day_after_everybody_else() {
        middle.realm.watches(WANTED);
        middle.cronofy.tells("read_only", MIGRATING);
        middle.serviceAccountWatch.start();
        middle.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received(Call.SERVICE_ACCOUNT))
                .extracting(Received::purpose)
                .containsExactly(Purpose.LOOK);
        Link link = middle.link();
        assertThat(link.delegatedScope()).isEqualTo("read_only");
        assertThat(link.seen()).extracting(Link.Seen::condition).isEqualTo(MIGRATING);
        assertThat(link.state()).isEqualTo(Link.State.ACTIVE);

        middle.worker.turn(Duration.ofDays(2));

        assertThat(looks()).isEqualTo(3);
        assertThat(middle.worker.failures()).isEmpty();
    }

    @Test
    void one_of_two_nodes_asks() {
        middle.realm.watches(WANTED);
        middle.cronofy.tells("read_only", MIGRATING);
        Middle neighbour = new Middle(middle);
        middle.serviceAccountWatch.start();
        neighbour.serviceAccountWatch.start();

        middle.worker.turn(A_MINUTE);
        neighbour.worker.turn(A_MINUTE);

        assertThat(looks()).isEqualTo(1);
    }

    @Test
    void what_cronofy_does_not_tell_stays_as_it_was() {
        middle.realm.watches(WANTED);
        middle.cronofy.tells("read_only", MIGRATING);
        middle.serviceAccountWatch.start();
        middle.worker.turn(A_MINUTE);
        middle.cronofy.tells(null, Condition.UNKNOWN);

        middle.worker.turn(Duration.ofDays(1));

        assertThat(looks()).isEqualTo(2);
        assertThat(middle.link().delegatedScope()).isEqualTo("read_only");
        assertThat(middle.link().seen()).extracting(Link.Seen::condition).isEqualTo(MIGRATING);
    }

    @Test
    void a_status_that_nobody_knows_is_shown_and_ends_nothing() {
        TestUser maria = middle.granted("maria");
        middle.realm.watches(WANTED);
        middle.cronofy.tells("free_busy", new Condition("on_hold", null, null, null));
        middle.serviceAccountWatch.start();

        middle.worker.turn(A_MINUTE);

        assertThat(middle.link().state()).isEqualTo(Link.State.ACTIVE);
        assertThat(middle.link().problem()).isNull();
        assertThat(middle.delegation(maria).live()).isTrue();
        assertThat(middle.revocations()).isEmpty();
    }

    @Test
    void a_cronofy_that_cannot_be_reached_changes_nothing_and_is_asked_the_next_day() {
        middle.realm.watches(WANTED);
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.Unavailable("503", Duration.ZERO));
        middle.cronofy.tells("read_only", MIGRATING);
        middle.serviceAccountWatch.start();
        middle.worker.turn(A_MINUTE);
        assertThat(middle.link().delegatedScope()).isEqualTo("read_write");
        assertThat(middle.link().problem()).isNull();

        middle.worker.turn(Duration.ofDays(1));

        assertThat(middle.link().delegatedScope()).isEqualTo("read_only");
    }

    @Test
    void who_is_asked_for_then_is_asked_for_what_was_granted() {
        middle.realm.watches(WANTED);
        middle.cronofy.tells("read_only", MIGRATING);
        middle.serviceAccountWatch.start();
        middle.worker.turn(A_MINUTE);

        TestUser maria = middle.granted("maria");

        assertThat(middle.cronofy.scopeOf(maria.address())).isEqualTo("read_only");
    }

    /** Otherwise whoever waits for the same token would be told that its renewal has just failed. */
    @Test
    void what_there_was_no_room_for_keeps_nobody_else_waiting() {
        middle.realm.watches(WANTED);
        middle.clock.turn(Duration.ofHours(4));
        middle.serviceAccountWatch.start();
        middle.cronofy.fails(Call.REFRESH, CronofyException.NotDone.held("no room", Duration.ofSeconds(1)));
        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(middle.cronofy.received(Call.REFRESH))
                .extracting(Received::purpose)
                .containsExactly(Purpose.LOOK);
        assertThat(looks()).isZero();

        middle.asked(middle.member("maria"));

        assertThat(middle.cronofy.received(Call.ASK)).hasSize(1);
    }

    @Test
    void an_answer_for_another_service_account_is_noted_nowhere() {
        middle.realm.watches(WANTED);
        middle.cronofy.authorizes("ser_other", Middle.DOMAIN);
        middle.cronofy.tells("read_only", MIGRATING);
        middle.serviceAccountWatch.start();

        middle.worker.turn(A_MINUTE);

        assertThat(looks()).isEqualTo(1);
        assertThat(middle.link().delegatedScope()).isEqualTo("read_write");
        assertThat(middle.link().seen()).isNull();
    }

    @Test
    void a_token_that_cronofy_does_not_recognise_is_renewed_behind_everybody_else_too() {
        middle.realm.watches(WANTED);
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.TokenNotRecognised("401"));
        middle.serviceAccountWatch.start();

        middle.worker.turn(A_MINUTE);

        assertThat(middle.cronofy.received())
                .extracting(Received::call, Received::purpose)
                .containsExactly(
                        tuple(Call.SERVICE_ACCOUNT, Purpose.LOOK),
                        tuple(Call.REFRESH, Purpose.LOOK),
                        tuple(Call.SERVICE_ACCOUNT, Purpose.LOOK));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_has_just_been_asked_for_is_not_asked_for_again_by_every_node_that_starts(boolean answered) {
        middle.realm.watches(WANTED);
        middle.cronofy.tells(null, Condition.UNKNOWN);
        if (!answered) {
            middle.cronofy.fails(Call.SERVICE_ACCOUNT, new CronofyException.Refused("403", false));
        }
        middle.serviceAccountWatch.start();
        middle.worker.turn(A_MINUTE);
        assertThat(looks()).isEqualTo(1);

        Middle restarted = new Middle(middle);
        restarted.serviceAccountWatch.start();
        restarted.worker.turn(A_MINUTE);

        assertThat(looks()).isEqualTo(1);
        middle.worker.turn(Duration.ofHours(26));
        assertThat(looks()).isEqualTo(2);
    }

    @Test
    void what_was_seen_of_an_account_is_not_told_of_the_one_that_an_older_version_has_linked_in_its_place() {
        middle.realm.watches(WANTED);
        middle.cronofy.tells("read_write", MIGRATING);
        middle.serviceAccountWatch.start();
        middle.worker.turn(A_MINUTE);
        assertThat(middle.link().seen()).isNotNull();

        middle.tables.inTransaction(entities -> entities.createNativeQuery("update EC_LINK set LINKED_AT = "
                        + middle.clock.instant().toEpochMilli())
                .executeUpdate());

        assertThat(middle.link().seen()).isNull();
    }

    @Test
    void while_the_realm_is_switched_off_nobody_asks() {
        middle.realm.watches(WANTED);
        middle.realm.switchOff();
        middle.serviceAccountWatch.start();
        middle.worker.turn(Duration.ofDays(2));
        assertThat(looks()).isZero();

        middle.realm.switchOn();
        middle.worker.turn(Duration.ofHours(2));

        assertThat(looks()).isEqualTo(1);
    }

    @Test
    void an_application_without_room_keeps_no_other_waiting() {
        IntStream.range(0, 60)
                .forEach(number -> middle.linked(
                        new LinkId(middle.realm.id(), "org-" + number),
                        "ser_" + number,
                        middle.cronofy.tokens(Duration.ofHours(3))));
        TestRealm other = middle.anotherRealm("other");
        other.changeApplication("another-application");
        LinkId late = new LinkId(other.id(), "late");
        Link model = middle.link();
        String application = other.application().orElseThrow().key();
        middle.transactions.doInRealm(other.id(), work -> work.links()
                .authorize(
                        new Link(
                                late,
                                Link.State.ACTIVE,
                                application,
                                Middle.SERVICE_ACCOUNT,
                                model.accountDomain(),
                                model.scope(),
                                model.delegatedScope(),
                                model.baseUrl(),
                                model.linkedAt(),
                                model.domains(),
                                model.policy(),
                                null),
                        new Credential(
                                application,
                                Middle.SERVICE_ACCOUNT,
                                late.name(),
                                Middle.DOMAIN,
                                middle.cronofy.tokens(Duration.ofHours(3))),
                        other.application().orElseThrow()));
        middle.realm.watches(WANTED);
        middle.serviceAccountWatch.start();
        middle.worker.run();
        other.watches(WANTED);
        middle.clock.turn(Duration.ofSeconds(1));
        middle.transactions.doInServer(work -> work.serviceAccountLooks().later(late, middle.clock.instant()));
        middle.cronofy.tells("read_only", MIGRATING);
        middle.cronofy.fails(Call.SERVICE_ACCOUNT, CronofyException.NotDone.held("no room", Duration.ofSeconds(30)));

        middle.worker.turn(Duration.ofSeconds(61));

        assertThat(middle.cronofy.received(Call.SERVICE_ACCOUNT))
                .extracting(call -> call.application().clientId())
                .containsExactly(TestRealm.CLIENT_ID, "another-application");
    }

    private int looks() {
        return middle.cronofy.received(Call.SERVICE_ACCOUNT).size();
    }
}
