package io.github.enterpriseconnect.middle;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until a test turns it. */
public final class TestClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-30T09:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    public void turn(Duration forward) {
        now = now.plus(forward);
    }
}
