package io.github.enterpriseconnect.member;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Users;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Counts in the background how many members of a link the gate would let through, and how many not for which reason: a
 * page at a time, with room for others in between, one count of a link at a time. What was counted is kept for some
 * minutes. Known to this node alone: who asks at another one has it counted there, too.
 */
public final class MemberCounts {
    private static final Logger LOG = Logger.getLogger(MemberCounts.class);
    private static final int PAGE = 200;
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration WITHOUT_ROOM = Duration.ofSeconds(1);
    private static final int MOST_KEPT = 1_000;
    private static final String ALLOWED = "allowed";

    private final Transactions transactions;
    private final DryRun dryRun;
    private final Worker worker;
    private final InstantSource clock;
    private final Cache<LinkId, Count> counts;

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

    /** How far a count has come. */
    public enum State {
        RUNNING,
        FINISHED,
        /** Somebody could not be looked up, and those after them were not. */
        FAILED;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is known so far.
     *
     * @param counts by the reason's name, and under {@value #ALLOWED}
     * @param counted how many members that are
     * @param at when it has ended; while it runs, when it has begun
     */
    public record Counted(Map<String, Integer> counts, long counted, State state, Instant at) {}

    /**
     * What is known of a link's members. If nothing is, or what was counted is too old, a count begins.
     *
     * @param anew whether what has ended counts for nothing
     */
    public Counted of(LinkId link, boolean anew) {
        Count count = counts.asMap().compute(link, (id, known) -> {
            if (known != null && !known.past(anew)) {
                return known;
            }
            Count begun = new Count(id);
            goOn(begun);
            return begun;
        });
        return count.counted();
    }

    /** A page more, once it is its turn; without room a little later. */
    private void goOn(Count count) {
        if (!worker.submit(() -> page(count))) {
            worker.submitLater(WITHOUT_ROOM, () -> page(count), () -> goOn(count));
        }
    }

    private void page(Count count) {
        if (counts.getIfPresent(count.link) != count) {
            // Room was needed for others; whoever asks again has it begun anew.
            return;
        }
        try {
            count.add(transactions.inRealm(count.link.realm(), work -> look(work, count.link, count.reached)));
        } catch (RuntimeException e) {
            // Deliberately everything: directories fail in ways of their own.
            LOG.debugf(e, "the members of link %s could not be counted", count.link.name());
            count.end(State.FAILED);
        }
        if (count.counted().state() == State.RUNNING) {
            goOn(count);
        }
    }

    /**
     * What a page has brought.
     *
     * @param reached where the next one begins; null if there is none
     */
    private record Page(List<String> answers, Optional<String> reached) {}

    private Page look(Work work, LinkId link, String reached) {
        List<Users.Listed> page = work.users().members(link, reached, PAGE);
        List<String> answers = page.stream()
                .flatMap(listed -> answer(work, link, listed.id()).stream())
                .toList();
        return new Page(
                answers,
                page.size() < PAGE
                        ? Optional.empty()
                        : Optional.of(page.get(page.size() - 1).reached()));
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
        return reason == null ? ALLOWED : reason.id();
    }

    /** One count, which its own work alone changes. */
    private final class Count {
        private final LinkId link;
        private final Map<String, Integer> answers = new TreeMap<>();
        private volatile String reached = "";
        private volatile Counted counted;

        Count(LinkId link) {
            this.link = link;
            this.counted = new Counted(Map.of(), 0, State.RUNNING, clock.instant());
        }

        Counted counted() {
            return counted;
        }

        boolean past(boolean anew) {
            Counted now = counted;
            return switch (now.state()) {
                case RUNNING -> false;
                case FINISHED, FAILED -> anew || now.at().plus(KEPT).isBefore(clock.instant());
            };
        }

        synchronized void add(Page page) {
            page.answers().forEach(answer -> answers.merge(answer, 1, Integer::sum));
            counted = new Counted(
                    new TreeMap<>(answers), counted.counted() + page.answers().size(), State.RUNNING, counted.at());
            page.reached().ifPresentOrElse(next -> reached = next, () -> end(State.FINISHED));
        }

        synchronized void end(State outcome) {
            counted = new Counted(counted.counts(), counted.counted(), outcome, clock.instant());
        }
    }
}
