package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.platform.DirectoryId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who waits in the memory of this node, in lines, each in the order in which they came; with room for so many. For any
 * number of threads.
 */
final class WaitingRoom {
    private final int room;
    private final Map<Line, Map<String, Waiting>> queues = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    WaitingRoom(int room) {
        this.room = room;
    }

    /**
     * Those of one link who are decided on together.
     *
     * @param directory that they come from; empty for those of Keycloak's own, and for whoever has just come
     */
    record Line(LinkId link, Optional<DirectoryId> directory) {
        static Line first(LinkId link) {
            return new Line(link, Optional.empty());
        }
    }

    /**
     * Somebody who waits.
     *
     * @param signIn that it is about; empty if the last one counts
     * @param noted whether a table has them found again
     */
    record Waiting(Optional<SignIn> signIn, boolean noted) {
        static Waiting inMemoryOnly(Optional<SignIn> signIn) {
            return new Waiting(signIn, false);
        }

        static Waiting noted(Optional<SignIn> signIn) {
            return new Waiting(signIn, true);
        }

        /** What comes from a table is older than what memory alone knows. */
        Waiting over(Waiting before) {
            if (noted) {
                return before.signIn().isEmpty() ? this : before;
            }
            Optional<SignIn> latest = signIn.or(before::signIn);
            return new Waiting(latest, before.noted() && latest.equals(before.signIn()));
        }
    }

    /** Lets a member in, or has one who is in already wait on; false if there is no room. */
    boolean enter(Line line, String userId, Waiting member) {
        if (all.get() >= room) {
            return false;
        }
        queues.compute(line, (id, before) -> {
            Map<String, Waiting> queue = before == null ? new LinkedHashMap<>() : before;
            Waiting present = queue.get(userId);
            queue.put(userId, present == null ? member : member.over(present));
            if (present == null) {
                all.incrementAndGet();
            }
            return queue;
        });
        return true;
    }

    Set<Line> lines() {
        return Set.copyOf(queues.keySet());
    }

    boolean isEmpty(Line line) {
        return !queues.containsKey(line);
    }

    /** Whom memory alone knows. */
    Map<String, Waiting> unnoted(Line line) {
        Map<String, Waiting> found = new LinkedHashMap<>();
        queues.computeIfPresent(line, (id, queue) -> {
            queue.entrySet().stream()
                    .filter(member -> !member.getValue().noted())
                    .forEach(member -> found.put(member.getKey(), member.getValue()));
            return queue;
        });
        return found;
    }

    /** How many are in a table as well. */
    int countNoted(Line line) {
        AtomicInteger count = new AtomicInteger();
        queues.computeIfPresent(line, (id, queue) -> {
            count.set((int) queue.values().stream().filter(Waiting::noted).count());
            return queue;
        });
        return count.get();
    }

    /** These are in a table now, unless they have come anew meanwhile. */
    void note(Line line, Map<String, Waiting> members) {
        queues.computeIfPresent(line, (id, queue) -> {
            members.forEach((userId, member) -> queue.replace(userId, member, Waiting.noted(member.signIn())));
            return queue;
        });
    }

    /** These go, unless they have come anew meanwhile. */
    void leave(Line line, Map<String, Waiting> members) {
        queues.computeIfPresent(line, (id, queue) -> {
            members.forEach((userId, member) -> {
                if (queue.remove(userId, member)) {
                    all.decrementAndGet();
                }
            });
            return queue.isEmpty() ? null : queue;
        });
    }

    /** Takes out the first of those who are in a table as well. */
    Map<String, Optional<SignIn>> take(Line line, int most) {
        Map<String, Optional<SignIn>> batch = new LinkedHashMap<>();
        queues.computeIfPresent(line, (id, queue) -> {
            queue.entrySet().stream()
                    .filter(member -> member.getValue().noted())
                    .limit(most)
                    .forEach(member ->
                            batch.put(member.getKey(), member.getValue().signIn()));
            batch.keySet().forEach(queue::remove);
            all.addAndGet(-batch.size());
            return queue.isEmpty() ? null : queue;
        });
        return batch;
    }

    /** Nobody of the line waits any more. */
    void clear(Line line) {
        queues.computeIfPresent(line, (id, queue) -> {
            all.addAndGet(-queue.size());
            return null;
        });
    }
}
