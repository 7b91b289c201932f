package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.Sessions.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How far one look at all sessions of a realm has come: those of users of Keycloak's own are looked at first, those of
 * each directory by a thread of their own then. It is over once all parts have ended.
 */
final class SessionSweep {
    private static final int MOST_OF_DIRECTORY = 10_000;

    private final String realm;
    private final Instant begun;
    private final Map<DirectoryId, List<Session>> ofDirectories = new LinkedHashMap<>();
    private final AtomicReference<@Nullable Instant> undecided = new AtomicReference<>();
    private final AtomicInteger parts = new AtomicInteger(1);

    SessionSweep(String realm, Instant begun) {
        this.realm = realm;
        this.begun = begun;
    }

    String realm() {
        return realm;
    }

    Instant begun() {
        return begun;
    }

    /** This one is to be looked at again. */
    void leave(Session session) {
        undecided.accumulateAndGet(session.seenAt(), (one, other) -> other == null ? one : earlier(one, other));
    }

    /** This one is looked at after those of no directory. */
    void wait(DirectoryId directory, Session session) {
        List<Session> waiting = ofDirectories.computeIfAbsent(directory, id -> new ArrayList<>());
        if (waiting.size() < MOST_OF_DIRECTORY) {
            waiting.add(session);
        } else {
            leave(session);
        }
    }

    /** Hands out those of directories, each as a part of its own. */
    Map<DirectoryId, List<Session>> ofDirectories() {
        Map<DirectoryId, List<Session>> all = Map.copyOf(ofDirectories);
        parts.addAndGet(all.size());
        return all;
    }

    /** Whether it is over, with the end of one more of its parts. */
    boolean end() {
        return parts.decrementAndGet() == 0;
    }

    /** Whether anybody is to be looked at again. */
    boolean undecided() {
        return undecided.get() != null;
    }

    /** Once it is over: before this time, or another, nobody is to be looked at again. */
    Instant decidedUntil(Instant other) {
        return earlier(undecided.get(), other);
    }

    /** As {@link #decidedUntil}, while those of directories are still to be looked at. */
    Instant lookedUntil(Instant other) {
        return ofDirectories.values().stream()
                .map(waiting -> waiting.get(0).seenAt())
                .reduce(decidedUntil(other), SessionSweep::earlier);
    }

    private static Instant earlier(@Nullable Instant one, Instant other) {
        return one == null || other.isBefore(one) ? other : one;
    }
}
