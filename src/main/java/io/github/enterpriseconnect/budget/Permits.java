package io.github.enterpriseconnect.budget;

import io.github.enterpriseconnect.core.Purpose;
import io.github.enterpriseconnect.storage.BudgetStore.Account;
import io.github.enterpriseconnect.storage.BudgetStore.Unused;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What this node has drawn and not sent yet. For any number of threads. */
final class Permits {
    private static final Set<Purpose> CODES = EnumSet.of(Purpose.REDEMPTION, Purpose.CROWD, Purpose.BACKFILL_CODE);

    private final Map<Line, Deque<Permit>> waiting = new HashMap<>();

    /** Who may use a permit: a code is a code, whoever waits for it. */
    private record Line(Account account, Purpose purpose) {
        static Line of(Account account, Purpose purpose) {
            return new Line(account, CODES.contains(purpose) ? Purpose.REDEMPTION : purpose);
        }
    }

    /** @param until by the clock of this node, when it is good for nothing any more */
    private record Permit(Purpose purpose, long second, long until) {}

    /** Some have been drawn in a second that lasts until then. */
    synchronized void add(Account account, Purpose purpose, int count, long second, long until) {
        Deque<Permit> line = waiting.computeIfAbsent(Line.of(account, purpose), key -> new ArrayDeque<>());
        for (int i = 0; i < count; i++) {
            line.add(new Permit(purpose, second, until));
        }
    }

    /** Takes one that is still good. */
    synchronized Optional<Unused> take(Account account, Purpose purpose, long now) {
        Deque<Permit> line = waiting.getOrDefault(Line.of(account, purpose), new ArrayDeque<>());
        Iterator<Permit> permits = line.iterator();
        while (permits.hasNext()) {
            Permit permit = permits.next();
            if (permit.until() > now) {
                permits.remove();
                return Optional.of(new Unused(account, permit.purpose(), permit.second()));
            }
        }
        return Optional.empty();
    }

    /** One that was taken has not been sent after all: it goes back with the next draw. */
    synchronized void putBack(Unused permit) {
        waiting.computeIfAbsent(Line.of(permit.account(), permit.purpose()), key -> new ArrayDeque<>())
                .add(new Permit(permit.purpose(), permit.second(), Long.MIN_VALUE));
    }

    synchronized int count(Account account, Purpose purpose, long now) {
        return (int) waiting.getOrDefault(Line.of(account, purpose), new ArrayDeque<>()).stream()
                .filter(permit -> permit.until() > now)
                .count();
    }

    /** Takes out those of the application that nobody has used in time. */
    synchronized List<Unused> takeUnused(Account account, long now) {
        List<Unused> unused = new ArrayList<>();
        Iterator<Map.Entry<Line, Deque<Permit>>> lines = waiting.entrySet().iterator();
        while (lines.hasNext()) {
            Map.Entry<Line, Deque<Permit>> line = lines.next();
            if (line.getKey().account().application().equals(account.application())) {
                line.getValue().removeIf(permit -> {
                    boolean over = permit.until() <= now;
                    if (over) {
                        unused.add(new Unused(line.getKey().account(), permit.purpose(), permit.second()));
                    }
                    return over;
                });
                if (line.getValue().isEmpty()) {
                    lines.remove();
                }
            }
        }
        return unused;
    }
}
