package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.AskedDirectory.Asker;
import io.github.enterpriseconnect.platform.AskedDirectory.Turn;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;

/**
 * The questions to user directories that are under way on this node. A directory may take a connection and then say
 * nothing for minutes, and nobody can call back the thread that has asked it. So the threads of the background ask one
 * directory one at a time, and once it has been silent for too long nobody else asks it: what depends on it is {@link
 * Unreadable} at once. The first answer to anybody opens it again, whoever else is stuck in it still; while nobody is
 * answered, somebody is let in now and then to find that out. One that answers is not remembered.
 */
public final class Directories {
    /** After so long without an answer a directory hangs. */
    static final Duration PATIENCE = AskedDirectory.PATIENCE;

    private static final Logger LOG = Logger.getLogger(Directories.class);
    private static final String IN_SESSION = "enterprise-connect.directories";

    /** Whoever stands behind others, or is the last of a crew, waits for the turn for so long at most. */
    static final Duration MOMENT = AskedDirectory.MOMENT;

    private static final Duration BLINK = Duration.ofMillis(10);
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final InstantSource clock;
    private final Consumer<Duration> pause;
    private final Supplier<Optional<Crew>> crews;
    private final Map<DirectoryId, Asked> asked = new HashMap<>();
    private final NobodyElse nobodyElse;

    /**
     * For one server.
     *
     * @param pause waits for so long
     * @param crews whose thread the current one is; empty for those of Keycloak's that serve requests
     */
    public Directories(InstantSource clock, Consumer<Duration> pause, Supplier<Optional<Crew>> crews) {
        this.clock = clock;
        this.pause = pause;
        this.crews = crews;
        this.nobodyElse = new NobodyElse(clock);
    }

    /** What is known of one directory. Guarded by the map of all. */
    private static final class Asked {
        private final AskedDirectory by = new AskedDirectory();
        private Instant changedAt = Instant.MIN;
        private boolean told;
    }

    /** What is asked in this session is asked in turn from now on. */
    public void serve(KeycloakSession session) {
        session.setAttribute(IN_SESSION, this);
    }

    /** Those that serve the session; empty where nobody keeps turns, as in Keycloak's own tools. */
    static Optional<Directories> of(KeycloakSession session) {
        return Optional.ofNullable(session.getAttribute(IN_SESSION, Directories.class));
    }

    /** As {@link #ask(DirectoryId, Supplier)}, by those that serve the session. */
    static <T> T ask(KeycloakSession session, DirectoryId directory, Supplier<T> question) {
        return ask(session, directory, question, told -> true);
    }

    /** As {@link #ask(DirectoryId, Supplier, Predicate)}, by those that serve the session. */
    static <T> T ask(KeycloakSession session, DirectoryId directory, Supplier<T> question, Predicate<T> answer) {
        Optional<Directories> serving = of(session);
        return serving.isPresent() ? serving.get().ask(directory, question, answer) : question.get();
    }

    /** As {@link #ask(DirectoryId, Supplier, Predicate)}, where whatever is told is an answer. */
    public <T> T ask(DirectoryId directory, Supplier<T> question) {
        return ask(directory, question, told -> true);
    }

    /**
     * What is told to a question that the directory may be asked for.
     *
     * @param answer whether it is the directory's answer, rather than what stands in for one
     * @throws Unreadable it hangs, or nobody can tell whether it does while it is asked by others
     */
    <T> T ask(DirectoryId directory, Supplier<T> question, Predicate<T> answer) {
        if (!take(directory)) {
            return question.get();
        }
        boolean answered = false;
        try {
            T told = question.get();
            answered = answer.test(told);
            return told;
        } finally {
            giveBack(directory, answered);
        }
    }

    /** Whether somebody waits for the directory already, and not for the first moment: others may wait as well. */
    boolean slow(DirectoryId directory) {
        synchronized (asked) {
            Asked state = asked.get(directory);
            return state != null && state.by.silentFor(MOMENT, clock.instant());
        }
    }

    /** Whether it is a thread of the background that asks. */
    boolean inBackground() {
        return crews.get().isPresent();
    }

    /** What was found out about addresses, for as long as directories do not answer. */
    NobodyElse nobodyElse() {
        return nobodyElse;
    }

    /** Whether the turn was taken; false if this thread has it already. */
    private boolean take(DirectoryId directory) {
        Thread thread = Thread.currentThread();
        Optional<Crew> crew = crews.get();
        String name = crew.map(Crew::name).orElse(null);
        while (true) {
            synchronized (asked) {
                Instant now = clock.instant();
                Asked state = asked.computeIfAbsent(directory, unknown -> new Asked());
                if (state.by.askedBy(thread)) {
                    return false;
                }
                Turn turn = crew.map(of -> state.by.forCrew(thread, of, others(thread, of), now))
                        .orElseGet(() -> state.by.forRequest(now));
                if (turn == Turn.YES) {
                    state.by.begin(thread, new Asker(now, name));
                    return true;
                }
                tell(directory, state, now);
                if (turn == Turn.NO || thread.isInterrupted()) {
                    state.by.leave(thread);
                    forgetIfWell(directory, state);
                    throw Unreadable.directory(directory.component());
                }
                state.by.await(thread, new Asker(now, name));
            }
            pause.accept(BLINK);
        }
    }

    private AskedDirectory.Others others(Thread thread, Crew crew) {
        return AskedDirectory.Others.of(asked.values().stream().map(one -> one.by), thread, crew.name());
    }

    private void giveBack(DirectoryId directory, boolean answered) {
        synchronized (asked) {
            Instant now = clock.instant();
            Asked state = asked.get(directory);
            if (state == null) {
                return;
            }
            state.changedAt = now;
            Duration silent = state.by.end(Thread.currentThread(), answered, now);
            if (answered && state.told) {
                state.told = false;
                LOG.infof("directory %s of realm %s answers again", directory.component(), directory.realm());
            } else if (silent.compareTo(PATIENCE) >= 0) {
                tell(directory, state, now, silent);
            }
            forgetIfWell(directory, state);
        }
    }

    private void forgetIfWell(DirectoryId directory, Asked state) {
        if (state.by.idle() && !state.told && !state.by.rests(clock.instant())) {
            asked.remove(directory);
        }
    }

    /** Begins to look whether any directory hangs, so that somebody hears of it although nobody else asks it. */
    public void start(Worker worker) {
        worker.submitEvery(PATIENCE, this::look);
    }

    /** One that is not asked any more, since it was removed, is forgotten some time. */
    private void look() {
        synchronized (asked) {
            Instant now = clock.instant();
            asked.forEach((directory, state) -> tell(directory, state, now));
            asked.values()
                    .removeIf(state ->
                            state.by.idle() && !state.changedAt.plus(REMEMBERED).isAfter(now));
        }
    }

    private static void tell(DirectoryId directory, Asked state, Instant now) {
        if (state.by.silentFor(PATIENCE, now)) {
            tell(directory, state, now, Duration.between(state.by.silentSince().orElse(now), now));
        }
    }

    private static void tell(DirectoryId directory, Asked state, Instant now, Duration silentFor) {
        if (!state.told) {
            state.told = true;
            state.changedAt = now;
            LOG.warnf(
                    "directory %s of realm %s has not answered for %d s; its people wait until it does, nobody else does."
                            + " Give it a read timeout: without, Keycloak waits for it without a limit",
                    directory.component(), directory.realm(), silentFor.toSeconds());
        }
    }
}
