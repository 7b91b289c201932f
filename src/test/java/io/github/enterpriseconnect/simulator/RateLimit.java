package io.github.enterpriseconnect.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** So many requests per second and per minute for an application, by the simulator's clock (contract 6). */
final class RateLimit {
    private final SimulatorClock clock;
    private final Switches switches;
    private final Registry registry;
    private final Credentials credentials;
    private final Map<String, Deque<Instant>> taken = new HashMap<>();

    RateLimit(SimulatorClock clock, Switches switches, Registry registry, Credentials credentials) {
        this.clock = clock;
        this.switches = switches;
        this.registry = registry;
        this.credentials = credentials;
    }

    /** The 429, if the request is one too many. Requests of nobody known are not counted, nor are refused ones. */
    Optional<Answer> refuse(ReceivedRequest request) {
        boolean oauth = request.path().startsWith("/oauth/");
        boolean counts = request.path().startsWith("/v1/") || (oauth && switches.get(Switch.RATE_LIMIT_COUNTS_OAUTH));
        if (!switches.get(Switch.RATE_LIMIT) || !counts) {
            return Optional.empty();
        }
        Optional<Application> application = oauth
                ? registry.application(request.parameter("client_id"))
                : credentials.bearer(request.bearer()).map(Account::application);
        int cost = switches.get(Switch.RATE_LIMIT_COUNTS_ENTRIES) ? DelegatedAccess.entriesIn(request) : 1;
        return application.filter(one -> !take(one.clientId(), cost)).map(one -> tooMany());
    }

    synchronized void clear() {
        taken.clear();
    }

    private synchronized boolean take(String clientId, int cost) {
        Instant now = clock.instant();
        Deque<Instant> times = taken.computeIfAbsent(clientId, key -> new ArrayDeque<>());
        times.removeIf(time -> !time.isAfter(now.minus(Duration.ofMinutes(1))));
        Instant second = now.minus(Duration.ofSeconds(1));
        long lately = times.stream().filter(time -> time.isAfter(second)).count();
        if (lately + cost > switches.get(Switch.RATE_LIMIT_PER_SECOND)
                || times.size() + cost > switches.get(Switch.RATE_LIMIT_PER_MINUTE)) {
            return false;
        }
        for (int i = 0; i < cost; i++) {
            times.add(now);
        }
        return true;
    }

    private Answer tooMany() {
        Answer plain = Refused.withStatus(429, "too many requests", switches);
        int seconds = switches.get(Switch.RETRY_AFTER_SECONDS);
        return seconds == 0 ? plain : plain.with("Retry-After", Integer.toString(seconds));
    }
}
