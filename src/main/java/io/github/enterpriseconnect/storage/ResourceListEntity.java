package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_RESOURCE_LIST}, one for each link of which Cronofy's list of resources is kept. */
@Entity
@Table(name = "EC_RESOURCE_LIST")
@NullUnmarked
class ResourceListEntity extends VersionedRow {
    @Column(name = "LINK_NAME")
    private String linkName;

    /** Whether whatever is listed is to be delegated, too. */
    @Column(name = "DELEGATE_ALL")
    private boolean delegateAll;

    /** When somebody has to ask for the list, for an index to find. */
    @Column(name = "NEXT_AT")
    private long nextAt;

    /** When the list was read last; null if it never was. */
    @Column(name = "LISTED_AT")
    private Long listedAt;

    /** Why it could not be read when that was last tried; null if it could. */
    @Column(name = "PROBLEM")
    private String problem;

    protected ResourceListEntity() {}

    ResourceListEntity(LinkId link, Instant next) {
        super(newId(), link.realm());
        this.linkName = link.name();
        this.nextAt = next.toEpochMilli();
    }

    boolean due(Instant now) {
        return nextAt <= now.toEpochMilli();
    }

    void next(Instant when) {
        nextAt = when.toEpochMilli();
    }

    void delegateAll(boolean all) {
        delegateAll = all;
    }

    void read(Instant now, Instant next) {
        listedAt = now.toEpochMilli();
        problem = null;
        nextAt = next.toEpochMilli();
    }

    void fail(Reason why, Instant next) {
        problem = Names.of(why);
        nextAt = next.toEpochMilli();
    }

    ResourceListing toListing() {
        return new ResourceListing(delegateAll, instant(listedAt), Names.reason(problem));
    }
}
