package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_DEPARTURE}: that a delegation is no longer there in a link, for whoever was told of it there. */
@Entity
@Table(name = "EC_DEPARTURE")
@NullUnmarked
class DepartureEntity extends VersionedRow {
    @Column(name = "LINK_NAME")
    private String linkName;

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "DELEGATION_ID")
    private String delegation;

    @Column(name = "REASON")
    private String reason;

    @Column(name = "CHANGED_AT")
    private long changedAt;

    protected DepartureEntity() {}

    DepartureEntity(String realmId, String linkName, String userId, String delegation, Reason reason, Instant now) {
        super(newId(), realmId);
        this.linkName = linkName;
        this.userId = userId;
        this.delegation = delegation;
        this.reason = reason.name();
        this.changedAt = now.toEpochMilli();
    }
}
