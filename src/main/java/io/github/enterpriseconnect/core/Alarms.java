package io.github.enterpriseconnect.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which problems have been told of already by this node: each is told once until it is over, however many suffer from
 * it.
 */
public final class Alarms {
    private final Map<String, Reason> told = new ConcurrentHashMap<>();

    /**
     * Whether somebody has to be told of a problem now.
     *
     * @param of what has it, such as {@link Application#key()}
     */
    public boolean begins(String of, Reason problem) {
        return told.put(of, problem) != problem;
    }

    /** Whether anything was told of that is not over. */
    public boolean any() {
        return !told.isEmpty();
    }

    /** Whatever was told of is over now. */
    public void endAll() {
        told.clear();
    }

    /** Whether a problem that was told of is over now. */
    public boolean ends(String of) {
        return told.remove(of) != null;
    }
}
