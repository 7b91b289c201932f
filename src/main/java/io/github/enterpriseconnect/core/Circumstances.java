package io.github.enterpriseconnect.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the name in the answer to an ask depends on, as a digest: which mailbox is asked for, by which other name the member is
 * known, and through which authorization of the link. While it stays the same, another ask brings the same answer.
 */
public record Circumstances(String digest) {
    /** Such as no ask has. */
    public static final Circumstances OVER = new Circumstances("");

    /**
     * Those of an ask.
     *
     * @param address the member's e-mail address, where it is a plain one
     */
    public static Circumstances of(Link link, Mailbox asked, Optional<Mailbox> address) {
        return of(link, link.policy().calendarName(), asked, address);
    }

    /** As those of an ask before the link took calendar names from anywhere. */
    public static Circumstances withoutNames(Link link, Mailbox asked, Optional<Mailbox> address) {
        return of(link, null, asked, address);
    }

    private static Circumstances of(
            Link link, @Nullable String calendarName, Mailbox asked, Optional<Mailbox> address) {
        // No part can contain the end of a line.
        return new Circumstances(Ticket.hash(String.join(
                "\n",
                link.id().realm(),
                link.id().name(),
                String.valueOf(link.application()),
                String.valueOf(link.serviceAccount()),
                link.linkedAt() == null ? "" : String.valueOf(link.linkedAt().toEpochMilli()),
                String.valueOf(calendarName),
                asked.address(),
                address.map(Mailbox::address).orElse(""))));
    }
}
