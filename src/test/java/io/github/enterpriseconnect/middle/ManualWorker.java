package io.github.enterpriseconnect.middle;

import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A worker that does nothing by itself: a test has it do what waits, and turns its clock to what is due later. */
public final class ManualWorker implements Worker {
    private static final int ENDLESS = 10_000;

    private final TestClock clock;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private final List<Later> later = new ArrayList<>();
    private final Set<Object> waiting = new HashSet<>();
    private final List<RuntimeException> failures = new ArrayList<>();
    private int room = Integer.MAX_VALUE;

    private record Later(Instant due, Runnable work, Runnable noRoom) {}

    ManualWorker(TestClock clock) {
        this.clock = clock;
    }

    /** From now on no more than so many wait; the others find no room. */
    public void limit(int room) {
        this.room = room;
    }

    /** What has failed since the test began. */
    public List<RuntimeException> failures() {
        return failures;
    }

    @Override
    public boolean submit(Runnable work) {
        return queue.size() < room && queue.add(work);
    }

    @Override
    public boolean submitOnce(Object key, Runnable work) {
        if (waiting.contains(key)) {
            return true;
        }
        boolean accepted = submit(() -> {
            waiting.remove(key);
            work.run();
        });
        if (accepted) {
            waiting.add(key);
        }
        return accepted;
    }

    @Override
    public void submitLater(Duration pause, Runnable work, Runnable noRoom) {
        later.add(new Later(clock.instant().plus(pause), work, noRoom));
    }

    @Override
    public void submitEvery(Duration pause, Runnable work) {
        Runnable next = () -> submitEvery(pause, work);
        submitLater(
                pause,
                () -> {
                    attempt(work);
                    next.run();
                },
                next);
    }

    @Override
    public void attempt(Runnable piece) {
        try {
            piece.run();
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    /** Does all that waits, and what that leads to, but nothing that is due later. */
    public void run() {
        for (int done = 0; !queue.isEmpty(); done++) {
            if (done == ENDLESS) {
                throw new AssertionError("the work never ends");
            }
            attempt(queue.remove());
        }
    }

    /** Turns the clock forward, doing on the way what comes due, in its order. */
    public void turn(Duration forward) {
        Instant end = clock.instant().plus(forward);
        run();
        for (Optional<Later> next = next(end); next.isPresent(); next = next(end)) {
            Later due = next.get();
            later.remove(due);
            turnTo(due.due());
            if (!submit(due.work())) {
                due.noRoom().run();
            }
            run();
        }
        turnTo(end);
    }

    /** Unless what was done on the way has turned the clock further already. */
    private void turnTo(Instant then) {
        if (then.isAfter(clock.instant())) {
            clock.turn(Duration.between(clock.instant(), then));
        }
    }

    private Optional<Later> next(Instant end) {
        return later.stream().filter(one -> !one.due().isAfter(end)).min(Comparator.comparing(Later::due));
    }
}
