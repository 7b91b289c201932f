package io.github.enterpriseconnect.delegation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.enterpriseconnect.candidate.MemberCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.DirectoryId;
import io.github.enterpriseconnect.platform.DirectoryRounds;
import io.github.enterpriseconnect.platform.Sessions.Session;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.revocation.Denials;
import io.github.enterpriseconnect.storage.SweepStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Finds members again whom memory alone knew, or whom a node passed by that had not heard of their link yet: by the
 * sessions that Keycloak keeps, of which every realm's are looked at about once a minute by one of the nodes, and when
 * an application of theirs refreshes its tokens. Who is found has signed in since the link was made, and the gate lets
 * them through; whom an administrator or Cronofy has turned away since then is not found.
 */
public final class ForgottenSignIns {
    private static final Logger LOG = Logger.getLogger(ForgottenSignIns.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(15);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(60);
    private static final Duration WHILE_UNDECIDED = Duration.ofMinutes(5);
    private static final Duration CLAIM = Duration.ofMinutes(2);

    /** Sessions are written a little later than they begin, by nodes whose clocks differ a little. */
    private static final Duration OVERLAP = Duration.ofMinutes(2);

    private static final Duration FIRST_LOOKS_BACK = Duration.ofHours(1);
    private static final Duration UNDECIDED_AT_MOST = Duration.ofHours(24);
    private static final int PAGE = 200;
    private static final int MOST_NOTED = 10_000;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationQueue queue;
    private final SignInDecision decision;
    private final InstantSource clock;
    private final DirectoryRounds rounds;
    private final Map<Seen, SignIn> noted = new ConcurrentHashMap<>();
    private final Cache<String, Boolean> lookedAt;

    public ForgottenSignIns(
            Transactions transactions,
            Worker worker,
            DelegationQueue queue,
            SignInDecision decision,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.queue = queue;
        this.decision = decision;
        this.clock = clock;
        rounds = new DirectoryRounds(worker, clock);
        lookedAt = Caffeine.newBuilder()
                .expireAfterWrite(WHILE_UNDECIDED)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .maximumSize(MOST_NOTED)
                .build();
    }

    private record Seen(String realm, Session session) {}

    /** A member who is to be asked for. */
    private record Found(LinkId link, SignIn signIn) {}

    /** What became of looking at one session. */
    private enum Look {
        DONE,
        UNDECIDED,
        NO_ROOM
    }

    public void start() {
        worker.submitEvery(BETWEEN_LOOKS, this::look);
    }

    /**
     * An application has refreshed the tokens of a user. Whoever seems to be due, by caches alone as at a sign-in, is
     * looked at in a moment; nothing is written.
     */
    public void refreshed(Work work, User user, Session session, SignIn signIn) {
        decision.course(work, user, signIn, false)
                .filter(course -> course.step() == SignInDecision.Step.QUEUE)
                .ifPresent(course -> note(work.realm().id(), session, signIn));
    }

    private void note(String realmId, Session session, SignIn signIn) {
        if (noted.size() < MOST_NOTED && lookedAt.asMap().putIfAbsent(session.userId(), true) == null) {
            noted.put(new Seen(realmId, session), signIn);
        }
    }

    private void look() {
        Map<String, Map<Session, SignIn>> byRealm = new HashMap<>();
        Set.copyOf(noted.keySet()).forEach(seen -> {
            SignIn signIn = noted.remove(seen);
            if (signIn != null) {
                byRealm.computeIfAbsent(seen.realm(), realm -> new LinkedHashMap<>())
                        .put(seen.session(), signIn);
            }
        });
        byRealm.forEach((realm, some) -> worker.attempt(() -> lookAtNoted(realm, some)));
        queue.takeForgotten()
                .forEach((realm, since) -> worker.attempt(() -> transactions.doInRealm(
                        realm, work -> work.sweeps(SweepStore.Kind.SESSIONS).lookAgain(since.minus(OVERLAP)))));
        transactions
                .inServer(work -> work.due().toSweep(clock.instant()))
                .forEach(realm -> worker.attempt(() -> sweep(realm)));
    }

    private void lookAtNoted(String realm, Map<Session, SignIn> some) {
        byDirectory(realm, some.keySet()).forEach((directory, sessions) -> {
            Runnable look = () -> sessions.forEach(
                    session -> worker.attempt(() -> look(realm, session, Optional.ofNullable(some.get(session)))));
            if (directory.isEmpty()) {
                look.run();
            } else if (!rounds.begin(directory.get(), look)) {
                LOG.debugf("a directory of realm %s is busy; users are left to the sweep of sessions", realm);
            }
        });
    }

    private Map<Optional<DirectoryId>, List<Session>> byDirectory(String realm, Collection<Session> sessions) {
        Map<String, List<Session>> byUser = sessions.stream()
                .collect(Collectors.groupingBy(Session::userId, LinkedHashMap::new, Collectors.toList()));
        Map<Optional<DirectoryId>, List<Session>> found = new LinkedHashMap<>();
        transactions
                .inRealm(realm, work -> work.users().byDirectory(byUser.keySet()))
                .forEach((directory, users) -> found.put(
                        directory,
                        users.stream()
                                .flatMap(user -> byUser.getOrDefault(user, List.of()).stream())
                                .toList()));
        return found;
    }

    private void sweep(String realm) {
        Instant begun = clock.instant();
        transactions
                .claimInRealm(realm, work -> work.sweeps(SweepStore.Kind.SESSIONS)
                        .claim(begun, begun.plus(CLAIM), begun.minus(FIRST_LOOKS_BACK))
                        .filter(since -> work.realm().enabled()))
                .ifPresent(since -> sweep(new SessionSweep(realm, begun), since));
    }

    /**
     * Who cannot be decided on now, since a directory is silent, is looked at again for a day, and delays nobody: users of
     * directories are looked at after all others, each directory's apart.
     */
    private void sweep(SessionSweep sweep, Instant since) {
        String realm = sweep.realm();
        Session last = null;
        Set<String> users = new HashSet<>();
        List<Session> page;
        do {
            Session after = last;
            page = transactions.inRealm(realm, work -> work.sessions().unaccounted(since.minus(OVERLAP), after, PAGE));
            List<Session> first =
                    page.stream().filter(session -> users.add(session.userId())).toList();
            Map<Optional<DirectoryId>, List<Session>> byDirectory = byDirectory(realm, first);
            byDirectory.forEach((directory, sessions) ->
                    directory.ifPresent(id -> sessions.forEach(session -> sweep.wait(id, session))));
            for (Session session : byDirectory.getOrDefault(Optional.<DirectoryId>empty(), List.of())) {
                Look look = look(realm, session, Optional.empty());
                if (look == Look.UNDECIDED) {
                    sweep.leave(session);
                }
                if (look == Look.NO_ROOM) {
                    progress(realm, sweep.lookedUntil(session.seenAt()), BETWEEN_SWEEPS);
                    return;
                }
            }
            if (!page.isEmpty()) {
                last = page.get(page.size() - 1);
                progress(realm, sweep.lookedUntil(last.seenAt()), CLAIM);
            }
        } while (page.size() == PAGE);
        sweep.ofDirectories().forEach((directory, sessions) -> {
            if (!rounds.begin(directory, () -> lookAt(sweep, sessions))) {
                sweep.leave(sessions.get(0));
                end(sweep);
            }
        });
        end(sweep);
    }

    private void lookAt(SessionSweep sweep, List<Session> ofDirectory) {
        try {
            ofDirectory.stream()
                    .filter(session -> look(sweep.realm(), session, Optional.empty()) != Look.DONE)
                    .forEach(sweep::leave);
        } finally {
            end(sweep);
        }
    }

    /** A part of it has ended; with the last one it is over. */
    private void end(SessionSweep sweep) {
        if (!sweep.end()) {
            return;
        }
        Instant oldest = sweep.begun().minus(UNDECIDED_AT_MOST);
        Instant until = sweep.decidedUntil(sweep.begun());
        progress(
                sweep.realm(),
                until.isBefore(oldest) ? oldest : until,
                sweep.undecided() ? WHILE_UNDECIDED : BETWEEN_SWEEPS);
    }

    private void progress(String realm, Instant sweptUntil, Duration pause) {
        Instant next = clock.instant().plus(pause);
        transactions.doInRealm(
                realm, work -> work.sweeps(SweepStore.Kind.SESSIONS).progress(sweptUntil, next));
    }

    /** Each by itself, so that one who cannot be looked at keeps nobody else from being found. */
    private Look look(String realm, Session session, Optional<SignIn> signIn) {
        Optional<Found> found;
        try {
            found = transactions.inRealm(realm, work -> find(work, session, signIn));
        } catch (Transactions.RealmGone gone) {
            throw gone;
        } catch (RuntimeException e) {
            // Deliberately everything: directories fail in ways of their own.
            LOG.debugf(e, "it cannot be decided now whether user %s was forgotten", session.userId());
            return Look.UNDECIDED;
        }
        if (found.isEmpty()) {
            return Look.DONE;
        }
        LOG.debugf("user %s signed in and was not asked for", session.userId());
        boolean room =
                queue.add(found.get().link(), session.userId(), found.get().signIn());
        return room ? Look.DONE : Look.NO_ROOM;
    }

    private Optional<Found> find(Work work, Session session, Optional<SignIn> known) {
        Optional<User> user =
                accounted(work, session) ? Optional.empty() : work.users().byId(session.userId());
        if (user.isEmpty()) {
            return Optional.empty();
        }
        Optional<SignIn> signIn = known.or(() -> work.sessions().signIn(session.id()));
        return signIn.flatMap(by -> decide(work, user.get(), by)
                .filter(link -> seenSince(link, session))
                .map(link -> new Found(link.id(), by)));
    }

    private Optional<Link> decide(Work work, User user, SignIn by) {
        MemberCandidate candidate = MemberCandidate.atSignInWithPage(work, user, by, clock.instant());
        Denials.note(work, user, candidate);
        return Gate.decide(candidate, Gate.Question.ASK).told().admission().map(Gate.Admission::link);
    }

    /** Whom the gate did not let in when they signed in waits for their next sign-in. */
    private static boolean seenSince(Link link, Session session) {
        return link.linkedAt() == null || session.seenAt().plusSeconds(1).isAfter(link.linkedAt());
    }

    private static boolean accounted(Work work, Session session) {
        return work.waiting().contains(session.userId())
                || work.delegations().ofUser(work.realm().id(), session.userId()).stream()
                        .anyMatch(row -> accounted(row, session.startedAt()));
    }

    private static boolean accounted(Delegation row, Instant signedInAt) {
        return switch (row.state()) {
            case NONE -> false;
            case ASKED, GRANTED, UNKNOWN -> true;
            case REFUSED -> row.nextAttemptAt() != null && !row.nextAttemptAt().isBefore(signedInAt);
            case REVOKED ->
                row.history().stream().findFirst().map(Delegation.Attempt::at).stream()
                        .anyMatch(endedAt -> !endedAt.isBefore(signedInAt));
        };
    }
}
