package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_REMOVED_REALM}; its own id is the realm id that the rows of that realm bear meanwhile. */
@Entity
@Table(name = "EC_REMOVED_REALM")
@NullUnmarked
class RemovedRealmEntity extends VersionedRow {
    @Column(name = "REMOVED_AT")
    private long removedAt;

    @Column(name = "ENDS_AT")
    private long endsAt;

    @Column(name = "IS_BACK")
    private boolean back;

    @Column(name = "LOOKS")
    private int looks;

    @Column(name = "NEXT_LOOK_AT")
    private long nextLookAt;

    protected RemovedRealmEntity() {}

    RemovedRealmEntity(String id, String realmId, Instant removedAt, Instant endsAt) {
        super(id, realmId);
        this.removedAt = removedAt.toEpochMilli();
        this.endsAt = endsAt.toEpochMilli();
        this.nextLookAt = removedAt.toEpochMilli();
    }

    boolean due(Instant now) {
        return nextLookAt <= now.toEpochMilli();
    }

    /** Rows of removed realms that may come back wait for that, see {@link RemovedRealmStore}. */
    static String notApart(String row) {
        return " and not exists (select r.id from RemovedRealmEntity r where r.id = " + row + ".realmId)";
    }

    RemovedRealm toRemovedRealm() {
        return new RemovedRealm(id(), realmId(), Instant.ofEpochMilli(endsAt), looks, back);
    }
}
