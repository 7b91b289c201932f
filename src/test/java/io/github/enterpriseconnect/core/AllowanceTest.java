package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class AllowanceTest {
    private static final Limits LIMITS = Limits.DEFAULT;
    private static final long MINUTE = 60_000;
    private static final long START = 1_000_000;

    private final Allowance allowance = new Allowance(LIMITS);
    private long now = START;

    /** Each purpose wants so many in each second, as long as it has not got them. */
    private Map<Purpose, Integer> during(Duration time, Map<Purpose, Integer> perSecond) {
        Map<Purpose, Integer> got = new EnumMap<>(Purpose.class);
        Map<Purpose, Integer> waiting = new EnumMap<>(Purpose.class);
        for (long end = now + time.toMillis(); now < end; now += 1_000) {
            List<Purpose> inAnyOrder = new ArrayList<>(perSecond.keySet());
            Collections.shuffle(inAnyOrder, new Random(now));
            for (Purpose purpose : inAnyOrder) {
                int wanted = waiting.merge(purpose, perSecond.get(purpose), Integer::sum);
                int drawn = allowance.draw(purpose, wanted, now);
                waiting.put(purpose, wanted - drawn);
                got.merge(purpose, drawn, Integer::sum);
            }
        }
        return got;
    }

    /**
     * Several nodes, each with a view of the time that is late by its own part of a second, send what they draw at some
     * time of that second; it arrives up to the rest of a second later.
     */
    @Property(tries = 25)
    void no_second_and_no_minute_at_cronofys_side_ever_sees_more_than_it_allows(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 5) int nodes,
            @ForAll @IntRange(min = 1, max = 40) int eagerness,
            @ForAll @IntRange(min = 1, max = 200) int mostWanted) {
        Limits limits = new Limits(20 + random.nextInt(100), 200 + random.nextInt(1_000));
        Allowance shared = new Allowance(limits);
        List<Purpose> purposes = List.of(Purpose.values());
        List<Long> arrivals = new ArrayList<>();
        for (long time = START; time < START + 4 * MINUTE; time += random.nextInt(1_000 / eagerness + 1)) {
            Purpose purpose = purposes.get(random.nextInt(purposes.size()));
            int drawn = random.nextInt(10) == 0
                    ? shared.drawAsStranger("secret " + random.nextInt(nodes), random.nextInt(mostWanted), time)
                    : shared.draw(purpose, random.nextInt(mostWanted), time);
            for (int i = 0; i < drawn; i++) {
                if (random.nextInt(8) == 0) {
                    shared.giveBack(purpose, "", time / 1_000);
                } else {
                    long sent = time + random.nextInt((int) (1_000 - time % 1_000));
                    arrivals.add(sent + random.nextInt(1_000));
                }
            }
            if (random.nextInt(2_000) == 0) {
                time += random.nextInt(100_000);
            }
        }
        assertWithin(arrivals, 1_000, limits.perSecond());
        assertWithin(arrivals, MINUTE, limits.perMinute());
    }

    private static void assertWithin(List<Long> arrivals, long window, int most) {
        List<Long> sorted = arrivals.stream().sorted().toList();
        for (int i = most; i < sorted.size(); i++) {
            assertThat(sorted.get(i) - sorted.get(i - most)).isGreaterThanOrEqualTo(window);
        }
    }

    @Example
    void what_is_allowed_is_used_while_more_waits() {
        during(Duration.ofMinutes(2), Map.of(Purpose.CROWD, 50));

        int got = during(Duration.ofMinutes(10), Map.of(Purpose.CROWD, 50)).getOrDefault(Purpose.CROWD, 0);

        assertThat(got).isGreaterThanOrEqualTo((int) (0.96 * 10 * LIMITS.perMinute()));
    }

    @Example
    void nobody_who_waits_for_a_token_waits_for_revocations() {
        during(Duration.ofMinutes(2), Map.of(Purpose.REVOCATION, 1_000));

        Map<Purpose, Integer> got =
                during(Duration.ofMinutes(10), Map.of(Purpose.REVOCATION, 1_000, Purpose.AWAITED_REFRESH, 5));

        assertThat(got.get(Purpose.AWAITED_REFRESH)).isEqualTo(3_000);
        assertThat(got.get(Purpose.REVOCATION)).isBetween(1_300, 10 * LIMITS.perMinute() / 3);
    }

    @Example
    void revocations_have_a_tenth_whatever_else_waits() {
        for (Purpose purpose : List.of(Purpose.AWAITED_REFRESH, Purpose.ASK, Purpose.CROWD)) {
            now += 5 * MINUTE;
            during(Duration.ofMinutes(2), Map.of(purpose, 100));

            Map<Purpose, Integer> got = during(Duration.ofMinutes(10), Map.of(purpose, 100, Purpose.REVOCATION, 1_000));

            assertThat(got.get(Purpose.REVOCATION)).as("%s", purpose).isBetween(470, 10 * LIMITS.perMinute() / 3);
            assertThat(got.getOrDefault(purpose, 0) + got.getOrDefault(Purpose.REVOCATION, 0))
                    .as("%s", purpose)
                    .isGreaterThan(4_700);
        }
    }

    @Example
    void what_nobody_else_uses_is_free_for_whoever_waits() {
        for (Purpose purpose : Purpose.values()) {
            now += 5 * MINUTE;
            during(Duration.ofMinutes(2), Map.of(purpose, 100));

            int got = during(Duration.ofMinutes(10), Map.of(purpose, 100)).getOrDefault(purpose, 0);

            assertThat(got).as("%s", purpose).isGreaterThan((int) (0.91 * 10 * LIMITS.perMinute()));
        }
    }

    @Example
    void who_comes_first_in_the_order_is_served_first() {
        during(Duration.ofMinutes(2), Map.of(Purpose.REFRESH, 4, Purpose.BACKFILL, 50));

        Map<Purpose, Integer> got =
                during(Duration.ofMinutes(10), Map.of(Purpose.REFRESH, 4, Purpose.ASK, 2, Purpose.BACKFILL, 50));

        assertThat(got.get(Purpose.ASK)).isEqualTo(1_200);
        assertThat(got.get(Purpose.REFRESH)).isBetween(2_380, 2_400);
        assertThat(got.get(Purpose.BACKFILL)).isGreaterThan(900);
    }

    @Example
    void ten_who_come_alone_are_asked_for_and_redeemed_at_once() {
        assertThat(allowance.draw(Purpose.ASK, 1, now)).isEqualTo(1);
        assertThat(allowance.draw(Purpose.REDEMPTION, 10, now)).isEqualTo(10);
    }

    @Example
    void a_pause_is_for_all_and_whoever_comes_is_told_how_long_it_lasts() {
        allowance.pause(now + 30_000);

        for (Purpose purpose : Purpose.values()) {
            assertThat(allowance.draw(purpose, 1, now)).isZero();
            assertThat(allowance.expected(purpose, now)).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        }
        assertThat(allowance.drawAsStranger("secret", 1, now)).isZero();

        assertThat(allowance.draw(Purpose.CROWD, 1, now + 30_000)).isEqualTo(1);
    }

    @Example
    void whoever_has_made_a_secret_up_spends_a_fiftieth_and_one_alone_the_half_of_it() {
        int one = 0;
        int another = 0;
        for (int second = 0; second < 600; second++) {
            one += allowance.drawAsStranger("one", 50, now + second * 1_000L);
        }
        for (int second = 600; second < 1_200; second++) {
            one += allowance.drawAsStranger("one", 50, now + second * 1_000L);
            another += allowance.drawAsStranger("another", 50, now + second * 1_000L);
        }

        assertThat(one).isBetween(90, 105);
        assertThat(another).isBetween(45, 55);
    }

    @Example
    void how_long_to_wait_follows_from_who_waits_before() {
        during(Duration.ofMinutes(2), Map.of(Purpose.CROWD, 50));
        allowance.draw(Purpose.CROWD, 500, now);

        assertThat(allowance.expected(Purpose.AWAITED_REFRESH, now)).isLessThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(allowance.expected(Purpose.CROWD, now)).isBetween(Duration.ofSeconds(55), Duration.ofSeconds(65));
        assertThat(allowance.expected(Purpose.BACKFILL, now)).isBetween(Duration.ofSeconds(55), Duration.ofSeconds(65));
    }

    @Example
    void whoever_merely_looks_does_not_keep_rights_from_ending() {
        int revoked = 0;
        for (int second = 0; second < 60; second++) {
            revoked += allowance.draw(Purpose.REVOCATION, 50, second * 1_000L);
            allowance.draw(Purpose.LOOK, 50, second * 1_000L);
        }

        assertThat(revoked).isGreaterThan(LIMITS.perMinute() / 2);
    }
}
