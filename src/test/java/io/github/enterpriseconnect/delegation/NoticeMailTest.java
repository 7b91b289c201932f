package io.github.enterpriseconnect.delegation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Mandate;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.middle.Warnings;
import io.github.enterpriseconnect.storage.Asking;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every notice is sent once its realm's mail server does its work, whatever others do. */
class NoticeMailTest {
    private final Middle middle = new Middle();
    private final Set<String> without = new HashSet<>();
    private final List<String> tries = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final Set<String> poisoned = new HashSet<>();

    @BeforeEach
    void start() {
        new NoticeMail(middle.transactions, this::post, middle.worker, middle.retries, middle.clock).start();
    }

    private void post(String realm, String delegation) throws NoticeMail.NotSent {
        tries.add(realm);
        if (without.contains(realm)) {
            throw new NoticeMail.NotSent(new IllegalStateException("no route to host"));
        }
        if (poisoned.contains(delegation)) {
            throw new IllegalStateException("the member cannot be looked up");
        }
        sent.add(delegation);
    }

    private List<String> order(TestRealm realm, int size) {
        List<String> ordered = new ArrayList<>();
        middle.transactions.doInRealm(realm.id(), work -> {
            for (int i = 0; i < size; i++) {
                Delegation asked = work.delegations()
                        .ask(
                                Optional.empty(),
                                new Mandate(
                                        new LinkId(realm.id(), "acme"),
                                        "member-" + i,
                                        middle.applicationKey(),
                                        Mailbox.parse("member-" + i + "@acme.example")
                                                .orElseThrow()),
                                new Asking(
                                        realm.id() + i,
                                        Secret.of("callback"),
                                        Middle.SERVICE_ACCOUNT,
                                        null,
                                        middle.clock.instant()),
                                middle.clock.instant());
                work.notices().order(asked.id(), middle.clock.instant());
                ordered.add(asked.id());
            }
        });
        return ordered;
    }

    @Test
    void each_is_sent_once() {
        List<String> ordered = order(middle.realm, 3);

        middle.worker.turn(Duration.ofMinutes(5));

        assertThat(sent).containsExactlyInAnyOrderElementsOf(ordered);
    }

    /** As many as are looked at in one go, and all of them older. */
    @Test
    void a_realm_without_a_mail_server_keeps_no_other_waiting() {
        TestRealm mute = middle.anotherRealm("realm-0");
        without.add(mute.id());
        order(mute, 250);
        middle.clock.turn(Duration.ofSeconds(1));
        List<String> ordered = order(middle.realm, 1);

        middle.worker.turn(Duration.ofSeconds(5));

        assertThat(sent).isEqualTo(ordered);
    }

    @Test
    void a_mail_server_that_is_down_is_tried_ever_more_rarely_told_of_once_and_then_sends_all() {
        without.add(middle.realm.id());
        List<String> ordered = order(middle.realm, 250);

        try (Warnings warnings = new Warnings()) {
            middle.worker.turn(Duration.ofHours(1));
            assertThat(warnings.told()).hasSize(1);
        }
        assertThat(tries).hasSizeBetween(12, 40);

        without.clear();
        middle.worker.turn(Duration.ofMinutes(6));
        assertThat(sent).containsExactlyInAnyOrderElementsOf(ordered);
    }

    @Test
    void what_nobody_could_send_for_days_is_not_worth_sending_any_more() {
        without.add(middle.realm.id());
        order(middle.realm, 250);
        middle.worker.turn(Duration.ofDays(3));
        middle.clock.turn(Duration.ofMinutes(5));
        middle.worker.turn(Duration.ofSeconds(10));

        without.clear();
        middle.worker.turn(Duration.ofHours(1));

        assertThat(sent).isEmpty();
    }

    @Test
    void one_member_who_cannot_be_looked_up_keeps_no_other_of_the_realm_waiting() {
        List<String> ordered = order(middle.realm, 3);
        poisoned.add(ordered.get(0));

        middle.worker.turn(Duration.ofMinutes(1));
        assertThat(sent).containsExactlyInAnyOrder(ordered.get(1), ordered.get(2));

        poisoned.clear();
        middle.worker.turn(Duration.ofMinutes(6));
        assertThat(sent).contains(ordered.get(0));
    }

    @Test
    void a_realm_that_is_gone_keeps_no_other_waiting() {
        TestRealm gone = middle.anotherRealm("realm-0");
        order(gone, 150);
        middle.clock.turn(Duration.ofSeconds(1));
        List<String> ordered = order(middle.realm, 1);
        middle.transactions.remove(gone);

        middle.worker.turn(Duration.ofSeconds(5));

        assertThat(sent).isEqualTo(ordered);
    }
}
