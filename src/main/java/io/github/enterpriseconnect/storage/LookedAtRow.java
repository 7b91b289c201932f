package io.github.enterpriseconnect.storage;

import jakarta.persistence.Column;
import jakarta.persistence.MappedSuperclass;
import org.jspecify.annotations.NullUnmarked;

/** A row of somebody who is looked at again and again: by what they were last seen to stand, or to be refused. */
@MappedSuperclass
@NullUnmarked
abstract class LookedAtRow extends VersionedRow {
    @Column(name = "SOURCE")
    private String source;

    /** Written by statements alone, see {@link Looks}. */
    @Column(name = "LOOK_AT", insertable = false, updatable = false)
    private Long lookAt;

    /** As {@link #lookAt}. */
    @Column(name = "LOOK_FAILURES", insertable = false, updatable = false)
    private int lookFailures;

    protected LookedAtRow() {}

    LookedAtRow(String id, String realmId) {
        super(id, realmId);
    }

    /** How the user's directory is set up; null if they are in none, or nobody can tell. */
    String source() {
        return source;
    }

    void standBy(String newSource) {
        source = newSource;
    }

    int lookFailures() {
        return lookFailures;
    }
}
