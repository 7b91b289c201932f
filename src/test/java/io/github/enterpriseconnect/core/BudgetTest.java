package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.enterpriseconnect.core.Budget.Purpose;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Budget budget = new Budget();

    private int take(Purpose purpose, Instant at, int wanted) {
        int granted = 0;
        for (int i = 0; i < wanted; i++) {
            if (budget.take(purpose, at).isZero()) {
                granted++;
            }
        }
        return granted;
    }

    @Test
    void a_second_holds_fifty_and_the_last_tenth_belongs_to_revocations() {
        assertThat(take(Purpose.AWAITED_REFRESH, START, 100)).isEqualTo(45);
        assertThat(take(Purpose.REVOCATION, START, 100)).isEqualTo(5);
    }

    @Test
    void who_waits_goes_before_who_does_not() {
        assertThat(take(Purpose.BACKFILL, START, 100)).isEqualTo(25);
        assertThat(take(Purpose.REFRESH, START, 100)).isEqualTo(10);
        assertThat(take(Purpose.SIGN_IN, START, 100)).isEqualTo(5);
        assertThat(take(Purpose.AWAITED_REFRESH, START, 100)).isEqualTo(5);
    }

    @Test
    void a_refusal_takes_nothing_and_says_exactly_how_long_to_wait() {
        take(Purpose.AWAITED_REFRESH, START, 45);

        Duration wait = budget.take(Purpose.AWAITED_REFRESH, START.plusMillis(300));

        assertThat(wait).isEqualTo(Duration.ofMillis(700));
        assertThat(budget.take(Purpose.AWAITED_REFRESH, START.plusMillis(300).plus(wait)))
                .isZero();
    }

    @Test
    void no_second_and_no_minute_ever_sees_more_than_cronofy_allows() {
        Random random = new Random(7);
        List<Purpose> purposes = List.of(Purpose.values());
        Deque<Instant> granted = new ArrayDeque<>();
        Instant now = START;
        for (int i = 0; i < 20_000; i++) {
            now = now.plusMillis(random.nextInt(40));
            Purpose purpose = purposes.get(random.nextInt(purposes.size()));
            if (budget.take(purpose, now).isZero()) {
                granted.addLast(now);
            }
            Instant minuteAgo = now.minus(Duration.ofMinutes(1));
            while (!granted.isEmpty() && !granted.peekFirst().isAfter(minuteAgo)) {
                granted.removeFirst();
            }
            Instant secondAgo = now.minus(Duration.ofSeconds(1));
            assertThat(granted.size()).isLessThanOrEqualTo(500);
            assertThat(granted.stream().filter(at -> at.isAfter(secondAgo)).count())
                    .isLessThanOrEqualTo(50);
        }
    }
}
