package io.github.enterpriseconnect.member;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Users;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Counts in the background how many members of a link the gate would let through, and how many not for which reason: a
 * page at a time, with room for others in between, one count of a link and two of a node at a time. Whoever comes from a
 * directory is looked at apart, so that one that hangs holds up its own people alone; those of whom it has not told in the
 * end count as {@link Reason#DIRECTORY_SILENT}. What was counted is kept for some minutes. Known to this node alone: who
 * asks at another one has it counted there, too.
 */
public final class MemberCounts {
    private static final Logger LOG = Logger.getLogger(MemberCounts.class);
    private static final int AT_ONCE = 2;
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration WITHOUT_ROOM = Duration.ofSeconds(1);
    private static final int MOST_KEPT = 1_000;

    private final Transactions transactions;
    private final DryRun dryRun;
    private final Worker worker;
    private final InstantSource clock;
    private final Cache<LinkId, MemberCount> counts;

    /** Those whose turn it is, and those who wait for theirs; the lock of both is the first. */
    private final Set<MemberCount> underWay = new HashSet<>();

    private final Deque<MemberCount> waiting = new ArrayDeque<>();

    public MemberCounts(Transactions transactions, DryRun dryRun, Worker worker, InstantSource clock) {
        this.transactions = transactions;
        this.dryRun = dryRun;
        this.worker = worker;
        this.clock = clock;
        this.counts = Caffeine.newBuilder()
                .expireAfterAccess(KEPT)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST_KEPT)
                .build();
    }

    /**
     * What is known of a link's members. If nothing is, or what was counted is too old, a count begins.
     *
     * @param anew whether what has ended counts for nothing
     */
    public Counted of(LinkId link, boolean anew) {
        lookAtThoseUnderWay();
        MemberCount another = new MemberCount(link, clock);
        MemberCount count = counts.asMap()
                .compute(link, (id, known) -> known == null || past(known.counted(), anew) ? another : known);
        // Not before it is to be found here: what works on it looks whether it still is.
        if (count == another) {
            enter(count);
        }
        beginNext();
        return count.counted();
    }

    private boolean past(Counted known, boolean anew) {
        return known.state() != Counted.State.RUNNING
                && (anew || known.at().plus(KEPT).isBefore(clock.instant()));
    }

    private void enter(MemberCount count) {
        synchronized (underWay) {
            if (waiting.size() < MOST_KEPT) {
                waiting.add(count);
                return;
            }
        }
        count.end(Counted.State.FAILED);
    }

    /** Threads that wait for a directory cannot be called back; whoever asks finds out that one has stopped. */
    private void lookAtThoseUnderWay() {
        List<MemberCount> counting;
        synchronized (underWay) {
            counting = List.copyOf(underWay);
        }
        counting.forEach(count -> {
            count.giveUpIfStuck();
            goOn(count);
        });
    }

    private void beginNext() {
        List<MemberCount> begun = new ArrayList<>();
        synchronized (underWay) {
            underWay.removeIf(count -> !count.running());
            while (underWay.size() < AT_ONCE && !waiting.isEmpty()) {
                MemberCount next = waiting.remove();
                next.begin();
                underWay.add(next);
                begun.add(next);
            }
        }
        begun.forEach(this::goOn);
    }

    /** A page more, if that is what comes next. */
    private void goOn(MemberCount count) {
        count.nextPage().ifPresent(beginning -> submit(count, () -> page(count, beginning)));
    }

    /** Without room a little later; without room then either, as where the server stops, the count has failed. */
    private void submit(MemberCount count, Runnable work) {
        Runnable watched = () -> {
            boolean well = false;
            try {
                work.run();
                well = true;
            } finally {
                if (!well) {
                    count.end(Counted.State.FAILED);
                }
                beginNext();
            }
        };
        if (!worker.submit(watched)) {
            worker.submitLater(WITHOUT_ROOM, watched, () -> count.end(Counted.State.FAILED));
        }
    }

    private void page(MemberCount count, MemberCount.Beginning beginning) {
        if (counts.getIfPresent(count.link()) != count) {
            // Room was needed for others; whoever asks again has it begun anew.
            count.end(Counted.State.FAILED);
        }
        if (!count.running()) {
            return;
        }
        Instant begun = clock.instant();
        MemberCount.Page page;
        try {
            page = transactions.inRealm(count.link().realm(), work -> list(work, count.link(), beginning));
        } catch (RuntimeException e) {
            // Deliberately everything: directories fail in ways of their own.
            LOG.debugf(
                    e,
                    "the members of link %s could not be counted",
                    count.link().name());
            count.end(Counted.State.FAILED);
            return;
        }
        count.add(page, Duration.between(begun, clock.instant()))
                .forEach(directory -> submit(count, () -> askApart(count, directory)));
        goOn(count);
    }

    private MemberCount.Page list(Work work, LinkId link, MemberCount.Beginning beginning) {
        List<Users.Listed> page = work.users().members(link, beginning.after(), beginning.size());
        Map<Optional<DirectoryId>, List<String>> byDirectory =
                work.users().byDirectory(page.stream().map(Users.Listed::id).toList());
        Map<DirectoryId, List<String>> apart = new LinkedHashMap<>();
        byDirectory.forEach((directory, people) -> directory.ifPresent(asked -> apart.put(asked, people)));
        return new MemberCount.Page(
                answers(work, link, byDirectory.getOrDefault(Optional.<DirectoryId>empty(), List.of())),
                apart,
                page.size() < beginning.size()
                        ? Optional.empty()
                        : Optional.of(page.get(page.size() - 1).reached()));
    }

    /** All of the directory's people who have been listed, unless they are given up meanwhile. */
    private void askApart(MemberCount count, DirectoryId directory) {
        boolean more = true;
        while (more) {
            List<String> people = count.peopleOf(directory);
            more = count.add(directory, people, answersApart(count.link(), people));
            goOn(count);
        }
    }

    private List<String> answersApart(LinkId link, List<String> people) {
        try {
            return transactions.inRealm(link.realm(), work -> answers(work, link, people));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: directories fail in ways of their own.
            LOG.debugf(e, "%d members of link %s could not be looked up", people.size(), link.name());
            return MemberCount.untold(people.size());
        }
    }

    private List<String> answers(Work work, LinkId link, List<String> people) {
        MemberCandidate.expect(work, link, people);
        return people.stream()
                .flatMap(userId -> answer(work, link, userId).stream())
                .toList();
    }

    /** Empty for who is gone by now. */
    private Optional<String> answer(Work work, LinkId link, String userId) {
        try {
            return work.users().byId(userId).map(user -> word(dryRun.reason(work, link, user)));
        } catch (Unreadable now) {
            return Optional.of(now.reason().id());
        }
    }

    private static String word(@Nullable Reason reason) {
        return reason == null ? Counted.ALLOWED : reason.id();
    }
}
