package io.github.enterpriseconnect.delegation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/**
 * Takes Cronofy's notifications of what has happened to a member's calendar. One is no fact, but what was seen before it is
 * none any more: nothing is said of the calendar until somebody has looked ({@link ProfileWatch}), so that it does no harm
 * if it comes twice, late, or from somebody else.
 */
public final class Notifications {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Source: Cronofy's documentation of push notifications. All others are taken, and nothing follows. */
    private static final Set<String> TO_LOOK_AT = Set.of("profile_disconnected", "profile_initial_sync_completed");

    private final Transactions transactions;
    private final Tickets tickets;
    private final ProfileWatch watch;
    private final InstantSource clock;

    public Notifications(Transactions transactions, Tickets tickets, ProfileWatch watch, InstantSource clock) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.watch = watch;
        this.clock = clock;
    }

    /**
     * Takes a notification. Whoever shows a forged ticket costs neither a transaction nor a look at the body.
     *
     * @param ticket from the URL
     * @param signature the signature header; checked if present, and missed if the realm requires it
     * @param body raw, of acceptable size
     */
    public DelegationAnswers.Receipt receive(String realmId, String ticket, Optional<String> signature, byte[] body) {
        if (tickets.forged(Ticket.Door.NOTIFICATION_CALLBACK, realmId, ticket)) {
            return DelegationAnswers.Receipt.UNKNOWN;
        }
        Optional<String> type = type(body);
        boolean taken = transactions.inRealm(
                realmId,
                work -> CallbackTrust.trusted(work, signature, body)
                        && type.isPresent()
                        && take(work, ticket, type.get()));
        if (taken && TO_LOOK_AT.contains(type.orElse(""))) {
            watch.lookSoon();
        }
        return taken ? DelegationAnswers.Receipt.TAKEN : DelegationAnswers.Receipt.UNKNOWN;
    }

    private boolean take(Work work, String ticket, String type) {
        Optional<String> delegation = work.watches().underTicket(Ticket.hash(ticket));
        if (delegation.isPresent() && !WatchedMembers.wanted(work)) {
            // Cronofy closes the channel by our answer: once the realm wants it again, nobody takes it for open.
            work.watches().forget(delegation.get());
            return false;
        }
        if (TO_LOOK_AT.contains(type)) {
            Instant now = clock.instant();
            delegation.ifPresent(id -> {
                work.watches().call(id, now);
                work.profiles().doubt(id, now);
            });
        }
        return delegation.isPresent();
    }

    private static Optional<String> type(byte[] body) {
        try {
            JsonNode type = JSON.readTree(body).path("notification").path("type");
            return type.isTextual() ? Optional.of(type.textValue()) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
