package io.github.enterpriseconnect.platform;

import java.time.Duration;

/**
 * Work in the background, on threads of this node. It may be forgotten, by a full queue or a crash: everything that
 * must happen is in a table, where a sweep finds it again. No method waits or throws.
 */
public interface Worker {
    /** Does the work soon; says whether there was room. */
    boolean submit(Runnable work);

    /**
     * As {@link #submit}, but work under the same key is never done twice at a time: what waits already counts for this
     * one too, and while it is being done, it is done once more afterwards, since it may have passed by what is new.
     *
     * @param key equal for the same work
     */
    boolean submitOnce(Object key, Runnable work);

    /** Does the work after a pause; if there is no room then, does the other instead, at once. */
    void submitLater(Duration pause, Runnable work, Runnable noRoom);

    /** Does the work again and again, with this pause between an end and the next beginning. */
    void submitEvery(Duration pause, Runnable work);

    /** Does one of many pieces of work now: if it fails, that is logged and the others go on. */
    void attempt(Runnable piece);
}
