package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_REVOCATION}. */
@Entity
@Table(name = "EC_REVOCATION")
@NullUnmarked
class RevocationEntity {
    @Id
    @Column(name = "ID", length = 36)
    private String id;

    @Version
    @Column(name = "VERSION")
    private int version;

    @Column(name = "REALM_ID")
    private String realmId;

    @Column(name = "APPLICATION")
    private String application;

    @Column(name = "SUBJECT")
    private String subject;

    @Column(name = "MAILBOX")
    private String mailbox;

    @Column(name = "REVOCATION_ORDER")
    private String order;

    @Enumerated(EnumType.STRING)
    @Column(name = "STATE")
    private RevocationStore.State state;

    @Column(name = "ATTEMPTS")
    private int attempts;

    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "NEXT_ATTEMPT_AT")
    private long nextAttemptAt;

    @Column(name = "ENDED_AT")
    private Long endedAt;

    protected RevocationEntity() {}

    RevocationEntity(
            String id,
            String realmId,
            String application,
            String subject,
            String mailbox,
            String sealedOrder,
            Instant now) {
        this.id = id;
        this.realmId = realmId;
        this.application = application;
        this.subject = subject;
        this.mailbox = mailbox;
        this.order = sealedOrder;
        this.state = RevocationStore.State.PENDING;
        this.createdAt = now.toEpochMilli();
        this.nextAttemptAt = now.toEpochMilli();
    }

    String id() {
        return id;
    }

    String realmId() {
        return realmId;
    }

    String application() {
        return application;
    }

    String subject() {
        return subject;
    }

    String order() {
        return order;
    }

    int attempts() {
        return attempts;
    }

    void replaceOrder(String sealedOrder) {
        order = sealedOrder;
    }

    /** Whether it is pending and due; if so it is not due again before {@code until}. */
    boolean claim(Instant now, Instant until) {
        if (state != RevocationStore.State.PENDING || nextAttemptAt > now.toEpochMilli()) {
            return false;
        }
        nextAttemptAt = until.toEpochMilli();
        return true;
    }

    void fail(Instant next) {
        attempts++;
        nextAttemptAt = next.toEpochMilli();
    }

    void end(RevocationStore.State outcome, Instant now) {
        state = outcome;
        endedAt = now.toEpochMilli();
        order = null;
    }
}
