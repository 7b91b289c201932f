package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.SeenProfile;
import jakarta.persistence.EntityManager;

/**
 * How the calendars behind granted delegations were seen to stand at Cronofy, in table {@code EC_DELEGATION}. Belongs to one
 * session and its transaction.
 */
public final class ProfileStore {
    private final DelegationRows rows;

    ProfileStore(EntityManager entities) {
        this.rows = new DelegationRows(entities);
    }

    /** Notes it in place of what was seen before, unless the delegation is no longer granted, or of another account. */
    public void see(String delegation, String subject, SeenProfile seen) {
        rows.find(delegation)
                .filter(row -> row.state() == Delegation.State.GRANTED)
                .filter(row -> subject.equals(row.toDelegation().subject()))
                .ifPresent(row -> row.see(seen));
    }

    /** What was seen of a granted delegation's calendar. */
    public SeenProfile of(String delegation) {
        return rows.find(delegation)
                .filter(row -> row.state() == Delegation.State.GRANTED)
                .map(LookedAtRow::profile)
                .orElse(SeenProfile.NEVER);
    }
}
