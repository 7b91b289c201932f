package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.RosterEntry;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members of a consumer's links, a page at a time, for an application that keeps a copy of who has a calendar.
 *
 * <p>Each page goes on behind the last one by when something changed. What changes meanwhile comes after that, and so is told
 * once more rather than never. What was changed by a transaction that had not ended when it was looked for, or by a node whose
 * clock is behind, is not yet there, or stands earlier: therefore the end names a time before the beginning of the whole, from
 * which on the next reading starts. Nothing is passed over while no transaction lasts longer than Keycloak's limit of five
 * minutes, and the clocks of the nodes are no more than five minutes apart.
 */
public final class Roster {
    /** For so long before a reading begins, whatever it read is read again by the next one. */
    public static final Duration OVERLAP = Duration.ofMinutes(10);

    /** Changes of longer ago are told as far as they are still kept: who wants no less reads everything. */
    public static final Duration OLDEST = Duration.ofDays(Retention.DEPARTURES.days() - 1L);

    /** Where somebody is limited to many links in which nothing happens, a page may be short. */
    private static final int MOST_STATEMENTS = 20;

    private final InstantSource clock;

    public Roster(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Some of them, or none.
     *
     * @param next where it goes on; null at the end
     * @param changedSince from which time on there is to be read next; null before the end
     */
    public record Page(
            List<RosterEntry> members,
            @Nullable RosterPosition next,
            @Nullable Instant changedSince) {}

    /**
     * What one statement reads pages of.
     *
     * @param link its name; empty for all of the realm
     * @param departed whether it is those who are no longer there
     */
    private record Part(String link, boolean departed) {
        boolean before(Part other) {
            int byLink = link.compareTo(other.link);
            return byLink < 0 || (byLink == 0 && !departed && other.departed);
        }
    }

    /**
     * Before the first page.
     *
     * @param since only what has changed since then; null for all there is
     * @param organization name of the one link that is wanted; null for all
     */
    public RosterPosition beginning(
            Work work, Consumer consumer, @Nullable Instant since, @Nullable String organization) {
        return RosterPosition.beginning(work.realm().id(), consumer, clock.instant(), since, organization);
    }

    /**
     * Whether somebody's absence means nothing: rows of a realm that was removed and is there again have not all come back.
     */
    public static boolean incomplete(Work work) {
        return work.storage().removedRealms().awaits(work.realm().id());
    }

    /**
     * The page behind this position. Reads in the caller's transaction.
     *
     * @param consumer with the right to it
     */
    public Page page(Work work, Consumer consumer, RosterPosition position, int max) {
        List<RosterEntry> found = new ArrayList<>();
        Part reached = new Part(position.reached(), position.departed());
        int statements = 0;
        for (Part part : parts(consumer, position)) {
            if (part.before(reached)) {
                continue;
            }
            RosterEntry.Place from = part.equals(reached) ? position.place() : position.start();
            if (statements++ == MOST_STATEMENTS) {
                return new Page(found, position.at(part.link(), part.departed(), from), null);
            }
            int room = max - found.size();
            List<RosterEntry> rows = read(work, part, from, room + 1);
            found.addAll(rows.subList(0, Math.min(room, rows.size())));
            if (rows.size() > room) {
                RosterEntry.Place last = room == 0 ? from : rows.get(room - 1).place();
                return new Page(found, position.at(part.link(), part.departed(), last), null);
            }
        }
        return new Page(found, null, position.begun().minus(OVERLAP));
    }

    private static List<RosterEntry> read(Work work, Part part, RosterEntry.Place from, int limit) {
        String link = part.link().isEmpty() ? null : part.link();
        return part.departed()
                ? work.roster().departed(link, from, limit)
                : work.roster().members(link, from, limit);
    }

    /**
     * In their order. Whoever reads everything takes for gone whom they do not find, and need not be told of those who have
     * departed.
     */
    private static List<Part> parts(Consumer consumer, RosterPosition position) {
        return links(consumer, position.organization())
                .flatMap(link -> Stream.of(new Part(link, false), new Part(link, true)))
                .filter(part -> position.since() != null || !part.departed())
                .toList();
    }

    /** A realm may have very many: whoever may see all of them reads the realm as a whole. */
    private static Stream<String> links(Consumer consumer, @Nullable String organization) {
        if (organization != null) {
            return Stream.of(organization).filter(consumer::covers);
        }
        return consumer.links() == null ? Stream.of("") : new TreeSet<>(consumer.links()).stream();
    }
}
