package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.platform.DirectoryId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One count of a link's members: how far it has come, and what is to be done next. Members are listed a page at a time;
 * those of Keycloak's own are looked at with the page, those of each directory apart from everybody else.
 */
final class MemberCount {
    private static final int PAGE = 200;
    private static final int SHORT_PAGE = 20;

    /** A page that takes longer is too long. */
    private static final Duration SLOW = Duration.ofSeconds(3);

    /** So many people of a directory are looked at in one transaction. */
    private static final int OF_DIRECTORY = 20;

    /** While so many of a directory are still to be looked at, nobody else is listed. */
    private static final int MOST_APART = 1_000;

    /** What has not moved for so long never does, or for so long that nobody should wait for it. */
    private static final Duration STUCK = Duration.ofMinutes(1);

    private final LinkId link;
    private final InstantSource clock;
    private final Map<String, Integer> answers = new TreeMap<>();
    private final Map<DirectoryId, Deque<String>> apart = new HashMap<>();
    private final Set<DirectoryId> silent = new HashSet<>();
    private int atOnce = PAGE;
    private String reached = "";
    private boolean listing;
    private boolean listed;
    private Instant movedAt;
    private Counted counted;

    MemberCount(LinkId link, InstantSource clock) {
        this.link = link;
        this.clock = clock;
        this.movedAt = clock.instant();
        this.counted = new Counted(Map.of(), 0, Counted.State.RUNNING, movedAt);
    }

    /**
     * What a page has brought.
     *
     * @param apart those who come from directories
     * @param next where the next one begins; empty if there is none
     */
    record Page(List<String> answers, Map<DirectoryId, List<String>> apart, Optional<String> next) {}

    /**
     * Where a page begins.
     *
     * @param size how many are listed at most
     */
    record Beginning(String after, int size) {}

    LinkId link() {
        return link;
    }

    synchronized Counted counted() {
        return counted;
    }

    synchronized boolean running() {
        return counted.state() == Counted.State.RUNNING;
    }

    /** Its turn has come; until then nobody waits for it to move. */
    synchronized void begin() {
        movedAt = clock.instant();
    }

    /** The page to be listed now; empty if there is none, or if others have to be looked at before. */
    synchronized Optional<Beginning> nextPage() {
        boolean room = apart.values().stream().allMatch(people -> people.size() < MOST_APART);
        if (!running() || listing || listed || !room) {
            return Optional.empty();
        }
        listing = true;
        return Optional.of(new Beginning(reached, atOnce));
    }

    /**
     * A page has been looked at.
     *
     * @return the directories whose people nobody looks at yet
     */
    synchronized Set<DirectoryId> add(Page page, Duration took) {
        Set<DirectoryId> begun = new HashSet<>();
        if (!running()) {
            return begun;
        }
        listing = false;
        listed = page.next().isEmpty();
        reached = page.next().orElse(reached);
        if (took.compareTo(SLOW) > 0) {
            atOnce = SHORT_PAGE;
        }
        note(page.answers());
        page.apart().forEach((directory, people) -> {
            if (silent.contains(directory)) {
                note(untold(people.size()));
                return;
            }
            apart.computeIfAbsent(directory, unknown -> {
                        begun.add(directory);
                        return new ArrayDeque<>();
                    })
                    .addAll(people);
        });
        endIfDone();
        return begun;
    }

    /** Some of the directory's people who are still to be looked at. */
    synchronized List<String> peopleOf(DirectoryId directory) {
        Deque<String> people = apart.get(directory);
        return people == null ? List.of() : people.stream().limit(OF_DIRECTORY).toList();
    }

    /**
     * Some of a directory's people have been looked at.
     *
     * @return whether there are more of them for whoever has looked at these
     */
    synchronized boolean add(DirectoryId directory, List<String> lookedAt, List<String> found) {
        Deque<String> people = apart.get(directory);
        if (!running() || people == null) {
            return false;
        }
        lookedAt.forEach(people::remove);
        note(found);
        if (people.isEmpty()) {
            apart.remove(directory);
        }
        endIfDone();
        return !people.isEmpty();
    }

    /**
     * Ends what has not moved for long: whoever comes from a directory that is waited for counts as one of whom nobody can
     * tell, now and on the pages to come. Whoever waits for it still has nothing more to say.
     */
    synchronized void giveUpIfStuck() {
        if (!running() || !movedAt.plus(STUCK).isBefore(clock.instant())) {
            return;
        }
        if (listing || apart.isEmpty()) {
            end(Counted.State.FAILED);
            return;
        }
        silent.addAll(apart.keySet());
        int left = apart.values().stream().mapToInt(Deque::size).sum();
        apart.clear();
        note(untold(left));
        endIfDone();
    }

    synchronized void end(Counted.State outcome) {
        if (running()) {
            counted = new Counted(counted.counts(), counted.counted(), outcome, clock.instant());
            apart.clear();
        }
    }

    /** Of so many people nobody can tell now. */
    static List<String> untold(int people) {
        return Collections.nCopies(people, Reason.DIRECTORY_SILENT.id());
    }

    private void note(List<String> found) {
        found.forEach(answer -> answers.merge(answer, 1, Integer::sum));
        movedAt = clock.instant();
        counted = new Counted(new TreeMap<>(answers), counted.counted() + found.size(), counted.state(), counted.at());
    }

    private void endIfDone() {
        if (listed && apart.isEmpty()) {
            end(Counted.State.FINISHED);
        }
    }
}
