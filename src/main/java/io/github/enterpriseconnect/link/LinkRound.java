package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.LinkId;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Goes through links in their order, some at a time, and begins anew after the last: none is always the first. */
final class LinkRound {
    private static final LinkId BEGINNING = new LinkId("", "");

    private final int most;
    private final AtomicReference<LinkId> last = new AtomicReference<>(BEGINNING);

    /** @param most how many at a time */
    LinkRound(int most) {
        this.most = most;
    }

    /** @param find finds so many links after the given one; if fewer come, there are no more */
    List<LinkId> next(Function<LinkId, List<LinkId>> find) {
        List<LinkId> found = find.apply(last.get());
        last.set(found.size() < most ? BEGINNING : found.get(found.size() - 1));
        return found;
    }

    boolean atBeginning() {
        return last.get().equals(BEGINNING);
    }

    void beginAnew() {
        last.set(BEGINNING);
    }
}
