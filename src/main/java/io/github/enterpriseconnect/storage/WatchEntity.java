package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_WATCH}; its id is the delegation's. */
@Entity
@Table(name = "EC_WATCH")
@NullUnmarked
class WatchEntity extends VersionedRow {
    @Column(name = "TICKET_HASH")
    private String ticketHash;

    @Column(name = "CALLBACK_URL")
    private String callbackUrl;

    /** Null until Cronofy has opened it. */
    @Column(name = "CHANNEL")
    private String channel;

    @Column(name = "NEXT_AT")
    private long nextAt;

    @Column(name = "FAILURES")
    private int failures;

    protected WatchEntity() {}

    WatchEntity(String delegation, String realmId, Instant now) {
        super(delegation, realmId);
        this.nextAt = now.toEpochMilli();
    }

    /** Of a new right, which none of the former one's channels tells of. */
    void beginAnew(Instant now) {
        ticketHash = null;
        callbackUrl = null;
        channel = null;
        failures = 0;
        nextAt = now.toEpochMilli();
    }

    boolean due(Instant now) {
        return nextAt <= now.toEpochMilli();
    }

    void comeBack(Instant when) {
        nextAt = when.toEpochMilli();
    }

    void comeSoon(Instant now) {
        nextAt = Math.min(nextAt, now.toEpochMilli());
    }

    void address(String newTicketHash, String sealedCallbackUrl) {
        ticketHash = newTicketHash;
        callbackUrl = sealedCallbackUrl;
    }

    void open(String newChannel) {
        channel = newChannel;
    }

    void fail(Instant when) {
        failures++;
        nextAt = when.toEpochMilli();
    }

    void succeed(Instant when) {
        failures = 0;
        nextAt = when.toEpochMilli();
    }

    String ticketHash() {
        return ticketHash;
    }

    String callbackUrl() {
        return callbackUrl;
    }

    String channel() {
        return channel;
    }

    int failures() {
        return failures;
    }
}
