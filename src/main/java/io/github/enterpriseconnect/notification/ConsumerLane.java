package io.github.enterpriseconnect.notification;

import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this node sends to one consumer: a few at a time, so that a slow one takes few threads from the others, and none for
 * a while where it has failed again and again. What finds no room here stays in the table.
 */
final class ConsumerLane {
    private static final int AT_ONCE = 6;
    private static final int MOST = 1_000;

    /** So often in a row somebody may fail before all that they are sent waits. */
    private static final int PATIENCE = 3;

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(2);
    private static final int MOST_DOUBLINGS = 5;

    private final Worker worker;
    private final Consumer<String> delivery;
    private final Deque<String> waiting = new ArrayDeque<>();
    private final Set<String> known = new HashSet<>();
    private int underWay;
    private int failures;
    private Instant pausedUntil = Instant.EPOCH;

    ConsumerLane(Worker worker, Consumer<String> delivery) {
        this.worker = worker;
        this.delivery = delivery;
    }

    /** Has one sent soon, unless it is under way already; false if there is no room. */
    boolean add(String id) {
        synchronized (this) {
            if (known.contains(id)) {
                return true;
            }
            if (known.size() >= MOST) {
                return false;
            }
            known.add(id);
            waiting.add(id);
        }
        goOn();
        return true;
    }

    private void goOn() {
        for (String id = next(); id != null; id = next()) {
            String taken = id;
            boolean room = worker.submit(() -> {
                try {
                    delivery.accept(taken);
                } finally {
                    done(taken);
                    goOn();
                }
            });
            if (!room) {
                done(taken);
                leave();
                return;
            }
        }
    }

    private synchronized @Nullable String next() {
        if (underWay >= AT_ONCE || waiting.isEmpty()) {
            return null;
        }
        underWay++;
        return waiting.remove();
    }

    private synchronized void done(String id) {
        underWay--;
        known.remove(id);
    }

    /** Whatever waits here is left to the table. */
    private synchronized void leave() {
        known.removeAll(waiting);
        waiting.clear();
    }

    /** The consumer has answered as it should. */
    synchronized void succeeded() {
        failures = 0;
        pausedUntil = Instant.EPOCH;
    }

    /** It has not; after some times in a row nobody tries for a while. */
    void failed(Instant now) {
        boolean paused;
        synchronized (this) {
            failures++;
            paused = failures >= PATIENCE;
            if (paused) {
                int doublings = Math.min(failures - PATIENCE, MOST_DOUBLINGS);
                pausedUntil = now.plus(SHORTEST_PAUSE.multipliedBy(1L << doublings));
            }
        }
        if (paused) {
            leave();
        }
    }

    /** Nothing is sent before; in the past if anything may be. */
    synchronized Instant pausedUntil() {
        return pausedUntil;
    }
}
