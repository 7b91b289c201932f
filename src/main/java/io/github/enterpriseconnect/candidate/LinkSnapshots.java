package io.github.enterpriseconnect.candidate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.LinkStamp;
import io.github.enterpriseconnect.storage.LinkStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Links as their rows were when they were last read. One counts only together with the stamp that its row has at this
 * moment, so that whatever changes on any node holds at once, whoever has heard of it.
 */
public final class LinkSnapshots {
    private static final int MOST = 10_000;

    private final Cache<LinkId, LinkStore.Stamped> read =
            Caffeine.newBuilder().maximumSize(MOST).build();

    /**
     * The link as it stands.
     *
     * @param present the stamp that its row has now; null if there is no row
     */
    Link get(Work work, LinkId id, @Nullable LinkStamp present) {
        if (present == null) {
            return Link.unlinked(id);
        }
        LinkStore.Stamped known = read.getIfPresent(id);
        if (known != null && known.stamp().equals(present)) {
            return known.link();
        }
        Optional<LinkStore.Stamped> found = work.links().stamped(id);
        found.ifPresent(stamped -> read.put(id, stamped));
        return found.map(LinkStore.Stamped::link).orElseGet(() -> Link.unlinked(id));
    }
}
