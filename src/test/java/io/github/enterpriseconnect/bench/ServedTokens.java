package io.github.enterpriseconnect.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.integration.harness.Answer;
import io.github.enterpriseconnect.integration.harness.ConnectedRealm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An application that asks for the tokens of some members again and again, in turn at the nodes that stay, and looks whether
 * Cronofy accepts what it gets. Who is told to come again does so until they are served.
 */
final class ServedTokens implements AutoCloseable {
    private static final Duration BETWEEN = Duration.ofSeconds(5);
    private static final int AT_ONCE = 4;

    private final Campaign campaign;
    private final ScheduledExecutorService callers = Executors.newScheduledThreadPool(AT_ONCE);
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicInteger retried = new AtomicInteger();
    private final List<String> refused = new CopyOnWriteArrayList<>();
    private final Map<Integer, Instant> waiting = new HashMap<>();
    private volatile Duration longest = Duration.ZERO;

    /**
     * Begins to ask.
     *
     * @param members numbers of copied members
     * @param nodes at which they are asked for, by their numbers
     */
    ServedTokens(Campaign campaign, List<Integer> members, List<Integer> nodes) {
        this.campaign = campaign;
        List<ConnectedRealm> doors = nodes.stream()
                .map(node -> campaign.realm().at(campaign.cluster().node(node)))
                .toList();
        List<Runnable> calls = new ArrayList<>();
        for (int member : members) {
            String token = doors.get(0)
                    .consumer()
                    .directGrant(CopiedMembers.name(member), ConnectedRealm.PASSWORD)
                    .accessToken();
            ConnectedRealm door = doors.get(member % doors.size());
            calls.add(() -> ask(member, door, token));
        }
        for (int i = 0; i < calls.size(); i++) {
            Future<?> unused = callers.scheduleWithFixedDelay(
                    calls.get(i), BETWEEN.toMillis() * i / calls.size(), BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void ask(int member, ConnectedRealm door, String token) {
        try {
            Answer answer = door.token(token);
            if (answer.status() == 200) {
                JsonNode given = answer.json();
                if (!campaign.simulator().accepts(given.get("access_token").asText())) {
                    refused.add("member " + member + " got a token that Cronofy does not accept");
                }
                served.incrementAndGet();
                end(member);
            } else if (answer.status() == 503
                    && answer.headers().firstValue("Retry-After").isPresent()) {
                retried.incrementAndGet();
                begin(member);
            } else {
                refused.add("member " + member + ": " + answer.status() + " " + answer.text());
            }
        } catch (RuntimeException e) {
            refused.add("member " + member + ": " + e);
        }
    }

    private synchronized void begin(int member) {
        waiting.putIfAbsent(member, Instant.now());
    }

    private synchronized void end(int member) {
        Instant since = waiting.remove(member);
        if (since != null) {
            Duration wait = Duration.between(since, Instant.now());
            longest = wait.compareTo(longest) > 0 ? wait : longest;
        }
    }

    int served() {
        return served.get();
    }

    /** How often somebody was told to come again. */
    int retried() {
        return retried.get();
    }

    /** The longest time from then until they were served. */
    Duration longest() {
        return longest;
    }

    /** Everything else that they were answered. */
    List<String> refused() {
        return refused;
    }

    @Override
    public void close() {
        callers.shutdownNow();
    }
}
