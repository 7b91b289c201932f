package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_MEMBER}. */
@Entity
@Table(name = "EC_MEMBER")
@NullUnmarked
class MemberEntity extends VersionedRow {
    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "OPTED_OUT_AT")
    private Long optedOutAt;

    @Column(name = "PROVEN_MAILBOX")
    private String provenMailbox;

    @Column(name = "PROVEN_BY")
    private String provenBy;

    @Column(name = "PROVEN_AT")
    private Long provenAt;

    protected MemberEntity() {}

    MemberEntity(String id, String realmId, String userId) {
        super(id, realmId);
        this.userId = userId;
    }

    Long optedOutAt() {
        return optedOutAt;
    }

    String provenMailbox() {
        return provenMailbox;
    }

    void optOut(Instant now) {
        if (optedOutAt == null) {
            optedOutAt = now.toEpochMilli();
        }
    }

    void optIn() {
        optedOutAt = null;
    }

    void prove(String mailbox, String by, Instant now) {
        provenMailbox = mailbox;
        provenBy = by;
        provenAt = now.toEpochMilli();
    }

    void forgetProof() {
        provenMailbox = null;
        provenBy = null;
        provenAt = null;
    }
}
