package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_NOTICE}; its id is the delegation's. */
@Entity
@Table(name = "EC_NOTICE")
@NullUnmarked
class NoticeEntity extends VersionedRow {
    @Column(name = "CREATED_AT")
    private long createdAt;

    @Column(name = "ATTEMPTS")
    private int attempts;

    /** Null once there is nothing left to do. */
    @Column(name = "NEXT_ATTEMPT_AT")
    private Long nextAttemptAt;

    protected NoticeEntity() {}

    NoticeEntity(String delegation, String realmId, Instant now) {
        super(delegation, realmId);
        createdAt = now.toEpochMilli();
        nextAttemptAt = createdAt;
    }

    boolean due(Instant now) {
        return nextAttemptAt != null && nextAttemptAt <= now.toEpochMilli();
    }

    void attempt(Instant next) {
        attempts++;
        nextAttemptAt = next.toEpochMilli();
    }

    void postpone(Instant next) {
        nextAttemptAt = next.toEpochMilli();
    }

    void close() {
        nextAttemptAt = null;
    }

    Instant createdAt() {
        return Instant.ofEpochMilli(createdAt);
    }
}
