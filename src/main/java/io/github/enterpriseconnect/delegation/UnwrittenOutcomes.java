package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * What has come of codes that were sent, and cannot be written into our tables now: kept in the memory of this node and
 * tried again, since nobody else knows it. One outcome for each delegation.
 */
final class UnwrittenOutcomes {
    private static final Logger LOG = Logger.getLogger(UnwrittenOutcomes.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(5);

    private final Worker worker;
    private final Map<String, Outcome> waiting = new ConcurrentHashMap<>();

    /** Tells this work from other work. */
    private record Writing(String delegation) {}

    UnwrittenOutcomes(Worker worker) {
        this.worker = worker;
    }

    /** Begins to try again. */
    void start() {
        worker.submitEvery(BETWEEN_TRIES, () -> waiting.keySet().forEach(this::writeWaiting));
    }

    /** Tries once more to write all, on the caller's thread. */
    void writeAll() {
        waiting.forEach(this::write);
    }

    /**
     * Has what waits for this delegation written once more, each by a task of its own: a directory may be asked for it
     * and take its time.
     *
     * @return whether anything has waited; its code is not to be sent then
     */
    boolean writeWaiting(String delegation) {
        Outcome outcome = waiting.get(delegation);
        if (outcome != null) {
            worker.submitOnce(new Writing(delegation), () -> write(delegation, outcome));
        }
        return outcome != null;
    }

    /**
     * Writes the outcome, now or later.
     *
     * @param writing writes it, or throws; it may be done once more although it has succeeded
     * @param hold keeps other nodes from sending the code meanwhile, where at least that can be written
     */
    void write(String delegation, Runnable writing, Runnable hold) {
        write(delegation, new Outcome(writing, hold));
    }

    private void write(String delegation, Outcome outcome) {
        try {
            if (outcome.write()) {
                waiting.remove(delegation, outcome);
            }
        } catch (RuntimeException e) {
            // Deliberately everything: whatever keeps us from writing, nobody learns of this again.
            if (waiting.putIfAbsent(delegation, outcome) == null) {
                LOG.warnf(
                        e,
                        "what came of the code of delegation %s could not be written; it is kept and tried again",
                        delegation);
            }
            outcome.hold();
        }
    }

    private static final class Outcome {
        private final Runnable writing;
        private final Runnable hold;
        private final Lock turn = new ReentrantLock();
        private boolean written;

        Outcome(Runnable writing, Runnable hold) {
            this.writing = writing;
            this.hold = hold;
        }

        /**
         * Not by two threads at once, and nobody waits for another's database: whoever has the turn sees to it.
         *
         * @return whether it is written
         */
        boolean write() {
            if (!turn.tryLock()) {
                return false;
            }
            try {
                if (!written) {
                    writing.run();
                    written = true;
                }
                return true;
            } finally {
                turn.unlock();
            }
        }

        void hold() {
            try {
                hold.run();
            } catch (RuntimeException e) {
                // Of what is away somebody has heard already.
                LOG.debugf("a code could not be held: %s", e.getMessage());
            }
        }
    }
}
