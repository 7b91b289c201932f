package io.github.enterpriseconnect.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * How much of its allowance at Cronofy an application has left, and for whom. What is drawn in a second of ours may arrive
 * up to a second later, so any second at Cronofy's side is filled by three of ours at most, and any minute by 62.
 *
 * <p>Times are milliseconds that have passed, not times of day; they never go backwards.
 */
public final class Allowance {
    /** So many of our seconds fill a minute at Cronofy's side: the sixty, the one of the way, and the one cut in two. */
    public static final int MINUTE = 62;

    /** So many fill a second there. */
    public static final int SECOND = 3;

    /** Who has waited and does not come again within this time has got what it waited for, or has given up. */
    private static final long PATIENCE = 2_500;

    private static final long LONGEST_WAIT = 300_000;
    private static final int REVOCATIONS_LEAST = 10;
    private static final int REVOCATIONS_MOST = 3;

    /** A fiftieth is for all together whose secret Cronofy has not accepted yet; half of that for each. */
    private static final int OF_STRANGERS = 50;

    private static final int MOST_STRANGERS = 20;

    /** A whole link at once, or what has time: they take what comes evenly, and leave a little for who comes suddenly. */
    private static final Set<Purpose> EVENLY = EnumSet.range(Purpose.CROWD, Purpose.LOOK);

    /** Of these there are many for long: they may use nearly all. */
    private static final Set<Purpose> MANY = EnumSet.of(Purpose.CROWD, Purpose.BACKFILL_CODE, Purpose.BACKFILL);

    /** Whoever merely looks does not keep rights from ending. */
    private static final Set<Purpose> NOT_SLOWING_REVOCATIONS = EnumSet.of(Purpose.REVOCATION, Purpose.LOOK);

    private final Limits limits;
    private final NavigableMap<Long, Spent> spent = new TreeMap<>();
    private final Map<Purpose, Demand> demands = new EnumMap<>(Purpose.class);
    private final List<Stranger> strangers = new ArrayList<>();
    private long pausedUntil;

    /** What was drawn in one second. */
    public record Spent(int all, int revocations) {
        private Spent plus(int count, boolean revoking) {
            return new Spent(Math.max(0, all + count), Math.max(0, revocations + (revoking ? count : 0)));
        }
    }

    /** When a purpose drew last, and how many it did not get then. */
    public record Demand(long at, int unserved) {}

    /** A request with a secret that Cronofy had not accepted, by a digest of it. */
    public record Stranger(String secret, long second) {}

    public Allowance(Limits limits) {
        this.limits = limits;
    }

    /** As it was kept. */
    public Allowance(
            Limits limits,
            Map<Long, Spent> spent,
            Map<Purpose, Demand> demands,
            List<Stranger> strangers,
            long pausedUntil) {
        this(limits);
        this.spent.putAll(spent);
        this.demands.putAll(demands);
        this.strangers.addAll(strangers);
        this.pausedUntil = pausedUntil;
    }

    public Map<Long, Spent> spent() {
        return Map.copyOf(spent);
    }

    public Map<Purpose, Demand> demands() {
        return Map.copyOf(demands);
    }

    public List<Stranger> strangers() {
        return List.copyOf(strangers);
    }

    public long pausedUntil() {
        return pausedUntil;
    }

    /**
     * Draws requests, which must be sent within the second of {@code now}.
     *
     * @return how many of those that are wanted
     */
    public int draw(Purpose purpose, int wanted, long now) {
        forget(now);
        int drawn = now < pausedUntil ? 0 : Math.max(0, Math.min(wanted, room(purpose, now)));
        spend(now / 1_000, drawn, purpose == Purpose.REVOCATION);
        note(purpose, wanted - drawn, now);
        return drawn;
    }

    /** As {@link #draw}, with a secret that Cronofy has not accepted yet, whoever may have made it up. */
    public int drawAsStranger(String secret, int wanted, long now) {
        forget(now);
        long own = strangers.stream().filter(one -> one.secret().equals(secret)).count();
        int all = Math.max(2, Math.min(MOST_STRANGERS, limits.perMinute() / OF_STRANGERS));
        long left = Math.min(all - strangers.size(), (all + 1) / 2 - own);
        int drawn = now < pausedUntil ? 0 : (int) Math.max(0, Math.min(wanted, Math.min(left, free(now))));
        spend(now / 1_000, drawn, false);
        for (int i = 0; i < drawn; i++) {
            strangers.add(new Stranger(secret, now / 1_000));
        }
        return drawn;
    }

    /** One that was drawn in that second, with that secret, has not been sent. */
    public void giveBack(Purpose purpose, String secret, long second) {
        boolean strange = strangers.remove(new Stranger(secret, second));
        spent.computeIfPresent(second, (same, present) -> present.plus(-1, !strange && purpose == Purpose.REVOCATION));
    }

    /** Cronofy wants nothing until then. */
    public void pause(long until) {
        pausedUntil = Math.max(pausedUntil, until);
    }

