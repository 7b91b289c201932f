package io.github.enterpriseconnect.platform;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What is done in the background for many people of a directory, apart from everybody else, since the directory may take
 * its time: one such round of each directory is under way, unless an earlier one is stuck in it.
 */
public final class DirectoryRounds {
    private final Worker worker;
    private final UnderWay<DirectoryId> underWay;

    public DirectoryRounds(Worker worker, InstantSource clock) {
        this.worker = worker;
        this.underWay = new UnderWay<>(clock);
    }

    /**
     * Begins a round in the background.
     *
     * @return false if an earlier round of the directory is under way still, or there is no room: nothing is done
     */
    public boolean begin(DirectoryId directory, Runnable round) {
        Optional<Runnable> end = underWay.begin(directory, Duration.ZERO);
        if (end.isEmpty()) {
            return false;
        }
        boolean room = worker.submit(() -> {
            try {
                round.run();
            } finally {
                end.get().run();
            }
        });
        if (!room) {
            end.get().run();
        }
        return room;
    }
}
