package io.github.enterpriseconnect.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Of two who have read the same, the second one sees what the first has written before it writes. */
class TurnsTest {
    private static final LinkId ACME = new LinkId("realm-1", "acme");
    private static final Duration LONG = Duration.ofMinutes(2);

    private final TestTables tables = new TestTables();
    private final CountDownLatch firstHasRead = new CountDownLatch(1);

    /** Whether it was replaced, as by a request that brings the version that it has read. */
    private boolean replace(Link read, String domain, Runnable meanwhile) {
        return tables.inTransaction(entities -> {
            // However slow the machine is.
            entities.createNativeQuery("set LOCK_TIMEOUT " + LONG.toMillis()).executeUpdate();
            new Turns(entities).take(ACME.realm());
            LinkStore links = tables.storage(entities, ACME.realm()).links();
            boolean same = links.get(ACME).equals(read);
            meanwhile.run();
            if (same) {
                links.approve(ACME, List.of(new LinkDomain(Domain.parse(domain).orElseThrow(), true)));
            }
            return same;
        });
    }

    private Link read() {
        return tables.inTransaction(
                entities -> tables.storage(entities, ACME.realm()).links().get(ACME));
    }

    private static CompletableFuture<Boolean> thread(Supplier<Boolean> work) {
        return CompletableFuture.supplyAsync(work, each -> new Thread(each, "turns").start());
    }

    @Test
    void who_comes_second_waits_and_finds_it_changed() {
        Link read = read();
        CompletableFuture<Boolean> first = thread(() -> replace(read, "one.example", () -> {
            firstHasRead.countDown();
            await().atMost(LONG).until(this::somebodyWaits);
        }));
        await().atMost(LONG).until(() -> firstHasRead.getCount() == 0);

        CompletableFuture<Boolean> second = thread(() -> replace(read, "other.example", () -> {}));

        assertThat(first.join()).isTrue();
        assertThat(second.join()).isFalse();
        assertThat(read().domains())
                .extracting(domain -> domain.domain().name())
                .containsExactly("one.example");
    }

    private boolean somebodyWaits() {
        return tables.inTransaction(entities -> ((Number) entities.createNativeQuery(
                                        "select count(*) from INFORMATION_SCHEMA.SESSIONS where BLOCKER_ID is not null")
                                .getSingleResult())
                        .intValue()
                > 0);
    }

    @Test
    void there_is_a_row_for_whatever_is_changed() {
        for (int i = 0; i < 100; i++) {
            String what = "realm-" + i;
            tables.inTransaction(entities -> {
                new Turns(entities).take(what);
                return true;
            });
        }
    }
}