    /** After what time it is worth while to come again, by who waits before and how fast they go. */
    public Duration expected(Purpose purpose, long now) {
        long next = 1_000 - now % 1_000;
        long waiting = waitingBefore(purpose, now) + unserved(purpose, now);
        long backlog = waiting * MINUTE * 1_000 / limits.perMinute();
        return Duration.ofMillis(Math.max(0, pausedUntil - now) + Math.min(LONGEST_WAIT, Math.max(next, backlog)));
    }

    /** As {@link #expected}, with a secret that Cronofy has not accepted: when the first of these is a minute ago. */
    public Duration expectedOfStranger(long now) {
        long next = strangers.stream()
                .mapToLong(stranger -> (stranger.second() + MINUTE) * 1_000 - now)
                .min()
                .orElse(1_000);
        return Duration.ofMillis(Math.max(next, pausedUntil - now));
    }

    private int room(Purpose purpose, long now) {
        if (purpose == Purpose.REVOCATION) {
            return Math.max(ownOfRevocations(now), Math.min(sharedRoom(purpose, now), mostOfRevocations(now)));
        }
        return sharedRoom(purpose, now) - owedToRevocations(now);
    }

    private int sharedRoom(Purpose purpose, long now) {
        int room = free(now);
        if (EVENLY.contains(purpose)) {
            int keptFree = limits.perMinute() / (MANY.contains(purpose) ? 200 : 20);
            room = Math.min(room - keptFree, Math.min(part(SECOND) - all(SECOND, now), part(1) + 1 - all(1, now)));
        } else if (purpose != Purpose.AWAITED_REFRESH) {
            int burst = limits.perMinute() / 20;
            room = Math.min(room, part(10) + burst - all(10, now));
            room = Math.min(room, part(MINUTE / 2) + burst - all(MINUTE / 2, now));
        }
        return room - (int) Math.min(Integer.MAX_VALUE / 2, waitingBefore(purpose, now));
    }

    private int free(long now) {
        return Math.min(limits.perMinute() - all(MINUTE, now), limits.perSecond() - all(SECOND, now));
    }

    /** What falls to so many seconds if everything is spread evenly; at least one. */
    private int part(int seconds) {
        return Math.max(1, (limits.perMinute() * seconds + MINUTE - 1) / MINUTE);
    }

    private int tenth() {
        return Math.max(1, limits.perMinute() / REVOCATIONS_LEAST);
    }

    private int ownOfRevocations(long now) {
        int atOnce = (tenth() + 4) / 5;
        return Math.min(free(now), Math.min(tenth() - revocations(MINUTE, now), atOnce - revocations(SECOND, now)));
    }

    private int mostOfRevocations(long now) {
        boolean others = demands.entrySet().stream()
                .anyMatch(demand -> !NOT_SLOWING_REVOCATIONS.contains(demand.getKey())
                        && now - demand.getValue().at() < MINUTE * 1_000L);
        return others ? limits.perMinute() / REVOCATIONS_MOST - revocations(MINUTE, now) : Integer.MAX_VALUE;
    }

    /** Nobody comes before them for the tenth that is theirs. */
    private int owedToRevocations(long now) {
        return Math.max(0, Math.min(unserved(Purpose.REVOCATION, now), ownOfRevocations(now)));
    }

    private long waitingBefore(Purpose purpose, long now) {
        long waiting = 0;
        for (Purpose before : EnumSet.range(Purpose.AWAITED_REFRESH, purpose)) {
            waiting += before == purpose ? 0 : unserved(before, now);
        }
        return waiting;
    }

    private int unserved(Purpose purpose, long now) {
        Demand demand = demands.get(purpose);
        return demand == null || now - demand.at() > PATIENCE ? 0 : demand.unserved();
    }

    private int all(int seconds, long now) {
        return spent.tailMap(now / 1_000 - seconds + 1).values().stream()
                .mapToInt(Spent::all)
                .sum();
    }

    private int revocations(int seconds, long now) {
        return spent.tailMap(now / 1_000 - seconds + 1).values().stream()
                .mapToInt(Spent::revocations)
                .sum();
    }

    private void spend(long second, int count, boolean revoking) {
        if (count > 0) {
            spent.put(second, spent.getOrDefault(second, new Spent(0, 0)).plus(count, revoking));
        }
    }

    /** What several nodes want within one second is told by the one that got least. */
    private void note(Purpose purpose, int unserved, long now) {
        Demand before = demands.getOrDefault(purpose, new Demand(Long.MIN_VALUE, 0));
        boolean sameSecond = before.at() / 1_000 == now / 1_000;
        demands.put(purpose, new Demand(now, sameSecond ? Math.max(before.unserved(), unserved) : unserved));
    }

    private void forget(long now) {
        long oldest = now / 1_000 - MINUTE + 1;
        spent.headMap(oldest).clear();
        strangers.removeIf(stranger -> stranger.second() < oldest);
    }
}
