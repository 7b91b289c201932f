package io.github.enterpriseconnect.notification;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.platform.CalendarChanged;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.storage.DueNotifications;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends the outbox of notifications to the consumers, by any node, until each is accepted: what this node has written right
 * after its commit, everything else as it is found. Of one subject a consumer is told one thing after the other, each at
 * least once; a consumer that is slow or away holds up nobody else.
 */
public final class NotificationDispatcher {
    private static final Logger LOG = Logger.getLogger(NotificationDispatcher.class);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofSeconds(30);
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Duration DEADLINE_OF_TEST = Duration.ofSeconds(3);
    private static final Duration UNTIL_THERE_IS_ROOM = Duration.ofSeconds(10);

    /** For how long something is waited for that is lacking of ours. */
    private static final Duration WAITED_FOR = Duration.ofDays(30);

    /** Since the consumer has begun not to take it. */
    private static final Duration GIVEN_UP_AFTER = Duration.ofDays(3);

    private static final int BATCH = 500;

    private final Transactions transactions;
    private final Push push;
    private final Worker worker;
    private final Retries retries;
    private final InstantSource clock;
    private final Map<Lane, ConsumerLane> lanes = new ConcurrentHashMap<>();
    private final Alarms alarms = new Alarms();

    private record Lane(String realm, String client) {}

    /** What follows once a claim has been committed: something is sent, or what stands next is looked at. */
    private record Step(
            DueNotifications.Claimed claimed,
            Preparation.@Nullable Ready ready,
            @Nullable String next) {}

    public NotificationDispatcher(
            Transactions transactions, Push push, Worker worker, Retries retries, InstantSource clock) {
        this.transactions = transactions;
        this.push = push;
        this.worker = worker;
        this.retries = retries;
        this.clock = clock;
    }

    public void start() {
        worker.submitEvery(BETWEEN_SWEEPS, this::sweep);
    }

    /** Sends what has just been committed. Takes no time: what finds no room, or a pause, is found by a sweep. */
    public void sendSoon(CalendarChanged changed) {
        String realm = changed.event().realm();
        Instant now = clock.instant();
        changed.notifications().forEach(one -> {
            ConsumerLane lane = lane(new Lane(realm, one.client()));
            if (!lane.pausedUntil().isAfter(now)) {
                lane.add(one.id());
            }
        });
    }

    /** Looks for what is due now, as after a replay, rather than at the next sweep. */
    public void sweepSoon() {
        worker.submitOnce(NotificationDispatcher.class, this::sweep);
    }

    /**
     * Tries a consumer's address with an event that is about nothing. Called outside any transaction.
     *
     * @return what it answers; empty if it has no address, or nothing can be signed or opened now
     */
    public Optional<Push.Answer> test(String realm, String client) {
        Instant now = clock.instant();
        return transactions
                .inRealm(
                        realm,
                        work -> Optional.ofNullable(
                                Preparation.trial(work, client, now).ready()))
                .map(one -> push.send(one.address(), one.authorization(), one.token(), DEADLINE_OF_TEST));
    }

    private ConsumerLane lane(Lane lane) {
        return lanes.computeIfAbsent(lane, key -> new ConsumerLane(worker, id -> deliver(key, id)));
    }

    /**
     * All that is due, page by page: what is under way stays at the front until it has been sent, and what stands behind it,
     * of others, is not to wait for that.
     */
    private void sweep() {
        Instant now = clock.instant();
        Map<Lane, Optional<String>> hindrances = new HashMap<>();
        DueNotifications.Due last = null;
        List<DueNotifications.Due> page;
        do {
            DueNotifications.Due after = last;
            page = transactions.inServer(work -> work.dueNotifications().due(now, after, BATCH));
            sort(page, hindrances, now);
            last = page.isEmpty() ? null : page.get(page.size() - 1);
        } while (page.size() == BATCH);
    }

