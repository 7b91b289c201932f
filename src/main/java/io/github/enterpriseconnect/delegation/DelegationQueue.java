package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.candidate.RecentSignIns;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Members who are to be delegated, in the memory of this node: those of one link coalesce for a moment and are asked
 * for together, one batch of a link at a time, while their sign-ins have long gone on.
 */
public final class DelegationQueue {
    private static final Duration COALESCE = Duration.ofMillis(250);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final int BATCH = 50;
    private static final int MOST_WAITING = 10_000;
    private static final int SWEPT = 500;

    private final Transactions transactions;
    private final Worker worker;
    private final DelegationRequests requests;
    private final CodeRedemption redemption;
    private final RecentSignIns recentSignIns;
    private final InstantSource clock;

    private final Map<LinkId, Map<String, Optional<SignIn>>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger waitingMembers = new AtomicInteger();

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
    }

    /** Begins to look for work that a crash, an outage or a full queue has left behind. */
    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /**
     * Queues a member who has signed in; returns at once and never throws. A member for whom there is no room is queued
     * at the next sign-in.
     */
    public void add(LinkId link, String userId, SignIn signIn) {
        if (add(link, Map.of(userId, Optional.of(signIn)))) {
            recentSignIns.remember(userId, signIn, link);
        }
    }

    /** Queues a member without a sign-in; the last one counts. */
    public void add(LinkId link, String userId) {
        add(link, Map.of(userId, Optional.empty()));
    }

    private boolean add(LinkId link, Map<String, Optional<SignIn>> members) {
        if (waitingMembers.get() + members.size() > MOST_WAITING) {
            return false;
        }
        AtomicBoolean first = new AtomicBoolean();
        waiting.compute(link, (id, waitingAlready) -> {
            first.set(waitingAlready == null);
            Map<String, Optional<SignIn>> queue =
                    waitingAlready == null ? Collections.synchronizedMap(new LinkedHashMap<>()) : waitingAlready;
            members.forEach((userId, signIn) -> {
                Optional<SignIn> before = queue.get(userId);
                queue.put(userId, before == null ? signIn : signIn.or(() -> before));
                if (before == null) {
                    waitingMembers.incrementAndGet();
                }
            });
            return queue;
        });
        if (first.get()) {
            flushSoon(link);
        }
        return true;
    }

    private void flushSoon(LinkId link) {
        worker.submitLater(COALESCE, () -> flush(link), () -> abandon(link));
    }

    private void abandon(LinkId link) {
        Map<String, Optional<SignIn>> members = waiting.remove(link);
        if (members != null) {
            waitingMembers.addAndGet(-members.size());
            members.keySet().forEach(recentSignIns::forget);
        }
    }

    /** One flush of a link runs at a time: the next is scheduled only once this one has ended. */
    private void flush(LinkId link) {
        try {
            Map<String, Optional<SignIn>> batch = take(link);
            if (!batch.isEmpty()) {
                requests.ask(link, batch).forEach(this::add);
            }
        } finally {
            boolean more = waiting.computeIfPresent(link, (id, members) -> members.isEmpty() ? null : members) != null;
            if (more) {
                flushSoon(link);
            }
        }
    }

    private Map<String, Optional<SignIn>> take(LinkId link) {
        Map<String, Optional<SignIn>> batch = new LinkedHashMap<>();
        waiting.computeIfPresent(link, (id, members) -> {
            members.entrySet().stream().limit(BATCH).forEach(member -> batch.put(member.getKey(), member.getValue()));
            batch.keySet().forEach(members::remove);
            waitingMembers.addAndGet(-batch.size());
            return members;
        });
        return batch;
    }

    private void sweep() {
        Instant now = clock.instant();
        transactions
                .inServer(work -> work.due().due(now, SWEPT))
                .forEach(delegation -> add(delegation.link(), delegation.userId()));
        transactions
                .inServer(work -> work.due().unredeemed(now, SWEPT))
                .forEach(delegation -> redemption.redeemSoon(delegation.link().realm(), delegation.id()));
    }
}
