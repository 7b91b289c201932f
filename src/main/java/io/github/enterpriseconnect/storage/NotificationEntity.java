package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Notification;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.NullUnmarked;

/**
 * A row of {@code EC_NOTIFICATION}: what one consumer is to be told of one event. Rows of one line are sent one after the
 * other, in the order of their turns.
 */
@Entity
@Table(name = "EC_NOTIFICATION")
@NullUnmarked
class NotificationEntity extends VersionedRow {
    /** Of what is not due, since nobody tries any more. */
    private static final Long NEVER = null;

    @Column(name = "CLIENT_ID", updatable = false)
    private String clientId;

    @Column(name = "LINE", updatable = false)
    private String line;

    @Column(name = "TURN", updatable = false)
    private long turn;

    @Column(name = "TXN", updatable = false)
    private String transaction;

    @Column(name = "KIND", updatable = false)
    private String kind;

    @Column(name = "SUBJECT_TYPE", updatable = false)
    private String subjectType;

    @Column(name = "SUBJECT_ID", updatable = false)
    private String subjectId;

    @Column(name = "LINK_NAME", updatable = false)
    private String linkName;

    @Column(name = "REASON", updatable = false)
    private String reason;

    @Column(name = "HAPPENED_AT", updatable = false)
    private long happenedAt;

    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "STATE")
    private String state;

    @Column(name = "ATTEMPTS")
    private int attempts;

    /** Null while nobody tries any more. Whoever has claimed the row moves it to the end of the claim. */
    @Column(name = "NEXT_AT")
    private Long nextAt;

    @Column(name = "PROBLEM")
    private String problem;

    /** Since when it is sent in vain, or nobody sends it any more; null if it was not sent since it last waited for us. */
    @Column(name = "FAILING_SINCE")
    private Long failingSince;

    protected NotificationEntity() {}

    NotificationEntity(CalendarEvent event, String clientId, String line, long turn, String transaction) {
        super(newId(), event.realm());
        this.clientId = clientId;
        this.line = line;
        this.turn = turn;
        this.transaction = transaction;
        this.kind = event.kind().name();
        this.subjectType = event.subject().type().name();
        this.subjectId = event.subject().id();
        this.linkName = event.link();
        this.reason = Names.of(event.reason());
        this.happenedAt = event.at().toEpochMilli();
        this.createdAt = event.at().toEpochMilli();
        this.state = Notification.State.PENDING.name();
        this.nextAt = event.at().toEpochMilli();
    }

    String line() {
        return line;
    }

    long turn() {
        return turn;
    }

    boolean pending() {
        return Notification.State.PENDING.name().equals(state);
    }

    boolean due(Instant now) {
        return pending() && nextAt != null && nextAt <= now.toEpochMilli();
    }

    boolean nextAt(Instant then) {
        return nextAt != null && nextAt == then.toEpochMilli();
    }

    void rest(Instant until) {
        nextAt = until.toEpochMilli();
    }

    void wait(String what, Instant next) {
        problem = what;
        failingSince = null;
        nextAt = next.toEpochMilli();
    }

    void fail(String what, Instant now, Instant next) {
        attempts++;
        failingSince = failingSince == null ? Long.valueOf(now.toEpochMilli()) : failingSince;
        problem = what;
        nextAt = next.toEpochMilli();
    }

    void giveUp(String what, Instant now) {
        attempts++;
        failingSince = now.toEpochMilli();
        problem = what;
        state = Notification.State.UNDELIVERABLE.name();
        nextAt = NEVER;
    }

    /** From the beginning: as long as one that has just been written it is tried again. */
    void replay(Instant now) {
        state = Notification.State.PENDING.name();
        createdAt = now.toEpochMilli();
        attempts = 0;
        problem = null;
        failingSince = null;
        nextAt = now.toEpochMilli();
    }

    private static String word(String written) {
        return written == null ? null : written.toLowerCase(Locale.ROOT);
    }

    Notification toNotification() {
        return new Notification(
                id(),
                clientId,
                new CalendarEvent(
                        Names.read(CalendarEvent.Kind.class, kind, CalendarEvent.Kind.UNKNOWN),
                        realmId(),
                        new CalendarEvent.Subject(
                                Names.read(CalendarEvent.Type.class, subjectType, CalendarEvent.Type.UNKNOWN),
                                subjectId),
                        linkName,
                        Names.reason(reason),
                        Instant.ofEpochMilli(happenedAt)),
                transaction,
                Names.read(Notification.State.class, state, Notification.State.UNKNOWN),
                attempts,
                problem,
                Instant.ofEpochMilli(createdAt),
                instant(failingSince),
                instant(nextAt),
                new Notification.Written(word(state), word(kind), word(subjectType), word(reason)));
    }
}