    /** Sends what can be sent, and has all else wait, of each consumer as it stands with it. */
    private void sort(List<DueNotifications.Due> page, Map<Lane, Optional<String>> hindrances, Instant now) {
        record Waiting(String problem, Instant until) {}
        Map<Instant, List<String>> resting = new HashMap<>();
        Map<Waiting, List<String>> waiting = new HashMap<>();
        for (DueNotifications.Due one : page) {
            Lane key = new Lane(one.realm(), one.client());
            ConsumerLane lane = lane(key);
            Optional<String> hindrance = hindrances.computeIfAbsent(
                    key, of -> transactions.inServer(work -> Preparation.hindrance(work, of.realm(), of.client())));
            Instant pausedUntil = lane.pausedUntil();
            if (hindrance.isPresent() && now.isBefore(one.createdAt().plus(WAITED_FOR))) {
                waiting.computeIfAbsent(
                                new Waiting(hindrance.get(), now.plus(patience(one.createdAt(), now))),
                                of -> new ArrayList<>())
                        .add(one.id());
            } else if (pausedUntil.isAfter(now)) {
                resting.computeIfAbsent(pausedUntil, until -> new ArrayList<>()).add(one.id());
            } else if (!lane.add(one.id())) {
                resting.computeIfAbsent(now.plus(UNTIL_THERE_IS_ROOM), until -> new ArrayList<>())
                        .add(one.id());
            }
        }
        resting.forEach((until, ids) ->
                transactions.doInServer(work -> work.dueNotifications().rest(ids, now, until)));
        waiting.forEach((why, ids) ->
                transactions.doInServer(work -> work.dueNotifications().wait(ids, why.problem(), now, why.until())));
    }

    /** The longer something has been lacking, the longer it may be so. */
    private static Duration patience(Instant since, Instant now) {
        Duration age = Duration.between(since, now);
        return Duration.ofMinutes(
                age.compareTo(Duration.ofMinutes(10)) < 0 ? 1 : age.compareTo(Duration.ofHours(2)) < 0 ? 5 : 30);
    }

    private void deliver(Lane lane, String id) {
        Instant now = clock.instant();
        Optional<Step> step = transactions.claimInServer(
                work -> work.dueNotifications().claim(id, now, now.plus(CLAIM)).map(claimed -> step(work, claimed)));
        if (step.isEmpty()) {
            return;
        }
        Preparation.Ready ready = step.get().ready();
        Optional<String> next = Optional.ofNullable(step.get().next());
        if (ready != null) {
            Push.Answer answer = push.send(ready.address(), ready.authorization(), ready.token(), DEADLINE);
            next = record(lane, step.get().claimed(), answer);
        }
        next.ifPresent(lane(lane)::add);
    }

    /** In the transaction that claims: whether it is still to be sent, and with what. */
    private Step step(ServerWork work, DueNotifications.Claimed claimed) {
        Instant now = clock.instant();
        Preparation preparation = Preparation.of(work, claimed.notification(), now);
        String problem = preparation.problem();
        if (preparation.ready() != null) {
            return new Step(claimed, preparation.ready(), null);
        }
        LOG.debugf("notification %s waits, or is dropped: %s", claimed.id(), problem);
        Optional<String> next = Optional.empty();
        Instant createdAt = claimed.notification().createdAt();
        if (problem == null) {
            next = work.dueNotifications().end(claimed, now);
        } else if (now.isBefore(createdAt.plus(WAITED_FOR))) {
            work.dueNotifications().wait(claimed, problem, now.plus(patience(createdAt, now)));
        } else {
            next = work.dueNotifications().giveUp(claimed, problem, now);
        }
        return new Step(claimed, null, next.orElse(null));
    }

    /** @return what stands next in its line */
    private Optional<String> record(Lane lane, DueNotifications.Claimed claimed, Push.Answer answer) {
        Instant now = clock.instant();
        if (answer.accepted()) {
            lane(lane).succeeded();
            if (alarms.ends(lane.toString())) {
                LOG.warnf("client %s takes notifications again", lane.client());
            }
            return transactions.inServer(work -> work.dueNotifications().end(claimed, now));
        }
        String problem = answer.problem();
        if (answer.refused()) {
            lane(lane).succeeded();
            LOG.warnf("client %s refuses notification %s: %s", lane.client(), claimed.id(), problem);
            return transactions.inServer(work -> work.dueNotifications().giveUp(claimed, problem, now));
        }
        lane(lane).failed(now);
        boolean alarm = alarms.begins(lane.toString(), answer.passes() ? Reason.UNAVAILABLE : Reason.MISCONFIGURED);
        LOG.logf(
                alarm ? Logger.Level.WARN : Logger.Level.DEBUG,
                "client %s did not take notification %s, which is sent again: %s",
                lane.client(),
                claimed.id(),
                problem);
        Notification notification = claimed.notification();
        Instant since = notification.failingSince();
        if (since != null && now.isAfter(since.plus(GIVEN_UP_AFTER))) {
            return transactions.inServer(work -> work.dueNotifications().giveUp(claimed, problem, now));
        }
        int attempts = notification.attempts() + 1;
        Instant next = answer.passes()
                ? retries.afterOutage(now, attempts, answer.retryAfter())
                : retries.afterProblem(now, attempts);
        transactions.doInServer(work -> work.dueNotifications().fail(claimed, problem, now, next));
        return Optional.empty();
    }
}
