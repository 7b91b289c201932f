package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.TicketKey;
import jakarta.persistence.EntityManager;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The key of the tickets' proofs, in table {@code EC_TICKET_KEY}: it lives and dies with the tables that have the
 * tickets' hashes, and no realm's key has to be there for it. Belongs to one session and its transaction.
 */
public final class TicketKeyStore {
    /** Longer than anybody waits for an answer to an ask, or than an invitation can be used. */
    private static final Duration PLAIN_TICKETS_LIVE = Duration.ofDays(30);

    private final EntityManager entities;

    TicketKeyStore(EntityManager entities) {
        this.entities = entities;
    }

    /** The key of all nodes, made now if there is none. Of several that make one at once, all but one fail. */
    public TicketKey get(SecureRandom random, Instant now) {
        return Optional.ofNullable(entities.find(TicketKeyEntity.class, TicketKeyEntity.ONLY))
                .map(TicketKeyEntity::toTicketKey)
                .orElseGet(() -> {
                    TicketKey made =
                            TicketKey.random(random, olderVersionWasHere() ? now.plus(PLAIN_TICKETS_LIVE) : now);
                    entities.persist(new TicketKeyEntity(made));
                    return made;
                });
    }

    /** Without a link or an invitation nobody has ever been given a ticket. */
    private boolean olderVersionWasHere() {
        return any("LinkEntity") || any("InvitationEntity");
    }

    private boolean any(String entity) {
        return !entities.createQuery("select e.id from " + entity + " e", String.class)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }
}
