package io.github.enterpriseconnect.platform;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is done in the background for many people of a directory, apart from everybody else, since the directory may take
 * its time: at most one such round of each directory is under way.
 */
public final class DirectoryRounds {
    private final Worker worker;
    private final Set<DirectoryId> underWay = ConcurrentHashMap.newKeySet();

    public DirectoryRounds(Worker worker) {
        this.worker = worker;
    }

    /**
     * Begins a round in the background.
     *
     * @return false if an earlier round of the directory is under way still, or there is no room: nothing is done
     */
    public boolean begin(DirectoryId directory, Runnable round) {
        if (!underWay.add(directory)) {
            return false;
        }
        boolean room = worker.submit(() -> {
            try {
                round.run();
            } finally {
                underWay.remove(directory);
            }
        });
        if (!room) {
            underWay.remove(directory);
        }
        return room;
    }
}
