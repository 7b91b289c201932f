package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.ProfileState;
import io.github.enterpriseconnect.core.SeenProfile;
import jakarta.persistence.Column;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
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

    /** Which of the account's calendars it is, by Cronofy's id; null if Cronofy did not say. */
    @Column(name = "PROFILE_ID")
    private String profileId;

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

    /** Since when there is what is looked at; null if there is nothing. */
    abstract Long since();

    SeenProfile profile() {
        return profile(new Columns(profileConnected, initialSyncRequired, profileSeenAt, profileUntil), since());
    }

    /** How a calendar was seen to stand, as the columns have it. */
    record Columns(Boolean connected, Boolean initialSyncRequired, Long seenAt, Long until) {}

    /** What was seen of the account before this one, and left by an older version, is none of this one's. */
    static SeenProfile profile(Columns columns, Long since) {
        Long seenAt = columns.seenAt;
        boolean seen = seenAt != null && columns.until != null && (since == null || seenAt >= since);
        return seen
                ? new SeenProfile(
                        new ProfileState(columns.connected, columns.initialSyncRequired),
                        instant(seenAt),
                        instant(columns.until))
                : SeenProfile.NEVER;
    }

    /** By whichever node's clock, it was seen after what is looked at had begun. */
    void see(SeenProfile seen) {
        boolean known = !seen.state().equals(ProfileState.UNKNOWN);
        long at = since() == null
                ? seen.at().toEpochMilli()
                : Math.max(since(), seen.at().toEpochMilli());
        profileConnected = seen.state().connected();
        initialSyncRequired = seen.state().initialSyncRequired();
        profileSeenAt = known ? Long.valueOf(at) : null;
        profileUntil = known ? Long.valueOf(seen.until().toEpochMilli()) : null;
    }

    /** What was seen is no fact any more from now on. */
    void doubt(Instant now) {
        profileUntil = profileUntil == null ? null : Long.valueOf(Math.min(profileUntil, now.toEpochMilli()));
    }

    String profileId() {
        return profileId;
    }

    void behind(String newProfileId) {
        profileId = newProfileId;
    }

    int lookFailures() {
        return lookFailures;
    }
}
