package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Unreadable;
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
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;

/**
 * The questions to user directories that are under way on this node. A directory may take a connection and then say
 * nothing for minutes, and nobody can call back the thread that has asked it. So the threads of the background ask one
 * directory one at a time, and once it has been silent for too long nobody else asks it: what depends on it is {@link
 * Unreadable} at once. The first answer opens it again. One that answers is not remembered.
 */
public final class Directories {
    /** After so long without an answer a directory hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Logger LOG = Logger.getLogger(Directories.class);
    private static final String IN_SESSION = "enterprise-connect.directories";

    /** More than one of a crew waits for the same directory for so long at most. */
    static final Duration MOMENT = Duration.ofMillis(500);

    private static final Duration BLINK = Duration.ofMillis(20);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final Duration REMEMBERED = Duration.ofHours(1);

    /** One who asks and one who finds out whether it is that question alone that takes its time. */
    private static final int MOST_WHILE_SILENT = 2;

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

    private record Question(Instant since, @Nullable String crew) {
        boolean olderThan(Duration age, Instant now) {
            return !since.plus(age).isAfter(now);
        }
    }

    /** How it stands with one directory. Guarded by the map of all. */
    private static final class Asked {
        private final Map<Thread, Question> underWay = new HashMap<>();

        /** Who waits for the turn, each with the crew. */
        private final Map<Thread, String> waiting = new HashMap<>();

        private Instant changedAt = Instant.MIN;
        private Instant answeredAt = Instant.MIN;
        private Instant restsUntil = Instant.MIN;
        private boolean told;

        boolean silentFor(Duration age, Instant now) {
            return underWay.values().stream()
                    .anyMatch(one -> one.olderThan(age, now) && !answeredAt.isAfter(one.since()));
        }

        boolean idle() {
            return underWay.isEmpty() && waiting.isEmpty();
        }

        Optional<Question> of(String crew) {
            return underWay.values().stream()
                    .filter(one -> crew.equals(one.crew()))
                    .findFirst();
        }
    }

    private enum Turn {
        YES,
        WAIT,
        NO
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
            return state != null && state.silentFor(MOMENT, clock.instant());
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
        Thread asker = Thread.currentThread();
        Optional<Crew> crew = crews.get();
        while (true) {
            synchronized (asked) {
                Instant now = clock.instant();
                Asked state = asked.computeIfAbsent(directory, unknown -> new Asked());
                if (state.underWay.containsKey(asker)) {
                    return false;
                }
                state.waiting.remove(asker);
                Turn turn = turn(state, asker, crew, now);
                if (turn == Turn.YES) {
                    state.underWay.put(
                            asker, new Question(now, crew.map(Crew::name).orElse(null)));
                    return true;
                }
                tell(directory, state, now);
                if (turn == Turn.NO) {
                    forgetIfWell(directory, state);
                    throw Unreadable.directory(directory.component());
                }
                crew.ifPresent(of -> state.waiting.put(asker, of.name()));
            }
            pause.accept(BLINK);
        }
    }

    private Turn turn(Asked state, Thread asker, Optional<Crew> crew, Instant now) {
        boolean silent = state.silentFor(PATIENCE, now);
        if (silent && state.underWay.size() >= MOST_WHILE_SILENT) {
            return Turn.NO;
        }
        if (crew.isEmpty()) {
            return Turn.YES;
        }
        if (now.isBefore(state.restsUntil)) {
            return Turn.NO;
        }
        String name = crew.get().name();
        Optional<Question> before = state.of(name);
        if (before.isPresent()) {
            boolean another = state.waiting.containsValue(name);
            return before.get().olderThan(another ? MOMENT : PATIENCE, now) ? Turn.NO : Turn.WAIT;
        }
        // Somebody of each crew stays with those who are in no directory.
        Map<Thread, Question> others = new HashMap<>();
        asked.values()
                .forEach(one -> one.underWay.forEach((thread, question) -> {
                    if (!thread.equals(asker) && name.equals(question.crew())) {
                        others.put(thread, question);
                    }
                }));
        if (others.size() + 1 < crew.get().size()) {
            return Turn.YES;
        }
        return others.values().stream().allMatch(one -> one.olderThan(MOMENT, now)) ? Turn.NO : Turn.WAIT;
    }

    /** What failed after a long time may do so once more: it is asked again after as long a rest. */
    private void giveBack(DirectoryId directory, boolean answered) {
        synchronized (asked) {
            Instant now = clock.instant();
            Asked state = asked.get(directory);
            Question question = state == null ? null : state.underWay.remove(Thread.currentThread());
            if (state == null || question == null) {
                return;
            }
            state.changedAt = now;
            if (answered) {
                state.answeredAt = now;
                state.restsUntil = Instant.MIN;
                if (state.told) {
                    state.told = false;
                    LOG.infof("directory %s of realm %s answers again", directory.component(), directory.realm());
                }
            } else if (question.olderThan(MOMENT, now)) {
                Duration took = Duration.between(question.since(), now);
                if (question.olderThan(PATIENCE, now)) {
                    tell(directory, state, now, took);
                }
                state.restsUntil = now.plus(took.compareTo(LONGEST_REST) < 0 ? took : LONGEST_REST);
            }
            forgetIfWell(directory, state);
        }
    }

    private void forgetIfWell(DirectoryId directory, Asked state) {
        if (state.idle() && !state.told && !clock.instant().isBefore(state.restsUntil)) {
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
                            state.idle() && !state.changedAt.plus(REMEMBERED).isAfter(now));
        }
    }

    private static void tell(DirectoryId directory, Asked state, Instant now) {
        if (state.silentFor(PATIENCE, now)) {
            Instant since = state.underWay.values().stream()
                    .map(Question::since)
                    .min(Instant::compareTo)
                    .orElse(now);
            tell(directory, state, now, Duration.between(since, now));
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
