package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Resource;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** The columns of {@code EC_RESOURCE} that tell what is known of the resource itself. */
@Embeddable
@NullUnmarked
class KnownResource {
    @Column(name = "NAME")
    private String name;

    @Column(name = "CAPACITY")
    private Integer capacity;

    @Column(name = "LOCATION")
    private String location;

    @Column(name = "NAMED")
    private boolean named;

    /** When Cronofy's list had it last; null if it never had. */
    @Column(name = "LISTED_AT")
    private Long listedAt;

    @Column(name = "MISSING_SINCE")
    private Long missingSince;

    protected KnownResource() {}

    KnownResource(boolean named) {
        this.named = named;
    }

    /** Tells whether that is another than before. */
    boolean describe(Resource.Details details) {
        boolean changed = !details.equals(details()) || missingSince != null;
        name = details.name();
        capacity = details.capacity();
        location = details.location();
        missingSince = null;
        return changed;
    }

    void beNamed() {
        named = true;
        missingSince = null;
    }

    void unname() {
        named = false;
    }

    /** Whether Cronofy lists it, or has done so until lately. */
    boolean listed() {
        return listedAt != null && missingSince == null;
    }

    void listed(Instant now) {
        listedAt = now.toEpochMilli();
    }

    void miss(Instant now) {
        missingSince = now.toEpochMilli();
    }

    boolean named() {
        return named;
    }

    Instant missingSince() {
        return missingSince == null ? null : Instant.ofEpochMilli(missingSince);
    }

    Resource.Details details() {
        return new Resource.Details(name, capacity, location);
    }
}
