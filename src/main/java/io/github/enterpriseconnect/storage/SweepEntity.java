package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_SWEEP}. */
@Entity
@Table(name = "EC_SWEEP")
@NullUnmarked
class SweepEntity extends VersionedRow {
    @Column(name = "KIND")
    private String kind;

    @Column(name = "SWEPT_UNTIL")
    private long sweptUntil;

    @Column(name = "NEXT_AT")
    private long nextAt;

    @Column(name = "REACHED")
    private String reached;

    protected SweepEntity() {}

    SweepEntity(String id, String realmId, String kind, Instant sweptUntil) {
        super(id, realmId);
        this.kind = kind;
        this.sweptUntil = sweptUntil.toEpochMilli();
    }

    boolean due(Instant now) {
        return nextAt <= now.toEpochMilli();
    }

    Instant sweptUntil() {
        return Instant.ofEpochMilli(sweptUntil);
    }

    void sweptUntil(Instant until) {
        sweptUntil = until.toEpochMilli();
    }

    String reached() {
        return reached == null ? "" : reached;
    }

    void reached(String lastOfPage) {
        reached = lastOfPage.isEmpty() ? null : lastOfPage;
    }

    void next(Instant next) {
        nextAt = next.toEpochMilli();
    }
}
