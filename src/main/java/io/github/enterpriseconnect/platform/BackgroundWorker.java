package io.github.enterpriseconnect.platform;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * The threads that talk to Cronofy behind everyone's back: few, with a bounded queue. A full queue drops work, which is
 * harmless because everything that matters lies in a table and a sweep finds it again.
 */
public final class BackgroundWorker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BackgroundWorker.class);
    private static final int THREADS = 4;
    private static final int QUEUED = 1_000;
    private static final Duration LAST_CALLS = Duration.ofSeconds(10);

    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;

    public BackgroundWorker() {
        workers = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUED), named("worker"));
        workers.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, named("timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Never throws and never waits; says whether there was room. */
    public boolean submit(Runnable work) {
        try {
            workers.execute(() -> run(work));
            return true;
        } catch (RejectedExecutionException full) {
            LOG.warn("the background queue is full; work was left to the next sweep");
            return false;
        }
    }

    /** Submits the work after a pause; if there is no room then, tells the other instead. */
    public void submitLater(Duration pause, Runnable work, Runnable noRoom) {
        try {
            ScheduledFuture<?> unused = timer.schedule(
                    () -> {
                        if (!submit(work)) {
                            noRoom.run();
                        }
                    },
                    pause.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            noRoom.run();
        }
    }

    /** Submits the work again and again, but not while it still runs or waits to. */
    public void submitEvery(Duration pause, Runnable work) {
        AtomicBoolean underWay = new AtomicBoolean();
        Runnable guarded = () -> {
            if (!underWay.compareAndSet(false, true)) {
                return;
            }
            boolean accepted = submit(() -> {
                try {
                    work.run();
                } finally {
                    underWay.set(false);
                }
            });
            if (!accepted) {
                underWay.set(false);
            }
        };
        ScheduledFuture<?> unused =
                timer.scheduleWithFixedDelay(guarded, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** One of many pieces of work: if it fails, the others go on. */
    public void attempt(Runnable piece) {
        run(piece);
    }

    /** For deadlines only; what runs on it must not wait. */
    public ScheduledExecutorService timer() {
        return timer;
    }

    /** Lets calls to Cronofy that are under way end, since their answers may hold tokens that nobody gets again. */
    @Override
    public void close() {
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        workers.shutdown();
        try {
            if (!workers.awaitTermination(LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
        timer.shutdownNow();
    }

    private static void run(Runnable work) {
        try {
            work.run();
        } catch (Transactions.RealmGone gone) {
            LOG.debug("the realm of some background work is gone");
        } catch (RuntimeException e) {
            // The last place that sees a background failure: the thread goes on, the table keeps what is to be done.
            LOG.warn("background work failed; it is tried again by a later sweep", e);
        }
    }

    private static ThreadFactory named(String role) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, "enterprise-connect-" + role + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
