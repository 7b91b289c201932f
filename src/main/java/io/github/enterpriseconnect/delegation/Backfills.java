package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Application;
import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.LinkHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Has all members of a link asked for without a sign-in of theirs, as fast as everybody else leaves room for: some at a
 * time, by one node at a time. How far it has come is written down with each step, so that any node goes on after a crash;
 * whom a step has asked for is in their own rows before that, and not asked again.
 */
public final class Backfills {
    private static final Logger LOG = Logger.getLogger(Backfills.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration A_MOMENT = Duration.ofMillis(50);

    /** Longer than a step takes. */
    private static final Duration LEASE = Duration.ofMinutes(2);

    /** So often members are looked at anew where the policy says so. */
    private static final Duration BETWEEN_ROUNDS = Duration.ofHours(1);

    private static final Duration WHILE_LINK_RESTS = Duration.ofSeconds(30);

    /** So often it waits for one of whom nobody can tell now; then they are passed over. */
    private static final int PATIENCE = 5;

    private static final int SWEPT = 100;

    /** A request asks for fifty, and each of them needs one more. */
    private static final double REQUESTS_PER_MEMBER = 1.02;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationRequests requests;
    private final BackfillLook look;
    private final Limits limits;
    private final Retries retries;
    private final InstantSource clock;

    /** Those of which this node does the next step in a moment. */
    private final Set<LinkId> later = ConcurrentHashMap.newKeySet();

    /** @param limits of all requests together */
    public Backfills(
            Transactions transactions,
            Worker worker,
            DelegationRequests requests,
            Limits limits,
            Retries retries,
            InstantSource clock) {
        this.transactions = transactions;
        this.worker = worker;
        this.requests = requests;
        this.look = new BackfillLook(transactions, clock);
        this.limits = limits;
        this.retries = retries;
        this.clock = clock;
    }

    /** Begins to look for what is to be gone on with. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /**
     * How a run stands.
     *
     * @param outcomes what has become of those who were asked for: how many are in which state now
     * @param left for how long it goes on at least, if nobody else needs the budget; null once it has ended
     */
    public record Progress(
            BackfillRun run,
            Map<Delegation.State, Long> outcomes,
            @Nullable Duration left) {}

    /** Empty if the link never had one. */
    public Optional<Progress> progress(LinkId link) {
        return transactions.inRealm(link.realm(), work -> progress(work, link));
    }

    private Optional<Progress> progress(Work work, LinkId link) {
        return work.backfills().find(link).map(run -> {
            Map<Delegation.State, Long> outcomes = work.backfills().outcomes(run);
            return new Progress(run, outcomes, left(run, outcomes));
        });
    }

    private @Nullable Duration left(BackfillRun run, Map<Delegation.State, Long> outcomes) {
        long awaited = outcomes.getOrDefault(Delegation.State.ASKED, 0L);
        boolean goesOn = run.endedAt() == null;
        if (!goesOn && awaited == 0) {
            return null;
        }
        long total = run.total() == null ? run.looked() : run.total();
        long unseen = goesOn ? Math.max(0, total - run.looked()) : 0;
        double share = run.looked() == 0 ? 1 : (double) run.asked() / run.looked();
        double expected = Math.ceil(unseen * share) * REQUESTS_PER_MEMBER + awaited;
        return Duration.ofSeconds((long) Math.ceil(expected * 60 / limits.perMinute()));
    }

    /** Begins a run, or has one that was paused go on. Once it goes on, that is all. */
    public void begin(LinkId link) {
        transactions.doInRealm(link.realm(), work -> work.backfills().start(link, clock.instant()));
        goOn(link);
    }

    /** What is under way at Cronofy still comes to its end. False if there is none that could go on. */
    public boolean pause(LinkId link) {
        return transactions.inRealm(link.realm(), work -> work.backfills().pause(link));
    }

    /** As {@link #pause}, but it does not go on; whoever was asked for stays so. */
    public void cancel(LinkId link) {
        transactions.doInRealm(link.realm(), work -> work.backfills().cancel(link, clock.instant()));
    }

    private void sweep() {
        transactions.inServer(work -> work.due().backfills(clock.instant(), SWEPT)).stream()
                .filter(link -> !later.contains(link))
                .forEach(this::goOn);
    }

    /** What is done once at a time on a node. */
    private record Step(LinkId link) {}

    private void goOn(LinkId link) {
        worker.submitOnce(new Step(link), () -> step(link));
    }

    private void goOnLater(LinkId link, Duration pause) {
        if (later.add(link)) {
            // Without room, the next sweep finds it.
            worker.submitLater(
                    pause,
                    () -> {
                        later.remove(link);
                        goOn(link);
                    },
                    () -> later.remove(link));
        }
    }

    private record Claimed(BackfillRun run, Application application) {}

    private void step(LinkId link) {
        AskPacing.Admission admission = requests.admitBackfill(link);
        if (admission.members() == 0) {
            goOnLater(link, admission.pause());
            return;
        }
        transactions.claimInRealm(link.realm(), work -> claim(work, link)).ifPresent(this::step);
    }

    private void step(Claimed claimed) {
        BackfillRun run = claimed.run();
        LinkId link = run.link();
        BackfillLook.Seen seen = look.look(run, claimed.application(), run.failures() < PATIENCE);
        Instant until = clock.instant().plus(LEASE);
        boolean ours =
                transactions.inRealm(link.realm(), work -> work.backfills().renew(run, until));
        if (!ours) {
            return;
        }
        int asked = seen.toAsk().isEmpty() ? 0 : requests.backfill(link, run.run(), seen.toAsk());
        boolean goesOn = transactions.inRealm(link.realm(), work -> record(work, run, seen, asked));
        if (goesOn) {
            goOnLater(link, A_MOMENT);
        }
    }

    /** Not while nobody of the link can be asked for: its members would all be noted, and asked for at once later. */
    private Optional<Claimed> claim(Work work, LinkId id) {
        Instant now = clock.instant();
        Link link = work.links().get(id);
        if (!link.linked()) {
            work.backfills().remove(id);
            return Optional.empty();
        }
        Optional<BackfillRun> claimed = work.backfills()
                .claim(id, now, now.plus(LEASE), continuous(link), () -> work.users()
                        .countMembers(id));
        return claimed.flatMap(run -> {
            Optional<LinkHealth.Pause> pause = work.linkHealth().pause(id, now);
            if (pause.isPresent()) {
                work.backfills()
                        .goOn(
                                run,
                                pause.get().reason(),
                                run.failures(),
                                pause.get().until());
                return Optional.empty();
            }
            try {
                Optional<Application> application = work.realm().application().filter(present -> present.key()
                        .equals(link.application()));
                if (application.isEmpty()) {
                    rest(work, run, Reason.NOT_ENABLED);
                }
                return application.map(present -> new Claimed(run, present));
            } catch (Unreadable secret) {
                rest(work, run, Reason.MISCONFIGURED);
                return Optional.empty();
            }
        });
    }

    private void rest(Work work, BackfillRun run, Reason reason) {
        work.backfills().goOn(run, reason, run.failures(), clock.instant().plus(WHILE_LINK_RESTS));
    }

    private static boolean continuous(Link link) {
        return link.policy().backfill() == Policy.Backfill.CONTINUOUS;
    }

    /** @return whether the next step may follow at once */
    private boolean record(Work work, BackfillRun run, BackfillLook.Seen seen, int asked) {
        Instant now = clock.instant();
        Map<String, Long> passedOver = new HashMap<>(seen.passedOver());
        int raced = seen.toAsk().size() - asked;
        if (raced > 0) {
            passedOver.merge(BackfillLook.ALREADY_ASKED, (long) raced, Long::sum);
        }
        work.backfills().progress(run, seen.reached(), seen.asked() + asked, passedOver);
        if (seen.end()) {
            Instant next = continuous(work.links().get(run.link())) ? now.plus(BETWEEN_ROUNDS) : null;
            work.backfills().finish(run, now, next);
            LOG.infof(
                    "the backfill of link %s has looked at everybody",
                    run.link().name());
            return false;
        }
        if (seen.stopped() && seen.waitsFor() != null) {
            rest(work, run, seen.waitsFor());
            return false;
        }
        if (seen.waitsFor() != null) {
            int failures = run.failures() + 1;
            work.backfills().goOn(run, seen.waitsFor(), failures, retries.afterOutage(now, failures, Duration.ZERO));
            return false;
        }
        work.backfills().goOn(run, null, 0, now);
        return true;
    }
}
