package io.github.enterpriseconnect.candidate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What is known of links at sign-in: at most 60 seconds old, and learnt by background work alone, so that no sign-in
 * ever asks our tables. What sign-ins go by is read anew after half of that time: of a link that is not known, everybody
 * who signs in would have to be looked at. Everything that acts on a link reads the table instead.
 */
public final class LinkCache {
    private static final Logger LOG = Logger.getLogger(LinkCache.class);
    private static final Duration OLDEST = Duration.ofSeconds(60);
    private static final Duration READ_ANEW_AFTER = OLDEST.dividedBy(2);

    private final Cache<LinkId, Learnt> known;
    private final RecentSignIns recentSignIns;
    private final Transactions transactions;
    private final Worker worker;
    private final InstantSource clock;

    private record Learnt(Link link, Instant at) {}

    /** Tells its reading of a link from other work. */
    private record Reading(LinkId link) {}

    public LinkCache(RecentSignIns recentSignIns, Transactions transactions, Worker worker, InstantSource clock) {
        this.recentSignIns = recentSignIns;
        this.transactions = transactions;
        this.worker = worker;
        this.clock = clock;
        known = Caffeine.newBuilder()
                .expireAfterWrite(OLDEST)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(10_000)
                .build();
    }

    /** Empty if nothing is known that is young enough. */
    public Optional<Link> known(LinkId id) {
        Learnt learnt = known.getIfPresent(id);
        if (learnt == null) {
            return Optional.empty();
        }
        if (!clock.instant().isBefore(learnt.at().plus(READ_ANEW_AFTER))) {
            worker.submitOnce(new Reading(id), () -> read(learnt));
        }
        return Optional.of(learnt.link());
    }

    /** Unless it was read, or forgotten, since. */
    private void read(Learnt before) {
        LinkId id = before.link().id();
        if (!before.equals(known.getIfPresent(id))) {
            return;
        }
        try {
            Link link = transactions.inRealm(id.realm(), work -> work.links().get(id));
            known.asMap().replace(id, before, new Learnt(link, clock.instant()));
        } catch (RuntimeException e) {
            // Deliberately everything: what is too old is forgotten, and then the background work decides.
            LOG.debugf(e, "link %s is not read anew", id.name());
        }
    }

    /** Keeps a link as it was just read from its table, and gives it back. */
    public Link learn(Link link) {
        known.put(link.id(), new Learnt(link, clock.instant()));
        return link;
    }

    /** Something changed on this node; other nodes notice within the minute. */
    public void forget(LinkId id) {
        known.invalidate(id);
        recentSignIns.forget(id);
    }
}
