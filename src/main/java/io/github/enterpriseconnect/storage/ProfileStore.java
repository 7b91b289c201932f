package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.SeenProfile;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the calendars behind granted delegations were seen to stand at Cronofy, in table {@code EC_DELEGATION}. Belongs to one
 * session and its transaction.
 */
public final class ProfileStore {
    private final DelegationRows rows;

    ProfileStore(EntityManager entities) {
        this.rows = new DelegationRows(entities);
    }

    /**
     * Notes what came with a grant.
     *
     * @param profileId Cronofy's id of the calendar that was granted; null if it did not say
     */
    public void begin(String delegation, String subject, @Nullable String profileId, SeenProfile seen) {
        granted(delegation).filter(row -> subject.equals(row.subject())).ifPresent(row -> {
            row.behind(profileId);
            row.see(seen);
        });
    }

    /** Notes it in place of what was seen before, unless the delegation is no longer granted, or of another account. */
    public void see(String delegation, String subject, SeenProfile seen) {
        granted(delegation).filter(row -> subject.equals(row.subject())).ifPresent(row -> row.see(seen));
    }

    /** Something has happened, or nobody can tell how it stands: what was seen is no fact any more. */
    public void doubt(String delegation, Instant now) {
        granted(delegation).ifPresent(row -> row.doubt(now));
    }

    /** Cronofy's id of the calendar behind a granted delegation, where Cronofy has told it. */
    public Optional<String> profileId(String delegation) {
        return granted(delegation).map(LookedAtRow::profileId);
    }

    /** What was seen of a granted delegation's calendar. */
    public SeenProfile of(String delegation) {
        return granted(delegation).map(LookedAtRow::profile).orElse(SeenProfile.NEVER);
    }

    private Optional<DelegationEntity> granted(String delegation) {
        return rows.find(delegation).filter(row -> row.state() == Delegation.State.GRANTED);
    }
}
