package io.github.enterpriseconnect.middle;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.TokenUse;
import io.github.enterpriseconnect.delegation.NoticeMail;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a server asks the database while nothing happens. */
class IdleStatementsTest {
    @Test
    void it_is_the_same_however_many_members_there_are() {
        Map<String, Long> few = whileIdle(66);

        assertThat(whileIdle(660)).isEqualTo(few);
    }

    /** Each statement with how often it was sent. */
    private static Map<String, Long> whileIdle(int members) {
        Middle middle = new Middle();
        middle.linked();
        List<TestUser> all = middle.grantedAtOnce(members);
        middle.transactions.doInRealm(middle.realm.id(), work -> IntStream.range(0, members)
                .forEach(number -> history(middle, work, all.get(number), number)));
        middle.realm.watches(new Settings.Watching(true, true));
        middle.transactions.doInRealm(middle.realm.id(), work -> watch(middle, work));
        middle.startWithoutReconciliation();
        middle.judgement.start();
        middle.credentials.start();
        new NoticeMail(middle.transactions, (realm, delegation) -> {}, middle.worker, middle.retries, middle.clock)
                .start();
        // What is done once at the beginning.
        later(middle);

        return middle.tables.statements(() -> later(middle)).stream()
                .collect(Collectors.groupingBy(IdleStatementsTest::text, TreeMap::new, Collectors.counting()));
    }

    /** All who are granted are watched, and none of them is due. */
    private static void watch(Middle middle, Work work) {
        Instant now = middle.clock.instant();
        String base = "digest of where the realm is";
        work.watches().candidates(middle.link, base, "", 1_000).forEach(one -> {
            work.watches().begin(one.delegation(), one.account(), now);
            work.watches().putOff(one.delegation(), now.plus(Duration.ofDays(7)));
        });
    }

    /** However many values it names. */
    private static String text(String statement) {
        return statement.replaceAll("\\(\\?(,\\?)*\\)", "(..)");
    }

    /** An hour later, with one turn at least for whatever goes on by itself. */
    private static void later(Middle middle) {
        middle.clock.turn(Duration.ofMinutes(50));
        middle.worker.turn(Duration.ofMinutes(11));
    }

    /** Every third has lost the right, the others were told of it, and tokens of all were used. */
    private static void history(Middle middle, Work work, TestUser member, int number) {
        Delegation delegation =
                work.delegations().ofUser(middle.realm.id(), member.id()).get(0);
        work.uses()
                .note(member.id(), "acme", new TokenUse("calendar-app", Consumer.Right.MEMBER, middle.clock.instant()));
        work.members()
                .prove(
                        member.id(),
                        Mailbox.parse(member.email()).orElseThrow(),
                        "VERIFY_EMAIL",
                        middle.clock.instant());
        if (number % 3 == 0) {
            work.delegations().end(delegation.id(), Reason.ENDED_BY_ADMINISTRATOR, middle.clock.instant());
        } else {
            work.notices().order(delegation.id(), middle.clock.instant());
            work.notices().close(delegation.id());
        }
    }
}
