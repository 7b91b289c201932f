package io.github.enterpriseconnect.notification;

import io.github.enterpriseconnect.core.Alarms;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Notification;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Retries;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.platform.CalendarChanged;
import io.github.enterpriseconnect.platform.ServerWork;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.platform.Worker;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.DueNotifications;
import java.net.URI;
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

    /** When what is lacking of ours is looked for again. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

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
    private record Step(@Nullable Ready ready, @Nullable String next) {}

    /** What is sent as soon as no transaction is open. */
    private record Ready(
            DueNotifications.Claimed claimed,
            URI address,
            @Nullable Secret authorization,
            String token) {}

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

    /** Sends what has just been committed. Takes no time: what finds no room is found by a sweep. */
    public void sendSoon(CalendarChanged changed) {
        String realm = changed.event().realm();
        changed.notifications()
                .forEach(one -> lane(new Lane(realm, one.client())).add(one.id()));
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
        record Trial(URI address, @Nullable Secret authorization, String token) {}
        Optional<Trial> trial = transactions.inRealm(realm, work -> {
            Consumer.Receiver receiver = work.realm().settings().flatMap(settings -> settings.consumer(client)).stream()
                    .flatMap(consumer -> Optional.ofNullable(consumer.receiver()).stream())
                    .findFirst()
                    .orElse(null);
            if (receiver == null) {
                return Optional.empty();
            }
            try {
                Optional<Secret> authorization = authorization(work, receiver, client);
                if (receiver.authorized() && authorization.isEmpty()) {
                    return Optional.empty();
                }
                SecurityEvent event =
                        SecurityEvent.verification(client, work.realm().issuer(receiver.issuer()), now);
                return Optional.of(new Trial(
                        receiver.address(),
                        authorization.orElse(null),
                        work.realm().signed(event.type(), event.claims())));
            } catch (Unreadable away) {
                return Optional.empty();
            }
        });
        return trial.map(one -> push.send(one.address(), one.authorization(), one.token(), DEADLINE_OF_TEST));
    }

    private ConsumerLane lane(Lane lane) {
        return lanes.computeIfAbsent(lane, key -> new ConsumerLane(worker, id -> deliver(key, id)));
    }

    private void sweep() {
        Instant now = clock.instant();
        List<DueNotifications.Due> due =
                transactions.inServer(work -> work.dueNotifications().due(now, BATCH));
        Map<Instant, List<String>> resting = new HashMap<>();
        for (DueNotifications.Due one : due) {
            ConsumerLane lane = lane(new Lane(one.realm(), one.client()));
            Instant pausedUntil = lane.pausedUntil();
            if (pausedUntil.isAfter(now)) {
                resting.computeIfAbsent(pausedUntil, until -> new ArrayList<>()).add(one.id());
            } else if (!lane.add(one.id())) {
                resting.computeIfAbsent(now.plus(UNTIL_THERE_IS_ROOM), until -> new ArrayList<>())
                        .add(one.id());
            }
        }
        resting.forEach((until, ids) ->
                transactions.doInServer(work -> work.dueNotifications().rest(ids, now, until)));
        if (due.size() == BATCH && !resting.isEmpty()) {
            sweepSoon();
        }
    }

    private void deliver(Lane lane, String id) {
        Instant now = clock.instant();
        Optional<Step> step = transactions.claimInServer(
                work -> work.dueNotifications().claim(id, now, now.plus(CLAIM)).map(claimed -> prepare(work, claimed)));
        if (step.isEmpty()) {
            return;
        }
        Ready ready = step.get().ready();
        Optional<String> next = Optional.ofNullable(step.get().next());
        if (ready != null) {
            Push.Answer answer = push.send(ready.address(), ready.authorization(), ready.token(), DEADLINE);
            next = record(lane, ready.claimed(), answer);
        }
        next.ifPresent(lane(lane)::add);
    }

    /** In the transaction that claims: whether it is still to be sent, and with what. */
    private Step prepare(ServerWork work, DueNotifications.Claimed claimed) {
        Optional<Work> realm = work.realm(claimed.realm());
        Optional<Settings> settings = realm.flatMap(found -> found.realm().settings());
        Notification notification = claimed.notification();
        CalendarEvent event = notification.event();
        String unreadable = realm.isEmpty()
                ? "realm_away"
                : settings.isEmpty()
                        ? "settings_unusable"
                        : event.kind() == CalendarEvent.Kind.UNKNOWN
                                        || event.subject().type() == CalendarEvent.Type.UNKNOWN
                                ? "value_unknown"
                                : null;
        if (unreadable != null) {
            return wait(work, claimed, unreadable);
        }
        Consumer consumer = settings.flatMap(present -> present.consumer(notification.clientId()))
                .filter(event::concerns)
                .orElse(null);
        Consumer.Receiver receiver = consumer == null ? null : consumer.receiver();
        if (receiver == null) {
            LOG.debugf(
                    "notification %s is dropped: client %s is not told any more",
                    claimed.id(), notification.clientId());
            return new Step(
                    null, work.dueNotifications().end(claimed, clock.instant()).orElse(null));
        }
        return prepare(work, realm.orElseThrow(), claimed, receiver);
    }

    private Step prepare(ServerWork server, Work work, DueNotifications.Claimed claimed, Consumer.Receiver receiver) {
        String client = claimed.notification().clientId();
        if (work.suspensions().all().consumer(client)) {
            // Whoever is suspended, for they may be somebody else by now, learns nothing; it is told once that is over.
            return wait(server, claimed, "consumer_suspended");
        }
        try {
            Optional<Secret> authorization = authorization(work, receiver, client);
            if (receiver.authorized() && authorization.isEmpty()) {
                return wait(server, claimed, "authorization_lost");
            }
            SecurityEvent event =
                    SecurityEvent.of(claimed.notification(), work.realm().issuer(receiver.issuer()), clock.instant());
            String token = work.realm().signed(event.type(), event.claims());
            return new Step(new Ready(claimed, receiver.address(), authorization.orElse(null), token), null);
        } catch (Unreadable away) {
            return wait(server, claimed, away.reason().id());
        }
    }

    private static Optional<Secret> authorization(Work work, Consumer.Receiver receiver, String client) {
        return receiver.authorized() ? work.realm().authorization(client, receiver.address()) : Optional.empty();
    }

    private Step wait(ServerWork work, DueNotifications.Claimed claimed, String problem) {
        work.dueNotifications().wait(claimed, problem, clock.instant().plus(PATIENCE));
        LOG.debugf("notification %s waits: %s", claimed.id(), problem);
        return new Step(null, null);
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
        if (now.isAfter(notification.createdAt().plus(GIVEN_UP_AFTER))) {
            return transactions.inServer(work -> work.dueNotifications().giveUp(claimed, problem, now));
        }
        int attempts = notification.attempts() + 1;
        Instant next = answer.passes()
                ? retries.afterOutage(now, attempts, answer.retryAfter())
                : retries.afterProblem(now, attempts);
        transactions.doInServer(work -> work.dueNotifications().fail(claimed, problem, next));
        return Optional.empty();
    }
}
