package io.github.enterpriseconnect.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A meeting room, equipment or a shared mailbox of a link, as it stands now.
 *
 * @param id of the row
 * @param details what is known of it
 * @param named whether an administrator has named it; Cronofy lists the others
 * @param wanted whether it is to be delegated
 * @param withheld why nobody gets a token of it for now; null if nothing is known to stand in the way
 * @param missingSince since when Cronofy's list is without it; null while it is there, and for one that was named
 * @param changedAt when anything of it changed that is shown
 * @param delegation its authorization; its mailbox and its link are the resource's
 */
public record Resource(
        String id,
        Details details,
        boolean named,
        boolean wanted,
        @Nullable Reason withheld,
        @Nullable Instant missingSince,
        Instant changedAt,
        Delegation delegation) {

    /**
     * What is known of a resource.
     *
     * @param name what people call it; null if nobody says
     * @param capacity how many people it is for; null if nobody says
     * @param location where it is, as the text of a JSON object in the words of our APIs; null if nobody says
     */
    public record Details(
            @Nullable String name,
            @Nullable Integer capacity,
            @Nullable String location) {}

    /** One that Cronofy lists. */
    public record Listed(Mailbox mailbox, Details details) {}

    public LinkId link() {
        return delegation.link();
    }

    public Mailbox mailbox() {
        return delegation.mailbox();
    }

    /** Whether applications and administrators are to see it as one that is there. */
    public boolean shown() {
        return missingSince == null;
    }
}
