package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.BackfillRun;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Words;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_BACKFILL}. */
@Entity
@Table(name = "EC_BACKFILL")
@NullUnmarked
class BackfillEntity extends VersionedRow {
    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "RUN")
    private String run;

    @Column(name = "STATE")
    private String state;

    @Column(name = "STARTED_AT")
    private long startedAt;

    @Column(name = "ENDED_AT")
    private Long endedAt;

    /** When the next node may take it on, for an index to find; null if nothing is to be done. */
    @Column(name = "NEXT_AT")
    private Long nextAt;

    @Column(name = "REACHED")
    private String reached;

    @Column(name = "TOTAL")
    private Long total;

    @Column(name = "LOOKED")
    private long looked;

    @Column(name = "ASKED")
    private long asked;

    /** Words separated by spaces, each a reason and a number with a colon between. */
    @Column(name = "PASSED_OVER")
    private String passedOver;

    @Column(name = "WAITS_FOR")
    private String waitsFor;

    @Column(name = "FAILURES")
    private int failures;

    protected BackfillEntity() {}

    BackfillEntity(LinkId link) {
        super(newId(), link.realm());
        this.linkName = link.name();
    }

    void begin(Instant now) {
        run = newId();
        become(BackfillRun.State.RUNNING);
        startedAt = now.toEpochMilli();
        endedAt = null;
        reached = null;
        total = null;
        looked = 0;
        asked = 0;
        passedOver = null;
        failures = 0;
        waitsFor = null;
        nextAt = now.toEpochMilli();
    }

    void resume(Instant now) {
        become(BackfillRun.State.RUNNING);
        nextAt = now.toEpochMilli();
    }

    void pause() {
        become(BackfillRun.State.PAUSED);
        nextAt = null;
    }

    void end(BackfillRun.State as, Instant now, Instant next) {
        become(as);
        endedAt = now.toEpochMilli();
        nextAt = next == null ? null : Long.valueOf(next.toEpochMilli());
        waitsFor = null;
    }

    void planNothing() {
        nextAt = null;
    }

    boolean is(BackfillRun.State one) {
        return one.name().equals(state);
    }

    boolean due(Instant now) {
        return nextAt != null && nextAt <= now.toEpochMilli();
    }

    void lease(Instant until) {
        nextAt = until.toEpochMilli();
    }

    void count(long members) {
        total = members;
    }

    /** Whether this is still where the caller began to look. */
    boolean standsAt(BackfillRun claimed) {
        return claimed.run().equals(run) && claimed.reached().equals(toRun().reached());
    }

    void hold(Reason reason, int newFailures, Instant next) {
        waitsFor = Names.of(reason);
        failures = newFailures;
        nextAt = is(BackfillRun.State.RUNNING) ? Long.valueOf(next.toEpochMilli()) : nextAt;
    }

    void progress(String newReached, long newAsked, Map<String, Long> newPassedOver) {
        Map<String, Long> all = new TreeMap<>(toRun().passedOver());
        newPassedOver.forEach((reason, count) -> all.merge(reason, count, Long::sum));
        passedOver = all.entrySet().stream()
                .map(one -> one.getKey() + ":" + one.getValue())
                .collect(Collectors.joining(" "));
        asked += newAsked;
        looked += newAsked
                + newPassedOver.values().stream().mapToLong(Long::longValue).sum();
        reached = newReached;
    }

    private void become(BackfillRun.State newState) {
        state = newState.name();
    }

    BackfillRun toRun() {
        Reason reason = Names.reason(waitsFor);
        BackfillRun.State known = Names.read(BackfillRun.State.class, state, BackfillRun.State.UNKNOWN);
        return new BackfillRun(
                new LinkId(realmId(), linkName),
                run,
                known,
                Instant.ofEpochMilli(startedAt),
                instant(endedAt),
                instant(nextAt),
                reached == null ? "" : reached,
                total,
                looked,
                asked,
                counts(),
                reason,
                failures,
                new Words(Names.unknown(state, known), Names.unknown(waitsFor, reason)));
    }

    private Map<String, Long> counts() {
        return passedOver == null || passedOver.isEmpty()
                ? Map.of()
                : Arrays.stream(passedOver.split(" ", -1))
                        .map(one -> one.split(":", -1))
                        .collect(Collectors.toMap(one -> one[0], one -> Long.valueOf(one[1])));
    }
}
