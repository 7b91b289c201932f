package io.github.enterpriseconnect.platform;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the background, in three lanes that know nothing of each other: few threads each, with a bounded queue.
 * What somebody waits for never stands behind what has time, however slow a directory or a mail server is, and neither
 * behind applications that are slow to be told something. They accept
 * nothing before {@link #open}, which is for a server alone: what is to be done is in tables, and waits for one.
 */
public final class BackgroundWorker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BackgroundWorker.class);
    private static final int URGENT_THREADS = 4;
    private static final int IDLE_THREADS = 6;
    private static final int TELLING_THREADS = 32;
    private static final int QUEUED = 1_000;
    private static final Duration LAST_CALLS = Duration.ofSeconds(10);

    private final ScheduledThreadPoolExecutor timer;
    private final Lane urgent;
    private final Lane idle;
    private final Lane telling;
    private volatile boolean open;

    public BackgroundWorker() {
        timer = new ScheduledThreadPoolExecutor(1, threads("timer", null));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        urgent = new Lane("worker", URGENT_THREADS, timer, () -> open);
        idle = new Lane("idle", IDLE_THREADS, timer, () -> open);
        telling = new Lane("telling", TELLING_THREADS, timer, () -> open);
    }

    /** A server serves from now on. */
    public void open() {
        open = true;
    }

    /** For what somebody waits for: members to be asked for, codes, tokens, revocations. */
    public Worker urgent() {
        return urgent;
    }

    /** For what has time: looking at everybody again, mails, forgetting. */
    public Worker idle() {
        return idle;
    }

    /** For what applications are told: many at once, since each waits for somebody else's answer. */
    public Worker telling() {
        return telling;
    }

    /** For deadlines only; what runs on it must not wait. */
    public ScheduledExecutorService timer() {
        return timer;
    }

    /** Lets calls to Cronofy that are under way end, since their answers may hold tokens that nobody gets again. */
    @Override
    public void close() {
        urgent.workers.shutdown();
        idle.workers.shutdown();
        telling.workers.shutdown();
        urgent.end();
        idle.end();
        telling.end();
        timer.shutdownNow();
    }

    /** To whom the current thread belongs; empty if it is none that does background work. */
    public static Optional<Crew> crew() {
        return Thread.currentThread() instanceof Hand hand ? Optional.ofNullable(hand.crew) : Optional.empty();
    }

    private static ThreadFactory threads(String role, @Nullable Crew crew) {
        AtomicInteger count = new AtomicInteger();
        return work -> new Hand(work, "enterprise-connect-" + role + "-" + count.incrementAndGet(), crew);
    }

    private static final class Hand extends Thread {
        private final @Nullable Crew crew;

        Hand(Runnable work, String name, @Nullable Crew crew) {
            super(work, name);
            this.crew = crew;
            setDaemon(true);
        }
    }

    /** How far work has come that is done once at a time. */
    private enum Progress {
        WAITING,
        RUNNING,
        /** And to be done once more. */
        RUNNING_AGAIN
    }

    private static final class Lane implements Worker {
        private final String name;
        private final ThreadPoolExecutor workers;
        private final ScheduledThreadPoolExecutor timer;
        private final BooleanSupplier open;
        private final Map<Object, Progress> underWay = new ConcurrentHashMap<>();

        Lane(String name, int size, ScheduledThreadPoolExecutor timer, BooleanSupplier open) {
            this.name = name;
            this.timer = timer;
            this.open = open;
            workers = new ThreadPoolExecutor(
                    size,
                    size,
                    30,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(QUEUED),
                    threads(name, new Crew(name, size)));
            workers.allowCoreThreadTimeOut(true);
        }

        void end() {
            try {
                if (!workers.awaitTermination(LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS)) {
                    workers.shutdownNow();
                }
            } catch (InterruptedException e) {
                workers.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean submit(Runnable work) {
            if (!open.getAsBoolean()) {
                LOG.debug("no server serves here; work is left to one");
                return false;
            }
            try {
                workers.execute(() -> attempt(work));
                return true;
            } catch (RejectedExecutionException full) {
                LOG.warnf("the background queue %s is full; work was left to the next sweep", name);
                return false;
            }
        }

        @Override
        public boolean submitOnce(Object key, Runnable work) {
            AtomicBoolean first = new AtomicBoolean();
            underWay.compute(key, (same, progress) -> {
                first.set(progress == null);
                return progress == null || progress == Progress.WAITING ? Progress.WAITING : Progress.RUNNING_AGAIN;
            });
            return !first.get() || submitWaiting(key, work);
        }

        private boolean submitWaiting(Object key, Runnable work) {
            boolean accepted = submit(() -> runOnce(key, work));
            if (!accepted) {
                underWay.remove(key);
            }
            return accepted;
        }

        private void runOnce(Object key, Runnable work) {
            underWay.put(key, Progress.RUNNING);
            try {
                work.run();
            } finally {
                Progress left = underWay.computeIfPresent(
                        key, (same, progress) -> progress == Progress.RUNNING_AGAIN ? Progress.WAITING : null);
                if (left != null) {
                    submitWaiting(key, work);
                }
            }
        }

        @Override
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

        @Override
        public void submitEvery(Duration pause, Runnable work) {
            if (timer.isShutdown()) {
                return;
            }
            Runnable next = () -> submitEvery(pause, work);
            submitLater(
                    pause,
                    () -> {
                        try {
                            work.run();
                        } finally {
                            next.run();
                        }
                    },
                    next);
        }

        @Override
        public void attempt(Runnable piece) {
            try {
                piece.run();
            } catch (Transactions.RealmGone gone) {
                LOG.debug("the realm of some background work is gone");
            } catch (RuntimeException e) {
                // The last place that sees a background failure: the thread goes on, the table keeps what is to be
                // done.
                LOG.warn("background work failed; it is tried again by a later sweep", e);
            }
        }
    }
}
