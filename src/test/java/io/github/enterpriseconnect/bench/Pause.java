package io.github.enterpriseconnect.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Time in which servers are looked at that nobody asks for anything. */
final class Pause {
    private Pause() {}

    static void of(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
