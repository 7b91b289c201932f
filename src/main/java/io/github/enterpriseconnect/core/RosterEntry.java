package io.github.enterpriseconnect.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an application is told of a member of a link: how their delegation was stored last, without an address.
 *
 * @param id by which one who keeps a copy finds what it replaces; of no other member, and of no other link
 * @param state as APIs show it, which may be the word of a newer version
 * @param reason why, likewise; null if there is nothing to explain
 * @param since when it became so; null if nobody has noted that
 * @param place where it stands among all others
 */
public record RosterEntry(
        String id,
        String userId,
        String link,
        String state,
        @Nullable String reason,
        @Nullable Instant since,
        Place place) {

    /**
     * A place in the order in which things changed; those of one moment follow one another by their ids.
     *
     * @param at the moment in milliseconds, 0 for whatever changed before anybody noted it
     * @param id of the row; empty for the place before all others of that moment
     */
    public record Place(long at, String id) {
        /** Before everything. */
        public static final Place BEGINNING = new Place(0, "");

        /** Before everything that changed at that time or later. */
        public static Place from(Instant time) {
            return new Place(time.toEpochMilli(), "");
        }
    }
}
