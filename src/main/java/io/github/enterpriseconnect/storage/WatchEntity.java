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
    /** Whose calendar it is at Cronofy; null if an older version has written the row. */
    @Column(name = "SUBJECT")
    private String subject;

    @Column(name = "TICKET_HASH")
    private String ticketHash;

    @Column(name = "CALLBACK_URL")
    private String callbackUrl;

    /** Digest of where the realm was when the address was made; null as for {@link #subject}. */
    @Column(name = "BASE_HASH")
    private String base;

    /** Null until Cronofy has opened it. */
    @Column(name = "CHANNEL")
    private String channel;

    /** When Cronofy has last said that the channel is open. */
    @Column(name = "OPENED_AT")
    private Long openedAt;

    /** Of the same account, with an address that is no longer ours; null if there is none. */
    @Column(name = "FORMER_CHANNEL")
    private String formerChannel;

    /** Whether a notification has called for the next look. */
    @Column(name = "CALLED")
    private boolean called;

    @Column(name = "NEXT_AT")
    private long nextAt;

    @Column(name = "FAILURES")
    private int failures;

    protected WatchEntity() {}

    WatchEntity(String delegation, String realmId) {
        super(delegation, realmId);
    }

    /** Of a right that is new, or whose channel may be gone. What belongs to another account tells nothing of this one. */
    void begin(String account, Instant now) {
        if (!account.equals(subject)) {
            subject = account;
            ticketHash = null;
            callbackUrl = null;
            base = null;
            channel = null;
            formerChannel = null;
        }
        openedAt = null;
        called = false;
        failures = 0;
        nextAt = now.toEpochMilli();
    }

    boolean due(Instant now) {
        return nextAt <= now.toEpochMilli();
    }

    void comeBack(Instant when) {
        nextAt = when.toEpochMilli();
    }

    void call(Instant now) {
        called = true;
        nextAt = Math.min(nextAt, now.toEpochMilli());
    }

    void address(String newTicketHash, String sealedCallbackUrl, String newBase) {
        formerChannel = channel == null ? formerChannel : channel;
        channel = null;
        openedAt = null;
        ticketHash = newTicketHash;
        callbackUrl = sealedCallbackUrl;
        base = newBase;
    }

    void open(String newChannel, Instant now) {
        channel = newChannel;
        openedAt = now.toEpochMilli();
    }

    void closeFormer(String closed) {
        formerChannel = closed.equals(formerChannel) ? null : formerChannel;
    }

    void fail(Instant when) {
        failures++;
        nextAt = when.toEpochMilli();
    }

    void learnNothing(Instant when) {
        called = false;
        fail(when);
    }

    void succeed(Instant when) {
        called = false;
        failures = 0;
        nextAt = when.toEpochMilli();
    }

    String subject() {
        return subject;
    }

    String ticketHash() {
        return ticketHash;
    }

    String callbackUrl() {
        return callbackUrl;
    }

    String base() {
        return base;
    }

    String channel() {
        return channel;
    }

    Instant openedAt() {
        return instant(openedAt);
    }

    String formerChannel() {
        return formerChannel;
    }

    boolean called() {
        return called;
    }

    int failures() {
        return failures;
    }
}
