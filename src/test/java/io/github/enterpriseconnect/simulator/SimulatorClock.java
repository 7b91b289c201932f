package io.github.enterpriseconnect.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** Runs with the machine's clock plus what it was advanced by. Codes, tokens and limits live by it. */
final class SimulatorClock implements InstantSource {
    private final InstantSource machine = InstantSource.system();
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    @Override
    public Instant instant() {
        return machine.instant().plus(ahead.get());
    }

    Duration ahead() {
        return ahead.get();
    }

    void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("the clock only goes forward: write a positive duration, or reset");
        }
        ahead.accumulateAndGet(by, Duration::plus);
    }

    void reset() {
        ahead.set(Duration.ZERO);
    }
}
