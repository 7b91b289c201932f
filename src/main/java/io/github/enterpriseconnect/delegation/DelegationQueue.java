package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.delegation.WaitingRoom.Line;
import io.github.enterpriseconnect.delegation.WaitingRoom.Waiting;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.UnderWay;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.WaitingMember;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Members who are to be delegated: those of one link coalesce for a moment in the memory of this node, are put into a
 * table, and are asked for together, one batch of a link at a time, while their sign-ins have long gone on. Those of a
 * directory go on in a line of their own, so that one that hangs keeps nobody else waiting. From the table on nobody is
 * lost: whom a crash or an outage has left there is taken on by any node. Whom memory alone knew is
 * found again by the sessions that Keycloak keeps.
 */
public final class DelegationQueue {
    private static final Logger LOG = Logger.getLogger(DelegationQueue.class);
    private static final Duration COALESCE = Duration.ofMillis(250);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);

    /** For so long a member whom this node has put into the table is left to this node. */
    private static final Duration OWN = Duration.ofSeconds(60);

    /** So that the asks of a realm that is gone, and that nobody has told us of, are not always the first. */
    private static final Duration WITHOUT_REALM = Duration.ofHours(1);

    private static final int BATCH = 50;
    private static final int MOST_IN_MEMORY = 10_000;
    private static final int MOST_OF_LINK_IN_MEMORY = 500;
    private static final int MOST_FAILURES_IN_A_ROW = 3;
    private static final int SWEPT = 500;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationRequests requests;
    private final CodeRedemption redemption;
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    private final WaitingRoom waiting = new WaitingRoom(MOST_IN_MEMORY);

    /** For those of directories, so that they never take the room from whoever comes. */
    private final WaitingRoom ofDirectories = new WaitingRoom(MOST_IN_MEMORY);

    private final UnderWay<Line> flushing;
    private final Map<String, Instant> forgotten = new ConcurrentHashMap<>();

    public DelegationQueue(
            Transactions transactions,
            Worker worker,
            DelegationRequests requests,
            CodeRedemption redemption,
            RecentSignIns recentSignIns,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.requests = requests;
        this.redemption = redemption;
        this.recentSignIns = recentSignIns;
        this.clock = clock;
        this.flushing = new UnderWay<>(clock);
    }

    /** Begins to look for work that a crash, an outage or a full queue has left behind. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /**
     * Queues a member who has signed in; returns at once and never throws.
     *
     * @return false if there was no room: the member is then to be looked for among those who have a session
     */
    public boolean add(LinkId link, String userId, SignIn signIn) {
        boolean room = enter(link, userId, Waiting.inMemoryOnly(Optional.of(signIn)));
        if (room) {
            recentSignIns.remember(userId, signIn, link);
        } else {
            forgotten.merge(link.realm(), clock.instant(), (one, other) -> one.isBefore(other) ? one : other);
        }
        return room;
    }

    /** Queues a member without a sign-in; the last one counts. */
    public void add(LinkId link, String userId) {
        enter(link, userId, Waiting.inMemoryOnly(Optional.empty()));
    }

    /**
     * Queues a member from within a transaction that may write: once it is committed, nothing makes us forget them.
     *
     * @param signIn that it is about; empty if the last one counts
     */
    public void keep(Work work, LinkId link, String userId, Optional<SignIn> signIn) {
        Instant now = clock.instant();
        work.waiting().add(new WaitingMember(link, userId, signIn), now, now.plus(OWN));
        work.afterCommit(() -> {
            enter(link, userId, Waiting.noted(signIn));
            signIn.ifPresent(by -> recentSignIns.remember(userId, by, link));
        });
    }

    /** How long it takes until a member who is queued now has been asked for, and the codes before redeemed. */
    public Duration backlog(Work work, LinkId link) {
        return requests.backlog(work, link);
    }

    /** Realms of which members found no room, each with the time of the first; they are told once. */
    Map<String, Instant> takeForgotten() {
        Map<String, Instant> taken = new LinkedHashMap<>();
        forgotten.keySet().forEach(realm -> {
            Instant since = forgotten.remove(realm);
            if (since != null) {
                taken.put(realm, since);
            }
        });
        return taken;
    }

    private WaitingRoom room(Line line) {
        return line.directory().isPresent() ? ofDirectories : waiting;
    }

    private boolean enter(LinkId link, String userId, Waiting member) {
        return enter(Line.first(link), userId, member);
    }

    private boolean enter(Line line, String userId, Waiting member) {
        boolean room = room(line).enter(line, userId, member);
        if (room) {
            flushSoon(line, COALESCE);
        }
        return room;
    }

    /** One flush of a line runs at a time: the next is scheduled only once this one has ended, or is stuck. */
    private void flushSoon(Line line, Duration pause) {
        // Without room they stay where they are, for the next sweep.
        flushing.begin(line, pause).ifPresent(end -> worker.submitLater(pause, () -> flush(line, end), end));
    }

    private void flush(Line line, Runnable end) {
        LinkId link = line.link();
        Duration pause = BETWEEN_SWEEPS;
        try {
            boolean well = note(line);
            AskPacing.Admission admission = admit(line);
            Map<String, Optional<SignIn>> batch = room(line).take(line, Math.min(BATCH, admission.members()));
            Map<String, Optional<SignIn>> own = line.directory().isPresent() ? batch : sort(link, batch);
            if (!own.isEmpty()) {
                requests.ask(link, own).forEach(this::goOn);
            }
            pause = !well ? BETWEEN_SWEEPS : admission.members() == 0 ? admission.pause() : COALESCE;
        } catch (Transactions.RealmGone gone) {
            room(line).clear(line);
            Instant now = clock.instant();
            transactions.doInServer(work -> work.due().putOff(link.realm(), now, now.plus(WITHOUT_REALM)));
        } finally {
            end.run();
            if (!room(line).isEmpty(line)) {
                flushSoon(line, pause);
            }
        }
    }

    private AskPacing.Admission admit(Line line) {
        int noted = room(line).countNoted(line);
        return noted == 0 ? AskPacing.Admission.ALL : requests.admit(line.link(), noted);
    }

    /**
     * Sends those of directories to lines of their own, without asking any directory. Beyond some, the table alone has
     * them, and a sweep brings them back.
     *
     * @return all others
     */
    private Map<String, Optional<SignIn>> sort(LinkId link, Map<String, Optional<SignIn>> batch) {
        if (batch.isEmpty()) {
            return batch;
        }
        Map<String, Optional<SignIn>> own = new LinkedHashMap<>(batch);
        Map<Optional<DirectoryId>, List<String>> byDirectory =
                transactions.inRealm(link.realm(), work -> work.users().byDirectory(batch.keySet()));
        byDirectory.keySet().stream().filter(Optional::isPresent).forEach(directory -> {
            List<String> members = byDirectory.getOrDefault(directory, List.of());
            Line line = new Line(link, directory);
            members.forEach(userId -> {
                Optional<SignIn> signIn = own.remove(userId);
                if (signIn != null && ofDirectories.countNoted(line) < MOST_OF_LINK_IN_MEMORY) {
                    ofDirectories.enter(line, userId, Waiting.noted(signIn));
                }
            });
            flushSoon(line, Duration.ZERO);
        });
        return own;
    }

    /** The gate lets these through by this link, of which the table knows already. */
    private void goOn(LinkId link, Map<String, Optional<SignIn>> members) {
        members.forEach((userId, signIn) -> {
            enter(link, userId, Waiting.noted(signIn));
            signIn.ifPresent(by -> recentSignIns.remember(userId, by, link));
        });
    }

    /**
     * Puts into the table whom memory alone knows, before anything else is done that may take its time. Beyond some,
     * the table alone has them, and a sweep brings them back.
     *
     * @return false if that is not possible now
     */
    private boolean note(Line line) {
        List<Map.Entry<String, Waiting>> unnoted =
                List.copyOf(room(line).unnoted(line).entrySet());
        int failedInARow = 0;
        for (int from = 0; from < unnoted.size(); from += BATCH) {
            List<Map.Entry<String, Waiting>> some = unnoted.subList(from, Math.min(unnoted.size(), from + BATCH));
            if (note(line, some)) {
                failedInARow = 0;
                continue;
            }
            for (Map.Entry<String, Waiting> one : some) {
                failedInARow = note(line, List.of(one)) ? 0 : failedInARow + 1;
                if (failedInARow == MOST_FAILURES_IN_A_ROW) {
                    return false;
                }
            }
        }
        return failedInARow == 0;
    }

    private boolean note(Line line, List<Map.Entry<String, Waiting>> members) {
        LinkId link = line.link();
        Instant now = clock.instant();
        boolean stay = room(line).countNoted(line) < MOST_OF_LINK_IN_MEMORY;
        try {
            transactions.doInRealm(
                    link.realm(),
                    work -> members.forEach(member -> work.waiting()
                            .put(
                                    new WaitingMember(
                                            link,
                                            member.getKey(),
                                            member.getValue().signIn()),
                                    now,
                                    stay ? now.plus(OWN) : now)));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: whoever cannot be noted stays in memory, and keeps nobody else from being noted.
            LOG.warnf(e, "%d members of link %s could not be noted yet", members.size(), link.name());
            return false;
        }
        Map<String, Waiting> noted = new LinkedHashMap<>();
        members.forEach(member -> noted.put(member.getKey(), member.getValue()));
        if (stay) {
            room(line).note(line, noted);
        } else {
            room(line).leave(line, noted);
        }
        return true;
    }

    private void sweep() {
        waiting.lines().forEach(line -> flushSoon(line, COALESCE));
        ofDirectories.lines().forEach(line -> flushSoon(line, COALESCE));
        Instant now = clock.instant();
        transactions
                .claimInServer(work -> Optional.of(work.due().asks().claimWaiting(now, now.plus(OWN), SWEPT)))
                .ifPresent(members ->
                        members.forEach(member -> enterAgain(member.link(), member.userId(), member.signIn())));
        transactions
                .inServer(work -> work.due().asks().due(now, SWEPT))
                .forEach(delegation -> enterAgain(delegation.link(), delegation.userId(), Optional.empty()));
        redemption.redeemSoon();
    }

    /** Beyond some of a link the table alone has them, so that there is room in memory for the other links. */
    private void enterAgain(LinkId link, String userId, Optional<SignIn> signIn) {
        if (waiting.countNoted(Line.first(link)) < MOST_OF_LINK_IN_MEMORY) {
            enter(link, userId, Waiting.noted(signIn));
        }
    }
}
