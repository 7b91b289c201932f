package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.SeenProfile;
import jakarta.persistence.Column;
import jakarta.persistence.MappedSuperclass;
import org.jspecify.annotations.NullUnmarked;

/** A row of somebody who is looked at again and again: by what they were last seen to stand, or to be refused. */
@MappedSuperclass
@NullUnmarked
abstract class LookedAtRow extends AskRow {
    @Column(name = "SOURCE")
    private String source;

    /** Written by statements alone, see {@link Looks}. */
    @Column(name = "LOOK_AT", insertable = false, updatable = false)
    private Long lookAt;

    /** As {@link #lookAt}. */
    @Column(name = "LOOK_FAILURES", insertable = false, updatable = false)
    private int lookFailures;

    @Column(name = "PROFILE_CONNECTED")
    private Boolean profileConnected;

    @Column(name = "INITIAL_SYNC_REQUIRED")
    private Boolean initialSyncRequired;

    @Column(name = "PROFILE_SEEN_AT")
    private Long profileSeenAt;

    @Column(name = "PROFILE_UNTIL")
    private Long profileUntil;

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

    SeenProfile profile() {
        return profile(profileConnected, initialSyncRequired, profileSeenAt, profileUntil);
    }

    /** How a calendar was seen to stand, as the columns have it. */
    static SeenProfile profile(Boolean connected, Boolean initialSyncRequired, Long seenAt, Long until) {
        return seenAt == null || until == null
                ? SeenProfile.NEVER
                : new SeenProfile(new ProfileState(connected, initialSyncRequired), instant(seenAt), instant(until));
    }

    void see(SeenProfile seen) {
        boolean known = !seen.state().equals(ProfileState.UNKNOWN);
        profileConnected = seen.state().connected();
        initialSyncRequired = seen.state().initialSyncRequired();
        profileSeenAt = known ? Long.valueOf(seen.at().toEpochMilli()) : null;
        profileUntil = known ? Long.valueOf(seen.until().toEpochMilli()) : null;
    }

    int lookFailures() {
        return lookFailures;
    }
}
