package io.github.enterpriseconnect.core;

import java.time.Instant;
import java.util.Optional;

/**
 * Names one authorization of a link and one member's mailbox. A member bears it for whom nothing was left to do under
 * that very authorization, so that a sign-in passes them by without opening anything. Anybody who may write a user's
 * attributes may write it, too: whoever goes by it may at worst look at somebody too late, and hands nothing out.
 */
public record Mark(String value) {
    /** Empty for a link that is not authorized. */
    public static Optional<Mark> of(Link link, String userId, Mailbox mailbox) {
        return Optional.ofNullable(link.linkedAt()).map(linkedAt -> of(link, linkedAt, userId, mailbox));
    }

    /** Who has to prove something once a policy wants that may do so by a sign-in, which must not be passed by. */
    private static String wanted(Policy policy) {
        return policy.proof() == Policy.Proof.OWNER ? "\nproven" : "";
    }

    /** Only who knows all of it already can read it back. No part can contain the end of a line. */
    private static Mark of(Link link, Instant linkedAt, String userId, Mailbox mailbox) {
        return new Mark(Ticket.hash(String.join(
                "\n",
                link.id().realm(),
                link.id().name(),
                String.valueOf(link.application()),
                String.valueOf(link.serviceAccount()),
                String.valueOf(linkedAt.toEpochMilli()),
                userId,
                mailbox.address() + wanted(link.policy()))));
    }
}
