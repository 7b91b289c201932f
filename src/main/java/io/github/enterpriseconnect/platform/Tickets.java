package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.core.TicketKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tickets of our public doors and tells those that nobody of us has made, so that whoever tries some costs the
 * database nothing. What cannot be told, since the key cannot be read now or an older version made the ticket, is for
 * the tables to say.
 */
public final class Tickets {
    private static final Logger LOG = Logger.getLogger(Tickets.class);

    private final Transactions transactions;
    private final SecureRandom random;
    private final InstantSource clock;

    /** Nobody changes it, so that it is read once. */
    private volatile @Nullable TicketKey key;

    public Tickets(Transactions transactions, SecureRandom random, InstantSource clock) {
        this.transactions = transactions;
        this.random = random;
        this.clock = clock;
    }

    /** Reads the key, or makes it. */
    public void start() {
        known();
    }

    /** A new ticket for a door of this realm. Reads the key in a transaction of its own, if it is not known yet. */
    public Ticket issue(Ticket.Door door, String realm) {
        TicketKey known = key;
        return (known == null ? read() : known).issue(random, door, realm);
    }

    /** Whether this is certainly none of our tickets for this door of this realm. */
    public boolean forged(Ticket.Door door, String realm, String presented) {
        return TicketKey.malformed(presented)
                || known().filter(known -> known.refutes(presented, door, realm, clock.instant()))
                        .isPresent();
    }

    private Optional<TicketKey> known() {
        TicketKey known = key;
        if (known != null) {
            return Optional.of(known);
        }
        try {
            return Optional.of(read());
        } catch (RuntimeException e) {
            // Deliberately everything: whatever keeps us from reading it, the tables may still tell.
            LOG.debug("the key of tickets cannot be read now", e);
            return Optional.empty();
        }
    }

    private TicketKey read() {
        TicketKey read = transactions.inServer(work -> work.ticketKeys().get(random, clock.instant()));
        key = read;
        return read;
    }
}
