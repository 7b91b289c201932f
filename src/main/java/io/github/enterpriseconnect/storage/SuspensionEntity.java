package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Suspensions;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_SUSPENSION}. */
@Entity
@Table(name = "EC_SUSPENSION")
@NullUnmarked
class SuspensionEntity extends VersionedRow {
    @Column(name = "KIND")
    private String kind;

    @Column(name = "NAME")
    private String name;

    @Column(name = "SINCE")
    private long since;

    @Column(name = "ADMINISTRATOR")
    private String administrator;

    @Column(name = "BY_REALM_ADMINISTRATOR")
    private boolean byRealmAdministrator;

    protected SuspensionEntity() {}

    SuspensionEntity(String id, String realmId, Suspensions.Subject subject, Suspensions.Suspension suspension) {
        super(id, realmId);
        this.kind = subject.kind().name();
        this.name = subject.name();
        set(suspension);
    }

    final void set(Suspensions.Suspension suspension) {
        since = suspension.since().toEpochMilli();
        administrator = suspension.by();
        byRealmAdministrator = suspension.byRealmAdministrator();
    }

    Suspensions.Subject subject() {
        // Oracle keeps an empty text as none.
        return new Suspensions.Subject(
                Names.read(Suspensions.Kind.class, kind, Suspensions.Kind.UNKNOWN), name == null ? "" : name);
    }

    Suspensions.Suspension suspension() {
        return new Suspensions.Suspension(Instant.ofEpochMilli(since), administrator, byRealmAdministrator);
    }
}
