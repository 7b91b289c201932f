package io.github.enterpriseconnect.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Condition;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Call;
import io.github.enterpriseconnect.middle.ScriptedCronofy.Received;
import io.github.enterpriseconnect.middle.TestUser;
import io.github.enterpriseconnect.settings.Settings;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    private int looks() {
        return middle.cronofy.received(Call.SERVICE_ACCOUNT).size();
    }
}
