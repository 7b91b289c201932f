package io.github.enterpriseconnect.member;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.RosterEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far an application has come with reading its members, and which of them it wants. It travels as a text that says nothing
 * to it, and gives nobody a right: whoever comes back with one is shown no more than what they may see then.
 *
 * @param realm Keycloak's id of the realm
 * @param links what the consumer was limited to at the beginning
 * @param begun when the first page was read
 * @param since only what has changed since then; null for all there is
 * @param organization name of the one link that is wanted; null for all
 * @param reached name of the link that is being read, empty before the first one, and where all of the realm is read at once
 * @param departed whether it has come to those who are no longer there
 * @param place of the last one in that
 */
public record RosterPosition(
        String realm,
        String links,
        Instant begun,
        @Nullable Instant since,
        @Nullable String organization,
        String reached,
        boolean departed,
        RosterEntry.Place place) {
    private static final String FORM = "1";
    private static final String SEPARATOR = "\n";
    private static final String ABSENT = "-";
    private static final String NAMED = "=";
    private static final int PARTS = 10;
    private static final int LONGEST = 2_000;

    static RosterPosition beginning(
            String realm, Consumer consumer, Instant now, @Nullable Instant since, @Nullable String organization) {
        return new RosterPosition(realm, limits(consumer), now, since, organization, "", false, start(since));
    }

    private static RosterEntry.Place start(@Nullable Instant since) {
        return since == null ? RosterEntry.Place.BEGINNING : RosterEntry.Place.from(since);
    }

    private static String limits(Consumer consumer) {
        return consumer.links() == null
                ? ABSENT
                : Integer.toHexString(new TreeSet<>(consumer.links()).toString().hashCode());
    }

    /** Where each part of it begins. */
    RosterEntry.Place start() {
        return start(since);
    }

    /** Whether it is one of this realm and of what the consumer is limited to now. */
    public boolean fits(String realmId, Consumer consumer) {
        return realm.equals(realmId) && links.equals(limits(consumer));
    }

    RosterPosition at(String link, boolean ofDeparted, RosterEntry.Place last) {
        return new RosterPosition(realm, links, begun, since, organization, link, ofDeparted, last);
    }

    /** As it travels. */
    @Override
    public String toString() {
        String text = String.join(
                SEPARATOR,
                FORM,
                realm,
                links,
                String.valueOf(begun.toEpochMilli()),
                since == null ? ABSENT : String.valueOf(since.toEpochMilli()),
                organization == null ? ABSENT : NAMED + organization,
                reached,
                String.valueOf(departed),
                String.valueOf(place.at()),
                place.id());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads what {@link #toString} has written; empty if it is anything else. */
    public static Optional<RosterPosition> read(String text) {
        try {
            List<String> parts = text.length() > LONGEST
                    ? List.of()
                    : List.of(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(SEPARATOR, -1));
            return parts.size() == PARTS
                            && parts.get(0).equals(FORM)
                            && parts.stream().allMatch(RosterPosition::searchable)
                    ? Optional.of(of(parts))
                    : Optional.empty();
        } catch (IllegalArgumentException wrong) {
            return Optional.empty();
        }
    }

    private static RosterPosition of(List<String> parts) {
        return new RosterPosition(
                parts.get(1),
                parts.get(2),
                millis(parts.get(3)),
                parts.get(4).equals(ABSENT) ? null : millis(parts.get(4)),
                parts.get(5).equals(ABSENT) ? null : organization(parts.get(5)),
                parts.get(6),
                Boolean.parseBoolean(parts.get(7)),
                new RosterEntry.Place(Long.parseLong(parts.get(8)), parts.get(9)));
    }

    private static String organization(String text) {
        if (!text.startsWith(NAMED) || text.length() == NAMED.length()) {
            throw new IllegalArgumentException("no organization");
        }
        return text.substring(NAMED.length());
    }

    /** Whether a database can be asked for it; one with a NUL is refused by PostgreSQL. */
    public static boolean searchable(String name) {
        return name.chars().noneMatch(Character::isISOControl);
    }

    private static Instant millis(String text) {
        return Instant.ofEpochMilli(Long.parseLong(text));
    }
}
