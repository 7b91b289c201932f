package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.TicketKey;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.NullUnmarked;

/** The row of {@code EC_TICKET_KEY}: there is one for all realms, which nobody changes. */
@Entity
@Table(name = "EC_TICKET_KEY")
@NullUnmarked
class TicketKeyEntity {
    /** The same on every node, so that of two that make a key at once one fails and takes the other's. */
    static final String ONLY = "1";

    @Id
    @Column(name = "ID", length = 36)
    private String id;

    @Column(name = "SECRET")
    private String secret;

    @Column(name = "PLAIN_UNTIL")
    private long plainUntil;

    protected TicketKeyEntity() {}

    TicketKeyEntity(TicketKey key) {
        id = ONLY;
        secret = key.secret().reveal();
        plainUntil = key.plainUntil().toEpochMilli();
    }

    TicketKey toTicketKey() {
        return new TicketKey(Secret.of(secret), Instant.ofEpochMilli(plainUntil));
    }
}
