package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.CronofyException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/** Sends again what Cronofy has not done, for as long as a person may be expected to wait for a page. */
final class Patience {
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final InstantSource clock;
    private final Consumer<Duration> pause;

    Patience(InstantSource clock, Consumer<Duration> pause) {
        this.clock = clock;
        this.pause = pause;
    }

    /** A call to Cronofy. */
    interface Call<T> {
        T make() throws CronofyException;
    }

    /** @throws CronofyException of the last try; {@code NotDone} if Cronofy did not do it all the time */
    <T> T await(Call<T> call) throws CronofyException {
        Instant deadline = clock.instant().plus(LONGEST);
        while (true) {
            try {
                return call.make();
            } catch (CronofyException.NotDone notDone) {
                Duration wish = notDone.retryAfter().compareTo(PAUSE) > 0 ? notDone.retryAfter() : PAUSE;
                if (clock.instant().plus(wish).isAfter(deadline)
                        || Thread.currentThread().isInterrupted()) {
                    throw notDone;
                }
                pause.accept(wish);
            }
        }
    }
}
