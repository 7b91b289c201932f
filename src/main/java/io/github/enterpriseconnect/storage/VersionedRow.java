package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** What every table of ours begins with: an id, a version that a lost race is noticed by, and the realm's id. */
@MappedSuperclass
@NullUnmarked
abstract class VersionedRow {
    @Id
    @Column(name = "ID", length = 36)
    private String id;

    @Version
    @Column(name = "VERSION")
    private int version;

    /** Written once; what changes it is {@link RemovedRealmStore} alone, in bulk, past whoever holds the row. */
    @Column(name = "REALM_ID", updatable = false)
    private String realmId;

    protected VersionedRow() {}

    VersionedRow(String id, String realmId) {
        this.id = id;
        this.realmId = realmId;
    }

    /** An id that no other row has. */
    static String newId() {
        return UUID.randomUUID().toString();
    }

    static Instant instant(Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    String id() {
        return id;
    }

    int version() {
        return version;
    }

    String realmId() {
        return realmId;
    }
}
