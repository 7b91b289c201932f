package io.github.enterpriseconnect.core;

import java.util.Optional;

/**
 * What the name in the answer to an ask depends on, as a digest: which mailbox is asked for, by which other name the member is
 * known, and through which authorization of the link. While it stays the same, another ask brings the same answer.
 */
public record Circumstances(String digest) {
    /**
     * Those of an ask.
     *
     * @param address the member's e-mail address, where it is a plain one
     */
    public static Circumstances of(Link link, Mailbox asked, Optional<Mailbox> address) {
        // No part can contain the end of a line.
        return new Circumstances(Ticket.hash(String.join(
                "\n",
                link.id().realm(),
                link.id().name(),
                String.valueOf(link.application()),
                String.valueOf(link.serviceAccount()),
                link.linkedAt() == null ? "" : String.valueOf(link.linkedAt().toEpochMilli()),
                String.valueOf(link.policy().calendarName()),
                asked.address(),
                address.map(Mailbox::address).orElse(""))));
    }
}
