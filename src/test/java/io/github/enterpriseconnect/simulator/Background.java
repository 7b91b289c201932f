package io.github.enterpriseconnect.simulator;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The simulator's threads: as many as there is work, none of them waiting for a time to come. */
final class Background implements Executor {
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(daemons("simulator-timer"));
    private final ExecutorService workers = Executors.newCachedThreadPool(daemons("simulator-worker"));

    @Override
    public void execute(Runnable task) {
        workers.execute(task);
    }

    /** After so much real time; forgotten when the simulator was stopped. */
    void execute(Duration delay, Runnable task) {
        try {
            Future<?> unused = timer.schedule(() -> workers.execute(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopped) {
            return;
        }
    }

    void stop() {
        timer.shutdownNow();
        workers.shutdownNow();
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
